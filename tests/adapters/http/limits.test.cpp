// The waits of the server, by a clock that only the test moves: the limits are the real ones, and nobody waits for them.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/server.hpp"
#include "tests/adapters/http/fake.hpp"
#include "tests/adapters/http/raw_client.hpp"

using namespace medflow;
using things::RawClient;
using things::Received;

namespace {

const std::string health = "GET /healthz HTTP/1.1\r\nHost: clinic.test\r\n\r\n";
const std::string head = "POST /api/v1/things HTTP/1.1\r\nHost: clinic.test\r\nAuthorization: Bearer good\r\n";

struct Site {
  explicit Site(http::ServerLimits limits = {}, http::ServerOptions options = {}) {
    auto owned = std::make_unique<things::FakeBackend>();
    backend = owned.get();
    owned->on<things::Make>(
        [](things::Make& make) { return things::Thing{.id = things::some_id(), .name = make.name}; });
    router = std::make_unique<http::Router>(std::move(owned), things::rows(), http::RouterOptions{});
    options.steady = [this] {
      ++looks;
      looks.notify_all();
      return std::chrono::steady_clock::time_point(std::chrono::seconds(1000 + seconds));
    };
    limits.tick_ms = 5;
    running = std::make_unique<things::RunningServer>(*router, limits, std::move(options));
  }
  std::uint16_t port() const { return running->port(); }
  /// Time goes on, and every connection has been looked at since.
  void pass(int more) {
    seconds += more;
    const int seen = looks;
    for (int now = looks; now < seen + 3; now = looks) looks.wait(now);
  }

  std::atomic<int> seconds{0};
  std::atomic<int> looks{0};
  things::FakeBackend* backend = nullptr;
  std::unique_ptr<http::Router> router{};
  std::unique_ptr<things::RunningServer> running{};
};

std::string body_of(std::size_t bytes) {
  return head + "Content-Type: application/json\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
}

}  // namespace

TEST_CASE("API-8: a header has five seconds from the first byte, however steadily it comes") {
  Site site;
  RawClient slow(site.port());
  const std::string bytes = "GET /healthz HTTP/1.1\r\nHost: clinic.test\r\nX-Slow: ";
  for (int second = 0; second <= 4; ++second) {
    REQUIRE(slow.send(bytes.substr(static_cast<std::size_t>(second) * 10, 10)));
    site.pass(1);
  }
  RawClient quick(site.port());
  REQUIRE(quick.ask(health).status == 200);
  site.pass(1);
  const Received received = slow.read();
  CHECK(received.status == 408);
  CHECK(slow.ends());
  CHECK(quick.ask(health).status == 200);
}

TEST_CASE("API-8: who says nothing is let go: after five seconds at first, after fifteen between two requests") {
  Site site;
  RawClient silent(site.port());
  RawClient idle(site.port());
  REQUIRE(idle.ask(health).status == 200);
  site.pass(6);
  CHECK(silent.ends());
  REQUIRE(idle.ask(health).status == 200);
  site.pass(14);
  REQUIRE(idle.ask(health).status == 200);
  site.pass(16);
  CHECK(idle.ends());
}

