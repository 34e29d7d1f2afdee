// Rows as an index has them, by their ids alone. A sweep goes by these and opens one row after the other, so that one that does not open
// keeps no other from its turn.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "kernel/work.hpp"
#include "medflow/error.hpp"

namespace medflow::kernel {

/// Where a row lies in an index: at its value of the last column, which is an integer, and there by its id.
struct IndexPlace {
  std::int64_t value = 0;
  Uuid id{};
};

/// Those of a scan that names its index; `table` is filled in. Nothing is opened or checked.
std::vector<IndexPlace> places_in(Work& work, const storage::Layout& layout, storage::Scan scan);

/// That of one row; nothing where the row is not there, or has no value.
std::optional<IndexPlace> place_of(Work& work, const storage::Layout& layout, std::string_view index, const Uuid& id);

/// Does that with a row, or several. False where one of them does not open; what was written by then is not undone, so where something was
/// the failure goes on.
template <class Body>
[[nodiscard]] bool opens(Work& work, Body&& body) {
  const std::size_t rows = work.event().rows.size();
  try {
    body();
    return true;
  } catch (const Failure& failure) {
    if (failure.error.kind() != Errc::integrity || work.event().rows.size() != rows) throw;
    return false;
  }
}

}  // namespace medflow::kernel
