// Appointments: booking, holding, moving and ending visits, so that nothing is ever booked twice (FHIR Appointment, Slot).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/patients.hpp"
#include "medflow/services.hpp"

namespace medflow::inline v1::appointments {

/// FHIR's statuses are pending (requested, held), booked, arrived, checked-in (in_progress), fulfilled (completed), cancelled, noshow and
/// entered-in-error.
enum class AppointmentStatus : std::uint8_t {
  requested,  ///< waits for approval
  held,       ///< kept free for somebody until `hold_expires_at`
  booked,
  arrived,
  in_progress,
  completed,
  cancelled,
  no_show,
  entered_in_error,
};

enum class Priority : std::uint8_t { routine, urgent, emergency, as_needed };
enum class VisitChannel : std::uint8_t { in_person, video, phone };
enum class VisitKind : std::uint8_t { scheduled, walk_in };
enum class Party : std::uint8_t { patient, staff, system };

/// A doctor, room or device that takes part.
struct Participant {
  ResourceKind kind = ResourceKind::practitioner;
  Uuid id{};
  std::string role{};  ///< such as "assistant"; empty for none

  friend bool operator==(const Participant&, const Participant&) = default;
};

/// When an appointment was before it was moved, and who moved it.
struct Move {
  Instant start{};
  Instant end{};
  Instant at{};
  UserId by{};

  friend bool operator==(const Move&, const Move&) = default;
};

/// Who the patient is, by two identifiers (PAT-19), as far as the caller may see them.
struct PatientLabel {
  std::string name{};
  std::optional<PartialDate> birth{};
  std::string mrn{};
};

/// A visit that is planned, under way or over. Members whose class the caller's role does not open are empty.
struct Appointment {
  AppointmentId id{};
  std::uint64_t revision = 0;
  std::string number{};  ///< "APT-" and 8 digits, unique in the tenant; gaps are possible
  PatientId patient_id{};
  ServiceId service_id{};
  std::vector<Participant> resources{};
  FacilityId facility_id{};
  Instant start{};
  Instant end{};
  Zone zone{};                 ///< of the place where it is
  LocalDateTime wall_start{};  ///< what the clock shows there at the start
  AppointmentStatus status = AppointmentStatus::booked;
  Priority priority = Priority::routine;
  VisitChannel channel = VisitChannel::in_person;
  VisitKind kind = VisitKind::scheduled;
  std::string reason{};  ///< why the patient comes, at most 500 code points
  std::string notes{};   ///< at most 2,000 code points
  bool overbooked = false;
  std::optional<SeriesId> series_id{};
  std::uint32_t series_index = 0;           ///< from 1 within its series
  std::optional<std::uint32_t> token_no{};  ///< its number in the queue of the day
  std::optional<Instant> confirmed_at{};
  std::optional<Instant> arrived_at{};
  std::optional<Instant> started_at{};
  std::optional<Instant> ended_at{};
  std::optional<Party> cancelled_by{};
  std::optional<Instant> cancelled_at{};
  std::string cancel_code{};  ///< a coded reason
  std::string cancel_text{};
  bool cancelled_late = false;  ///< after the service's cutoff
  std::optional<UserId> hold_by{};
  std::optional<Instant> hold_expires_at{};
  std::uint32_t reschedule_count = 0;
  std::vector<Move> moves{};
  std::vector<patients::Extension> extensions{};
  std::optional<PatientLabel> patient{};  ///< in answers
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
  // What it is reckoned with: rules as they were when it was booked, and what is due. Answers do not show the token.
  std::uint32_t buffer_before_min = 0;  ///< as they were when it was booked
  std::uint32_t buffer_after_min = 0;
  std::uint32_t capacity = 1;
  std::optional<Instant> due_at{};  ///< when something happens by itself
  std::optional<std::string> hold_token{};
};

/// Books a visit, or requests it where the service needs approval. Either `start` or `wall_start` is given; a wall time that comes twice is its
/// first one. With `id`, the same call again answers what there is; with other content it is `conflict.id_reused`, until the visit is changed, and
/// then as far as it says another patient, service, start or other resources. `overbook` needs `appointment.overbook`, and `override` (what is a
/// matter of policy: lead, horizon, the grid, two visits of a patient at once, too many missed ones, a patient who has died)
/// `appointment.override_policy`; both need `override_reason`, of at least 10 characters.
/// Fails, first match wins: forbidden; invalid (`time.nonexistent`, `resource.required`, an unknown service, patient or doctor); conflict
/// `slot.taken` (with up to three starts that are free), `slot.closed`, `patient.overlap`, `slot.policy` or `conflict.id_reused`.
struct Book {
  using Output = Appointment;
  std::optional<AppointmentId> id{};
  PatientId patient_id{};
  ServiceId service_id{};
  std::vector<Participant> resources{};
  std::optional<Instant> start{};
  std::optional<LocalDateTime> wall_start{};
  Priority priority = Priority::routine;
  VisitChannel channel = VisitChannel::in_person;
  std::string reason{};
  std::string notes{};
  bool overbook = false;
  bool override = false;
  std::string override_reason{};
  std::vector<patients::Extension> extensions{};

