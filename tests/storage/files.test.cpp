#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "storage/sqlite/migrate.hpp"
#include "tests/conformance/file_harness.hpp"
#include "tests/support/child.hpp"
#include "tests/support/raw_sqlite.hpp"

using namespace medflow;
using namespace medflow::conformance;
using medflow::testing::in_child;
using medflow::testing::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

int mode_of(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? static_cast<int>(info.st_mode & 0777) : -1;
}

const OpenOptions plain{.schema = &schema};

Texts tenants_of(Engine& engine) {
  Texts out;
  for (const auto& name : engine.list()) out.push_back(name.tenant);
  return out;
}

}  // namespace

TEST_CASE("folders and files are the owner's alone, whatever the umask") {
  for (const mode_t mask : {mode_t{0}, mode_t{0277}}) {
    TemporaryFolder folder;
    const auto before = ::umask(mask);
    const auto engine = sqlite_engine(folder / "data");
    const auto database = engine->create(Harness::store, plain);
    insert(*database, people::table, {person("a", 1, "A")});
    CHECK(firsts(*database, {.table = &people::table}) == Texts{"a"});
    ::umask(before);
    CHECK(mode_of(folder / "data") == 0700);
    CHECK(mode_of(folder / "data/north") == 0700);
    for (const auto* file : {"data/lock", "data/north/data.db", "data/north/data.db-wal", "data/north/data.db-shm"}) {
      CAPTURE(file);
      CHECK(mode_of(folder / file) == 0600);
    }
  }
}

TEST_CASE(
    "OPS-4: folders of others beside the stores keep nobody from them, and a store that may not be read is not taken "
    "for none") {
  TemporaryFolder folder;
  const auto engine = sqlite_engine(folder / "data");
  engine->create(Harness::store, plain);
  engine->create({.tenant = "south"}, plain);
  fs::create_directory(folder / "data/lost+found");
  fs::create_directory(folder / "data/locked");
  fs::permissions(folder / "data/locked", fs::perms::none);
  fs::permissions(folder / "data/south", fs::perms::none);
  const auto names = tenants_of(*engine);
  CHECK(std::count(names.begin(), names.end(), "north") == 1);
  CHECK(std::count(names.begin(), names.end(), "lost+found") == 0);
  if (::geteuid() != 0) {  // whom no mode holds up
    CHECK(names == Texts{"north"});
    const StoreName south{.tenant = "south"};
    MEDFLOW_CHECK_FAULT(unavailable, folder / "data/south/data.db", engine->open(south, plain));
    MEDFLOW_CHECK_FAULT(unavailable, folder / "data/south/data.db", engine->create(south, plain));
  }
  fs::permissions(folder / "data/locked", fs::perms::owner_all);
  fs::permissions(folder / "data/south", fs::perms::owner_all);
  CHECK(fault_of([&] { engine->open({.tenant = "south"}, plain); }) == std::nullopt);
}

TEST_CASE("a data folder is open once in a process, by whatever name") {
  TemporaryFolder folder;
  auto engine = sqlite_engine(folder / "data");
  fs::create_directory_symlink(folder / "data", folder / "alias");
  MEDFLOW_CHECK_FAULT(in_use, folder / "data/lock", sqlcipher_engine(folder / "data/"));
  MEDFLOW_CHECK_FAULT(in_use, folder / "alias/lock", sqlite_engine(folder / "alias"));
  const auto database = engine->create(Harness::store, plain);
  engine.reset();
  MEDFLOW_CHECK_FAULT_KIND(in_use, sqlite_engine(folder / "data"));  // its database still lives
}

