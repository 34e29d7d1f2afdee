// A connection to a PostgreSQL server: opened, asked one thing at a time, closed.
#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage::postgres {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ClearResult>;

/// An error that the server answered with. It carries no text of the server's, which may repeat data.
struct Refusal {
  std::string state{};       ///< SQLSTATE
  std::string constraint{};  ///< its name, where one was broken
  bool fatal = false;        ///< the server has closed the connection
};

/// The fault for a refusal that is no broken rule of a table. `name` is what it happened to.
Fault fault_of(const Refusal& refusal, const std::string& name);

/// What a URL names, as libpq reads it; Fault `misuse` where it is no URL of PostgreSQL.
std::string user_of(const std::string& url);
std::string password_of(const std::string& url);
std::string database_of(const std::string& url);

/// The server, as faults name it: without user and password.
std::string place_of(const std::string& url);

/// Where to connect and what the session begins with.
struct Target {
  std::string url{};
  std::string database{};                             ///< in the place of the URL's; empty for that
  std::string options{};                              ///< `-c name=value …`
  std::atomic<std::uint64_t>* round_trips = nullptr;  ///< where they are counted; none for nowhere
};

/// Used by one thread at a time.
class Link {
 public:
  /// Fault `unavailable` where the server cannot be reached or refuses.
  explicit Link(const Target& target);
  virtual ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Runs a statement with values in text form and waits for its rows. Throws what `fault_of` gives, or `unavailable`.
  Result ask(const std::string& sql, std::initializer_list<std::string_view> values = {});

  /// The same, but a refusal is given back.
  std::optional<Refusal> attempt(const std::string& sql, std::initializer_list<std::string_view> values = {});

  /// The first cell of the first row is true.
  bool holds(const std::string& sql, std::initializer_list<std::string_view> values = {});

  /// A text as a literal of SQL, for the few statements that take no values.
  std::string literal(std::string_view text);

  /// A password as the server keeps it, so that it does not see or log the password itself.
  std::string verifier(const std::string& password, const std::string& user);

  const std::string& place() const { return place_; }

 protected:
  PGconn* raw() const { return raw_; }
  [[noreturn]] void lost() const;

 private:
  Result run(const std::string& sql, std::initializer_list<std::string_view> values);

  std::string place_;
  PGconn* raw_ = nullptr;
};

/// The refusal that a result tells of, none where it is none.
std::optional<Refusal> refusal_of(const PGresult* result);

inline std::string_view text_at(const Result& result, int row, int column) {
  return {PQgetvalue(result.get(), row, column), static_cast<std::size_t>(PQgetlength(result.get(), row, column))};
}

}  // namespace medflow::inline v1::storage::postgres
