#include "storage/committer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "tests/conformance/file_harness.hpp"

using namespace medflow;
using namespace medflow::conformance;

namespace {

// Numbers the entries of a table without gaps, as the audit log does, and notes what it was called for.
class Numbers final : public BatchHooks {
 public:
  bool begin(Transaction& transaction) override {
    log += 'b';
    next_ = 1;
    transaction.scan({.table = &entries::table, .backwards = true, .limit = 1}, [&](RowView row) {
      next_ = row[entries::seq].integer + 1;
      return true;
    });
    return false;
  }
  void before_member() noexcept override {
    log += 'm';
    before_ = next_;
  }
  void undo_member() noexcept override {
    log += 'u';
    next_ = before_;
  }
  void end(Transaction&) override {
    log += 'e';
    if (end_throws) throw std::runtime_error{"end"};
  }
  void committed() noexcept override {
    log += 'c';
    published = next_ - 1;
  }
  void rolled_back() noexcept override { log += 'r'; }
  bool tells_others() const noexcept override { return tells; }
  bool settle(Transaction& transaction) noexcept override {
    log += 's';
    return !firsts(transaction, {.table = &entries::table}).empty();
  }

  std::int64_t take() { return next_++; }

  std::string log{};
  std::atomic<std::int64_t> published = 0;  // read by those who were answered while the next batch runs
  bool end_throws = false;
  bool tells = false;

 private:
  std::int64_t next_ = 1;
  std::int64_t before_ = 1;
};

// Of one process among several: notes when it writes first, which conflicts where others have written the same.
class Shared final : public BatchHooks {
 public:
  bool begin(Transaction&) override {
    log += 'b';
    return std::exchange(others, false);
  }
  void write_first(Transaction&) override {
    log += 'w';
    if (std::exchange(conflicts, false)) throw Fault{FaultKind::unique, "key"};
  }
  void committed() noexcept override { log += 'c'; }
  void rolled_back() noexcept override { log += 'r'; }

  std::string log{};
  bool others = false;
  bool conflicts = false;
};

// Does what its script says: writes so many entries, and fails before or after.
class Work final : public Member {
 public:
  struct Script {
    int writes = 1;
    bool fails_first = false;
    bool fails_last = false;
  };
  struct Result {
    std::atomic<int> runs = 0;
    std::atomic<int> isolated_runs = 0;
    std::atomic<int> answers = 0;
    std::exception_ptr failure{};
    std::thread::id ran_on{};
    std::atomic<bool> destroyed = false;
  };

  Work(Numbers& numbers, Script script, Result& result, std::atomic<int>* answered = nullptr)
      : numbers_(numbers), script_(script), result_(result), answered_(answered) {}
  ~Work() override { result_.destroyed = true; }

  void run(Transaction& transaction, bool isolated) override {
    ++result_.runs;
    if (isolated) ++result_.isolated_runs;
    result_.ran_on = std::this_thread::get_id();
    wrote_ = false;
    if (script_.fails_first) throw std::runtime_error{"before"};
    for (int i = 0; i < script_.writes; ++i) {
      insert(transaction, entries::table, entry(numbers_.take(), 0, "body"));
      wrote_ = true;
    }
    if (script_.fails_last) throw std::runtime_error{"after"};
  }
  bool wrote() const override { return wrote_; }
  void done(std::exception_ptr failure) noexcept override {
    result_.failure = failure;
    ++result_.answers;
    if (answered_ != nullptr) ++*answered_;
  }

 private:
  Numbers& numbers_;
  Script script_;
  Result& result_;
  std::atomic<int>* answered_;
  bool wrote_ = false;
};

std::string text_of(const std::exception_ptr& failure) {
  if (!failure) return "done";
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  }
}

// Runs what was posted when the test says so.
class ManualExecutor final : public Executor {
 public:
  void post(std::function<void()> work) override {
    const std::lock_guard lock{mutex_};
    work_.push_back(std::move(work));
  }
  bool run_one() {
    std::unique_lock lock{mutex_};
    if (work_.empty()) return false;
    const auto work = std::move(work_.front());
    work_.pop_front();
    lock.unlock();
    work();
    return true;
  }
  void run_all() {
    while (run_one()) {
    }
  }

 private:
  std::mutex mutex_;
  std::deque<std::function<void()>> work_;
};