TEST_CASE("API-8: a body has five seconds' grace, then 1 KiB a second or not at all, and sixty seconds in all") {
  Site site;
  RawClient slow(site.port());
  RawClient steady(site.port());
  RawClient endless(site.port());
  REQUIRE(slow.send(body_of(100'000) + "{\"name\":\""));
  REQUIRE(steady.send(body_of(40'011) + "{\"name\":\""));
  REQUIRE(endless.send(body_of(1'000'000) + "{\"name\":\""));
  for (int second = 0; second < 20; ++second) {
    REQUIRE(steady.send(std::string(2000, 'x')));
    REQUIRE(endless.send(std::string(3000, 'x')));
    if (second < 7) slow.send("x");
    site.pass(1);
  }
  CHECK(slow.read().status == 408);
  REQUIRE(steady.send("\"}"));
  CHECK(steady.read().status == 201);
  for (int second = 20; second < 62; ++second) {
    endless.send(std::string(3000, 'x'));
    site.pass(1);
  }
  CHECK(endless.read().status == 408);
}

TEST_CASE("API-8: headers and bodies share one budget, and what is answered no longer counts") {
  http::ServerLimits limits;
  limits.request_bytes_max_total = 300'000;
  Site site(limits);
  std::vector<std::unique_ptr<RawClient>> clients;
  int refused = 0;
  const std::string whole = body_of(100'011) + "{\"name\":\"" + std::string(100'000, 'x') + "\"}";
  for (int i = 0; i < 6; ++i) {  // one after the other there is room for any number, though all stay connected
    clients.push_back(std::make_unique<RawClient>(site.port()));
    CHECK(clients.back()->ask(whole).status == 201);
  }
  clients.clear();
  for (int i = 0; i < 4; ++i) {  // 100 KB of each stay in memory
    clients.push_back(std::make_unique<RawClient>(site.port()));
    REQUIRE(clients.back()->send(body_of(200'000) + std::string(100'000, 'x')));
    site.pass(0);
  }
  const Received header =
      RawClient(site.port()).ask("GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + std::string(30'000, 'y') + "\r\n\r\n");
  CHECK(header.status == 503);
  CHECK(header.has("Retry-After: 1"));
  clients.clear();
  for (int i = 0;
       i < 10'000 &&
       RawClient(site.port()).ask(body_of(100'011) + "{\"name\":\"" + std::string(100'000, 'x') + "\"}").status != 201;
       ++i)
    ++refused;  // until the server has seen the others go
  CHECK(refused < 10'000);
}

TEST_CASE("API-8: a proxy that is trusted may have any number of connections, and its word is the client's address") {
  http::ServerLimits limits;
  limits.connections_per_address_max = 2;
  http::ServerOptions options;
  options.proxies = http::Proxies({"127.0.0.1"}, http::ForwardedBy::x_forwarded_for);
  Site site(limits, options);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<RawClient>(site.port()));
    CHECK(clients.back()
              ->ask(head + "X-Forwarded-For: 1.1.1.1, 198.51.100.23\r\nContent-Type: "
                           "application/json\r\nContent-Length: 12\r\n\r\n"
                           "{\"name\":\"x\"}")
              .status == 201);
    CHECK(site.backend->context.address == "198.51.100.23");
  }
}

TEST_CASE("API-8: from anybody else the header is a header like any other") {
  Site site;
  CHECK(RawClient(site.port())
            .ask(head +
                 "X-Forwarded-For: 198.51.100.23\r\nForwarded: for=198.51.100.23\r\nContent-Type: application/json\r\n"
                 "Content-Length: 12\r\n\r\n{\"name\":\"x\"}")
            .status == 201);
  CHECK(site.backend->context.address == "127.0.0.1");
}

TEST_CASE("API-8: the limits are those of the security page until somebody sets others") {
  const http::ServerLimits limits;
  CHECK(limits.reader.header_bytes_max == 32 * 1024);
  CHECK(limits.reader.gate.fields_max == 64);
  CHECK(limits.reader.gate.target_bytes_max == 8 * 1024);
  CHECK(limits.reader.body_bytes_max == 1024 * 1024);
  CHECK(limits.reader.chunk_line_bytes_max == 256);
  CHECK(limits.reader.chunk_lines_bytes_max == 16 * 1024);
  CHECK(limits.connections_max == 1024);
  CHECK(limits.connections_per_address_max == 64);
  CHECK(limits.requests_per_connection_max == 1000);
  CHECK(limits.request_bytes_max_total == 256UL * 1024 * 1024);
  CHECK(limits.handshake_ms_max == 5'000);
  CHECK(limits.header_ms_max == 5'000);
  CHECK(limits.idle_ms_max == 15'000);
  CHECK(limits.body_grace_ms == 5'000);
  CHECK(limits.body_bytes_per_s_min == 1024);
  CHECK(limits.body_ms_max == 60'000);
  CHECK(limits.pause_ms_max == 60'000);
  CHECK(limits.handler_ms_max == 10'000);
  CHECK(limits.stream_ms_max == 60'000);
  const http::UploadLimits uploads;
  CHECK(uploads.threads_max == 64);
  CHECK(uploads.per_user_max == 4);
  CHECK(uploads.waiting_max == 64);
}
