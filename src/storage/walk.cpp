#include "storage/walk.hpp"

#include <vector>

#include "storage/tables.hpp"

namespace medflow::inline v1::storage {
namespace {

// Where the position after which to start lies: its first cell and the bounds are of the same column.
enum class Place { before, inside, beyond };

Place place_of(const Scan& scan) {
  if (!scan.from && !scan.to) return Place::inside;
  const Cell& first = scan.after.front();
  const bool below = first.is_null() || (scan.from && compare(first, *scan.from) < 0);
  const bool above = scan.to && compare(first, *scan.to) >= 0;
  if (below) return scan.backwards ? Place::beyond : Place::before;
  if (above) return scan.backwards ? Place::before : Place::beyond;
  return Place::inside;
}

Leg whole(const Scan& scan) {
  return {.equal = scan.equal,
          .lower = scan.from ? Lower::inclusive : Lower::none,
          .lower_cell = scan.from ? &*scan.from : nullptr,
          .upper_cell = scan.to ? &*scan.to : nullptr};
}

// The rows whose last of these cells is passed, the ones before it being equal.
Leg beyond(const Scan& scan, std::span<const Cell> cells) {
  const bool outermost = cells.size() == scan.equal.size() + 1;
  const Cell& cell = cells.back();
  Leg leg{.equal = cells.first(cells.size() - 1), .lower = Lower::none, .lower_cell = nullptr, .upper_cell = nullptr};
  if (scan.backwards) {
    leg.upper_cell = &cell;
    if (outermost && scan.from) leg.lower = Lower::inclusive, leg.lower_cell = &*scan.from;
  } else {
    leg.lower = cell.is_null() ? Lower::not_null : Lower::exclusive;
    leg.lower_cell = cell.is_null() ? nullptr : &cell;
    if (outermost && scan.to) leg.upper_cell = &*scan.to;
  }
  return leg;
}

// What lies beyond (a, b, c) is, in order: (a, b, beyond c), (a, beyond b), (beyond a). Each is a plain range of the index,
// where a comparison of rows would not be: it finds no nulls, and the old planner reads the whole group of a. Backwards, the
// nulls of a column come after all its values.
void each_leg_after(const Scan& scan, std::span<const std::uint8_t> order, FunctionRef<Walk(const Leg&)> walk) {
  std::vector<Cell> cells(scan.equal.begin(), scan.equal.end());
  cells.insert(cells.end(), scan.after.begin(), scan.after.end());
  for (; cells.size() > scan.equal.size(); cells.pop_back()) {
    if (scan.backwards && cells.back().is_null()) continue;
    if (walk(beyond(scan, cells)) == Walk::done) return;
    const bool bounded = cells.size() == scan.equal.size() + 1 && (scan.from || scan.to);
    if (!scan.backwards || bounded || !scan.table->columns[order[cells.size() - 1]].nullable) continue;
    cells.back() = Cell::null();
    const Leg nulls{.equal = cells, .lower = Lower::none, .lower_cell = nullptr, .upper_cell = nullptr};
    if (walk(nulls) == Walk::done) return;
  }
}

}  // namespace

Shape shape_of(const Scan& scan, const Leg& leg) {
  Shape shape{.index = index_of(*scan.table, scan.index),
              .equal = leg.equal.size(),
              .nulls = 0,
              .lower = leg.lower,
              .upper = leg.upper_cell != nullptr,
              .backwards = scan.backwards};
  for (std::size_t i = 0; i < leg.equal.size(); ++i) shape.nulls |= leg.equal[i].is_null() ? 1U << i : 0U;
  return shape;
}

void each_leg(const Scan& scan, std::span<const std::uint8_t> order, FunctionRef<Walk(const Leg&)> walk) {
  const Place place = scan.after.empty() ? Place::before : place_of(scan);
  if (place == Place::before) walk(whole(scan));
  if (place == Place::inside) each_leg_after(scan, order, walk);
}

bool names_one_row(const Table& table, const Shape& shape) {
  if (shape.index < 0) return shape.equal >= table.key_columns;
  const auto& index = table.indexes[static_cast<std::size_t>(shape.index)];
  const auto own = (std::uint32_t{1} << index.columns.size()) - 1;
  return index.unique && shape.equal >= index.columns.size() && (shape.nulls & own) == 0;
}

}  // namespace medflow::inline v1::storage
