#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "medflow/conformance/model.hpp"
#include "tests/storage/both_libraries.hpp"
#include "tests/support/child.hpp"
#include "tests/support/file_size_limit.hpp"
#include "tests/support/power_cut_vfs.hpp"

using namespace medflow;
using namespace medflow::conformance;
using medflow::testing::in_child;
using medflow::testing::limit_file_size;
using medflow::testing::PowerCutVfs;
using medflow::testing::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

std::string redo_of(const TemporaryFolder& folder) { return folder / "data/north/data.db-redo"; }

std::string content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void put_content(const std::string& path, const std::string& content) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << content;
}

Texts people_in(Database& database) { return firsts(database, {.table = &people::table}); }

Texts people_after(const SqliteOptions& options) {
  auto plain = options;
  plain.vfs.clear();
  return people_in(*make_sqlite_engine(plain)->open(Harness::store, with_key));
}

/// Runs `work` on a new database in a child that dies at once afterwards, without a sync more. It says whether that went as it should.
template <class Work>
void killed_after(const SqliteOptions& options, Work work) {
  CHECK(in_child([&]() -> int {
          const auto database = make_sqlite_engine(options)->create(Harness::store, with_key);
          if (!work(*database)) return 1;
          testing::die_now();
        }) == testing::child_killed);
}

}  // namespace

TEST_CASE(
    "SEC-5: what batches wrote ahead is written again after a death: rows, changes, removals, and nothing that was "
    "undone") {
  for (const auto kind : both) {
    TemporaryFolder folder;
    const auto options = options_of(folder, kind);
    killed_after(options, [&](Database& database) {
      add(database, "a", 1);
      add(database, "b", 2);
      ahead(database, [](Transaction& transaction) {
        update(transaction, people::table, person("a", 7, "changed", "n", 2), 1);
        erase(transaction, people::table, person("b", 2, "N"));
        insert(transaction, claims::table, claim("room", 1, 1, 0, 10));
        fault_of([&] {
          transaction.attempt([&] {
            insert(transaction, people::table, person("undone", 3, "U"));
            throw Fault{FaultKind::misuse, "undone"};
          });
        });
        fault_of([&] { insert(transaction, people::table, person("twice", 7, "T")); });
      });
      fault_of([&] {
        database.write_ahead([](Transaction& transaction) {
          insert(transaction, people::table, person("failed", 4, "F"));
          throw Fault{FaultKind::misuse, "failed"};
        });
      });
      add(database, "c", 3);
      return true;
    });
    CHECK(fs::exists(redo_of(folder)));
    const auto database = make_sqlite_engine(options)->open(Harness::store, with_key);
    CHECK_FALSE(fs::exists(redo_of(folder)));
    database->read([](Transaction& transaction) {
      CHECK(rows(transaction, {.table = &people::table}) ==
            std::vector{person("a", 7, "changed", "n", 2), person("c", 3, "N", "n")});
      CHECK(firsts(transaction, {.table = &claims::table}) == Texts{"room"});
    });
  }
}

