#include "adapters/http/wire.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace medflow;
using namespace medflow::http;

TEST_CASE("API-8: a date in a header is an IMF-fixdate") {
  CHECK(http_date(Instant{0}) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(http_date(*Instant::parse("1994-11-06T08:49:37.9Z")) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(http_date(*Instant::parse("2024-02-29T23:59:59Z")) == "Thu, 29 Feb 2024 23:59:59 GMT");
}

TEST_CASE("API-8: every answer carries the security headers; HSTS only where TLS is on") {
  const std::string plain = security_headers(false);
  for (const char* line :
       {"X-Content-Type-Options: nosniff\r\n", "X-Frame-Options: DENY\r\n", "Referrer-Policy: no-referrer\r\n",
        "Cross-Origin-Resource-Policy: same-origin\r\n", "Cross-Origin-Opener-Policy: same-origin\r\n",
        "Permissions-Policy: camera=(), microphone=(), geolocation=()\r\n", "Cache-Control: no-store\r\n",
        "Vary: Origin, Authorization\r\n"})
    CHECK(plain.find(line) != std::string::npos);
  CHECK(plain.find("Strict-Transport-Security") == std::string::npos);
  CHECK(plain.find("Server:") == std::string::npos);
  CHECK(security_headers(true) == "Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n" + plain);
}

TEST_CASE("API-8: an answer is written whole, as a head, or in chunks") {
  Response response{.status = 201,
                    .content_type = "text/plain",
                    .body = "hello",
                    .request_id = {*Uuid::parse("0190b8a0-1234-7000-8000-00000000abcd")}};
  response.add("ETag", "\"3\"");
  std::string out;
  write_response(response, {.fixed = "Fixed: 1\r\n", .date = "now"}, out);
  const std::string policy =
      "Content-Security-Policy: default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'; sandbox\r\n";
  const std::string head = "HTTP/1.1 201 Created\r\nDate: now\r\nFixed: 1\r\n" + policy +
                           "X-Request-Id: "
                           "0190b8a0-1234-7000-8000-00000000abcd\r\nContent-Type: text/plain\r\n"
                           "Content-Length: 5\r\nETag: \"3\"\r\n\r\n";
  CHECK(out == head + "hello");

  out.clear();
  write_response(response, {.fixed = "Fixed: 1\r\n", .date = "now", .framing = Framing::head}, out);
  CHECK(out == head);

  out.clear();
  response.stream.emplace();
  write_response(response, {.framing = Framing::chunked, .close = true}, out);
  CHECK(out.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  CHECK(out.find("Content-Length") == std::string::npos);
  CHECK(out.find("Connection: close\r\n\r\n") != std::string::npos);
  out.clear();
  write_chunk(std::string(26, 'x'), out);
  CHECK(out == "1a\r\n" + std::string(26, 'x') + "\r\n");

  out.clear();
  write_response({.status = 204}, {}, out);
  CHECK(out.find("Content-Length") == std::string::npos);
  CHECK(out.find("Content-Type") == std::string::npos);

  out.clear();
  write_response({.status = 304}, {}, out);
  CHECK(out.starts_with("HTTP/1.1 304 Not Modified\r\n"));
  CHECK(out.find("Content-Length") == std::string::npos);  // it would be that of the answer that is left out
}

TEST_CASE("API-7: a page has a policy of its own instead of every answer's") {
  std::string out;
  write_response({.content_type = "text/html", .policy = "default-src 'self'"}, {}, out);
  CHECK(out.find("Content-Security-Policy: default-src 'self'\r\n") != std::string::npos);
  CHECK(out.find("sandbox") == std::string::npos);
}
