#include "tests/support/power_cut_vfs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <random>
#include <utility>
#include <vector>

namespace medflow::testing {
namespace {

// A file as the process sees it, and which part of it the disk has not got.
struct Image {
  std::string path{};
  ino_t inode = 0;
  std::string bytes{};
  std::vector<std::pair<std::size_t, std::size_t>> unsynced{};  // [from, to)
  bool cut = false;                                             // truncated since the last sync
};

// What SQLite has in its hands. The real file's own bytes follow it in memory.
struct File {
  sqlite3_file base;
  PowerCutVfs::Implementation* vfs;
  Image* image;  // null for a file that is passed on
  sqlite3_file* real;
};

File& file_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

ino_t inode_of(const char* path) {
  struct stat info {};
  return ::stat(path, &info) == 0 ? info.st_ino : 0;
}

}  // namespace

class PowerCutVfs::Implementation {
 public:
  Implementation(const storage::sqlite::Library& library, std::string name)
      : library_(library), name_(std::move(name)), parent_(library.vfs_find(nullptr)), vfs_(*parent_) {
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + parent_->szOsFile;
    vfs_.xOpen = [](sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
      return self(vfs).open(path, file, flags, out);
    };
    vfs_.xDelete = [](sqlite3_vfs* vfs, const char* path, int sync) { return self(vfs).remove(path, sync); };
    vfs_.xAccess = [](sqlite3_vfs* vfs, const char* path, int flags, int* out) {
      return self(vfs).access(path, flags, out);
    };
    vfs_.xFullPathname = [](sqlite3_vfs* vfs, const char* path, int size, char* out) {
      auto* parent = self(vfs).parent_;
      return parent->xFullPathname(parent, path, size, out);
    };
    library_.vfs_register(&vfs_, 0);
  }
  ~Implementation() { library_.vfs_unregister(&vfs_); }
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  const std::string& name() const { return name_; }
  void fail_syncs(int count) { failing_ = count; }
  void fail_writes(int count) { failing_writes_ = count; }

  void on_write(std::function<void(const std::string&)> act) {
    const std::lock_guard lock{mutex_};
    on_write_ = std::move(act);
  }

  void on_sync(std::function<bool(const std::string&)> act) {
    const std::lock_guard lock{mutex_};
    on_sync_ = std::move(act);
  }

  void hand_over_some(std::uint32_t seed) {
    constexpr std::size_t page = 4096;
    const std::lock_guard lock{mutex_};
    std::mt19937 chance{seed};
    for (const auto& [path, image] : images_) {
      if (image->inode == 0 || image->inode != inode_of(path.c_str())) continue;
      const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
      if (file < 0) continue;
      if (image->cut && chance() % 2 == 0)
        static_cast<void>(::ftruncate(file, static_cast<off_t>(image->bytes.size())));
      for (const auto& [from, to] : image->unsynced) {
        for (std::size_t at = from; at < std::min(to, image->bytes.size()); at += page - at % page) {
          const std::size_t size = std::min({page - at % page, to - at, image->bytes.size() - at});
          if (chance() % 2 == 0)
            static_cast<void>(::pwrite(file, image->bytes.data() + at, size, static_cast<off_t>(at)));
        }
      }
      ::close(file);
    }
  }

  int read(File& file, void* out, int amount, sqlite3_int64 offset) {
    const std::lock_guard lock{mutex_};
    const auto& bytes = file.image->bytes;
    const auto at = std::min(static_cast<std::size_t>(offset), bytes.size());
    const auto got = std::min(static_cast<std::size_t>(amount), bytes.size() - at);
    std::memcpy(out, bytes.data() + at, got);
    std::memset(static_cast<char*>(out) + got, 0, static_cast<std::size_t>(amount) - got);
    return got == static_cast<std::size_t>(amount) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }

  int write(File& file, const void* data, int amount, sqlite3_int64 offset) {
    const std::lock_guard lock{mutex_};
    auto& image = *file.image;
    if (on_write_) on_write_(image.path);
    const auto from = static_cast<std::size_t>(offset);
    const auto to = from + static_cast<std::size_t>(amount);
    if (image.bytes.size() < to) image.bytes.resize(to);
    std::memcpy(image.bytes.data() + from, data, static_cast<std::size_t>(amount));
    image.unsynced.emplace_back(from, to);
    if (failing_writes_ == 0) return SQLITE_OK;
    --failing_writes_;
    const int code = hand_over(image, file.real);
    return code == SQLITE_OK ? SQLITE_IOERR_WRITE : code;
  }

