// A flood of connections against the server: N of them, so many a second. A third is closed at once, a third breaks off in the middle of
// a header, a third asks and reads the answer.
//   campaign_connects --size N [--rate PER_SECOND]
// The clients are a process of their own, so that what is measured is the server's memory. Prints the rate that was reached, what became
// of the requests, and the memory. Fails where the server's memory grows by more than 64 MiB, a request gets something else than its
// answer or a refusal, or the server does not answer afterwards. The rate is printed, not judged.
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/adapters/http/fake.hpp"
#include "tests/adapters/http/raw_client.hpp"
#include "tests/campaigns/process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace medflow::campaign {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t client_threads = 16;
constexpr std::uint32_t client_addresses = 16;
constexpr double growth_mib_max = 64;
constexpr std::string_view request = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// What became of the connections of one thread, or of all.
struct Tally {
  std::uint64_t failed = 0;    ///< not even connected
  std::uint64_t answered = 0;  ///< asked and answered with 200
  std::uint64_t refused = 0;   ///< asked, and told 503 or that the connection ends
  std::uint64_t wrong = 0;     ///< asked, and answered with anything else

  void add(const Tally& other) {
    failed += other.failed;
    answered += other.answered;
    refused += other.refused;
    wrong += other.wrong;
  }
};

/// A connection from one of several addresses of this machine, so that neither ports nor the limit of one address run out.
class Connection {
 public:
  Connection(std::uint16_t port, std::uint64_t number) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 256 + static_cast<std::uint32_t>(number % client_addresses));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
                 ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool connected() const { return connected_; }
  void send(std::string_view bytes) const { static_cast<void>(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL)); }
  /// Goes without a word: the other side is told by a reset.
  void reset() const {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  std::string read() const {
    std::string all;
    char bytes[4096];
    for (ssize_t count = 0; (count = ::recv(fd_, bytes, sizeof bytes, 0)) > 0;)
      all.append(bytes, static_cast<std::size_t>(count));
    return all;
  }

 private:
  int fd_;
  bool connected_ = false;
};

void one(std::uint16_t port, std::uint64_t number, Tally& tally) {
  const Connection connection(port, number);
  if (!connection.connected()) return void(++tally.failed);
  switch (number % 3) {
    case 0:
      return;
    case 1:
      connection.send(request.substr(0, request.size() / 2));
      return connection.reset();
    default:
      break;
  }
  connection.send(request);
  const std::string answer = connection.read();
  if (answer.starts_with("HTTP/1.1 200 ")) return void(++tally.answered);
  ++(answer.empty() || answer.starts_with("HTTP/1.1 503 ") ? tally.refused : tally.wrong);
}

/// The process of the clients: prints its tally and the seconds that it took.
int flood(std::uint16_t port, std::uint64_t size, double rate) {
  std::atomic<std::uint64_t> next{0};
  std::vector<Tally> tallies(client_threads);
  std::vector<std::thread> threads;
  const auto start = Clock::now();
  for (Tally& tally : tallies)
    threads.emplace_back([&] {
      for (std::uint64_t i = next++; i < size; i = next++) {
        const std::chrono::duration<double> due(static_cast<double>(i) / rate);
        std::this_thread::sleep_until(start + std::chrono::duration_cast<Clock::duration>(due));
        one(port, i, tally);
      }
    });
  for (auto& thread : threads) thread.join();
  Tally all;
  for (const Tally& tally : tallies) all.add(tally);
  std::printf("%llu %llu %llu %llu %.3f\n", static_cast<unsigned long long>(all.failed),
              static_cast<unsigned long long>(all.answered), static_cast<unsigned long long>(all.refused),
              static_cast<unsigned long long>(all.wrong), seconds_since(start));
  return 0;
}

int run(std::uint64_t size, std::uint64_t rate) {
  const testing::TemporaryFolder folder;
  http::Router router(std::make_unique<things::FakeBackend>(), things::rows(), {});
  things::RunningServer running(router);
  if (things::RawClient(running.port()).ask(request).status != 200) throw std::runtime_error("no answer to begin with");

  const double before = resident_mib();
  double most = before;
  Child clients({own_program(), "--flood", std::to_string(running.port()), "--size", std::to_string(size), "--rate",
                 std::to_string(rate)},
                folder / "tally");
  while (!clients.ended()) {
    ::poll(nullptr, 0, 50);
    most = std::max(most, resident_mib());
  }
  if (clients.wait() != 0) throw std::runtime_error("the clients did not come to their end");
  Tally tally;
  double seconds = 0;
  std::istringstream(text_of_file(folder / "tally")) >> tally.failed >> tally.answered >> tally.refused >>
      tally.wrong >> seconds;
  const bool answers = things::RawClient(running.port()).ask(request).status == 200;

  std::printf("%llu connections in %.1f s: %.0f a second (asked for: %llu)\n", static_cast<unsigned long long>(size),
              seconds, static_cast<double>(size) / seconds, static_cast<unsigned long long>(rate));
  std::printf("not connected %llu; of the requests %llu answered, %llu refused, %llu wrong\n",
              static_cast<unsigned long long>(tally.failed), static_cast<unsigned long long>(tally.answered),
              static_cast<unsigned long long>(tally.refused), static_cast<unsigned long long>(tally.wrong));
  std::printf("the server's memory: %.1f MiB before, %.1f at most (+%.1f), %.1f after\n", before, most, most - before,
              resident_mib());
  const bool good = seconds > 0 && answers && tally.wrong == 0 && tally.answered > 0 && most - before <= growth_mib_max;
  std::printf(good ? "it stood, and answers\n" : "FAILED\n");
  return good ? 0 : 1;
}

}  // namespace
}  // namespace medflow::campaign

int main(int count, char** words) {
  return medflow::campaign::campaign_main("campaign_connects", count, words, [](const auto& arguments) {
    const std::uint64_t size = arguments.number("size", 5000);
    const std::uint64_t rate = arguments.number("rate", 5000);
    const auto port = static_cast<std::uint16_t>(arguments.number("flood", 0));
    if (port != 0) return medflow::campaign::flood(port, size, static_cast<double>(rate));
    return medflow::campaign::run(size, rate);
  });
}
