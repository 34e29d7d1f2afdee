// Calendars and leave as other modules ask for them. Whether the caller reaches them is not asked, but by `may_manage`. For members of a
// batch only.
#pragma once

#include <optional>
#include <vector>

#include "kernel/work.hpp"
#include "medflow/schedules.hpp"

namespace medflow::inline v1::schedules {

/// A calendar's opening hours, null where none were set; valid until the next write of a fact, or 500 others (`kernel::Kept`).
const Schedule* schedule_of(kernel::Work& work, const Uuid& id);

/// Whose calendar this id names; nothing where there is no such doctor, room or device.
std::optional<ResourceRef> owner_of(kernel::Work& work, const Uuid& id);

/// Whether the caller may change this calendar: all of them, one's own, or, by facility, one whose facilities are all among the caller's.
bool may_manage(kernel::Work& work, const ResourceRef& owner);

}  // namespace medflow::inline v1::schedules

namespace medflow::inline v1::leaves {

/// The leave of a calendar that overlaps [from, to), by its beginning, without its reasons.
std::vector<Leave> overlapping(kernel::Work& work, const Uuid& resource_id, Instant from, Instant to);

/// Adds a leave that the caller may add. Throws Failure invalid, `leave.too_long` or `conflict.id_reused`.
Leave add(kernel::Work& work, const Add& request, const ResourceRef& owner);

}  // namespace medflow::inline v1::leaves