  int truncate(File& file, sqlite3_int64 size) {
    const std::lock_guard lock{mutex_};
    file.image->bytes.resize(static_cast<std::size_t>(size));
    file.image->cut = true;
    return SQLITE_OK;
  }

  int size(File& file, sqlite3_int64* out) {
    const std::lock_guard lock{mutex_};
    *out = static_cast<sqlite3_int64>(file.image->bytes.size());
    return SQLITE_OK;
  }

  int sync(File& file, int flags) {
    std::unique_lock lock{mutex_};
    auto& image = *file.image;
    bool fails = false;
    if (const auto act = on_sync_) {
      lock.unlock();
      fails = act(image.path);
      lock.lock();
    }
    if (fails || failing_ > 0) {
      if (!fails) --failing_;
      load(image, file.real);
      return SQLITE_IOERR_FSYNC;
    }
    if (const int code = hand_over(image, file.real); code != SQLITE_OK) return code;
    image.cut = false;
    image.unsynced.clear();
    return file.real->pMethods->xSync(file.real, flags);
  }

 private:
  static Implementation& self(sqlite3_vfs* vfs) { return *static_cast<Implementation*>(vfs->pAppData); }

  static int hand_over(const Image& image, sqlite3_file* real) {
    if (image.cut) {
      if (const int code = real->pMethods->xTruncate(real, static_cast<sqlite3_int64>(image.bytes.size()));
          code != SQLITE_OK)
        return code;
    }
    for (const auto& [from, to] : image.unsynced) {
      const auto end = std::min(to, image.bytes.size());
      if (from >= end) continue;
      const int code = real->pMethods->xWrite(real, image.bytes.data() + from, static_cast<int>(end - from),
                                              static_cast<sqlite3_int64>(from));
      if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
  }

  static int load(Image& image, sqlite3_file* real) {
    sqlite3_int64 size = 0;
    if (const int code = real->pMethods->xFileSize(real, &size); code != SQLITE_OK) return code;
    image.bytes.assign(static_cast<std::size_t>(size), '\0');
    image.unsynced.clear();
    image.cut = false;
    return size == 0 ? SQLITE_OK : real->pMethods->xRead(real, image.bytes.data(), static_cast<int>(size), 0);
  }

  int open(const char* path, sqlite3_file* raw, int flags, int* out) {
    File& file = file_of(raw);
    file = {.base = {.pMethods = nullptr},
            .vfs = this,
            .image = nullptr,
            .real = reinterpret_cast<sqlite3_file*>(&file + 1)};
    file.real->pMethods = nullptr;
    const int code = parent_->xOpen(parent_, path, file.real, flags, out);
    if (code != SQLITE_OK) return code;
    constexpr int held = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
    if (path != nullptr && (flags & held) != 0) {
      const std::lock_guard lock{mutex_};
      auto& image = images_[path];
      if (!image) image = std::make_unique<Image>(Image{.path = path});
      if (const auto inode = inode_of(path); image->inode != inode) {
        image->inode = inode;
        if (const int loaded = load(*image, file.real); loaded != SQLITE_OK) return loaded;
      }
      file.image = image.get();
    }
    file.base.pMethods = &methods;
    return SQLITE_OK;
  }

  int remove(const char* path, int sync) {
    const std::lock_guard lock{mutex_};
    if (const auto found = images_.find(path); found != images_.end()) found->second->inode = 0;
    return parent_->xDelete(parent_, path, sync);
  }

  // A file that has content for this process is there, even if the real one is still empty.
  int access(const char* path, int flags, int* out) {
    const int code = parent_->xAccess(parent_, path, flags, out);
    const std::lock_guard lock{mutex_};
    const auto found = images_.find(path);
    const bool live = found != images_.end() && found->second->inode != 0 && found->second->inode == inode_of(path);
    if (code == SQLITE_OK && flags == SQLITE_ACCESS_EXISTS && live) *out = found->second->bytes.empty() ? 0 : 1;
    return code;
  }

  static const sqlite3_io_methods methods;

  const storage::sqlite::Library library_;
  const std::string name_;
  sqlite3_vfs* parent_;
  sqlite3_vfs vfs_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, std::unique_ptr<Image>> images_;
  std::function<void(const std::string&)> on_write_{};
  std::function<bool(const std::string&)> on_sync_{};
  std::atomic<int> failing_ = 0;
  std::atomic<int> failing_writes_ = 0;
};

namespace {

sqlite3_file* real_of(sqlite3_file* file) { return file_of(file).real; }

// Files that are not held back go to the real methods.
template <class Held, class Passed>
int either(sqlite3_file* raw, Held held, Passed passed) {
  File& file = file_of(raw);
  return file.image != nullptr ? held(*file.vfs, file) : passed(file.real->pMethods, file.real);
}

}  // namespace

// Version 2: shared memory, and no reading through a mapping, which would pass us by.
const sqlite3_io_methods PowerCutVfs::Implementation::methods = {
    .iVersion = 2,
    .xClose = [](sqlite3_file* file) { return real_of(file)->pMethods->xClose(real_of(file)); },
    .xRead =
        [](sqlite3_file* raw, void* out, int amount, sqlite3_int64 at) {
          return either(
              raw, [&](auto& vfs, File& file) { return vfs.read(file, out, amount, at); },
              [&](auto* real, sqlite3_file* file) { return real->xRead(file, out, amount, at); });
        },
    .xWrite =
        [](sqlite3_file* raw, const void* data, int amount, sqlite3_int64 at) {
          return either(
              raw, [&](auto& vfs, File& file) { return vfs.write(file, data, amount, at); },
              [&](auto* real, sqlite3_file* file) { return real->xWrite(file, data, amount, at); });
        },
    .xTruncate =
        [](sqlite3_file* raw, sqlite3_int64 size) {
          return either(
              raw, [&](auto& vfs, File& file) { return vfs.truncate(file, size); },
              [&](auto* real, sqlite3_file* file) { return real->xTruncate(file, size); });
        },
    .xSync =
        [](sqlite3_file* raw, int flags) {
          return either(
              raw, [&](auto& vfs, File& file) { return vfs.sync(file, flags); },
              [&](auto* real, sqlite3_file* file) { return real->xSync(file, flags); });
        },
    .xFileSize =
        [](sqlite3_file* raw, sqlite3_int64* out) {
          return either(
              raw, [&](auto& vfs, File& file) { return vfs.size(file, out); },
              [&](auto* real, sqlite3_file* file) { return real->xFileSize(file, out); });
        },
    .xLock = [](sqlite3_file* file, int lock) { return real_of(file)->pMethods->xLock(real_of(file), lock); },
    .xUnlock = [](sqlite3_file* file, int lock) { return real_of(file)->pMethods->xUnlock(real_of(file), lock); },
    .xCheckReservedLock = [](sqlite3_file* file,
                             int* out) { return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out); },
    // Hints about the size would be carried out on the real file at once.
    .xFileControl =
        [](sqlite3_file* file, int operation, void* argument) {
          if (operation == SQLITE_FCNTL_SIZE_HINT || operation == SQLITE_FCNTL_CHUNK_SIZE) return SQLITE_OK;
          return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
        },
    .xSectorSize = [](sqlite3_file* file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); },
    .xDeviceCharacteristics =
        [](sqlite3_file* file) { return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file)); },
    .xShmMap =
        [](sqlite3_file* file, int page, int size, int extend, void volatile** out) {
          return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
        },
    .xShmLock = [](sqlite3_file* file, int offset, int n,
                   int flags) { return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags); },
    .xShmBarrier = [](sqlite3_file* file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); },
    .xShmUnmap = [](sqlite3_file* file,
                    int remove) { return real_of(file)->pMethods->xShmUnmap(real_of(file), remove); },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

PowerCutVfs::PowerCutVfs(const storage::sqlite::Library& library, std::string name)
    : implementation_(std::make_unique<Implementation>(library, std::move(name))) {}

PowerCutVfs::~PowerCutVfs() = default;

const std::string& PowerCutVfs::name() const { return implementation_->name(); }

void PowerCutVfs::fail_syncs(int count) { implementation_->fail_syncs(count); }

void PowerCutVfs::on_write(std::function<void(const std::string&)> act) { implementation_->on_write(std::move(act)); }
void PowerCutVfs::on_sync(std::function<bool(const std::string&)> act) { implementation_->on_sync(std::move(act)); }

void PowerCutVfs::hand_over_some(std::uint32_t seed) { implementation_->hand_over_some(seed); }

void PowerCutVfs::fail_writes(int count) { implementation_->fail_writes(count); }

}  // namespace medflow::testing
