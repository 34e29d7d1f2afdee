#include "crypto/xchacha.hpp"

#include <doctest/doctest.h>
#include <sodium.h>

#include <string>

#include "support.hpp"

using namespace medflow;
using namespace medflow::crypto;
using namespace medflow::crypto::testing;

namespace {

const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

struct Text {
  std::string key{};
  std::string nonce{};
  std::string associated{};
  std::string bytes{};
  std::string tag = std::string(core::tag_size, '\0');

  KeyView key_view() const { return bytes_of(key).first<key_size>(); }
  auto nonce_view() const { return bytes_of(nonce).first<core::nonce_size>(); }

  void encrypt() {
    core::xchacha_encrypt(key_view(), nonce_view(), bytes_of(associated), std::as_writable_bytes(std::span(bytes)),
                          std::as_writable_bytes(std::span(tag)).first<core::tag_size>());
  }
  bool decrypt(std::string& plain) const {
    plain.assign(bytes.size(), '\0');
    return core::xchacha_decrypt(key_view(), nonce_view(), bytes_of(associated), bytes_of(bytes),
                                 bytes_of(tag).first<core::tag_size>(), std::as_writable_bytes(std::span(plain)));
  }
};

Text random_text(SeededRng& rng, std::size_t size) {
  Text text{.key = std::string(key_size, '\0'),
            .nonce = std::string(core::nonce_size, '\0'),
            .associated = std::string(rng.next() % 50, '\0'),
            .bytes = std::string(size, '\0')};
  for (std::string* each : {&text.key, &text.nonce, &text.associated, &text.bytes})
    rng.fill(std::as_writable_bytes(std::span(*each)));
  return text;
}

constexpr std::size_t sizes[] = {
    0, 1, 63, 64, 65, core::long_text - 1, core::long_text, core::long_text + 1, 640, 900, 999, 1024, 4095, 65'536};

}  // namespace

TEST_CASE("SEC-1: XChaCha20-Poly1305 agrees with Wycheproof") {
  const std::string path = shared_data("crypto/wycheproof/xchacha20_poly1305_test.json");
  if (path.empty()) return;
  int checked = 0;
  for (auto& t : wycheproof(path)) {
    const Text text{.key = bytes_from_hex(t["key"]),
                    .nonce = bytes_from_hex(t["iv"]),
                    .associated = bytes_from_hex(t["aad"]),
                    .bytes = bytes_from_hex(t["ct"]),
                    .tag = bytes_from_hex(t["tag"])};
    if (text.key.size() != key_size || text.nonce.size() != core::nonce_size || text.tag.size() != core::tag_size)
      continue;
    std::string plain;
    const bool valid = text.decrypt(plain);
    CHECK_MESSAGE(valid == (t["result"] == "valid"), t["tcId"]);
    if (valid) CHECK(hex_of(plain) == t["msg"]);
    ++checked;
  }
  CHECK(checked > 200);
}

TEST_CASE("SEC-1: short and long texts are sealed to the same bytes as by libsodium alone, and come back") {
  SeededRng rng(11);
  for (const std::size_t size : sizes) {
    Text text = random_text(rng, size);
    const std::string before = text.bytes;
    std::string expected(size + core::tag_size, '\0');
    crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(expected.data()), nullptr, raw(before),
                                               size, raw(text.associated), text.associated.size(), nullptr,
                                               raw(text.nonce), raw(text.key));
    text.encrypt();
    REQUIRE_MESSAGE(text.bytes + text.tag == expected, size);
    std::string plain;
    REQUIRE(text.decrypt(plain));
    REQUIRE(plain == before);
  }
}

TEST_CASE("SEC-1: one bit that differs anywhere is found, in short texts and in long ones") {
  SeededRng rng(12);
  for (const std::size_t size : sizes) {
    Text text = random_text(rng, size);
    text.associated += "something";
    text.encrypt();
    for (std::string* each : {&text.key, &text.nonce, &text.associated, &text.bytes, &text.tag}) {
      if (each->empty()) continue;
      char& byte = (*each)[rng.next() % each->size()];
      const char bit = static_cast<char>(1U << (rng.next() % 8));
      byte = static_cast<char>(byte ^ bit);
      std::string plain;
      CHECK_FALSE(text.decrypt(plain));
      byte = static_cast<char>(byte ^ bit);
      REQUIRE(text.decrypt(plain));
    }
  }
}
