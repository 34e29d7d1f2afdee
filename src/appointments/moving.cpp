#include "appointments/moving.hpp"

#include <algorithm>

#include "appointments/claims.hpp"
#include "appointments/guards.hpp"
#include "appointments/steps.hpp"
#include "jobs/jobs.hpp"
#include "kernel/aside.hpp"
#include "kernel/paging.hpp"
#include "queues/tokens.hpp"
#include "schedules/entities.hpp"

namespace medflow::inline v1::appointments {

using jobs::JobKind;
using jobs::Next;
using jobs::Progress;
using kernel::Rows;
using kernel::Work;
using leaves::Leave;
using messages::MessageKind;
using storage::Cell;

namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t days_ahead = 30;

constexpr Operation move_operation{.name = "leaves.move_visits",
                                   .permission = Permission::job_manage,
                                   .effect = Effect::write,
                                   .summary = "Move the visits that are booked in a leave",
                                   .object = "appointment"};
constexpr OperationRow move_row{.operation = &move_operation};

/// Whether it is one that can be moved at all, and has to be.
bool is_in_the_way(const Work& work, const Leave& leave, const Appointment& visit) {
  return visit.status == AppointmentStatus::booked && work.now() < visit.start && visit.start < leave.to &&
         leave.from < visit.end;
}

/// Visits those that are in the way of a leave, by start and id, behind `last` where there is one.
template <class Visit>
void for_each_in_the_way(Work& work, const Leave& leave, const Appointment* last, Visit&& visit) {
  std::vector<AppointmentId> ids;
  const Cell equal[] = {Cell::bytes(leave.resource_id.view())};
  storage::Scan scan{.table = &claims_table,
                     .equal = equal,
                     .from = Cell::of(leave.from.plus_s(-60 * longest_min).us),
                     .to = Cell::of(leave.to.us)};
  const Cell after[] = {Cell::of(last != nullptr ? last->start.us : 0),
                        Cell::bytes(last != nullptr ? last->id.uuid.view() : std::string_view())};
  if (last != nullptr) scan.after = after;
  work.transaction().scan(scan, [&](storage::RowView row) {
    ids.push_back({kernel::id_in(row[2].data)});
    return true;
  });
  for (const AppointmentId& id : ids) {
    const auto one = Rows<Appointment>(work).find_unchecked(id, 0);
    if (one && is_in_the_way(work, leave, *one) && !visit(*one)) return;
  }
}

/// A plan for the first start behind its own that is free; nothing where there is none, or the rules are against it.
std::optional<Plan> elsewhere(Work& work, const Appointment& visit, Wish& wish) {
  wish = wish_for(visit);
  wish.elsewhere = false;
  const Instant end = visit.start.plus_s(days_ahead * day_s);
  try {
    Calendars known = calendars_of(work, visit.service_id, visit.resources, Wanted::moved);
    Instant from{visit.start.us + 1};
    // Most find something soon.
    for (std::int64_t days = 4; from < end; days *= 2) {
      const Instant to = std::min(from.plus_s(days * day_s), end);
      const Span reach = reach_of_starts({from, to});
      fill(work, known, reach, &visit.id);
      const auto patient = taken_in(work, visit.patient_id.uuid, reach, &visit.id);
      Question question = known.question(work.now(), 0, &patient);
      question.place = &visit.facility_id;
      const auto free = free_starts(question, from, to, 1);
      from = to;
      if (free.empty()) continue;
      wish.start = free.front().start;
      Plan found = plan(work, wish, Permission::appointment_reschedule, &visit.id);
      if (found.bookable()) return found;
      return std::nullopt;
    }
  } catch (const Failure& failure) {
    // Its service or its patient is not there any more.
    if (failure.error.kind() != Errc::invalid) throw;
  }
  return std::nullopt;
}

bool move(Work& work, const Leave& leave, Appointment& visit) {
  if (visit.reschedule_count >= moves_max) return false;
  Wish wish;
  const auto found = elsewhere(work, visit, wish);
  if (!found) return false;
  lift(work, visit);
  place(work, *found, wish, visit);
  visit.moves.back().by = leave.created_by;
  queues::follow(work, visit);
  Rows<Appointment>(work).update(visit, visit.revision);
  return true;
}

Next step(Work& work, Progress& progress) {
  work.open_classes(clinical | secret);  // what is written anew has to be whole
  const auto leave = Rows<Leave>(work).find_unchecked({progress.args[0]}, 0);
  if (!leave) return Next::done();
  // The last one that stayed; where somebody else has moved it away since, those before it are looked at again.
  auto last =
      progress.position.is_nil() ? std::nullopt : Rows<Appointment>(work).find_unchecked({progress.position}, 0);
  if (last && (last->start >= leave->to || last->end <= leave->from)) last.reset();
  std::optional<AppointmentId> next;
  for_each_in_the_way(work, *leave, last ? &*last : nullptr, [&](const Appointment& visit) {
    next = visit.id;
    return false;
  });
  if (!next) return Next::done();

  auto visit = Rows<Appointment>(work).find_unchecked(*next, block_flags);
  work.about(visit->id.uuid);
  work.concerns(visit->patient_id);
  const bool moved = move(work, *leave, *visit);
  if (!moved) progress.position = visit->id.uuid;
  if (progress.done < progress.total.value_or(0)) ++progress.done;
  work.event().table = Rows<Appointment>::layout().table().id;
  work.event().revision = visit->revision;
  tell(work, *visit, moved ? MessageKind::moved : MessageKind::notice, leave->id);
  work.part(moved ? "appointments.reschedule" : "leaves.notify");
  return Next::again();
}

}  // namespace

const JobKind leave_mover{.row = &move_row, .step = step};

JobId start_moving(Work& work, const Leave& leave) {
  std::uint64_t total = 0;
  for_each_in_the_way(work, leave, nullptr, [&](const Appointment&) {
    ++total;
    return true;
  });
  const kernel::Aside aside(work);
  return jobs::start(work, leave_mover, {leave.id.uuid}, total).id;
}

}  // namespace medflow::inline v1::appointments