TEST_CASE("SEC-5: a batch that fails takes nothing of those before it, that SQLite has not committed") {
  for (const auto kind : both) {
    TemporaryFolder folder;
    const auto options = options_of(folder, kind);
    killed_after(options, [&](Database& database) {
      for (int i = 0; i < 30; ++i) {
        add(database, "row" + std::to_string(100 + i), i);
        if (i % 3 != 0) continue;
        const auto refused = fault_of([&] {
          ahead(database, [&](Transaction& transaction) {
            insert(transaction, people::table, person("gone", 1'000, "G"));
            insert(transaction, people::table, person("again", i, "A"));
          });
        });
        if (!refused || refused->first != FaultKind::unique) return false;
      }
      if (people_in(database).size() != 30) return false;
      add(database, "last", 99);
      return true;
    });
    CHECK(people_after(options).size() == 31);
  }
}

TEST_CASE("who reads sees what was committed ahead, on another connection, and reading within a batch is misuse") {
  for (const auto kind : both) {
    TemporaryFolder folder;
    const auto engine = make_sqlite_engine(options_of(folder, kind));
    const auto database = engine->create(Harness::store, with_key);
    add(*database, "a", 1);
    CHECK(people_in(*database) == Texts{"a"});
    add(*database, "b", 2);
    database->write_ahead([&](Transaction& transaction) {
      CHECK(firsts(transaction, {.table = &people::table}) == Texts{"a", "b"});
      MEDFLOW_CHECK_FAULT_KIND(misuse, people_in(*database));
      insert(transaction, people::table, person("c", 3, "C"));
    });
    insert(*database, people::table, {person("d", 4, "D")});  // not ahead: behind those that are
    CHECK(people_in(*database) == Texts{"a", "b", "c", "d"});
  }
}

TEST_CASE("a database that is closed leaves no redo log, and one that was scrubbed none of what was in it") {
  for (const auto kind : both) {
    TemporaryFolder folder;
    const auto engine = make_sqlite_engine(options_of(folder, kind));
    auto database = engine->create(Harness::store, with_key);
    add(*database, "a", 1);
    CHECK(fs::exists(redo_of(folder)));
    database->scrub();
    CHECK_FALSE(fs::exists(redo_of(folder)));
    add(*database, "b", 2);
    CHECK(fs::exists(redo_of(folder)));
    CHECK(people_in(*database) == Texts{"a", "b"});
    database.reset();
    CHECK_FALSE(fs::exists(redo_of(folder)));
    CHECK(people_in(*engine->open(Harness::store, with_key)) == Texts{"a", "b"});
  }
}

TEST_CASE("SEC-1: the redo log of the encrypting engine holds no word in plain, and is its owner's alone") {
  for (const auto kind : both) {
    TemporaryFolder folder;
    const auto engine = make_sqlite_engine(options_of(folder, kind));
    const auto database = engine->create(Harness::store, with_key);
    for (int i = 0; i < 20; ++i) add(*database, "marked" + std::to_string(i), i, "a diagnosis in plain words");
    const std::string log = content_of(redo_of(folder));
    CHECK(log.size() > 2'000);
    CHECK(log.find("diagnosis") == std::string::npos);
    CHECK(log.find("people") == std::string::npos);
    CHECK((fs::status(redo_of(folder)).permissions() & fs::perms::mask) ==
          (fs::perms::owner_read | fs::perms::owner_write));
  }
}

TEST_CASE("SEC-5: a redo log ends where it is damaged, and one of another time or key is none") {
  for (const auto kind : both) {
    TemporaryFolder folder;
    const auto options = options_of(folder, kind);
    killed_after(options, [&](Database& database) {
      add(database, "a", 1);
      add(database, "b", 2);
      return true;
    });
    std::string log = content_of(redo_of(folder));
    const auto spoilt = [&](std::size_t from_end) {
      std::string copy = log;
      copy[copy.size() - from_end] = static_cast<char>(copy[copy.size() - from_end] ^ 1);
      return copy;
    };
    const auto data = content_of(folder / "data/north/data.db"), wal = content_of(folder / "data/north/data.db-wal");
    const auto with_log = [&](const std::string& redo) {
      put_content(folder / "data/north/data.db", data);
      put_content(folder / "data/north/data.db-wal", wal);
      fs::remove(folder / "data/north/data.db-shm");
      put_content(redo_of(folder), redo);
      return people_after(options);
    };
    CHECK(with_log(log) == Texts{"a", "b"});
    CHECK(with_log(spoilt(1)) == Texts{"a"});
    CHECK(with_log(log.substr(0, log.size() - 1)) == Texts{"a"});
    CHECK(with_log(log + std::string(100, '\7')) == Texts{"a", "b"});
    CHECK(with_log(spoilt(log.size() - 15)).empty());  // its epoch
    CHECK(with_log("").empty());
    put_content(folder / "data/north/data.db", data);
    put_content(folder / "data/north/data.db-wal", wal);
    put_content(redo_of(folder), log);
    {
      const auto database = make_sqlite_engine(options)->open(Harness::store, with_key);
      add(*database, "c", 3);
    }
    put_content(redo_of(folder), log);  // its rows are there, and its epoch is over
    CHECK(people_after(options) == Texts{"a", "b", "c"});
  }
}

TEST_CASE("SEC-5: what an older program left in its redo log is written again before the schema grows") {
  for (const auto kind : both) {
    TemporaryFolder folder;
    const auto options = options_of(folder, kind);
    killed_after(options, [&](Database& database) {
      add(database, "a", 1);
      return true;
    });
    const auto grown_up =
        make_sqlite_engine(options)->open(Harness::store, {.schema = &grown::schema, .page_key = key});
    grown_up->read([](Transaction& transaction) {
      transaction.scan({.table = &grown::table}, [](RowView row) {
        CHECK(row[people::id].data == "a");
        CHECK(row[5].is_null());
        return true;
      });
    });
  }
}

TEST_CASE("SEC-5: batches of any size are committed ahead") {
  for (const auto kind : both) {
    TemporaryFolder folder;
    const auto options = options_of(folder, kind);
    const std::size_t sizes[] = {100, 65'536, 131'072, 1'000'000, std::size_t{70} << 20};
    killed_after(options, [&](Database& database) {
      for (std::size_t i = 0; i < std::size(sizes); ++i)
        add(database, "row" + std::to_string(i), static_cast<std::int64_t>(i), std::string(sizes[i], 'x'));
      add(database, "row9", 9);
      return true;
    });
    make_sqlite_engine(options)->open(Harness::store, with_key)->read([&](Transaction& transaction) {
      std::vector<std::size_t> seen;
      transaction.scan({.table = &people::table}, [&](RowView row) {
        seen.push_back(row[people::note].data.size());
        return true;
      });
      CHECK(seen == std::vector<std::size_t>{sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], 1});
    });
  }
}

TEST_CASE("a redo log that cannot be written fails its batch alone, and it does not come back") {
  for (const auto kind : both) {
    TemporaryFolder folder;
    const auto options = options_of(folder, kind);
    killed_after(options, [&](Database& database) {
      add(database, "before", 1);
      limit_file_size(fs::file_size(redo_of(folder)) + 300);
      const auto refused = fault_of([&] { add(database, "lost", 2, std::string(2'000, 'x')); });
      limit_file_size(RLIM_INFINITY);
      if (!refused || (refused->first != FaultKind::unavailable && refused->first != FaultKind::full)) return false;
      if (people_in(database) != Texts{"before"}) return false;
      add(database, "later", 2);
      return people_in(database) == Texts{"before", "later"};
    });
    CHECK(people_after(options) == Texts{"before", "later"});
  }
}

TEST_CASE("SEC-5: a batch whose record the disk took and refused does not come back") {
  for (const auto kind : both) {
    TemporaryFolder folder;
    auto options = options_of(folder, kind);
    options.vfs = "power cut";
    CHECK(in_child([&]() -> int {
            PowerCutVfs vfs{sqlite::load_library(kind), options.vfs};
            const auto database = make_sqlite_engine(options)->create(Harness::store, with_key);
            add(*database, "before", 1);
            vfs.fail_writes(1);
            const auto refused = fault_of([&] { add(*database, "lost", 2); });
            if (!refused || refused->first != FaultKind::unavailable) return 1;
            testing::die_now();
          }) == testing::child_killed);
    CHECK(people_after(options) == Texts{"before"});
  }
}

TEST_CASE("SEC-5: a sync of SQLite's log that fails takes nothing that the redo log has") {
  for (const auto kind : both) {
    for (const bool writes : {true, false}) {
      TemporaryFolder folder;
      auto options = options_of(folder, kind);
      options.vfs = "power cut";
      CHECK(in_child([&]() -> int {
              PowerCutVfs vfs{sqlite::load_library(kind), options.vfs};
              const auto engine = make_sqlite_engine(options);
              auto database = engine->create(Harness::store, with_key);
              for (int i = 0; i < 50; ++i) add(*database, "old" + std::to_string(10 + i), i, std::string(1'000, 'o'));
              database->scrub();  // its log begins anew, over pages of the time before
              for (int i = 0; i < 50; ++i)
                add(*database, "row" + std::to_string(10 + i), 100 + i, std::string(900, 'r'));
              if (people_in(*database).size() != 100)
                return 1;  // SQLite has committed them, and nobody has synced its log
              vfs.fail_syncs(1);
              if (writes && !fault_of([&] { insert(*database, people::table, {person("lost", 500, "L")}); })) return 2;
              if (!writes) fault_of([&] { database->scrub(); });
              if (!fault_of([&] { insert(*database, people::table, {person("no", 501, "N")}); })) return 3;
              database.reset();
              testing::die_now();
            }) == testing::child_killed);
      CHECK(people_after(options).size() == 100);
    }
  }
}

TEST_CASE("what SQLite cannot commit is safe in the redo log, until it can") {
  for (const auto kind : both) {
    TemporaryFolder folder;
    const auto options = options_of(folder, kind);
    killed_after(options, [&](Database& database) {
      add(database, "first", 0);
      limit_file_size(150'000);  // SQLite writes whole pages, the redo log rows
      for (int i = 1; i < 100; ++i) add(database, "row" + std::to_string(i), i, std::string(1'000, 'x'));
      const auto refused = fault_of([&] { people_in(database); });
      if (!refused) return false;
      limit_file_size(RLIM_INFINITY);
      return people_in(database).size() == 100;
    });
    CHECK(people_after(options).size() == 100);
  }
}

namespace {

constexpr std::size_t large = 130'000;  // more than four redo logs of the test below

/// What batch `number` does, the same each time: to a database, or to a model.
class Batches {
 public:
  explicit Batches(std::uint32_t seed) : seed_(seed) {}

  /// Whether it fails at its end.
  bool fails(int number) const { return Chance(of(number)).one_in(7); }

  template <class Store>
  void run(int number, Store store) const {
    Chance chance(of(number) + 1);
    const int operations = 1 + chance.below(12);
    for (int i = 0; i < operations; ++i) {
      Line line = chance.line();
      if (i == 0 && number % 17 == 0) line[people::note] = {CellKind::bytes, 0, std::string(large, 'x')};
      store(chance.below(4), line);
    }
  }

 private:
  std::uint32_t of(int number) const { return seed_ + static_cast<std::uint32_t>(number) * 7919U; }
  std::uint32_t seed_;
};

void apply(Model& model, int what, Line line) {
  if (what == 0) {
    model.rows.erase(line[people::id].data);
    return;
  }
  if (const auto found = model.rows.find(line[people::id].data); found != model.rows.end()) {
    const auto revision = found->second[people::revision].integer;
    line[people::revision].integer = revision + 1;
    model.update(line, revision);
  } else {
    model.insert(line);
  }
}

void apply(Transaction& transaction, int what, Line line) {
  if (what == 0) return erase(transaction, people::table, line);
  const auto there = get(transaction, people::table, {Cell::bytes(line[people::id].data)});
  const auto refused = fault_of([&] {
    if (!there) return insert(transaction, people::table, line);
    const auto revision = (*there)[people::revision].integer;
    line[people::revision].integer = revision + 1;
    update(transaction, people::table, line, static_cast<Revision>(revision));
  });
  if (refused && refused->first != FaultKind::unique) throw std::runtime_error("refused");
}

/// Batches from `first` on until it dies; tells through `out` which of them are durable.
template <class LastAct>
[[noreturn]] void work_and_die(Database& database, const Batches& batches, int first, Chance chance, int out,
                               LastAct last_act) {
  const int until = first + 1 + chance.below(120);
  for (int number = first; number < until; ++number) {
    const bool fails = batches.fails(number);
    const bool waits = chance.one_in(8);
    const auto body = [&](Transaction& transaction) {
      batches.run(number, [&](int what, const Line& line) { apply(transaction, what, line); });
      if (fails) throw std::logic_error("fails");
    };
    try {
      if (waits)
        database.write(body);
      else
        database.write_ahead(body);
    } catch (const std::logic_error&) {
    }
    if ((waits && !fails) || chance.one_in(2)) {
      if (!waits || fails) database.sync();
      if (::write(out, &number, sizeof number) != sizeof number) ::_exit(testing::child_threw);
    }
    if (chance.one_in(5)) database.maintain(chance.one_in(2));
    if (chance.one_in(9)) firsts(database, {.table = &people::table});
    if (chance.one_in(60)) database.scrub();
  }
  last_act();
  testing::die_now();
}

}  // namespace

TEST_CASE("SEC-5: after any death the database is as after one of its batches, none before the last that was durable") {
  for (const auto kind : both) {
    for (const int power_cut : {0, 1, 2}) {  // none; the disk lacks all that was not synced; it has some pages of it
      TemporaryFolder folder;
      auto options = options_of(folder, kind);
      options.behind_kib_max = 8;
      options.redo_kib_max = 24;
      make_sqlite_engine(options)->create(Harness::store, with_key);
      const Batches batches{20261129};
      Chance chance{static_cast<std::uint32_t>(power_cut)};
      Model model;
      int next = 0;
      for (int life = 0; life < 12; ++life) {
        const auto seed = static_cast<std::uint32_t>(chance.below(1'000'000));
        int told[2];
        REQUIRE(::pipe(told) == 0);
        CHECK(in_child([&]() -> int {
                PowerCutVfs vfs{sqlite::load_library(kind), "power cut"};
                if (power_cut > 0) options.vfs = vfs.name();
                const auto database = make_sqlite_engine(options)->open(Harness::store, with_key);
                work_and_die(*database, batches, next, Chance{seed}, told[1], [&] {
                  if (power_cut == 2) vfs.hand_over_some(seed);
                });
              }) == testing::child_killed);
        ::close(told[1]);
        int durable = next - 1;
        for (int number = 0; ::read(told[0], &number, sizeof number) == sizeof number;) durable = number;
        ::close(told[0]);
        const auto database = make_sqlite_engine(options)->open(Harness::store, with_key);
        std::vector<Line> found;
        database->read([&](Transaction& transaction) { found = rows(transaction, {.table = &people::table}); });
        const auto is_found = [&] {
          return std::equal(found.begin(), found.end(), model.rows.begin(), model.rows.end(),
                            [](const Line& line, const auto& row) { return line == row.second; });
        };
        bool as_after_one = false;
        for (const int last = next + 200; next < last; ++next) {
          if (next > durable && is_found()) {
            as_after_one = true;
            break;
          }
          if (!batches.fails(next)) batches.run(next, [&](int what, const Line& line) { apply(model, what, line); });
        }
        CAPTURE(life);
        REQUIRE(as_after_one);
      }
    }
  }
}
