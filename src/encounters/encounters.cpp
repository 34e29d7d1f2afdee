// Encounters: opening, ending and signing them.
#include <algorithm>

#include "appointments/entities.hpp"
#include "appointments/views.hpp"
#include "doctors/doctors.hpp"
#include "encounters/guards.hpp"
#include "encounters/views.hpp"
#include "kernel/expected.hpp"
#include "kernel/field_errors.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "kernel/position.hpp"
#include "kernel/steps.hpp"
#include "storage/block_codec.hpp"
#include "tenants/facts.hpp"

namespace medflow::inline v1::encounters {

using kernel::FieldErrors;
using kernel::Place;
using kernel::Rows;
using kernel::Work;
using records::Chart;
using storage::Cell;
using S = EncounterStatus;

namespace {

std::string_view word(S status) { return type_of<S>.words[static_cast<std::size_t>(status)]; }

/// What a state may become, beside an error.
std::span<const S> followers(S status) {
  static constexpr S of_planned[] = {S::in_progress, S::cancelled};
  static constexpr S of_in_progress[] = {S::finished};
  if (status == S::planned) return of_planned;
  if (status == S::in_progress) return of_in_progress;
  return {};
}

void require_step(const Encounter& encounter, S to) {
  const auto legal = followers(encounter.status);
  const bool errs = to == S::entered_in_error && encounter.status != S::entered_in_error;
  if (errs || std::find(legal.begin(), legal.end(), to) != legal.end()) return;
  std::vector<S> all(legal.begin(), legal.end());
  if (encounter.status != S::entered_in_error) all.push_back(S::entered_in_error);
  kernel::refuse_step(encounter.status, word(to), all);
}

struct Seen {
  Chart chart;
  Encounter encounter{};
};

/// The encounter, whole, if the caller may do this to it.
Seen to_change(Work& work, const EncounterId& id) {
  work.open_classes(clinical);  // what is written anew has to be whole
  Encounter encounter = Rows<Encounter>(work).get(id);
  Chart chart(work, encounter.patient_id);
  return {.chart = chart, .encounter = std::move(encounter)};
}

void require_unsigned(const Encounter& encounter) {
  if (encounter.signed_at) throw Failure(signed_already);
}

void require_current(const Encounter& encounter, std::optional<std::uint64_t> revision) {
  kernel::require_named(revision);
  kernel::require_revision(encounter.revision, revision);
}

Encounter step(Work& work, Seen seen, std::optional<std::uint64_t> revision, S to) {
  require_current(seen.encounter, revision);
  require_unsigned(seen.encounter);
  require_step(seen.encounter, to);
  seen.encounter.status = to;
  if (to == S::in_progress) seen.encounter.start = work.now();
  if (to == S::finished) seen.encounter.end = std::max(work.now(), seen.encounter.start);
  Rows<Encounter>(work).update(seen.encounter, revision);
  return shown(work, seen.chart, std::move(seen.encounter));
}

/// Takes over what its visit says and is not said here.
void take_over(Work& work, Encounter& encounter, FieldErrors& errors) {
  const auto visit = Rows<appointments::Appointment>(work).find_unchecked(*encounter.appointment_id, 0);
  if (!visit || visit->patient_id != encounter.patient_id)
    return errors.add("/appointment_id", "appointment.unknown", "no such visit of the patient");
  if (encounter.facility_id.uuid.is_nil()) encounter.facility_id = visit->facility_id;
  if (encounter.practitioner_id) return;
  for (const appointments::Participant& each : visit->resources)
    if (each.kind == ResourceKind::practitioner && !encounter.practitioner_id)
      encounter.practitioner_id = PractitionerId{each.id};
}

void check(Work& work, const Encounter& encounter, FieldErrors& errors) {
  if (tenants::facility_of(work, encounter.facility_id) == nullptr)
    errors.add("/facility_id", "facility.unknown", "there is no such facility");
  if (encounter.practitioner_id && doctors::doctor_of(work, *encounter.practitioner_id) == nullptr)
    errors.add("/practitioner_id", "resource.unknown", "there is no such doctor");
  if (encounter.status != S::planned && work.now() < encounter.start)
    errors.add("/start", "date.future", "it has not begun; say that it is planned");
}

/// What the caller said of it, to compare.
std::string said(const Encounter& encounter) {
  Encounter plain{.id = encounter.id,
                  .patient_id = encounter.patient_id,
                  .appointment_id = encounter.appointment_id,
                  .encounter_class = encounter.encounter_class,
                  .reason = encounter.reason,
                  .extensions = encounter.extensions};
  std::string bytes;
  storage::encode_fields(type_of<Encounter>, &plain, 0, bytes);
  return bytes;
}

/// Whether it is the caller's own: its doctor's, or of whoever opened it where it has none.
bool is_own(const Work& work, const Encounter& encounter) {
  if (encounter.practitioner_id) return work.actor().practitioner_id == encounter.practitioner_id;
  return encounter.created_by == work.actor().user;
}

/// Signing and striking are given for what is one's own; who is given it for notes, results or dispenses alone has it for no encounter.
void require_own(const Work& work, const Seen& seen) {
  if (seen.chart.allows_whole(work.permission()) && is_own(work, seen.encounter)) return;
  throw Failure(seen.chart.reads() ? codes::forbidden : codes::not_found);
}

/// Whether a record of the encounter is in a state for which `holds` holds.
template <class Holds>
bool any_record(Work& work, const EncounterId& id, Holds&& holds) {
  const Cell equal[] = {Cell::bytes(id.uuid.view())};
  bool found = false;
  Rows<records::StoredRecord>(work).scan({.index = "records_encounter", .equal = equal},
                                         [&](const records::StoredRecord& record) {
                                           found = holds(record.status);
                                           return !found;
                                         });
  return found;
}

}  // namespace

Encounter shown(Work& work, const Chart& chart, Encounter encounter) {
  if (!chart.reads_whole()) {
    encounter.reason.clear();
    encounter.end_reason.clear();
    encounter.extensions.clear();
  }
  encounter.patient = appointments::label_of(work, chart.patient());
  return encounter;
}

void require_nothing_signed(Work& work, const AppointmentId& visit) {
  const Cell equal[] = {Cell::bytes(visit.uuid.view())};
  std::vector<EncounterId> of_visit;
  Rows<Encounter>(work).scan({.index = "encounters_appointment", .equal = equal}, [&](const Encounter& encounter) {
    if (encounter.signed_at) throw Failure(has_records);
    of_visit.push_back(encounter.id);
    return true;
  });
  const auto is_signed = [](records::RecordStatus status) {
    return status == records::RecordStatus::final || status == records::RecordStatus::amended;
  };
  for (const EncounterId& id : of_visit)
    if (any_record(work, id, is_signed)) throw Failure(has_records);
}

Encounter handle(Work& work, const Open& request) {
  const Chart chart = Chart::to_add_to(work, request.patient_id);
  Encounter encounter{.id = request.id ? *request.id : work.make_id<EncounterId>(),
                      .patient_id = request.patient_id,
                      .appointment_id = request.appointment_id,
                      .practitioner_id = request.practitioner_id,
                      .facility_id = request.facility_id.value_or(FacilityId{}),
                      .encounter_class = request.encounter_class,
                      .status = request.planned ? S::planned : S::in_progress,
                      .start = request.start.value_or(work.now()),
                      .reason = request.reason,
                      .extensions = request.extensions};
  work.about(encounter.id.uuid);
  Rows<Encounter> rows(work);
  if (request.id) {
    if (const auto there = rows.find_unchecked(*request.id, clinical)) {
      if (said(*there) == said(encounter)) return shown(work, chart, *there);
      throw Failure(codes::id_reused);
    }
  }
  FieldErrors errors;
  if (encounter.appointment_id) take_over(work, encounter, errors);
  if (encounter.facility_id.uuid.is_nil() && !work.actor().facilities.empty())
    encounter.facility_id = work.actor().facilities.front();
  check(work, encounter, errors);
  errors.refuse();
  rows.insert_for(chart.subject(), encounter);
  return shown(work, chart, std::move(encounter));
}

Page<Encounter> handle(Work& work, const List& request) {
  const Chart chart(work, request.patient_id);
  std::string query(request.patient_id.uuid.view());
  query.append(request.status ? std::string(word(*request.status)) : "-").append(request.include_retracted ? "+" : "-");
  const Place place(work, std::move(query), request.cursor);
  const bool wants_struck = request.include_retracted || request.status == S::entered_in_error;
  const Cell equal[] = {Cell::bytes(request.patient_id.uuid.view())};
  const kernel::TimePosition at =
      place.is_first() ? kernel::TimePosition{} : kernel::TimePosition::parse(place.position());
  const Cell after[] = {Cell::of(at.us), Cell::bytes(at.id.view())};
  storage::Scan scan{.index = "encounters_patient", .equal = equal, .backwards = !place.to_front()};
  if (!place.is_first()) scan.after = after;
  Page<Encounter> page{.page = {.limit = request.limit}};
  std::optional<std::string> onwards;
  const auto position = [](const Encounter& encounter) {
    return kernel::TimePosition{.us = encounter.start.us, .id = encounter.id.uuid}.text();
  };
  Rows<Encounter> rows(work);
  rows.scan(scan, [&](Encounter encounter) {
    if (request.status && encounter.status != *request.status) return true;
    if (!wants_struck && encounter.status == S::entered_in_error) return true;
    if (page.data.size() == request.limit) {
      onwards = position(page.data.back());
      return false;
    }
    page.data.push_back(std::move(encounter));
    return true;
  });
  const std::string back = page.data.empty() ? place.position() : position(page.data.front());
  for (Encounter& each : page.data) each = shown(work, chart, std::move(each));
  place.finish(page, onwards, back);
  if (!wants_struck) {
    std::uint64_t left_out = 0;
    rows.scan({.index = "encounters_patient", .equal = equal}, [&](const Encounter& encounter) {
      left_out += encounter.status == S::entered_in_error && !request.status ? 1 : 0;
      return true;
    });
    page.page.left_out = left_out;
  }
  return page;
}

Encounter handle(Work& work, const Get& request) {
  Encounter encounter = Rows<Encounter>(work).get(request.id);
  const Chart chart(work, encounter.patient_id);
  return shown(work, chart, std::move(encounter));
}

Encounter handle(Work& work, const Update& request) {
  auto [chart, encounter] = to_change(work, request.id);
  require_unsigned(encounter);
  require_current(encounter, request.revision);
  if (followers(encounter.status).empty()) require_step(encounter, encounter.status);
  encounter.practitioner_id = request.practitioner_id;
  encounter.encounter_class = request.encounter_class;
  if (request.start) encounter.start = *request.start;
  // Who does not see what there is does not empty it by leaving it out.
  const bool sees = chart.reads_whole();
  if (sees || !request.reason.empty()) encounter.reason = request.reason;
  if (sees || !request.extensions.empty()) encounter.extensions = request.extensions;
  FieldErrors errors;
  check(work, encounter, errors);
  errors.refuse();
  Rows<Encounter>(work).update(encounter, request.revision);
  return shown(work, chart, std::move(encounter));
}

Encounter handle(Work& work, const Start& request) {
  return step(work, to_change(work, request.id), request.revision, S::in_progress);
}

Encounter handle(Work& work, const Finish& request) {
  return step(work, to_change(work, request.id), request.revision, S::finished);
}

Encounter handle(Work& work, const Cancel& request) {
  Seen seen = to_change(work, request.id);
  seen.encounter.end_reason = request.reason;
  return step(work, std::move(seen), request.revision, S::cancelled);
}

Encounter handle(Work& work, const Sign& request) {
  Seen seen = to_change(work, request.id);
  require_own(work, seen);
  auto& [chart, encounter] = seen;
  require_unsigned(encounter);
  require_current(encounter, request.revision);
  if (encounter.status != S::finished)
    throw Failure(codes::illegal_transition,
                  std::string("only a finished encounter is signed; this one is ").append(word(encounter.status)));
  if (any_record(work, encounter.id,
                 [](records::RecordStatus status) { return status == records::RecordStatus::draft; }))
    throw Failure(has_drafts);
  encounter.signed_at = work.now();
  encounter.signed_by = work.actor().user;
  Rows<Encounter>(work).update(encounter, request.revision);
  return shown(work, chart, std::move(encounter));
}

Encounter handle(Work& work, const MarkError& request) {
  Seen seen = to_change(work, request.id);
  require_own(work, seen);
  auto& [chart, encounter] = seen;
  require_current(encounter, request.revision);
  require_step(encounter, S::entered_in_error);
  const auto stands = [](records::RecordStatus status) {
    return status != records::RecordStatus::entered_in_error && status != records::RecordStatus::discarded;
  };
  if (any_record(work, encounter.id, stands)) throw Failure(has_records);
  encounter.status = S::entered_in_error;
  encounter.end_reason = request.reason;
  work.reason(request.reason);
  Rows<Encounter>(work).update(encounter, request.revision);
  return shown(work, chart, std::move(encounter));
}

}  // namespace medflow::inline v1::encounters

MEDFLOW_HANDLE(medflow::encounters::Open);
MEDFLOW_HANDLE(medflow::encounters::List);
MEDFLOW_HANDLE(medflow::encounters::Get);
MEDFLOW_HANDLE(medflow::encounters::Update);
MEDFLOW_HANDLE(medflow::encounters::Start);
MEDFLOW_HANDLE(medflow::encounters::Finish);
MEDFLOW_HANDLE(medflow::encounters::Cancel);
MEDFLOW_HANDLE(medflow::encounters::Sign);
MEDFLOW_HANDLE(medflow::encounters::MarkError);
