// The fields of appointments and slots, and of their operations (entities.md, "Appointment").
#pragma once

#include "medflow/appointments.hpp"
#include "patients/patients.fields.hpp"
#include "services/services.fields.hpp"

namespace medflow::inline v1::appointments::rule {

inline constexpr Rules id{.meaning = "The appointment's id."};
inline constexpr Rules own_id{.meaning = "An id of the caller's own (any UUID); makes the call repeatable."};
inline constexpr Rules revision{.meaning = "The revision that this change is based on; also by If-Match."};
inline constexpr Rules patient_id{.meaning = "Whose visit it is."};
inline constexpr Rules service_id{.meaning = "What it is for."};
inline constexpr Rules participants{.items_max = 10, .meaning = "The doctors, rooms and devices that take part."};
inline constexpr Rules start{.meaning = "When it begins, as an instant; or say `wall_start`."};
inline constexpr Rules wall_start{.meaning = "When it begins, as the clock shows it there; or say `start`."};
inline constexpr Rules priority{.meaning = "How urgent it is."};
inline constexpr Rules channel{.meaning = "Whether the patient comes, or is called."};
inline constexpr Rules reason{.max = 500, .text = TextRule::note, .meaning = "Why the patient comes."};
inline constexpr Rules notes{.max = 2000, .text = TextRule::note, .meaning = "What else there is to know."};
inline constexpr Rules overbook{.meaning = "Book although it is full; needs a reason."};
inline constexpr Rules override{.meaning = "Book against the hospital's policy; needs a reason."};
inline constexpr Rules override_reason{.max = 500, .meaning = "Why, in at least 10 characters."};
inline constexpr Rules extensions{.items_max = 32, .meaning = "The host's own values."};
inline constexpr Rules why{.max = 500, .meaning = "Why it is done."};
inline constexpr Rules why_code{.max = 40, .text = TextRule::ascii, .meaning = "The reason as a code."};
inline constexpr Rules limit{.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."};
inline constexpr Rules cursor{
    .max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."};
inline constexpr Rules token{.max = 100, .text = TextRule::ascii, .meaning = "The token of the hold."};

}  // namespace medflow::inline v1::appointments::rule

namespace medflow {

template <>
struct Words<appointments::AppointmentStatus> {
  static constexpr std::string_view name = "AppointmentStatus";
  static constexpr std::string_view words[] = {"requested", "held",      "booked",  "arrived",         "in_progress",
                                               "completed", "cancelled", "no_show", "entered_in_error"};
};

template <>
struct Words<appointments::Priority> {
  static constexpr std::string_view name = "AppointmentPriority";
  static constexpr std::string_view words[] = {"routine", "urgent", "emergency", "as_needed"};
};

template <>
struct Words<appointments::VisitChannel> {
  static constexpr std::string_view name = "VisitChannel";
  static constexpr std::string_view words[] = {"in_person", "video", "phone"};
};

template <>
struct Words<appointments::VisitKind> {
  static constexpr std::string_view name = "VisitKind";
  static constexpr std::string_view words[] = {"scheduled", "walk_in"};
};

template <>
struct Words<appointments::Party> {
  static constexpr std::string_view name = "Party";
  static constexpr std::string_view words[] = {"patient", "staff", "system"};
};

template <>
struct Words<appointments::ConflictKind> {
  static constexpr std::string_view name = "ConflictKind";
  static constexpr std::string_view words[] = {"closed",  "leave", "buffer",  "capacity", "patient",
                                               "licence", "lead",  "horizon", "policy"};
};

template <>
struct Described<appointments::Participant> {
  using T = appointments::Participant;
  static constexpr std::string_view name = "Participant";
  static constexpr Field fields[] = {
      field<&T::kind>(1, "kind", none, {.meaning = "Whether it is a doctor, a room or a device."}),
      field<&T::id>(2, "id", required, {.meaning = "Its id."}),
      field<&T::role>(3, "role", none, {.max = 40, .meaning = "As what: \"assistant\"."})};
};

template <>
struct Described<appointments::Move> {
  using T = appointments::Move;
  static constexpr std::string_view name = "AppointmentMove";
  static constexpr Field fields[] = {field<&T::start>(1, "start", none, {.meaning = "When it was to begin before."}),
                                     field<&T::end>(2, "end", none, {.meaning = "When it was to end before."}),
                                     field<&T::at>(3, "at", none, {.meaning = "When it was moved."}),
                                     field<&T::by>(4, "by", none, {.meaning = "Who moved it."})};
};

template <>
struct Described<appointments::PatientLabel> {
  using T = appointments::PatientLabel;
  static constexpr std::string_view name = "PatientLabel";
  static constexpr Field fields[] = {
      field<&T::name>(1, "name", phi, {.max = 500, .meaning = "The patient's name, as it is read."}),
      field<&T::birth>(2, "birth", phi, {.meaning = "The date of birth, as far as it is known."}),
      field<&T::mrn>(3, "mrn", phi, {.max = 32, .meaning = "The record number."})};
};

template <>
struct Described<appointments::Appointment> {
  using T = appointments::Appointment;
  static constexpr std::string_view name = "Appointment";
  static constexpr std::string_view page_name = "AppointmentPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, appointments::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::number>(3, "number", immutable, {.max = 20, .text = TextRule::ascii, .meaning = "Its number."}),
      field<&T::patient_id>(4, "patient_id", none, appointments::rule::patient_id),
      field<&T::service_id>(5, "service_id", none, appointments::rule::service_id),
      field<&T::resources>(6, "resources", none, appointments::rule::participants),
      field<&T::facility_id>(7, "facility_id", none, {.meaning = "Where it is."}),
      field<&T::start>(8, "start", none, {.meaning = "When it begins."}),
      field<&T::end>(9, "end", none, {.meaning = "When it ends."}),
      field<&T::zone>(10, "zone", none, {.meaning = "The time zone of the place."}),
      field<&T::wall_start>(11, "wall_start", none, {.meaning = "What the clock shows there at the start."}),
      field<&T::status>(12, "status", none, {.meaning = "How far it has come."}),
      field<&T::priority>(13, "priority", none, appointments::rule::priority),
      field<&T::channel>(14, "channel", none, appointments::rule::channel),
      field<&T::kind>(15, "kind", none, {.meaning = "Whether it was planned."}),
      field<&T::overbooked>(16, "overbooked", none,
                            {.meaning = "Whether it was booked beyond what there is room for."}),
      field<&T::series_id>(17, "series_id", none, {.meaning = "The series that it belongs to."}),
      field<&T::series_index>(18, "series_index", none, {.meaning = "Which of its series it is, from 1; 0 for none."}),
      field<&T::token_no>(19, "token_no", none, {.meaning = "Its number in the queue of its day."}),
      field<&T::confirmed_at>(20, "confirmed_at", none, {.meaning = "When it was booked for good."}),
      field<&T::arrived_at>(21, "arrived_at", none, {.meaning = "When the patient arrived."}),
      field<&T::started_at>(22, "started_at", none, {.meaning = "When the visit began."}),
      field<&T::ended_at>(23, "ended_at", none, {.meaning = "When the visit ended."}),
      field<&T::cancelled_by>(24, "cancelled_by", none, {.meaning = "Who cancelled it."}),
      field<&T::cancelled_at>(25, "cancelled_at", none, {.meaning = "When it was cancelled."}),
      field<&T::cancel_code>(26, "cancel_code", none, appointments::rule::why_code),
      field<&T::cancelled_late>(27, "cancelled_late", none, {.meaning = "Whether that was after the cutoff."}),
      field<&T::hold_by>(28, "hold_by", none, {.meaning = "Who holds it."}),
      field<&T::hold_expires_at>(29, "hold_expires_at", none, {.meaning = "Until when it is held."}),
      field<&T::reschedule_count>(30, "reschedule_count", none, {.meaning = "How often it was moved."}),
      field<&T::moves>(31, "moves", none, {.items_max = 10, .meaning = "When it was before."}),
      field<&T::buffer_before_min>(32, "buffer_before_min", none, {.meaning = "Minutes kept free before it."}),
      field<&T::buffer_after_min>(33, "buffer_after_min", none, {.meaning = "Minutes kept free after it."}),
      field<&T::capacity>(34, "capacity", none, {.meaning = "How many such visits there may be at once."}),
      field<&T::due_at>(35, "due_at", none, {.meaning = "When something happens to it by itself."}),
      field<&T::created_at>(36, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(37, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(38, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(39, "updated_by", none, {.meaning = "Who changed it last."}),
      field<&T::reason>(40, "reason", phi | clinical, appointments::rule::reason),
      field<&T::notes>(41, "notes", phi | clinical, appointments::rule::notes),
      field<&T::cancel_text>(42, "cancel_text", phi | clinical, appointments::rule::why),
      field<&T::extensions>(43, "extensions", phi | clinical, appointments::rule::extensions),
      field<&T::hold_token>(44, "hold_token", secret, {.meaning = "The hash of the hold's token."}),
      field<&T::patient>(45, "patient", phi | derived, {.meaning = "Who the patient is."})};
};

template <>
struct Described<appointments::Book> {
  using T = appointments::Book;
  static constexpr std::string_view name = "AppointmentsBook";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, appointments::rule::own_id),
      field<&T::patient_id>(2, "patient_id", required, appointments::rule::patient_id),
      field<&T::service_id>(3, "service_id", required, appointments::rule::service_id),
      field<&T::resources>(4, "resources", none, appointments::rule::participants),
      field<&T::start>(5, "start", none, appointments::rule::start),
      field<&T::wall_start>(6, "wall_start", none, appointments::rule::wall_start),
      field<&T::priority>(7, "priority", none, appointments::rule::priority),
      field<&T::channel>(8, "channel", none, appointments::rule::channel),
      field<&T::reason>(9, "reason", phi, appointments::rule::reason),
      field<&T::notes>(10, "notes", phi, appointments::rule::notes),
      field<&T::overbook>(11, "overbook", none, appointments::rule::overbook),
      field<&T::override>(12, "override", none, appointments::rule::override),
      field<&T::override_reason>(13, "override_reason", phi, appointments::rule::override_reason),
      field<&T::extensions>(14, "extensions", phi, appointments::rule::extensions)};
};

template <>
struct Described<appointments::Held> {
  using T = appointments::Held;
  static constexpr std::string_view name = "HeldAppointment";
  static constexpr Field fields[] = {
      field<&T::appointment>(1, "appointment", none, {.meaning = "What is held."}),
      field<&T::token>(2, "token", none, {.max = 100, .meaning = "Turns the hold into a booking; shown once."})};
};

template <>
struct Described<appointments::Hold> {
  using T = appointments::Hold;
  static constexpr std::string_view name = "AppointmentsHold";
  static constexpr Field fields[] = {
      field<&T::patient_id>(1, "patient_id", required, appointments::rule::patient_id),
      field<&T::service_id>(2, "service_id", required, appointments::rule::service_id),
      field<&T::resources>(3, "resources", none, appointments::rule::participants),
      field<&T::start>(4, "start", none, appointments::rule::start),
      field<&T::wall_start>(5, "wall_start", none, appointments::rule::wall_start),
      field<&T::minutes>(6, "minutes", none, {.min = 1, .max = 60, .meaning = "How long, 1 to 60 minutes."})};
};

template <>
struct Described<appointments::Confirm> {
  using T = appointments::Confirm;
  static constexpr std::string_view name = "AppointmentsConfirm";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, appointments::rule::id),
                                     field<&T::token>(2, "token", required, appointments::rule::token),
                                     field<&T::priority>(3, "priority", none, appointments::rule::priority),
                                     field<&T::channel>(4, "channel", none, appointments::rule::channel),
                                     field<&T::reason>(5, "reason", phi, appointments::rule::reason),
                                     field<&T::notes>(6, "notes", phi, appointments::rule::notes)};
};

template <>
struct Described<appointments::Conflict> {
  using T = appointments::Conflict;
  static constexpr std::string_view name = "Conflict";
  static constexpr Field fields[] = {
      field<&T::kind>(1, "kind", none, {.meaning = "What kind of thing is in the way."}),
      field<&T::resource>(2, "resource", none, {.meaning = "In whose calendar."}),
      field<&T::object_id>(3, "object_id", none, {.meaning = "The appointment or the leave, where it may be seen."}),
      field<&T::from>(4, "from", none, {.meaning = "From when on it is in the way."}),
      field<&T::to>(5, "to", none, {.meaning = "Until when it is in the way."})};
};

template <>
struct Described<appointments::Verdict> {
  using T = appointments::Verdict;
  static constexpr std::string_view name = "Verdict";
  static constexpr Field fields[] = {
      field<&T::bookable>(1, "bookable", none, {.meaning = "Whether it could be booked now."}),
      field<&T::conflicts>(2, "conflicts", none, {.meaning = "Everything that is in its way."}),
      field<&T::alternatives>(3, "alternatives", none, {.meaning = "Up to three later starts that are free."})};
};

template <>
struct Described<appointments::Check> {
  using T = appointments::Check;
  static constexpr std::string_view name = "AppointmentsCheck";
  static constexpr Field fields[] = {field<&T::patient_id>(1, "patient_id", required, appointments::rule::patient_id),
                                     field<&T::service_id>(2, "service_id", required, appointments::rule::service_id),
                                     field<&T::resources>(3, "resources", none, appointments::rule::participants),
                                     field<&T::start>(4, "start", none, appointments::rule::start),
                                     field<&T::wall_start>(5, "wall_start", none, appointments::rule::wall_start),
                                     field<&T::overbook>(6, "overbook", none, appointments::rule::overbook),
                                     field<&T::override>(7, "override", none, appointments::rule::override)};
};

template <>
struct Described<appointments::List> {
  using T = appointments::List;
  static constexpr std::string_view name = "AppointmentsList";
  static constexpr Field fields[] = {
      field<&T::patient>(1, "patient", none, {.meaning = "Only those of this patient."}),
      field<&T::resource>(2, "resource", none, {.meaning = "Only those with this doctor, room or device."}),
      field<&T::facility>(3, "facility", none, {.meaning = "Only those at this facility."}),
      field<&T::status>(4, "status", none, {.meaning = "Only those in this state."}),
      field<&T::from>(5, "from", none, {.meaning = "Only those that begin then or later."}),
      field<&T::to>(6, "to", none, {.meaning = "Only those that begin before then."}),
      field<&T::limit>(7, "limit", none, appointments::rule::limit),
      field<&T::cursor>(8, "cursor", none, appointments::rule::cursor)};
};

template <>
struct Described<appointments::Get> {
  using T = appointments::Get;
  static constexpr std::string_view name = "AppointmentsGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, appointments::rule::id)};
};

template <>
struct Described<appointments::Update> {
  using T = appointments::Update;
  static constexpr std::string_view name = "AppointmentsUpdate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, appointments::rule::id),
      field<&T::revision>(2, "revision", none, appointments::rule::revision),
      field<&T::start>(3, "start", none, appointments::rule::start),
      field<&T::wall_start>(4, "wall_start", none, appointments::rule::wall_start),
      field<&T::resources>(5, "resources", none, appointments::rule::participants),
      field<&T::priority>(6, "priority", none, appointments::rule::priority),
      field<&T::channel>(7, "channel", none, appointments::rule::channel),
      field<&T::reason>(8, "reason", phi, appointments::rule::reason),
      field<&T::notes>(9, "notes", phi, appointments::rule::notes),
      field<&T::overbook>(10, "overbook", none, appointments::rule::overbook),
      field<&T::override>(11, "override", none, appointments::rule::override),
      field<&T::override_reason>(12, "override_reason", phi, appointments::rule::override_reason),
      field<&T::extensions>(13, "extensions", phi, appointments::rule::extensions)};
};

