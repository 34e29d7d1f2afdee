#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "storage/sqlite/folder.hpp"
#include "tests/conformance/file_harness.hpp"
#include "tests/support/child.hpp"

using namespace medflow;
using namespace medflow::conformance;
using medflow::testing::in_child;
using medflow::testing::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

const std::array<std::byte, 48> right_key{std::byte{1}, std::byte{2}};
const std::array<std::byte, 48> wrong_key{std::byte{1}, std::byte{3}};
const OpenOptions keyed{.schema = &schema, .page_key = right_key};
const OpenOptions unkeyed{.schema = &schema};
constexpr StoreName keys() { return {.tenant = "north", .part = Part::keys}; }
const std::string marker = "Zylphia-Quandary-marker";

// Whether a file below the folder has the marker in it; looked at by another process, because closing a database's file
// here would drop SQLite's locks on it.
bool found_in_files(const std::string& folder, const std::string& text) {
  const int answer = in_child([&] {
    for (const auto& entry : fs::recursive_directory_iterator{folder}) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file{entry.path(), std::ios::binary};
      const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
      if (bytes.find(text) != std::string::npos) return 1;
    }
    return 0;
  });
  REQUIRE(answer != testing::child_threw);
  return answer == 1;
}

}  // namespace

TEST_CASE("SEC-1: another page key does not open the file") {
  TemporaryFolder folder;
  const auto engine = sqlcipher_engine(folder / "data");
  insert(*engine->create(Harness::store, keyed), people::table, {person("a", 1, "A")});
  const OpenOptions other{.schema = &schema, .page_key = wrong_key};
  MEDFLOW_CHECK_FAULT(wrong_key, folder / "data/north/data.db", engine->open(Harness::store, other));
  MEDFLOW_CHECK_FAULT_KIND(misuse, engine->open(Harness::store, unkeyed));
  const OpenOptions half{.schema = &schema, .page_key = std::span{right_key}.first(32)};
  MEDFLOW_CHECK_FAULT_KIND(misuse, engine->open(Harness::store, half));
  CHECK(firsts(*engine->open(Harness::store, keyed), {.table = &people::table}) == Texts{"a"});
}

TEST_CASE("SEC-1: a file in plain is refused where a key is given, and an encrypted one where none is used") {
  TemporaryFolder folder;
  sqlite_engine(folder / "data")->create(Harness::store, unkeyed);
  MEDFLOW_CHECK_FAULT(wrong_key, folder / "data/north/data.db",
                      sqlcipher_engine(folder / "data")->open(Harness::store, keyed));
  sqlcipher_engine(folder / "other")->create(Harness::store, keyed);
  MEDFLOW_CHECK_FAULT(corrupt, folder / "other/north/data.db",
                      sqlite_engine(folder / "other")->open(Harness::store, unkeyed));
}

TEST_CASE("SEC-1: no file of the encrypting engine holds a word in plain") {
  for (const bool encrypted : {false, true}) {
    TemporaryFolder folder;
    const auto engine = make_sqlite_engine({.folder = folder / "data", .encrypted = encrypted});
    auto database = engine->create(Harness::store, keyed);
    for (int i = 0; i < 50; ++i)
      insert(*database, people::table, {person(marker + std::to_string(i), i, marker, marker)});
    CHECK(firsts(*database, {.table = &people::table}).size() == 50);
    CHECK(found_in_files(folder.path(), marker) == !encrypted);
    database->maintain(true);
    database.reset();
    CHECK(found_in_files(folder.path(), marker) == !encrypted);
    CHECK(found_in_files(folder.path(), "CREATE TABLE") == !encrypted);
  }
}

TEST_CASE("SEC-1: the key store has no page key and is written in plain") {
  TemporaryFolder folder;
  const auto engine = sqlcipher_engine(folder / "data");
  engine->create(keys(), unkeyed);
  CHECK(sqlite::Folder::is_plain(folder / "data/north/keys.db"));
  CHECK(engine->open(keys(), unkeyed));
}

TEST_CASE("SEC-1: the salt of the page key is what the file begins with") {
  TemporaryFolder folder;
  sqlcipher_engine(folder / "data")->create(Harness::store, keyed);
  std::ifstream file{folder / "data/north/data.db", std::ios::binary};
  std::array<char, 16> start{};
  REQUIRE(file.read(start.data(), start.size()));
  CHECK(std::equal(start.begin(), start.end(), right_key.begin() + 32,
                   [](char a, std::byte b) { return static_cast<std::byte>(a) == b; }));
}

TEST_CASE("PRI-5: what was erased from a key store is in no file after a scrub") {
  TemporaryFolder folder;
  const auto engine = sqlite_engine(folder / "data");
  const auto database = engine->create(keys(), unkeyed);
  std::vector<Line> lines;
  for (int i = 0; i < 200; ++i)
    lines.push_back(person("key" + std::to_string(1'000 + i), i, i == 77 ? marker : "ordinary", "wrapped"));
  insert(*database, people::table, lines);
  database->scrub();
  CHECK(found_in_files(folder.path(), marker));
  database->write([&](Transaction& transaction) { erase(transaction, people::table, lines[77]); });
  CHECK(found_in_files(folder.path(), marker));
  database->scrub();
  CHECK_FALSE(found_in_files(folder.path(), marker));
  CHECK(firsts(*database, {.table = &people::table}).size() == 199);
}

TEST_CASE("a damaged page is found, and named by its file") {
  for (const bool encrypted : {false, true}) {
    TemporaryFolder folder;
    const auto engine = make_sqlite_engine({.folder = folder / "data", .encrypted = encrypted});
    std::vector<Line> lines;
    for (int i = 0; i < 2'000; ++i) lines.push_back(person("id" + std::to_string(i), i, "some name"));
    insert(*engine->create(Harness::store, keyed), people::table, lines);
    const auto path = folder / "data/north/data.db";
    const auto size = fs::file_size(path);
    {
      std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
      for (std::uintmax_t page = 6; page * 4096 < size; ++page) {
        file.seekp(static_cast<std::streamoff>(page * 4096));
        file.write("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
      }
    }
    const auto database = engine->open(Harness::store, keyed);
    MEDFLOW_CHECK_FAULT(corrupt, path, firsts(*database, {.table = &people::table, .index = "by_number"}));
    MEDFLOW_CHECK_FAULT_KIND(corrupt, database->write([&](Transaction& transaction) {
      try {
        firsts(transaction, {.table = &people::table, .index = "by_number"});
      } catch (const Fault&) {
        CHECK_FALSE(transaction.alive());
      }
    }));
  }
}
