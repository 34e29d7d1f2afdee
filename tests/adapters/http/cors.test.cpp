#include "adapters/http/cors.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/adapters/http/fake.hpp"

using namespace medflow;
using http::HeaderField;

namespace {

constexpr std::string_view clinic = "https://clinic.example";

struct Site {
  explicit Site(std::vector<std::string> origins) : Site(std::make_unique<things::FakeBackend>(), std::move(origins)) {}
  Site(std::unique_ptr<things::FakeBackend> owned, std::vector<std::string> origins)
      : backend(*owned), router(std::move(owned), things::rows(), {.origins = std::move(origins)}) {
    backend.on<things::Get>([](things::Get& get) { return things::Thing{.id = get.id}; });
    backend.on<things::Logout>([](things::Logout&) { return Done{}; });
  }

  http::Response ask(std::string_view method, std::string_view target, std::vector<HeaderField> fields) {
    fields.push_back({"Authorization", "Bearer good"});
    std::optional<http::Response> answer;
    router.handle({.method = method, .target = target, .fields = fields},
                  [&](http::Answer made) { answer = std::move(made).render(); });
    REQUIRE(answer);
    return std::move(*answer);
  }

  things::FakeBackend& backend;
  http::Router router;
};

const std::string thing = "/api/v1/things/0190b8a0-1234-7000-8000-00000000abcd";

bool mentions_cors(const http::Response& response) {
  return response.headers.find("Access-Control-") != std::string::npos;
}

std::string allowed_origin(const http::Response& response) {
  constexpr std::string_view name = "Access-Control-Allow-Origin: ";
  const std::size_t at = response.headers.find(name);
  if (at == std::string::npos) return {};
  return response.headers.substr(at + name.size(), response.headers.find("\r\n", at) - at - name.size());
}

bool with_credentials(const http::Response& response) {
  return response.headers.find("Access-Control-Allow-Credentials: true\r\n") != std::string::npos;
}

}  // namespace

TEST_CASE("API-8: no origin is allowed until one is named") {
  Site site({});
  CHECK_FALSE(mentions_cors(site.ask("GET", thing, {{"Origin", clinic}})));
  CHECK_FALSE(
      mentions_cors(site.ask("OPTIONS", thing, {{"Origin", clinic}, {"Access-Control-Request-Method", "GET"}})));
}

TEST_CASE("API-8: an origin is allowed that is on the list letter by letter, and no other") {
  Site site({std::string(clinic), "http://localhost:3000"});
  CHECK(allowed_origin(site.ask("GET", thing, {{"Origin", clinic}})) == clinic);
  CHECK(allowed_origin(site.ask("GET", thing, {{"Origin", "http://localhost:3000"}})) == "http://localhost:3000");
  for (const std::string_view origin :
       {"https://clinic.example.evil.test", "https://evil-clinic.example", "https://clinic.example:443",
        "http://clinic.example", "https://clinic.example/", "https://Clinic.example", "null", "*", "",
        "https://clinic.exampl", "http://localhost:30000", "https://clinic.example https://evil.test",
        "https://x.clinic.example"}) {
    CAPTURE(origin);
    CHECK_FALSE(mentions_cors(site.ask("GET", thing, {{"Origin", origin}})));
  }
  CHECK_FALSE(mentions_cors(site.ask("GET", thing, {})));
}

TEST_CASE("API-8: errors can be read by the page that asked, and credentials go with sign-out alone") {
  Site site({std::string(clinic)});
  const std::vector<HeaderField> origin{{"Origin", clinic}};
  CHECK(allowed_origin(site.ask("GET", "/api/v1/nothing", origin)) == clinic);
  CHECK(allowed_origin(site.ask("GET", "/api/v1/things?colour=red", origin)) == clinic);
  CHECK(allowed_origin(site.ask("PUT", "/api/v1/auth/login", origin)) == clinic);
  CHECK_FALSE(with_credentials(site.ask("GET", thing, origin)));
  const http::Response out = site.ask("POST", "/api/v1/auth/logout", origin);
  CHECK(out.status == 204);
  CHECK(with_credentials(out));
  CHECK(allowed_origin(out) == clinic);
}

TEST_CASE("API-8: a preflight is told what it may do, and for how long that holds") {
  Site site({std::string(clinic)});
  const http::Response response = site.ask(
      "OPTIONS", thing,
      {{"Origin", clinic}, {"Access-Control-Request-Method", "PUT"}, {"Access-Control-Request-Headers", "if-match"}});
  CHECK(response.status == 204);
  CHECK(allowed_origin(response) == clinic);
  CHECK(response.headers.find("Access-Control-Allow-Methods: GET, HEAD, PUT, DELETE, OPTIONS\r\n") !=
        std::string::npos);
  CHECK(response.headers.find("Access-Control-Allow-Headers: Authorization, Content-Type, ") != std::string::npos);
  CHECK(response.headers.find("Access-Control-Max-Age: 600\r\n") != std::string::npos);
  CHECK(response.headers.find("Access-Control-Allow-Headers: *") == std::string::npos);
  CHECK_FALSE(with_credentials(response));
  CHECK(with_credentials(
      site.ask("OPTIONS", "/api/v1/auth/logout", {{"Origin", clinic}, {"Access-Control-Request-Method", "POST"}})));
  CHECK_FALSE(mentions_cors(
      site.ask("OPTIONS", thing, {{"Origin", "https://evil.test"}, {"Access-Control-Request-Method", "PUT"}})));
  CHECK(site.ask("OPTIONS", "/api/v1/nothing", {{"Origin", clinic}, {"Access-Control-Request-Method", "PUT"}}).status ==
        404);
}
