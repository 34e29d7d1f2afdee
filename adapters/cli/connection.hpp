// The way to the operations: in this process on data that lies here, or over HTTP to a server. Both answer alike.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "adapters/config/settings.hpp"
#include "medflow/operation.hpp"

namespace medflow::cli {

/// On whose behalf a call is made. Without a token: before a session, at `tenant`; or, on data that lies here, as whoever holds
/// the root key.
struct Caller {
  std::string tenant{};
  std::string access_token{};
  bool holds_root_key = false;
  std::string idempotency_key{};  ///< of this call
};

/// Gets the bytes of a streamed answer as they come.
using ByteSink = std::function<void(std::span<const std::byte>)>;

class Connection {
 public:
  virtual ~Connection() = default;

  /// Runs an operation: its answer as JSON, empty where it has none; a stream goes into `sink`. `request` is of the row's request
  /// type. Throws Trouble.
  virtual std::string call(const OperationRow& row, Value request, const Caller& caller, const ByteSink& sink) = 0;

  /// What names the place in stored sessions.
  virtual const std::string& place() const = 0;
};

/// The name of the place that settings mean: the engine's URL with an absolute folder.
std::string local_place(const config::Settings& settings);

/// Opens the data that the settings name; it must be there. Throws Trouble and config::Refused.
std::unique_ptr<Connection> connect_here(const config::Settings& settings);

/// The address of a server as it is kept: scheme, host and port, without a slash at the end. Throws Trouble for what is none.
std::string server_place(const std::string& address);

/// A server at `http://` or `https://`; nothing is sent before the first call. Throws Trouble.
std::unique_ptr<Connection> connect_to(const std::string& address, const std::string& api_version);

}  // namespace medflow::cli
