#include "adapters/http/gate.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using medflow::http::gate;
using medflow::http::GateOptions;
using medflow::http::Head;
using medflow::http::HeaderField;

namespace {

using Fields = std::vector<HeaderField>;

std::string outcome(const Head& head, const GateOptions& options = {}) {
  const auto refusal = gate(head, options);
  return refusal ? std::string(refusal->problem->code.name) + " " + std::to_string(refusal->problem->status) : "passes";
}

std::string outcome_of_fields(Fields fields, std::string_view method = "POST", bool with_host = true) {
  if (with_host) fields.push_back({"Host", "clinic.test"});
  return outcome({.method = method, .target = "/api/v1/patients", .fields = fields});
}

std::string outcome_of_target(std::string_view target) {
  const Fields fields{{"Host", "clinic.test"}};
  return outcome({.method = "GET", .target = target, .fields = fields});
}

constexpr std::string_view passes = "passes";
constexpr std::string_view framing = "http.framing 400";
constexpr std::string_view bad_target = "http.target 400";

}  // namespace

TEST_CASE("API-8: what the gate says to header fields") {
  struct Row {
    Fields fields;
    std::string_view expected;
  };
  const Row rows[] = {
      {{}, passes},
      {{{"Content-Length", "0"}}, passes},
      {{{"Content-Length", "12"}, {"Content-Type", "application/json"}}, passes},
      {{{"Transfer-Encoding", "chunked"}}, passes},
      {{{"Expect", "100-continue"}}, passes},
      {{{"expect", "100-Continue"}}, passes},
      {{{"Accept", "*/*"}, {"Accept", "text/html"}}, passes},
      {{{"X-Empty", ""}}, passes},
      {{{"X-Tab", "a\tb"}}, passes},
      {{{"User-Agent", "caf\xC3\xA9"}}, passes},
      {{{"Content-Length", ""}}, framing},
      {{{"Content-Length", "+12"}}, framing},
      {{{"Content-Length", "-1"}}, framing},
      {{{"Content-Length", "12 "}}, framing},
      {{{"Content-Length", "0x10"}}, framing},
      {{{"Content-Length", "12, 12"}}, framing},
      {{{"Content-Length", "1e3"}}, framing},
      {{{"Content-Length", "9999999999999999999"}}, framing},
      {{{"Content-Length", "12"}, {"Content-Length", "12"}}, framing},
      {{{"Content-Length", "12"}, {"content-length", "13"}}, framing},
      {{{"Content-Length", "12"}, {"Transfer-Encoding", "chunked"}}, framing},
      {{{"Transfer-Encoding", "chunked"}, {"Content-Length", "12"}}, framing},
      {{{"Transfer-Encoding", "Chunked"}}, framing},
      {{{"Transfer-Encoding", " chunked"}}, framing},
      {{{"Transfer-Encoding", "chunked "}}, framing},
      {{{"Transfer-Encoding", "xchunked"}}, framing},
      {{{"Transfer-Encoding", "chunked, chunked"}}, framing},
      {{{"Transfer-Encoding", "gzip, chunked"}}, framing},
      {{{"Transfer-Encoding", "identity"}}, framing},
      {{{"Transfer-Encoding", ""}}, framing},
      {{{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}, framing},
      {{{"Transfer-Encoding", "chunked"}, {"transfer-encoding", "identity"}}, framing},
      {{{"Trailer", "Expires"}}, framing},
      {{{"trailer", ""}}, framing},
      {{{"Upgrade", "h2c"}}, framing},
      {{{"Upgrade", "websocket"}, {"Connection", "Upgrade"}}, framing},
      {{{"Expect", "200-ok"}}, framing},
      {{{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}}, framing},
      {{{"Authorization", "Bearer a"}, {"authorization", "Bearer a"}}, framing},
      {{{"Content-Type", "application/json"}, {"Content-Type", "text/plain"}}, framing},
      {{{"Cookie", "a=1"}, {"Cookie", "b=2"}}, framing},
      {{{"Origin", "https://a.test"}, {"Origin", "https://b.test"}}, framing},
      {{{"If-Match", "\"1\""}, {"If-Match", "\"2\""}}, framing},
      {{{"Medflow-Tenant", "a"}, {"Medflow-Tenant", "b"}}, framing},
      {{{"Host", "other.test"}}, framing},
      {{{"X-Bad", std::string_view("a\0b", 3)}}, framing},
      {{{"X-Bad", "a\nb"}}, framing},
      {{{"X-Bad", "a\rb"}}, framing},
      {{{"X-Bad", "a\x7F"}}, framing},
      {{{"X Bad", "a"}}, framing},
      {{{"X-Bad ", "a"}}, framing},
      {{{"", "a"}}, framing},
      {{{"X-Bad:", "a"}}, framing},
      {{{"Transfer-Encoding\x0B", "chunked"}}, framing},
      {{{"Content-Encoding", "gzip"}}, "unsupported_media 415"},
      {{{"Content-Encoding", "identity"}}, "unsupported_media 415"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fields.empty() ? std::string_view("none") : row.fields.front().name);
    CAPTURE(row.fields.empty() ? std::string_view("none") : row.fields.back().value);
    CHECK(outcome_of_fields(row.fields) == row.expected);
  }
}

TEST_CASE("API-8: what the gate says to targets") {
  struct Row {
    std::string_view target;
    std::string_view expected;
  };
  const Row rows[] = {
      {"/", passes},
      {"/healthz", passes},
      {"/api/v1/patients/0190b8a0-0000-7000-8000-000000000001", passes},
      {"/api/v1/patients?name=ann%20lee&limit=5", passes},
      {"/a?redirect=//x/../y", passes},
      {"/a%20b", passes},
      {"/a.b", passes},
      {"/?", passes},
      {"", bad_target},
      {"*", bad_target},
      {"api", bad_target},
      {"http://clinic.test/api", bad_target},
      {"clinic.test:443", bad_target},
      {"//evil.test/api", bad_target},
      {"/api//v1", bad_target},
      {"/api/", bad_target},
      {"/api/./v1", bad_target},
      {"/api/../v1", bad_target},
      {"/..", bad_target},
      {"/api/%2e%2e/v1", bad_target},
      {"/api/%2E./v1", bad_target},
      {"/api/%2e/v1", bad_target},
      {"/api%2fv1", bad_target},
      {"/api%5cv1", bad_target},
      {"/api\\v1", bad_target},
      {"/api/a..b", bad_target},
      {"/a%00b", bad_target},
      {"/a?b=%00", bad_target},
      {"/a%0d%0ab", bad_target},
      {"/a%7f", bad_target},
      {"/a%", bad_target},
      {"/a%2", bad_target},
      {"/a%zz", bad_target},
      {"/a?b=%4", bad_target},
      {"/a b", bad_target},
      {"/a#b", bad_target},
      {"/caf\xC3\xA9", bad_target},
      {"/a\tb", bad_target},
  };
  for (const Row& row : rows) {
    CAPTURE(row.target);
    CHECK(outcome_of_target(row.target) == row.expected);
  }
}

TEST_CASE("API-8: an escaped path is decoded once, not twice") {
  // "%252e%252e" is the text "%2e%2e": no dots for us, and no route either.
  CHECK(outcome_of_target("/api/%252e%252e/v1") == passes);
}

TEST_CASE("API-2: methods that do not exist are 501, versions that are not spoken 400") {
  for (const std::string_view method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
    CHECK(outcome_of_fields({}, method) == passes);
  for (const std::string_view method : {"TRACE", "CONNECT", "get", "BREW", "PROPFIND", ""})
    CHECK(outcome_of_fields({}, method) == "not_implemented 501");
  const Fields host{{"Host", "clinic.test"}};
  for (const int version : {9, 10, 12, 20}) {
    CAPTURE(version);
    CHECK(outcome({.method = "GET", .target = "/", .version = version, .fields = host}) == "http.version 400");
  }
  const Fields chunked{{"Host", "clinic.test"}, {"Transfer-Encoding", "chunked"}};
  CHECK(outcome({.method = "POST", .target = "/", .version = 10, .fields = chunked}) == framing);
}

TEST_CASE("API-8: exactly one Host, of the configured names") {
  const std::string_view served[] = {"clinic.test", "[::1]", "127.0.0.1"};
  const auto with_host = [&](std::string_view value) {
    const Fields fields{{"Host", value}};
    return outcome({.method = "GET", .target = "/", .fields = fields}, {.hosts = served});
  };
  CHECK(outcome_of_fields({}, "GET", false) == framing);
  for (const std::string_view good :
       {"clinic.test", "Clinic.TEST", "clinic.test:3001", "[::1]", "[::1]:3001", "127.0.0.1:80"})
    CHECK(with_host(good) == passes);
  for (const std::string_view other : {"evil.test", "clinic.test.evil.test", "xclinic.test", "[::2]"})
    CHECK(with_host(other) == "http.host 400");
  for (const std::string_view bad :
       {"", "clinic.test:", "clinic.test:http", "clinic.test:123456", "a b", "user@clinic.test", "clinic.test/", "[::1",
        "[]", "[zz]", "clinic.test,evil.test", ":80"})
    CHECK(with_host(bad) == framing);
}

TEST_CASE("R13: too long a target is 414, too many fields are 431") {
  const std::string longest = "/" + std::string(8 * 1024 - 1, 'a');
  CHECK(outcome_of_target(longest) == passes);
  CHECK(outcome_of_target(longest + "a") == "uri_too_long 414");
  Fields fields(64, HeaderField{"X-Filler", "a"});
  fields.front() = {"Host", "clinic.test"};
  CHECK(outcome({.method = "GET", .target = "/", .fields = fields}) == passes);
  fields.push_back({"X-Filler", "a"});
  CHECK(outcome({.method = "GET", .target = "/", .fields = fields}) == "header_too_large 431");
}

TEST_CASE("API-8: after a refusal at the gate the connection is not used again") {
  const Fields fields{{"Host", "clinic.test"}, {"Transfer-Encoding", "gzip"}};
  const auto refusal = gate({.method = "POST", .target = "/", .fields = fields}, {});
  REQUIRE(refusal);
  CHECK(refusal->close);
}