template <>
struct Described<appointments::Reschedule> {
  using T = appointments::Reschedule;
  static constexpr std::string_view name = "AppointmentsReschedule";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, appointments::rule::id),
      field<&T::revision>(2, "revision", none, appointments::rule::revision),
      field<&T::start>(3, "start", none, appointments::rule::start),
      field<&T::wall_start>(4, "wall_start", none, appointments::rule::wall_start),
      field<&T::resources>(5, "resources", none, appointments::rule::participants),
      field<&T::overbook>(6, "overbook", none, appointments::rule::overbook),
      field<&T::override>(7, "override", none, appointments::rule::override),
      field<&T::override_reason>(8, "override_reason", phi, appointments::rule::override_reason)};
};

/// An operation that says nothing but which appointment, and in what state it was seen.
template <class T>
struct DescribedStep {
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, appointments::rule::id),
                                     field<&T::revision>(2, "revision", none, appointments::rule::revision)};
};

/// The same with a reason.
template <class T>
struct DescribedReasonedStep {
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, appointments::rule::id),
                                     field<&T::revision>(2, "revision", none, appointments::rule::revision),
                                     field<&T::reason>(3, "reason", phi | header, appointments::rule::why),
                                     field<&T::reason_code>(4, "reason_code", header, appointments::rule::why_code)};
};

