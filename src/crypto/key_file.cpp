#include "crypto/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "basics/descriptor.hpp"
#include "crypto/root_key.hpp"

namespace medflow::crypto {
namespace {

using basics::Descriptor;

std::string reason(int error) { return std::system_category().message(error); }

[[noreturn]] void cannot_write(const std::string& path, int error) {
  throw Failure{medflow::codes::store_unavailable, "root key file " + path + ": " + reason(error)};
}

/// Looks at the file that is open, so it cannot be exchanged between the look and the reading.
std::size_t checked_size(const std::string& path, const Descriptor& file, std::size_t bytes_max) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) refuse_key_file(path, reason(errno));
  if (!S_ISREG(status.st_mode)) refuse_key_file(path, "is not a regular file");
  if (status.st_uid != ::geteuid()) refuse_key_file(path, "belongs to another user");
  if ((status.st_mode & 07777U) != 0600U) refuse_key_file(path, "its mode must be 0600");
  if (status.st_size < 0 || static_cast<std::size_t>(status.st_size) > bytes_max)
    refuse_key_file(path, "is longer than a key file");
  return static_cast<std::size_t>(status.st_size);
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

/// Zero, or the error.
int write_new_file(const Descriptor& file, const std::string& path, std::string_view text) {
  if (::fchmod(file.get(), 0600) != 0) return errno;  // whatever the umask left
  if (const int error = basics::write_all(file, text)) return error;
  if (::fsync(file.get()) != 0) return errno;
  return basics::sync_folder(folder_of(path));
}

}  // namespace

void refuse_key_file(const std::string& path, std::string_view why) {
  throw Failure{medflow::codes::key_mismatch, "root key file " + path + ": " + std::string(why)};
}

SecureBytes read_key_file(const std::string& path, std::size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.valid()) refuse_key_file(path, errno == ELOOP ? "is a symbolic link" : reason(errno));
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
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid() && errno == EEXIST) throw Failure{codes::root_key_exists, "root key file " + path};
  if (!file.valid()) cannot_write(path, errno);
  if (const int error = write_new_file(file, path, text)) {
    ::unlink(path.c_str());  // half a key is worse than none
    cannot_write(path, error);
  }
}

}  // namespace medflow::crypto
