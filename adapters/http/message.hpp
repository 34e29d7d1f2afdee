// What goes into the router and comes out of it: no sockets, no parser.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "medflow/id.hpp"
#include "medflow/stream.hpp"

namespace medflow::http {

/// One line of a header.
struct HeaderField {
  std::string_view name{};
  std::string_view value{};
};

/// A request whose header has passed the gate. The views need to live until `Router::handle` returns, no longer.
struct Request {
  std::string_view method{};
  std::string_view target{};
  std::span<const HeaderField> fields{};
  std::string body{};
  std::string_view address{};  ///< the peer's, without a port
  Pull stream{};               ///< instead of `body`, of a form: pulled once, and may wait for the client

  /// The value of the first field of this name in any case, none where there is no such field.
  std::optional<std::string_view> header(std::string_view name) const;
};

/// An answer, still without framing and the headers that every answer has.
struct Response {
  int status = 200;
  std::string_view content_type{};  ///< of static storage; empty where there is no content
  std::string headers{};            ///< further header lines, each with its CRLF
  std::string body{};
  std::optional<Stream> stream{};  ///< instead of `body`
  std::string content_type_own{};  ///< instead of `content_type`, for a stream that names its own
  std::string policy{};            ///< a Content-Security-Policy of its own, instead of every answer's
  RequestId request_id{};
  bool close = false;  ///< the connection ends after this answer

  void add(std::string_view name, std::string_view value) {
    headers.append(name).append(": ").append(value).append("\r\n");
  }
};

/// Equality of ASCII texts without regard to case.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace medflow::http
