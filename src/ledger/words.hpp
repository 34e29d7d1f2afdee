// Enumerations of the journal and their words.
#pragma once

#include <optional>
#include <string_view>

#include "ledger/ledger.fields.hpp"

namespace medflow::inline v1::ledger {

template <class E>
std::string_view word_of(E value) {
  return Words<E>::words[static_cast<std::size_t>(value)];
}

/// None where it is no word of E.
template <class E>
std::optional<E> from_word(std::string_view word) {
  std::size_t at = 0;
  for (const std::string_view one : Words<E>::words) {
    if (one == word) return static_cast<E>(at);
    ++at;
  }
  return std::nullopt;
}

}  // namespace medflow::inline v1::ledger
