// OPS-3: jobs are done, in steps, by whoever holds the lease; what fails is tried again; what recurs goes on.
#include <doctest/doctest.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "medflow/testing/counting_engine.hpp"
#include "messages/outbox.hpp"
#include "messages/sending.hpp"
#include "tests/jobs/house.hpp"

using namespace medflow;
using namespace medflow::testing;
using jobs::Came;

TEST_CASE("OPS-3: a job is done by ticks, a few steps each, and tells how far it has come") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    const Builder house(engine, clock);
    const TenantId id = house.add("north");
    const Job job = house.start(id, 10);
    CHECK(job.state == JobState::queued);
    CHECK(job.total == 10U);
    CHECK(house.tick().empty());
    const Job halfway = view_of(*house.job(id, job.id));
    CHECK(halfway.state == JobState::queued);
    CHECK(halfway.done == 4);
    for (int i = 0; i < 4; ++i) CHECK(house.tick().empty());
    const auto ended = house.job(id, job.id);
    CHECK(view_of(*ended).state == JobState::succeeded);
    CHECK(view_of(*ended).done == 10);
    CHECK(ended->ended_at == clock->now());
    CHECK(!ended->run_at);
    CHECK(house.effects(id) == once_each("job", 10));
    CHECK(must(house.inside(id).call(audit::Verify{})).intact);
  }
}

TEST_CASE(
    "OPS-3: nobody takes a job before its lease has run out, each step prolongs it, and who has lost it does nothing") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    const Builder house(engine, clock);
    const TenantId id = house.add("north");
    const Job job = house.start(id, 3);
    jobs::Runner slow = house.runner(id);
    const auto first = slow.take(job.id);
    REQUIRE(first);
    CHECK(!house.runner(id).take(job.id));
    clock->advance_s(jobs::lease_s - 1);
    CHECK(!house.runner(id).take(job.id));
    CHECK(slow.step(*first, false, no_trouble) == Came::again);
    clock->advance_s(jobs::lease_s - 1);
    CHECK(!house.runner(id).take(job.id));
    CHECK(house.job(id, job.id)->state == JobState::running);
    clock->advance_s(1);
    jobs::Runner next = house.runner(id);
    const auto second = next.take(job.id);
    REQUIRE(second);
    CHECK(slow.step(*first, false, no_trouble) == Came::lost);
    CHECK(house.effects(id) == once_each("job", 1));
    CHECK(next.step(*second, false, no_trouble) == Came::again);
    CHECK(next.step(*second, false, no_trouble) == Came::over);
    CHECK(slow.step(*first, false, no_trouble) == Came::lost);
    CHECK(next.step(*second, false, no_trouble) == Came::lost);
    CHECK(house.effects(id) == once_each("job", 3));
  }
}

TEST_CASE(
    "OPS-3: leases from a clock that was a day ahead are anybody's once it is set back, those from near by are not") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    const Builder house(engine, clock);
    const TenantId id = house.add("north");
    const Job job = house.start(id, 3);
    house.wake(id, clock->now());
    constexpr std::int64_t day_s = 24 * 60 * 60;
    clock->advance_s(day_s);
    REQUIRE(house.runner(id).take(job.id));  // and never comes back
    REQUIRE(house.runner(id).take(jobs::singleton_id(sweep)));
    clock->advance_s(-day_s);
    CHECK(house.runner(id).next_due().value() <= clock->now().plus_s(1));
    for (int i = 0; i < 3; ++i) CHECK(house.tick().empty());
    CHECK(house.job(id, job.id)->state == JobState::succeeded);
    CHECK(house.sweep_row_of(id).state == JobState::queued);
    CHECK(house.effects(id).size() == 3 + 1);

    const Job other = house.start(id, 1);
    clock->advance_s(jobs::lease_s);  // another process's clock
    REQUIRE(house.runner(id).take(other.id));
    clock->advance_s(-jobs::lease_s);
    CHECK(!house.runner(id).take(other.id));
  }
}

TEST_CASE(
    "OPS-3: a step that fails leaves nothing, is told of without a word of whom, and is tried again later each time") {
  const TestEngine engine("sqlite");
  const auto clock = std::make_shared<FakeClock>();
  const Builder house(engine, clock);
  const TenantId id = house.add("north");
  script().fails = true;
  const Job job = house.start(id, 2);
  std::int64_t longest_s = 30;
  for (int failure = 0; failure < 3; ++failure, longest_s *= 2) {
    CHECK(house.tick() == "jobs invalid tests.long " + job.id.text() + "\n");
    const auto row = house.job(id, job.id);
    CHECK(row->state == JobState::queued);
    CHECK(row->last_error_code == "invalid");
    CHECK(row->done == 0);
    const std::int64_t wait_s = (row->run_at->us - clock->now().us) / 1'000'000;
    CHECK(wait_s <= longest_s);
    CHECK(wait_s >= longest_s / 2);
    CHECK(house.tick().empty());  // not before
    clock->advance_s(wait_s);
  }
  script().fails = false;
  CHECK(house.tick().empty());
  CHECK(house.job(id, job.id)->state == JobState::succeeded);
  CHECK(house.job(id, job.id)->last_error_code.empty());
  CHECK(house.effects(id) == once_each("job", 2));
}

