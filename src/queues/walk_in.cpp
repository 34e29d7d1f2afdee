#include <algorithm>

#include "appointments/booking.hpp"
#include "appointments/views.hpp"
#include "kernel/handler.hpp"
#include "medflow/queues.hpp"
#include "queues/tokens.hpp"

namespace medflow::inline v1::queues {

using appointments::Appointment;
using appointments::AppointmentStatus;
using appointments::Opening;
using appointments::Plan;
using kernel::Work;

namespace {

/// Where it is: where the hours are that it falls into, if there are any.
void settle_place(Work& work, Plan& plan) {
  plan.facility = plan.known.home;
  plan.zone = plan.known.zone;
  appointments::fill(work, plan.known, plan.visit);
  for (const Opening& opening : plan.known.calendars.front().openings) {
    if (plan.visit.from < opening.time.from || opening.time.to <= plan.visit.from) continue;
    plan.facility = opening.facility;
    plan.zone = opening.zone;
    return;
  }
}

void require_licences(const Plan& plan) {
  const Date day = date_in(plan.zone, plan.visit.from);
  for (const auto& calendar : plan.known.calendars)
    if (calendar.licensed_until && *calendar.licensed_until < day) throw Failure(appointments::licence_expired);
}

}  // namespace

// Nothing is claimed: it is in the calendars, and in nobody's way.
Appointment handle(Work& work, const WalkIn& request) {
  Appointment appointment{.id = work.make_id<AppointmentId>(), .status = AppointmentStatus::arrived};
  work.about(appointment.id.uuid);
  const appointments::Wish wish{
      .patient_id = request.patient_id, .service_id = request.service_id, .resources = request.resources};
  Plan plan{.known = appointments::calendars_of(work, request.service_id, request.resources)};
  auto person = appointments::person_of(work, request.patient_id);
  if (!person) throw Failure(codes::invalid, "/patient_id", "patient.unknown", "there is no such patient");
  plan.person = std::move(*person);
  plan.visit = {work.now(), work.now().plus_s(60LL * plan.known.terms.duration_min)};
  settle_place(work, plan);
  appointments::apply(plan, wish, appointment);
  if (!appointments::reaches(work, appointment, work.permission()) ||
      appointments::only_as_patient(work, appointment, work.permission()))
    throw Failure(codes::forbidden);
  if (plan.person.deceased || !plan.person.active) throw Failure(appointments::slot_policy);
  require_licences(plan);
  appointment.kind = appointments::VisitKind::walk_in;
  appointment.priority = request.priority;
  appointment.reason = request.reason;
  appointment.arrived_at = work.now();
  follow(work, appointment);
  appointments::store_new(work, plan, appointment, false);
  appointment.patient = plan.person.label;
  return appointments::only_open(work, std::move(appointment));
}

}  // namespace medflow::inline v1::queues

MEDFLOW_HANDLE(medflow::queues::WalkIn);
