// Whose time appointments take: rows of the claims table, kept in step with the appointments here and nowhere else.
#pragma once

#include "appointments/calendar.hpp"
#include "appointments/entities.hpp"
#include "kernel/work.hpp"

namespace medflow::inline v1::appointments {

/// What of a calendar is taken by others in `range`, and somewhat around it, by the beginning of the visits. Holds that have expired take
/// nothing; `expired` says whether there are some that have their lanes yet.
std::vector<Taken> taken_in(kernel::Work& work, const Uuid& resource, const Span& range,
                            const AppointmentId* except = nullptr, bool* expired = nullptr);

/// What is known by now about the calendars that an appointment is entered into; others are read.
struct KnownCalendars {
  const std::vector<Calendar>* calendars = nullptr;
  const std::vector<Taken>* patient = nullptr;
  bool patient_expired = true;  ///< as `Calendar::expired`
};

/// Enters an appointment into the calendars of all who take part, its patient's included; with `takes_time` it claims its time there, and
/// expired holds that are in the way let go of theirs.
void enter(kernel::Work& work, const Appointment& appointment, bool takes_time, const KnownCalendars& known = {});
/// Takes it out of them again, as it was entered.
void remove(kernel::Work& work, const Appointment& appointment);
/// It stays in them, and takes no time any more.
void release(kernel::Work& work, const Appointment& appointment);

/// Whether it takes time now, as far as its claims say.
bool takes_time(kernel::Work& work, const Appointment& appointment);

/// How many rows of the claims table an appointment should have, and whether they are there as its own row says.
struct ClaimRows {
  std::size_t count = 0;
  bool all_there = true;
};
ClaimRows claim_rows(kernel::Work& work, const Appointment& appointment);
/// Whether a row of that table is one that this appointment should have.
bool is_claim_row(kernel::Work& work, const Appointment& appointment, storage::RowView row);

/// The time that it takes of doctors, rooms and devices.
Span claimed(const Appointment& appointment);

}  // namespace medflow::inline v1::appointments
