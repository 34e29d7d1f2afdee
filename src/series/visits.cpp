#include "series/visits.hpp"

#include <algorithm>

#include "kernel/paging.hpp"

namespace medflow::inline v1::series {

using appointments::Appointment;
using appointments::ConflictKind;
using appointments::Finding;
using kernel::Rows;
using kernel::Work;
using storage::Cell;

namespace {

std::vector<Appointment> visits_of(Work& work, const SeriesId& id) {
  std::vector<AppointmentId> ids;
  const Cell equal[] = {Cell::bytes(id.uuid.view())};
  const storage::Scan by_index{
      .table = &Rows<Appointment>::layout().table(), .index = "appointments_series", .equal = equal};
  work.transaction().scan(by_index, [&](storage::RowView row) {
    ids.push_back(AppointmentId{kernel::id_in(row[0].data)});
    return true;
  });
  return Rows<Appointment>(work).get_many_unchecked(ids, 0);
}

bool sees(const Work& work, const Appointment& visit) {
  return appointments::reaches(work, visit, work.permission()) ||
         appointments::reaches(work, visit, Permission::appointment_read);
}

}  // namespace

Whole reachable(Work& work, const SeriesId& id) {
  Whole whole{.series = Rows<Series>(work).get(id), .visits = visits_of(work, id)};
  const auto any = [&](auto reached) { return std::any_of(whole.visits.begin(), whole.visits.end(), reached); };
  if (!any([&](const Appointment& visit) { return sees(work, visit); })) throw Failure(codes::not_found);
  work.concerns(whole.series.patient_id);
  if (!any([&](const Appointment& visit) { return appointments::reaches(work, visit, work.permission()); }))
    throw Failure(codes::forbidden);
  return whole;
}

SeriesReport report_of(Work& work, const SeriesId& id) {
  Whole whole = reachable(work, id);
  SeriesReport report{.series = std::move(whole.series)};
  for (const Appointment& visit : whole.visits)
    if (sees(work, visit))
      report.occurrences.push_back({.index = visit.series_index,
                                    .wall_start = visit.wall_start,
                                    .start = visit.start,
                                    .appointment_id = visit.id,
                                    .status = visit.status});
  return report;
}

std::vector<ConflictKind> kinds_of(const std::vector<Finding>& findings) {
  std::vector<ConflictKind> kinds;
  for (const Finding& finding : findings)
    if (std::find(kinds.begin(), kinds.end(), finding.conflict.kind) == kinds.end())
      kinds.push_back(finding.conflict.kind);
  return kinds;
}

void Conflicts::add(std::uint32_t index, const std::vector<Finding>& findings) {
  any_ = true;
  for (const ConflictKind kind : kinds_of(findings)) {
    if (fields_.size() == field_errors_max) return;
    const std::string word(Words<ConflictKind>::words[static_cast<std::size_t>(kind)]);
    fields_.push_back({.pointer = pointer_,
                       .code = "conflict." + word,
                       .message = "Visit " + std::to_string(index) + " of the series cannot be booked."});
  }
}

void Conflicts::refuse() {
  Error error{.code = series_conflicts};
  error.fields = std::move(fields_);
  throw Failure(std::move(error));
}

}  // namespace medflow::inline v1::series
