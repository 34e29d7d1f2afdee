#include <doctest/doctest.h>

#include <thread>

#include "tests/conformance/file_harness.hpp"
#include "tests/support/child.hpp"
#include "tests/support/file_size_limit.hpp"
#include "tests/support/power_cut_vfs.hpp"

using namespace medflow;
using namespace medflow::conformance;
using medflow::testing::in_child;
using medflow::testing::limit_file_size;
using medflow::testing::TemporaryFolder;

namespace {

const std::array<std::byte, 48> key{std::byte{9}};
const OpenOptions options{.schema = &schema, .page_key = key};

}  // namespace

TEST_CASE("a scan for rows that a sparse index need not have is refused") {
  TemporaryFolder folder;
  const std::unique_ptr<Engine> engines[] = {memory_engine(), make_sqlite_engine({.folder = folder / "data"})};
  for (const auto& engine : engines) {
    const auto database = engine->create(Harness::store, {.schema = &sparse::schema, .page_key = key});
    const auto scan = [&](Scan wanted) {
      wanted.table = &sparse::wide;
      wanted.index = "by_ward";
      return firsts(*database, wanted);
    };
    const Cell null = Cell::null();
    const Cell ward = Cell::of(1);
    MEDFLOW_CHECK_FAULT_KIND(misuse, scan({}));
    MEDFLOW_CHECK_FAULT_KIND(misuse, scan({.equal = {&null, 1}}));
    MEDFLOW_CHECK_FAULT_KIND(misuse, scan({.equal = {&null, 1}, .from = Cell::text("")}));
    CHECK(scan({.equal = {&ward, 1}}).empty());
    CHECK(scan({.to = Cell::of(1)}).empty());
  }
}

