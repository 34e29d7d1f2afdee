// ClamAV's daemon as a small fake speaks it.
#include "adapters/cli/clamd.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>
#include <thread>

#include "adapters/config/settings.hpp"
#include "tests/adapters/cli/scanned.hpp"

using namespace medflow;

namespace {

/// Takes one stream, and answers what it is told to.
class FakeClamd {
 public:
  explicit FakeClamd(std::string answer, std::size_t limit = SIZE_MAX)
      : answer_(std::move(answer)), limit_(limit), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(::bind(listener_, reinterpret_cast<const sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(listener_, 1) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeClamd() {
    join();
    ::close(listener_);
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  std::uint16_t port = 0;
  std::string command{};
  std::string content{};
  bool ended = false;

 private:
  bool take(int fd, std::size_t count, std::string& into) const {
    std::string some(count, '\0');
    std::size_t at = 0;
    while (at < count) {
      const ssize_t got = ::recv(fd, some.data() + at, count - at, 0);
      if (got <= 0) return false;
      at += static_cast<std::size_t>(got);
    }
    into += some;
    return true;
  }

  void serve() {
    const int fd = ::accept(listener_, nullptr, nullptr);
    if (fd < 0) return;
    if (take(fd, 10, command)) {
      while (content.size() <= limit_) {
        std::string head;
        if (!take(fd, 4, head)) break;
        std::uint32_t length = 0;
        std::memcpy(&length, head.data(), 4);
        length = ntohl(length);
        ended = length == 0;
        if (ended || !take(fd, length, content)) break;
      }
      ::send(fd, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    }
    ::close(fd);
  }

  std::string answer_;
  std::size_t limit_;
  int listener_;
  std::thread thread_{};
};

ScanVerdict scan(std::uint16_t port, const std::string& bytes) {
  return testing::scanned(*cli::scanner_at("127.0.0.1:" + std::to_string(port), 5), bytes);
}

}  // namespace

TEST_CASE("DOC-4: a file goes to clamd whole, and its word is understood") {
  const std::string bytes(200'000, 'x');
  for (const auto& [answer, verdict] : {std::pair<std::string, ScanVerdict>{"stream: OK", ScanVerdict::clean},
                                        {"stream: Win.Test.EICAR_HDB-1 FOUND", ScanVerdict::infected},
                                        {"stream: Can't allocate memory ERROR", ScanVerdict::failed}}) {
    const std::string& said = answer;
    CAPTURE(said);
    FakeClamd clamd(said + '\0');
    CHECK(scan(clamd.port, bytes) == verdict);
    clamd.join();
    CHECK(clamd.command == std::string("zINSTREAM\0", 10));
    CHECK(clamd.content == bytes);
    CHECK(clamd.ended);
  }
}

TEST_CASE(
    "DOC-4: a file that is too large for clamd could not be read; a scanner that is not there, or talks nonsense, says "
    "nothing") {
  {
    FakeClamd clamd(std::string("INSTREAM size limit exceeded. ERROR") + '\0', 100'000);
    CHECK(scan(clamd.port, std::string(100'001, 'x')) == ScanVerdict::failed);
  }
  for (const char* nonsense : {"", "UNKNOWN COMMAND", "stream:", "OK", "HTTP/1.1 200 OK"}) {
    CAPTURE(nonsense);
    FakeClamd clamd(std::string(nonsense) + '\0');
    CHECK_THROWS(scan(clamd.port, "x"));
  }
  std::uint16_t closed = 0;
  {
    FakeClamd clamd("stream: OK");
    closed = clamd.port;
    CHECK(scan(closed, "x") == ScanVerdict::clean);
  }
  CHECK_THROWS(scan(closed, "x"));
}

TEST_CASE("DOC-4, R16: where clamd listens is a host and a port") {
  CHECK(cli::scanner_at("") == nullptr);
  for (const char* good : {"localhost", "localhost:3310", "[::1]:3310", "10.0.0.1"})
    CHECK(cli::scanner_at(good) != nullptr);
  for (const char* bad : {":3310", "localhost:", "localhost:x", "localhost:123456"})
    CHECK_THROWS_AS(cli::scanner_at(bad), config::Refused);
}
