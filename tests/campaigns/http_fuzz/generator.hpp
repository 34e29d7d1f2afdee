// Requests that are nearly right: made from the operations' own rows, then spoilt in one place or several.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/operation.hpp"

namespace medflow::fuzz {

/// A small generator of numbers (splitmix64): the same seed gives the same requests everywhere.
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

/// What a request may name that is really there.
struct World {
  std::vector<std::string> tokens{};  ///< access tokens of several roles
  std::vector<std::string> ids{};
  std::string tenant{};
};

/// The word in a header that a planted bug listens to.
inline constexpr std::string_view planted_word = "xyzzy";

/// The bytes of one request, from its own number alone and the world's.
std::string make_request(Dice& dice, const World& world);

}  // namespace medflow::fuzz