template <>
struct Described<appointments::Cancel> : DescribedReasonedStep<appointments::Cancel> {
  static constexpr std::string_view name = "AppointmentsCancel";
};
template <>
struct Described<appointments::Approve> : DescribedStep<appointments::Approve> {
  static constexpr std::string_view name = "AppointmentsApprove";
};
template <>
struct Described<appointments::CheckIn> : DescribedStep<appointments::CheckIn> {
  static constexpr std::string_view name = "AppointmentsCheckIn";
};
template <>
struct Described<appointments::UndoCheckIn> : DescribedReasonedStep<appointments::UndoCheckIn> {
  static constexpr std::string_view name = "AppointmentsUndoCheckIn";
};
template <>
struct Described<appointments::Start> : DescribedStep<appointments::Start> {
  static constexpr std::string_view name = "AppointmentsStart";
};
template <>
struct Described<appointments::UndoStart> : DescribedReasonedStep<appointments::UndoStart> {
  static constexpr std::string_view name = "AppointmentsUndoStart";
};
template <>
struct Described<appointments::Complete> : DescribedStep<appointments::Complete> {
  static constexpr std::string_view name = "AppointmentsComplete";
};
template <>
struct Described<appointments::MarkNoShow> : DescribedStep<appointments::MarkNoShow> {
  static constexpr std::string_view name = "AppointmentsMarkNoShow";
};
template <>
struct Described<appointments::Restore> : DescribedStep<appointments::Restore> {
  static constexpr std::string_view name = "AppointmentsRestore";
};
template <>
struct Described<appointments::MarkError> : DescribedReasonedStep<appointments::MarkError> {
  static constexpr std::string_view name = "AppointmentsMarkError";
};

