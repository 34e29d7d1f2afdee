// A scan as plain ranges of its index, for the engines that ask in SQL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage {

/// The lower end of the column after a scan's equal ones.
enum class Lower : std::uint8_t {
  none,
  inclusive,  ///< one cell is bound
  exclusive,  ///< one cell is bound
  not_null,   ///< every value but null; nothing is bound
};

/// A scan without its values: scans of the same shape share a prepared statement.
struct Shape {
  int index = -1;           ///< position in Table::indexes, -1 for the key
  std::size_t equal = 0;    ///< how many columns are equal to something
  std::uint32_t nulls = 0;  ///< bit i: column i is equal to null, and not bound
  Lower lower = Lower::none;
  bool upper = false;  ///< below a cell that is bound
  bool backwards = false;

  friend bool operator==(const Shape&, const Shape&) = default;
};

/// One range of an index; a walk from a position is several of them. What it points at is valid for the length of a call.
struct Leg {
  std::span<const Cell> equal{};
  Lower lower = Lower::none;
  const Cell* lower_cell = nullptr;
  const Cell* upper_cell = nullptr;
};

/// What ends a scan early, or lets it go on.
enum class Walk { on, done };

/// The shape of one leg of a scan.
Shape shape_of(const Scan& scan, const Leg& leg);

/// The legs of a scan, in the order in which their rows are visited, until one of them is done. `order` is that of its index.
void each_leg(const Scan& scan, std::span<const std::uint8_t> order, FunctionRef<Walk(const Leg&)> walk);

/// Whether at most one row can match.
bool names_one_row(const Table& table, const Shape& shape);

}  // namespace medflow::inline v1::storage
