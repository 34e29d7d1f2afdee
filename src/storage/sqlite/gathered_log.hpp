// SQLite's log, written in pieces of many pages: SQLite itself writes each page and the head before it apart, and a call of the system costs
// more than a page does.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <vector>

namespace medflow::inline v1::storage::sqlite {

/// Stands between SQLite and the file of its log, on the one connection that writes. What SQLite adds to the log's end is kept until the page
/// that ends a commit, whose head says so, and then written at once; so an error is that write's, and SQLite makes nothing of the commit
/// known to readers before it has succeeded. All else goes to the file as it comes.
class GatheredLog {
 public:
  GatheredLog() = default;
  GatheredLog(const GatheredLog&) = delete;
  GatheredLog& operator=(const GatheredLog&) = delete;

  /// From now on until SQLite closes the file, which it has to do before this ends.
  void stand_before(sqlite3_file& log);

  /// How often the log has begun anew since then.
  std::size_t beginnings() const { return beginnings_; }

 private:
  static GatheredLog& of(sqlite3_file* log);

  int write(sqlite3_file* log, const char* bytes, std::size_t size, sqlite3_int64 at);
  int write_gathered(sqlite3_file* log);

  sqlite3_io_methods methods_{};  // SQLite's pointer to these leads back here: they are the first member
  const sqlite3_io_methods* real_ = nullptr;
  std::vector<char> gathered_{};
  sqlite3_int64 end_ = -1;    ///< of what was added to the log last, gathered or not; -1 where that is unknown
  bool ends_commit_ = false;  ///< the page that comes next does
  std::size_t beginnings_ = 0;
};

}  // namespace medflow::inline v1::storage::sqlite
