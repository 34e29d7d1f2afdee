// ASCII letters, for words that have no language: addresses, identifiers.
#pragma once

#include <string>
#include <string_view>

namespace medflow::text {

constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = ascii_lower(c);
  return lower;
}

/// Whether this is in the form of a country's code: two upper-case letters (ISO 3166-1 alpha-2).
constexpr bool is_country(std::string_view text) {
  return text.size() == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z';
}

}  // namespace medflow::text
