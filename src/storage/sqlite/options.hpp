// What the engines for SQLite and SQLCipher can be told, beyond what their public functions offer: for the kernel and for tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage {

/// How long a commit waits: until the disk has it, or not at all (a power cut may then lose it; for tests).
enum class Synchronous : std::uint8_t { off, full };

struct SqliteOptions {
  std::string folder{};
  bool encrypted = false;  ///< SQLCipher, with the page key of OpenOptions; else plain SQLite
  std::string vfs{};       ///< a registered VFS of the library, empty for its default
  Synchronous synchronous = Synchronous::full;
  int cache_kib = 64 * 1024;         ///< page cache, at most, of the connection that writes a tenant's data
  int readers_cache_kib = 8 * 1024;  ///< the same for each that reads: audited reads go through the writer
  int keys_cache_kib = 2 * 1024;     ///< the same for a key store
  int readers_max = 2;               ///< reading connections of a database, opened when first needed
  /// After which a reading is ended, so that the log can be cut. Long enough to verify a large hospital on one snapshot; the log
  /// grows meanwhile.
  std::chrono::milliseconds reading_max{600'000};
  /// How much of what batches write ahead may be in the redo log alone, in KiB, until SQLite commits it, and four times that while its
  /// log is moved; 0 for no redo log.
  int behind_kib_max = 256;
  int redo_kib_max = 16 * 1024;  ///< a redo log that long begins anew
  int pages_max = 0;             ///< a database's greatest size in pages, 0 for no limit
};

/// The engine that `sqlite_engine` and `sqlcipher_engine` make with the options' defaults.
std::unique_ptr<Engine> make_sqlite_engine(SqliteOptions options);

}  // namespace medflow::inline v1::storage
