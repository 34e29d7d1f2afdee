#include "adapters/json/utf8.hpp"

#include <cstddef>

namespace medflow::json {

namespace {

/// How long the sequence is that begins at `i`; 0 where there is none.
std::size_t sequence(std::string_view bytes, std::size_t i) {
  const auto at = [&](std::size_t n) -> unsigned {
    return i + n < bytes.size() ? static_cast<unsigned char>(bytes[i + n]) : 0U;
  };
  const auto follows = [&](std::size_t n) { return (at(n) & 0xC0U) == 0x80U; };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  // The second byte tells overlong forms, surrogates and what lies beyond the last code point.
  const unsigned second = at(1);
  const bool odd = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                   (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  if (odd) return 0;
  if (first >= 0xE0 && first <= 0xEF) return follows(1) && follows(2) ? 3 : 0;
  if (first >= 0xF0 && first <= 0xF4) return follows(1) && follows(2) && follows(3) ? 4 : 0;
  return 0;
}

}  // namespace

bool valid_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t n = sequence(bytes, i);
    if (n == 0) return false;
    i += n;
  }
  return true;
}

}  // namespace medflow::json