TEST_CASE("a full database gives the whole transaction up, and runs nothing more in it") {
  for (const bool encrypted : {false, true}) {
    TemporaryFolder folder;
    const auto engine = make_sqlite_engine({.folder = folder / "data", .encrypted = encrypted, .pages_max = 100});
    const auto database = engine->create(Harness::store, options);
    insert(*database, people::table, {person("before", 1, "B")});
    const std::string large(300'000, 'x');
    MEDFLOW_CHECK_FAULT(full, folder / "data/north/data.db", database->write([&](Transaction& transaction) {
      insert(transaction, people::table, person("first", 2, "F"));
      MEDFLOW_CHECK_FAULT_KIND(full, transaction.attempt([&] {
        for (int i = 0; i < 4; ++i)
          insert(transaction, people::table, person("l" + std::to_string(i), 10 + i, "L", large));
      }));
      CHECK_FALSE(transaction.alive());
      MEDFLOW_CHECK_FAULT_KIND(full, insert(transaction, people::table, person("after", 3, "A")));
      MEDFLOW_CHECK_FAULT_KIND(full, firsts(transaction, {.table = &people::table}));
    }));
    CHECK(firsts(*database, {.table = &people::table}) == Texts{"before"});
    insert(*database, people::table, {person("later", 2, "L")});
    CHECK(firsts(*database, {.table = &people::table, .index = "by_number"}) == Texts{"before", "later"});
  }
}

TEST_CASE("a commit that the disk refuses is of unknown outcome, and the database goes on from what is durable") {
  for (const bool encrypted : {false, true}) {
    TemporaryFolder folder;
    CHECK(in_child([&]() -> int {
            const auto engine = make_sqlite_engine({.folder = folder / "data", .encrypted = encrypted});
            const auto database = engine->create(Harness::store, options);
            insert(*database, people::table, {person("before", 1, "B")});
            const auto write_much = [&] {
              std::vector<Line> lines;
              for (int i = 0; i < 100; ++i)
                lines.push_back(person("m" + std::to_string(i), 10 + i, "M", std::string(8'000, 'x')));
              insert(*database, people::table, lines);
            };
            limit_file_size(200'000);
            const auto refused = fault_of(write_much);
            if (!refused || refused->first != FaultKind::unknown_outcome) return 1;
            if (firsts(*database, {.table = &people::table}) != Texts{"before"}) return 2;
            insert(*database, people::table, {person("small", 2, "S")});
            limit_file_size(RLIM_INFINITY);
            write_much();
            return firsts(*database, {.table = &people::table}).size() == 102 ? 0 : 3;
          }) == 0);
    const auto engine = make_sqlite_engine({.folder = folder / "data", .encrypted = encrypted});
    CHECK(firsts(*engine->open(Harness::store, options), {.table = &people::table}).size() == 102);
  }
}

TEST_CASE("a commit that cannot be synced is gone after the reopening, for good") {
  for (const auto kind : {sqlite::LibraryKind::sqlite, sqlite::LibraryKind::sqlcipher}) {
    TemporaryFolder folder;
    testing::PowerCutVfs vfs{sqlite::load_library(kind), "failing"};
    const bool encrypted = kind == sqlite::LibraryKind::sqlcipher;
    {
      const auto engine = make_sqlite_engine({.folder = folder / "data", .encrypted = encrypted, .vfs = vfs.name()});
      const auto database = engine->create(Harness::store, options);
      insert(*database, people::table, {person("before", 1, "B")});
      vfs.fail_syncs(1);
      MEDFLOW_CHECK_FAULT(unknown_outcome, folder / "data/north/data.db",
                          insert(*database, people::table, {person("lost", 2, "L")}));
      CHECK(firsts(*database, {.table = &people::table}) == Texts{"before"});
      insert(*database, people::table, {person("later", 2, "L")});
      vfs.fail_syncs(1'000'000);
      MEDFLOW_CHECK_FAULT_KIND(unknown_outcome, insert(*database, people::table, {person("lost", 3, "L")}));
      MEDFLOW_CHECK_FAULT_KIND(unavailable,
                               firsts(*database, {.table = &people::table}));  // nothing can be trusted yet
      MEDFLOW_CHECK_FAULT_KIND(unavailable, insert(*database, people::table, {person("no", 3, "N")}));
      vfs.fail_syncs(0);
      insert(*database, people::table, {person("last", 3, "L")});
      CHECK(firsts(*database, {.table = &people::table}) == Texts{"before", "last", "later"});
    }
    const auto engine = make_sqlite_engine({.folder = folder / "data", .encrypted = encrypted});
    CHECK(firsts(*engine->open(Harness::store, options), {.table = &people::table}) ==
          Texts{"before", "last", "later"});
  }
}

TEST_CASE("what others have seen and cannot be synced ends the work on a database until another process opens it") {
  for (const auto kind : {sqlite::LibraryKind::sqlite, sqlite::LibraryKind::sqlcipher}) {
    TemporaryFolder folder;
    SqliteOptions of_file{
        .folder = folder / "data", .encrypted = kind == sqlite::LibraryKind::sqlcipher, .vfs = "failing"};
    CHECK(
        in_child([&]() -> int {
          testing::PowerCutVfs vfs{sqlite::load_library(kind), of_file.vfs};
          const auto engine = make_sqlite_engine(of_file);
          auto database = engine->create(Harness::store, options);
          insert(*database, people::table, {person("before", 1, "B")});
          database->sync();  // there is nothing to do
          const bool ahead = database->write_ahead(
              [](Transaction& transaction) { insert(transaction, people::table, person("lost", 2, "L")); });
          if (!ahead) return 1;
          const auto is = [](const auto& fault, FaultKind expected) { return fault && fault->first == expected; };
          vfs.fail_syncs(1);
          if (!is(fault_of([&] { database->sync(); }), FaultKind::unknown_outcome)) return 2;
          if (!is(fault_of([&] { database->sync(); }), FaultKind::unknown_outcome)) return 3;  // it never comes to know
          if (!is(fault_of([&] { firsts(*database, {.table = &people::table}); }), FaultKind::unavailable)) return 4;
          if (!is(fault_of([&] { insert(*database, people::table, {person("no", 3, "N")}); }), FaultKind::unavailable))
            return 5;
          database->maintain(true);
          if (!is(fault_of([&] { database->scrub(); }), FaultKind::unavailable)) return 6;
          database.reset();
          if (!is(fault_of([&] { engine->open(Harness::store, options); }), FaultKind::in_use)) return 7;
          testing::die_now();
        }) == testing::child_killed);
    of_file.vfs.clear();
    const auto database = make_sqlite_engine(of_file)->open(Harness::store, options);
    CHECK(firsts(*database, {.table = &people::table}) == Texts{"before"});
    insert(*database, people::table, {person("later", 2, "L")});
    CHECK(firsts(*database, {.table = &people::table}) == Texts{"before", "later"});
  }
}

TEST_CASE("a reading that takes too long is ended") {
  TemporaryFolder folder;
  const auto engine = make_sqlite_engine({.folder = folder / "data", .reading_max = std::chrono::milliseconds{0}});
  const auto database = engine->create(Harness::store, options);
  insert(*database, people::table, {person("a", 1, "A")});
  MEDFLOW_CHECK_FAULT_KIND(unavailable, firsts(*database, {.table = &people::table}));
  database->write(
      [&](Transaction& transaction) { CHECK(firsts(transaction, {.table = &people::table}) == Texts{"a"}); });
}

TEST_CASE("more readers than connections wait for each other") {
  TemporaryFolder folder;
  const auto engine = make_sqlite_engine({.folder = folder / "data", .readers_max = 1});
  const auto database = engine->create(Harness::store, options);
  insert(*database, people::table, {person("a", 1, "A")});
  std::atomic<int> seen = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round)
        seen += static_cast<int>(firsts(*database, {.table = &people::table}).size());
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(seen == 80);
}
