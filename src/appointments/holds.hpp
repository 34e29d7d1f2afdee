// Holds as other modules make and end them.
#pragma once

#include <optional>

#include "appointments/booking.hpp"

namespace medflow::inline v1::appointments {

/// Holds what is wished for, until so many seconds from now, for a holder that is no account; nothing where it cannot be booked. It counts
/// against nobody's holds, and no token confirms it.
std::optional<Appointment> hold_for(kernel::Work& work, const Wish& wish, const Uuid& holder, std::int64_t seconds,
                                    Priority priority);

/// The appointment that is held, whole; nothing where it is held no longer.
std::optional<Appointment> held_appointment(kernel::Work& work, const AppointmentId& id);

/// It is held no longer, but booked, or requested where the service needs approval, and stored so. Throws Failure `hold.expired`, and what a booking
/// is refused with where its time has been closed since, somebody is away then, or a licence ends before.
void confirm_hold(kernel::Work& work, Appointment& appointment);

/// It is held no longer, but cancelled, and stored so.
void cancel_hold(kernel::Work& work, Appointment& appointment, Party by, std::string_view code);

}  // namespace medflow::inline v1::appointments
