#include "crypto/recovery.hpp"

#include <doctest/doctest.h>
#include <sodium.h>
#include <sys/stat.h>

#include <string>

#include "medflow/error.hpp"
#include "medflow/recovery.hpp"
#include "support.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace medflow;
using namespace medflow::crypto;
using namespace medflow::crypto::testing;

namespace {

const RecoveryPair& pair() {
  static const RecoveryPair one = [] {
    CountingRng rng(1);
    return make_recovery_pair(rng);
  }();
  return one;
}

std::string code_of(const std::string& path) {
  try {
    read_recovery_file(path);
  } catch (const Failure& failure) {
    return std::string(failure.error.code.name);
  }
  return {};
}

}  // namespace

// The public half, and the fingerprint, computed with Python's hashlib and RFC 7748's ladder written out there.
TEST_CASE("SEC-6: a recovery recipient has the specified key and fingerprint") {
  CHECK(hex_of(pair().secret.view()) == "0002030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f60");
  CHECK(hex_of(pair().recipient) == "07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c");
  CHECK(fingerprint_of(pair().recipient) == "7664-8196-7ab8-4633-468f-fb86-79a8-995a");
}

TEST_CASE("SEC-6: a key that is sealed to a recipient is libsodium's sealed box, and only its recipient opens it") {
  SeededRng rng(5);
  const SecureKey key = key_counting_from(9);
  const KeyToRecipient sealed = seal_key_to(pair().recipient, key, rng);

  SecureKey theirs;
  REQUIRE(crypto_box_seal_open(reinterpret_cast<unsigned char*>(theirs.writable().data()),
                               reinterpret_cast<const unsigned char*>(sealed.data()), sealed.size(),
                               reinterpret_cast<const unsigned char*>(pair().recipient.data()),
                               reinterpret_cast<const unsigned char*>(pair().secret.view().data())) == 0);
  CHECK(hex_of(theirs.view()) == hex_of(key.view()));

  KeyToRecipient made_by_libsodium{};
  REQUIRE(crypto_box_seal(reinterpret_cast<unsigned char*>(made_by_libsodium.data()),
                          reinterpret_cast<const unsigned char*>(key.view().data()), key_size,
                          reinterpret_cast<const unsigned char*>(pair().recipient.data())) == 0);
  const auto ours = open_key(pair(), made_by_libsodium);
  REQUIRE(ours);
  CHECK(hex_of(ours->view()) == hex_of(key.view()));

  CHECK_FALSE(open_key(make_recovery_pair(rng), sealed));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    KeyToRecipient other = sealed;
    other[i] ^= std::byte{1};
    CHECK_FALSE(open_key(pair(), other));
  }
  CHECK_FALSE(open_key(pair(), std::span(sealed).first(79)));
  CHECK(seal_key_to(pair().recipient, key, rng) != sealed);
}

TEST_CASE("SEC-6: a key that keeps no secret is no recipient") {
  CHECK(usable(pair().recipient));
  CHECK_FALSE(usable(RecipientKey{}));
  CHECK_FALSE(usable(RecipientKey{std::byte{1}}));
}

TEST_CASE("SEC-6: a recovery file is made once, mode 0600, and read back") {
  const medflow::testing::TemporaryFolder folder;
  const std::string path = folder / "recovery.key";
  SeededRng rng(3);
  const RecoveryRecipient made = create_recovery_file(path, rng);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0600U);
  const RecoveryRecipient read = read_recovery_file(path);
  CHECK(read.public_key == made.public_key);
  CHECK(read.fingerprint == made.fingerprint);
  CHECK(made.fingerprint.size() == 39);
  CHECK(file_text(path).find("fingerprint " + made.fingerprint) != std::string::npos);
  CHECK_THROWS_AS(create_recovery_file(path, rng), Failure);
  CHECK(read_recovery_file(path).public_key == made.public_key);
}

TEST_CASE("SEC-6: what is not exactly a recovery file is refused") {
  const SecureBytes written = recovery_text(pair());
  const std::string text(written.text());
  REQUIRE(parse_recovery_text(text));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = static_cast<char>(other[i] ^ 1);
    CAPTURE(i);
    CHECK_FALSE(parse_recovery_text(other));
  }
  CHECK_FALSE(parse_recovery_text(text + "\n"));
  CHECK_FALSE(parse_recovery_text(text.substr(0, text.size() - 1)));
  CHECK_FALSE(parse_recovery_text(""));

  const medflow::testing::TemporaryFolder folder;
  const std::string path = folder / "recovery.key";
  CHECK(code_of(path) == "key.mismatch");
  std::ofstream(path) << "not one\n";
  CHECK(code_of(path) == "key.mismatch");  // others may read it
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  CHECK(code_of(path) == "recovery.unreadable");
}
