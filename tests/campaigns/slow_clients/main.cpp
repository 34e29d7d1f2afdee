// Slow clients against the server: N sockets whose header never ends and N whose body trickles, while a few honest clients go on asking.
//   campaign_slow_clients --size N
// Prints the honest clients' latency without and with them, how long it took until every slow socket was shed, and the server's memory. Fails
// where one is not shed, or an honest request is not answered. Times are printed, not judged.
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/adapters/http/fake.hpp"
#include "tests/adapters/http/raw_client.hpp"
#include "tests/campaigns/process.hpp"

namespace medflow::campaign {
namespace {

using Clock = std::chrono::steady_clock;
using things::RawClient;

constexpr int honest_clients = 8;
constexpr int shed_seconds_max = 90;
constexpr std::size_t moments = 20;
const std::string health = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Asks at an even pace until it is told to stop.
class Honest {
 public:
  explicit Honest(std::uint16_t port) {
    for (int i = 0; i < honest_clients; ++i)
      threads_.emplace_back([this, port, i] { run(port, static_cast<std::size_t>(i)); });
  }
  /// Ends, and gives all latencies in milliseconds, sorted.
  std::vector<double> end() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
    std::vector<double> all;
    for (const auto& some : times_) all.insert(all.end(), some.begin(), some.end());
    std::sort(all.begin(), all.end());
    return all;
  }
  int failures() const { return failures_; }

 private:
  void run(std::uint16_t port, std::size_t index) {
    auto client = std::make_unique<RawClient>(port);
    for (int asked = 0; !stop_; ++asked) {
      const auto start = Clock::now();
      if (client->ask(health).status != 200) ++failures_;
      times_[index].push_back(ms_since(start));
      if (asked % 500 == 499) client = std::make_unique<RawClient>(port);  // before the server ends the connection
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  std::atomic<bool> stop_{false};
  std::atomic<int> failures_{0};
  std::vector<double> times_[honest_clients];
  std::vector<std::thread> threads_{};
};

double share(const std::vector<double>& sorted, double part) {
  return sorted.empty()
             ? 0
             : sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
}

/// Sockets that send a byte a second each, until the server has let go of all. Gives the seconds until then, -1 where it has not.
double trickle(std::vector<std::unique_ptr<RawClient>>& sockets) {
  const auto start = Clock::now();
  for (const auto& socket : sockets) ::fcntl(socket->descriptor(), F_SETFL, O_NONBLOCK);
  while (ms_since(start) < shed_seconds_max * 1000.0) {
    std::size_t open = 0;
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      // Each has its own moment of the second: clients that know nothing of each other do not send all at once.
      if (i % (sockets.size() / moments + 1) == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(1000 / moments));
      auto& socket = sockets[i];
      if (!socket->connected()) continue;
      char bytes[4096];
      const ssize_t count = ::recv(socket->descriptor(), bytes, sizeof bytes, 0);
      const bool ended = count == 0 || (count < 0 && errno != EAGAIN);
      ended || !socket->send("x") ? socket->close() : void(++open);
    }
    if (open == 0) return ms_since(start) / 1000;
  }
  return -1;
}

int run(std::size_t size) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);

  http::Router router(std::make_unique<things::FakeBackend>(), things::rows(), {});
  http::ServerLimits limits;
  limits.connections_max = 2 * size + 100;  // so that the slow ones are all let in: what sheds them is time
  limits.connections_per_address_max = limits.connections_max;
  things::RunningServer running(router, limits);

  Honest before(running.port());
  std::this_thread::sleep_for(std::chrono::seconds(3));
  const auto alone = before.end();
  const double memory_before = resident_mib();

  Honest beside(running.port());
  const double cpu_before = cpu_seconds();
  const auto start = Clock::now();
  std::vector<std::unique_ptr<RawClient>> sockets;
  for (std::size_t i = 0; i < size; ++i) {
    sockets.push_back(std::make_unique<RawClient>(running.port()));
    sockets.back()->send("GET /healthz HTTP/1.1\r\nHost: a\r\nX: ");
    sockets.push_back(std::make_unique<RawClient>(running.port()));
    sockets.back()->send(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
        "100000\r\n\r\n{");
  }
  const auto opened = std::count_if(sockets.begin(), sockets.end(), [](const auto& one) { return one->connected(); });
  const double memory = resident_mib();
  const double shed_s = trickle(sockets);
  const double seconds = ms_since(start) / 1000;
  const double cpu = cpu_seconds() - cpu_before;
  const auto with = beside.end();

  std::printf("slow sockets %lld of %zu let in, all shed after %.1f s\n", static_cast<long long>(opened), 2 * size,
              shed_s);
  std::printf("honest requests, p50 / p99 ms: alone %.2f / %.2f, beside them %.2f / %.2f (p99 %.2fx)\n",
              share(alone, 0.5), share(alone, 0.99), share(with, 0.5), share(with, 0.99),
              share(with, 0.99) / std::max(share(alone, 0.99), 1e-9));
  std::printf(
      "this process, server and clients: resident %.1f MiB before, %.1f with all open; CPU %.1f %% of a core over %.0f "
      "s\n",
      memory_before, memory, 100 * cpu / seconds, seconds);
  std::printf("honest requests %zu and %zu, not answered %d\n", alone.size(), with.size(),
              before.failures() + beside.failures());
  const bool good = shed_s >= 0 && opened == static_cast<long>(2 * size) &&
                    before.failures() + beside.failures() == 0 && !with.empty();
  std::printf(good ? "all were shed, and everybody else was answered\n" : "FAILED\n");
  return good ? 0 : 1;
}

}  // namespace
}  // namespace medflow::campaign

int main(int count, char** words) {
  return medflow::campaign::campaign_main("campaign_slow_clients", count, words, [](const auto& arguments) {
    return medflow::campaign::run(static_cast<std::size_t>(arguments.number("size", 20)));
  });
}
