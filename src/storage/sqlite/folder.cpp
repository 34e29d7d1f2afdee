#include "storage/sqlite/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "storage/tables.hpp"

namespace medflow::inline v1::storage::sqlite {
namespace {

constexpr mode_t folder_mode = 0700;
constexpr mode_t file_mode = 0600;
constexpr std::string_view lock_name = "lock";
constexpr std::array<std::string_view, 4> companions{"-wal", "-shm", "-journal", "-redo"};

[[noreturn]] void fail(const std::string& path, const char* what) {
  const auto kind = errno == ENOSPC || errno == EDQUOT ? FaultKind::full : FaultKind::unavailable;
  throw Fault{kind, path, what};
}

Descriptor open_file(const std::string& path, int flags) {
  return Descriptor{::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, file_mode)};
}

void sync_folder(const std::string& path) {
  if (basics::sync_folder(path) != 0) fail(path, "cannot be synced");
}

std::string parent_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The mode is set again because the umask has taken from it.
void make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), folder_mode) == 0) {
    if (::chmod(path.c_str(), folder_mode) != 0) fail(path, "cannot be made private");
    sync_folder(parent_of(path));
  } else if (errno != EEXIST) {
    fail(path, "cannot be made");
  }
}

// An open file description lock: the kernel drops it when the process dies, and it holds against other descriptions of the
// same process too, so a folder that is opened twice is noticed whatever way it is named.
Descriptor take_lock(const std::string& path) {
  Descriptor file = open_file(path, O_RDWR | O_CREAT);
  if (!file.valid()) fail(path, "cannot be opened");
  if (::fchmod(file.get(), file_mode) != 0) fail(path, "cannot be made private");
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(file.get(), F_OFD_SETLK, &whole) != 0) {
    if (errno == EAGAIN || errno == EACCES) throw Fault{FaultKind::in_use, path};
    fail(path, "cannot be locked");
  }
  return file;
}

void unlink_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail(path, "cannot be removed");
}

void unlink_companions(const std::string& file) {
  for (const auto companion : companions) unlink_file(file + std::string{companion});
}

/// Nothing where the folder is not ours to list.
std::optional<std::vector<std::string>> entries_if_listable(const std::string& path) {
  const auto close = [](DIR* folder) { ::closedir(folder); };
  const std::unique_ptr<DIR, decltype(close)> folder{::opendir(path.c_str()), close};
  if (!folder && (errno == EACCES || errno == EPERM)) return std::nullopt;
  if (!folder) fail(path, "cannot be listed");
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> entries_of(const std::string& path) {
  auto names = entries_if_listable(path);
  if (!names) fail(path, "cannot be listed");
  return std::move(*names);
}

/// Whether something lies there. What may not be looked at is not taken for what is not there.
bool look_at(const std::string& path, struct stat& info) {
  if (::lstat(path.c_str(), &info) == 0) return true;
  if (errno != ENOENT && errno != ENOTDIR) fail(path, "cannot be looked at");
  return false;
}

bool is_folder(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

Folder::Folder(std::string path) : path_(std::move(path)) {
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
  make_folder(path_);
  lock_ = take_lock(path_ + "/" + std::string{lock_name});
}

std::string Folder::folder_of(const StoreName& name) const {
  if (name.tenant == lock_name) throw Fault{FaultKind::misuse, "tenant", "no name for a store"};
  static_cast<void>(text_of(name));
  return path_ + "/" + name.tenant;
}

std::string Folder::file_of(const StoreName& name) const {
  return folder_of(name) + (name.part == Part::data ? "/data.db" : "/keys.db");
}

Presence Folder::presence(const StoreName& name) const {
  struct stat info {};
  if (look_at(file_of(name), info)) return info.st_size > 0 ? Presence::there : Presence::half_made;
  return is_folder(folder_of(name)) && entries_of(folder_of(name)).empty() ? Presence::half_made : Presence::none;
}

// The companions go first: a new file beside an old log would be taken for the old one's database.
void Folder::make(const StoreName& name) const {
  const auto folder = folder_of(name);
  const auto file = file_of(name);
  make_folder(folder);
  struct stat info {};
  if (look_at(file, info)) throw Fault{FaultKind::exists, file};
  unlink_companions(file);
  const Descriptor made = open_file(file, O_RDWR | O_CREAT | O_EXCL);
  if (!made.valid() && errno == EEXIST) throw Fault{FaultKind::exists, file};
  if (!made.valid()) fail(file, "cannot be made");
  if (::fchmod(made.get(), file_mode) != 0 || ::fsync(made.get()) != 0) fail(file, "cannot be made private");
  sync_folder(folder);
}

// The database file goes last, so that a removal that was cut short is still listed and can be repeated.
void Folder::remove(const StoreName& name) const {
  const auto folder = folder_of(name);
  if (!is_folder(folder)) return;
  unlink_companions(file_of(name));
  unlink_file(file_of(name));
  sync_folder(folder);
  if (::rmdir(folder.c_str()) == 0) sync_folder(path_);
}

std::vector<StoreName> Folder::list() const {
  std::vector<StoreName> names;
  for (const auto& tenant : entries_of(path_)) {
    if (!is_tenant_name(tenant) || !is_folder(path_ + "/" + tenant)) continue;
    const auto files = entries_if_listable(path_ + "/" + tenant);
    if (!files) continue;
    const auto has = [&](std::string_view file) {
      return std::find(files->begin(), files->end(), file) != files->end();
    };
    if (files->empty() || has("data.db")) names.push_back({.tenant = tenant, .part = Part::data});
    if (has("keys.db")) names.push_back({.tenant = tenant, .part = Part::keys});
  }
  return names;
}

void Folder::sync_log(const std::string& file) {
  const std::string log = file + "-wal";
  const Descriptor descriptor = open_file(log, O_RDWR);
  if (!descriptor.valid() && errno == ENOENT) return;
  if (!descriptor.valid() || ::fsync(descriptor.get()) != 0) fail(log, "cannot be synced");
}

bool Folder::is_plain(const std::string& file) {
  constexpr std::string_view plain{"SQLite format 3"};
  std::array<char, plain.size()> start{};
  const Descriptor descriptor = open_file(file, O_RDONLY);
  if (!descriptor.valid()) fail(file, "cannot be opened");
  const auto got = ::read(descriptor.get(), start.data(), start.size());
  return got == static_cast<ssize_t>(start.size()) && std::string_view{start.data(), start.size()} == plain;
}

}  // namespace medflow::inline v1::storage::sqlite
