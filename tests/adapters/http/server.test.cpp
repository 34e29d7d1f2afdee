#include "adapters/http/server.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/wire.hpp"
#include "tests/adapters/http/fake.hpp"
#include "tests/adapters/http/raw_client.hpp"

using namespace medflow;
using things::RawClient;
using things::Received;
using things::RunningServer;

namespace {

struct Site {
  explicit Site(http::ServerLimits limits = {}, http::ServerOptions options = {})
      : Site(std::make_unique<things::FakeBackend>(), std::move(limits), std::move(options)) {}
  Site(std::unique_ptr<things::FakeBackend> owned, http::ServerLimits limits, http::ServerOptions options)
      : backend(*owned),
        router(std::move(owned), things::rows(), {}),
        running(router, std::move(limits), std::move(options)) {
    backend.on<things::Get>(
        [](things::Get& get) { return things::Thing{.id = get.id, .revision = 7, .name = "lamp"}; });
    backend.on<things::Make>(
        [](things::Make& make) { return things::Thing{.id = things::some_id(), .revision = 1, .name = make.name}; });
  }
  std::uint16_t port() const { return running.port(); }

  things::FakeBackend& backend;
  http::Router router;
  RunningServer running;
};

/// Answers each call on a thread of its own when it is told to.
class SlowBackend : public things::FakeBackend {
 public:
  void submit(const Session&, const OperationRow& row, Value, std::function<void(Result<Reply>)> done,
              CallContext) override {
    const std::lock_guard lock(mutex_);
    waiting_.emplace_back([&row, done = std::move(done)] {
      done(Reply{.output = Value::of(*row.output, things::Thing{.name = "slow"})});
    });
    ++arrived_;
    arrived_.notify_all();
  }
  void wait_for(int calls) {
    for (int seen = arrived_; seen < calls; seen = arrived_) arrived_.wait(seen);
  }
  void answer() {
    std::vector<std::function<void()>> now;
    {
      const std::lock_guard lock(mutex_);
      now.swap(waiting_);
    }
    for (const auto& one : now) one();
  }

