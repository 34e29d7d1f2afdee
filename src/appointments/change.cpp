#include <algorithm>

#include "appointments/booking.hpp"
#include "appointments/claims.hpp"
#include "appointments/due.hpp"
#include "appointments/reminders.hpp"
#include "appointments/states.hpp"
#include "appointments/steps.hpp"
#include "appointments/views.hpp"
#include "encounters/guards.hpp"
#include "invoices/guards.hpp"
#include "invoices/invoicing.hpp"
#include "kernel/handler.hpp"
#include "queues/tokens.hpp"

namespace medflow::inline v1::appointments {

using kernel::Rows;
using kernel::Work;
using S = AppointmentStatus;

namespace {

constexpr std::int64_t early_s = 4 * 60 * 60;
constexpr std::int64_t undo_s = 30 * 60;
constexpr std::int64_t restore_s = 24 * 60 * 60;

std::string_view why(std::string_view reason, std::string_view code) { return reason.empty() ? code : reason; }

Appointment store(Work& work, Appointment appointment, std::optional<std::uint64_t> expected) {
  queues::follow(work, appointment);
  // It was read whole, wherever it lies now.
  Rows<Appointment>(work).update(appointment, expected ? *expected : appointment.revision, {}, work.classes());
  return shown(work, std::move(appointment));
}

/// What only was a matter of policy when it was booked is none any more; who `holds` its time was let in, whoever else is there.
Plan replan(Work& work, const Appointment& appointment, bool holds = false) {
  Plan found = look_again(work, appointment);
  std::erase_if(found.findings, [&](const Finding& finding) {
    using K = ConflictKind;
    const K kind = finding.conflict.kind;
    const bool of_others =
        kind == K::capacity || kind == K::patient || (kind == K::buffer && finding.conflict.object_id);
    return (holds && of_others) || (finding.policy && kind != K::patient);
  });
  require_bookable(found);
  return found;
}

template <class Request>
Appointment move(Work& work, Appointment appointment, const Request& request) {
  require_named(request.revision);
  require_movable(work, appointment, request.override_reason);
  Wish wish = wish_for(appointment);
  if (!request.resources.empty()) wish.resources = request.resources;
  if (request.start || request.wall_start) {
    wish.start = request.start;
    wish.wall_start = request.wall_start;
  }
  wish.overbook = request.overbook;
  wish.override = request.override;
  wish.override_reason = request.override_reason;
  const Plan found = plan(work, wish, work.permission(), &appointment.id);
  require_bookable(found);
  if (wish.overbook || wish.override) work.reason(wish.override_reason);
  lift(work, appointment);
  place(work, found, wish, appointment);
  return appointment;
}

}  // namespace

Appointment handle(Work& work, const Reschedule& request) {
  return store(work, move(work, reachable(work, request.id, request.revision), request), request.revision);
}

Appointment handle(Work& work, const Update& request) {
  Appointment appointment = reachable(work, request.id, request.revision);
  require_named(request.revision);
  require_step(appointment, {S::requested, S::booked}, S::booked);
  // Who does not see what there is, where it lies now, does not empty it by leaving it out.
  const bool sees = (visible_classes(work, appointment) & clinical) != 0;
  const bool other_time = (request.start && *request.start != appointment.start) ||
                          (request.wall_start && *request.wall_start != appointment.wall_start);
  const bool other_resources = !request.resources.empty() && request.resources != appointment.resources;
  if (other_time || other_resources) appointment = move(work, std::move(appointment), request);
  appointment.priority = request.priority;
  appointment.channel = request.channel;
  if (sees || !request.reason.empty()) appointment.reason = request.reason;
  if (sees || !request.notes.empty()) appointment.notes = request.notes;
  if (sees || !request.extensions.empty()) appointment.extensions = request.extensions;
  return store(work, std::move(appointment), request.revision);
}

Appointment handle(Work& work, const Cancel& request) {
  Appointment appointment = reachable(work, request.id, request.revision);
  cancel(work, appointment, request.reason, request.reason_code);
  return store(work, std::move(appointment), request.revision);
}

Appointment handle(Work& work, const Approve& request) {
  Appointment appointment = reachable(work, request.id, request.revision);
  require_step(appointment, {S::requested}, S::booked);
  const Plan found = replan(work, appointment, takes_time(work, appointment));
  remove(work, appointment);
  enter(work, appointment, true, known_of(found));
  appointment.status = S::booked;
  appointment.confirmed_at = work.now();
  planned(work, appointment, found.known.rules);
  return store(work, std::move(appointment), request.revision);
}

Appointment handle(Work& work, const CheckIn& request) {
  Appointment appointment = reachable(work, request.id, request.revision);
  require_step(appointment, {S::booked, S::no_show}, S::arrived);
  const bool that_day = date_in(appointment.zone, work.now()) == date_in(appointment.zone, appointment.start);
  if (!that_day || work.now() < appointment.start.plus_s(-early_s)) throw Failure(check_in_day);
  if (appointment.status == S::no_show) {
    require_staff(work, appointment);
    Plan found = look_again(work, appointment);
    std::erase_if(found.findings, [](const Finding& finding) {  // it has begun already
      return finding.policy || finding.conflict.kind == ConflictKind::lead;
    });
    require_bookable(found);
    remove(work, appointment);
    enter(work, appointment, true, known_of(found));
  }
  appointment.status = S::arrived;
  appointment.arrived_at = work.now();
  unplanned(work, appointment);
  return store(work, std::move(appointment), request.revision);
}

Appointment handle(Work& work, const UndoCheckIn& request) {
  Appointment appointment = reachable(work, request.id, request.revision);
  require_staff(work, appointment);
  require_reason(request.reason, request.reason_code);
  require_step(appointment, {S::arrived}, S::booked);
  if (appointment.arrived_at && work.now() > appointment.arrived_at->plus_s(undo_s)) throw Failure(undo_too_late);
  work.reason(why(request.reason, request.reason_code));
  appointment.status = S::booked;
  appointment.arrived_at.reset();
  planned(work, appointment, rules_of(work, appointment));
  return store(work, std::move(appointment), request.revision);
}

Appointment handle(Work& work, const Start& request) {
  Appointment appointment = reachable(work, request.id, request.revision);
  require_step(appointment, {S::arrived}, S::in_progress);
  appointment.status = S::in_progress;
  appointment.started_at = work.now();
  return store(work, std::move(appointment), request.revision);
}

Appointment handle(Work& work, const UndoStart& request) {
  Appointment appointment = reachable(work, request.id, request.revision);
  require_reason(request.reason, request.reason_code);
  require_step(appointment, {S::in_progress}, S::arrived);
  if (appointment.started_at && work.now() > appointment.started_at->plus_s(undo_s)) throw Failure(undo_too_late);
  work.reason(why(request.reason, request.reason_code));
  appointment.status = S::arrived;
  appointment.started_at.reset();
  return store(work, std::move(appointment), request.revision);
}

Appointment handle(Work& work, const Complete& request) {
  Appointment appointment = reachable(work, request.id, request.revision);
  require_step(appointment, {S::in_progress}, S::completed);
  release(work, appointment);
  appointment.status = S::completed;
  appointment.ended_at = appointment.started_at ? std::max(work.now(), *appointment.started_at) : work.now();
  invoices::charge_visit(work, appointment);
  return store(work, std::move(appointment), request.revision);
}

Appointment handle(Work& work, const MarkNoShow& request) {
  Appointment appointment = reachable(work, request.id, request.revision);
  require_step(appointment, {S::booked}, S::no_show);
  const auto rules = rules_of(work, appointment);
  if (work.now() < appointment.start.plus_s(60LL * rules.no_show_grace_min)) throw Failure(no_show_too_soon);
  release(work, appointment);
  appointment.status = S::no_show;
  unplanned(work, appointment);
  return store(work, std::move(appointment), request.revision);
}

Appointment handle(Work& work, const Restore& request) {
  Appointment appointment = reachable(work, request.id, request.revision);
  require_step(appointment, {S::cancelled}, S::booked);
  const bool recent = appointment.cancelled_at && work.now() <= appointment.cancelled_at->plus_s(restore_s);
  if (!recent || appointment.start <= work.now()) throw Failure(restore_too_late);
  const Plan found = replan(work, appointment);
  // Who insists books it anew, and says why.
  if (found.person.deceased) throw Failure(slot_policy, "/id", "patient.deceased", "this patient cannot come");
  remove(work, appointment);
  enter(work, appointment, true, known_of(found));
  appointment.status = S::booked;
  appointment.cancelled_by.reset();
  appointment.cancelled_at.reset();
  appointment.cancel_code.clear();
  appointment.cancel_text.clear();
  appointment.cancelled_late = false;
  planned(work, appointment, found.known.rules);
  return store(work, std::move(appointment), request.revision);
}

Appointment handle(Work& work, const MarkError& request) {
  Appointment appointment = reachable(work, request.id, request.revision);
  require_code(request.reason_code);
  require_step(appointment,
               {S::requested, S::held, S::booked, S::arrived, S::in_progress, S::completed, S::cancelled, S::no_show},
               S::entered_in_error);
  if (appointment.status == S::completed && !work.access().holds(work.permission(), Scope::all))
    throw Failure(codes::forbidden);
  encounters::require_nothing_signed(work, appointment.id);
  invoices::require_nothing_issued(work, appointment.id, appointment.patient_id);
  if (appointment.status == S::completed) invoices::discard_charge(work, appointment, request.reason_code);
  release(work, appointment);
  appointment.status = S::entered_in_error;
  appointment.hold_by.reset();
  appointment.hold_expires_at.reset();
  unplanned(work, appointment);
  return store(work, std::move(appointment), request.revision);
}

}  // namespace medflow::inline v1::appointments

MEDFLOW_HANDLE(medflow::appointments::Reschedule);
MEDFLOW_HANDLE(medflow::appointments::Update);
MEDFLOW_HANDLE(medflow::appointments::Cancel);
MEDFLOW_HANDLE(medflow::appointments::Approve);
MEDFLOW_HANDLE(medflow::appointments::CheckIn);
MEDFLOW_HANDLE(medflow::appointments::UndoCheckIn);
MEDFLOW_HANDLE(medflow::appointments::Start);
MEDFLOW_HANDLE(medflow::appointments::UndoStart);
MEDFLOW_HANDLE(medflow::appointments::Complete);
MEDFLOW_HANDLE(medflow::appointments::MarkNoShow);
MEDFLOW_HANDLE(medflow::appointments::Restore);
MEDFLOW_HANDLE(medflow::appointments::MarkError);
