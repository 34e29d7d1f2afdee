// Requests that are nearly right: made from the operations' own rows, then spoilt in one place or several.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/operation.hpp"
#include "tests/support/dice.hpp"

namespace medflow::fuzz {

using testing::Dice;

/// What a request may name that is really there.
struct World {
  std::vector<std::string> tokens{};  ///< access tokens of several roles
  std::vector<std::string> ids{};
  /// The same by the kind of object, and other words that lead to something by the name of their member.
  std::map<std::string, std::vector<std::string>, std::less<>> ids_of{};
  std::string tenant{};
};

/// The word in a header that a planted bug listens to.
inline constexpr std::string_view planted_word = "xyzzy";

/// The bytes of one request, from its own number alone and the world's.
std::string make_request(Dice& dice, const World& world);

}  // namespace medflow::fuzz
