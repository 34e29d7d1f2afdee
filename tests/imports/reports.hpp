// What the tests of imports share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "medflow/imports.hpp"

namespace medflow::testing {

inline std::string repeated(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

/// "DESCRIPTION:text.too_long" by line, of several columns one after the other.
inline std::map<std::uint64_t, std::string> failures(const imports::Report& report) {
  std::map<std::uint64_t, std::string> found;
  for (const auto& row : report.rows) {
    std::string& line = found[row.line];
    line += (line.empty() ? "" : " ") + row.column + ":" + row.code;
  }
  return found;
}

}  // namespace medflow::testing