// Passes calls on, counts commits, and fails them as told.
class Wrapped final : public Database {
 public:
  explicit Wrapped(Database& inner) : inner_(inner) {}

  void read(Body body) override { inner_.read(body); }
  void write(Body body) override {
    ++writes;
    if (lose_next) {
      lose_next = false;
      CHECK_THROWS_AS(inner_.write([&](Transaction& transaction) {
        body(transaction);
        throw std::logic_error{"lost"};
      }),
                      std::logic_error);
      throw Fault{FaultKind::unknown_outcome, "file"};
    }
    inner_.write(body);
    if (hide_next) {
      hide_next = false;
      throw Fault{FaultKind::unknown_outcome, "file"};
    }
    if (conflict_next) {
      conflict_next = false;
      throw Fault{FaultKind::unique, "late"};
    }
  }
  void maintain(bool idle) override {
    ++maintained;
    idle_at_last = idle;
    inner_.maintain(idle);
  }
  void scrub() override { inner_.scrub(); }

  int writes = 0;
  int maintained = 0;
  bool idle_at_last = false;
  bool lose_next = false;
  bool hide_next = false;
  bool conflict_next = false;

 private:
  Database& inner_;
};

struct Bench {
  explicit Bench(BatchLimits limits = {})
      : committer(std::make_unique<Committer>(database, numbers, executor, limits)) {}

  Work::Result& submit(Work::Script script) {
    results.emplace_back();
    committer->submit(std::make_unique<Work>(numbers, script, results.back()));
    return results.back();
  }
  std::size_t rows() const { return firsts(*inner, {.table = &entries::table}).size(); }

  std::unique_ptr<Engine> engine = memory_engine();
  std::unique_ptr<Database> inner = engine->create(Harness::store, {.schema = &schema});
  Wrapped database{*inner};
  Numbers numbers{};
  ManualExecutor executor{};
  std::deque<Work::Result> results{};
  std::unique_ptr<Committer> committer;
};

// Commits ahead of its sync, which waits until the test lets it go, or fails.
class Ahead final : public Database {
 public:
  explicit Ahead(Database& inner) : inner_(inner) {}

  void read(Body body) override { inner_.read(body); }
  void write(Body body) override { inner_.write(body); }
  bool write_ahead(Body body) override {
    inner_.write(body);
    ++commits;
    return true;
  }
  void sync() override {
    std::unique_lock lock{mutex_};
    ++waiting;
    released_.wait(lock, [&] { return open_; });
    if (during) std::exchange(during, nullptr)();
    if (fails) throw Fault{FaultKind::unknown_outcome, "file"};
  }
  void maintain(bool idle) override {
    const std::lock_guard lock{mutex_};
    kept.emplace_back(commits, idle);
  }
  void scrub() override {}

  void release() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    released_.notify_all();
  }

  std::atomic<int> commits = 0;
  std::atomic<int> waiting = 0;
  bool fails = false;
  std::function<void()> during{};            // happens while the disk is at work, once
  std::vector<std::pair<int, bool>> kept{};  // after how many commits house was kept, and whether nobody waited

 private:
  Database& inner_;
  std::mutex mutex_{};
  std::condition_variable released_{};
  bool open_ = false;
};

/// Two batches of which neither is durable yet.
struct TwoAhead {
  /// Begins both. Where that fails the destructor lets go who waits.
  void begin() {
    for (int i = 1; i <= 2; ++i) {
      results.emplace_back();
      committer->submit(std::make_unique<Work>(numbers, Work::Script{}, results.back()));
      until([&] { return database.waiting == i; });
    }
  }
  ~TwoAhead() { database.release(); }  // its committer waits for all

