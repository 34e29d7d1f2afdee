// An answer as the bytes that go out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/http/message.hpp"
#include "medflow/time.hpp"

namespace medflow::http {

/// The header lines that every answer has, errors too (`security.md`): made once. `tls` adds Strict-Transport-Security. The
/// Content-Security-Policy is not among them: a page may have its own.
std::string security_headers(bool tls);

/// A `Date` header's value (RFC 9110, 5.6.7): "Sun, 22 Nov 2026 09:30:00 GMT".
std::string http_date(Instant at);

/// How an answer is framed.
enum class Framing : std::uint8_t {
  whole,    ///< header and body
  head,     ///< for HEAD: the header that the whole answer would have
  chunked,  ///< the header only; the body follows in chunks
};

/// What every answer of a connection shares.
struct WireOptions {
  std::string_view fixed{};  ///< `security_headers`
  std::string_view date{};   ///< `http_date`
  Framing framing = Framing::whole;
  bool close = false;
};

/// Appends the answer. An answer without content type has no content: its status must be 204.
void write_response(const Response& response, const WireOptions& options, std::string& out);

/// Appends one chunk; `bytes` is not empty.
void write_chunk(std::string_view bytes, std::string& out);

inline constexpr std::string_view last_chunk = "0\r\n\r\n";
inline constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace medflow::http