TEST_CASE("OPS-3: a job that always fails is given up after eight tries, one that recurs never") {
  const TestEngine engine("memory");
  const auto clock = std::make_shared<FakeClock>();
  const Builder house(engine, clock);
  const TenantId id = house.add("north");
  script().fails = true;
  const Job job = house.start(id, 2);
  int tries = 0;
  while (!house.job(id, job.id)->ended_at && tries < 100) {
    if (!house.tick().empty()) ++tries;
    clock->advance_s(60 * 60);
  }
  CHECK(tries == 8);
  CHECK(view_of(*house.job(id, job.id)).state == JobState::failed);
  CHECK(view_of(*house.job(id, job.id)).error_code == "invalid");
  house.wake(id, clock->now());
  for (tries = 0; tries < 30; ++tries) {
    CHECK(house.tick() == "jobs invalid tests.sweep " + jobs::singleton_id(sweep).text() + "\n");
    clock->advance_s(15 * 60);
  }
  script().fails = false;
  CHECK(house.tick().empty());
  CHECK(house.sweep_row_of(id).last_error_code.empty());
  CHECK(house.effects(id).size() == 1);
}

TEST_CASE("OPS-3: a job whose runners all die is given up as well") {
  const TestEngine engine("memory");
  const auto clock = std::make_shared<FakeClock>();
  const Builder house(engine, clock);
  const TenantId id = house.add("north");
  const Job job = house.start(id, 2);
  for (std::uint32_t i = 0; i < jobs::attempts_max; ++i) {
    CHECK(house.runner(id).take(job.id));
    clock->advance_s(jobs::lease_s);
  }
  CHECK(!house.runner(id).take(job.id));
  CHECK(view_of(*house.job(id, job.id)).error_code == "job.abandoned");
}