template <>
struct Described<slots::Slot> {
  using T = slots::Slot;
  static constexpr std::string_view name = "Slot";
  static constexpr Field fields[] = {
      field<&T::start>(1, "start", none, {.meaning = "When it begins."}),
      field<&T::end>(2, "end", none, {.meaning = "When it ends."}),
      field<&T::resource>(3, "resource", none, {.meaning = "In whose opening hours it lies."}),
      field<&T::facility_id>(4, "facility_id", none, {.meaning = "Where it is."}),
      field<&T::zone>(5, "zone", none, {.meaning = "The time zone there."}),
      field<&T::wall_start>(6, "wall_start", none, {.meaning = "What the clock shows there at the start."}),
      field<&T::free>(7, "free", none, {.meaning = "How many more patients there is room for."})};
};

template <>
struct Described<slots::Slots> {
  using T = slots::Slots;
  static constexpr std::string_view name = "Slots";
  static constexpr Field fields[] = {field<&T::slots>(1, "slots", none, {.meaning = "The slots, by their start."}),
                                     field<&T::more>(2, "more", none, {.meaning = "Whether there are more."})};
};

template <>
struct Described<slots::List> {
  using T = slots::List;
  static constexpr std::string_view name = "SlotsList";
  static constexpr Field fields[] = {
      field<&T::service_id>(1, "service_id", required, appointments::rule::service_id),
      field<&T::resource_id>(2, "resource_id", required, {.meaning = "In whose calendar."}),
      field<&T::kind>(3, "kind", none, {.meaning = "Whether that is a doctor, a room or a device."}),
      field<&T::with>(4, "with", none, {.items_max = 9, .meaning = "What else has to be free."}),
      field<&T::from>(5, "from", required, {.meaning = "From when on."}),
      field<&T::to>(6, "to", required, {.meaning = "Until when, 92 days later at most."}),
      field<&T::limit>(7, "limit", none, {.min = 1, .max = 10'000, .meaning = "How many at most, 1 to 10,000."})};
};

template <>
struct Described<slots::FindFirst> {
  using T = slots::FindFirst;
  static constexpr std::string_view name = "SlotsFindFirst";
  static constexpr Field fields[] = {
      field<&T::service_id>(1, "service_id", required, appointments::rule::service_id),
      field<&T::doctors>(2, "doctors", none, {.items_max = 1000, .meaning = "Among these doctors; else among all."}),
      field<&T::facility>(3, "facility", none, {.meaning = "Among those who work there."}),
      field<&T::specialty>(4, "specialty", none, {.max = 40, .meaning = "Among those who have it."}),
      field<&T::from>(5, "from", required, {.meaning = "From when on."}),
      field<&T::days>(6, "days", none, {.min = 1, .max = 92, .meaning = "How many days ahead, 1 to 92."}),
      field<&T::limit>(7, "limit", none, {.min = 1, .max = 50, .meaning = "How many, 1 to 50."}),
      field<&T::with>(8, "with", none, {.items_max = 9, .meaning = "What else has to be free."})};
};

}  // namespace medflow
