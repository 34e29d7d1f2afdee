#include "crypto/root_key.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "support.hpp"

using namespace medflow;
using namespace medflow::crypto::testing;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "medflow-root-key-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_{};
};

std::string written(const Folder& folder, std::string_view text, mode_t mode = 0600) {
  const std::string path = folder.file("key");
  fs::remove(path);
  std::ofstream(path, std::ios::binary) << text;
  REQUIRE(chmod(path.c_str(), mode) == 0);
  return path;
}

/// "code: detail", empty where the file is accepted.
std::string refusal(const std::string& path) {
  try {
    (void)file_root_key(path);
    return {};
  } catch (const Failure& failure) {
    return std::string(failure.error.code.name) + ": " + failure.error.detail;
  }
}

const std::string digits(64, 'a');

}  // namespace

TEST_CASE("a root key file is made once, mode 0600, and read back") {
  const Folder folder;
  const std::string path = folder.file("root.key");
  SeededRng rng(1);
  const mode_t before = umask(0);
  create_root_key_file(path, rng);
  umask(before);
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0600U);
  const std::string text = file_text(path);
  CHECK(text.size() == 65);
  crypto::SecureKey key;
  REQUIRE(crypto::from_hex(text.substr(0, 64), key.writable()));
  CHECK(file_root_key(path)->current() == memory_root_key(key.view())->current());
  std::string code;
  try {
    create_root_key_file(path, rng);
  } catch (const Failure& failure) {
    code = failure.error.code.name;
  }
  CHECK(code == "key.exists");
  CHECK(file_text(path) == text);
}

TEST_CASE("a root key file that others may read, or of another kind, is refused by name and reason") {
  const Folder folder;
  for (const mode_t mode : {0644U, 0640U, 0660U, 0400U, 0700U, 0604U, 04600U}) {
    const std::string path = written(folder, digits + "\n", mode);
    const std::string why = refusal(path);
    CHECK_MESSAGE(why.find("0600") != std::string::npos, mode);
    CHECK(why.find(path) != std::string::npos);
    CHECK(why.starts_with("key.mismatch: "));
  }
  const std::string good = written(folder, digits + "\n");
  CHECK(refusal(good).empty());
  fs::create_symlink(good, folder.file("link"));
  CHECK(refusal(folder.file("link")).find("symbolic link") != std::string::npos);
  REQUIRE(mkfifo(folder.file("fifo").c_str(), 0600) == 0);
  CHECK(refusal(folder.file("fifo")).find("regular file") != std::string::npos);
  fs::create_directory(folder.file("folder"));
  CHECK(refusal(folder.file("folder")).find("regular file") != std::string::npos);
  CHECK(refusal(folder.file("absent")).find("absent") != std::string::npos);
}

TEST_CASE("a root key file of another user is refused") {
  if (geteuid() != 0) {
    MESSAGE("skipped: only root can give a file away");
    return;
  }
  const Folder folder;
  const std::string path = written(folder, digits + "\n");
  REQUIRE(chown(path.c_str(), 12345, 12345) == 0);
  CHECK(refusal(path).find("another user") != std::string::npos);
}

TEST_CASE("a root key file holds 64 hexadecimal digits and a line feed, nothing else") {
  const Folder folder;
  std::string with_g = digits;
  with_g[10] = 'g';
  for (const std::string& text : {std::string{}, digits, digits + "\r\n", digits + "\n\n", digits.substr(1) + "\n",
                                  "0x" + digits.substr(2) + "\n", with_g + "\n", digits + " ", std::string(65, '\0')}) {
    const std::string why = refusal(written(folder, text));
    CHECK_MESSAGE(why.find("64 hexadecimal digits") != std::string::npos, text);
  }
  std::string upper(64, 'F');
  upper += '\n';
  CHECK(refusal(written(folder, upper)).empty());
}

TEST_CASE("a root key wraps for one purpose: other data, another key or a changed byte is key.mismatch") {
  const auto roots = memory_root_key(key_counting_from(1).view());
  const auto key = key_counting_from(2);
  const auto wrapped = roots->wrap(roots->current(), crypto::bytes_of("tenant a"), key.view());
  CHECK(wrapped.size() == 120);
  CHECK(roots->list() == std::vector{roots->current()});
  crypto::SecureKey out;
  roots->unwrap(roots->current(), crypto::bytes_of("tenant a"), wrapped, out.writable());
  CHECK(crypto::constant_time_equal(out.view(), key.view()));
  const auto refused = [&](RootKeyProvider& by, const RootId& id, std::string_view associated,
                           std::vector<std::byte> bytes) {
    try {
      by.unwrap(id, crypto::bytes_of(associated), bytes, out.writable());
      return false;
    } catch (const Failure& failure) {
      return failure.error.code == codes::key_mismatch;
    }
  };
  const auto other = memory_root_key(key_counting_from(3).view());
  CHECK(refused(*roots, roots->current(), "tenant b", wrapped));
  CHECK(refused(*roots, other->current(), "tenant a", wrapped));
  CHECK(refused(*other, other->current(), "tenant a", wrapped));
  auto changed = wrapped;
  changed[80] ^= std::byte{1};
  CHECK(refused(*roots, roots->current(), "tenant a", changed));
  CHECK(refused(*roots, roots->current(), "tenant a", {}));
}

TEST_CASE("where no file can be made, the reason is told and nothing is left") {
  SeededRng rng(1);
  const Folder folder;
  std::string detail;
  try {
    create_root_key_file(folder.file("absent/root.key"), rng);
  } catch (const Failure& failure) {
    detail = failure.error.detail;
  }
  CHECK(detail.find("absent/root.key") != std::string::npos);
  CHECK_FALSE(fs::exists(folder.file("absent")));
}

