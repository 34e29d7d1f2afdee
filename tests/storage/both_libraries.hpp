// What tests of both file libraries begin with: the libraries, the options of an engine in a folder, and a key to open its databases.
#pragma once

#include <array>

#include "storage/sqlite/library.hpp"
#include "tests/conformance/file_harness.hpp"

namespace medflow::conformance {

inline constexpr storage::sqlite::LibraryKind both[] = {storage::sqlite::LibraryKind::sqlite,
                                                        storage::sqlite::LibraryKind::sqlcipher};
inline constexpr std::array<std::byte, 48> key{std::byte{7}};
inline const storage::OpenOptions with_key{.schema = &schema, .page_key = key};

inline storage::SqliteOptions options_of(const testing::TemporaryFolder& folder, storage::sqlite::LibraryKind kind) {
  return {.folder = folder / "data", .encrypted = kind == storage::sqlite::LibraryKind::sqlcipher};
}

}  // namespace medflow::conformance
