// `submit` costs its caller no batch, no password hash and no long preparation: the host's executor does them.
#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "medflow/testing/wrapped_engine.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// The host's threads, and which threads did what.
class Threads {
 public:
  void note() {
    const std::lock_guard lock(mutex_);
    seen_.insert(std::this_thread::get_id());
  }
  bool has(std::thread::id id) const {
    const std::lock_guard lock(mutex_);
    return seen_.count(id) == 1;
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    seen_.clear();
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return seen_.size();
  }

 private:
  mutable std::mutex mutex_{};
  std::set<std::thread::id> seen_{};
};

class HostExecutor final : public Executor {
 public:
  explicit HostExecutor(std::size_t threads) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
  }
  ~HostExecutor() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
  }
  void post(std::function<void()> work) override {
    {
      const std::lock_guard lock(mutex_);
      work_.push_back(std::move(work));
    }
    wake_.notify_one();
  }

 private:
  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return ending_ || !work_.empty(); });
      if (work_.empty()) return;
      const auto work = std::move(work_.front());
      work_.pop_front();
      lock.unlock();
      work();
      lock.lock();
    }
  }

  std::mutex mutex_{};
  std::condition_variable wake_{};
  std::deque<std::function<void()>> work_{};
  std::vector<std::thread> threads_{};
  bool ending_ = false;
};

/// Notes who touches storage.
class WatchedEngine final : public WrappedEngine {
 public:
  WatchedEngine(std::shared_ptr<storage::Engine> inner, Threads& threads)
      : WrappedEngine(std::move(inner)), threads_(threads) {}

 private:
  class Watched final : public WrappedDatabase {
   public:
    Watched(std::unique_ptr<storage::Database> inner, Threads& threads)
        : WrappedDatabase(std::move(inner)), threads_(threads) {}
    void read(storage::Body body) override {
      threads_.note();
      WrappedDatabase::read(body);
    }
    void write(storage::Body body) override {
      threads_.note();
      WrappedDatabase::write(body);
    }

   private:
    Threads& threads_;
  };
  std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> database,
                                          const storage::StoreName&) override {
    return std::make_unique<Watched>(std::move(database), threads_);
  }
  Threads& threads_;
};

/// Notes who draws: whoever hashes a new password draws its salt.
class WatchedRng final : public Rng {
 public:
  explicit WatchedRng(Threads& threads) : threads_(threads) {}
  void fill(std::span<std::byte> out) override {
    threads_.note();
    inner_->fill(out);
  }

 private:
  Threads& threads_;
  std::shared_ptr<Rng> inner_ = system_rng();
};

/// Waits for answers, each of which comes once.
class Answers {
 public:
  template <class T>
  std::function<void(Result<T>)> expect() {
    const std::lock_guard lock(mutex_);
    const std::size_t number = times_.size();
    times_.push_back(0);
    return [this, number](Result<T> result) {
      const std::lock_guard inside(mutex_);
      ++times_[number];
      if (result.ok()) ++good_;
      threads_.insert(std::this_thread::get_id());
      changed_.notify_all();
    };
  }
  /// How many went well, once all have come.
  int wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return std::all_of(times_.begin(), times_.end(), [](int n) { return n > 0; }); });
    CHECK(std::all_of(times_.begin(), times_.end(), [](int n) { return n == 1; }));
    return good_;
  }
  bool came_on(std::thread::id id) {
    const std::lock_guard lock(mutex_);
    return threads_.count(id) == 1;
  }

 private:
  std::mutex mutex_{};
  std::condition_variable changed_{};
  std::vector<int> times_{};
  std::set<std::thread::id> threads_{};
  int good_ = 0;
};

patients::Register person(int i) {
  return {.names = {{.family = "Person", .given = {"Ann"}}},
          .sex_admin = patients::Sex::female,
          .identifiers = {{.system = "urn:test:national", .value = "N" + std::to_string(i)}}};
}

}  // namespace

