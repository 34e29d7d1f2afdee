// Cells of Synthea's tables as values. What is wrong is thrown with the column in the place of the pointer.
#pragma once

#include <string>
#include <string_view>

#include "medflow/error.hpp"
#include "medflow/id.hpp"
#include "medflow/time.hpp"

namespace medflow::inline v1::imports {

template <class I>
I id_in_cell(const std::string& cell, std::string_view column) {
  const auto id = I::parse(cell);
  if (!id) throw Failure(codes::invalid, std::string(column), "format.uuid", "not a UUID");
  return *id;
}

inline Instant instant_in_cell(const std::string& cell, std::string_view column) {
  const auto instant = Instant::parse(cell);
  if (!instant) throw Failure(codes::invalid, std::string(column), "format.instant", "not an instant of RFC 3339");
  return *instant;
}

/// "GENERAL PRACTICE" as a code: "general_practice".
inline std::string code_in_cell(std::string_view cell) {
  std::string code;
  for (const char c : cell) {
    if (c >= 'A' && c <= 'Z')
      code.push_back(static_cast<char>(c - 'A' + 'a'));
    else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      code.push_back(c);
    else if (!code.empty() && code.back() != '_')
      code.push_back('_');
  }
  return code;
}

}  // namespace medflow::inline v1::imports
