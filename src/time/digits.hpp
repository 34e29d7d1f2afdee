// Fixed-width decimal numbers, as dates and times have them: no sign, no space, leading zeros, nothing allocated.
#pragma once

#include <cassert>
#include <cstddef>
#include <string_view>

namespace medflow::times {

/// The number in `width` digits of `text` from `at`; -1 where there are fewer or one is no digit.
constexpr int read_digits(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + width; ++i) {
    const int digit = text[i] - '0';
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/// Writes `value`, which fits, in exactly `width` digits; returns the place behind them.
constexpr char* write_digits(char* out, int value, std::size_t width) {
  assert(value >= 0);
  for (std::size_t i = width; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + width;
}

}  // namespace medflow::times
