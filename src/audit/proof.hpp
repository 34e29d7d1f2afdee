// Proofs about the tree (RFC 6962, section 2.1): made from the hashes that are stored, and checked without them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "audit/tree.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::audit {

/// The stored tree of the first `size` events, as one transaction sees it. Reads what it needs, at most 256 rows for each hash of an
/// answer. Throws Failure integrity where a stored hash or event that it needs is missing or no hash.
class StoredTree {
 public:
  /// `stored` is how many events the log has by now, at least `size`: hashes of the tiles that are full by then are stored.
  StoredTree(storage::Transaction& tx, std::uint64_t size, std::uint64_t stored)
      : tx_(tx), size_(size), stored_(stored) {}

  /// MTH(D[0:size]).
  Digest root();
  /// The leaf hash of an event; `index` counts from 0, below the size.
  Digest leaf(std::uint64_t index);
  /// PATH(index, D[0:size]): that the event is in the tree. `index` is below the size.
  std::vector<Digest> inclusion(std::uint64_t index);
  /// PROOF(earlier, D[0:size]): that the tree of the first `earlier` events, 1 to size, is the beginning of this one.
  std::vector<Digest> consistency(std::uint64_t earlier);

 private:
  Digest subtree(std::uint64_t from, std::uint64_t to);
  Digest node(unsigned height, std::uint64_t index);
  std::span<const Digest> leaves(std::uint64_t tile);
  void read_tile(std::uint64_t tile);
  void read_events(std::uint64_t tile);
  void path(std::uint64_t index, std::uint64_t from, std::uint64_t to, std::vector<Digest>& out);
  void subproof(std::uint64_t earlier, std::uint64_t from, std::uint64_t to, bool whole, std::vector<Digest>& out);

  storage::Transaction& tx_;
  std::uint64_t size_;
  std::uint64_t stored_;
  std::uint64_t tile_ = UINT64_MAX;  // whose leaves are in `leaves_`
  std::vector<Digest> leaves_{};
};

/// Whether `proof` shows that the leaf is the one at `index` of the tree with this size and root (RFC 9162, section 2.1.3.2).
bool inclusion_holds(std::uint64_t index, std::uint64_t size, const Digest& leaf, const Digest& root,
                     std::span<const Digest> proof);

/// Whether `proof` shows that the tree of `earlier` leaves is the beginning of that of `size` leaves (RFC 9162, section 2.1.4.2).
/// Both sizes are at least 1; for equal ones the roots are and the proof is empty.
bool consistency_holds(std::uint64_t earlier, const Digest& earlier_root, std::uint64_t size, const Digest& root,
                       std::span<const Digest> proof);

}  // namespace medflow::inline v1::audit
