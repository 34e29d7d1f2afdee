// The root key providers that come with the library (medflow/ports.hpp): a file, and memory.
#include "crypto/root_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "crypto/codec.hpp"
#include "crypto/secret.hpp"
#include "crypto/wrap.hpp"
#include "medflow/ports.hpp"

namespace medflow::crypto {
namespace {

constexpr std::size_t file_size = 2 * key_size + 1;  // hexadecimal and a line feed

/// One root key, in a guarded region of its own.
class OneRootKey final : public RootKeyProvider {
 public:
  explicit OneRootKey(KeyView key) : slot_(KeyArena::create(KeyArena::slot_size)->take()), id_(key_id(key)) {
    slot_.set(key);
  }

  RootId current() override { return id_; }

  std::vector<std::byte> wrap(const RootId& root, std::span<const std::byte> associated,
                              std::span<const std::byte, 32> key) override {
    require(root == id_);
    const WrappedKey out = wrap_key(slot_.key(), 0, associated, key, *rng_);
    return {out.begin(), out.end()};
  }

  void unwrap(const RootId& root, std::span<const std::byte> associated, std::span<const std::byte> wrapped,
              std::span<std::byte, 32> key) override {
    require(root == id_);
    const auto out = unwrap_key(slot_.key(), associated, wrapped);
    require(out.has_value());
    std::copy(out->view().begin(), out->view().end(), key.begin());
  }

  std::vector<RootId> list() override { return {id_}; }

 private:
  static void require(bool holds) {
    if (!holds) throw Failure{medflow::codes::key_mismatch};
  }

  ArenaSlot slot_{};
  RootId id_{};
  std::shared_ptr<Rng> rng_ = system_rng();  // nonces of wraps; what is wrapped never depends on them
};

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

[[noreturn]] void refuse(const std::string& path, std::string_view why) {
  throw Failure{medflow::codes::key_mismatch, "root key file " + path + ": " + std::string(why)};
}

[[noreturn]] void cannot_write(const std::string& path, int error) {
  throw Failure{medflow::codes::store_unavailable, "root key file " + path + ": " + reason(error)};
}

/// Looks at the file that is open, so it cannot be exchanged between the look and the reading.
void check_owner_and_mode(const std::string& path, const File& file) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) refuse(path, reason(errno));
  if (!S_ISREG(status.st_mode)) refuse(path, "is not a regular file");
  if (status.st_uid != ::geteuid()) refuse(path, "belongs to another user");
  if ((status.st_mode & 07777U) != 0600U) refuse(path, "its mode must be 0600");
  if (status.st_size != static_cast<off_t>(file_size)) refuse(path, "must hold 64 hexadecimal digits and a line feed");
}

SecureKey read_key(const std::string& path) {
  // Not blocking: a FIFO must be refused, not waited for.
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.is_open()) refuse(path, errno == ELOOP ? "is a symbolic link" : reason(errno));
  check_owner_and_mode(path, file);
  SecureBytes text(file_size + 1);
  std::size_t got = 0;
  while (got < text.view().size()) {
    const ssize_t n = ::read(file.get(), text.writable().data() + got, text.view().size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) refuse(path, reason(errno));
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  SecureKey key;
  if (got != file_size || text.text()[file_size - 1] != '\n' ||
      !from_hex(text.text().substr(0, 2 * key_size), key.writable()))
    refuse(path, "must hold 64 hexadecimal digits and a line feed");
  return key;
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
}  // namespace medflow::crypto

namespace medflow::inline v1 {

std::shared_ptr<RootKeyProvider> file_root_key(const std::string& path) {
  return std::make_shared<crypto::OneRootKey>(crypto::read_key(path));
}

void create_root_key_file(const std::string& path, Rng& rng) {
  using namespace crypto;
  SecureKey key;
  rng.fill(key.writable());
  SecureBytes text(file_size);
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < key_size; ++i) {
    text.writable()[2 * i] = static_cast<std::byte>(digits[std::to_integer<std::size_t>(key.view()[i] >> 4U)]);
    text.writable()[2 * i + 1] =
        static_cast<std::byte>(digits[std::to_integer<std::size_t>(key.view()[i] & std::byte{15})]);
  }
  text.writable()[file_size - 1] = std::byte{'\n'};
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open() && errno == EEXIST) throw Failure{crypto::codes::root_key_exists, "root key file " + path};
  if (!file.is_open()) cannot_write(path, errno);
  if (const int error = write_new_file(file, path, text.text())) {
    ::unlink(path.c_str());  // half a key is worse than none
    cannot_write(path, error);
  }
}

std::shared_ptr<RootKeyProvider> memory_root_key(std::span<const std::byte, 32> key) {
  return std::make_shared<crypto::OneRootKey>(key);
}

}  // namespace medflow::inline v1
