// A hash table of small numbers, each of which stands for something that its owner keeps: four bytes a slot, no nodes.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace medflow::text {

/// Open addressing with linear probing and no tombstones. The owner gives hashes: `hash_of(number)` must be what the number
/// was inserted with. Not thread-safe.
class NumberTable {
 public:
  using Number = std::uint32_t;

  template <class Equals>
  std::optional<Number> find(std::size_t hash, Equals equals) const {
    if (slots_.empty()) return std::nullopt;
    for (std::size_t at = home(hash); slots_[at] != none; at = next(at))
      if (equals(slots_[at])) return slots_[at];
    return std::nullopt;
  }

  template <class HashOf>
  void insert(Number number, HashOf hash_of) {
    if ((count_ + 1) * 5 > slots_.size() * 4) grow(hash_of);
    place(number, hash_of(number));
    ++count_;
  }

  template <class HashOf>
  void erase(Number number, HashOf hash_of) {
    std::size_t hole = home(hash_of(number));
    while (slots_[hole] != number) {
      assert(slots_[hole] != none);
      hole = next(hole);
    }
    // Close the gap: what follows moves up unless its home lies behind the hole.
    for (std::size_t at = next(hole); slots_[at] != none; at = next(at)) {
      const std::size_t distance = (at - home(hash_of(slots_[at]))) & (slots_.size() - 1);
      if (distance < ((at - hole) & (slots_.size() - 1))) continue;
      slots_[hole] = slots_[at];
      hole = at;
    }
    slots_[hole] = none;
    --count_;
  }

  void clear() {
    slots_.clear();
    count_ = 0;
  }

  std::size_t bytes() const { return slots_.capacity() * sizeof(Number); }

 private:
  static constexpr Number none = std::numeric_limits<Number>::max();

  /// Spreads weak hashes, by the 64-bit golden ratio.
  std::size_t home(std::size_t hash) const {
    return static_cast<std::size_t>((hash * 0x9E3779B97F4A7C15ULL) >> 20) & (slots_.size() - 1);
  }
  std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }

  void place(Number number, std::size_t hash) {
    std::size_t at = home(hash);
    while (slots_[at] != none) at = next(at);
    slots_[at] = number;
  }

  template <class HashOf>
  void grow(HashOf hash_of) {
    const std::vector<Number> old =
        std::exchange(slots_, std::vector<Number>(slots_.empty() ? 16 : slots_.size() * 2, none));
    for (Number number : old)
      if (number != none) place(number, hash_of(number));
  }

  std::vector<Number> slots_{};  // a power of two
  std::size_t count_ = 0;
};

}  // namespace medflow::text