namespace {

constexpr std::string_view passphrase = "eleven grey herons at dawn";

/// What opening the file with this passphrase says; empty where it opens.
std::string passphrase_refusal(const std::string& path, std::string_view with = passphrase) {
  try {
    passphrase_root_key(path, with);
    return {};
  } catch (const Failure& failure) {
    CHECK(failure.error.code == codes::key_mismatch);
    return failure.error.detail;
  }
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("SEC-5: a root key under a passphrase opens with it alone, and a header that was tampered with is refused") {
  SeededRng rng(1);
  const Folder folder;
  const std::string path = folder.file("root.key");
  create_passphrase_root_key_file(path, passphrase, rng);
  std::string text;
  std::getline(std::ifstream(path), text, '\0');
  CHECK(text.starts_with("medflow root key 1\nargon2id13 passes=3 memory_kib=262144\nsalt="));
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0600U);

  const auto roots = passphrase_root_key(path, passphrase);
  const auto key = key_counting_from(2);
  const auto wrapped = roots->wrap(roots->current(), crypto::bytes_of("tenant"), key.view());
  crypto::SecureKey out;
  passphrase_root_key(path, passphrase)->unwrap(roots->current(), crypto::bytes_of("tenant"), wrapped, out.writable());
  CHECK(crypto::constant_time_equal(out.view(), key.view()));

  CHECK(passphrase_refusal(path, "eleven grey herons at dusk").find("does not open it") != std::string::npos);
  // A weaker hash than was ever written would let somebody guess: it is refused before anything is computed.
  for (const auto& weaker :
       {replaced(text, "passes=3", "passes=2"), replaced(text, "passes=3", "passes=1"),
        replaced(text, "memory_kib=262144", "memory_kib=262143"), replaced(text, "memory_kib=262144", "memory_kib=8")})
    CHECK(passphrase_refusal(written(folder, weaker)).find("tampered") != std::string::npos);
  // Stronger than it was written: the key is bound to the header.
  CHECK(passphrase_refusal(written(folder, replaced(text, "passes=3", "passes=4"))).find("does not open it") !=
        std::string::npos);
  CHECK(passphrase_refusal(written(folder, replaced(text, "passes=3", "passes=17"))).find("more memory") !=
        std::string::npos);
  for (const auto& none : {text.substr(0, text.size() - 1), text + "\n", replaced(text, "passes=3", "passes=03"),
                           replaced(text, "passes=3", "passes=+3"), replaced(text, "salt=", "salt=0"),
                           replaced(text, "key 1", "key 2"), digits + "\n", std::string{}})
    CHECK(passphrase_refusal(written(folder, none)).find("no root key under a passphrase") != std::string::npos);
  CHECK(passphrase_refusal(written(folder, text, 0644)).find("0600") != std::string::npos);
  CHECK(refusal(path).find("64 hexadecimal digits") != std::string::npos);  // it is not a bare key

  std::string code;
  try {
    create_passphrase_root_key_file(path, passphrase, rng);
  } catch (const Failure& failure) {
    code = failure.error.code.name;
  }
  CHECK(code == "key.exists");
  CHECK_THROWS_AS(create_passphrase_root_key_file(folder.file("short"), "short", rng), Failure);
  CHECK_FALSE(fs::exists(folder.file("short")));
}

TEST_CASE("SEC-5: a host's own functions keep the root key; what they throw is unavailable, and no is key.mismatch") {
  const auto inner = memory_root_key(key_counting_from(1).view());
  bool down = false;
  const auto up = [&] {
    if (down) throw std::runtime_error("the HSM is away");
  };
  const auto roots = callback_root_key(
      {.current = [&] { return up(), inner->current(); },
       .wrap = [&](const RootId& id, auto associated, auto key) { return up(), inner->wrap(id, associated, key); },
       .unwrap =
           [&](const RootId& id, auto associated, auto wrapped, auto key) {
             up();
             try {
               inner->unwrap(id, associated, wrapped, key);
               return true;
             } catch (const Failure&) {
               return false;
             }
           }});
  const auto code = [](const auto& body) -> std::string {
    try {
      body();
      return "ok";
    } catch (const Failure& failure) {
      return std::string(failure.error.code.name);
    }
  };
  const auto key = key_counting_from(2);
  const auto wrapped = roots->wrap(roots->current(), crypto::bytes_of("a"), key.view());
  crypto::SecureKey out;
  const auto unwrap = [&](std::string_view associated) {
    return code([&] { roots->unwrap(roots->current(), crypto::bytes_of(associated), wrapped, out.writable()); });
  };
  CHECK(unwrap("a") == "ok");
  CHECK(crypto::constant_time_equal(out.view(), key.view()));
  CHECK(unwrap("b") == "key.mismatch");
  CHECK(roots->list() == std::vector{roots->current()});
  const auto id = roots->current();
  down = true;
  CHECK(code([&] { roots->unwrap(id, crypto::bytes_of("a"), wrapped, out.writable()); }) == "key.unavailable");
  CHECK(code([&] { (void)roots->wrap(id, crypto::bytes_of("a"), key.view()); }) == "key.unavailable");
  CHECK(code([&] { (void)roots->current(); }) == "key.unavailable");
  CHECK(code([&] { (void)roots->list(); }) == "key.unavailable");
  CHECK(code([] { callback_root_key({}); }) == "invalid");
}
