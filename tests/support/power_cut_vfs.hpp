// A file system for SQLite under which the death of the process is a power cut.
//
// What SQLite writes to a database, its log or its journal stays in this process's memory until SQLite syncs that file; only
// then does the real file get it. So after `kill -9` the files hold what a disk would hold that lost its cache. Creating
// and removing files is passed on at once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "storage/sqlite/library.hpp"

namespace medflow::testing {

class PowerCutVfs {
 public:
  /// Registers itself with the library, over its default VFS. Close every database that uses it before it ends.
  PowerCutVfs(const storage::sqlite::Library& library, std::string name);
  ~PowerCutVfs();
  PowerCutVfs(const PowerCutVfs&) = delete;
  PowerCutVfs& operator=(const PowerCutVfs&) = delete;

  /// For SqliteOptions::vfs.
  const std::string& name() const;

  /// Lets this many syncs fail from now on; what they were to write is lost at once, as after a failed fsync.
  void fail_syncs(int count);

  /// Lets this many writes to held files fail from now on, though the disk gets them all the same.
  void fail_writes(int count);

  /// Called at each write to a held file, on the thread that writes.
  void on_write(std::function<void(const std::string& path)> act);

  /// Called before each sync of a held file, on the thread that syncs, which may be kept there. True lets it fail, as `fail_syncs` does.
  void on_sync(std::function<bool(const std::string& path)> act);

  /// What a disk may do on its own before the power goes: of what waits for a sync it gets some pages and not others.
  void hand_over_some(std::uint32_t seed);

  class Implementation;

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace medflow::testing
