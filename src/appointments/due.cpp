#include "appointments/due.hpp"

#include <cstring>
#include <vector>

#include "appointments/claims.hpp"
#include "appointments/reminders.hpp"
#include "appointments/steps.hpp"
#include "jobs/jobs.hpp"

namespace medflow::inline v1::appointments {

using jobs::JobKind;
using jobs::Next;
using jobs::Progress;
using kernel::Rows;
using kernel::Work;
using storage::Cell;
using S = AppointmentStatus;

namespace {

constexpr std::size_t at_once_max = 25;  ///< in one step

constexpr Operation sweep_operation{.name = "appointments.sweep",
                                    .permission = Permission::job_manage,
                                    .effect = Effect::write,
                                    .summary = "Let holds and requests expire, and mark who did not come",
                                    .object = "appointment"};
constexpr OperationRow sweep_row{.operation = &sweep_operation};
constexpr Operation realign_operation{.name = "appointments.realign",
                                      .permission = Permission::job_manage,
                                      .effect = Effect::write,
                                      .summary = "Keep wall times where the rules of a zone have changed",
                                      .object = "appointment"};
constexpr OperationRow realign_row{.operation = &realign_operation};

/// Those that are due from `from` to before `to`, by when.
std::vector<Appointment> due_between(Work& work, Instant from, Instant to, std::size_t max) {
  std::vector<Appointment> found;
  Rows<Appointment>(work).scan(
      {.index = "appointments_due", .from = Cell::of(from.us), .to = Cell::of(to.us), .limit = max},
      [&](Appointment appointment) {
        found.push_back(std::move(appointment));
        return true;
      });
  return found;
}

/// Each leaves an event of its own, which names its patient.
void settle(Work& work, Appointment appointment) {
  std::string_view action = "appointments.expire";
  if (appointment.status == S::booked) {
    release(work, appointment);
    appointment.status = S::no_show;
    action = "appointments.mark_no_show";
  } else if (appointment.status == S::held || appointment.status == S::requested) {
    end_cancelled(work, appointment, Party::system, "expired");
  }
  appointment.due_at.reset();
  work.about(appointment.id.uuid);
  work.concerns(appointment.patient_id);
  Rows<Appointment>(work).update(appointment, appointment.revision);
  work.part(action);
}

Next sweep(Work& work, Progress& progress) {
  work.open_classes(clinical | secret);  // what is written anew has to be whole
  const auto due = due_between(work, {}, {work.now().us + 1}, at_once_max);
  for (const Appointment& appointment : due) settle(work, appointment);
  progress.done += due.size();
  if (due.size() == at_once_max) return Next::again();
  const auto next = due_between(work, {work.now().us + 1}, {INT64_MAX}, 1);
  return Next::at(next.empty() ? std::nullopt : next.front().due_at);
}

/// Those of its new start.
void plan_reminders_anew(Work& work, const Appointment& appointment) {
  if (appointment.status == S::booked) plan_reminders(work, appointment, rules_of(work, appointment).reminders_min);
}

/// The wall time that was agreed on is what counts: its instant follows the rules of the zone.
bool realign(Work& work, Appointment appointment) {
  if (local_in(appointment.zone, appointment.start) == appointment.wall_start) return false;
  const bool takes = takes_time(work, appointment);
  const Instant before = appointment.start;
  const auto shift = [&](Instant at) { return Instant{at.us + appointment.start.us - before.us}; };
  remove(work, appointment);
  drop_reminders(work, appointment);
  appointment.start = meaning_of(appointment.zone, appointment.wall_start).first;
  appointment.moves.push_back({.start = before, .end = appointment.end, .at = work.now()});
  appointment.end = shift(appointment.end);
  if (appointment.due_at) appointment.due_at = shift(*appointment.due_at);
  enter(work, appointment, takes);
  plan_reminders_anew(work, appointment);
  work.about(appointment.id.uuid);
  work.concerns(appointment.patient_id);
  Rows<Appointment>(work).update(appointment, appointment.revision);
  if (appointment.due_at) jobs::wake(work, due_sweep, *appointment.due_at);
  work.part("appointments.realign");
  return true;
}

Next realign_all(Work& work, Progress& progress) {
  work.open_classes(clinical | secret);
  std::int64_t from = 0;
  std::memcpy(&from, progress.position.bytes.data(), sizeof from);
  const auto due = due_between(work, {std::max(from, work.now().us)}, {INT64_MAX}, at_once_max);
  for (const Appointment& appointment : due) progress.done += realign(work, appointment) ? 1 : 0;
  if (due.size() < at_once_max) return Next::done();
  // Those that are due at the same instant as the last are looked at twice, which does no harm; more than a step of them are left.
  std::int64_t next = due.back().due_at->us;
  if (due.front().due_at == due.back().due_at) ++next;
  std::memcpy(progress.position.bytes.data(), &next, sizeof next);
  return Next::again();
}

}  // namespace

const JobKind due_sweep{.row = &sweep_row, .step = sweep, .recurs = jobs::Recurs::sweep};
const JobKind zone_sweep{
    .row = &realign_row, .step = realign_all, .recurs = jobs::Recurs::by_cron, .cron = "0 3 * * 0"};

void plan_due(Work& work, Appointment& appointment, const schedules::RulesInForce& rules) {
  appointment.due_at.reset();
  if (appointment.status == S::held) appointment.due_at = appointment.hold_expires_at;
  if (appointment.status == S::requested) appointment.due_at = appointment.start;
  if (appointment.status == S::booked) appointment.due_at = appointment.start.plus_s(60LL * rules.no_show_grace_min);
  if (appointment.due_at) jobs::wake(work, due_sweep, *appointment.due_at);
}

}  // namespace medflow::inline v1::appointments
