// What is stored of series. Who reaches one is decided by its visits.
#pragma once

#include "kernel/rows.hpp"
#include "series/series.fields.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::series {

inline constexpr Code series_conflicts{"series.conflicts", Errc::conflict, "Visits of the series cannot be booked."};

}  // namespace medflow::inline v1::series

namespace medflow::inline v1::storage {

template <>
struct Stored<series::Series> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
