// What the operations on calendars ask before anything else.
#pragma once

#include "kernel/work.hpp"
#include "medflow/schedules.hpp"

namespace medflow::inline v1::schedules {

/// Whether the caller sees more of them than free slots.
bool sees_calendars(const kernel::Work& work);

/// Throws Failure forbidden for those who may see free slots only.
void require_calendars(const kernel::Work& work);

/// Throws Failure forbidden unless the caller may change this calendar, or `not_found` where they may not even see it.
void require_management(kernel::Work& work, const ResourceRef& owner);

/// Whose calendar it is; the event is about it. Throws Failure `not_found`.
ResourceRef require_owner(kernel::Work& work, const Uuid& id);

}  // namespace medflow::inline v1::schedules
