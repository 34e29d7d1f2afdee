// What becomes of a patient's visits when something becomes of the patient.
#pragma once

#include <vector>

#include "kernel/work.hpp"
#include "medflow/appointments.hpp"
#include "medflow/schedules.hpp"
#include "messages/outbox.hpp"

namespace medflow::inline v1::appointments {

/// The patient's visits that are still to come, by their start.
std::vector<AppointmentId> still_to_come(kernel::Work& work, PatientId patient);

/// Cancels those of them for which the patient has not come yet, and withdraws their reminders (PAT-12). The caller's event names them.
void cancel_still_to_come(kernel::Work& work, PatientId patient, std::string_view code);

/// How many visits the patient has missed in the last 180 days (APT-18).
std::uint32_t missed_lately(kernel::Work& work, PatientId patient);

/// Tells the patient once what a leave does to the visit as it is now: that it has been moved, or that they should call.
void tell(kernel::Work& work, const Appointment& visit, messages::MessageKind kind, const LeaveId& leave);

/// A leave with the visits that are booked in its time, and whose patients are told to call (PRV-3). With `notify` they are told now, all of
/// them, however many are listed.
leaves::WithVisits with_visits(kernel::Work& work, leaves::Leave leave, bool notify);

}  // namespace medflow::inline v1::appointments
