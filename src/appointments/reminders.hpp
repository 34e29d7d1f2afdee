// Reminders of visits: rows of the outbox, made and withdrawn in the transaction of the change that they are about (APT-15).
#pragma once

#include <span>

#include "appointments/entities.hpp"
#include "kernel/work.hpp"

namespace medflow::inline v1::appointments {

/// Puts the reminders of a booked visit into the outbox, so many minutes before its start each, as far as that is still to come. One that has
/// been sent for this start is never sent again.
void plan_reminders(kernel::Work& work, const Appointment& appointment, std::span<const std::uint32_t> minutes_before);

/// Withdraws those that have not been sent.
void drop_reminders(kernel::Work& work, const Appointment& appointment);

}  // namespace medflow::inline v1::appointments
