#include "adapters/json/problem.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace medflow;

TEST_CASE("R9: a problem has the members of RFC 9457 and all field errors") {
  std::string out;
  json::encode_problem(
      {.code = codes::invalid, .fields = {{"/a", "required", "This is needed."}, {"/b/0", "x", "<y>"}}}, "/requests/1",
      out);
  CHECK(
      out ==
      R"({"type":"/api/docs/errors#invalid","title":"One or more fields break a rule.","status":422,"instance":"/requests/1",)"
      R"("code":"invalid","kind":"invalid","retryable":false,"errors":[{"pointer":"/a","code":"required","message":"This is needed."},)"
      R"({"pointer":"/b/0","code":"x","message":"\u003cy\u003e"}]})");
}

TEST_CASE("R8: a conflict tells the current revision, R9: and a wait its seconds") {
  std::string out;
  json::encode_problem({.code = codes::revision, .revision = 12, .ids = {"one", "two"}}, {}, out, 412);
  CHECK(out.find(R"("status":412)") != std::string::npos);
  CHECK(out.find(R"("revision":12)") != std::string::npos);
  CHECK(out.find(R"("ids":["one","two"])") != std::string::npos);
  out.clear();
  json::encode_error({.code = codes::store_unavailable, .detail = "Full.", .retry_after_s = 5}, out);
  CHECK(out.find(R"("detail":"Full.")") != std::string::npos);
  CHECK(out.find(R"("retryable":true)") != std::string::npos);
  CHECK(out.find(R"("retry_after":5)") != std::string::npos);
  CHECK(out.find("instance") == std::string::npos);
}
