// A host that links SQLite itself and uses it on another thread while MedFlow's engines load their own: neither may notice the
// other. Without deep binding this crashes.
#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "medflow/storage/engine.hpp"

namespace {

using namespace medflow::storage;

constexpr Column columns[] = {{.name = "id", .kind = CellKind::integer}, {.name = "body", .kind = CellKind::text}};
constexpr Table notes{.id = 1, .name = "notes", .columns = columns};
constexpr SchemaChange changes[] = {{.table = &notes}};
constexpr Migration migrations[] = {{.number = 1, .name = "notes", .changes = changes}};
constexpr Schema schema{.name = "host", .migrations = migrations};

constexpr int rounds = 200;

// The host's own use of SQLite: rows in and out of a database of its own.
bool use_own_sqlite(const std::atomic<bool>& stop) {
  sqlite3* db = nullptr;
  bool good = sqlite3_open(":memory:", &db) == SQLITE_OK;
  good = good &&
         sqlite3_exec(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)", nullptr, nullptr, nullptr) == SQLITE_OK;
  while (good && !stop) {
    good = sqlite3_exec(db, "INSERT INTO t (b) VALUES (hex(randomblob(50)))", nullptr, nullptr, nullptr) == SQLITE_OK;
    good = good && sqlite3_exec(db, "SELECT count(*), max(b) FROM t", nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  sqlite3_close(db);
  return good;
}

bool use_engine(Engine& engine) {
  const std::array<std::byte, 48> key{std::byte{1}};
  const OpenOptions options{.schema = &schema, .page_key = key};
  const auto database = engine.create({.tenant = "host"}, options);
  for (int i = 0; i < rounds; ++i) {
    const Cell row[] = {Cell::of(i), Cell::text("a note")};
    database->write([&](Transaction& transaction) { transaction.insert(notes, row); });
  }
  int count = 0;
  database->read([&](Transaction& transaction) {
    transaction.scan({.table = &notes}, [&](RowView row) {
      count += row[1].data == "a note" ? 1 : 0;
      return true;
    });
  });
  return count == rounds;
}

}  // namespace

int main() {
  std::string folder = (std::filesystem::temp_directory_path() / "medflow-host-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  std::atomic<bool> stop = false;
  bool host_good = false;
  std::thread host{[&] { host_good = use_own_sqlite(stop); }};
  bool engines_good = false;
  try {
    engines_good = use_engine(*sqlite_engine(folder + "/plain")) && use_engine(*sqlcipher_engine(folder + "/cipher"));
  } catch (const Fault& fault) {
    std::fprintf(stderr, "%s (%s)\n", fault.what(), fault.detail.c_str());
  }
  stop = true;
  host.join();
  std::filesystem::remove_all(folder);
  std::printf("host %s, engines %s\n", host_good ? "good" : "bad", engines_good ? "good" : "bad");
  return host_good && engines_good ? 0 : 1;
}
