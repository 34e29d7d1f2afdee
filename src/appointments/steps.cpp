#include "appointments/steps.hpp"

#include <algorithm>

#include "appointments/claims.hpp"
#include "appointments/due.hpp"
#include "appointments/reminders.hpp"
#include "appointments/states.hpp"
#include "text/utf8.hpp"

namespace medflow::inline v1::appointments {

using kernel::Work;
using S = AppointmentStatus;

namespace {

constexpr std::size_t reason_min = 10;

/// Those that a caller may give; others say what happened by itself.
constexpr std::string_view cancel_codes[] = {"unspecified", "patient_request", "staff_request",
                                             "declined",    "withdrawn",       "left_without_being_seen"};

/// Patients only before the cutoff; after it, it takes leave to override policy. Answers whether it is late.
bool require_in_time(Work& work, const Appointment& appointment, std::uint32_t cutoff_min) {
  const bool late = work.now() >= appointment.start.plus_s(-60LL * cutoff_min);
  if (late && !reaches(work, appointment, Permission::appointment_override_policy)) throw Failure(cancel_too_late);
  return late;
}

/// Who has asked withdraws a request; who was asked declines it.
std::string_view code_of_request(std::string_view code, bool by_patient) {
  if (code.empty()) return by_patient ? "withdrawn" : "declined";
  if (code != "declined" && code != "withdrawn")
    throw Failure(codes::invalid, "/reason_code", "enum.unknown", "of a request: declined or withdrawn");
  return code;
}

}  // namespace

Appointment reachable(Work& work, const AppointmentId& id, std::optional<std::uint64_t> revision) {
  work.open_classes(clinical);  // what is written anew has to be whole
  kernel::Rows<Appointment> rows(work);
  if (auto appointment = rows.find(id)) {
    work.about(id.uuid);
    work.event().table = kernel::Rows<Appointment>::layout().table().id;
    work.concerns(appointment->patient_id);
    require_revision(appointment->revision, revision);
    return std::move(*appointment);
  }
  const auto unreached = rows.find_unchecked(id, 0);
  if (unreached && reaches(work, *unreached, Permission::appointment_read)) throw Failure(codes::forbidden);
  return rows.get(id);
}

void require_code(std::string_view code) {
  if (!code.empty() && std::find(std::begin(cancel_codes), std::end(cancel_codes), code) == std::end(cancel_codes))
    throw Failure(codes::invalid, "/reason_code", "enum.unknown", "no such reason code");
}

void require_reason(std::string_view reason, std::string_view code) {
  if (code.empty() && text::code_points(reason) < reason_min)
    throw Failure(codes::reason_required, "/reason", "reason.required",
                  "give at least 10 characters, or a reason_code");
}

schedules::RulesInForce rules_of(Work& work, const Appointment& appointment) {
  return rules_for(work, appointment.service_id, appointment.resources);
}

void planned(Work& work, Appointment& appointment, const schedules::RulesInForce& rules) {
  plan_due(work, appointment, rules);
  plan_reminders(work, appointment, rules.reminders_min);
}

void unplanned(Work& work, Appointment& appointment) {
  drop_reminders(work, appointment);
  appointment.due_at.reset();
}

void let_go(Appointment& appointment) {
  appointment.hold_token.reset();
  appointment.hold_by.reset();
  appointment.hold_expires_at.reset();
}

void end_cancelled(Work& work, Appointment& appointment, Party by, std::string_view code) {
  release(work, appointment);
  appointment.status = S::cancelled;
  appointment.cancelled_by = by;
  appointment.cancelled_at = work.now();
  appointment.cancel_code = code;
  let_go(appointment);
  unplanned(work, appointment);
}

void require_staff(const Work& work, const Appointment& appointment) {
  if (only_as_patient(work, appointment, work.permission())) throw Failure(codes::forbidden);
}

Wish wish_for(const Appointment& appointment) {
  return {.patient_id = appointment.patient_id,
          .service_id = appointment.service_id,
          .resources = appointment.resources,
          .start = appointment.start};
}

Plan look_again(Work& work, const Appointment& appointment) {
  Wish wish = wish_for(appointment);
  wish.kept = &appointment;
  wish.overbook = appointment.overbooked && reaches(work, appointment, Permission::appointment_overbook);
  wish.reasoned = false;  // it was given when it was booked
  return plan(work, wish, work.permission(), &appointment.id);
}

void require_movable(Work& work, const Appointment& appointment, std::string_view why) {
  require_step(appointment, {S::booked}, S::booked);
  if (appointment.reschedule_count >= moves_max) throw Failure(moved_too_often);
  if (!require_in_time(work, appointment, rules_of(work, appointment).cancel_cutoff_min)) return;
  if (text::code_points(why) < reason_min)
    throw Failure(codes::reason_required, "/override_reason", "reason.required", "give at least 10 characters");
  work.reason(why);
}

void lift(Work& work, const Appointment& appointment) {
  remove(work, appointment);
  drop_reminders(work, appointment);
}

void place(Work& work, const Plan& plan, const Wish& wish, Appointment& appointment) {
  appointment.moves.push_back(
      {.start = appointment.start, .end = appointment.end, .at = work.now(), .by = work.actor().user});
  ++appointment.reschedule_count;
  appointment.token_no.reset();  // of a check-in that was taken back
  apply(plan, wish, appointment);
  planned(work, appointment, plan.known.rules);
  enter(work, appointment, true, known_of(plan));
}

void cancel(Work& work, Appointment& appointment, std::string_view reason, std::string_view code) {
  require_code(code);
  require_step(appointment, {S::requested, S::held, S::booked, S::arrived}, S::cancelled);
  if (appointment.status == S::held && appointment.hold_by != work.actor().user) require_staff(work, appointment);
  if (appointment.status == S::arrived) {
    require_staff(work, appointment);
    if (code != "left_without_being_seen")
      throw Failure(codes::invalid, "/reason_code", "reason.required", "once there: left_without_being_seen");
  }
  if (appointment.status == S::booked) {
    appointment.cancelled_late = require_in_time(work, appointment, rules_of(work, appointment).cancel_cutoff_min);
    if (appointment.cancelled_late) require_reason(reason, code);
  }
  const bool by_patient = only_as_patient(work, appointment, work.permission());
  if (appointment.status == S::requested) code = code_of_request(code, by_patient);
  end_cancelled(work, appointment, by_patient ? Party::patient : Party::staff, code.empty() ? "unspecified" : code);
  appointment.cancel_text = reason;
}

}  // namespace medflow::inline v1::appointments
