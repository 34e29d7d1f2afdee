// The parts that row blocks and wrapped keys share; used inside src/crypto only.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <span>

#include "crypto/seal.hpp"
#include "crypto/xchacha.hpp"

namespace medflow::crypto::core {

inline constexpr std::size_t header_size = 8;
inline constexpr std::size_t commit_at = header_size + nonce_size;

constexpr std::size_t commit_size(Suite suite) { return suite == Suite::block ? 16 : 32; }
constexpr std::size_t overhead(Suite suite) { return commit_at + commit_size(suite) + tag_size; }

inline std::byte* put_u16(std::byte* at, std::uint16_t value) {
  at[0] = static_cast<std::byte>(value & 0xFFU);
  at[1] = static_cast<std::byte>(value >> 8U);
  return at + 2;
}
inline std::byte* put_u32(std::byte* at, std::uint32_t value) {
  return put_u16(put_u16(at, static_cast<std::uint16_t>(value & 0xFFFFU)), static_cast<std::uint16_t>(value >> 16U));
}
inline std::byte* put_bytes(std::byte* at, const void* from, std::size_t size) {
  std::memcpy(at, from, size);
  return at + size;
}
inline std::uint16_t get_u16(const std::byte* at) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(at[0]) | (std::to_integer<unsigned>(at[1]) << 8U));
}

/// Message key and commitment of one seal; wiped when it goes.
class Derived {
 public:
  /// From the header and nonce that start a block, and the associated data.
  Derived(KeyView key, std::span<const std::byte, commit_at> head, std::span<const std::byte> associated);
  ~Derived() { wipe(okm_); }
  Derived(const Derived&) = delete;
  Derived& operator=(const Derived&) = delete;

  KeyView message_key() const { return std::span(okm_).first<key_size>(); }
  std::span<const std::byte> commitment(Suite suite) const { return std::span(okm_).subspan(32, commit_size(suite)); }

 private:
  std::array<std::byte, 64> okm_;  // filled by the constructor
};

/// Encrypts `text` where it lies and writes commitment and tag around it: `at` is a whole block whose header is set and
/// whose plaintext lies where the ciphertext belongs.
void seal_in_place(KeyView key, std::span<std::byte> at, std::span<const std::byte> associated, Rng& rng, Suite suite);

/// Checks a block and decrypts its ciphertext into `plain`, which has the ciphertext's size.
OpenResult open_raw(KeyView key, std::span<const std::byte> sealed, std::span<const std::byte> associated,
                    std::span<std::byte> plain, Suite suite);

}  // namespace medflow::crypto::core