  static constexpr Operation operation{.name = "appointments.book",
                                       .method = Method::post,
                                       .path = "/appointments",
                                       .permission = Permission::appointment_book,
                                       .effect = Effect::write,
                                       .summary = "Book an appointment",
                                       .object = "appointment",
                                       .status = 201};
};

/// A slot that is held, and the token that turns it into a booking.
struct Held {
  Appointment appointment{};
  std::string token{};  ///< shown once; whoever has it and may book can confirm
};

/// Keeps a slot free for a while; who makes it may have three at once. When it has expired it holds nothing any more.
/// Fails as `appointments.book`, and conflict `hold.too_many`.
struct Hold {
  using Output = Held;
  PatientId patient_id{};
  ServiceId service_id{};
  std::vector<Participant> resources{};
  std::optional<Instant> start{};
  std::optional<LocalDateTime> wall_start{};
  std::uint32_t minutes = 10;  ///< 1 to 60

  static constexpr Operation operation{.name = "appointments.hold",
                                       .method = Method::post,
                                       .path = "/appointments/holds",
                                       .permission = Permission::appointment_book,
                                       .effect = Effect::write,
                                       .summary = "Hold a slot",
                                       .object = "appointment",
                                       .status = 201};
};

/// Turns a hold into a booking, or into a request where the service needs approval. Whether somebody is away by now is looked at again; of who
/// else is there, and of policy, nothing is asked any more.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`; gone `hold.expired`; invalid `hold.token`; conflict `slot.closed`,
/// `licence.expired`.
struct Confirm {
  using Output = Appointment;
  AppointmentId id{};
  std::string token{};
  Priority priority = Priority::routine;
  VisitChannel channel = VisitChannel::in_person;
  std::string reason{};
  std::string notes{};

  static constexpr Operation operation{.name = "appointments.confirm",
                                       .method = Method::post,
                                       .path = "/appointments/{id}/confirm",
                                       .permission = Permission::appointment_book,
                                       .effect = Effect::write,
                                       .summary = "Book a slot that is held",
                                       .object = "appointment"};
};

/// What keeps a visit from being booked.
enum class ConflictKind : std::uint8_t {
  closed,  ///< outside opening hours, or not a start that is offered
  leave,
  buffer,  ///< the time before or after it is not free
  capacity,
  patient,  ///< the patient has another visit then
  licence,
  lead,     ///< too soon, or past
  horizon,  ///< too far ahead
  policy,   ///< a rule of the hospital about this patient
};

/// One of them, with what is in the way: an appointment or a leave, where the caller may see it.
struct Conflict {
  ConflictKind kind{};
  std::optional<ResourceRef> resource{};
  std::optional<Uuid> object_id{};
  std::optional<Instant> from{};
  std::optional<Instant> to{};
};

struct Verdict {
  bool bookable = false;
  std::vector<Conflict> conflicts{};
  std::vector<Instant> alternatives{};  ///< up to three later starts that are free; where it is not bookable
};

/// Says whether a visit could be booked and everything that is in its way, and books nothing (APT-21). Its verdict is that of `appointments.book`
/// with the same members.
/// Fails, first match wins: forbidden; invalid as `appointments.book`.
struct Check {
  using Output = Verdict;
  PatientId patient_id{};
  ServiceId service_id{};
  std::vector<Participant> resources{};
  std::optional<Instant> start{};
  std::optional<LocalDateTime> wall_start{};
  bool overbook = false;
  bool override = false;

