#include "appointments/steps.hpp"

#include <algorithm>

#include "appointments/claims.hpp"
#include "appointments/due.hpp"
#include "appointments/reminders.hpp"
#include "appointments/states.hpp"

namespace medflow::inline v1::appointments {

using kernel::Work;
using S = AppointmentStatus;

namespace {

constexpr std::string_view cancel_codes[] = {"unspecified", "patient_request",         "staff_request", "declined",
                                             "withdrawn",   "left_without_being_seen", "expired",       "deceased"};

/// Patients only before the cutoff; after it, it takes leave to override policy. Answers whether it is late.
bool require_in_time(Work& work, const Appointment& appointment, std::uint32_t cutoff_min) {
  const bool late = work.now() >= appointment.start.plus_s(-60LL * cutoff_min);
  if (late && !reaches(work, appointment, Permission::appointment_override_policy)) throw Failure(cancel_too_late);
  return late;
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

void require_movable(Work& work, const Appointment& appointment) {
  require_step(appointment, {S::booked}, S::booked);
  if (appointment.reschedule_count >= moves_max) throw Failure(moved_too_often);
  require_in_time(work, appointment, rules_of(work, appointment).cancel_cutoff_min);
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
  if (appointment.status == S::booked)
    appointment.cancelled_late = require_in_time(work, appointment, rules_of(work, appointment).cancel_cutoff_min);
  const bool by_patient = only_as_patient(work, appointment, work.permission());
  end_cancelled(work, appointment, by_patient ? Party::patient : Party::staff, code.empty() ? "unspecified" : code);
  appointment.cancel_text = reason;
}

}  // namespace medflow::inline v1::appointments
