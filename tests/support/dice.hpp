// A small generator of numbers for tests that make their own inputs, and what spoils an input in a place or several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

namespace medflow::testing {

/// splitmix64: the same seed gives the same numbers everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t x = state_ += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31U);
  }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }
  bool one_in(std::size_t count) { return below(count) == 0; }
  /// Whether something is to go wrong here: `one_in`, and rarer the more care is taken.
  bool slips(std::size_t count) { return one_in(count * care); }

  std::size_t care = 1;

  template <class Range>
  const auto& of(const Range& range) {
    return range[below(std::size(range))];
  }

 private:
  std::uint64_t state_;
};

/// Bytes that are wrong for no reason, in one to three places.
inline void spoil(std::string& bytes, Dice& dice) {
  for (std::size_t times = 1 + dice.below(3); times > 0 && !bytes.empty(); --times) {
    const std::size_t at = dice.below(bytes.size());
    switch (dice.below(6)) {
      case 0:
        bytes[at] = static_cast<char>(dice.next());
        break;
      case 1:
        bytes.erase(at, 1 + dice.below(8));
        break;
      case 2:
        bytes.insert(at, bytes.substr(at, 1 + dice.below(20)));
        break;
      case 3:
        bytes.insert(at, 1, "\r\n\t \0:;"[dice.below(7)]);
        break;
      case 4:
        bytes.resize(at);
        break;
      default:
        std::swap(bytes[at], bytes[dice.below(bytes.size())]);
    }
  }
}

}  // namespace medflow::testing
