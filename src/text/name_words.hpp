// Inside of the name key: reads a name word by word, folded. Only name_key.cpp uses it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/function_ref.hpp"

namespace medflow::text {

/// One word of a name: folded letters, and where its hyphens were.
struct NameWord {
  /// A place between two parts, in bytes of either form.
  struct Cut {
    std::uint32_t first = 0;
    std::uint32_t second = 0;
  };

  std::string first{};      ///< ä is a
  std::string second{};     ///< ä is ae; the same length as `first` where nothing has a second form
  std::vector<Cut> cuts{};  ///< never at the beginning, never twice at one place

  bool has_second() const { return first.size() != second.size(); }
  std::size_t parts() const { return cuts.size() + 1; }
  std::string_view part(std::size_t i, bool second_form) const;
  void clear();
};

/// Calls `sink` with each word of `name` that is not empty, in order. The word is valid during the call.
void each_word(std::string_view name, FunctionRef<void(const NameWord&)> sink);

}  // namespace medflow::text
