#include "appointments/due.hpp"

#include <vector>

#include "appointments/claims.hpp"
#include "appointments/reminders.hpp"
#include "appointments/steps.hpp"
#include "jobs/jobs.hpp"
#include "kernel/index_places.hpp"

namespace medflow::inline v1::appointments {

using jobs::JobKind;
using jobs::Next;
using jobs::Progress;
using kernel::IndexPlace;
using kernel::Rows;
using kernel::Work;
using storage::Cell;
using S = AppointmentStatus;

namespace {

constexpr std::size_t at_once_max = 25;     ///< in one step
constexpr std::size_t looked_at_max = 250;  ///< in one step, for those that open

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

constexpr std::string_view due_index = "appointments_due";

/// Those that are due from `from` to before `to`, by when.
std::vector<IndexPlace> due_between(Work& work, Instant from, Instant to, std::size_t max) {
  return kernel::places_in(work, Rows<Appointment>::layout(),
                           {.index = due_index, .from = Cell::of(from.us), .to = Cell::of(to.us), .limit = max});
}

/// Those that are due beyond that one.
std::vector<IndexPlace> due_beyond(Work& work, const IndexPlace& last, std::size_t max) {
  const Cell beyond[] = {Cell::of(last.value), Cell::bytes(last.id.view())};
  return kernel::places_in(work, Rows<Appointment>::layout(), {.index = due_index, .after = beyond, .limit = max});
}

/// The last one that the step before looked at: what has become of that since, and when it is due now, does not matter.
std::optional<IndexPlace> last_of(const Progress& progress) {
  if (progress.position.is_nil() || !progress.total) return std::nullopt;
  return IndexPlace{.value = static_cast<std::int64_t>(*progress.total), .id = progress.position};
}

void keep_last(Progress& progress, const IndexPlace& last) {
  progress.position = last.id;
  progress.total = static_cast<std::uint64_t>(last.value);
}

/// Does `body` with each of them, `max` at most. One that does not open is named by the step's event, which answers with that, and keeps no other
/// from its turn. Answers with how many it was done.
template <class Body>
std::size_t each_of(Work& work, const std::vector<IndexPlace>& places, std::size_t max, Body&& body) {
  std::optional<Uuid> damaged;
  std::size_t count = 0;
  for (const IndexPlace& place : places) {
    if (count == max) break;
    std::optional<Appointment> appointment;
    if (!kernel::opens(work, [&] { appointment = Rows<Appointment>(work).find(AppointmentId{place.id}); }))
      damaged = place.id;
    if (!appointment) continue;
    body(std::move(*appointment));
    ++count;
  }
  if (damaged) {
    work.about(*damaged);
    work.fail_after_commit(Failure(codes::integrity));
  }
  return count;
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
  // Always from the first: whoever is done with is due no more, and what others write meanwhile may be due before that.
  const auto due = due_between(work, {}, {work.now().us + 1}, looked_at_max);
  const auto settle_one = [&](Appointment appointment) { settle(work, std::move(appointment)); };
  const std::size_t settled = each_of(work, due, at_once_max, settle_one);
  progress.done += settled;
  if (settled == at_once_max) return Next::again();
  const auto next = due_between(work, {work.now().us + 1}, {INT64_MAX}, 1);
  return Next::at(next.empty() ? std::nullopt : std::optional(Instant{next.front().value}));
}

/// Those of its new start.
void plan_reminders_anew(Work& work, const Appointment& appointment) {
  if (appointment.status == S::booked) plan_reminders(work, appointment, rules_of(work, appointment).reminders_min);
}

/// The wall time that was agreed on is what counts: its instant follows the rules of the zone. One that no clock shows any more is where clocks
/// are put forward over it.
bool realign(Work& work, Appointment appointment) {
  if (local_in(appointment.zone, appointment.start) == appointment.wall_start) return false;
  const Instant start = meaning_of(appointment.zone, appointment.wall_start).first;
  if (start == appointment.start) return false;
  const bool takes = takes_time(work, appointment);
  const Instant before = appointment.start;
  const auto shift = [&](Instant at) { return Instant{at.us + appointment.start.us - before.us}; };
  remove(work, appointment);
  drop_reminders(work, appointment);
  appointment.start = start;
  appointment.moves.push_back({.start = before, .end = appointment.end, .at = work.now()});
  appointment.end = shift(appointment.end);
  // A hold ends when it was said to.
  if (appointment.due_at && appointment.status != S::held) appointment.due_at = shift(*appointment.due_at);
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
  const auto last = last_of(progress);
  const auto due =
      last ? due_beyond(work, *last, at_once_max) : due_between(work, work.now(), {INT64_MAX}, at_once_max);
  each_of(work, due, at_once_max,
          [&](Appointment appointment) { progress.done += realign(work, std::move(appointment)) ? 1 : 0; });
  if (due.size() < at_once_max) return Next::done();
  // Those that were moved to later on are looked at twice, which does no harm.
  keep_last(progress, due.back());
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
