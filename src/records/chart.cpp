#include "records/chart.hpp"

#include <algorithm>
#include <utility>

#include "appointments/views.hpp"
#include "patients/entities.hpp"
#include "records/checks.hpp"
#include "records/versions.hpp"

namespace medflow::inline v1::records {

using kernel::Granted;
using kernel::Rows;
using kernel::Work;

namespace {

bool is_of(RecordKind kind, std::initializer_list<RecordKind> kinds) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

/// Whether a condition of the matrix (roles.md) holds for a record.
bool meets(std::string_view condition, const StoredRecord& record, bool own, bool released) {
  if (condition.empty() || condition == "label" || condition == "self-reported") return true;
  if (condition == "released") return released;
  if (condition == "own orders") return is_of(record.kind, {RecordKind::lab_order, RecordKind::lab_result});
  if (condition == "medications and allergies")
    return is_of(record.kind, {RecordKind::allergy, RecordKind::medication_order, RecordKind::dispense});
  if (condition == "own") return own;
  if (condition == "own nursing notes and vitals")
    return own && is_of(record.kind, {RecordKind::note, RecordKind::vital});
  if (condition == "own results") return own && record.kind == RecordKind::lab_result;
  if (condition == "own dispenses") return own && record.kind == RecordKind::dispense;
  return false;
}

bool is_system(const Work& work) { return work.actor().kind == audit::ActorKind::system; }

/// Whoever looks through the log sees that it was a denial, and whose chart was asked for where the event names nothing in it.
[[noreturn]] void refuse(Work& work, const PatientId& patient, const Failure& failure) {
  audit::Event& event = work.event();
  event.outcome = audit::Outcome::denied;
  if (event.object.is_nil() || event.object == patient.uuid) {
    work.about(patient.uuid);
    event.table = Rows<patients::Patient>::layout().table().id;
  }
  throw failure;
}

}  // namespace

Permission permission_to_write(RecordKind kind) {
  switch (kind) {
    case RecordKind::vital:
      return Permission::vital_create;
    case RecordKind::lab_result:
      return Permission::lab_result_create;
    case RecordKind::medication_order:
      return Permission::medication_order;
    case RecordKind::dispense:
      return Permission::medication_dispense;
    default:
      return Permission::record_create;
  }
}

Chart::Chart(Work& work, const PatientId& patient, Unchecked) : work_(&work) {
  auto known = patients::known(work, patient, appointments::label_classes(work));
  if (!known || known->patient.deleted_at) refuse(work, patient, Failure(codes::not_found));
  known_ = std::move(*known);
}

Chart::Chart(Work& work, const PatientId& patient) : Chart(work, patient, Unchecked{}) {
  // Who may read but not do this is told so.
  if (!reached_by(work.permission())) refuse(work, patient, Failure(reads() ? codes::forbidden : codes::not_found));
  work.concerns(patient);
}

Chart Chart::to_add_to(Work& work, const PatientId& patient) {
  const auto known = patients::known(work, patient, 0);
  if (known && !known->patient.deleted_at) {
    Chart chart(work, patient, Unchecked{});
    if (chart.reached_by(work.permission())) {
      work.concerns(patient);
      return chart;
    }
  }
  refuse(work, patient, Failure(codes::invalid, "/patient_id", "patient.unknown", "no such patient"));
}

bool Chart::reaches(const Granted& way) const {
  const kernel::Actor& actor = work_->actor();
  switch (way.scope) {
    case Scope::all:
      return true;
    case Scope::facility:
    case Scope::care:  // relations are not enforced: as by facility
    case Scope::work:  // what a unit is asked for: as by facility
      return patients::known_at_own(actor, known_.patient);
    case Scope::own:
      return actor.patient_id == known_.patient.id;
    case Scope::metadata:
    case Scope::none:
      return false;
  }
  return false;
}

bool Chart::reached_by(Permission permission) const {
  if (is_system(*work_)) return true;
  const auto ways = work_->access().ways(permission);
  return std::any_of(ways.begin(), ways.end(), [&](const Granted& way) { return reaches(way); });
}

bool Chart::allows(const StoredRecord& record, Permission permission, Standing standing) const {
  if (is_system(*work_)) return true;
  const UserId user = work_->actor().user;
  const bool own =
      record.author_id == user ||
      (standing == Standing::signer && std::any_of(record.signers.begin(), record.signers.end(),
                                                   [&](const Signature& each) { return each.user_id == user; }));
  const bool released = is_released(record, work_->now());
  const auto ways = work_->access().ways(permission);
  return std::any_of(ways.begin(), ways.end(),
                     [&](const Granted& way) { return reaches(way) && meets(way.condition, record, own, released); });
}

bool Chart::shows_labels(bool labelled, const RecordBody* said, bool released) const {
  if (!labelled || is_system(*work_)) return true;
  const auto ways = work_->access().ways(Permission::record_read_sensitive);
  return std::any_of(ways.begin(), ways.end(), [&](const Granted& way) {
    if (!reaches(way) || said == nullptr) return false;
    if (way.condition == "released") return released;
    return holds_all(*work_, said->labels);
  });
}

bool Chart::shows(const StoredRecord& record) const {
  return allows(record, Permission::record_read) &&
         shows_labels(record.labelled, record.said(), is_released(record, work_->now()));
}

bool Chart::shows_version(const StoredRecord& record, const StoredVersion& version) const {
  const VersionBody* said = version.said();
  if (said == nullptr || !shows_labels(version.labelled, &said->body, is_released(record, work_->now()))) return false;
  if (version.status != RecordStatus::draft || is_system(*work_)) return true;
  const auto ways = work_->access().ways(Permission::record_read);
  return std::any_of(ways.begin(), ways.end(),
                     [&](const Granted& way) { return reaches(way) && way.condition != "released"; });
}

bool Chart::only_as_patient() const {
  if (is_system(*work_)) return false;
  const auto ways = work_->access().ways(work_->permission());
  return std::none_of(ways.begin(), ways.end(),
                      [&](const Granted& way) { return way.scope != Scope::own && reaches(way); });
}

bool Chart::reads_whole() const {
  if (is_system(*work_)) return true;
  const auto ways = work_->access().ways(Permission::record_read);
  return std::any_of(ways.begin(), ways.end(),
                     [&](const Granted& way) { return reaches(way) && way.condition.empty(); });
}

bool Chart::allows_whole(Permission permission) const {
  if (is_system(*work_)) return true;
  const auto ways = work_->access().ways(permission);
  return std::any_of(ways.begin(), ways.end(), [&](const Granted& way) {
    return reaches(way) && (way.condition.empty() || way.condition == "own");
  });
}

Record Chart::shown(StoredRecord record) const {
  Record shown{.id = record.id,
               .revision = record.revision,
               .patient_id = record.patient_id,
               .encounter_id = record.encounter_id,
               .kind = record.kind,
               .status = record.status,
               .effective_at = record.effective_at,
               .recorded_at = record.recorded_at,
               .author_id = record.author_id,
               .based_on = record.based_on,
               .signers = std::move(record.signers),
               .addenda = record.addenda,
               .released_to_patient_at = record.released_to_patient_at,
               .patient = appointments::label_of(*work_, known_.patient),
               .created_at = record.created_at,
               .created_by = record.created_by,
               .updated_at = record.updated_at,
               .updated_by = record.updated_by};
  auto& body = record.labelled_body ? record.labelled_body : record.body;
  if (body) {
    shown.content = std::move(body->content);
    shown.findings = shown_findings(std::move(body->findings));
    shown.labels = std::move(body->labels);
  }
  return shown;
}

Version Chart::shown(const StoredVersion& version) const {
  Version shown = shown_version(version);
  shown.patient = appointments::label_of(*work_, known_.patient);
  if (const VersionBody* said = version.said()) shown.findings = shown_findings(said->body.findings);
  return shown;
}

bool Chart::reads_as_patient() const {
  if (is_system(*work_) || !reads()) return false;
  const auto ways = work_->access().ways(Permission::record_read);
  return std::none_of(ways.begin(), ways.end(),
                      [&](const Granted& way) { return reaches(way) && way.condition != "released"; });
}

bool Chart::shows(const Finding& finding) const {
  if (!is_checked(finding.kind)) return true;
  if (reads_as_patient()) return false;
  if (!finding.record_id) return true;
  const auto [known, is_new] = named_.try_emplace(*finding.record_id, false);
  if (is_new) {
    const auto named = Rows<StoredRecord>(*work_).find(*finding.record_id);
    known->second = named && named->patient_id == known_.patient.id && shows(*named);
  }
  return known->second;
}

bool Chart::shows_findings(const std::vector<Finding>& findings) const {
  return std::all_of(findings.begin(), findings.end(), [&](const Finding& each) { return shows(each); });
}

std::vector<Finding> Chart::shown_findings(std::vector<Finding> findings) const {
  if (shows_findings(findings)) return findings;
  if (reads_as_patient()) {
    std::erase_if(findings, [](const Finding& each) { return is_checked(each.kind); });
    return findings;
  }
  for (Finding& each : findings) {
    if (!shows(each)) each.record_id.reset();
    // One reason is given for all of them: it may tell of what is hidden, as the name of an interaction may.
    each.override_reason.clear();
    each.rule.clear();
  }
  return findings;
}

bool is_seen(Work& work, const StoredRecord& record) {
  return Chart(work, record.patient_id, Chart::Unchecked{}).shows(record);
}

Seen seen(Work& work, const RecordId& id) {
  StoredRecord record = Rows<StoredRecord>(work).get(id);
  const PatientId patient = record.patient_id;
  Seen found{.chart = Chart(work, patient, Chart::Unchecked{}), .record = std::move(record)};
  if (found.chart.reads()) work.concerns(patient);
  if (!found.chart.shows(found.record)) throw Failure(codes::not_found);
  // Who may read it but not do this is told so.
  if (!found.chart.reached_by(work.permission())) throw Failure(codes::forbidden);
  return found;
}

Seen to_change(Work& work, const RecordId& id, Standing standing) {
  const std::uint32_t of_caller = work.access().classes();
  work.open_classes(clinical | restricted);
  Seen found = seen(work, id);
  // Who may not see what it says is not shown it for being allowed to add to it.
  if ((of_caller & (found.record.labelled ? restricted : clinical)) == 0 && !is_system(work))
    throw Failure(codes::not_found);
  if (!found.chart.allows(found.record, work.permission(), standing)) throw Failure(codes::forbidden);
  return found;
}

bool holds_all(const Work& work, const std::vector<Label>& labels) {
  const auto& held = work.actor().labels;
  return std::all_of(labels.begin(), labels.end(),
                     [&](Label label) { return std::find(held.begin(), held.end(), label) != held.end(); });
}

bool is_released(const StoredRecord& record, Instant now) {
  return (record.status == RecordStatus::final || record.status == RecordStatus::amended) &&
         record.released_to_patient_at && *record.released_to_patient_at <= now;
}

void say(StoredRecord& record, RecordBody body) {
  record.labelled = !body.labels.empty();
  record.body.reset();
  record.labelled_body.reset();
  (record.labelled ? record.labelled_body : record.body) = std::move(body);
}

}  // namespace medflow::inline v1::records
