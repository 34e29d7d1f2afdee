// XChaCha20-Poly1305-IETF (draft-irtf-cfrg-xchacha-03), of which all that is sealed here is made; used inside src/crypto only.
#pragma once

#include <cstddef>
#include <span>

#include "crypto/secret.hpp"

namespace medflow::crypto::core {

inline constexpr std::size_t nonce_size = 24;
inline constexpr std::size_t tag_size = 16;

/// How libsodium and OpenSSL name bytes.
inline unsigned char* raw(std::byte* at) { return reinterpret_cast<unsigned char*>(at); }
inline const unsigned char* raw(const std::byte* at) { return reinterpret_cast<const unsigned char*>(at); }

/// From this size on OpenSSL is faster than libsodium, three times where it is long; below, its set-up costs more than it saves.
inline constexpr std::size_t long_text = 512;

/// Encrypts `text` where it lies. Throws Failure `internal` where memory is missing.
void xchacha_encrypt(KeyView key, std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> associated,
                     std::span<std::byte> text, std::span<std::byte, tag_size> tag);

/// Decrypts `sealed` into `plain`, which has its size and may be the same bytes. Where the tag is wrong: false, and `plain` says nothing.
[[nodiscard]] bool xchacha_decrypt(KeyView key, std::span<const std::byte, nonce_size> nonce,
                                   std::span<const std::byte> associated, std::span<const std::byte> sealed,
                                   std::span<const std::byte, tag_size> tag, std::span<std::byte> plain);

}  // namespace medflow::crypto::core
