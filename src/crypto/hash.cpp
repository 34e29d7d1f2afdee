#include "crypto/hash.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#include <atomic>
#include <cassert>
#include <memory>

#include "crypto/openssl.hpp"

namespace medflow::crypto {
namespace {

using core::Free;
using core::must;

/// The digest is fetched once per thread; starting again with no digest named keeps it.
class ShaContext {
 public:
  ShaContext() : md_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
    must(md_ && context_ && EVP_DigestInit_ex2(context_.get(), md_.get(), nullptr) == 1);
  }
  EVP_MD_CTX* restarted() const {
    must(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1);
    return context_.get();
  }

 private:
  std::unique_ptr<EVP_MD, Free<EVP_MD_free>> md_;
  std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>> context_;
};

class MacContext {
 public:
  MacContext() : mac_(EVP_MAC_fetch(nullptr, "HMAC", nullptr)), context_(mac_ ? EVP_MAC_CTX_new(mac_.get()) : nullptr) {
    must(context_ != nullptr);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    must(EVP_MAC_CTX_set_params(context_.get(), parameters) == 1);
  }
  EVP_MAC_CTX* keyed(std::uint64_t serial, KeyView key) {
    if (serial == serial_) {
      must(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1);
    } else {
      serial_ = 0;
      must(EVP_MAC_init(context_.get(), reinterpret_cast<const unsigned char*>(key.data()), key.size(), nullptr) == 1);
      serial_ = serial;
    }
    return context_.get();
  }

 private:
  std::unique_ptr<EVP_MAC, Free<EVP_MAC_free>> mac_;
  std::unique_ptr<EVP_MAC_CTX, Free<EVP_MAC_CTX_free>> context_;
  std::uint64_t serial_ = 0;
};

std::atomic<std::uint64_t> last_serial{0};

crypto_generichash_blake2b_state* state_in(std::array<std::byte, 384>& bytes) {
  return reinterpret_cast<crypto_generichash_blake2b_state*>(bytes.data());
}

}  // namespace

Digest sha256(std::initializer_list<std::string_view> parts) {
  thread_local const ShaContext kept;
  EVP_MD_CTX* context = kept.restarted();
  for (const auto part : parts) must(EVP_DigestUpdate(context, part.data(), part.size()) == 1);
  Digest out;
  must(EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(out.data()), nullptr) == 1);
  return out;
}

Digest blake2b_256(std::initializer_list<std::string_view> parts) {
  init();
  Digest out;
  if (parts.size() == 1) {
    crypto_generichash_blake2b(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                               reinterpret_cast<const unsigned char*>(parts.begin()->data()), parts.begin()->size(),
                               nullptr, 0);
    return out;
  }
  Blake2b256 hash;
  for (const auto part : parts) hash.update(bytes_of(part));
  return hash.finish();
}

Blake2b256::Blake2b256() {
  static_assert(sizeof(crypto_generichash_blake2b_state) == 384 && alignof(crypto_generichash_blake2b_state) <= 64);
  init();
  crypto_generichash_blake2b_init(state_in(state_), nullptr, 0, sizeof(Digest));
}

void Blake2b256::update(std::span<const std::byte> bytes) {
  if (!bytes.empty())
    crypto_generichash_blake2b_update(state_in(state_), reinterpret_cast<const unsigned char*>(bytes.data()),
                                      bytes.size());
}

Digest Blake2b256::finish() {
  Digest out;
  crypto_generichash_blake2b_final(state_in(state_), reinterpret_cast<unsigned char*>(out.data()), out.size());
  return out;
}

HmacKey::HmacKey(KeyView key) : key_(key), serial_(last_serial.fetch_add(1, std::memory_order_relaxed) + 1) {}

Digest HmacKey::mac(std::string_view message) const {
  thread_local MacContext kept;
  EVP_MAC_CTX* context = kept.keyed(serial_, key_);
  must(EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1);
  Digest out;
  std::size_t size = 0;
  must(EVP_MAC_final(context, reinterpret_cast<unsigned char*>(out.data()), &size, out.size()) == 1 &&
       size == out.size());
  return out;
}

Signer::Signer(KeyView seed) {
  init();
  crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(public_.data()),
                           reinterpret_cast<unsigned char*>(secret_.writable().data()),
                           reinterpret_cast<const unsigned char*>(seed.data()));
}

Signature Signer::sign(std::string_view message) const {
  Signature out;
  crypto_sign_detached(reinterpret_cast<unsigned char*>(out.data()), nullptr,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                       reinterpret_cast<const unsigned char*>(secret_.view().data()));
  return out;
}

bool signature_valid(const PublicKey& key, std::string_view message, std::span<const std::byte> signature) {
  init();
  return signature.size() == sizeof(Signature) &&
         crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(signature.data()),
                                     reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                                     reinterpret_cast<const unsigned char*>(key.data())) == 0;
}

}  // namespace medflow::crypto
