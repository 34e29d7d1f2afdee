#include "appointments/booking.hpp"
#include "appointments/holds.hpp"
#include "appointments/states.hpp"
#include "appointments/steps.hpp"
#include "appointments/views.hpp"
#include "crypto/token.hpp"
#include "kernel/handler.hpp"
#include "schedules/access.hpp"

namespace medflow::inline v1::appointments {

using kernel::Rows;
using kernel::Work;
using storage::Cell;

namespace {

constexpr std::size_t holds_max = 3;

template <class Request>
Wish wish_of(const Request& request) {
  Wish wish{.patient_id = request.patient_id,
            .service_id = request.service_id,
            .resources = request.resources,
            .start = request.start,
            .wall_start = request.wall_start};
  if constexpr (requires { request.overbook; }) {
    wish.overbook = request.overbook;
    wish.override = request.override;
  }
  if constexpr (requires { request.override_reason; }) wish.override_reason = request.override_reason;
  return wish;
}

/// Whether a booking says what is stored already, the visit's later life aside. What is sealed is compared for who sees it, or has written it.
bool same_booking(const Work& work, const Appointment& stored, const Book& request) {
  const Instant start = stored.moves.empty() ? stored.start : stored.moves.front().start;
  const bool same_start = request.start
                              ? *request.start == start
                              : request.wall_start && meaning_of(stored.zone, *request.wall_start).first == start;
  const bool same_visit = stored.patient_id == request.patient_id && stored.service_id == request.service_id &&
                          same_start && (stored.resources == request.resources || !stored.moves.empty());
  if (!same_visit || stored.revision > 1) return same_visit;
  const bool knows = stored.created_by == work.actor().user || (visible_classes(work, stored) & clinical) != 0;
  const bool same_words =
      stored.reason == request.reason && stored.notes == request.notes && stored.extensions == request.extensions;
  return stored.priority == request.priority && stored.channel == request.channel && (same_words || !knows);
}

/// Holds of this caller that have not expired.
std::size_t open_holds(Work& work) {
  std::size_t count = 0;
  const Cell equal[] = {Cell::bytes(work.actor().user.uuid.view())};
  Rows<Appointment>(work).scan(
      {.index = "appointments_holder", .equal = equal, .from = Cell::of(work.now().us + 1), .limit = holds_max},
      [&](const Appointment&) { return ++count < holds_max; });
  return count;
}

/// Conflicts name objects only to those who may read them, and of a leave they tell others no more than that it lies over the visit.
void hide_objects(Work& work, const Span& visit, std::vector<Conflict>& conflicts) {
  const bool sees_leaves = schedules::sees_calendars(work);
  for (Conflict& conflict : conflicts) {
    if (!conflict.object_id) continue;
    if (conflict.kind == ConflictKind::leave) {
      if (sees_leaves) continue;
      conflict.object_id.reset();
      conflict.from = std::max(conflict.from.value_or(visit.from), visit.from);
      conflict.to = std::min(conflict.to.value_or(visit.to), visit.to);
      continue;
    }
    const auto appointment = Rows<Appointment>(work).find_unchecked(AppointmentId{*conflict.object_id}, 0);
    if (!appointment || !reaches(work, *appointment, Permission::appointment_read)) conflict.object_id.reset();
  }
}

}  // namespace

Appointment handle(Work& work, const Book& request) {
  Appointment appointment{.id = request.id ? *request.id : work.make_id<AppointmentId>()};
  work.about(appointment.id.uuid);
  if (request.id) {
    if (auto stored = Rows<Appointment>(work).find_unchecked(*request.id, clinical)) {
      if (!reaches(work, *stored, work.permission()) || !same_booking(work, *stored, request))
        throw Failure(codes::id_reused);
      return shown(work, std::move(*stored));
    }
  }
  const Wish wish = wish_of(request);
  const Plan found = plan(work, wish, work.permission());
  require_bookable(found);
  apply(found, wish, appointment);
  appointment.status = first_status(found);
  appointment.priority = request.priority;
  appointment.channel = request.channel;
  appointment.reason = request.reason;
  appointment.notes = request.notes;
  appointment.extensions = request.extensions;
  if (appointment.status == AppointmentStatus::booked) appointment.confirmed_at = work.now();
  if (wish.overbook || wish.override) work.reason(wish.override_reason);
  store_new(work, found, appointment, first_takes_time(found));
  appointment.patient = found.person.label;
  return only_open(work, std::move(appointment));
}

Held handle(Work& work, const Hold& request) {
  if (open_holds(work) >= holds_max) throw Failure(hold_too_many);
  const Wish wish = wish_of(request);
  const Plan found = plan(work, wish, work.permission());
  require_bookable(found);
  Appointment appointment{.id = work.make_id<AppointmentId>(), .status = AppointmentStatus::held};
  apply(found, wish, appointment);
  crypto::OpaqueToken token = crypto::make_opaque_token(work.store().rng());
  appointment.hold_token = std::string(crypto::text_of(token.hash));
  appointment.hold_by = work.actor().user;
  appointment.hold_expires_at = work.now().plus_s(60LL * request.minutes);
  store_new(work, found, appointment, true);
  appointment.patient = found.person.label;
  appointment.hold_token.reset();
  return {.appointment = only_open(work, std::move(appointment)), .token = std::move(token.text)};
}

Appointment handle(Work& work, const Confirm& request) {
  work.open_classes(secret | clinical);
  Appointment appointment = reachable(work, request.id);
  require_step(appointment, {AppointmentStatus::held}, AppointmentStatus::booked);
  if (has_expired(appointment, work.now())) throw Failure(hold_expired);
  const auto hash = crypto::opaque_token_hash(request.token);
  if (!hash || !appointment.hold_token || crypto::text_of(*hash) != *appointment.hold_token)
    throw Failure(hold_token_wrong, "/token", "hold.token", "this is not the token of the hold");
  appointment.priority = request.priority;
  appointment.channel = request.channel;
  appointment.reason = request.reason;
  appointment.notes = request.notes;
  confirm_hold(work, appointment);
  return shown(work, std::move(appointment));
}

Verdict handle(Work& work, const Check& request) {
  Wish wish = wish_of(request);
  wish.reasoned = false;
  const Plan found = plan(work, wish, work.permission());
  Verdict verdict{.bookable = found.bookable()};
  for (const Finding& finding : found.findings) verdict.conflicts.push_back(finding.conflict);
  if (!verdict.bookable) verdict.alternatives = found.alternatives;
  hide_objects(work, found.visit, verdict.conflicts);
  return verdict;
}

}  // namespace medflow::inline v1::appointments

MEDFLOW_HANDLE(medflow::appointments::Book);
MEDFLOW_HANDLE(medflow::appointments::Hold);
MEDFLOW_HANDLE(medflow::appointments::Confirm);
MEDFLOW_HANDLE(medflow::appointments::Check);