  static constexpr Operation operation{.name = "appointments.check",
                                       .method = Method::post,
                                       .path = "/appointments/check",
                                       .permission = Permission::appointment_book,
                                       .summary = "Check whether a visit could be booked",
                                       .object = "appointment"};
};

/// Appointments that begin in [from, to), by their start: of a patient, of a doctor, room or device, of a facility, or of all the caller's
/// facilities. Each brings its patient's name, birth date and record number.
/// Fails, first match wins: forbidden; invalid (`query.too_broad` without a patient, resource or facility).
struct List {
  using Output = Page<Appointment>;
  std::optional<PatientId> patient{};
  std::optional<Uuid> resource{};
  std::optional<FacilityId> facility{};
  std::optional<AppointmentStatus> status{};
  std::optional<Instant> from{};
  std::optional<Instant> to{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "appointments.list",
                                       .method = Method::get,
                                       .path = "/appointments",
                                       .permission = Permission::appointment_read,
                                       .summary = "List appointments",
                                       .object = "appointment"};
};

/// One appointment.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Appointment;
  AppointmentId id{};

  static constexpr Operation operation{.name = "appointments.get",
                                       .method = Method::get,
                                       .path = "/appointments/{id}",
                                       .permission = Permission::appointment_read,
                                       .summary = "Read an appointment",
                                       .object = "appointment"};
};

/// Replaces what is said about a visit that has not begun; with another start or other resources it is moved, as by `appointments.reschedule`.
/// Fails as that.
struct Update {
  using Output = Appointment;
  AppointmentId id{};
  std::optional<std::uint64_t> revision{};
  std::optional<Instant> start{};
  std::optional<LocalDateTime> wall_start{};
  std::vector<Participant> resources{};  ///< none: as they are
  Priority priority = Priority::routine;
  VisitChannel channel = VisitChannel::in_person;
  std::string reason{};
  std::string notes{};
  bool overbook = false;
  bool override = false;
  std::string override_reason{};
  std::vector<patients::Extension> extensions{};

  static constexpr Operation operation{.name = "appointments.update",
                                       .method = Method::put,
                                       .path = "/appointments/{id}",
                                       .permission = Permission::appointment_reschedule,
                                       .effect = Effect::write,
                                       .summary = "Change an appointment",
                                       .object = "appointment"};
};

/// Moves a visit: same id and number, the old time is free at once and kept in `moves`. At most ten times.
/// Patients only before the service's cutoff; later it needs `appointment.override_policy`, and `override_reason`, of at least 10 characters.
/// Fails, first match wins: forbidden; not_found; precondition_required; conflict `conflict.revision`, `transition.illegal`,
/// `reschedule.too_many`, `cancel.too_late`; invalid `reason.required`; else as `appointments.book`.
struct Reschedule {
  using Output = Appointment;
  AppointmentId id{};
  std::optional<std::uint64_t> revision{};
  std::optional<Instant> start{};
  std::optional<LocalDateTime> wall_start{};
  std::vector<Participant> resources{};  ///< none: as they are
  bool overbook = false;
  bool override = false;
  std::string override_reason{};

  static constexpr Operation operation{.name = "appointments.reschedule",
                                       .method = Method::post,
                                       .path = "/appointments/{id}/reschedule",
                                       .permission = Permission::appointment_reschedule,
                                       .effect = Effect::write,
                                       .summary = "Move an appointment",
                                       .object = "appointment"};
};

