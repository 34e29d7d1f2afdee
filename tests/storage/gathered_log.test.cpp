#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <stdexcept>

#include "medflow/conformance/model.hpp"
#include "tests/storage/both_libraries.hpp"
#include "tests/support/raw_sqlite.hpp"

using namespace medflow;
using namespace medflow::conformance;
using medflow::testing::RawSqlite;
using medflow::testing::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

using People = std::map<std::string, Line>;

/// Changes some of the people, in storage and in `people`, so many of them that a small cache cannot hold the pages.
void change_some(Transaction& transaction, People& people, Chance& chance) {
  const int count = 1 + chance.below(80);
  for (int i = 0; i < count; ++i) {
    const int number = chance.below(300);
    const std::string id = "id" + std::to_string(number);
    const std::string note(static_cast<std::size_t>(chance.below(3'000)), static_cast<char>('a' + chance.below(26)));
    const auto found = people.find(id);
    if (found == people.end()) {
      const Line line = person(id, number, "N", note);
      insert(transaction, people::table, line);
      people.emplace(id, line);
    } else if (chance.one_in(4)) {
      erase(transaction, people::table, found->second);
      people.erase(found);
    } else {
      const auto revision = found->second[people::revision].integer;
      const Line line = person(id, number, "changed", note, revision + 1);
      update(transaction, people::table, line, static_cast<Revision>(revision));
      found->second = line;
    }
  }
}

std::vector<Line> lines_of(const People& people) {
  std::vector<Line> lines;
  for (const auto& [id, line] : people) lines.push_back(line);
  return lines;
}

/// The people in the files as they are now, as after a death: what SQLite knows in memory alone is not there.
std::vector<Line> people_after_death(const SqliteOptions& options, const TemporaryFolder& place) {
  auto copied = options;
  copied.folder = place / "copy";
  fs::remove_all(copied.folder);
  fs::copy(options.folder, copied.folder, fs::copy_options::recursive);
  fs::remove(copied.folder + "/north/data.db-shm");
  std::vector<Line> found;
  make_sqlite_engine(copied)->open(Harness::store, with_key)->read([&](Transaction& transaction) {
    found = rows(transaction, {.table = &people::table});
  });
  return found;
}

}  // namespace

TEST_CASE("a commit of many pages reaches the log in few writes") {
  for (const auto kind : both) {
    WatchedFolder watched{kind};
    const auto database = make_sqlite_engine(watched.options)->create(Harness::store, with_key);
    insert(*database, people::table, {person("first", 0, "F")});  // the first one finds out where the log ends
    std::atomic<int> writes = 0;
    watched.vfs.on_write([&](const std::string& path) { writes += path.ends_with("-wal") ? 1 : 0; });
    database->write([](Transaction& transaction) {
      for (int i = 0; i < 200; ++i)
        insert(transaction, people::table, person("id" + std::to_string(i), 1 + i, "N", std::string(3'000, 'x')));
    });
    watched.vfs.on_write({});
    CHECK(writes >= 1);
    CHECK(writes <= 40);  // 200 pages at least, each of which SQLite writes in two pieces
    CHECK(firsts(*database, {.table = &people::table}).size() == 201);
  }
}

TEST_CASE(
    "whatever transactions larger than the cache write, write again and undo, each commit is there after a death") {
  for (const auto kind : both) {
    TemporaryFolder folder;
    auto options = options_of(folder, kind);
    options.cache_kib = 40;
    options.behind_kib_max = 0;
    const auto database = make_sqlite_engine(options)->create(Harness::store, with_key);
    Chance chance{20261130};
    People people;
    for (int round = 0; round < 150; ++round) {
      People after = people;
      const bool fails = chance.one_in(5);
      const auto failed = fault_of([&] {
        database->write([&](Transaction& transaction) {
          const int parts = 1 + chance.below(4);
          for (int part = 0; part < parts; ++part) {
            const bool undone = chance.one_in(3);
            People tried = after;
            fault_of([&] {
              transaction.attempt([&] {
                const int times = undone ? 4 : 1;  // pages that leave the cache again and again before they are undone
                for (int i = 0; i < times; ++i) change_some(transaction, tried, chance);
                if (undone) throw Fault{FaultKind::misuse, "undone"};
              });
            });
            if (!undone) after = tried;
          }
          if (fails) throw Fault{FaultKind::misuse, "failed"};
        });
      });
      REQUIRE(failed.has_value() == fails);
      if (!fails) people = after;
      if (chance.one_in(4)) database->maintain(chance.one_in(2));
      if (chance.one_in(30)) database->scrub();
      CAPTURE(round);
      database->read(
          [&](Transaction& transaction) { REQUIRE(rows(transaction, {.table = &people::table}) == lines_of(people)); });
      if (round % 3 == 0) REQUIRE(people_after_death(options, folder) == lines_of(people));
    }
    RawSqlite raw{sqlite::load_library(kind), folder / "data/north/data.db",
                  options.encrypted ? std::span<const std::byte>{key} : std::span<const std::byte>{}};
    CHECK(raw.rows("PRAGMA integrity_check") == std::vector<std::vector<std::string>>{{"ok"}});
  }
}
