// The data folder of the file engines: FOLDER/lock, FOLDER/<tenant>/data.db and FOLDER/<tenant>/keys.db. While a database is open, and after a
// death, SQLite's logs (-wal, -shm) and the redo log (-redo) lie beside it.
//
// Folders are 0700 and files 0600, whatever the umask. SQLite's own rule is that nobody opens and closes its files beside
// it (that would drop its locks), so everything here is done while a database is closed.
#pragma once

#include <string>
#include <vector>

#include "basics/descriptor.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage::sqlite {

using basics::Descriptor;

/// What lies at a database's place.
enum class Presence {
  none,       ///< no file
  half_made,  ///< an empty file, or only the folder for it
  there,      ///< a file with content
};

/// A data folder, held by this object alone: no other process and no other engine of this one can have it at the same time.
class Folder {
 public:
  /// Makes the folder where it is missing (its parent has to be there). Fault `in_use` naming the lock file.
  explicit Folder(std::string path);

  std::string file_of(const StoreName& name) const;
  Presence presence(const StoreName& name) const;

  /// Makes an empty file, durably, and clears what an earlier one of that name left beside it. Fault `exists`.
  void make(const StoreName& name) const;

  /// Removes a database's files and the tenant's folder if it is empty then. None is no error.
  void remove(const StoreName& name) const;

  /// Passes over what others keep there, such as a volume's lost+found: folders that are not called as stores are, or are not ours to list.
  std::vector<StoreName> list() const;

  /// Waits until the log beside this database file is on the disk, as it is now. Fault `unavailable`.
  static void sync_log(const std::string& file);

  /// Whether the file begins like a plain SQLite database. A file that is too short does not.
  static bool is_plain(const std::string& file);

 private:
  std::string folder_of(const StoreName& name) const;

  std::string path_;
  Descriptor lock_;
};

}  // namespace medflow::inline v1::storage::sqlite
