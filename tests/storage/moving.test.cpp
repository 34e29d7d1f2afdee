#include <doctest/doctest.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "basics/affinity.hpp"
#include "tests/storage/both_libraries.hpp"
#include "tests/support/child.hpp"

using namespace medflow;
using namespace medflow::conformance;
using medflow::testing::in_child;
using medflow::testing::PowerCutVfs;
using medflow::testing::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

/// A batch of a page, and what is done between two batches.
void add_page(Database& database, int number) {
  add(database, "id" + std::to_string(number), number, std::string(3'000, 'x'));
  database.maintain(false);
}

bool is_database(const std::string& path) { return path.ends_with("data.db"); }

/// Adds until `enough`, and how many that took.
int add_until(Database& database, const std::function<bool()>& enough) {
  int number = 0;
  while (number < 20'000 && !enough()) add_page(database, number++);
  REQUIRE(enough());
  return number;
}

/// Where a thread is kept until it may go on.
class Gate {
 public:
  /// False where nobody lets it go on, which then is what the others wait for.
  bool wait() {
    std::unique_lock lock{mutex_};
    held = true;
    const bool in_time = changed_.wait_for(lock, std::chrono::seconds{60}, [&] { return open_; });
    open_ = true;
    return in_time;
  }
  void open() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    changed_.notify_all();
  }

  std::atomic<bool> held = false;

 private:
  std::mutex mutex_{};
  std::condition_variable changed_{};
  bool open_ = false;
};

/// Opens it at the end.
struct Opened {
  Gate& gate;
  ~Opened() { gate.open(); }
};

}  // namespace

TEST_CASE("the log is moved into the database file a few pages at a time, each of them synced") {
  for (const auto kind : both) {
    WatchedFolder watched{kind};
    const auto batches = std::this_thread::get_id();
    std::atomic<int> unsynced = 0, most = 0, moved = 0;  // by the thread beside the batches
    const auto database = make_sqlite_engine(watched.options)->create(Harness::store, with_key);
    watched.vfs.on_write([&](const std::string& path) {
      if (!is_database(path) || std::this_thread::get_id() == batches) return;
      ++moved;
      most = std::max(most.load(), ++unsynced);
    });
    watched.vfs.on_sync([&](const std::string& path) {
      if (is_database(path) && std::this_thread::get_id() != batches) unsynced = 0;
      return false;
    });
    int seen = 0;
    add_until(*database, [&] {
      while (moved != seen) {  // the log does not grow meanwhile, or it would be moved in larger pieces
        seen = moved;
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
      }
      return seen > 1'000;
    });
    CHECK(most <= 200);
  }
}

TEST_CASE("SEC-5: where a sync fails while the log is moved, nothing counts as moved, and nothing is lost") {
  for (const auto kind : both) {
    for (const int nth : {1, 3, 7}) {
      CAPTURE(nth);
      TemporaryFolder folder;
      auto options = options_of(folder, kind);
      options.vfs = "failing";
      const std::string counted = folder / "counted";
      CHECK(in_child([&]() -> int {
              PowerCutVfs vfs{sqlite::load_library(kind), options.vfs};
              const auto batches = std::this_thread::get_id();
              std::atomic<int> syncs = 0;
              const auto database = make_sqlite_engine(options)->create(Harness::store, with_key);
              vfs.on_sync([&](const std::string& path) {
                return is_database(path) && std::this_thread::get_id() != batches && ++syncs == nth;
              });
              int added = 0;
              const auto fault = fault_of([&] {
                for (; added < 20'000; ++added) add_page(*database, added);
              });
              if (!fault) return 1;  // nobody may believe it any more
              const bool open = fault->first == FaultKind::unknown_outcome;
              if (!open && fault->first != FaultKind::unavailable) return 2;
              fs::create_directory(counted + std::to_string(added));
              if (open) fs::create_directory(counted + std::to_string(added + 1));
              testing::die_now();
            }) == testing::child_killed);
      options.vfs.clear();
      const auto found =
          firsts(*make_sqlite_engine(options)->open(Harness::store, with_key), {.table = &people::table});
      CHECK(found.size() > 100);
      CHECK(fs::exists(counted + std::to_string(found.size())));  // what was answered, and no more
    }
  }
}

TEST_CASE("SQLite commits later while its log is moved, but not for ever") {
  for (const auto kind : both) {
    WatchedFolder watched{kind};
    watched.options.behind_kib_max = 64;
    const auto batches = std::this_thread::get_id();
    std::atomic<int> written = 0;  // to the log
    Gate gate;
    const auto database = make_sqlite_engine(watched.options)->create(Harness::store, with_key);
    const Opened opened{gate};  // before the database ends, which waits for who is kept there
    watched.vfs.on_write([&](const std::string& path) { written += path.ends_with("-wal") ? 1 : 0; });
    watched.vfs.on_sync([&](const std::string& path) {
      if (is_database(path) && std::this_thread::get_id() != batches) gate.wait();
      return false;
    });
    int number = add_until(*database, [&] { return gate.held.load(); });
    const auto batches_to_next_commit = [&] {
      const int before = written;
      int count = 0;
      for (; count < 1'000 && written == before; ++count) add_page(*database, number++);
      return count;
    };
    batches_to_next_commit();  // whatever was left of the one before
    const int held_back = batches_to_next_commit();
    CHECK(held_back >= 72);  // some 3 KiB each: of 256 KiB 86
    CHECK(held_back <= 128);
  }
}

TEST_CASE("no batch waits for who moves the log, until it is very long") {
  for (const auto kind : both) {
    WatchedFolder watched{kind};
    const auto batches = std::this_thread::get_id();
    std::atomic<bool> waited_for = false;
    Gate gate;
    const auto database = make_sqlite_engine(watched.options)->create(Harness::store, with_key);
    const Opened opened{gate};
    watched.vfs.on_sync([&](const std::string& path) {
      if (is_database(path) && std::this_thread::get_id() != batches && !gate.wait()) waited_for = true;
      return false;
    });
    const std::string log = watched.folder / "data/north/data.db-wal";
    const auto log_pages = [&] { return fs::exists(log) ? fs::file_size(log) / 4'096 : 0; };
    for (int number = 0; number < 1'000 && log_pages() < 8'000; ++number) {
      add(*database, "id" + std::to_string(number), number, std::string(60'000, 'x'));
      database->maintain(false);
    }
    CHECK(gate.held);
    CHECK(log_pages() >= 8'000);
    CHECK(!waited_for);
  }
}

TEST_CASE("SQLite's log is moved by a thread that may run where the engine's maker might, whoever writes") {
  for (const auto kind : both) {
    WatchedFolder watched{kind};
    const Affinity mine;
    cpu_set_t all;
    REQUIRE(::sched_getaffinity(0, sizeof all, &all) == 0);
    const auto engine = make_sqlite_engine(watched.options);
    const auto database = engine->create(Harness::store, with_key);
    std::atomic<int> processors = 0;
    watched.vfs.on_write([&](const std::string& path) {
      cpu_set_t its;
      if (is_database(path) && ::sched_getaffinity(0, sizeof its, &its) == 0) processors = CPU_COUNT(&its);
    });
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(::sched_getcpu(), &one);
    REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
    for (int i = 0; i < 2'000 && processors == 0; ++i) add_page(*database, i);
    mine.apply();
    CHECK(processors == CPU_COUNT(&all));
    watched.vfs.on_write({});
  }
}
