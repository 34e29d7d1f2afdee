#include "storage/sqlite/vfs_file.hpp"

#include <algorithm>

#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage::sqlite {
namespace {

// SQLite's own layer takes the lower 17 bits of a size.
constexpr std::size_t piece_bytes = std::size_t{64} << 10;

}  // namespace

VfsFile::VfsFile(const Library& library, const std::string& vfs, const std::string& path)
    : vfs_(library.vfs_find(vfs.empty() ? nullptr : vfs.c_str())), path_(path) {
  if (vfs_ == nullptr) throw Fault{FaultKind::unavailable, path, "has no such file system layer"};
  path_.push_back('\0');
  constexpr std::size_t unit = sizeof(std::max_align_t);
  memory_.resize((static_cast<std::size_t>(vfs_->szOsFile) + unit - 1) / unit);
}

bool VfsFile::exists() const {
  int there = 0;
  return vfs_->xAccess(vfs_, path_.c_str(), SQLITE_ACCESS_EXISTS, &there) == SQLITE_OK && there != 0;
}

// As a log of SQLite's: it takes the database file's mode then.
int VfsFile::open(bool create) {
  close();
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL | (create ? SQLITE_OPEN_CREATE : 0);
  const int code = vfs_->xOpen(vfs_, path_.c_str(), handle(), flags, &flags);
  if (code != SQLITE_OK) close();
  return code;
}

int VfsFile::write(std::string_view bytes, std::uint64_t at) {
  for (std::size_t done = 0; done < bytes.size(); done += piece_bytes) {
    const std::string_view piece = bytes.substr(done, piece_bytes);
    const int code = handle()->pMethods->xWrite(handle(), piece.data(), static_cast<int>(piece.size()),
                                                static_cast<sqlite3_int64>(at + done));
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

int VfsFile::read(std::uint64_t at, std::size_t size, std::string& out) const {
  out.clear();
  std::uint64_t end = 0;
  if (const int code = this->size(end); code != SQLITE_OK) return code;
  if (at >= end) return SQLITE_OK;
  out.resize(std::min(size, static_cast<std::size_t>(end - at)));
  for (std::size_t done = 0; done < out.size(); done += piece_bytes) {
    const int amount = static_cast<int>(std::min(piece_bytes, out.size() - done));
    const int code =
        handle()->pMethods->xRead(handle(), out.data() + done, amount, static_cast<sqlite3_int64>(at + done));
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

int VfsFile::size(std::uint64_t& out) const {
  sqlite3_int64 size = 0;
  const int code = handle()->pMethods->xFileSize(handle(), &size);
  out = static_cast<std::uint64_t>(size);
  return code;
}

int VfsFile::sync() { return handle()->pMethods->xSync(handle(), SQLITE_SYNC_NORMAL); }

void VfsFile::close() noexcept {
  if (is_open()) handle()->pMethods->xClose(handle());
  handle()->pMethods = nullptr;
}

int VfsFile::remove() {
  close();
  return exists() ? vfs_->xDelete(vfs_, path_.c_str(), 1) : SQLITE_OK;
}

}  // namespace medflow::inline v1::storage::sqlite
