#include "adapters/http/serving_threads.hpp"

#include <doctest/doctest.h>
#include <sched.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "medflow/patients.hpp"
#include "storage/committer.hpp"
#include "tests/adapters/http/fake.hpp"
#include "tests/adapters/http/raw_client.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using things::RawClient;
using things::RunningServer;

namespace {

std::thread::id thread_of(http::ServingThreads& threads) {
  std::promise<std::thread::id> ran;
  threads.post([&] { ran.set_value(std::this_thread::get_id()); });
  return ran.get_future().get();
}

int processors() {
  cpu_set_t set;
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

/// Waits until the server's threads run.
void meet(std::uint16_t port) {
  RawClient client(port);
  REQUIRE(client.ask("GET /healthz HTTP/1.1\r\nHost: clinic.test\r\n\r\n").status == 200);
}

std::string register_request(const std::string& token, int number) {
  const std::string body = R"({"names":[{"family":"Person","given":["Number )" + std::to_string(number) +
                           R"("]}],"sex_admin":"unknown","birth":{"date":"1980-01-01"},"force":true})";
  return "POST /api/v1/patients HTTP/1.1\r\nHost: clinic.test\r\nAuthorization: Bearer " + token +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE(
    "API-8: short work runs on the threads that serve, what it posts on the next one, and elsewhere where none serve") {
  const auto threads = std::make_shared<http::ServingThreads>();
  const std::thread::id before = thread_of(*threads);
  CHECK(before != std::this_thread::get_id());

  http::Router router(std::make_unique<things::FakeBackend>(), things::rows(), {});
  http::ServerOptions options;
  options.threads = 2;
  options.commits = threads;
  RunningServer running(router, {}, std::move(options));
  meet(running.port());
  std::promise<std::array<std::thread::id, 2>> both;
  threads->post([&] {
    threads->post([&, first = std::this_thread::get_id()] { both.set_value({first, std::this_thread::get_id()}); });
  });
  const auto served = both.get_future().get();
  CHECK(served[0] != served[1]);
  for (const auto& thread : served) CHECK((thread != before && thread != std::this_thread::get_id()));

  running.stop();
  const std::thread::id after = thread_of(*threads);
  for (const auto& thread : served) CHECK(thread != after);
}

TEST_CASE("API-8: a server of one thread reads on while others commit") {
  const auto threads = std::make_shared<http::ServingThreads>();
  http::Router router(std::make_unique<things::FakeBackend>(), things::rows(), {});
  http::ServerOptions options;
  options.commits = threads;
  RunningServer running(router, {}, std::move(options));
  meet(running.port());
  std::promise<void> on_the_disk;
  std::promise<void> ended;
  threads->post([&] {
    on_the_disk.get_future().wait();
    ended.set_value();
  });
  meet(running.port());
  on_the_disk.set_value();
  ended.get_future().wait();
}

TEST_CASE("API-1: nothing that was posted is lost when the server stops") {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> ran = 0;
    {
      const auto threads = std::make_shared<http::ServingThreads>();
      http::Router router(std::make_unique<things::FakeBackend>(), things::rows(), {});
      http::ServerOptions options;
      options.threads = 2;
      options.commits = threads;
      RunningServer running(router, {}, std::move(options));
      std::vector<std::thread> posting;
      for (int t = 0; t < 3; ++t)
        posting.emplace_back([&] {
          for (int i = 0; i < 200; ++i) threads->post([&] { threads->post([&] { ++ran; }); });
        });
      if (round % 2 == 0) meet(running.port());
      running.stop();
      for (auto& thread : posting) thread.join();
    }
    CHECK(ran == 600);
  }
}

TEST_CASE("API-1: each serving thread keeps to a processor where there is one for each, and what it starts does not") {
  const int all = processors();
  for (const bool keeps : {false, true}) {
    const auto threads = std::make_shared<http::ServingThreads>();
    http::Router router(std::make_unique<things::FakeBackend>(), things::rows(), {});
    http::ServerOptions options;
    options.threads = static_cast<std::uint32_t>(all);
    options.keeps_processors = keeps;
    options.commits = threads;
    RunningServer running(router, {}, std::move(options));
    meet(running.port());
    std::promise<int> seen;
    threads->post([&] { seen.set_value(processors()); });
    CHECK(seen.get_future().get() == (keeps ? 1 : all));
  }
}