 private:
  std::mutex mutex_{};
  std::vector<std::function<void()>> waiting_{};
  std::atomic<int> arrived_{0};
};

const std::string fields = "Host: clinic.test\r\nAuthorization: Bearer good\r\n";
const std::string thing = "GET /api/v1/things/0190b8a0-1234-7000-8000-00000000abcd HTTP/1.1\r\n" + fields + "\r\n";
const std::string health = "GET /healthz HTTP/1.1\r\nHost: clinic.test\r\n\r\n";

std::string post(std::string_view body, std::string_view more = {}) {
  return "POST /api/v1/things HTTP/1.1\r\n" + fields + "Content-Type: application/json\r\n" + std::string(more) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

http::ServerLimits quick() {
  http::ServerLimits limits;
  limits.header_ms_max = limits.idle_ms_max = limits.body_grace_ms = limits.handler_ms_max = limits.linger_ms_max = 50;
  limits.tick_ms = 10;
  return limits;
}

/// What every answer must carry, whatever it answers.
void check_headers(const Received& received) {
  const std::string fixed = http::security_headers(false);
  CHECK(received.head.find("\r\n" + fixed) != std::string::npos);
  CHECK(received.header("X-Request-Id").size() == 36);
  CHECK(received.header("Date").ends_with(" GMT"));
  CHECK(received.header("Server").empty());
  if (received.status >= 400) CHECK(received.header("Content-Type") == "application/problem+json; charset=utf-8");
}

void check_refused(RawClient& client, const std::string& bytes, int status, std::string_view code) {
  CAPTURE(bytes.substr(0, 200));
  const Received received = client.ask(bytes);
  CHECK(received.status == status);
  CHECK(received.body.find("\"code\":\"" + std::string(code) + "\"") != std::string::npos);
  CHECK(received.has("Connection: close"));
  check_headers(received);
  CHECK(client.ends());
}

}  // namespace

TEST_CASE("API-1: one connection serves one request after the other") {
  Site site;
  RawClient client(site.port());
  for (int i = 0; i < 50; ++i) {
    const Received received = client.ask(thing);
    REQUIRE(received.status == 200);
    REQUIRE(received.body == R"({"id":"0190b8a0-1234-7000-8000-00000000abcd","revision":7,"name":"lamp"})");
    REQUIRE(received.header("Connection").empty());
  }
  CHECK(client.ask(post(R"({"name":"desk"})")).status == 201);
  CHECK(site.backend.context.address == "127.0.0.1");
}

TEST_CASE("API-8: pipelined requests are answered in order") {
  Site site;
  RawClient client(site.port());
  std::string bytes;
  for (int i = 0; i < 40; ++i) bytes += post("{\"name\":\"" + std::to_string(i) + "\"}") + health;
  REQUIRE(client.send(bytes));
  for (int i = 0; i < 40; ++i) {
    REQUIRE(client.read().body.find("\"name\":\"" + std::to_string(i) + "\"") != std::string::npos);
    REQUIRE(client.read().body == R"({"status":"ok"})");
  }
}

TEST_CASE("API-8: pipelined requests are answered in order by a backend with threads") {
  auto owned = std::make_unique<SlowBackend>();
  SlowBackend& backend = *owned;
  http::Router router(std::move(owned), things::rows(), {});
  RunningServer running(router);
  RawClient client(running.port());
  REQUIRE(client.send(thing + health + thing));
  for (int i = 1; i <= 2; ++i) {
    backend.wait_for(i);
    std::thread([&] { backend.answer(); }).join();
    CHECK(client.read().body.find("slow") != std::string::npos);
    if (i == 1) CHECK(client.read().body == R"({"status":"ok"})");
  }
}

TEST_CASE("API-8: a request may come byte by byte") {
  Site site;
  RawClient client(site.port());
  for (const char c : post(R"({"name":"desk"})")) REQUIRE(client.send({&c, 1}));
  CHECK(client.read().status == 201);
}

TEST_CASE("API-8: a chunked body is one body, and the next request begins behind it") {
  Site site;
  RawClient client(site.port());
  const std::string chunked = "POST /api/v1/things HTTP/1.1\r\n" + fields +
                              "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "5;x=y\r\n{\"nam\r\nA\r\ne\":\"desk\"}\r\n0\r\n\r\n";
  CHECK(client.ask(chunked + health).body.find("desk") != std::string::npos);
  CHECK(client.read().body == R"({"status":"ok"})");
}

TEST_CASE("API-8: a client that asks first is told to go on, or is refused before it sends") {
  Site site;
  {
    RawClient client(site.port());
    std::string request = post(R"({"name":"desk"})", "Expect: 100-continue\r\n");
    const std::string body = request.substr(request.find("\r\n\r\n") + 4);
    request.resize(request.size() - body.size());
    CHECK(client.ask(request).status == 100);
    CHECK(client.ask(body).status == 201);
  }
  RawClient client(site.port());
  check_refused(client,
                "POST /api/v1/things HTTP/1.1\r\n" + fields + "Expect: 100-continue\r\nContent-Length: 1048577\r\n\r\n",
                413, "too_large");
}

TEST_CASE("API-2: what cannot be read is answered with a problem, and the connection ends") {
  Site site;
  struct Row {
    std::string bytes;
    int status;
    std::string_view code;
  };
  const std::string line = "POST /api/v1/things HTTP/1.1\r\n";
  const Row rows[] = {
      {"nonsense\r\n\r\n", 400, "http.framing"},
      {std::string(500, '\0'), 400, "http.framing"},
      {"GET /healthz HTTP/1.0\r\nHost: x\r\n\r\n", 400, "http.version"},
      {"GET /healthz HTTP/3.0\r\nHost: x\r\n\r\n", 400, "http.version"},
      {"GET /healthz HTTP/1.1\r\n\r\n", 400, "http.framing"},
      {"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "http.framing"},
      {"BREW /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 501, "not_implemented"},
      {"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "http.target"},
      {"GET /api/../healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400, "http.target"},
      {"GET /" + std::string(8192, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414, "uri_too_long"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'a') + "\r\n\r\n", 431, "header_too_large"},
      {line + fields + "Content-Length: 1048577\r\n\r\n", 413, "too_large"},
      {line + fields + "Content-Length: 5\r\nContent-Encoding: gzip\r\n\r\nhello", 415, "unsupported_media"},
      {line + fields + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + health, 400,
       "http.framing"},
      {line + fields + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + health, 400,
       "http.framing"},
      {line + fields + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nhello" + health, 400, "http.framing"},
      {line + fields + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + health, 400, "http.framing"},
      {line + fields + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + health, 400, "http.framing"},
      {line + fields + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n" + health, 400, "http.framing"},
      {line + fields + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + health, 400, "http.framing"},
      {"GET /healthz HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n", 400, "http.framing"},
  };
  for (const Row& row : rows) {
    RawClient client(site.port());
    check_refused(client, row.bytes, row.status, row.code);
  }
  CHECK(RawClient(site.port()).ask(health).status == 200);
}

TEST_CASE("API-2: a refusal reaches a client that is still sending") {
  Site site;
  RawClient client(site.port());
  client.send("POST /api/v1/things HTTP/1.1\r\n" + fields + "Content-Length: 50000000\r\n\r\n");
  client.send(std::string(3'000'000, 'x'));
  CHECK(client.read().status == 413);
}

TEST_CASE("API-8: every answer has the same security headers, errors too") {
  Site site;
  RawClient client(site.port());
  const std::string get = "GET ";
  struct Row {
    std::string bytes;
    int status;
  };
  const Row rows[] = {
      {thing, 200},
      {post(R"({"name":"desk"})"), 201},
      {health, 200},
      {"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404},
      {"GET /api/v1/auth/login HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"GET /api/v1/things HTTP/1.1\r\nHost: a\r\n\r\n", 401},
      {post("{}"), 422},
      {post("{"), 400},
      {"POST /api/v1/things HTTP/1.1\r\n" + fields + "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415},
      {"GET /api/v1/things HTTP/1.1\r\n" + fields + "\r\n", 500},
      {"OPTIONS /api/v1/things HTTP/1.1\r\nHost: a\r\n\r\n", 204},
      {"GET /api/docs/errors HTTP/1.1\r\nHost: a\r\n\r\n", 200},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    const Received received = client.ask(row.bytes);
    CHECK(received.status == row.status);
    check_headers(received);
  }
}

TEST_CASE("API-1: HEAD is the header of GET without its body") {
  Site site;
  RawClient client(site.port());
  const Received got = client.ask(thing);
  client.send("HEAD" + thing.substr(3));
  const Received head = client.read(true);
  CHECK(head.status == 200);
  CHECK(head.header("Content-Length") == got.header("Content-Length"));
  CHECK(head.header("ETag") == "\"7\"");
  CHECK(client.ask(health).body == R"({"status":"ok"})");
}

TEST_CASE("API-8: the client ends the connection, or its thousandth request does") {
  http::ServerLimits limits;
  limits.requests_per_connection_max = 3;
  Site site(limits);
  RawClient client(site.port());
  CHECK(client.ask(health).header("Connection").empty());
  CHECK(client.ask(health).header("Connection").empty());
  CHECK(client.ask(health).has("Connection: close"));
  CHECK(client.ends());
  RawClient other(site.port());
  CHECK(other.ask("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").has("Connection: close"));
  CHECK(other.ends());
}

TEST_CASE("API-8: a slow header is answered 408 and ended; silence is just ended") {
  Site site(quick());
  RawClient slow(site.port());
  REQUIRE(slow.send("GET /healthz HTTP/1.1\r\nHost:"));
  const Received received = slow.read();
  CHECK(received.status == 408);
  check_headers(received);
  CHECK(slow.ends());

  RawClient silent(site.port());
  CHECK(silent.ends());

  RawClient idle(site.port());
  CHECK(idle.ask(health).status == 200);
  CHECK(idle.ends());
}

TEST_CASE("API-8: a body that trickles is answered 408 and ended") {
  http::ServerLimits limits = quick();
  limits.header_ms_max = 10'000;
  limits.body_bytes_per_s_min = 1'000'000;
  Site site(limits);
  RawClient client(site.port());
  REQUIRE(client.send("POST /api/v1/things HTTP/1.1\r\n" + fields +
                      "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"));
  CHECK(client.read().status == 408);
  CHECK(client.ends());
}

TEST_CASE("API-8: a handler that takes too long is answered 503, and its late answer goes nowhere") {
  auto owned = std::make_unique<SlowBackend>();
  SlowBackend& backend = *owned;
  http::Router router(std::move(owned), things::rows(), {});
  RunningServer running(router, quick());
  RawClient client(running.port());
  const Received received = client.ask(thing);
  CHECK(received.status == 503);
  CHECK(received.body.find("server.late") != std::string::npos);
  backend.answer();
  CHECK(client.ends());
  CHECK(RawClient(running.port()).ask(health).status == 200);
}

TEST_CASE("API-8: connections are limited, for one address and in all") {
  http::ServerLimits limits;
  limits.connections_per_address_max = 3;
  Site site(limits);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(site.port()));
    REQUIRE(clients.back()->ask(health).status == 200);
  }
  CHECK(RawClient(site.port()).ask(health).status == 0);
  clients.pop_back();
  bool admitted = false;  // as soon as the server has seen the end of the third
  for (int i = 0; i < 10'000 && !admitted; ++i) admitted = RawClient(site.port()).ask(health).status == 200;
  CHECK(admitted);
}

TEST_CASE("API-8: bodies on their way share one budget") {
  http::ServerLimits limits;
  limits.request_bytes_max_total = 1000;
  Site site(limits);
  RawClient client(site.port());
  const Received received = client.ask(post(R"({"name":")" + std::string(2000, 'a') + "\"}"));
  CHECK(received.status == 503);
  CHECK(received.has("Retry-After: 1"));
  for (int i = 0; i < 5; ++i)
    CHECK(RawClient(site.port()).ask(post(R"({"name":")" + std::string(800, 'a') + "\"}")).status == 201);
}

TEST_CASE("API-8: only served host names are answered") {
  http::ServerOptions options;
  options.hosts = {"clinic.test"};
  Site site({}, options);
  CHECK(RawClient(site.port()).ask(health).status == 200);
  RawClient other(site.port());
  check_refused(other, "GET /healthz HTTP/1.1\r\nHost: evil.test\r\n\r\n", 400, "http.host");
}

TEST_CASE("API-1: a stream arrives in chunks, whole, and the connection goes on") {
  Site site;
  std::string sent;
  for (int i = 0; i < 40'000; ++i) sent += std::to_string(i) + "\n";
  site.backend.on<things::Export>([&](things::Export&) {
    return Stream{.media_type = "application/x-ndjson",
                  .pull = [&sent, at = std::size_t{0}](std::span<std::byte> out) mutable -> Result<std::size_t> {
                    const std::size_t count = std::min({out.size(), sent.size() - at, std::size_t{10'000}});
                    std::copy_n(reinterpret_cast<const std::byte*>(sent.data()) + at, count, out.begin());
                    at += count;
                    return count;
                  }};
  });
  RawClient client(site.port());
  const Received received = client.ask("GET /api/v1/things/export HTTP/1.1\r\n" + fields + "\r\n");
  CHECK(received.status == 200);
  CHECK(received.header("Content-Type") == "application/x-ndjson");
  CHECK(received.body == sent);
  CHECK(client.ask(health).status == 200);
}

TEST_CASE("API-2: a stream that fails at once is a problem; one that fails later breaks off") {
  Site site;
  std::atomic<int> pieces{0};
  site.backend.on<things::Export>([&](things::Export&) {
    return Stream{.media_type = "text/plain", .pull = [&](std::span<std::byte> out) -> Result<std::size_t> {
                    if (pieces-- == 0) return Error{.code = codes::store_unavailable};
                    out[0] = std::byte{'x'};
                    return std::size_t{1};
                  }};
  });
  const std::string request = "GET /api/v1/things/export HTTP/1.1\r\n" + fields + "\r\n";
  {
    RawClient client(site.port());
    const Received received = client.ask(request);
    CHECK(received.status == 503);
    check_headers(received);
    CHECK(received.body.find(received.header("X-Request-Id")) != std::string::npos);
    CHECK(client.ask(health).status == 200);
  }
  pieces = 2;
  RawClient client(site.port());
  CHECK(client.ask(request).body == "xx(broken off)");
  CHECK(client.ends());
}

TEST_CASE("API-1: a server that stops ends what is idle at once and what is in flight in order") {
  auto owned = std::make_unique<SlowBackend>();
  SlowBackend& backend = *owned;
  http::Router router(std::move(owned), things::rows(), {});
  RunningServer running(router);
  const std::uint16_t port = running.port();
  RawClient idle(port);
  REQUIRE(idle.ask(health).status == 200);
  RawClient busy(port);
  REQUIRE(busy.send(thing));
  backend.wait_for(1);
  running.server().stop();
  CHECK(idle.ends());
  backend.answer();
  const Received received = busy.read();
  CHECK(received.status == 200);
  CHECK(received.has("Connection: close"));
  busy.close();
  running.stop();
  CHECK_FALSE(RawClient(port).connected());
}

TEST_CASE("API-1: a server that stops does not wait for ever") {
  http::ServerLimits limits;
  limits.stop_ms_max = 50;
  limits.tick_ms = 10;
  auto owned = std::make_unique<SlowBackend>();
  SlowBackend& backend = *owned;
  http::Router router(std::move(owned), things::rows(), {});
  {
    RunningServer running(router, limits);
    RawClient busy(running.port());
    REQUIRE(busy.send(thing));
    backend.wait_for(1);
    running.stop();
    CHECK(busy.ends());
  }
  backend.answer();  // after the server is gone
}

TEST_CASE("API-1: several threads serve many connections") {
  http::ServerOptions options;
  options.threads = 3;
  Site site({}, options);
  std::vector<std::future<int>> clients;
  for (int c = 0; c < 12; ++c)
    clients.push_back(std::async(std::launch::async, [&] {
      RawClient client(site.port());
      int good = 0;
      for (int i = 0; i < 100; ++i)
        good += client.ask(i % 2 == 0 ? health : "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n").status ==
                (i % 2 == 0 ? 200 : 404);
      return good;
    }));
  for (auto& client : clients) CHECK(client.get() == 100);
}

TEST_CASE("API-1: an address that cannot be had is said, not served") {
  Site site;
  http::ServerOptions options;
  options.port = site.port();
  CHECK_THROWS_AS(http::Server(options, site.router), std::runtime_error);
  options.address = "not an address";
  CHECK_THROWS_AS(http::Server(options, site.router), std::runtime_error);
}
