// Every shape that a scan of an index can have, for tests of how engines ask.
#pragma once

#include <vector>

#include "storage/tables.hpp"
#include "storage/walk.hpp"

namespace medflow::testing {

inline std::vector<storage::Shape> shapes_of(const storage::Table& table, int index) {
  using enum storage::Lower;
  std::vector<storage::Shape> shapes;
  const auto order =
      storage::order_of(table, index < 0 ? storage::key_index : table.indexes[static_cast<std::size_t>(index)].name);
  const bool sparse = index >= 0 && table.indexes[static_cast<std::size_t>(index)].sparse;
  for (std::size_t equal = 0; equal <= order.size(); ++equal) {
    for (const bool backwards : {false, true}) {
      for (std::uint32_t nulls = 0; nulls <= 1 && nulls <= equal; ++nulls) {
        if (nulls == 1 && (sparse || !table.columns[order[0]].nullable)) continue;
        if (equal > 0 || !sparse)
          shapes.push_back({.index = index, .equal = equal, .nulls = nulls, .backwards = backwards});
        if (equal == order.size()) continue;
        for (const auto lower : {none, inclusive, exclusive, not_null}) {
          for (const bool upper : {false, true}) {
            if (lower == none && !upper) continue;
            shapes.push_back({.index = index,
                              .equal = equal,
                              .nulls = nulls,
                              .lower = lower,
                              .upper = upper,
                              .backwards = backwards});
          }
        }
      }
    }
  }
  return shapes;
}

}  // namespace medflow::testing
