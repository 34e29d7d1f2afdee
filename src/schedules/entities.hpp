// What is stored of schedules and leaves.
#pragma once

#include "kernel/rows.hpp"
#include "medflow/schedules.hpp"
#include "schedules/schedules.fields.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::schedules {

inline constexpr Code window_overlap{"window.overlap", Errc::invalid, "Two opening windows overlap."};

}  // namespace medflow::inline v1::schedules

namespace medflow::inline v1::leaves {

inline constexpr Code too_long{"leave.too_long", Errc::invalid, "One leave lasts 366 days at most."};

}  // namespace medflow::inline v1::leaves

namespace medflow::kernel {

/// The reason of a leave is opened for those who manage calendars at all; of which of them, the handlers know.
template <>
struct Reach<leaves::Leave> {
  static bool reaches(const Work&, const leaves::Leave&) { return true; }
  static bool hidden(const leaves::Leave&) { return false; }
  static std::uint32_t classes(const Work& work, const leaves::Leave&) {
    return work.access().holds(Permission::schedule_manage) ? std::uint32_t{identity} : 0;
  }
};

}  // namespace medflow::kernel

namespace medflow::inline v1::storage {

template <>
struct Stored<schedules::Schedule> {
  static const Entity entity;
};
template <>
struct Stored<leaves::Leave> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
