// Patterns of digits, as numbering plans have them: digits, \d, [1-46-9], groups, alternatives, ?, {2}, {2,5} and a final $, with the
// meaning that regular expressions give them. Nothing is compiled or kept: a pattern is read as it is tried.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace medflow::text {

/// Whether the pattern fits all of the digits.
bool fits(std::string_view pattern, std::string_view digits);

/// A pattern that fits the beginning of some digits.
struct DigitPrefix {
  std::size_t length = 0;
  std::size_t groups = 0;  ///< how many groups in round parentheses the pattern has, at most 2
  std::array<std::optional<std::string_view>, 2> captured{};
};

/// The first way in which the pattern fits the beginning; none where it does not.
std::optional<DigitPrefix> fit_prefix(std::string_view pattern, std::string_view digits);

}  // namespace medflow::text