/// Cancels a visit, or declines a request, or lets go of a hold. Patients only before the service's cutoff; later it needs
/// `appointment.override_policy` and a reason, of at least 10 characters or as a code. Codes are unspecified, patient_request, staff_request,
/// declined, withdrawn and left_without_being_seen: that one, and no other, of who has arrived; of a request declined or withdrawn, which is meant
/// where there is none, by whether its patient cancels it.
/// Fails, first match wins: forbidden; not_found; conflict `conflict.revision`; invalid `enum.unknown`; conflict `transition.illegal`,
/// `cancel.too_late`; invalid `reason.required`.
struct Cancel {
  using Output = Appointment;
  AppointmentId id{};
  std::optional<std::uint64_t> revision{};
  std::string reason{};
  std::string reason_code{};

  static constexpr Operation operation{.name = "appointments.cancel",
                                       .method = Method::del,
                                       .path = "/appointments/{id}",
                                       .permission = Permission::appointment_cancel,
                                       .effect = Effect::write,
                                       .summary = "Cancel an appointment",
                                       .object = "appointment"};
};

/// Approves a request; what is in its way is looked at again.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`, `slot.taken`, `slot.closed`, `patient.overlap`.
struct Approve {
  using Output = Appointment;
  AppointmentId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "appointments.approve",
                                       .method = Method::post,
                                       .path = "/appointments/{id}/approve",
                                       .permission = Permission::appointment_approve,
                                       .effect = Effect::write,
                                       .summary = "Approve a requested appointment",
                                       .object = "appointment"};
};

/// The patient is there: on the same day, from four hours before the start on. A visit that was given up as missed takes its time again, if
/// that is free.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`, `check_in.day`, `slot.taken`; conflict `conflict.revision`.
struct CheckIn {
  using Output = Appointment;
  AppointmentId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "appointments.check_in",
                                       .method = Method::post,
                                       .path = "/appointments/{id}/check-in",
                                       .permission = Permission::appointment_check_in,
                                       .effect = Effect::write,
                                       .summary = "Note that the patient has arrived",
                                       .object = "appointment"};
};

/// Takes a check-in back, within 30 minutes.
/// Fails, first match wins: forbidden; not_found; invalid `reason.required`; conflict `transition.illegal`, `undo.too_late`.
struct UndoCheckIn {
  using Output = Appointment;
  AppointmentId id{};
  std::optional<std::uint64_t> revision{};
  std::string reason{};
  std::string reason_code{};

  static constexpr Operation operation{.name = "appointments.undo_check_in",
                                       .method = Method::post,
                                       .path = "/appointments/{id}/undo-check-in",
                                       .permission = Permission::appointment_check_in,
                                       .effect = Effect::write,
                                       .summary = "Take a check-in back",
                                       .object = "appointment"};
};

/// The visit begins.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`.
struct Start {
  using Output = Appointment;
  AppointmentId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "appointments.start",
                                       .method = Method::post,
                                       .path = "/appointments/{id}/start",
                                       .permission = Permission::appointment_start,
                                       .effect = Effect::write,
                                       .summary = "Begin a visit",
                                       .object = "appointment"};
};

/// Takes the beginning of a visit back, within 30 minutes.
/// Fails, first match wins: forbidden; not_found; invalid `reason.required`; conflict `transition.illegal`, `undo.too_late`.
struct UndoStart {
  using Output = Appointment;
  AppointmentId id{};
  std::optional<std::uint64_t> revision{};
  std::string reason{};
  std::string reason_code{};

  static constexpr Operation operation{.name = "appointments.undo_start",
                                       .method = Method::post,
                                       .path = "/appointments/{id}/undo-start",
                                       .permission = Permission::appointment_start,
                                       .effect = Effect::write,
                                       .summary = "Take the beginning of a visit back",
                                       .object = "appointment"};
};

/// The visit is over; what is left of its time is free.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`.
struct Complete {
  using Output = Appointment;
  AppointmentId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "appointments.complete",
                                       .method = Method::post,
                                       .path = "/appointments/{id}/complete",
                                       .permission = Permission::appointment_complete,
                                       .effect = Effect::write,
                                       .summary = "End a visit",
                                       .object = "appointment"};
};