  static void until(const std::function<bool()>& holds) {
    for (int i = 0; i < 5'000 && !holds(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    REQUIRE(holds());
  }
  void end() {
    database.release();
    committer.reset();
  }

  std::unique_ptr<Engine> engine = memory_engine();
  std::unique_ptr<Database> inner = engine->create(Harness::store, {.schema = &schema});
  Ahead database{*inner};
  Numbers numbers{};
  std::deque<Work::Result> results{};
  CommitPool pool{2};  // whose threads let go of what was answered, maybe after the committer is gone
  std::unique_ptr<Committer> committer = std::make_unique<Committer>(database, numbers, pool);
};

// Many threads, blocking and submitting, some of whose members fail: what stays is exactly what was answered with success.
// `apart`: others wait for the disk than those who lead.
template <class Harness_>
void crowd(int threads, int each, bool apart) {
  Harness_ harness;
  const auto database = harness.create();
  Numbers numbers;
  std::atomic<int> expected = 0, answered = 0, wrong = 0;
  std::vector<std::deque<Work::Result>> results(static_cast<std::size_t>(threads));
  CommitPool pool{2}, disk{2};
  {
    Committer committer{*database, numbers, pool, {}, apart ? &disk : nullptr};
    std::vector<std::thread> crowd;
    for (int thread = 0; thread < threads; ++thread) {
      crowd.emplace_back([&, thread] {
        for (int i = 0; i < each; ++i) {
          const int lot = thread * each + i;
          const Work::Script script{.writes = 1 + lot % 3, .fails_first = lot % 7 == 0, .fails_last = lot % 11 == 0};
          if (!script.fails_first && !script.fails_last) expected += script.writes;
          auto& result = results[static_cast<std::size_t>(thread)].emplace_back();
          if (lot % 2 == 0) {
            committer.submit(std::make_unique<Work>(numbers, script, result, &answered));
            continue;
          }
          Work work{numbers, script, result, &answered};
          committer.run(work);
          if ((result.failure == nullptr) != (!script.fails_first && !script.fails_last)) ++wrong;
          if (!result.failure && numbers.published == 0) ++wrong;
        }
      });
    }
    for (auto& thread : crowd) thread.join();
  }
  CHECK(answered == threads * each);
  for (const auto& of_thread : results) {
    for (const auto& result : of_thread) CHECK(result.answers == 1);
  }
  CHECK(wrong == 0);
  const auto numbers_there = firsts(*database, {.table = &entries::table});
  REQUIRE(numbers_there.size() == static_cast<std::size_t>(expected.load()));
  CHECK(numbers_there.front() == "1");
  CHECK(numbers_there.back() == std::to_string(expected.load()));  // as many as the highest: no gap
}

}  // namespace

TEST_CASE("members of many threads are committed exactly as they were answered, in plain") {
  for (const bool apart : {false, true}) crowd<FileHarness<false>>(8, 60, apart);
}
TEST_CASE("members of many threads are committed exactly as they were answered, encrypted") {
  for (const bool apart : {false, true}) crowd<FileHarness<true>>(8, 60, apart);
}

TEST_CASE("what is submitted together is committed together") {
  Bench bench;
  for (int i = 0; i < 100; ++i) bench.submit({});
  CHECK(bench.database.writes == 0);  // not on the caller's thread
  bench.executor.run_all();
  CHECK(bench.database.writes == 1);
  CHECK(bench.database.maintained == 1);
  CHECK(bench.database.idle_at_last);
  CHECK(bench.rows() == 100);
  for (const auto& result : bench.results) CHECK((result.answers == 1 && !result.failure && result.destroyed));
}

TEST_CASE("where batches overlap house is kept between two of them, by who leads, and after the last") {
  TwoAhead two;
  two.database.release();
  ManualExecutor executor;
  Committer committer{two.database, two.numbers, executor, {.members_max = 10, .run_max = std::chrono::seconds{100}}};
  const auto submit = [&](int members) {
    for (int i = 0; i < members; ++i)
      committer.submit(std::make_unique<Work>(two.numbers, Work::Script{}, two.results.emplace_back()));
    executor.run_all();
  };
  using Kept = std::vector<std::pair<int, bool>>;
  submit(25);
  CHECK(two.database.kept == Kept{{1, false}, {2, false}, {3, true}});
  submit(1);
  CHECK(two.database.kept == Kept{{1, false}, {2, false}, {3, true}, {4, true}});
  for (const auto& result : two.results) CHECK((result.answers == 1 && !result.failure));
}

TEST_CASE("a batch has a limit, and the rest is led by the executor again") {
  Bench bench{{.members_max = 10, .run_max = std::chrono::seconds{100}}};
  for (int i = 0; i < 25; ++i) bench.submit({});
  REQUIRE(bench.executor.run_one());
  CHECK(bench.rows() == 10);
  CHECK_FALSE(bench.database.idle_at_last);
  bench.executor.run_all();
  CHECK(bench.rows() == 25);
  CHECK(bench.database.writes == 3);
}

