#include "storage/sqlite/synced_pieces.hpp"

#include <type_traits>

namespace medflow::inline v1::storage::sqlite {

void SyncedPieces::stand_before(sqlite3_file& database, int piece_pages) {
  static_assert(std::is_standard_layout_v<SyncedPieces>);
  piece_pages_ = piece_pages;
  real_ = database.pMethods;
  methods_ = *real_;
  methods_.xWrite = [](sqlite3_file* file, const void* page, int size, sqlite3_int64 at) {
    auto& self = *reinterpret_cast<SyncedPieces*>(const_cast<sqlite3_io_methods*>(file->pMethods));
    return self.write(file, page, size, at);
  };
  database.pMethods = &methods_;
}

int SyncedPieces::write(sqlite3_file* database, const void* page, int size, sqlite3_int64 at) {
  const int code = real_->xWrite(database, page, size, at);
  if (code != SQLITE_OK || ++unsynced_pages_ < piece_pages_) return code;
  unsynced_pages_ = 0;
  return real_->xSync(database, SQLITE_SYNC_NORMAL);
}

}  // namespace medflow::inline v1::storage::sqlite