/// The patient did not come; from the service's grace after the start on.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`, `no_show.too_soon`.
struct MarkNoShow {
  using Output = Appointment;
  AppointmentId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "appointments.mark_no_show",
                                       .method = Method::post,
                                       .path = "/appointments/{id}/no-show",
                                       .permission = Permission::appointment_mark_no_show,
                                       .effect = Effect::write,
                                       .summary = "Note that the patient did not come",
                                       .object = "appointment"};
};

/// Takes a cancellation back: within 24 hours, before the start, and if the slot is free.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`, `restore.too_late`, `slot.taken`, `slot.closed`,
/// `slot.policy` (the patient has died: then it is booked anew, with `override`).
struct Restore {
  using Output = Appointment;
  AppointmentId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "appointments.restore",
                                       .method = Method::post,
                                       .path = "/appointments/{id}/restore",
                                       .permission = Permission::appointment_restore,
                                       .effect = Effect::write,
                                       .summary = "Restore a cancelled appointment",
                                       .object = "appointment"};
};

/// Says that an appointment should never have been there. What is over only an administrator marks so; the draft of its charge, if nobody has
/// changed it, is discarded with it.
/// Fails, first match wins: forbidden; not_found; invalid `reason.required`; conflict `transition.illegal`; conflict `encounter.records` (something
/// signed came of it), `appointment.invoiced` (an issued invoice charges it).
struct MarkError {
  using Output = Appointment;
  AppointmentId id{};
  std::optional<std::uint64_t> revision{};
  std::string reason{};
  std::string reason_code{};

  static constexpr Operation operation{.name = "appointments.mark_error",
                                       .method = Method::post,
                                       .path = "/appointments/{id}/entered-in-error",
                                       .permission = Permission::appointment_mark_error,
                                       .effect = Effect::write,
                                       .summary = "Mark an appointment as entered in error",
                                       .object = "appointment",
                                       .reason_required = true};
};

}  // namespace medflow::inline v1::appointments

namespace medflow::inline v1::slots {

/// A time at which a service can be booked.
struct Slot {
  Instant start{};
  Instant end{};
  ResourceRef resource{};  ///< whose opening hours it lies in
  FacilityId facility_id{};
  Zone zone{};
  LocalDateTime wall_start{};
  std::uint32_t free = 1;  ///< how many more patients can be booked
};

struct Slots {
  std::vector<Slot> slots{};  ///< by their start; at most `limit`
  bool more = false;          ///< whether there are later ones before `to`
};

/// The slots of a service in [from, to) in one calendar; `with` names what else has to be free. An offered slot can be booked as long as nobody
/// else does (APT-2). At most 92 days at once.
/// Fails, first match wins: forbidden; invalid (`range.too_long`, an unknown service, doctor, room or device).
struct List {
  using Output = Slots;
  ServiceId service_id{};
  Uuid resource_id{};
  ResourceKind kind = ResourceKind::practitioner;
  std::vector<ResourceRef> with{};
  Instant from{};
  Instant to{};
  std::uint32_t limit = 1000;

  static constexpr Operation operation{.name = "slots.list",
                                       .method = Method::post,
                                       .path = "/slots",
                                       .permission = Permission::schedule_read,
                                       .summary = "List free slots",
                                       .object = "slot"};
};

/// The first free slots from `from` on, among doctors who are named, or among all who work at a facility or have a specialty.
/// Fails, first match wins: forbidden; invalid.
struct FindFirst {
  using Output = Slots;
  ServiceId service_id{};
  std::vector<PractitionerId> doctors{};
  std::optional<FacilityId> facility{};
  std::optional<std::string> specialty{};
  std::vector<ResourceRef> with{};  ///< what else has to be free: rooms and devices
  Instant from{};
  std::uint32_t days = 30;  ///< 1 to 92: how far ahead it is looked
  std::uint32_t limit = 3;  ///< 1 to 50

  static constexpr Operation operation{.name = "slots.find_first",
                                       .method = Method::post,
                                       .path = "/slots/first",
                                       .permission = Permission::schedule_read,
                                       .summary = "Find the first free slots among many doctors",
                                       .object = "slot"};
};

}  // namespace medflow::inline v1::slots
