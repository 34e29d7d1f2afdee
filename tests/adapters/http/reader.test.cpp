#include "adapters/http/reader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

using namespace medflow::http;
using Event = Reader::Event;

namespace {

// Feeds bytes in pieces of `step` and says what becomes of them: requests as "METHOD target body", then why it ended.
std::vector<std::string> read_all(std::string_view bytes, std::size_t step, const ReaderLimits& limits = {}) {
  Reader reader(limits);
  std::vector<std::string> found;
  while (true) {
    const Event event = reader.advance();
    if (event == Event::request) {
      found.push_back(std::string(reader.head().method) + " " + std::string(reader.head().target) + " " +
                      reader.body());
      reader.next_request();
    } else if (event == Event::refused) {
      found.emplace_back(reader.refusal().problem->code.name);
      return found;
    } else if (event == Event::need_more) {
      if (bytes.empty()) {
        found.emplace_back(reader.is_fresh() ? "end" : "more");
        return found;
      }
      const auto space = reader.space();
      const std::size_t count = std::min({step, bytes.size(), space.size()});
      std::memcpy(space.data(), bytes.data(), count);
      reader.filled(count);
      bytes.remove_prefix(count);
    }
  }
}

std::string last_of(std::string_view bytes, const ReaderLimits& limits = {}) {
  return read_all(bytes, 100'000, limits).back();
}

std::string with(std::string_view fields, std::string_view body = {}) {
  return "POST /a HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

}  // namespace

TEST_CASE("API-8: requests are the same however their bytes are cut") {
  const std::string bytes =
      "GET /one HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n"
      "POST /two HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
      "POST /three HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
      "PUT /four HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
  const std::vector<std::string> expected{"GET /one ", "POST /two hello", "POST /three hello world", "PUT /four ",
                                          "end"};
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    CAPTURE(step);
    REQUIRE(read_all(bytes, step) == expected);
  }
}

TEST_CASE("API-8: a header stays readable while its long body arrives") {
  const std::string body(300'000, 'b');
  const auto found = read_all("POST /long?q=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + body, 1000);
  REQUIRE(found.size() == 2);
  CHECK(found[0] == "POST /long?q=1 " + body);
}

TEST_CASE("API-2: what is no request of HTTP/1.1 is refused") {
  for (const std::string_view bytes :
       {"\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", "GET /\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nName : y\r\n\r\n",
        "GET / HTTP/1.1\r\n: y\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nA\r\n\r\n",
        "\x16\x03\x01\x02\x03\x01\x02\x03\x04\x05\x06\x07\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA: b\nc: d\r\n\r\n"}) {
    CAPTURE(bytes);
    CHECK(last_of(bytes) == "http.framing");
  }
  for (const std::string_view bytes :
       {"GET / HTTP/1.0\r\nHost: x\r\n\r\n", "GET / http/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\nHost: x\n\n",
        "GET / HTTP/2.0\r\nHost: x\r\n\r\n", "GET / HTTP/0.9\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}) {
    CAPTURE(bytes);
    CHECK(last_of(bytes) == "http.version");
  }
}

TEST_CASE("API-8: requests that two readers could cut differently are refused") {
  for (const std::string& bytes : {
           with("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
           with("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"),
           with("Content-Length: 5, 5\r\n", "hello"),
           with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
           with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
           with("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
           with("Transfer-Encoding: identity\r\n"),
           with("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
           with("Transfer-Encoding: chunked\r\n \r\n", "0\r\n\r\n"),
           with("X-Fold: a\r\n b\r\n"),
           with("X-Fold: a\r\n\tb\r\n"),
           with("Transfer-Encoding: chunked\r\n", "5 \r\nhello\r\n0\r\n\r\n"),
           with("Transfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n0\r\n\r\n"),
           with("Transfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\n"),
           with("Transfer-Encoding: chunked\r\n", "5\r\nhelloX\r\n0\r\n\r\n"),
           with("Transfer-Encoding: chunked\r\n", "g\r\n\r\n"),
           with("Transfer-Encoding: chunked\r\n", "-1\r\n\r\n"),
           with("Transfer-Encoding: chunked\r\n", "0\r\nX-Trailer: a\r\n\r\n"),
           with("Transfer-Encoding: chunked\r\n", "0\r\nContent-Length: 3\r\n\r\n"),
           with("Trailer: X\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
       }) {
    CAPTURE(bytes);
    CHECK(last_of(bytes) == "http.framing");
  }
}

TEST_CASE("R13: headers, bodies and chunk lines have limits") {
  CHECK(last_of("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(33'000, 'a') + "\r\n\r\n") == "header_too_large");
  CHECK(last_of("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(40'000, 'a')) == "header_too_large");
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 70; ++i) many += "A: b\r\n";
  CHECK(last_of(many) == "header_too_large");
  std::string wide = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 40; ++i) wide += "A: " + std::string(1000, 'a') + "\r\n";
  for (const std::size_t step : {1UL, 700UL, 100'000UL}) CHECK(read_all(wide, step).back() == "header_too_large");
  CHECK(last_of("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n") == "uri_too_long");

  const ReaderLimits small{.body_bytes_max = 10};
  CHECK(last_of(with("Content-Length: 10\r\n", "0123456789"), small) == "end");
  CHECK(last_of(with("Content-Length: 11\r\n"), small) == "too_large");  // without waiting for the body
  CHECK(last_of(with("Content-Length: 99999999999999999\r\n"), small) == "too_large");
  CHECK(last_of(with("Transfer-Encoding: chunked\r\n", "6\r\nhello \r\n6\r\n"), small) == "too_large");
  CHECK(last_of(with("Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\n"), small) == "too_large");

  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  CHECK(last_of(with(chunked, "1;" + std::string(300, 'a') + "\r\na\r\n0\r\n\r\n")) == "http.framing");
  CHECK(last_of(with(chunked, "1;" + std::string(300, 'a'))) == "http.framing");
  CHECK(last_of(with(chunked, "1;" + std::string(200, 'a') + "\r\na\r\n0\r\n\r\n")) == "end");
  std::string chunks;
  for (int i = 0; i < 100; ++i) chunks += "1;" + std::string(200, 'a') + "\r\na\r\n";
  CHECK(last_of(with(chunked, chunks)) == "http.framing");
}

TEST_CASE("API-8: a client that waits for 100 Continue is told apart from one that has sent its body") {
  const std::string bytes = with("Content-Length: 5\r\nExpect: 100-continue\r\n", "hello");
  for (const std::size_t sent : {bytes.size() - 5, bytes.size() - 4}) {
    Reader reader({});
    std::memcpy(reader.space().data(), bytes.data(), sent);
    reader.filled(sent);
    REQUIRE(reader.advance() == Event::header);
    CHECK(reader.expects_continue() == (sent == bytes.size() - 5));
  }
}