TEST_CASE("a data folder belongs to one process, until that ends") {
  TemporaryFolder folder;
  int ready[2], done[2];
  REQUIRE(::pipe(ready) == 0);
  REQUIRE(::pipe(done) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(done[1]);
    const auto engine = sqlite_engine(folder / "data");
    char byte = 0;
    if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
    static_cast<void>(::read(done[0], &byte, 1));  // until the parent closes its end
    testing::die_now();
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  MEDFLOW_CHECK_FAULT(in_use, folder / "data/lock", sqlite_engine(folder / "data"));
  ::close(done[1]);
  ::waitpid(child, nullptr, 0);
  CHECK(sqlite_engine(folder / "data"));
  for (const int end : {ready[0], ready[1], done[0]}) ::close(end);
}

TEST_CASE("a store that was left half-made is listed, is not opened and can be dropped") {
  TemporaryFolder folder;
  const auto engine = sqlite_engine(folder / "data");
  SUBCASE("after its folder") { fs::create_directory(folder / "data/north"); }
  SUBCASE("after its empty file") {
    fs::create_directory(folder / "data/north");
    std::ofstream{folder / "data/north/data.db"};
  }
  SUBCASE("before its first migration") {
    fs::create_directory(folder / "data/north");
    sqlite::Library library = sqlite::load_library(sqlite::LibraryKind::sqlite);
    testing::RawSqlite raw{library, folder / "data/north/data.db"};
    raw.run("PRAGMA journal_mode=WAL");
    raw.run("CREATE TABLE other (id INTEGER)");
  }
  CHECK(tenants_of(*engine) == Texts{"north"});
  MEDFLOW_CHECK_FAULT(missing, folder / "data/north/data.db", engine->open(Harness::store, plain));
  engine->drop(Harness::store);
  CHECK(tenants_of(*engine).empty());
  CHECK_FALSE(fs::exists(folder / "data/north"));
  CHECK(firsts(*engine->create(Harness::store, plain), {.table = &people::table}).empty());
}

TEST_CASE("killed at any moment of its making, a store is whole or can be dropped") {
  TemporaryFolder folder;
  const auto killed = in_child([&]() -> int {
    const auto engine = sqlite_engine(folder / "data");
    std::thread maker{[&] {
      for (int i = 0; i < 1'000; ++i) engine->create({.tenant = "t" + std::to_string(i)}, plain);
    }};
    while (engine->list().size() < 20) std::this_thread::yield();
    testing::die_now();
  });
  CHECK(killed == testing::child_killed);
  const auto engine = sqlite_engine(folder / "data");
  const auto names = engine->list();
  CHECK(names.size() >= 20);
  std::size_t whole = 0;
  for (const auto& name : names) {
    const auto fault = fault_of([&] { engine->open(name, plain); });
    whole += fault ? 0 : 1;
    CHECK((!fault || fault->first == FaultKind::missing));
    engine->drop(name);
  }
  CHECK(whole + 1 >= names.size());
  CHECK(engine->list().empty());
}

TEST_CASE("a log that an earlier store left behind is not taken for the new one's") {
  TemporaryFolder folder;
  const auto engine = sqlite_engine(folder / "data");
  {
    const auto database = engine->create(Harness::store, plain);
    insert(*database, people::table, {person("ghost", 1, "G")});
    fs::copy_file(folder / "data/north/data.db-wal", folder / "wal");
  }
  engine->drop(Harness::store);
  fs::create_directory(folder / "data/north");
  fs::copy_file(folder / "wal", folder / "data/north/data.db-wal");
  CHECK(firsts(*engine->create(Harness::store, plain), {.table = &people::table}).empty());
}

TEST_CASE("what a killed process had committed is there") {
  TemporaryFolder folder;
  for (const bool encrypted : {false, true}) {
    const SqliteOptions options{.folder = folder / (encrypted ? "cipher" : "plain"), .encrypted = encrypted};
    const std::array<std::byte, 48> key{std::byte{7}};
    const OpenOptions with_key{.schema = &schema, .page_key = key};
    CHECK(in_child([&]() -> int {
            const auto engine = make_sqlite_engine(options);
            const auto database = engine->create(Harness::store, with_key);
            insert(*database, people::table, {person("a", 1, "A")});
            database->write([&](Transaction& transaction) {
              insert(transaction, people::table, person("b", 2, "B"));
              testing::die_now();
            });
            return 0;
          }) == testing::child_killed);
    const auto database = make_sqlite_engine(options)->open(Harness::store, with_key);
    CHECK(firsts(*database, {.table = &people::table}) == Texts{"a"});
  }
}

TEST_CASE("a long log that a reader holds is cut when the reader is gone, and writers go on meanwhile") {
  TemporaryFolder folder;
  // Writers that waited for the reader, five seconds each time, would outlast it.
  const auto engine = make_sqlite_engine({.folder = folder / "data", .reading_max = std::chrono::seconds(60)});
  const auto database = engine->create(Harness::store, plain);
  const auto log = folder / "data/north/data.db-wal";
  insert(*database, people::table, {person("first", 0, "n")});
  const std::string large(1U << 20, 'x');
  int written = 0;
  database->read([&](Transaction& transaction) {
    CHECK(firsts(transaction, {.table = &people::table}) == Texts{"first"});
    for (; written < 96; ++written) {
      insert(*database, people::table, {person(std::to_string(written), 1 + written, "n", large)});
      database->maintain(true);
    }
    CHECK(firsts(transaction, {.table = &people::table}) == Texts{"first"});
  });
  CHECK(fs::file_size(log) > 80U << 20);
  database->maintain(true);
  CHECK(fs::file_size(log) == 0);
  CHECK(firsts(*database, {.table = &people::table}).size() == 97);
}

TEST_CASE("the log is moved into the file, and cut when nobody waits") {
  TemporaryFolder folder;
  const auto engine = sqlite_engine(folder / "data");
  const auto database = engine->create(Harness::store, plain);
  const auto log = folder / "data/north/data.db-wal";
  const std::string large(1U << 20, 'x');
  for (int i = 0; i < 120; ++i) {
    insert(*database, people::table, {person(std::to_string(i), i, "n", large)});
    database->maintain(false);
  }
  CHECK(fs::file_size(log) < 72U << 20);  // it was begun anew after each checkpoint
  std::vector<Line> many;
  for (int i = 0; i < 96; ++i) many.push_back(person("m" + std::to_string(i), 1'000 + i, "n", large));
  insert(*database, people::table, many);
  CHECK(fs::file_size(log) > 80U << 20);
  database->maintain(true);
  CHECK(fs::file_size(log) == 0);
}
