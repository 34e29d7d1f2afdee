#include "appointments/holds.hpp"

#include "appointments/claims.hpp"
#include "appointments/due.hpp"
#include "appointments/reminders.hpp"
#include "appointments/steps.hpp"

namespace medflow::inline v1::appointments {

using kernel::Rows;
using kernel::Work;
using S = AppointmentStatus;

namespace {

/// What may have come up since it was held. Who holds a time was let in, whoever else is there, and however soon it begins.
bool is_new(const Finding& finding) {
  using K = ConflictKind;
  const K kind = finding.conflict.kind;
  if (finding.policy) return false;
  return kind == K::closed || kind == K::leave || kind == K::licence ||
         (kind == K::buffer && !finding.conflict.object_id);
}

}  // namespace

std::optional<Appointment> hold_for(Work& work, const Wish& wish, const Uuid& holder, std::int64_t seconds,
                                    Priority priority) {
  const Plan found = plan(work, wish, work.permission());
  if (!found.bookable()) return std::nullopt;
  Appointment appointment{.id = work.make_id<AppointmentId>(), .status = S::held, .priority = priority};
  apply(found, wish, appointment);
  appointment.hold_by = UserId{holder};
  appointment.hold_expires_at = work.now().plus_s(seconds);
  store_new(work, found, appointment, true);
  return appointment;
}

std::optional<Appointment> held_appointment(Work& work, const AppointmentId& id) {
  auto appointment = Rows<Appointment>(work).find_unchecked(id, block_flags);
  if (!appointment || appointment->status != S::held) return std::nullopt;
  return appointment;
}

void confirm_hold(Work& work, Appointment& appointment) {
  // By a clock that is ahead it was over already, and its time may be another's.
  if (!takes_time(work, appointment)) throw Failure(hold_expired);
  Plan found = look_again(work, appointment);
  std::erase_if(found.findings, [](const Finding& finding) { return !is_new(finding); });
  require_bookable(found);
  const schedules::RulesInForce& rules = found.known.rules;
  remove(work, appointment);
  appointment.status = rules.approval ? S::requested : S::booked;
  let_go(appointment);
  if (appointment.status == S::booked) appointment.confirmed_at = work.now();
  plan_due(work, appointment, rules);
  Rows<Appointment>(work).update(appointment, appointment.revision);
  if (appointment.status == S::booked) plan_reminders(work, appointment, rules.reminders_min);
  enter(work, appointment, !rules.approval || rules.requested_blocks, known_of(found));
}

void cancel_hold(Work& work, Appointment& appointment, Party by, std::string_view code) {
  end_cancelled(work, appointment, by, code);
  Rows<Appointment>(work).update(appointment, appointment.revision);
}

}  // namespace medflow::inline v1::appointments
