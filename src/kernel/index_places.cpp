#include "kernel/index_places.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace medflow::kernel {
namespace {

/// The last column of an index.
std::uint8_t column_of(const storage::Layout& layout, std::string_view name) {
  const auto& indexes = layout.table().indexes;
  const auto found =
      std::find_if(indexes.begin(), indexes.end(), [&](const storage::Index& index) { return index.name == name; });
  assert(found != indexes.end());
  return found->columns.back();
}

IndexPlace place_in(storage::RowView row, std::uint8_t column) {
  IndexPlace place{.value = row[column].integer};
  std::memcpy(place.id.bytes.data(), row[0].data.data(), place.id.bytes.size());
  return place;
}

}  // namespace

std::vector<IndexPlace> places_in(Work& work, const storage::Layout& layout, storage::Scan scan) {
  std::vector<IndexPlace> places;
  const std::uint8_t column = column_of(layout, scan.index);
  scan.table = &layout.table();
  work.transaction().scan(scan, [&](storage::RowView row) {
    places.push_back(place_in(row, column));
    return true;
  });
  return places;
}

std::optional<IndexPlace> place_of(Work& work, const storage::Layout& layout, std::string_view index, const Uuid& id) {
  std::optional<IndexPlace> place;
  const std::uint8_t column = column_of(layout, index);
  work.get_row(layout, id, [&](storage::RowView row) {
    if (!row[column].is_null()) place = place_in(row, column);
  });
  return place;
}

}  // namespace medflow::kernel
