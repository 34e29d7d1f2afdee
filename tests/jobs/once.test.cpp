// OPS-3: exactly one runner, among threads, processes and those that die; and tenants that nobody opens are served too.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/jobs/house.hpp"
#include "tests/support/messages.hpp"
#include "tests/support/shared_memory.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr int job_count = 12;
constexpr int steps_each = 9;

/// Many threads do what a tick does for a tenant, at once, while time goes so fast that some lose their leases.
void race(const std::vector<const Builder*>& processes, std::size_t threads_each,
          const std::shared_ptr<FakeClock>& clock) {
  const TenantId id = processes[0]->add("north");
  std::map<std::string, int> expected;
  std::vector<JobId> ids;
  for (int i = 0; i < job_count; ++i) {
    const Uuid whose{{1, static_cast<std::uint8_t>(i)}};
    ids.push_back(processes[0]->start(id, steps_each, {whose}).id);
    expected.merge(once_each(whose.text(), steps_each));
  }
  for (const Builder* process : processes) REQUIRE(process->store(id));
  const auto all_done = [&] {
    return std::all_of(ids.begin(), ids.end(), [&](const JobId& job) { return processes[0]->job(id, job)->ended_at; });
  };
  std::vector<std::thread> threads;
  std::atomic<int> troubles{0};
  for (std::size_t i = 0; i < processes.size() * threads_each; ++i)
    threads.emplace_back([&, process = processes[i % processes.size()]] {
      for (int turn = 0; turn < 20'000 && !all_done(); ++turn) {
        const auto trouble = [&](const kernel::Store&, const std::exception_ptr&) { ++troubles; };
        // Nine others at work are enough to lose a lease; who only looks moves nothing.
        if (process->runner(id).run(256, trouble) > 0) clock->advance_s(7);
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(troubles == 0);
  for (const JobId& job : ids) {
    CHECK(processes[0]->job(id, job)->state == JobState::succeeded);
    CHECK(processes[0]->job(id, job)->done == steps_each);
  }
  for (const Builder* process : processes) CHECK(process->effects(id) == expected);
  CHECK(must(processes[0]->inside(id).call(audit::Verify{})).intact);
}

}  // namespace

TEST_CASE("OPS-3: of eight threads at the same jobs each piece is done by one") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    const Builder house(engine, clock);
    race({&house}, 8, clock);
  }
}

TEST_CASE("OPS-3: of three processes on one store each piece is done by one") {
  const auto memory = SharedMemory::make();
  const auto clock = std::make_shared<FakeClock>();
  const Builder first(memory->process(), clock);
  const Builder second(memory->process(), clock);
  const Builder third(memory->process(), clock);
  race({&first, &second, &third}, 2, clock);
}

#ifdef MEDFLOW_TEST_ON_POSTGRESQL
TEST_CASE("OPS-3: of two processes on one PostgreSQL each piece is done by one") {
  const EngineHome home("postgresql");
  const auto clock = std::make_shared<FakeClock>();
  const Builder first(home.engine(), clock);
  const Builder second(home.engine(), clock);
  race({&first, &second}, 2, clock);
}
#endif

TEST_CASE("OPS-3: what one process tells a sweep, another one knows, also that it was done") {
  const auto memory = SharedMemory::make();
  const auto clock = std::make_shared<FakeClock>();
  const Builder here(memory->process(), clock);
  const TenantId id = here.add("north");
  const Builder there(memory->process(), clock);
  here.wake(id, clock->now().plus_s(60));
  there.wake(id, clock->now().plus_s(30));
  here.wake(id, clock->now().plus_s(60));
  CHECK(here.sweep_row_of(id).run_at == clock->now().plus_s(30));
  clock->advance_s(30);
  CHECK(there.tick().empty());
  CHECK(here.tick().empty());
  CHECK(here.effects(id).size() == 1);
  here.wake(id, clock->now().plus_s(5));  // it once knew of an earlier run, which is over
  clock->advance_s(5);
  CHECK(there.tick().empty());
  CHECK(here.effects(id).size() == 2);
}

TEST_CASE("OPS-3: a sweep that has run is woken anew, whichever process it ran in") {
  const auto memory = SharedMemory::make();
  const auto clock = std::make_shared<FakeClock>();
  const Builder here(memory->process(), clock);
  const TenantId id = here.add("north");
  const Builder there(memory->process(), clock);
  REQUIRE(there.store(id));
  for (const Builder* runs : {&here, &there}) {
    here.wake(id, clock->now().plus_s(60), quiet);
    clock->advance_s(60);
    CHECK(runs->tick().empty());
    CHECK(!here.sweep_row_of(id, quiet).run_at);
    here.wake(id, clock->now().plus_s(5), quiet);
    CHECK(here.sweep_row_of(id, quiet).run_at == clock->now().plus_s(5));
    clock->advance_s(5);
    CHECK(runs->tick().empty());
    CHECK(!here.sweep_row_of(id, quiet).run_at);
  }
}

