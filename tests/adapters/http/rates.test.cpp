#include "adapters/http/rates.hpp"

#include <doctest/doctest.h>

#include <future>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "tests/adapters/http/fake.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using http::HeaderField;
using http::RateClass;
using http::RateOptions;
using http::Rates;

namespace {

http::RateKey key_of(std::uint8_t number) {
  http::RateKey key{};
  key[15] = number;
  return key;
}

struct Counter {
  explicit Counter(const RateOptions& options = {}) : rates(options, clock, *system_rng()) {}

  /// How many of `count` requests are allowed now.
  int allowed(int count, RateClass of = RateClass::user, std::uint8_t who = 1) {
    int good = 0;
    for (int i = 0; i < count; ++i) good += rates.take(of, key_of(who)).allowed ? 1 : 0;
    return good;
  }

  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  Rates rates;
};

/// A router with limits and a clock that only the test moves. Whoever holds the token "good" is one user.
struct Site {
  class Backend : public things::FakeBackend {
   public:
    http::RateKey principal(const Session&) override { return key_of(7); }
  };

  explicit Site(const RateOptions& rates = {}) : Site(std::make_unique<Backend>(), rates) {}
  Site(std::unique_ptr<Backend> owned, const RateOptions& rates)
      : backend(*owned), router(std::move(owned), things::rows(), {.rates = rates, .clock = clock}) {
    backend.on<things::Get>([](things::Get& get) { return things::Thing{.id = get.id}; });
    backend.on<things::List>([](things::List&) { return Page<things::Thing>{}; });
    backend.on<things::Login>(
        [](things::Login&) -> Result<things::Thing> { return Error{.code = codes::unauthenticated}; });
    backend.on<things::Export>([](things::Export&) {
      return Stream{.media_type = "text/plain", .pull = [](std::span<std::byte>) { return Result<std::size_t>(0); }};
    });
  }

  http::Response ask(std::string_view method, std::string_view target, std::string_view token = "good",
                     std::string_view address = "192.0.2.7", std::string body = {}) {
    const std::string authorization = "Bearer " + std::string(token);
    std::vector<HeaderField> fields;
    if (!token.empty()) fields.push_back({"Authorization", authorization});
    if (!body.empty()) fields.push_back({"Content-Type", "application/json"});
    std::optional<http::Response> answer;
    router.handle({.method = method, .target = target, .fields = fields, .body = std::move(body), .address = address},
                  [&](http::Answer made) { answer = std::move(made).render(); });
    REQUIRE(answer);
    return std::move(*answer);
  }
  http::Response login(std::string_view address) {
    return ask("POST", "/api/v1/auth/login", "", address, R"({"email":"a@b.example","password":"x"})");
  }

  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  Backend& backend;
  http::Router router;
};

const std::string thing = "/api/v1/things/0190b8a0-1234-7000-8000-00000000abcd";

}  // namespace

TEST_CASE("API-8: a bucket gives its burst at once, then one token at a time") {
  Counter counter({.user = {.count = 600, .window_s = 60, .burst = 60}});
  CHECK(counter.allowed(100) == 60);
  const auto refused = counter.rates.take(RateClass::user, key_of(1));
  CHECK(refused.retry_after_s == 1);
  CHECK(refused.remaining == 0);
  CHECK(refused.reset_s == 6);
  counter.clock->advance_s(1);
  CHECK(counter.allowed(100) == 10);
  counter.clock->advance_s(3600);
  CHECK(counter.allowed(100) == 60);
}

TEST_CASE("API-8: over a long time a bucket gives its rate and not more, however it is asked") {
  Counter counter({.search = {.count = 30, .window_s = 60, .burst = 5}});
  int good = 0;
  for (int second = 0; second < 600; ++second) {
    good += counter.allowed(3, RateClass::search);
    counter.clock->advance_s(1);
  }
  CHECK(good >= 300);
  CHECK(good <= 305);
}

TEST_CASE("API-8: buckets are apart by user and by class, and no limit is none") {
  Counter counter({.address = {.count = 0}, .user = {.count = 60, .window_s = 60, .burst = 2}});
  CHECK(counter.allowed(5, RateClass::user, 1) == 2);
  CHECK(counter.allowed(5, RateClass::user, 2) == 2);
  CHECK(counter.allowed(5, RateClass::search, 1) == 5);
  CHECK(counter.allowed(10'000, RateClass::address, 1) == 10'000);
  CHECK(counter.rates.fields(counter.rates.take(RateClass::address, key_of(1))).empty());
}

TEST_CASE("API-8: a clock that is put back by a year makes nobody wait for longer than a full bucket takes") {
  Counter counter({.user = {.count = 60, .window_s = 60, .burst = 2}});
  CHECK(counter.allowed(5) == 2);
  counter.clock->advance_s(-365 * 86'400);
  CHECK(counter.rates.take(RateClass::user, key_of(1)).retry_after_s <= 2);
  counter.clock->advance_s(2);
  CHECK(counter.allowed(5) == 2);
}

TEST_CASE("API-8: more addresses than there is room for take nothing from one that is at its limit") {
  Counter counter({.address = {.count = 100, .window_s = 60, .burst = 100}});
  CHECK(counter.allowed(200, RateClass::address, 1) == 100);
  for (std::uint32_t i = 0; i < 200'000; ++i) {
    http::RateKey key{};
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&i), sizeof i, key.begin());
    REQUIRE(counter.rates.take(RateClass::address, key).allowed);
  }
  CHECK(counter.allowed(10, RateClass::address, 1) == 0);
}

