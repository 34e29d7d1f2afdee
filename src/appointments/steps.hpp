// Steps in the life of an appointment that single visits and series have in common.
#pragma once

#include <optional>
#include <string_view>

#include "appointments/booking.hpp"
#include "kernel/expected.hpp"

namespace medflow::inline v1::appointments {

/// How often a visit is moved at most.
inline constexpr std::uint32_t moves_max = 10;

/// The appointment, if the caller may do this to it, in the state that the caller knows. Throws Failure `forbidden` for who may see it but
/// not do this, `not_found` for everybody else.
Appointment reachable(kernel::Work& work, const AppointmentId& id, std::optional<std::uint64_t> revision = {});
using kernel::require_named;
using kernel::require_revision;
/// Throws Failure `invalid` for a reason code that is none of those that callers may give.
void require_code(std::string_view code);
/// Throws Failure `reason.required` where there is neither a code nor a text of 10 characters.
void require_reason(std::string_view reason, std::string_view code);

/// The rules of its service as they are now.
schedules::RulesInForce rules_of(kernel::Work& work, const Appointment& appointment);

/// It is booked, for when it is now: what follows by itself, and the reminders, follow that.
void planned(kernel::Work& work, Appointment& appointment, const schedules::RulesInForce& rules);
/// Nothing follows by itself any more.
void unplanned(kernel::Work& work, Appointment& appointment);

/// It is not held any more.
void let_go(Appointment& appointment);
/// Whoever cancels it, and for whatever reason, this is what becomes of it: its time is free, and nothing follows. It is not stored by that.
void end_cancelled(kernel::Work& work, Appointment& appointment, Party by, std::string_view code);

/// What belongs to staff is not done by the patient: throws Failure `forbidden`.
void require_staff(const kernel::Work& work, const Appointment& appointment);

/// What an appointment asks for as it is now.
Wish wish_for(const Appointment& appointment);

/// Its present time, looked at again: as it was made, whatever its service has become since. Its caller reaches it.
Plan look_again(kernel::Work& work, const Appointment& appointment);

/// Throws Failure where it is in another state, was moved as often as it may be, it is too late for this caller, or it is late and `why` does not
/// say in 10 characters why it is moved nevertheless; that becomes the event's reason.
void require_movable(kernel::Work& work, const Appointment& appointment, std::string_view why);
/// Takes it out of its calendars and withdraws its reminders, until it is placed again.
void lift(kernel::Work& work, const Appointment& appointment);
/// Puts one that was lifted to where the plan has it, and notes the move. It is not stored by that.
void place(kernel::Work& work, const Plan& plan, const Wish& wish, Appointment& appointment);

/// Cancels it, if this caller may in its state and at this time. It is not stored by that.
void cancel(kernel::Work& work, Appointment& appointment, std::string_view reason, std::string_view code);

}  // namespace medflow::inline v1::appointments