TEST_CASE("a batch takes in what comes while it runs, until its time is over") {
  for (const bool hurried : {false, true}) {
    Bench bench{{.members_max = 512, .run_max = hurried ? std::chrono::microseconds{0} : std::chrono::seconds{100}}};
    class Recruiter final : public Member {
     public:
      explicit Recruiter(Bench& its_bench) : bench_(its_bench) {}
      void run(Transaction&, bool) override { bench_.submit({}); }
      bool wrote() const override { return false; }
      void done(std::exception_ptr) noexcept override {}

     private:
      Bench& bench_;
    };
    bench.committer->submit(std::make_unique<Recruiter>(bench));
    bench.executor.run_all();
    CHECK(bench.rows() == 1);
    CHECK(bench.database.writes == (hurried ? 2 : 1));
  }
}

TEST_CASE("a member that fails before it writes fails alone") {
  Bench bench;
  const auto& first = bench.submit({});
  const auto& bad = bench.submit({.fails_first = true});
  const auto& last = bench.submit({.writes = 2});
  bench.executor.run_all();
  CHECK(text_of(bad.failure) == "before");
  CHECK((!first.failure && !last.failure));
  CHECK(first.runs == 1);
  CHECK(bench.numbers.log == "bmmumec");
  CHECK(bench.numbers.published == 3);
}

TEST_CASE("after a failure that had written, the batch is run once more, each member for itself") {
  Bench bench;
  const auto& first = bench.submit({});
  const auto& bad = bench.submit({.writes = 2, .fails_last = true});
  const auto& worse = bench.submit({.writes = 1, .fails_last = true});
  const auto& last = bench.submit({});
  bench.executor.run_all();
  CHECK(text_of(bad.failure) == "after");
  CHECK(text_of(worse.failure) == "after");
  CHECK((!first.failure && !last.failure));
  CHECK((first.runs == 2 && first.isolated_runs == 1));
  CHECK(bench.numbers.log == "bmmrbmmumumec");
  CHECK(bench.rows() == 2);
  CHECK(firsts(*bench.inner, {.table = &entries::table}) == Texts{"1", "2"});
}

TEST_CASE("a conflict that shows only at the commit runs the batch once more") {
  Bench bench;
  bench.database.conflict_next = true;
  const auto& result = bench.submit({});
  bench.executor.run_all();
  CHECK_FALSE(result.failure);
  CHECK((result.runs == 2 && result.isolated_runs == 1));
}

TEST_CASE("what is written first goes ahead where nobody else writes, and is begun anew where somebody did") {
  const auto engine = memory_engine();
  const auto database = engine->create(Harness::store, {.schema = &schema});
  ManualExecutor executor;
  Shared hooks;
  Numbers numbers;
  Committer committer{*database, hooks, executor};
  std::deque<Work::Result> results;
  const auto batch = [&] {
    hooks.log.clear();
    for (int i = 0; i < 2; ++i)
      committer.submit(std::make_unique<Work>(numbers, Work::Script{}, results.emplace_back()));
    executor.run_all();
    return hooks.log;
  };
  hooks.others = true;
  for (int i = 0; i < 10; ++i) CHECK(batch() == (i < 9 ? "bwc" : "wbc"));  // after eight in a row
  // They have written: it is run again as it was, nobody for themselves, and not ahead for a while.
  hooks.others = true;
  CHECK(batch() == "wbrbwc");
  CHECK(results.back().isolated_runs == 0);
  CHECK(results.back().runs == 1);
  for (int i = 0; i < 7; ++i) CHECK(batch() == "bwc");
  CHECK(batch() == "wbc");
  // They have written the same.
  hooks.others = true;
  hooks.conflicts = true;
  CHECK(batch() == "wrbwc");
  CHECK(batch() == "bwc");
  for (const auto& result : results) CHECK((!result.failure && result.answers == 1 && result.isolated_runs == 0));
  CHECK(firsts(*database, {.table = &entries::table}).size() == results.size());
}

TEST_CASE("when the last writes fail, every member gets the failure") {
  Bench bench;
  bench.numbers.end_throws = true;
  bench.submit({});
  bench.submit({.fails_first = true});
  bench.executor.run_all();
  for (const auto& result : bench.results) CHECK(text_of(result.failure) == "end");
  CHECK(bench.rows() == 0);
  CHECK(bench.numbers.log == "bmmuer");
}

