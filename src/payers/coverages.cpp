#include <algorithm>
#include <utility>

#include "kernel/field_errors.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "medflow/prices.hpp"
#include "patients/entities.hpp"
#include "patients/registry.hpp"
#include "payers/entities.hpp"
#include "payers/lookup.hpp"
#include "storage/block_codec.hpp"

namespace medflow::inline v1::coverages {

using kernel::FieldErrors;
using kernel::Granted;
using kernel::Rows;
using kernel::Work;
using patients::KnownPatient;

namespace {

/// The patient, if one of the caller's rights to this operation reaches it.
std::optional<KnownPatient> reached(Work& work, const PatientId& id) {
  auto known = patients::known(work, id, 0);
  if (!known || known->patient.deleted_at || !patients::reaches(work, known->patient, work.permission()))
    return std::nullopt;
  work.concerns(id);
  return known;
}

/// The patient of a coverage or of a list. Throws Failure `not_found`, or `forbidden` where the caller may read it but not do this.
KnownPatient patient_of(Work& work, const PatientId& id) {
  if (auto known = reached(work, id)) return std::move(*known);
  const auto known = patients::known(work, id, 0);
  const bool reads =
      known && !known->patient.deleted_at && patients::reaches(work, known->patient, Permission::coverage_read);
  throw Failure(reads ? codes::forbidden : codes::not_found);
}

/// Whether the caller's right to this operation reaches the patient as the patient only.
bool only_as_patient(const Work& work, const patients::Patient& patient) {
  if (work.actor().kind == audit::ActorKind::system) return false;
  const auto ways = work.access().ways(work.permission());
  return std::none_of(ways.begin(), ways.end(), [&](const Granted& way) {
    if (way.scope == Scope::all) return true;
    return (way.scope == Scope::facility || way.scope == Scope::care) && patients::known_at_own(work.actor(), patient);
  });
}

/// Everything that is said of a coverage both at first and later.
template <class Request>
void copy_content(const Request& request, Coverage& coverage) {
  coverage.member_id = request.member_id;
  coverage.policy_no = request.policy_no;
  coverage.plan = request.plan;
  coverage.relationship = request.relationship;
  coverage.rank = request.rank;
  coverage.valid_from = request.valid_from;
  coverage.valid_to = request.valid_to;
  coverage.limits = request.limits;
  coverage.copay = request.copay;
  coverage.deductible = request.deductible;
}

/// What a caller says of a new one, as bytes, to compare.
std::string said(Coverage coverage) {
  coverage.revision = 0;
  coverage.deductible_used = coverage.paid_in_year = 0;
  coverage.used_year = 0;
  coverage.status = CoverageStatus::proposed;
  coverage.created_at = coverage.updated_at = {};
  coverage.created_by = coverage.updated_by = {};
  std::string bytes;
  storage::encode_fields(type_of<Coverage>, &coverage, 0, bytes);
  return bytes;
}

void check_content(const Coverage& coverage, FieldErrors& errors) {
  if (coverage.valid_to && *coverage.valid_to < coverage.valid_from)
    errors.add("/valid_to", "date.order", "the last day is before the first");
  if (coverage.copay.kind == CopayKind::percent && coverage.copay.value > whole_micro)
    errors.add("/copay/value", "number.out_of_range", "the whole is 1,000,000");
}

/// Without what this caller may not see, however much was opened to work on it.
Coverage shown(std::uint32_t classes, Coverage coverage) {
  if ((classes & billing) == 0) {
    coverage.member_id.clear();
    coverage.policy_no.clear();
  }
  return coverage;
}

}  // namespace

Page<Coverage> handle(Work& work, const List& request) {
  patient_of(work, request.patient_id);
  const storage::Cell equal[] = {storage::Cell::bytes(request.patient_id.uuid.view())};
  return kernel::page_by_id<Coverage>(work, request.limit, request.cursor, request.patient_id.uuid.view(),
                                      [](const Coverage&) { return true; },
                                      {.scan = {.index = "coverages_patient", .equal = equal}});
}

Coverage handle(Work& work, const Get& request) {
  Coverage coverage = Rows<Coverage>(work).get(request.id);
  patient_of(work, coverage.patient_id);
  return coverage;
}

Coverage handle(Work& work, const Create& request) {
  const std::uint32_t of_caller = work.classes();
  Coverage coverage{.id = request.id ? *request.id : work.make_id<CoverageId>(),
                    .patient_id = request.patient_id,
                    .payer_id = request.payer_id,
                    .currency = request.currency.value_or(work.store().currency())};
  copy_content(request, coverage);
  work.about(coverage.id.uuid);
  FieldErrors errors;
  const auto known = reached(work, request.patient_id);
  if (!known) errors.add("/patient_id", "patient.unknown", "no such patient");
  std::optional<Coverage> there;
  if (request.id) there = Rows<Coverage>(work).find_unchecked(*request.id, billing);
  if (known && there && said(*there) == said(coverage)) return shown(of_caller, std::move(*there));
  const auto payer = payers::payer_of(work, request.payer_id);
  if (!payer || !payer->active) errors.add("/payer_id", "payer.unknown", "there is no such payer in use");
  check_content(coverage, errors);
  errors.refuse();
  if (there) throw Failure(codes::id_reused);
  if (only_as_patient(work, known->patient)) coverage.status = CoverageStatus::proposed;
  Rows<Coverage>(work).insert_for(known->subject, coverage);
  return shown(of_caller, std::move(coverage));
}

Coverage handle(Work& work, const Update& request) {
  const std::uint32_t of_caller = work.classes();
  work.open_classes(billing);  // what is written anew has to be whole
  Rows<Coverage> rows(work);
  Coverage coverage = rows.get(request.id);
  const KnownPatient known = patient_of(work, coverage.patient_id);
  const bool proposes = only_as_patient(work, known.patient);
  const bool proposed = coverage.status == CoverageStatus::proposed;
  if (proposes && !proposed) throw Failure(codes::forbidden);
  copy_content(request, coverage);
  FieldErrors errors;
  check_content(coverage, errors);
  if (!proposed && request.status == CoverageStatus::proposed)
    errors.add("/status", "enum.unknown", "only a patient proposes");
  errors.refuse();
  if (!proposes && request.status) coverage.status = *request.status;
  rows.update(coverage, request.revision);
  return shown(of_caller, std::move(coverage));
}

}  // namespace medflow::inline v1::coverages

MEDFLOW_HANDLE(medflow::coverages::List);
MEDFLOW_HANDLE(medflow::coverages::Get);
MEDFLOW_HANDLE(medflow::coverages::Create);
MEDFLOW_HANDLE(medflow::coverages::Update);
