#include "audit/proof.hpp"

#include <array>
#include <bit>
#include <cassert>
#include <cstring>

#include "audit/tables.hpp"
#include "medflow/error.hpp"

namespace medflow::inline v1::audit {
namespace {

using storage::Cell;

constexpr unsigned bits_per_level = 8;

Cell number(std::uint64_t value) { return Cell::of(static_cast<std::int64_t>(value)); }

[[noreturn]] void damaged() { throw Failure{codes::integrity, "a hash of the audit log's tree is missing"}; }

/// The largest power of two below `count`, which is at least 2: where RFC 6962 divides a list.
std::uint64_t split_of(std::uint64_t count) { return std::bit_ceil(count) / 2; }

}  // namespace

Digest StoredTree::root() { return size_ == 0 ? Tree{}.root() : subtree(0, size_); }

Digest StoredTree::leaf(std::uint64_t index) { return node(0, index); }

std::vector<Digest> StoredTree::inclusion(std::uint64_t index) {
  assert(index < size_);
  std::vector<Digest> out;
  path(index, 0, size_, out);
  return out;
}

std::vector<Digest> StoredTree::consistency(std::uint64_t earlier) {
  assert(earlier >= 1 && earlier <= size_);
  std::vector<Digest> out;
  subproof(earlier, 0, size_, true, out);
  return out;
}

void StoredTree::path(std::uint64_t index, std::uint64_t from, std::uint64_t to, std::vector<Digest>& out) {
  if (to - from == 1) return;
  const std::uint64_t middle = from + split_of(to - from);
  if (index < middle) {
    path(index, from, middle, out);
    out.push_back(subtree(middle, to));
  } else {
    path(index, middle, to, out);
    out.push_back(subtree(from, middle));
  }
}

void StoredTree::subproof(std::uint64_t earlier, std::uint64_t from, std::uint64_t to, bool whole,
                          std::vector<Digest>& out) {
  if (earlier == to - from) {
    if (!whole) out.push_back(subtree(from, to));
    return;
  }
  const std::uint64_t half = split_of(to - from);
  if (earlier <= half) {
    subproof(earlier, from, from + half, whole, out);
    out.push_back(subtree(from + half, to));
  } else {
    subproof(earlier - half, from + half, to, false, out);
    out.push_back(subtree(from, from + half));
  }
}

Digest StoredTree::subtree(std::uint64_t from, std::uint64_t to) {
  const std::uint64_t count = to - from;
  if (std::has_single_bit(count)) {
    const auto height = static_cast<unsigned>(std::countr_zero(count));
    return node(height, from >> height);
  }
  const std::uint64_t middle = from + split_of(count);
  return node_hash(subtree(from, middle), subtree(middle, to));
}

/// The root over the 2^height leaves from index × 2^height on.
Digest StoredTree::node(unsigned height, std::uint64_t index) {
  const std::uint64_t level = height / bits_per_level;
  const std::uint64_t count = std::uint64_t{1} << height % bits_per_level;
  const std::uint64_t first = index * count;
  if (level == 0) return perfect_root(leaves(first / tile_width).subspan(first % tile_width, count));
  std::vector<Digest> hashes;
  const std::array equal{number(level)};
  tx_.scan(
      {.table = &tiles_table, .equal = equal, .from = number(first), .to = number(first + count)},
      [&](storage::RowView row) {
        if (row[1].integer != static_cast<std::int64_t>(first + hashes.size()) || row[2].data.size() != sizeof(Digest))
          damaged();
        std::memcpy(hashes.emplace_back().data(), row[2].data.data(), sizeof(Digest));
        return true;
      });
  if (hashes.size() != count) damaged();
  return perfect_root(hashes);
}

std::span<const Digest> StoredTree::leaves(std::uint64_t tile) {
  if (tile != tile_) {
    leaves_.clear();
    tile_ = UINT64_MAX;
    if ((tile + 1) * tile_width <= stored_)
      read_tile(tile);
    else
      read_events(tile);
    tile_ = tile;
  }
  return leaves_;
}

void StoredTree::read_tile(std::uint64_t tile) {
  const std::array key{number(0), number(tile)};
  const std::array keys{storage::Key(key)};
  tx_.get(tiles_table, keys, [&](std::size_t, storage::RowView row) {
    if (row[2].data.size() != tile_width * sizeof(Digest)) damaged();
    leaves_.resize(tile_width);
    std::memcpy(leaves_.data(), row[2].data.data(), row[2].data.size());
  });
  if (leaves_.empty()) damaged();
}

/// The leaves of a tile that is not full yet are not stored: the events say what they are.
void StoredTree::read_events(std::uint64_t tile) {
  const std::uint64_t first = tile * tile_width + 1;
  tx_.scan({.table = &events_table, .from = number(first), .to = number(stored_ + 1)}, [&](storage::RowView row) {
    if (row[0].integer != static_cast<std::int64_t>(first + leaves_.size())) damaged();
    leaves_.push_back(leaf_hash(row[1].data));
    return true;
  });
  if (first + leaves_.size() != stored_ + 1) damaged();
}

bool inclusion_holds(std::uint64_t index, std::uint64_t size, const Digest& leaf, const Digest& root,
                     std::span<const Digest> proof) {
  if (index >= size) return false;
  std::uint64_t place = index;
  std::uint64_t last = size - 1;
  Digest hash = leaf;
  for (const Digest& beside : proof) {
    if (last == 0) return false;
    if ((place & 1) != 0 || place == last) {
      hash = node_hash(beside, hash);
      while ((place & 1) == 0 && place != 0) {
        place >>= 1;
        last >>= 1;
      }
    } else {
      hash = node_hash(hash, beside);
    }
    place >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

bool consistency_holds(std::uint64_t earlier, const Digest& earlier_root, std::uint64_t size, const Digest& root,
                       std::span<const Digest> proof) {
  if (earlier == 0 || earlier > size) return false;
  if (earlier == size) return proof.empty() && earlier_root == root;
  // A tree of a power of two is itself the first node that the proof would name.
  const bool begins_with_root = std::has_single_bit(earlier);
  if (proof.empty() && !begins_with_root) return false;
  std::uint64_t place = earlier - 1;
  std::uint64_t last = size - 1;
  while ((place & 1) != 0) {
    place >>= 1;
    last >>= 1;
  }
  Digest before = begins_with_root ? earlier_root : proof.front();
  Digest after = before;
  for (const Digest& hash : proof.subspan(begins_with_root ? 0 : 1)) {
    if (last == 0) return false;
    if ((place & 1) != 0 || place == last) {
      before = node_hash(hash, before);
      after = node_hash(hash, after);
      while ((place & 1) == 0 && place != 0) {
        place >>= 1;
        last >>= 1;
      }
    } else {
      after = node_hash(after, hash);
    }
    place >>= 1;
    last >>= 1;
  }
  return last == 0 && before == earlier_root && after == root;
}

}  // namespace medflow::inline v1::audit
