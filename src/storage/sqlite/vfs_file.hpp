// A file beside a database, through the same file system layer as SQLite's own: what tests do to those, they do to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/sqlite/library.hpp"

namespace medflow::inline v1::storage::sqlite {

/// Closed at the end. Codes are SQLite's. Writing at one place and syncing may go on beside each other.
class VfsFile {
 public:
  /// `vfs` is a registered one's name, empty for the default.
  VfsFile(const Library& library, const std::string& vfs, const std::string& path);
  ~VfsFile() { close(); }
  VfsFile(const VfsFile&) = delete;
  VfsFile& operator=(const VfsFile&) = delete;

  bool exists() const;
  bool is_open() const { return handle()->pMethods != nullptr; }

  /// Makes it where it is missing and `create` says so; private to its owner, as the database file is.
  int open(bool create);
  int write(std::string_view bytes, std::uint64_t at);
  /// Fewer bytes than `size` where the file ends.
  int read(std::uint64_t at, std::size_t size, std::string& out) const;
  int size(std::uint64_t& out) const;
  int sync();
  void close() noexcept;

  /// Closes and removes it, durably.
  int remove();

 private:
  sqlite3_file* handle() const { return reinterpret_cast<sqlite3_file*>(memory_.data()); }

  sqlite3_vfs* vfs_;
  std::string path_;                              // ends with a second zero, as SQLite wants it
  mutable std::vector<std::max_align_t> memory_;  // of SQLite's file object
};

}  // namespace medflow::inline v1::storage::sqlite
