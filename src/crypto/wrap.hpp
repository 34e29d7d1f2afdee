// Wrapped keys: a 32-byte key under another, 120 bytes (security.md, "Suites", suite 2):
//   header[8] | nonce[24] | commitment[32] | ciphertext[32] | tag[16] | key id[8]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "crypto/secret.hpp"
#include "medflow/id.hpp"
#include "medflow/ports.hpp"

namespace medflow::crypto {

inline constexpr std::size_t wrapped_key_size = 120;
using WrappedKey = std::array<std::byte, wrapped_key_size>;

/// Names a key without telling it: the first 8 bytes of BLAKE2b-128 over it.
using KeyId = std::array<std::byte, 8>;
KeyId key_id(KeyView key);

/// What a wrapped key is for; it unwraps only as the same thing.
struct WrapContext {
  Uuid tenant{};
  Uuid subject{};              ///< nil where the key belongs to nobody; the slot for a patient key
  std::string_view purpose{};  ///< exactly 8 characters
  std::uint32_t version = 0;   ///< of the wrapped key
};

/// tenant | subject | purpose[8] | u32le version.
std::array<std::byte, 44> associated_data(const WrapContext& context);

/// Wraps `key` under `wrapping`, whose version stands in the header.
WrappedKey wrap_key(KeyView wrapping, std::uint16_t wrapping_version, std::span<const std::byte> associated,
                    KeyView key, Rng& rng);

/// Unwraps; nothing where the wrapping key, the associated data or any byte of `wrapped` is another.
std::optional<SecureKey> unwrap_key(KeyView wrapping, std::span<const std::byte> associated,
                                    std::span<const std::byte> wrapped);

/// The version of the key that wraps, and the id of the key inside; nothing where this is no wrapped key.
std::optional<std::uint16_t> wrapping_version_of(std::span<const std::byte> wrapped);
std::optional<KeyId> wrapped_key_id(std::span<const std::byte> wrapped);

}  // namespace medflow::crypto
