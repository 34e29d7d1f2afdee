#include "adapters/http/wire.hpp"

#include <array>
#include <charconv>
#include <cstddef>

namespace medflow::http {
namespace {

constexpr std::string_view policy =
    "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 422:
      return "Unprocessable Content";
    case 423:
      return "Locked";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

void append_number(std::uint64_t number, int base, std::string& out) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
  out.append(digits.data(), end.ptr);
}

void append_two(int number, std::string& out) {
  out.push_back(static_cast<char>('0' + number / 10));
  out.push_back(static_cast<char>('0' + number % 10));
}

void append_uuid(const Uuid& id, std::string& out) {
  static constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out.push_back(digits[id.bytes[i] >> 4U]);
    out.push_back(digits[id.bytes[i] & 15U]);
  }
}

}  // namespace

std::string security_headers(bool tls) {
  std::string lines;
  if (tls) lines += "Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n";
  lines +=
      "X-Content-Type-Options: nosniff\r\n"
      "X-Frame-Options: DENY\r\n"
      "Referrer-Policy: no-referrer\r\n"
      "Cross-Origin-Resource-Policy: same-origin\r\n"
      "Cross-Origin-Opener-Policy: same-origin\r\n"
      "Permissions-Policy: camera=(), microphone=(), geolocation=()\r\n"
      "Cache-Control: no-store\r\n"
      "Vary: Origin, Authorization\r\n";
  return lines;
}

std::string http_date(Instant at) {
  static constexpr std::string_view weekdays[] = {"Thu", "Fri", "Sat", "Sun",
                                                  "Mon", "Tue", "Wed"};  // day 0 was a Thursday
  static constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = at.us / 1'000'000;
  const auto days = static_cast<std::int32_t>(seconds / 86'400);
  const auto second_of_day = static_cast<int>(seconds % 86'400);
  const Date date = Date::from_days(days);
  std::string text(weekdays[static_cast<std::size_t>(days % 7)]);
  text += ", ";
  append_two(date.day, text);
  text.append(" ").append(months[date.month - 1U]).append(" ");
  append_number(static_cast<std::uint64_t>(date.year), 10, text);
  text += ' ';
  append_two(second_of_day / 3600, text);
  text += ':';
  append_two(second_of_day / 60 % 60, text);
  text += ':';
  append_two(second_of_day % 60, text);
  text += " GMT";
  return text;
}

void write_response(const Response& response, const WireOptions& options, std::string& out) {
  out.reserve(out.size() + options.fixed.size() + response.headers.size() + response.body.size() + 512);
  out += "HTTP/1.1 ";
  append_number(static_cast<std::uint64_t>(response.status), 10, out);
  out.append(" ").append(reason_phrase(response.status)).append("\r\n");
  out.append("Date: ").append(options.date).append("\r\n");
  out.append(options.fixed);
  out.append("Content-Security-Policy: ").append(response.policy.empty() ? policy : response.policy).append("\r\n");
  out += "X-Request-Id: ";
  append_uuid(response.request_id.uuid, out);
  out += "\r\n";
  const std::string_view type = response.content_type_own.empty() ? response.content_type : response.content_type_own;
  if (!type.empty()) out.append("Content-Type: ").append(type).append("\r\n");
  if (response.stream) {
    if (options.framing == Framing::chunked) out += "Transfer-Encoding: chunked\r\n";
  } else if (response.status != 204 && response.status != 304) {
    out += "Content-Length: ";
    append_number(response.body.size(), 10, out);
    out += "\r\n";
  }
  out += response.headers;
  if (options.close) out += "Connection: close\r\n";
  out += "\r\n";
  if (options.framing == Framing::whole) out += response.body;
}

void write_chunk(std::string_view bytes, std::string& out) {
  append_number(bytes.size(), 16, out);
  out.append("\r\n").append(bytes).append("\r\n");
}

}  // namespace medflow::http
