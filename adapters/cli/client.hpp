// Somebody's way to the operations: a connection and, where there is one, a stored session that is renewed as it expires.
#pragma once

#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "adapters/cli/connection.hpp"
#include "adapters/cli/globals.hpp"
#include "adapters/cli/sessions.hpp"
#include "medflow/operations.hpp"
#include "medflow/users.hpp"

namespace medflow::cli {

/// Reads an answer into a value of the row's output type. Throws Trouble for what is none.
Value read_answer(const OperationRow& row, const std::string& json);

class Client {
 public:
  /// Chooses the place and the session: `--server` or `--data-dir`, else the session that was signed in last and fits `--tenant`
  /// and `--as`, else the settings' data. Throws Trouble and config::Refused.
  static Client open(const Globals& globals);

  Client(std::unique_ptr<Connection> connection, std::optional<StoredSession> session, Globals globals);

  /// Runs an operation as the session's user; before a session, or as the holder of the root key, where the operation is for that. One that
  /// needs an idempotency key gets one of its own where none is given.
  std::string call(const OperationRow& row, Value request, const ByteSink& sink = {}, std::string idempotency_key = {});

  /// The same by type.
  template <class Op>
  typename Op::Output call(Op request) {
    const OperationRow& row = operations()[Operations::index_of<Op>()];
    Value output = read_answer(row, call(row, Value::of(*row.request, std::move(request))));
    return std::move(*static_cast<typename Op::Output*>(output.data()));
  }

  const std::optional<StoredSession>& session() const { return session_; }
  Connection& connection() { return *connection_; }

 private:
  Caller caller(const OperationRow& row);
  void renew();

  std::unique_ptr<Connection> connection_;
  std::optional<StoredSession> session_;
  Globals globals_;
  bool here_ = false;
};

/// Signs in and tells what to keep of it. Throws Trouble.
StoredSession sign_in(Connection& connection, const std::string& tenant, const std::string& email, Secret password);

}  // namespace medflow::cli
