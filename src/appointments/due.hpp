// What happens to appointments by themselves: holds and requests expire, and who does not come is marked as missed (APT-5, APT-16). The
// row says when (`due_at`); a sweep of the tenant's jobs looks after those that are due.
#pragma once

#include "appointments/entities.hpp"
#include "jobs/kinds.hpp"
#include "kernel/work.hpp"
#include "schedules/rules.hpp"

namespace medflow::inline v1::appointments {

extern const jobs::JobKind due_sweep;
/// Once a week: appointments that are still to come keep their wall time where the rules of their zone have changed (R3).
extern const jobs::JobKind zone_sweep;

/// Sets when something happens to it by itself, as it is now, and sees to it that it does.
void plan_due(kernel::Work& work, Appointment& appointment, const schedules::RulesInForce& rules);

}  // namespace medflow::inline v1::appointments
