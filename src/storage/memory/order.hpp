// Cells as bytes whose order is the order of the cells, so that an ordered map of strings is an index.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage::memory {

/// Above every encoded cell: appended to a prefix it is beyond all that begin with the prefix.
inline constexpr char beyond_all = '\xFF';

/// Above an encoded null, below every other encoded cell.
inline constexpr char above_null = '\x02';

/// Appends one cell. No encoding is the beginning of another one.
void append(std::string& out, const Cell& cell);
void append(std::string& out, std::span<const Cell> cells);

/// The cells of these columns of a row.
std::string encode(RowView row, std::span<const std::uint8_t> columns);

}  // namespace medflow::inline v1::storage::memory