TEST_CASE("OPS-3: a sweep runs when it was told, or earlier if told so; to tell it what it knows costs nothing") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto counted = std::make_shared<CountingEngine>(engine);
    const auto clock = std::make_shared<FakeClock>();
    const Builder house(counted, clock);
    const TenantId id = house.add("north");
    const Instant start = clock->now();
    const auto cost = [&](Instant at) {
      std::uint64_t calls = 0;
      house.write(id, [&](kernel::Work& work) {
        const auto before = counted->counts().calls();
        jobs::wake(work, sweep, at);
        calls = counted->counts().calls() - before;
      });
      return calls;
    };
    CHECK(cost(start.plus_s(600)) > 0);
    CHECK(cost(start.plus_s(600)) == 0);
    CHECK(cost(start.plus_s(900)) == 0);
    const auto revision = house.sweep_row_of(id).revision;
    CHECK(cost(start.plus_s(300)) > 0);
    CHECK(cost(start.plus_s(600)) == 0);
    CHECK(house.sweep_row_of(id).revision == revision + 1);
    clock->advance_s(299);
    CHECK(house.tick().empty());
    CHECK(house.effects(id).empty());
    clock->advance_s(1);
    script().due_after_us = start.plus_s(3'600).us;
    CHECK(house.tick().empty());
    CHECK(house.effects(id).size() == 1);
    CHECK(house.sweep_row_of(id).run_at == start.plus_s(3'600));
    CHECK(cost(start.plus_s(4'000)) <= 2);  // looks once what the row says now
    CHECK(cost(start.plus_s(4'000)) == 0);
    CHECK(house.sweep_row_of(id).run_at == start.plus_s(3'600));
    script().due_after_us = -1;
    clock->advance_s(3'600);
    CHECK(house.tick().empty());
    CHECK(house.effects(id).size() == 2);
    CHECK(!house.sweep_row_of(id).run_at);  // nothing is due, until somebody says so
    clock->advance_s(100'000);
    CHECK(house.tick().empty());
    CHECK(house.effects(id).size() == 2);
    house.wake(id, clock->now());
    CHECK(house.tick().empty());
    CHECK(house.effects(id).size() == 3);
  }
}

TEST_CASE("OPS-3: what a call that failed has told a sweep is not believed") {
  const TestEngine engine("memory");
  const auto clock = std::make_shared<FakeClock>();
  const Builder house(engine, clock);
  const TenantId id = house.add("north");
  try {
    house.write(id, [&](kernel::Work& work) {
      jobs::wake(work, sweep, work.now());
      throw Failure(codes::invalid);
    });
    FAIL("it went through");
  } catch (const Failure&) {
  }
  CHECK(!house.job(id, jobs::singleton_id(sweep)));
  house.wake(id, clock->now());
  CHECK(house.tick().empty());
  CHECK(house.effects(id).size() == 1);
}

TEST_CASE("OPS-3: a sweep that runs, or fails, is not hurried, and the caller's event is about the caller's own") {
  const TestEngine engine("memory");
  const auto clock = std::make_shared<FakeClock>();
  const Builder house(engine, clock);
  const TenantId id = house.add("north");
  Uuid about;
  house.write(id, [&](kernel::Work& work) {
    jobs::wake(work, sweep, work.now());
    about = work.event().object;
  });
  CHECK(about.is_nil());
  jobs::Runner runner = house.runner(id);
  const auto lease = runner.take(jobs::singleton_id(sweep));
  REQUIRE(lease);
  house.wake(id, clock->now());
  CHECK(!house.runner(id).take(lease->id));
  script().fails = true;
  std::string told;
  CHECK(runner.step(*lease, true, [&](const kernel::Store&, std::exception_ptr why) {
    told = kernel::error_of(std::move(why)).code.name;
  }) == Came::failed);
  CHECK(told == "invalid");
  script().fails = false;
  const auto backing_off = house.sweep_row_of(id);
  house.wake(id, clock->now());
  CHECK(house.sweep_row_of(id).run_at == backing_off.run_at);
}

TEST_CASE(
    "OPS-3: a job by the clock runs in the tenant's zone, once a day also where that hour is skipped or comes twice") {
  const TestEngine engine("memory");
  const auto clock = std::make_shared<FakeClock>();
  const Builder house(engine, clock, all_kinds);
  const TenantId here = house.add("here", "America/New_York");
  const TenantId there = house.add("there", "Australia/Lord_Howe");
  CHECK(house.tick().empty());
  const auto days = [&](const char* from, std::size_t count) {
    clock->advance_s((Instant::parse(from)->us - clock->now().us) / 1'000'000);
    CHECK(house.tick().empty());
    const auto before = house.effects(here);
    for (std::size_t minute = 0; minute < count * 1'440; minute += 10) {
      clock->advance_s(600);
      CHECK(house.tick().empty());
    }
    std::string runs;
    for (const auto& [name, times] : house.effects(here)) {
      CHECK(times == 1);
      if (!before.contains(name)) runs += name.substr(8) + " ";
    }
    return runs;
  };
  CHECK(days("2027-03-13T12:00:00Z", 2) == "2027-03-14T07:00:00Z 2027-03-15T06:30:00Z ");
  CHECK(days("2027-11-06T12:00:00Z", 2) == "2027-11-07T07:30:00Z 2027-11-08T07:30:00Z ");
  CHECK(house.job(there, jobs::singleton_id(nightly))->zone.id == "Australia/Lord_Howe");
}

namespace {

/// A write of somebody's.
class UserWrite final : public storage::Member {
 public:
  UserWrite(const Builder& house, TenantId id, UserId user, std::function<void(kernel::Work&)> body)
      : store_(house.store(id)), body_(std::move(body)) {
    const Role role[] = {Role::tenant_admin};
    session_ = std::make_shared<kernel::SessionState>(house.state().shared_from_this(), store_,
                                                      kernel::Actor{.kind = audit::ActorKind::user, .user = user},
                                                      kernel::Access(role));
    frame_ = {.session = session_.get(), .store = store_.get(), .row = &long_row, .now = house.state().clock().now()};
  }
  /// The code of what came of it.
  std::string run() {
    store_->committer().run(*this);
    return failure_ ? std::string(kernel::error_of(failure_).code.name) : "ok";
  }
  void run(storage::Transaction& transaction, bool) override {
    kernel::Work work(frame_, transaction);
    body_(work);
    work.finish(nullptr);
  }
  bool wrote() const override { return true; }
  void done(std::exception_ptr failure) noexcept override { failure_ = failure; }

 private:
  std::shared_ptr<kernel::Store> store_;
  std::function<void(kernel::Work&)> body_;
  std::shared_ptr<kernel::SessionState> session_;
  kernel::CallFrame frame_{};
  std::exception_ptr failure_{};
};

}  // namespace

TEST_CASE("OPS-3: whoever has started a job sees it and can end it, others know of none") {
  const TestEngine engine("sqlite");
  const auto clock = std::make_shared<FakeClock>();
  const Builder house(engine, clock);
  const TenantId id = house.add("north");
  const UserId mine{Uuid{{1}}};
  const UserId other{Uuid{{2}}};
  Job job;
  const auto as = [&](UserId user, auto body) { return UserWrite(house, id, user, body).run(); };
  const auto cancel = [&](kernel::Work& work) { job = jobs::cancel_own(work, job.id); };
  const auto get = [&](kernel::Work& work) { job = jobs::get_own(work, job.id); };
  CHECK(as(mine, [&](kernel::Work& work) { job = jobs::start(work, long_work, {}, 100); }) == "ok");
  jobs::Runner runner = house.runner(id);
  const auto lease = runner.take(job.id);
  REQUIRE(lease);
  CHECK(runner.step(*lease, false, no_trouble) == Came::again);
  CHECK(as(mine, get) == "ok");
  CHECK(job.state == JobState::running);
  CHECK(job.done == 1);
  CHECK(as(other, get) == "not_found");
  CHECK(as(other, cancel) == "not_found");
  CHECK(as(UserId{}, get) == "not_found");
  CHECK(as(mine, cancel) == "ok");
  CHECK(job.state == JobState::cancelled);
  CHECK(runner.step(*lease, false, no_trouble) == Came::lost);
  clock->advance_s(3'600);
  CHECK(house.tick().empty());
  CHECK(house.effects(id) == once_each("job", 1));
  CHECK(as(mine, cancel) == "ok");
  CHECK(as(mine, [](kernel::Work& work) { jobs::wake(work, sweep, work.now()); }) == "ok");
  job.id = jobs::singleton_id(sweep);
  CHECK(as(mine, get) == "not_found");
  CHECK(as(mine, cancel) == "not_found");
}

TEST_CASE("OPS-3: whoever has long work does not keep others waiting") {
  const TestEngine engine("memory");
  const auto clock = std::make_shared<FakeClock>();
  const Builder house(engine, clock);
  const TenantId busy = house.add("busy");
  const TenantId calm = house.add("calm");
  for (int i = 0; i < 30; ++i) house.start(busy, 1'000);
  const Job small = house.start(calm, 1);
  clock->advance_s(1);
  const Job late = house.start(busy, 1);
  CHECK(house.tick().empty());
  CHECK(house.job(calm, small.id)->state == JobState::succeeded);
  for (int i = 0; i < 5; ++i) {
    clock->advance_s(1);
    CHECK(house.tick().empty());
  }
  CHECK(house.job(busy, late.id)->state == JobState::succeeded);
}

TEST_CASE("NOT-1, R14: what is known of a message is kept for two years, and its token no longer than it is of use") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    const Builder house(engine, clock);
    const TenantId id = house.add("north");
    constexpr std::int64_t day_s = 24 * 60 * 60;
    house.write(id, [](kernel::Work& work) {
      messages::queue(work, {.kind = messages::MessageKind::reset,
                             .user_id = UserId{Uuid{{9}}},
                             .expires_at = work.now().plus_s(day_s),
                             .token = "the token"});
    });
    const auto kept = [&] {
      std::vector<messages::StoredMessage> found;
      house.write(id, [&](kernel::Work& work) {
        found.clear();
        kernel::Rows<messages::StoredMessage>(work).scan({}, [&](const messages::StoredMessage& message) {
          found.push_back(message);
          return true;
        });
      });
      return found;
    };
    REQUIRE(kept().size() == 1);
    CHECK(kept()[0].token == "the token");
    clock->advance_s(day_s);  // nobody has sent it: it is too old
    CHECK(house.tick().empty());
    REQUIRE(kept().size() == 1);
    CHECK(kept()[0].state == messages::MessageState::dead);
    CHECK(kept()[0].token.empty());
    for (const std::int64_t days : {91, 730 - 91}) {
      clock->advance_s(days * day_s);
      CHECK(house.tick().empty());
      CHECK(kept().size() == 1);
    }
    clock->advance_s(3 * day_s);
    CHECK(house.tick().empty());
    CHECK(kept().empty());
  }
}

TEST_CASE("OPS-3, R14: what has ended is kept for 30 days") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    const Builder house(engine, clock);
    const TenantId id = house.add("north");
    const Job job = house.start(id, 1);
    CHECK(house.tick().empty());
    clock->advance_s(30 * 86'400);
    CHECK(house.tick().empty());
    CHECK(house.job(id, job.id));
    clock->advance_s(1);
    CHECK(house.tick().empty());
    CHECK(!house.job(id, job.id));
    CHECK(must(house.inside(id).call(audit::Verify{})).intact);
  }
}