TEST_CASE("API-8: an address is one key: IPv4 wherever it stands, IPv6 by its network") {
  using http::rate_key_of_address;
  CHECK(rate_key_of_address("192.0.2.1") != rate_key_of_address("192.0.2.2"));
  CHECK(rate_key_of_address("2001:db8:1:2::1") == rate_key_of_address("2001:db8:1:2:ffff::7"));
  CHECK(rate_key_of_address("2001:db8:1:2::1") != rate_key_of_address("2001:db8:1:3::1"));
  CHECK(rate_key_of_address("") == rate_key_of_address(""));
}

TEST_CASE("API-8: without a valid session an address has a hundred requests a minute, then it is told to wait") {
  Site site;
  for (int i = 0; i < 100; ++i) REQUIRE(site.login("192.0.2.7").status == 401);
  const http::Response refused = site.login("192.0.2.7");
  CHECK(refused.status == 429);
  CHECK(refused.content_type == "application/problem+json; charset=utf-8");
  CHECK(refused.body.find("\"code\":\"rate_limited\"") != std::string::npos);
  CHECK(refused.headers.find("Retry-After: 1\r\n") != std::string::npos);
  CHECK(refused.headers.find("RateLimit-Policy: \"address\";q=100;w=60\r\n") != std::string::npos);
  CHECK(refused.headers.find("RateLimit: \"address\";r=0;t=60\r\n") != std::string::npos);
  // What has no valid token, leads nowhere or reads the documents draws from the same bucket; other addresses and sessions do not.
  CHECK(site.ask("GET", thing, "stolen").status == 429);
  CHECK(site.ask("GET", thing, "").status == 429);
  CHECK(site.ask("GET", "/nowhere", "").status == 429);
  CHECK(site.ask("GET", "/api/docs/errors", "").status == 429);
  CHECK(site.login("192.0.2.8").status == 401);
  CHECK(site.ask("GET", thing).status == 200);
  site.clock->advance_s(60);
  CHECK(site.login("192.0.2.7").status == 401);
}

TEST_CASE("API-8: health and what a browser asks beforehand are never counted") {
  Site site({.address = {.count = 1, .window_s = 3600, .burst = 1}});
  CHECK(site.login("192.0.2.7").status == 401);
  CHECK(site.login("192.0.2.7").status == 429);
  for (int i = 0; i < 200; ++i) {
    REQUIRE(site.ask("GET", "/healthz", "").status == 200);
    REQUIRE(site.ask("GET", "/readyz", "").status == 200);
    REQUIRE(site.ask("OPTIONS", thing, "").status == 204);
  }
}

TEST_CASE("API-8: a user is counted wherever they come from; lists and exports more narrowly") {
  Site site;
  int good = 0;
  for (int i = 0; i < 100; ++i) good += site.ask("GET", thing, "good", "192.0.2." + std::to_string(i)).status == 200;
  CHECK(good == 60);
  site.clock->advance_s(60);

  const http::Response page = site.ask("GET", "/api/v1/things");
  CHECK(page.headers.find("RateLimit: \"search\";r=59;t=1\r\n") != std::string::npos);
  CHECK(page.headers.find("\"user\"") == std::string::npos);
  CHECK(site.ask("GET", thing).headers.find("RateLimit: \"user\";r=58;t=1\r\n") != std::string::npos);

  site.clock->advance_s(60);
  for (int i = 0; i < 5; ++i) CHECK(site.ask("GET", "/api/v1/things/export").status == 200);
  const http::Response refused = site.ask("GET", "/api/v1/things/export");
  CHECK(refused.status == 429);
  CHECK(refused.headers.find("Retry-After: 720\r\n") != std::string::npos);
  CHECK(site.ask("GET", thing).status == 200);
}

TEST_CASE("API-8: a session's renewals are one bucket, whatever token it goes by at the time") {
  Counter counter({.refresh = {.count = 30, .window_s = 60, .burst = 3}});
  std::string token = "token-number-0-of-this-session";
  int good = 0;
  for (int i = 1; i <= 10; ++i) {
    if (!counter.rates.take(RateClass::refresh, http::rate_key_of_token(token)).allowed) continue;
    ++good;
    const std::string next = "token-number-" + std::to_string(i) + "-of-this-session";
    counter.rates.hand_on(RateClass::refresh, http::rate_key_of_token(token), http::rate_key_of_token(next));
    token = next;
  }
  CHECK(good == 3);
  CHECK(counter.rates.take(RateClass::refresh, http::rate_key_of_token("another session's token")).allowed);
}

TEST_CASE("API-8: renewals over the router are thirty a minute for a session, others go on") {
  testing::Hospital hospital = testing::make_platform(testing::TestEngine("memory"));
  http::Router router(hospital.platform, {.rates = RateOptions{}, .clock = hospital.clock});
  const auto renew = [&](std::string& token) {
    const std::string body = R"({"tenant":")" + hospital.slug() + R"(","refresh_token":")" + token + "\"}";
    const std::vector<HeaderField> fields{{"Content-Type", "application/json"}};
    std::promise<http::Response> promise;
    router.handle(
        {.method = "POST", .target = "/api/v1/auth/refresh", .fields = fields, .body = body, .address = "192.0.2.9"},
        [&](http::Answer made) { promise.set_value(std::move(made).render()); });
    const http::Response answer = promise.get_future().get();
    if (answer.status == 200) token = std::string(boost::json::parse(answer.body).at("refresh_token").as_string());
    return answer.status;
  };
  std::string desk = hospital.member(Role::receptionist).tokens.refresh_token;
  std::string nurse = hospital.member(Role::nurse).tokens.refresh_token;
  for (int i = 0; i < 30; ++i) REQUIRE(renew(desk) == 200);
  CHECK(renew(desk) == 429);
  CHECK(renew(nurse) == 200);
  hospital.clock->advance_s(2);
  CHECK(renew(desk) == 200);
}