TEST_CASE("a batch of unknown outcome is acknowledged if it is there, and refused if not") {
  for (const bool there : {true, false}) {
    Bench bench;
    (there ? bench.database.hide_next : bench.database.lose_next) = true;
    bench.submit({});
    const auto& bad = bench.submit({.fails_first = true});
    bench.executor.run_all();
    CHECK(text_of(bench.results[0].failure) == (there ? "done" : "unavailable"));
    CHECK(text_of(bad.failure) == (there ? "before" : "unavailable"));
    CHECK(bench.numbers.log == (there ? "bmmuesc" : "bmmuesr"));
    bench.submit({});
    bench.executor.run_all();
    CHECK(bench.rows() == (there ? 2 : 1));
  }
}

TEST_CASE("once the engine gives a transaction up, nothing more is run in it and all members are refused") {
  testing::TemporaryFolder folder;
  const auto engine = make_sqlite_engine({.folder = folder / "data", .pages_max = 60});
  const auto database = engine->create(Harness::store, {.schema = &schema});
  Numbers numbers;
  ManualExecutor executor;
  std::deque<Work::Result> results(3);
  class Glutton final : public Member {
   public:
    explicit Glutton(std::string& answer) : answer_(answer) {}
    void run(Transaction& transaction, bool) override {
      const std::string large(1'000'000, 'x');
      try {
        insert(transaction, people::table, person("large", 1, "L", large));
      } catch (const Fault&) {
        // A member that makes light of it changes nothing.
      }
    }
    bool wrote() const override { return true; }
    void done(std::exception_ptr failure) noexcept override { answer_ = text_of(failure); }

   private:
    std::string& answer_;
  };
  std::string glutton;
  {
    Committer committer{*database, numbers, executor};
    committer.submit(std::make_unique<Work>(numbers, Work::Script{}, results[0]));
    committer.submit(std::make_unique<Glutton>(glutton));
    committer.submit(std::make_unique<Work>(numbers, Work::Script{}, results[1]));
    executor.run_all();
    CHECK(glutton.starts_with("full"));
    CHECK(text_of(results[0].failure) == glutton);
    CHECK(text_of(results[1].failure) == glutton);
    CHECK(results[1].runs == 0);
    CHECK(firsts(*database, {.table = &entries::table}).empty());
    Work next{numbers, {}, results[2]};
    committer.run(next);
    CHECK_FALSE(results[2].failure);
  }
  CHECK(firsts(*database, {.table = &entries::table}) == Texts{"1"});
}

TEST_CASE("the caller who waits leads, and is answered on its own thread") {
  Bench bench;
  Work::Result result;
  Work work{bench.numbers, {}, result};
  bench.committer->run(work);
  CHECK(result.ran_on == std::this_thread::get_id());
  CHECK(result.answers == 1);
  CHECK(bench.rows() == 1);
  CHECK_FALSE(bench.executor.run_one());
}

TEST_CASE("who waits takes leadership that is on its way, and what arrives later leads nobody") {
  const auto engine = memory_engine();
  const auto database = engine->create(Harness::store, {.schema = &schema});
  Numbers numbers;
  ManualExecutor executor;
  std::array<Work::Result, 3> results;
  {
    Committer committer{*database, numbers, executor};
    committer.submit(std::make_unique<Work>(numbers, Work::Script{}, results[0]));
    Work waiting{numbers, {}, results[1]};
    committer.run(waiting);  // the executor runs on this very thread, and would never get to it
    CHECK(numbers.log == "bmmec");
    committer.submit(std::make_unique<Work>(numbers, Work::Script{}, results[2]));
    REQUIRE(executor.run_one());  // the first offer, which was taken
    CHECK(results[2].answers == 0);
    REQUIRE(executor.run_one());
    CHECK(results[2].answers == 1);
    committer.submit(std::make_unique<Work>(numbers, Work::Script{}, results[0]));
    Work last{numbers, {}, results[1]};
    committer.run(last);
  }
  executor.run_all();  // of a committer that is gone
  CHECK(results[0].answers == 2);
  CHECK(results[1].answers == 2);
  CHECK(firsts(*database, {.table = &entries::table}).size() == 5);
}

