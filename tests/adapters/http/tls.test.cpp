#include "adapters/http/tls.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/wire.hpp"
#include "tests/adapters/http/fake.hpp"
#include "tests/adapters/http/tls_client.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace medflow;
using things::RawClient;
using things::Received;
using things::TlsClient;

namespace {

const std::string health = "GET /healthz HTTP/1.1\r\nHost: clinic.test\r\n\r\n";
const std::string fields = "Host: clinic.test\r\nAuthorization: Bearer good\r\n";

/// A server whose certificate says "first", with a clock for its waits that only the test moves.
struct Site {
  explicit Site(http::ServerOptions options = {}) {
    things::write_pair(certificate, key, "first");
    auto owned = std::make_unique<things::FakeBackend>();
    owned->on<things::Make>(
        [](things::Make& make) { return things::Thing{.id = things::some_id(), .name = make.name}; });
    router = std::make_unique<http::Router>(std::move(owned), things::rows(), http::RouterOptions{});
    options.tls = http::TlsFiles{.certificate = certificate, .key = key};
    options.steady = [this] { return std::chrono::steady_clock::time_point(std::chrono::seconds(1000 + seconds)); };
    options.notice = [this](std::string_view what) {
      const std::lock_guard lock(mutex);
      notices.emplace_back(what);
      ++noticed;
      noticed.notify_all();
    };
    http::ServerLimits limits;
    limits.tick_ms = 5;
    running = std::make_unique<things::RunningServer>(*router, limits, std::move(options));
  }
  std::uint16_t port() const { return running->port(); }
  /// The last thing that the operator was told, as soon as there are `count` of them.
  std::string notice(int count) {
    for (int seen = noticed; seen < count; seen = noticed) noticed.wait(seen);
    const std::lock_guard lock(mutex);
    return notices.at(static_cast<std::size_t>(count) - 1);
  }

