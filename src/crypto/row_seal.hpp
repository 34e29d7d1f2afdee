// Row seals: the plain columns of a row must stay readable for SQL, so a keyed hash over them and over the row's sealed
// blocks shows an edit (security.md, "Row seals").
//   seal = u16le key version | BLAKE2b-128(row key, AD64 | canonical plain columns | BLAKE2b-256 of each sealed block)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "crypto/seal.hpp"

namespace medflow::crypto {

inline constexpr std::size_t row_seal_size = 18;
using RowSeal = std::array<std::byte, row_seal_size>;

/// Builds the seal of one row: all plain columns first, then all blocks in order. The canonical form of the columns must
/// say where each ends and how many blocks follow, since what is given here is simply joined.
class RowSealer {
 public:
  RowSealer(KeyView row_mac, std::uint16_t key_version, const SealContext& context);
  ~RowSealer();
  RowSealer(const RowSealer&) = delete;
  RowSealer& operator=(const RowSealer&) = delete;

  RowSealer& plain(std::string_view canonical);
  RowSealer& block(std::string_view sealed);
  /// Call once.
  RowSeal finish();
  /// Finishes, and compares in constant time.
  bool matches(std::span<const std::byte> seal);

 private:
  alignas(64) std::array<std::byte, 384> state_;  // libsodium's BLAKE2b state
  std::uint16_t key_version_ = 0;
  bool blocks_began_ = false;
  bool finished_ = false;
};

/// The version of the key that a seal was made with; nothing where it is no row seal.
std::optional<std::uint16_t> row_seal_version(std::span<const std::byte> seal);

}  // namespace medflow::crypto
