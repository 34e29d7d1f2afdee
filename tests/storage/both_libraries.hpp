// What tests of both file libraries begin with: the libraries, the options of an engine in a folder, a key to open its databases, and batches.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "storage/sqlite/library.hpp"
#include "tests/conformance/file_harness.hpp"
#include "tests/support/power_cut_vfs.hpp"

namespace medflow::conformance {

inline constexpr storage::sqlite::LibraryKind both[] = {storage::sqlite::LibraryKind::sqlite,
                                                        storage::sqlite::LibraryKind::sqlcipher};
inline constexpr std::array<std::byte, 48> key{std::byte{7}};
inline const storage::OpenOptions with_key{.schema = &schema, .page_key = key};

inline storage::SqliteOptions options_of(const testing::TemporaryFolder& folder, storage::sqlite::LibraryKind kind) {
  return {.folder = folder / "data", .encrypted = kind == storage::sqlite::LibraryKind::sqlcipher};
}

/// A folder, and the options of an engine in it whose files can be watched and made to fail.
struct WatchedFolder {
  explicit WatchedFolder(storage::sqlite::LibraryKind kind)
      : vfs(storage::sqlite::load_library(kind), "watched"), options(options_of(folder, kind)) {
    options.vfs = vfs.name();
  }

  testing::TemporaryFolder folder{};
  testing::PowerCutVfs vfs;
  storage::SqliteOptions options;
};

/// One batch, durable when this returns.
template <class Work>
void ahead(storage::Database& database, Work work) {
  database.write_ahead([&](storage::Transaction& transaction) { work(transaction); });
  database.sync();
}

inline void add(storage::Database& database, const std::string& id, std::int64_t number, std::string note = "n") {
  ahead(database,
        [&](storage::Transaction& transaction) { insert(transaction, people::table, person(id, number, "N", note)); });
}

}  // namespace medflow::conformance
