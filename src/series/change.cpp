#include <algorithm>
#include <optional>

#include "appointments/steps.hpp"
#include "kernel/handler.hpp"
#include "series/visits.hpp"

namespace medflow::inline v1::series {

using appointments::Appointment;
using appointments::AppointmentStatus;
using appointments::Plan;
using appointments::Wish;
using kernel::Rows;
using kernel::Work;

namespace {

/// The visits that a change is about, whole. What has begun is never among them. Throws Failure where there are none, and `forbidden` where one of
/// them is not for this caller to change.
template <class Request>
std::vector<Appointment> chosen(Work& work, const Whole& whole, const Request& request,
                                std::initializer_list<AppointmentStatus> states) {
  const bool only_one = request.scope == SeriesScope::only_this;
  if (request.scope != SeriesScope::all_future) {
    if (!request.from_index) throw Failure(codes::invalid, "/from_index", "required", "say which visit");
    if (std::none_of(whole.visits.begin(), whole.visits.end(),
                     [&](const Appointment& visit) { return visit.series_index == *request.from_index; }))
      throw Failure(codes::invalid, "/from_index", "series.no_visit", "the series has no such visit");
  }
  const std::uint32_t from = request.scope == SeriesScope::all_future ? 0 : *request.from_index;
  std::vector<AppointmentId> ids;
  for (const Appointment& visit : whole.visits) {
    if (only_one ? visit.series_index != from : visit.series_index < from) continue;
    if (std::find(states.begin(), states.end(), visit.status) == states.end()) continue;
    if (visit.start <= work.now()) {
      if (only_one) throw Failure(appointments::cancel_too_late);
      continue;
    }
    if (!appointments::reaches(work, visit, work.permission())) throw Failure(codes::forbidden);
    ids.push_back(visit.id);
  }
  if (ids.empty()) throw Failure(codes::illegal_transition);
  work.open_classes(clinical);  // what is written anew has to be whole
  return Rows<Appointment>(work).get_many(ids);
}

/// When a visit would be, by the clock of where it is.
Instant moved_start(const Appointment& visit, const Reschedule& request) {
  LocalDateTime wall = visit.wall_start;
  wall.date = Date::from_days(wall.date.days() + request.shift_days);
  if (request.time) wall.time = *request.time;
  if (wall == visit.wall_start) return visit.start;  // of a time that comes twice it may be the second
  const WallMeaning meaning = meaning_of(visit.zone, wall);
  if (meaning.times == WallTimes::never)
    throw Failure(appointments::time_nonexistent, request.time ? "/time" : "/shift_days", "time.nonexistent",
                  "for visit " + std::to_string(visit.series_index) + " clocks are put forward over this time");
  return meaning.first;
}

Wish wish_for(const Appointment& visit, const Reschedule& request) {
  Wish wish = appointments::wish_for(visit);
  wish.start = moved_start(visit, request);
  if (!request.resources.empty()) wish.resources = request.resources;
  wish.override = request.override;
  wish.override_reason = request.override_reason;
  wish.elsewhere = false;
  return wish;
}

void update(Work& work, Appointment& visit) { Rows<Appointment>(work).update(visit, visit.revision); }

/// First all of them are taken out of their calendars, so that none stands in another's way; then each is placed, and seen by the next.
void move(Work& work, std::vector<Appointment> visits, const Reschedule& request) {
  std::vector<Wish> wishes;
  std::erase_if(visits, [&](const Appointment& visit) {
    Wish wish = wish_for(visit, request);
    const bool stays = wish.start == visit.start && wish.resources == visit.resources;
    if (!stays) wishes.push_back(std::move(wish));
    return stays;
  });
  for (const Appointment& visit : visits) appointments::require_movable(work, visit, request.override_reason);
  for (const Appointment& visit : visits) appointments::lift(work, visit);
  Conflicts conflicts(request.time ? "/time" : "/shift_days");
  std::optional<Plan> like;
  for (std::size_t i = 0; i < visits.size(); ++i) {
    const bool alike = like && wishes[i].resources == wishes[i - 1].resources;
    Plan plan = appointments::plan(work, wishes[i], work.permission(), &visits[i].id, alike ? &*like : nullptr);
    if (plan.bookable()) {
      appointments::place(work, plan, wishes[i], visits[i]);
      update(work, visits[i]);
    } else {
      conflicts.add(visits[i].series_index, plan.findings);
    }
    like = std::move(plan);
  }
  if (conflicts.any()) conflicts.refuse();
}

}  // namespace

SeriesReport handle(Work& work, const Reschedule& request) {
  Whole whole = reachable(work, request.id);
  appointments::require_named(request.revision);
  appointments::require_revision(whole.series.revision, request.revision);
  auto visits = chosen(work, whole, request, {AppointmentStatus::booked});
  if (request.override) work.reason(request.override_reason);
  move(work, std::move(visits), request);
  Rows<Series>(work).update(whole.series, request.revision);
  return report_of(work, request.id);
}

SeriesReport handle(Work& work, const Cancel& request) {
  Whole whole = reachable(work, request.id);
  for (Appointment& visit : chosen(work, whole, request, {AppointmentStatus::requested, AppointmentStatus::booked})) {
    // What is said of the visits is not said of a request among them: that is declined or withdrawn.
    const bool is_request = visit.status == AppointmentStatus::requested;
    const bool of_request = request.reason_code == "declined" || request.reason_code == "withdrawn";
    appointments::require_code(request.reason_code);
    appointments::cancel(work, visit, request.reason, is_request && !of_request ? "" : request.reason_code);
    update(work, visit);
  }
  Rows<Series>(work).update(whole.series, whole.series.revision);
  return report_of(work, request.id);
}

}  // namespace medflow::inline v1::series

MEDFLOW_HANDLE(medflow::series::Reschedule);
MEDFLOW_HANDLE(medflow::series::Cancel);