TEST_CASE("design: submit runs no batch, no hash and no preparation on its caller's thread") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine inner(name);
    Threads storage;
    Threads chance;
    const auto executor = std::make_shared<HostExecutor>(2);
    const auto clock = std::make_shared<FakeClock>();
    PlatformOptions options = test_options(std::make_shared<WatchedEngine>(inner, storage), clock);
    options.executor = executor;
    options.rng = std::make_shared<WatchedRng>(chance);
    Hospital hospital(std::move(options), clock);
    const Session desk = hospital.as(Role::receptionist);
    const Session admin = hospital.as(Role::tenant_admin);
    const auto invitation = must(admin.call(users::Invite{
        .email = "new@example.org", .display_name = "New", .roles = {Role::nurse}, .facilities = {hospital.home}}));
    const Session visitor = hospital.visitor();
    storage.clear();
    chance.clear();

    Answers answers;
    for (int i = 0; i < 200; ++i) desk.submit(person(i), answers.expect<patients::Patient>());
    desk.submit(patients::List{.name = "person"}, answers.expect<Page<patients::Patient>>());  // builds the name index
    visitor.submit(auth::Register{.invitation = Hospital::secret(invitation.token),
                                  .display_name = "New",
                                  .password = Hospital::secret(Hospital::password)},
                   answers.expect<users::User>());
    for (int i = 0; i < 3; ++i)
      visitor.submit(auth::Login{.email = Hospital::email_of(Role::receptionist),
                                 .password = Hospital::secret(Hospital::password),
                                 .device = "test"},
                     answers.expect<auth::Tokens>());
    desk.submit(patients::Delete{}, answers.expect<Done>());  // refused at once, and yet not answered from within
    CHECK(answers.wait() == 200 + 1 + 1 + 3);
    const auto self = std::this_thread::get_id();
    CHECK_FALSE(storage.has(self));
    CHECK_FALSE(chance.has(self));
    CHECK_FALSE(answers.came_on(self));
    CHECK(storage.count() >= 1);
  }
}

TEST_CASE("design: blocking and submitted calls share batches, and each is answered once") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    PlatformOptions options = test_options(engine, clock);
    options.executor = std::make_shared<HostExecutor>(2);
    Hospital hospital(std::move(options), clock);
    const Session desk = hospital.as(Role::receptionist);
    constexpr int threads = 6;
    constexpr int each = 40;
    std::atomic<int> blocking{0};
    std::array<Answers, threads> answers;
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t)
      all.emplace_back([&, t] {
        for (int i = 0; i < each; ++i) {
          const int number = (t * each + i) * 2;
          desk.submit(person(number), answers[static_cast<std::size_t>(t)].expect<patients::Patient>());
          if (desk.call(person(number + 1)).ok()) ++blocking;
        }
      });
    for (std::thread& thread : all) thread.join();
    int submitted = 0;
    for (Answers& of_one : answers) submitted += of_one.wait();
    CHECK(blocking == threads * each);
    CHECK(submitted == threads * each);
    const auto verified = must(hospital.as(Role::tenant_admin).call(audit::Verify{}));
    CHECK(verified.findings.empty());
    for (const int number : {0, 1, threads * each, 2 * threads * each - 1})
      CHECK(must(desk.call(patients::List{.identifier = "N" + std::to_string(number)})).data.size() == 1);
  }
}

TEST_CASE("AUD-4: who submits a read opens what it found, and has it when the event is durable") {
  Hospital hospital = make_platform(TestEngine("memory"));
  const Session desk = hospital.as(Role::receptionist);
  const patients::Patient known = must(desk.call(person(1)));
  const OperationRow& row = *find_operation("patients.get");
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Result<Reply>> answer;
  desk.submit(row, Value::of(*row.request, patients::Get{.id = known.id}), [&](Result<Reply> reply) {
    const std::lock_guard lock(mutex);
    answer.emplace(std::move(reply));
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return answer.has_value(); });
  REQUIRE(answer->ok());
  Reply& reply = **answer;
  const auto& patient = *static_cast<const patients::Patient*>(reply.output.data());
  CHECK(patient.revision == known.revision);
  CHECK(patient.names.empty());
  CHECK_FALSE(reply.open());
  CHECK(patient.names == known.names);
  CHECK(patient.mrn == known.mrn);
  CHECK_FALSE(reply.open());  // a second time changes nothing
  CHECK(patient.names == known.names);
}
