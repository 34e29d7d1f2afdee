#include "crypto/xchacha.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <memory>

#include "crypto/openssl.hpp"

namespace medflow::crypto::core {
namespace {

int size_of(std::span<const std::byte> bytes) { return static_cast<int>(bytes.size()); }

/// What XChaCha is of ChaCha (2.3): the key comes from the first 16 bytes of the nonce, and the rest follows four zeros.
class Subkey {
 public:
  Subkey(KeyView key, std::span<const std::byte, nonce_size> nonce) {
    crypto_core_hchacha20(key_.data(), raw(nonce.data()), raw(key.data()), nullptr);
    std::copy_n(raw(nonce.data()) + 16, 8, nonce_.begin() + 4);
  }
  ~Subkey() { sodium_memzero(key_.data(), key_.size()); }
  Subkey(const Subkey&) = delete;
  Subkey& operator=(const Subkey&) = delete;

  const unsigned char* key() const { return key_.data(); }
  const unsigned char* nonce() const { return nonce_.data(); }

 private:
  std::array<unsigned char, 32> key_;  // filled by the constructor
  std::array<unsigned char, 12> nonce_{};
};

/// ChaCha20-Poly1305 (RFC 8439), fetched once per thread. The key of a text does not outlive it here.
class Chacha {
 public:
  Chacha() : cipher_(EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr)), context_(EVP_CIPHER_CTX_new()) {
    if (!cipher_) return;
    must(context_ && EVP_CipherInit_ex2(context_.get(), cipher_.get(), nullptr, nullptr, 1, nullptr) == 1);
  }

  /// Whether OpenSSL has it: not where it is set up for FIPS 140 alone.
  bool there() const { return cipher_ != nullptr; }

  class Keyed {
   public:
    Keyed(const Chacha& chacha, const Subkey& subkey, bool encrypts) : context_(chacha.context_.get()) {
      must(EVP_CipherInit_ex2(context_, nullptr, subkey.key(), subkey.nonce(), encrypts ? 1 : 0, nullptr) == 1);
    }
    ~Keyed() {
      static constexpr std::array<unsigned char, 32> none{};
      EVP_CipherInit_ex2(context_, nullptr, none.data(), nullptr, -1, nullptr);
    }
    Keyed(const Keyed&) = delete;
    Keyed& operator=(const Keyed&) = delete;
    EVP_CIPHER_CTX* get() const { return context_; }
    bool associated(std::span<const std::byte> data) const {
      int done = 0;
      return data.empty() || EVP_CipherUpdate(context_, nullptr, &done, raw(data.data()), size_of(data)) == 1;
    }

   private:
    EVP_CIPHER_CTX* context_;
  };

 private:
  std::unique_ptr<EVP_CIPHER, Free<EVP_CIPHER_free>> cipher_;
  std::unique_ptr<EVP_CIPHER_CTX, Free<EVP_CIPHER_CTX_free>> context_;
};

/// Null where libsodium does it: for what is short, and where OpenSSL cannot.
const Chacha* chacha_for(std::span<const std::byte> text) {
  if (text.size() < long_text || text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return nullptr;
  thread_local const Chacha kept;
  return kept.there() ? &kept : nullptr;
}

}  // namespace

void xchacha_encrypt(KeyView key, std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> associated,
                     std::span<std::byte> text, std::span<std::byte, tag_size> tag) {
  init();
  const Chacha* chacha = chacha_for(text);
  if (chacha == nullptr) {
    crypto_aead_xchacha20poly1305_ietf_encrypt_detached(raw(text.data()), raw(tag.data()), nullptr, raw(text.data()),
                                                        text.size(), raw(associated.data()), associated.size(), nullptr,
                                                        raw(nonce.data()), raw(key.data()));
    return;
  }
  const Subkey subkey(key, nonce);
  const Chacha::Keyed keyed(*chacha, subkey, true);
  int done = 0;
  must(keyed.associated(associated) &&
       EVP_EncryptUpdate(keyed.get(), raw(text.data()), &done, raw(text.data()), size_of(text)) == 1 &&
       EVP_EncryptFinal_ex(keyed.get(), raw(text.data()), &done) == 1 &&
       EVP_CIPHER_CTX_ctrl(keyed.get(), EVP_CTRL_AEAD_GET_TAG, size_of(tag), tag.data()) == 1);
}

bool xchacha_decrypt(KeyView key, std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> associated,
                     std::span<const std::byte> sealed, std::span<const std::byte, tag_size> tag,
                     std::span<std::byte> plain) {
  assert(plain.size() == sealed.size());
  init();
  const Chacha* chacha = chacha_for(sealed);
  if (chacha == nullptr)
    return crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
               raw(plain.data()), nullptr, raw(sealed.data()), sealed.size(), raw(tag.data()), raw(associated.data()),
               associated.size(), raw(nonce.data()), raw(key.data())) == 0;
  const Subkey subkey(key, nonce);
  const Chacha::Keyed keyed(*chacha, subkey, false);
  std::array<std::byte, tag_size> expected;
  std::copy(tag.begin(), tag.end(), expected.begin());
  int done = 0;
  must(EVP_CIPHER_CTX_ctrl(keyed.get(), EVP_CTRL_AEAD_SET_TAG, size_of(expected), expected.data()) == 1 &&
       keyed.associated(associated) &&
       EVP_DecryptUpdate(keyed.get(), raw(plain.data()), &done, raw(sealed.data()), size_of(sealed)) == 1);
  return EVP_DecryptFinal_ex(keyed.get(), raw(plain.data()), &done) == 1;
}

}  // namespace medflow::crypto::core
