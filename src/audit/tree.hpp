// The Merkle tree over the events (RFC 6962, section 2.1): leaf = SHA-256(0x00 | event), node = SHA-256(0x01 | left | right).
//
// Its hashes are kept in levels of tiles of 256 (C2SP tlog-tiles): an entry of level k is the root over 256^k leaves. In
// memory are only the tiles that are still being filled, and those filled since the last `settle`.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/hash.hpp"
#include "medflow/audit.hpp"

namespace medflow::inline v1::audit {

using crypto::Digest;

inline constexpr std::size_t tile_width = 256;
inline constexpr std::size_t tree_levels = 8;

Digest leaf_hash(std::string_view event);
Digest node_hash(const Digest& left, const Digest& right);

/// The root over a power of two of neighbours.
Digest perfect_root(std::span<const Digest> hashes);

/// The bytes of hashes that lie one behind the other.
std::string_view tile_bytes(std::span<const Digest> hashes);

/// Not thread-safe; a copy is independent.
class Tree {
 public:
  /// The entries of the unfilled tile of each level.
  using Frontier = std::array<std::vector<Digest>, tree_levels>;

  Tree() = default;
  /// A tree of `size` leaves; asserts that level k has (size >> 8k) mod 256 entries.
  Tree(std::uint64_t size, Frontier frontier);

  /// Amortised one node hash.
  void append(const Digest& leaf);
  std::uint64_t size() const { return size_; }

  /// The root over all leaves, SHA-256 of nothing where there are none. O(log n) hashes.
  Digest root() const;

  /// The levels above the leaves that got an entry with the last append: k > 0 where 256^k divides the size.
  std::size_t levels_grown() const;
  /// The newest entry of a level; asserts that it is still in memory, as it is right after `levels_grown` says so.
  const Digest& newest(std::size_t level) const;
  /// The leaves of the tile that the last append filled; asserts that it did.
  std::span<const Digest> filled_tile() const;

  /// Goes back to an earlier size, not before that of the last `settle`. At most 255 hashes a level.
  void reset(std::uint64_t size);
  /// Gives up what is needed only to go back behind this size.
  void settle();

 private:
  struct Level {
    std::uint64_t first = 0;  // the number of entries before those kept
    std::vector<Digest> entries{};
  };

  void rebuild_peaks();

  std::uint64_t size_ = 0;
  std::array<Level, tree_levels> levels_{};
  // The root of the perfect subtree of 2^h leaves, where bit h of the size is set: the tree is these, from left to right.
  std::array<Digest, 64> peaks_{};
};

}  // namespace medflow::inline v1::audit
