#include "storage/sqlite/gathered_log.hpp"

#include <algorithm>
#include <type_traits>

namespace medflow::inline v1::storage::sqlite {
namespace {

// "WAL format" of SQLite's documentation: the log begins with its head; each page has one as well, whose second number is the size of the
// database in pages where the page ends a commit, else 0.
constexpr std::size_t page_head_bytes = 24;
constexpr std::size_t gathered_bytes_max = std::size_t{64} << 10;

bool ends_commit(const char* page_head) {
  return std::any_of(page_head + 4, page_head + 8, [](char byte) { return byte != 0; });
}

}  // namespace

GatheredLog& GatheredLog::of(sqlite3_file* log) {
  static_assert(std::is_standard_layout_v<GatheredLog>);
  return *reinterpret_cast<GatheredLog*>(const_cast<sqlite3_io_methods*>(log->pMethods));
}

// Syncing is not for what is gathered, which belongs to no commit; and others than the writer sync.
void GatheredLog::stand_before(sqlite3_file& log) {
  const auto kind = static_cast<unsigned>(log.pMethods->xDeviceCharacteristics(&log));
  if ((kind & SQLITE_IOCAP_POWERSAFE_OVERWRITE) == 0) return;  // else pages may come in parts
  gathered_.reserve(gathered_bytes_max);
  real_ = log.pMethods;
  methods_ = *real_;
  methods_.xWrite = [](sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
    return of(file).write(file, static_cast<const char*>(bytes), static_cast<std::size_t>(size), at);
  };
  methods_.xRead = [](sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
    const int code = of(file).write_gathered(file);
    return code != SQLITE_OK ? code : of(file).real_->xRead(file, out, size, at);
  };
  methods_.xTruncate = [](sqlite3_file* file, sqlite3_int64 size) {
    of(file).gathered_.clear();
    of(file).end_ = -1;
    return of(file).real_->xTruncate(file, size);
  };
  methods_.xFileSize = [](sqlite3_file* file, sqlite3_int64* out) {
    const int code = of(file).write_gathered(file);
    return code != SQLITE_OK ? code : of(file).real_->xFileSize(file, out);
  };
  log.pMethods = &methods_;
}

// A page's head is kept only where the page is new and follows at once: where SQLite corrects heads, none of them is at the end.
int GatheredLog::write(sqlite3_file* log, const char* bytes, std::size_t size, sqlite3_int64 at) {
  const bool is_head = size == page_head_bytes;
  if (is_head) ends_commit_ = ends_commit(bytes);
  const auto end = at + static_cast<sqlite3_int64>(size);
  if (at == end_ && size <= gathered_.capacity() - gathered_.size()) {
    gathered_.insert(gathered_.end(), bytes, bytes + size);
    end_ = end;
    const bool is_full = gathered_.capacity() - gathered_.size() < page_head_bytes + size;
    return !is_head && (ends_commit_ || is_full) ? write_gathered(log) : SQLITE_OK;
  }
  if (const int code = write_gathered(log); code != SQLITE_OK) return code;
  if (at == 0) {  // the log begins anew
    end_ = end;
    ++beginnings_;
  } else if (!is_head)
    end_ = std::max(end_, end);
  return real_->xWrite(log, bytes, static_cast<int>(size), at);
}

// Where it fails SQLite believes that pages are in the log which are not: whoever writes gives the transaction up then, as after any error that
// is not a constraint's.
int GatheredLog::write_gathered(sqlite3_file* log) {
  if (gathered_.empty()) return SQLITE_OK;
  const auto from = end_ - static_cast<sqlite3_int64>(gathered_.size());
  const int code = real_->xWrite(log, gathered_.data(), static_cast<int>(gathered_.size()), from);
  gathered_.clear();
  if (code != SQLITE_OK) end_ = -1;
  return code;
}

}  // namespace medflow::inline v1::storage::sqlite