TEST_CASE(
    "OPS-3: a runner that is killed with a job in its hands, or within a step, leaves it to the next, and nothing half "
    "done") {
  for (const std::string_view name : {"sqlite", "sqlcipher"}) {
    for (const int kill_at : {0, 1, 3}) {
      CAPTURE(name);
      CAPTURE(kill_at);
      const EngineHome home(name);
      const auto clock = std::make_shared<FakeClock>();
      const int end = in_child([&] {
        const Builder house(home.engine(), clock);
        const TenantId id = house.add("north");
        const Job job = house.start(id, 5);
        script().kill_at = kill_at;
        if (kill_at == 0) {
          if (house.runner(id).take(job.id)) die_now();
          return 1;
        }
        static_cast<void>(house.tick());
        return 2;
      });
      REQUIRE(end == child_killed);
      const Builder house(home.engine(), clock);
      const TenantId id = house.state().store("north")->id();
      CHECK(house.effects(id).size() == static_cast<std::size_t>(std::max(0, kill_at - 1)));
      CHECK(house.tick().empty());
      CHECK(house.effects(id).size() == static_cast<std::size_t>(std::max(0, kill_at - 1)));  // the lease is not over
      clock->advance_s(jobs::lease_s);
      for (int i = 0; i < 3; ++i) CHECK(house.tick().empty());
      CHECK(house.effects(id) == once_each("job", 5));
      CHECK(must(house.inside(id).call(audit::Verify{})).intact);
    }
  }
}

TEST_CASE(
    "OPS-3: after a start each tenant is looked into, few at a time, and what is due in it is done though nobody asks "
    "for it") {
  for (const std::string_view name : durable_engine_names) {
    CAPTURE(name);
    const EngineHome home(name);
    const auto clock = std::make_shared<FakeClock>();
    constexpr std::size_t houses = 7;
    std::vector<TenantId> ids;
    {
      const Builder house(home.engine(), clock);
      for (std::size_t i = 0; i < houses; ++i) {
        ids.push_back(house.add("house-" + std::to_string(i)));
        house.wake(ids[i], clock->now().plus_s(i < 4 ? 60 : 7'200));
      }
      must(house.root().call(tenants::Suspend{.id = ids[0]}));
    }
    PlatformOptions options = test_options(home.engine(), clock);
    options.open_tenants_max = 4;
    const Builder house(std::move(options));
    const auto open_ones = [&] { return house.state().open_stores().size() - 1; };
    clock->advance_s(60);
    for (int tick = 0; tick < 8; ++tick) {
      const auto before = open_ones();
      CHECK(house.tick().empty());
      CHECK(open_ones() <= before + 2);
      CHECK(open_ones() <= 4);
    }
    clock->advance_s(7'200);
    for (int tick = 0; tick < 8; ++tick) CHECK(house.tick().empty());
    CHECK(house.state().open_store(ids[0]) == nullptr);
    CHECK(house.effects(ids[0]).empty());
    for (std::size_t i = 1; i < houses; ++i) CHECK(house.effects(ids[i]).size() == 1);
    must(house.root().call(tenants::Resume{.id = ids[0]}));
    for (int tick = 0; tick < 3; ++tick) CHECK(house.tick().empty());
    CHECK(house.effects(ids[0]).size() == 1);
  }
}

TEST_CASE("OPS-3: what another process has left in a tenant is found within the hour") {
  const auto memory = SharedMemory::make();
  const auto clock = std::make_shared<FakeClock>();
  const auto options = [&] {
    PlatformOptions made = test_options(memory->process(), clock);
    made.open_tenants_max = 1;
    return made;
  };
  const Builder house(options());
  const TenantId north = house.add("north");
  const TenantId south = house.add("south");
  for (int tick = 0; tick < 4; ++tick) CHECK(house.tick().empty());
  REQUIRE(house.store(south));  // which closes the other
  {
    const Builder other(options());
    other.wake(north, clock->now().plus_s(10));
  }
  clock->advance_s(60 * 60);
  for (int tick = 0; tick < 4; ++tick) CHECK(house.tick().empty());
  CHECK(house.effects(north).size() == 1);
}

TEST_CASE("OPS-3, USR-7: a message that waits in a tenant nobody has opened since a start is sent") {
  const EngineHome home("sqlite");
  const auto clock = std::make_shared<FakeClock>();
  const auto sender = std::make_shared<RecordingSender>();
  {
    const Hospital hospital(test_options(home.engine(), clock), clock);  // without a sender messages wait
    must(hospital.visitor().call(auth::RequestReset{.email = Hospital::email_of(Role::tenant_admin)}));
  }
  PlatformOptions options = test_options(home.engine(), clock);
  options.messages = sender;
  options.link_base = "https://clinic.example";
  const Platform platform = must(Platform::open(std::move(options)));
  for (int tick = 0; tick < 3; ++tick) CHECK(platform.tick(clock->now()).empty());
  const auto resets = std::count_if(sender->messages.begin(), sender->messages.end(),
                                    [](const Message& message) { return message.kind == "auth.reset"; });
  CHECK(resets == 1);
}