TEST_CASE("nothing is run on the thread that submits, and nothing is lost at the end") {
  const auto engine = memory_engine();
  const auto database = engine->create(Harness::store, {.schema = &schema});
  Numbers numbers;
  std::deque<Work::Result> results;
  {
    CommitPool pool;
    Committer committer{*database, numbers, pool};
    for (int i = 0; i < 200; ++i)
      committer.submit(std::make_unique<Work>(numbers, Work::Script{}, results.emplace_back()));
  }
  for (const auto& result : results)
    CHECK((result.answers == 1 && result.destroyed && result.ran_on != std::this_thread::get_id()));
  CHECK(numbers.published == 200);
}

// What a call keeps open until it is answered: the database, and the queue in front of it.
struct Kept {
  std::unique_ptr<Engine> engine = memory_engine();
  std::unique_ptr<Database> inner = engine->create(Harness::store, {.schema = &schema});
  Ahead ahead{*inner};
  Numbers numbers{};
  std::unique_ptr<Committer> committer{};
};

TEST_CASE("who was submitted may be the last to keep the committer, which then ends") {
  enum class Way { at_once, ahead, aside };
  for (const Way way : {Way::at_once, Way::ahead, Way::aside}) {
    CAPTURE(static_cast<int>(way));
    class Keeping final : public Member {
     public:
      explicit Keeping(std::shared_ptr<Kept> kept) : kept_(std::move(kept)) {}
      void run(Transaction& transaction, bool) override {
        insert(transaction, entries::table, entry(kept_->numbers.take(), 0, "body"));
      }
      bool wrote() const override { return true; }
      void done(std::exception_ptr) noexcept override {}

     private:
      std::shared_ptr<Kept> kept_;
    };
    // Held by the thread too: a committer that waits for itself would keep it for ever.
    struct Executors {
      ManualExecutor leading{}, disk{};
      std::atomic<bool> ended = false;
    };
    const auto executors = std::make_shared<Executors>();
    auto kept = std::make_shared<Kept>();
    kept->ahead.release();
    Database& database = way == Way::at_once ? *kept->inner : kept->ahead;
    kept->committer = std::make_unique<Committer>(database, kept->numbers, executors->leading, BatchLimits{},
                                                  way == Way::aside ? &executors->disk : nullptr);
    kept->committer->submit(std::make_unique<Keeping>(kept));
    const std::weak_ptr<Kept> watched = kept;
    kept.reset();
    CHECK(!watched.expired());
    std::thread leader([executors] {
      executors->leading.run_all();
      executors->disk.run_all();
      executors->ended = true;
    });
    for (int i = 0; i < 10'000 && !executors->ended; ++i) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    if (!executors->ended)
      leader.detach();
    else
      leader.join();
    REQUIRE(executors->ended);
    CHECK(watched.expired());
  }
}

TEST_CASE("while a batch waits for the disk the next one runs, and neither is answered before it is durable") {
  TwoAhead two;
  two.begin();
  CHECK(two.database.commits == 2);
  CHECK(two.numbers.log == "bmecbmec");
  CHECK(two.numbers.published == 2);
  CHECK(two.results[0].answers == 0);
  CHECK(two.results[1].answers == 0);
  two.end();
  for (const auto& result : two.results) {
    CHECK(result.answers == 1);
    CHECK(text_of(result.failure) == "done");
  }
}

TEST_CASE("where the disk fails, nobody is told that their writes are there") {
  TwoAhead two;
  two.begin();
  two.database.fails = true;
  two.end();
  for (const auto& result : two.results) {
    CHECK(result.answers == 1);
    CHECK(text_of(result.failure) != "done");
  }
}

TEST_CASE(
    "another executor waits for the disk: once for all batches that ended meanwhile, and then the next one of its "
    "threads") {
  for (const bool fails : {false, true}) {
    CAPTURE(fails);
    TwoAhead two;
    two.database.release();
    ManualExecutor leading, disk;
    std::array<Work::Result, 6> results;
    const auto answers = [&](std::size_t first, std::size_t last) {
      return std::count_if(
          results.begin() + static_cast<std::ptrdiff_t>(first), results.begin() + static_cast<std::ptrdiff_t>(last),
          [&](const Work::Result& result) { return result.answers == 1 && (result.failure != nullptr) == fails; });
    };
    {
      Committer committer{two.database, two.numbers, leading, {}, &disk};
      const auto batch = [&](Work::Result& result) {
        committer.submit(std::make_unique<Work>(two.numbers, Work::Script{}, result));
        leading.run_all();
      };
      for (std::size_t i = 0; i < 3; ++i) batch(results[i]);
      CHECK(two.database.commits == 3);
      CHECK(two.database.waiting == 0);  // who leads does not wait
      CHECK(two.database.kept.empty());
      for (const auto& result : results) CHECK(result.answers == 0);

      two.database.fails = fails;
      two.database.during = [&] {
        for (std::size_t i = 3; i < 5; ++i) batch(results[i]);
      };
      REQUIRE(disk.run_one());
      CHECK(two.database.waiting == 1);
      CHECK(answers(0, 3) == 3);
      CHECK(results[3].answers == 0);  // it may have ended after the disk began
      REQUIRE(disk.run_one());
      CHECK(two.database.waiting == 2);
      CHECK(answers(3, 5) == 2);
      CHECK_FALSE(disk.run_one());
      CHECK(two.database.kept == std::vector<std::pair<int, bool>>{{5, true}, {5, true}});

      // Half of those who wait, so that the disk can begin; the others meanwhile.
      std::array<Work::Result, 8> together;
      const int before = two.database.commits;
      for (auto& result : together) committer.submit(std::make_unique<Work>(two.numbers, Work::Script{}, result));
      REQUIRE(leading.run_one());
      CHECK(two.database.commits == before + 1);
      CHECK(std::count_if(together.begin(), together.end(), [](const auto& result) { return result.runs == 1; }) == 4);
      leading.run_all();
      CHECK(two.database.commits == before + 2);
      REQUIRE(disk.run_one());
      CHECK(two.database.waiting == 3);
      for (const auto& result : together) CHECK(result.answers == 1);

      Work waiting{two.numbers, {}, results[5]};
      committer.run(waiting);  // its own thread waits anyway
      CHECK(two.database.waiting == 4);
      CHECK(answers(5, 6) == 1);
      CHECK_FALSE(disk.run_one());
    }
  }
}

TEST_CASE("what others are told of is durable before") {
  const std::unique_ptr<Engine> engine = memory_engine();
  const std::unique_ptr<Database> inner = engine->create(Harness::store, {.schema = &schema});
  Ahead database{*inner};
  Numbers numbers;
  numbers.tells = true;
  database.release();
  database.fails = true;
  ManualExecutor executor;
  Work::Result result;
  Committer committer{database, numbers, executor};
  committer.submit(std::make_unique<Work>(numbers, Work::Script{}, result));
  executor.run_all();
  CHECK(numbers.log == "bmesc");  // the outcome was open, and it is there
  CHECK(database.waiting == 1);
  CHECK(result.answers == 1);
}

TEST_CASE("a pool's threads run where its maker might, whoever starts them") {
  const Affinity mine;
  cpu_set_t all;
  REQUIRE(::sched_getaffinity(0, sizeof all, &all) == 0);
  CommitPool pool;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(::sched_getcpu(), &one);
  REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
  std::promise<int> seen;
  pool.post([&] {
    cpu_set_t its;
    seen.set_value(::sched_getaffinity(0, sizeof its, &its) == 0 ? CPU_COUNT(&its) : 0);
  });
  CHECK(seen.get_future().get() == CPU_COUNT(&all));
  mine.apply();
  cpu_set_t again;
  REQUIRE(::sched_getaffinity(0, sizeof again, &again) == 0);
  CHECK(CPU_EQUAL(&again, &all));
}

TEST_CASE("two databases share one pool") {
  const auto engine = memory_engine();
  std::deque<Work::Result> results;
  std::array<Numbers, 2> numbers;
  CommitPool pool;
  {
    const auto north = engine->create({.tenant = "north"}, {.schema = &schema});
    const auto south = engine->create({.tenant = "south"}, {.schema = &schema});
    Committer left{*north, numbers[0], pool}, right{*south, numbers[1], pool};
    for (int i = 0; i < 100; ++i) {
      (i % 2 == 0 ? left : right)
          .submit(
              std::make_unique<Work>(numbers[static_cast<std::size_t>(i % 2)], Work::Script{}, results.emplace_back()));
    }
  }
  CHECK(numbers[0].published == 50);
  CHECK(numbers[1].published == 50);
}
