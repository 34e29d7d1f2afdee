// What an engine and its databases share: the options, the library, the data folder and which databases are open.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "basics/affinity.hpp"
#include "storage/sqlite/folder.hpp"
#include "storage/sqlite/library.hpp"
#include "storage/sqlite/options.hpp"

namespace medflow::inline v1::storage::sqlite {

class Home {
 public:
  explicit Home(SqliteOptions its_options)
      : options(std::move(its_options)),
        library(load_library(options.encrypted ? LibraryKind::sqlcipher : LibraryKind::sqlite)),
        folder(options.folder) {}

  const SqliteOptions options;
  const Library library;
  const Folder folder;
  const Affinity affinity{};  ///< of what moves logs

  /// Fault `in_use` where the file is taken.
  void take(const std::string& file) {
    const std::lock_guard lock{mutex_};
    if (!taken_.insert(file).second) throw Fault{FaultKind::in_use, file};
  }

  void give_back(const std::string& file) noexcept {
    const std::lock_guard lock{mutex_};
    taken_.erase(file);
  }

 private:
  std::mutex mutex_;
  std::set<std::string> taken_;
};

}  // namespace medflow::inline v1::storage::sqlite