TEST_CASE("API-1: threads that serve commit too, beside callers who wait, and go on when the server has stopped") {
  for (const std::string_view name : {"memory", "sqlite", "sqlcipher"}) {
    CAPTURE(name);
    const auto threads = std::make_shared<http::ServingThreads>();
    const testing::TestEngine engine(name);
    const auto clock = std::make_shared<testing::FakeClock>();
    PlatformOptions platform = testing::test_options(engine, clock);
    platform.commits = threads;
    testing::Hospital hospital(std::move(platform), clock);
    const std::string token = hospital.member(Role::receptionist).tokens.access_token;
    const Session desk = hospital.as(Role::receptionist);
    http::Router router(http::platform_backend(hospital.platform), operations(), {});
    http::ServerOptions options;
    options.threads = static_cast<std::uint32_t>(std::max(2, processors()));
    options.keeps_processors = true;
    options.commits = threads;
    RunningServer running(router, {}, std::move(options));
    std::vector<std::future<int>> clients;
    for (int c = 0; c < 4; ++c)
      clients.push_back(std::async(std::launch::async, [&, c] {
        RawClient client(running.port());
        int made = 0;
        for (int i = 0; i < 50; ++i) made += client.ask(register_request(token, c * 50 + i)).status == 201 ? 1 : 0;
        return made;
      }));
    for (int i = 0; i < 50; ++i)
      testing::must(desk.call(patients::Register{.names = {{.family = "Waiting"}}, .force = true}));
    for (auto& client : clients) CHECK(client.get() == 50);
    running.stop();
    std::promise<bool> after;
    desk.submit(patients::Register{.names = {{.family = "After"}}, .force = true},
                [&](Result<patients::Patient> made) { after.set_value(made.ok()); });
    CHECK(after.get_future().get());
    CHECK(testing::must(desk.call(patients::List{.name = "person", .limit = 100})).data.size() == 100);
    CHECK(testing::must(desk.call(patients::List{.name = "waiting", .limit = 100})).data.size() == 50);
  }
}

TEST_CASE("API-1: who waits for calls on the host's executor does not wait for themselves where the host commits") {
  for (const std::string_view name : {"sqlite", "sqlcipher"}) {
    CAPTURE(name);
    const auto executor = std::make_shared<storage::CommitPool>(1);
    const testing::TestEngine engine(name);
    const auto clock = std::make_shared<testing::FakeClock>();
    PlatformOptions platform = testing::test_options(engine, clock);
    platform.executor = executor;
    platform.commits = std::make_shared<storage::CommitPool>(1);
    std::promise<int> waited;
    std::counting_semaphore<> answered{0};
    std::atomic<int> refused = 0;
    testing::Hospital hospital(std::move(platform), clock);
    const Session desk = hospital.as(Role::receptionist);
    const auto patient = testing::must(desk.call(patients::Register{.names = {{.family = "Read"}}}));
    executor->post([&] {
      int read = 0;
      for (int i = 0; i < 100; ++i) read += desk.call(patients::Get{.id = patient.id}).ok() ? 1 : 0;
      waited.set_value(read);
    });
    auto all_waited = waited.get_future();
    // All the while, and not too many at once, so that who waits comes into batches that somebody else leads.
    int submitted = 0;
    for (; submitted < 20'000 && all_waited.wait_for(std::chrono::microseconds{50}) != std::future_status::ready;
         ++submitted)
      desk.submit(patients::Get{.id = patient.id}, [&](const Result<patients::Patient>& read) {
        refused += read.ok() ? 0 : 1;
        answered.release();
      });
    CHECK(all_waited.get() == 100);
    for (int i = 0; i < submitted; ++i) answered.acquire();
    CHECK(refused == 0);
  }
}
