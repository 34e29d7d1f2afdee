// Files of codes, piece by piece.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imports/table.hpp"
#include "medflow/code_systems.hpp"

namespace medflow::inline v1::code_systems {

/// A line that can be read.
struct Line {
  std::uint64_t number = 0;
  std::string code{};
  std::string display{};
  bool selectable = true;
};

struct Piece {
  std::vector<Line> lines{};  ///< each code once
  imports::Report report{};   ///< lines that cannot be read
};

/// Throws Failure `import.layout` and `too_large`.
Piece read_piece(const Content& content, Format format, std::uint64_t first_line);

}  // namespace medflow::inline v1::code_systems
