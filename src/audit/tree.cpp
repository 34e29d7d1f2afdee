#include "audit/tree.hpp"

#include <bit>
#include <cassert>
#include <cstring>

namespace medflow::inline v1::audit {
namespace {

constexpr std::size_t bits_per_level = 8;

std::uint64_t entries_of(std::uint64_t size, std::size_t level) { return size >> (bits_per_level * level); }

/// The entries of a level that lie in filled tiles.
std::uint64_t entries_filled(std::uint64_t size, std::size_t level) {
  return entries_of(size, level) / tile_width * tile_width;
}

}  // namespace

Digest leaf_hash(std::string_view event) { return crypto::sha256({std::string_view("\0", 1), event}); }

Digest node_hash(const Digest& left, const Digest& right) {
  std::array<char, 1 + 2 * sizeof(Digest)> joined;
  joined[0] = 1;
  std::memcpy(joined.data() + 1, left.data(), left.size());
  std::memcpy(joined.data() + 1 + left.size(), right.data(), right.size());
  return crypto::sha256(std::string_view(joined.data(), joined.size()));
}

Digest perfect_root(std::span<const Digest> hashes) {
  assert(std::has_single_bit(hashes.size()));
  if (hashes.size() == 1) return hashes.front();
  const auto half = hashes.size() / 2;
  return node_hash(perfect_root(hashes.first(half)), perfect_root(hashes.subspan(half)));
}

std::string_view tile_bytes(std::span<const Digest> hashes) {
  return {reinterpret_cast<const char*>(hashes.data()), hashes.size_bytes()};
}

Tree::Tree(std::uint64_t size, Frontier frontier) : size_(size) {
  for (std::size_t k = 0; k < tree_levels; ++k) {
    assert(frontier[k].size() == entries_of(size, k) % tile_width);
    levels_[k] = {.first = entries_filled(size, k), .entries = std::move(frontier[k])};
  }
  rebuild_peaks();
}

void Tree::append(const Digest& leaf) {
  levels_[0].entries.push_back(leaf);
  Digest node = leaf;
  std::size_t height = 0;
  for (; (size_ >> height & 1) != 0; ++height) {
    node = node_hash(peaks_[height], node);
    if ((height + 1) % bits_per_level == 0) levels_[(height + 1) / bits_per_level].entries.push_back(node);
  }
  peaks_[height] = node;
  ++size_;
}

Digest Tree::root() const {
  if (size_ == 0) return crypto::sha256(std::string_view{});
  auto height = static_cast<std::size_t>(std::countr_zero(size_));
  Digest out = peaks_[height];
  for (++height; height < peaks_.size(); ++height)
    if ((size_ >> height & 1) != 0) out = node_hash(peaks_[height], out);
  return out;
}

std::size_t Tree::levels_grown() const {
  return size_ == 0 ? 0 : static_cast<std::size_t>(std::countr_zero(size_)) / bits_per_level;
}

const Digest& Tree::newest(std::size_t level) const {
  assert(!levels_[level].entries.empty());
  return levels_[level].entries.back();
}

std::span<const Digest> Tree::filled_tile() const {
  const std::span<const Digest> leaves = levels_[0].entries;
  assert(size_ % tile_width == 0 && leaves.size() >= tile_width);
  return leaves.last(tile_width);
}

void Tree::reset(std::uint64_t size) {
  assert(size <= size_);
  if (size == size_) return;
  for (std::size_t k = 0; k < tree_levels; ++k) {
    assert(entries_filled(size, k) >= levels_[k].first);
    levels_[k].entries.resize(entries_of(size, k) - levels_[k].first);
  }
  size_ = size;
  rebuild_peaks();
}

void Tree::settle() {
  for (std::size_t k = 0; k < tree_levels; ++k) {
    auto& level = levels_[k];
    const auto filled = entries_filled(size_, k);
    if (filled == level.first) break;  // where a level filled no tile, none above it did
    level.entries.erase(level.entries.begin(),
                        level.entries.begin() + static_cast<std::ptrdiff_t>(filled - level.first));
    level.first = filled;
  }
}

void Tree::rebuild_peaks() {
  for (std::size_t k = 0; k < tree_levels; ++k) {
    const auto count = entries_of(size_, k) % tile_width;
    auto rest = std::span<const Digest>(levels_[k].entries).last(count);
    for (std::size_t bit = bits_per_level; bit-- > 0;) {
      const auto width = std::size_t{1} << bit;
      if ((count & width) == 0) continue;
      peaks_[k * bits_per_level + bit] = perfect_root(rest.first(width));
      rest = rest.subspan(width);
    }
  }
}

}  // namespace medflow::inline v1::audit
