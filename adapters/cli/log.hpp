// The server's log: one JSON object a line on standard error. Ids, routes and counts only: nothing of a request's content.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/http/router.hpp"

namespace medflow::cli {

class Log {
 public:
  /// A quiet log writes nothing.
  explicit Log(bool quiet);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// `text` is a constant of ours: plain ASCII without quotes.
  void event(std::string_view text, std::string_view address = {});
  void request(std::string_view method, std::string_view route, int status, std::uint64_t us,
               const std::string& request_id);
  bool quiet() const { return state_ == nullptr; }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A backend that notes each operation: method, the route with its parameters' names (never their values), status, time and
/// request id. `log` must outlive it.
std::unique_ptr<http::Backend> logging_backend(std::unique_ptr<http::Backend> inner, Log& log);

}  // namespace medflow::cli
