// Visits that are booked in a leave are moved out of it by a job, one in each step (PRV-3).
#pragma once

#include "jobs/kinds.hpp"
#include "kernel/work.hpp"
#include "medflow/schedules.hpp"

namespace medflow::inline v1::appointments {

extern const jobs::JobKind leave_mover;

/// Starts it, for a leave that is about to be stored.
JobId start_moving(kernel::Work& work, const leaves::Leave& leave);

}  // namespace medflow::inline v1::appointments
