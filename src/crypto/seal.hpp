// Sealed blocks: authenticated encryption that commits to its key and to the place where the block lies (security.md,
// "Suites"). A block that was moved, swapped, edited or sealed by another key does not open.
//
//   0 'M' | 1 suite | 2 u16le key version | 4 block class | 5 schema version | 6 u16le padding bucket
//   8 nonce[24] | 32 commitment[16; 32 in suite 2] | ciphertext | tag[16]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crypto/secret.hpp"
#include "medflow/id.hpp"
#include "medflow/ports.hpp"

namespace medflow::crypto {

/// Which construction: they differ in the length of the commitment.
enum class Suite : std::uint8_t {
  block = 1,  ///< row blocks and audit details: 16 bytes
  wrap = 2,   ///< keys, password hashes, anything under a passphrase: 32 bytes
};

/// Plaintexts are padded to whole buckets, so that the length of a diagnosis does not show.
inline constexpr std::size_t padding_bucket = 32;

/// What the first bytes of a block say; authenticated.
struct SealHeader {
  std::uint16_t key_version = 0;
  std::uint8_t block_class = 0;
  std::uint8_t schema_version = 0;

  friend bool operator==(const SealHeader&, const SealHeader&) = default;
};

/// Where a block lies. A block opens only where it was sealed. Table and block numbers are never reused.
struct SealContext {
  Uuid tenant{};
  std::uint16_t table_id = 0;
  Uuid row_id{};
  Uuid subject_id{};  ///< whose key seals it
  std::uint32_t block = 0;
  std::uint32_t block_version = 0;
};

/// The associated data of a context: "mfAD" | 1 | 0 | u16le table | tenant | row | subject | u32le block | u32le version.
std::array<std::byte, 64> associated_data(const SealContext& context);

enum class OpenResult : std::uint8_t {
  ok,
  malformed,           ///< not a sealed block of this suite: too short, odd length, unknown header
  wrong_key_or_moved,  ///< the commitment does not match: another key, or another place, header or nonce
  damaged,             ///< right key and place, but the ciphertext was changed
};

/// Appends the sealed form of `plaintext` to `out`: `sealed_size(…)` bytes. One nonce of 24 bytes is drawn from `rng`.
/// `plaintext` may not lie in `out`.
void seal(KeyView key, const SealHeader& header, const SealContext& context, std::string_view plaintext, Rng& rng,
          std::string& out, Suite suite = Suite::block);
void seal(KeyView key, const SealHeader& header, std::span<const std::byte> associated, std::string_view plaintext,
          Rng& rng, std::string& out, Suite suite = Suite::block);

/// Appends the plaintext of `sealed` to `out`, which is left as it was unless everything about the block is right.
/// `sealed` may not lie in `out`.
[[nodiscard]] OpenResult open(KeyView key, const SealContext& context, std::string_view sealed, std::string& out,
                              Suite suite = Suite::block);
[[nodiscard]] OpenResult open(KeyView key, std::span<const std::byte> associated, std::string_view sealed,
                              std::string& out, Suite suite = Suite::block);

/// The size of a sealed plaintext; at least one byte of padding is added.
std::size_t sealed_size(std::size_t plaintext_size, Suite suite = Suite::block);

/// What a block says of itself, before it is opened; nothing where it is no sealed block.
std::optional<SealHeader> header_of(std::string_view sealed);
std::optional<std::uint16_t> key_version_of(std::string_view sealed);

}  // namespace medflow::crypto