  testing::TemporaryFolder folder{};
  std::string certificate = folder / "certificate.pem";
  std::string key = folder / "key.pem";
  std::atomic<int> seconds{0};
  std::mutex mutex{};
  std::vector<std::string> notices{};
  std::atomic<int> noticed{0};
  std::unique_ptr<http::Router> router{};
  std::unique_ptr<things::RunningServer> running{};
};

std::string post(std::string_view body) {
  return "POST /api/v1/things HTTP/1.1\r\n" + fields +
         "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

}  // namespace

TEST_CASE("API-8: over TLS every answer has HSTS besides the other security headers") {
  Site site;
  TlsClient client(site.port());
  REQUIRE(client.connected());
  CHECK(client.version() == "TLSv1.3");
  CHECK(client.met() == "first");
  for (const std::string& request : {health, std::string("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"), post("{}")}) {
    const Received received = client.ask(request);
    CHECK(received.status != 0);
    CHECK(received.head.find(http::security_headers(true)) != std::string::npos);
  }
}

TEST_CASE("API-8: requests over TLS come whole, in pieces, pipelined and large; each is answered in order") {
  Site site;
  TlsClient client(site.port());
  for (const char c : health) REQUIRE(client.send({&c, 1}));
  CHECK(client.read().body == R"({"status":"ok"})");

  std::string many;
  for (int i = 0; i < 50; ++i) many += post("{\"name\":\"" + std::to_string(i) + "\"}") + health;
  REQUIRE(client.send(many));
  for (int i = 0; i < 50; ++i) {
    REQUIRE(client.read().body.find("\"name\":\"" + std::to_string(i) + "\"") != std::string::npos);
    REQUIRE(client.read().body == R"({"status":"ok"})");
  }

  const std::string name(300'000, 'x');
  const Received large = client.ask(post("{\"name\":\"" + name + "\"}"));
  CHECK(large.status == 201);
  CHECK(large.body.find(name) != std::string::npos);
}

TEST_CASE("API-8: a connection that is closed says good-bye first, so that nothing can be cut off unseen") {
  Site site;
  TlsClient client(site.port());
  CHECK(client.ask("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").has("Connection: close"));
  CHECK(client.ends());
  TlsClient refused(site.port());
  CHECK(refused.ask("nonsense\r\n\r\n").status == 400);
  CHECK(refused.ends());
}

TEST_CASE("API-8: TLS 1.2 is spoken with forward secrecy, anything older is not") {
  Site site;
  TlsClient client(site.port(), {.version_max = TLS1_2_VERSION});
  CHECK(client.connected());
  CHECK(client.version() == "TLSv1.2");
  CHECK(client.ask(health).status == 200);
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION})
    CHECK_FALSE(TlsClient(site.port(), {.version_max = version, .ciphers = "ALL:@SECLEVEL=0"}).connected());
  for (const char* weak :
       {"AES128-SHA:@SECLEVEL=0", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", "AES256-GCM-SHA384", "NULL-SHA:@SECLEVEL=0"}) {
    CAPTURE(weak);
    CHECK_FALSE(TlsClient(site.port(), {.version_max = TLS1_2_VERSION, .ciphers = weak}).connected());
  }
}

TEST_CASE("API-8: ALPN chooses http/1.1 and refuses whoever speaks something else only") {
  Site site;
  using namespace std::string_literals;
  TlsClient client(site.port(), {.protocols = "\x02h2\x08http/1.1"s});
  CHECK(client.protocol() == "http/1.1");
  CHECK(client.ask(health).status == 200);
  CHECK_FALSE(TlsClient(site.port(), {.protocols = "\x02h2"s}).connected());
}

TEST_CASE("API-8: no session is resumed and nothing is renegotiated") {
  Site site;
  TlsClient client(site.port(), {.version_max = TLS1_2_VERSION});
  REQUIRE(client.ask(health).status == 200);
  SSL_SESSION* session = SSL_get1_session(client.ssl());
  CHECK(SSL_SESSION_is_resumable(session) == 0);
  SSL_SESSION_free(session);
  client.socket().wait_at_most(1);
  SSL_renegotiate(client.ssl());
  CHECK(SSL_do_handshake(client.ssl()) != 1);  // it is not answered
  client.socket().wait_at_most(20);
  site.seconds += 16;
  CHECK(client.socket().is_left());  // as anybody who asks for nothing
  CHECK(TlsClient(site.port()).ask(health).status == 200);
}

TEST_CASE("API-8: who speaks no TLS to a TLS port, or something broken, is shown the door") {
  Site site;
  for (const std::string& bytes : {health, std::string(5000, '\0')}) {
    RawClient plain(site.port());
    CHECK(plain.ask(bytes).status == 0);
    CHECK(plain.is_left());
  }
  RawClient torn(site.port());
  REQUIRE(torn.send(std::string("\x16\x03\x01\x40\x00", 5) + std::string(100, '\xff')));  // the rest does not come
  TlsClient broken(site.port());
  REQUIRE(broken.ask(health).status == 200);
  broken.socket().send(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'));  // a record that nobody sealed
  CHECK(broken.read().status == 0);
  site.seconds += 6;
  CHECK(torn.read().status == 0);
  CHECK(torn.is_left());
  CHECK(TlsClient(site.port()).ask(health).status == 200);
}

TEST_CASE("API-8: a handshake has five seconds; so has the header that follows, from its own beginning") {
  Site site;
  RawClient silent(site.port());
  REQUIRE(silent.send(std::string("\x16\x03\x01", 3)));
  TlsClient idle(site.port());
  REQUIRE(idle.connected());
  REQUIRE(idle.send("GET /healthz HTTP/1.1\r\n"));
  TlsClient busy(site.port());
  REQUIRE(busy.ask(health).status == 200);
  site.seconds += 6;
  CHECK(silent.read().status == 0);
  CHECK(idle.read().status == 408);
  CHECK(busy.ask(health).status == 200);
}

TEST_CASE("API-8: a new certificate is shown to new connections; those that are open go on") {
  Site site;
  TlsClient before(site.port());
  REQUIRE(before.ask(health).status == 200);
  things::write_pair(site.certificate, site.key, "second");
  site.running->server().reload();
  CHECK(site.notice(1) == "certificate renewed");
  CHECK(TlsClient(site.port()).met() == "second");
  CHECK(before.ask(health).status == 200);
  CHECK(before.met() == "first");
}

TEST_CASE("API-8: changed files are found without being told") {
  Site site;
  things::write_pair(site.certificate, site.key, "second");
  for (int i = 0; i < 10'000 && site.noticed == 0; ++i) {
    site.seconds += 3;
    TlsClient(site.port()).ask(health);  // time passes
  }
  CHECK(site.notice(1) == "certificate renewed");
  CHECK(TlsClient(site.port()).met() == "second");
}

TEST_CASE("API-8: a pair that cannot be used is said once, and the old one stays") {
  Site site;
  const things::Key other = things::new_key();
  const auto spoil = [&](int number) {
    switch (number) {
      case 0:
        return things::write_key(site.key, other.get());  // of another certificate
      case 1:
        return things::write_key(site.key, other.get(), "passphrase");
      case 2:
        return void(std::ofstream(site.certificate)
                    << "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
      default:
        return void(std::remove(site.key.c_str()));
    }
  };
  for (int i = 0; i < 4; ++i) {
    CAPTURE(i);
    spoil(i);
    site.running->server().reload();
    CHECK(site.notice(i + 1) == "new certificate cannot be used");
    TlsClient client(site.port());
    CHECK(client.met() == "first");
    CHECK(client.ask(health).status == 200);
  }
}

TEST_CASE("API-8: a server does not start with a certificate that cannot be used, and names the file") {
  const testing::TemporaryFolder folder;
  const http::TlsFiles files{.certificate = folder / "c.pem", .key = folder / "k.pem"};
  const auto complaint = [&] {
    try {
      const http::Certificates certificates(files);
      return std::string();
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
  };
  CHECK(complaint().find(files.certificate) != std::string::npos);
  things::write_pair(files.certificate, files.key, "one");
  CHECK(complaint().empty());
  const things::Key other = things::new_key();
  things::write_key(files.key, other.get());
  CHECK(complaint().find(files.key) != std::string::npos);
  things::write_key(files.key, other.get(), "secret words");
  CHECK(complaint().find(files.key) != std::string::npos);
}

TEST_CASE("API-8: files that change while they are looked at are read once they lie still") {
  const testing::TemporaryFolder folder;
  const http::TlsFiles files{.certificate = folder / "c.pem", .key = folder / "k.pem"};
  things::write_pair(files.certificate, files.key, "one");
  http::Certificates certificates(files);
  using Change = http::Certificates::Change;
  CHECK(certificates.look() == Change::none);
  const things::Key key = things::new_key();
  things::write_certificate(files.certificate, things::self_signed(key.get(), "two").get());
  CHECK(certificates.look() == Change::none);
  things::write_key(files.key, key.get());
  CHECK(certificates.look() == Change::none);
  CHECK(certificates.look() == Change::taken);
  CHECK(certificates.look() == Change::none);
}
