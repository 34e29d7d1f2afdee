#include "crypto/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "crypto/root_key.hpp"

namespace medflow::crypto {
namespace {

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

std::string reason(int error) { return std::system_category().message(error); }

[[noreturn]] void cannot_write(const std::string& path, int error) {
  throw Failure{medflow::codes::store_unavailable, "root key file " + path + ": " + reason(error)};
}

/// Looks at the file that is open, so it cannot be exchanged between the look and the reading.
std::size_t checked_size(const std::string& path, const File& file, std::size_t bytes_max) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) refuse_key_file(path, reason(errno));
  if (!S_ISREG(status.st_mode)) refuse_key_file(path, "is not a regular file");
  if (status.st_uid != ::geteuid()) refuse_key_file(path, "belongs to another user");
  if ((status.st_mode & 07777U) != 0600U) refuse_key_file(path, "its mode must be 0600");
  if (status.st_size < 0 || static_cast<std::size_t>(status.st_size) > bytes_max)
    refuse_key_file(path, "is longer than a key file");
  return static_cast<std::size_t>(status.st_size);
}

/// Zero, or the error.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(descriptor, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

int sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const File opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened.is_open() && ::fsync(opened.get()) == 0 ? 0 : errno;
}

int write_new_file(const File& file, const std::string& path, std::string_view text) {
  if (::fchmod(file.get(), 0600) != 0) return errno;  // whatever the umask left
  if (const int error = write_all(file.get(), text)) return error;
  if (::fsync(file.get()) != 0) return errno;
  return sync_folder_of(path);
}

}  // namespace

void refuse_key_file(const std::string& path, std::string_view why) {
  throw Failure{medflow::codes::key_mismatch, "root key file " + path + ": " + std::string(why)};
}

SecureBytes read_key_file(const std::string& path, std::size_t bytes_max) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.is_open()) refuse_key_file(path, errno == ELOOP ? "is a symbolic link" : reason(errno));
  SecureBytes bytes(checked_size(path, file, bytes_max));
  std::size_t got = 0;
  while (got < bytes.view().size()) {
    const ssize_t n = ::read(file.get(), bytes.writable().data() + got, bytes.view().size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) refuse_key_file(path, reason(errno));
    if (n == 0) refuse_key_file(path, "is being changed");
    got += static_cast<std::size_t>(n);
  }
  return bytes;
}

void write_key_file(const std::string& path, std::string_view text) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open() && errno == EEXIST) throw Failure{codes::root_key_exists, "root key file " + path};
  if (!file.is_open()) cannot_write(path, errno);
  if (const int error = write_new_file(file, path, text)) {
    ::unlink(path.c_str());  // half a key is worse than none
    cannot_write(path, error);
  }
}

}  // namespace medflow::crypto
