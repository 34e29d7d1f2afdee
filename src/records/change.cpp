// What becomes of a record: a draft is edited, signed or discarded; a signed one is amended, added to, retracted and released.
#include <algorithm>

#include "kernel/handler.hpp"
#include "kernel/lists.hpp"
#include "records/checks.hpp"
#include "records/content.hpp"
#include "records/writing.hpp"

namespace medflow::inline v1::records {

using kernel::FieldErrors;
using kernel::Rows;
using kernel::Work;

namespace {

bool stands(const StoredRecord& record) {
  return record.status == RecordStatus::final || record.status == RecordStatus::amended;
}

/// A draft, or Failure `record.signed` for what is signed, `transition.illegal` for the rest.
void require_draft(const StoredRecord& record, std::string_view to) {
  if (stands(record)) throw Failure(signed_already);
  if (record.status != RecordStatus::draft) refuse_step(record, to);
}

void require_stands(const StoredRecord& record, std::string_view to) {
  if (!stands(record)) refuse_step(record, to);
}

/// A draft is its author's alone, whoever signs it.
Seen to_edit(Work& work, const RecordId& id) {
  work.open_classes(clinical | restricted);
  Seen found = seen(work, id);
  if (found.record.author_id != work.actor().user || !found.chart.may_write(found.record.kind))
    throw Failure(codes::forbidden);
  return found;
}

/// What the caller says now, checked as it was for a new record.
RecordBody checked_body(Work& work, const StoredRecord& record, const RecordContent& content,
                        const std::vector<Label>& labels) {
  FieldErrors errors;
  check_content(record.kind, content, errors);
  check_labels(work, labels, errors);
  errors.refuse();
  RecordBody body{.content = content, .labels = kernel::without_repeats(labels)};
  if (body.content.vital && record.said()->content.vital)
    body.content.vital->self_reported = record.said()->content.vital->self_reported;
  complete_content(body.content, body.findings);
  check_codes(work, body.content, errors, &record.said()->content);
  errors.refuse();
  return body;
}

}  // namespace

Record handle(Work& work, const Update& request) {
  auto [chart, record] = to_edit(work, request.id);
  require_draft(record, "draft");
  require_current(work, record, request.revision, &request.content);
  if (request.effective_at) record.effective_at = *request.effective_at;
  record.signers = signers_of(request.signers, record.author_id);
  FieldErrors errors;
  check_references(work, chart, record, errors);
  check_signers(work, chart, record, errors);
  errors.refuse();
  say(record, checked_body(work, record, request.content, request.labels));
  return store(work, chart, record, {.change = VersionChange::edited});
}

Record handle(Work& work, const Sign& request) {
  auto [chart, record] = to_change(work, request.id, Standing::signer);
  const UserId user = work.actor().user;
  const auto own = std::find_if(record.signers.begin(), record.signers.end(),
                                [&](const Signature& each) { return each.user_id == user; });
  if (own == record.signers.end()) throw Failure(codes::forbidden);
  require_draft(record, "final");
  if (own->at) refuse_step(record, "final");
  require_current(work, record, request.revision);
  put_signature(work, chart, record, request.override_reason);
  return store(work, chart, record, {.change = VersionChange::signature});
}

Record handle(Work& work, const Discard& request) {
  auto [chart, record] = to_edit(work, request.id);
  require_draft(record, "discarded");
  require_current(work, record, request.revision);
  record.status = RecordStatus::discarded;
  return store(work, chart, record, {.change = VersionChange::discarded});
}

Record handle(Work& work, const Amend& request) {
  auto [chart, record] = to_change(work, request.id);
  require_stands(record, "amended");
  require_current(work, record, request.revision, &request.content);
  const RecordBody before = *record.said();
  say(record, checked_body(work, record, request.content, request.labels));
  check_substance_again(work, chart, record, before, request.override_reason);
  record.status = RecordStatus::amended;
  work.reason(request.reason);
  return store(work, chart, record, {.change = VersionChange::amended, .reason = request.reason});
}

Record handle(Work& work, const Append& request) {
  auto [chart, record] = to_change(work, request.id);
  require_stands(record, "a record with an addendum");
  require_current(work, record, request.revision);
  ++record.addenda;
  return store(work, chart, record, {.change = VersionChange::addendum, .addendum = request.text});
}

Retracted handle(Work& work, const Retract& request) {
  auto [chart, record] = to_change(work, request.id);
  require_stands(record, "entered_in_error");
  require_current(work, record, request.revision);
  record.status = RecordStatus::entered_in_error;
  work.reason(request.reason);
  Retracted retracted;
  const storage::Cell equal[] = {storage::Cell::bytes(record.id.uuid.view())};
  Rows<StoredRecord>(work).scan({.index = "records_based_on", .equal = equal}, [&, &seen = chart](const auto& other) {
    if ((other.status == RecordStatus::draft || stands(other)) && seen.shows(other))
      retracted.dependants.push_back(other.id);
    return true;
  });
  retracted.record = store(work, chart, record, {.change = VersionChange::retracted, .reason = request.reason});
  return retracted;
}

Record handle(Work& work, const Release& request) {
  auto [chart, record] = to_change(work, request.id);
  require_stands(record, request.withhold ? "withheld" : "released");
  require_current(work, record, request.revision);
  record.released_to_patient_at.reset();
  if (!request.withhold) record.released_to_patient_at = request.at.value_or(work.now());
  return store(work, chart, record, {.change = request.withhold ? VersionChange::withheld : VersionChange::released});
}

}  // namespace medflow::inline v1::records

MEDFLOW_HANDLE(medflow::records::Update);
MEDFLOW_HANDLE(medflow::records::Sign);
MEDFLOW_HANDLE(medflow::records::Discard);
MEDFLOW_HANDLE(medflow::records::Amend);
MEDFLOW_HANDLE(medflow::records::Append);
MEDFLOW_HANDLE(medflow::records::Retract);
MEDFLOW_HANDLE(medflow::records::Release);
