// The database file, synced while it is written: thousands of pages at once would keep every other sync of the same disk waiting behind them.
#pragma once

#include <sqlite3.h>

namespace medflow::inline v1::storage::sqlite {

/// Stands between SQLite and the database file, on a connection that moves pages of the log into it. A sync that fails is an error of the write
/// that it came with, so SQLite does not take the pages for moved.
class SyncedPieces {
 public:
  SyncedPieces() = default;
  SyncedPieces(const SyncedPieces&) = delete;
  SyncedPieces& operator=(const SyncedPieces&) = delete;

  /// From now on until SQLite closes the file, which it has to do before this ends. A piece has so many pages.
  void stand_before(sqlite3_file& database, int piece_pages);

 private:
  int write(sqlite3_file* database, const void* page, int size, sqlite3_int64 at);

  sqlite3_io_methods methods_{};  // SQLite's pointer to these leads back here: they are the first member
  const sqlite3_io_methods* real_ = nullptr;
  int piece_pages_ = 0;
  int unsynced_pages_ = 0;
};

}  // namespace medflow::inline v1::storage::sqlite
