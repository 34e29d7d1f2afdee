// What is stored of appointments, and which of them a session reaches.
#pragma once

#include <array>

#include "appointments/appointments.fields.hpp"
#include "appointments/calendar.hpp"
#include "kernel/rows.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::appointments {

inline constexpr Code slot_taken{"slot.taken", Errc::conflict, "This time is taken."};
inline constexpr Code slot_closed{"slot.closed", Errc::conflict, "Nothing can be booked at this time."};
inline constexpr Code slot_policy{"slot.policy", Errc::conflict, "The hospital's policy does not allow this."};
inline constexpr Code patient_overlap{"patient.overlap", Errc::conflict, "The patient has another visit then."};
inline constexpr Code licence_expired{"licence.expired", Errc::conflict, "A licence has expired by that day."};
inline constexpr Code hold_expired{"hold.expired", Errc::gone, "The hold has expired."};
inline constexpr Code hold_too_many{"hold.too_many", Errc::conflict, "This account holds as many slots as it may."};
inline constexpr Code hold_token_wrong{"hold.token", Errc::invalid, "This is not the token of the hold."};
inline constexpr Code cancel_too_late{"cancel.too_late", Errc::conflict, "It is too late to cancel or move this."};
inline constexpr Code check_in_day{"check_in.day", Errc::conflict, "It is not the day of this visit, or too early."};
inline constexpr Code undo_too_late{"undo.too_late", Errc::conflict, "It is too late to take this back."};
inline constexpr Code no_show_too_soon{"no_show.too_soon", Errc::conflict, "The patient may still come."};
inline constexpr Code restore_too_late{"restore.too_late", Errc::conflict, "It is too late to restore this."};
inline constexpr Code moved_too_often{"reschedule.too_many", Errc::conflict, "It was moved as often as it may be."};
inline constexpr Code time_nonexistent{"time.nonexistent", Errc::invalid,
                                       "Clocks are put forward over this time: it does not exist."};

/// One row for each calendar that an appointment is in: its doctors', rooms', devices' and its patient's. As long as it takes time there, it
/// has a lane, and no two rows of a calendar and lane overlap.
inline constexpr std::array claim_columns{
    storage::Column{"resource_id", storage::CellKind::bytes, false, "the doctor, room, device or patient"},
    storage::Column{"start", storage::CellKind::integer, false, "when the visit begins"},
    storage::Column{"appointment_id", storage::CellKind::bytes, false, "the appointment"},
    storage::Column{"claimed_from", storage::CellKind::integer, false, "when the time that it takes begins"},
    storage::Column{"claimed_to", storage::CellKind::integer, false, "when that ends"},
    storage::Column{"visit_end", storage::CellKind::integer, false, "when the visit ends"},
    storage::Column{"lane", storage::CellKind::integer, true, "which of those at once; null where it takes no time"},
    storage::Column{"capacity", storage::CellKind::integer, false, "how many there may be at once"},
    storage::Column{"expires_at", storage::CellKind::integer, true, "of a hold: until when it takes its time"},
};
inline constexpr std::array<std::uint8_t, 2> claim_equal_columns{0, 6};
inline constexpr std::string_view claim_exclusion = "claims_exclusive";
inline constexpr storage::Table claims_table{
    .id = 56,
    .name = "claims",
    .meaning = "whose time appointments take; the truth about them is in their rows",
    .columns = claim_columns,
    .key_columns = 3,
    .exclusion = storage::Exclusion{.name = claim_exclusion,
                                    .equal = claim_equal_columns,
                                    .from = 3,
                                    .to = 4,
                                    .near = storage::Nearness{.before = buffer_max_min * minute_us,
                                                              .after = (visit_max_min + buffer_max_min) * minute_us}}};

/// Whether one of the ways in which a session holds `permission` reaches this appointment.
bool reaches(const kernel::Work& work, const Appointment& appointment, Permission permission);
/// The same of one that is not there yet.
bool reaches(const kernel::Work& work, PatientId patient, FacilityId facility,
             const std::vector<Participant>& resources, Permission permission);
/// Whether the caller may do this to it for no other reason than being its patient.
bool only_as_patient(const kernel::Work& work, const Appointment& appointment, Permission permission);

/// Whether one of those ways shows more of it than ids, states and times.
bool sees_more_than_metadata(const kernel::Work& work, const Appointment& appointment, Permission permission);

/// Whether one of the ways in which the caller reads charts reaches this visit, so that what is clinical of it shows: the right to read
/// visits never widens that (roles.md).
bool reads_chart(const kernel::Work& work, const Appointment& appointment);

/// Whether it takes time as far as its state goes; of requests the claims say.
bool is_open(AppointmentStatus status);
bool has_expired(const Appointment& appointment, Instant now);

}  // namespace medflow::inline v1::appointments

namespace medflow::kernel {

template <>
struct Reach<appointments::Appointment> {
  static bool reaches(const Work& work, const appointments::Appointment& appointment) {
    return appointments::reaches(work, appointment, work.permission());
  }
  static bool hidden(const appointments::Appointment&) { return false; }
  static std::uint32_t classes(const Work& work, const appointments::Appointment& appointment);
};

}  // namespace medflow::kernel

namespace medflow::inline v1::storage {

template <>
struct Stored<appointments::Appointment> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
