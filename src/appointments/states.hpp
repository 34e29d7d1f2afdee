// The state machine of appointments (entities.md, "Appointment"): which state may follow which.
#pragma once

#include <initializer_list>
#include <span>

#include "appointments/entities.hpp"

namespace medflow::inline v1::appointments {

/// The states that may follow one, in order; a booked one may be booked anew, at another time.
std::span<const AppointmentStatus> followers(AppointmentStatus from);

bool may_follow(AppointmentStatus from, AppointmentStatus to);

/// An operation leads from some states to one. Throws Failure `transition.illegal`, which names from, to and the states that are legal, where the
/// appointment is in another.
void require_step(const Appointment& appointment, std::initializer_list<AppointmentStatus> from, AppointmentStatus to);

}  // namespace medflow::inline v1::appointments
