#include <doctest/doctest.h>

#include "tests/storage/both_libraries.hpp"
#include "tests/support/child.hpp"
#include "tests/support/power_cut_vfs.hpp"

using namespace medflow;
using namespace medflow::conformance;
using medflow::testing::in_child;
using medflow::testing::PowerCutVfs;
using medflow::testing::TemporaryFolder;

namespace {

Texts rows_after(const SqliteOptions& options) {
  auto plain = options;
  plain.vfs.clear();
  return firsts(*make_sqlite_engine(plain)->open(Harness::store, with_key), {.table = &people::table});
}

/// What a power cut leaves of a new database on which `work` was done; it says whether that went as it should.
template <class Work>
Texts left_after(sqlite::LibraryKind kind, Work work) {
  const TemporaryFolder folder;
  const SqliteOptions options{
      .folder = folder / "data", .encrypted = kind == sqlite::LibraryKind::sqlcipher, .vfs = "power cut"};
  CHECK(in_child([&]() -> int {
          const PowerCutVfs vfs{sqlite::load_library(kind), options.vfs};
          const auto database = make_sqlite_engine(options)->create(Harness::store, with_key);
          if (!work(*database)) return 1;
          testing::die_now();
        }) == testing::child_killed);
  return rows_after(options);
}

}  // namespace

TEST_CASE("SEC-5: what was committed survives a power cut, and would not without its sync") {
  for (const auto kind : both) {
    for (const auto synchronous : {Synchronous::full, Synchronous::off}) {
      TemporaryFolder folder;
      SqliteOptions options{
          .folder = folder / "data", .encrypted = kind == sqlite::LibraryKind::sqlcipher, .vfs = "power cut"};
      CHECK(in_child([&]() -> int {
              const PowerCutVfs vfs{sqlite::load_library(kind), options.vfs};
              insert(*make_sqlite_engine(options)->create(Harness::store, with_key), people::table,
                     {person("safe", 1, "S")});
              options.synchronous = synchronous;
              const auto database = make_sqlite_engine(options)->open(Harness::store, with_key);
              for (int i = 2; i < 50; ++i) {
                insert(*database, people::table, {person("row" + std::to_string(i), i, "R", std::string(1'000, 'x'))});
                if (i % 10 == 0) database->maintain(true);
              }
              if (firsts(*database, {.table = &people::table}).size() != 49) return 1;
              testing::die_now();
            }) == testing::child_killed);
      CHECK(rows_after(options).size() == (synchronous == Synchronous::full ? 49U : 1U));
    }
  }
}

TEST_CASE("SEC-5: of commits ahead of their sync a power cut takes the last ones, and none that was synced") {
  constexpr int before = 20, after = 30;  // rows written before the last sync, and behind it
  for (const auto kind : both) {
    for (const bool syncs : {true, false}) {
      const Texts rows = left_after(kind, [&](Database& database) {
        bool ahead = true;
        for (int i = 0; i < before + after; ++i) {
          if (i == before && syncs) database.sync();
          ahead = database.write_ahead([&](Transaction& transaction) {
            insert(transaction, people::table, person("row" + std::to_string(100 + i), i, "R"));
          }) && ahead;
        }
        return ahead;
      });
      CHECK(rows.size() == (syncs ? static_cast<std::size_t>(before) : 0U));
      for (std::size_t i = 0; i < rows.size(); ++i) CHECK(rows[i] == "row" + std::to_string(100 + i));
    }
  }
}

TEST_CASE("SEC-5: who reads what is committed ahead waits for its sync") {
  for (const auto kind : both) {
    CHECK(left_after(kind, [](Database& database) {
            database.write_ahead(
                [](Transaction& transaction) { insert(transaction, people::table, person("seen", 1, "S")); });
            return firsts(database, {.table = &people::table}) == Texts{"seen"};
          }) == Texts{"seen"});
  }
}

TEST_CASE("SEC-5: a store that has just been made survives a power cut") {
  for (const auto kind : both) CHECK(left_after(kind, [](Database&) { return true; }).empty());
}
