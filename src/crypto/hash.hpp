// Hashes, the HMAC of access tokens, and Ed25519: SHA-256 and HMAC by OpenSSL, whose code uses the processor's SHA
// instructions, the rest by libsodium. Contexts are kept per thread, so nothing here allocates after a thread's first call.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "crypto/secret.hpp"

namespace medflow::crypto {

using Digest = std::array<std::byte, 32>;

/// SHA-256 (FIPS 180-4) over the parts, joined.
Digest sha256(std::initializer_list<std::string_view> parts);
inline Digest sha256(std::string_view bytes) { return sha256({bytes}); }

/// BLAKE2b (RFC 7693) with 32 bytes, without a key, over the parts, joined.
Digest blake2b_256(std::initializer_list<std::string_view> parts);
inline Digest blake2b_256(std::string_view bytes) { return blake2b_256({bytes}); }

/// BLAKE2b-256 of a stream.
class Blake2b256 {
 public:
  Blake2b256();
  void update(std::span<const std::byte> bytes);
  /// Call once.
  Digest finish();

 private:
  alignas(64) std::array<std::byte, 384> state_;
};

/// HMAC-SHA-256 (RFC 2104) under one key. Thread-safe. The key schedule of the key used last stays with each thread.
class HmacKey {
 public:
  explicit HmacKey(KeyView key);
  Digest mac(std::string_view message) const;

 private:
  SecureKey key_{};
  std::uint64_t serial_ = 0;  // tells keys apart in the threads' contexts, where an address could be reused
};

/// Ed25519 (RFC 8032) for the audit log's checkpoints.
using PublicKey = std::array<std::byte, 32>;
using Signature = std::array<std::byte, 64>;

class Signer {
 public:
  explicit Signer(KeyView seed);
  const PublicKey& public_key() const { return public_; }
  Signature sign(std::string_view message) const;

 private:
  PublicKey public_{};
  SecureBytes secret_{64};
};

bool signature_valid(const PublicKey& key, std::string_view message, std::span<const std::byte> signature);

}  // namespace medflow::crypto
