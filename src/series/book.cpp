#include "kernel/handler.hpp"
#include "series/visits.hpp"
#include "time/recurrence.hpp"

namespace medflow::inline v1::series {

using appointments::Appointment;
using appointments::AppointmentStatus;
using appointments::Plan;
using appointments::Wish;
using kernel::Rows;
using kernel::Work;

namespace {

// Two visits of one rule lie 23 hours apart or more, and none takes longer than this with its buffers. So none is in another's way, and all can be
// looked at before the first is stored.
static_assert(appointments::longest_min < 23 * 60);

/// A visit of the rule, held against everything that is known.
struct Planned {
  Occurrence occurrence{};
  Plan plan{};
};

Wish wish_of(const Book& request) {
  return {.patient_id = request.patient_id,
          .service_id = request.service_id,
          .resources = request.resources,
          .override = request.override,
          .elsewhere = false,
          .override_reason = request.override_reason};
}

times::Recurrence instances_of(Work& work, const Book& request, Zone& zone) {
  const times::RecurrenceRule rule = times::parse_rule(request.rrule);
  zone = appointments::calendars_of(work, request.service_id, request.resources).zone;
  times::Recurrence found = times::expand(rule, request.wall_start, zone, request.exdates, {.start = "/wall_start"});
  if (found.instances.empty())
    throw Failure(codes::invalid, "/exdates", "series.empty", "all visits of the rule are left out");
  return found;
}

std::vector<Planned> plans_of(Work& work, const Book& request, const times::Recurrence& found) {
  std::vector<Planned> planned;
  planned.reserve(found.instances.size());
  Wish wish = wish_of(request);
  for (const times::Instance& instance : found.instances) {
    wish.start = instance.start;
    const Plan* like = planned.empty() ? nullptr : &planned.front().plan;
    Plan plan = appointments::plan(work, wish, work.permission(), nullptr, like);
    Occurrence occurrence{.index = instance.index + 1,
                          .wall_start = instance.wall,
                          .start = instance.start,
                          .conflicts = kinds_of(plan.findings)};
    planned.push_back({.occurrence = std::move(occurrence), .plan = std::move(plan)});
  }
  return planned;
}

void store(Work& work, const Book& request, const SeriesId& series, Planned& one) {
  Appointment visit{.id = work.make_id<AppointmentId>()};
  appointments::apply(one.plan, wish_of(request), visit);
  visit.status = appointments::first_status(one.plan);
  visit.priority = request.priority;
  visit.channel = request.channel;
  visit.reason = request.reason;
  visit.notes = request.notes;
  visit.series_id = series;
  visit.series_index = one.occurrence.index;
  if (visit.status == AppointmentStatus::booked) visit.confirmed_at = work.now();
  appointments::store_new(work, one.plan, visit, appointments::first_takes_time(one.plan));
  one.occurrence.appointment_id = visit.id;
  one.occurrence.status = visit.status;
}

void require_all(const std::vector<Planned>& planned) {
  Conflicts conflicts("/rrule");
  for (const Planned& one : planned)
    if (!one.plan.bookable()) conflicts.add(one.occurrence.index, one.plan.findings);
  if (conflicts.any()) conflicts.refuse();
}

}  // namespace

SeriesReport handle(Work& work, const Book& request) {
  Series series{.patient_id = request.patient_id,
                .service_id = request.service_id,
                .resources = request.resources,
                .rrule = request.rrule,
                .wall_start = request.wall_start,
                .exdates = request.exdates,
                .policy = request.policy};
  times::Recurrence found = instances_of(work, request, series.zone);
  std::vector<Planned> planned = plans_of(work, request, found);
  SeriesReport report{.skipped = std::move(found.skipped)};
  if (request.policy == SeriesPolicy::all_or_nothing) require_all(planned);
  if (request.policy != SeriesPolicy::report_only)
    for (const Planned& one : planned) series.count += one.plan.bookable() ? 1 : 0;
  if (series.count > 0) {
    series.id = work.make_id<SeriesId>();
    work.about(series.id.uuid);
    if (request.override) work.reason(request.override_reason);
    for (Planned& one : planned)
      if (one.plan.bookable()) store(work, request, series.id, one);
    Rows<Series>(work).insert(series);
    report.series = std::move(series);
  }
  for (Planned& one : planned) report.occurrences.push_back(std::move(one.occurrence));
  return report;
}

SeriesReport handle(Work& work, const Get& request) { return report_of(work, request.id); }

}  // namespace medflow::inline v1::series

MEDFLOW_HANDLE(medflow::series::Book);
MEDFLOW_HANDLE(medflow::series::Get);
