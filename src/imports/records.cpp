// Synthea's encounters and clinical tables as encounters and records. What was written elsewhere is final, and carries no signature of ours.
#include <functional>
#include <map>

#include "encounters/entities.hpp"
#include "imports/clinical.hpp"
#include "imports/encounters.hpp"
#include "imports/imports.fields.hpp"
#include "imports/table.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "records/content.hpp"
#include "records/writing.hpp"
#include "tenants/facts.hpp"

namespace medflow::inline v1::imports {

using encounters::Encounter;
using encounters::EncounterClass;
using kernel::Outside;
using kernel::Rows;
using kernel::Work;
using records::RecordContent;
using records::RecordKind;
using records::StoredRecord;

namespace {

/// The patients of a piece, each looked up once; a piece is mostly of one or two.
class KnownPatients {
 public:
  explicit KnownPatients(Work& work) : work_(work) {}

  const Work::Subject& of(const PatientId& id) {
    const auto known = known_.find(id);
    if (known != known_.end()) return known->second;
    const auto found = patients::known(work_, id, 0);
    if (!found || found->patient.deleted_at)
      throw Failure(codes::invalid, "PATIENT", "patient.unknown", "there is no such patient");
    return known_.emplace(id, found->subject).first->second;
  }

 private:
  Work& work_;
  std::map<PatientId, Work::Subject> known_{};
};

EncounterClass class_in_cell(std::string_view text) {
  if (text == "emergency" || text == "urgentcare") return EncounterClass::emergency;
  if (text == "inpatient" || text == "hospice" || text == "snf") return EncounterClass::inpatient;
  if (text == "virtual" || text == "home") return EncounterClass::virtual_visit;
  return EncounterClass::ambulatory;
}

Encounter encounter_of(const EncounterRow& row) {
  return {.id = EncounterId{row.id},
          .patient_id = row.patient,
          .practitioner_id = row.doctor,
          .facility_id = row.facility->id,
          .encounter_class = class_in_cell(row.kind),
          .status = encounters::EncounterStatus::finished,
          .start = row.start,
          .end = row.end,
          .reason = std::string(row.description)};
}

records::Coding coding(const clinical::Coded& code) {
  return {.system = code.system, .code = code.system.empty() ? std::string() : code.code, .display = code.display};
}

PartialDate partial(const Date& date) { return {date.year, date.month, date.day}; }
Instant beginning(const Zone& zone, const Date& day) { return meaning_of(zone, {.date = day}).first; }

/// A row as a record says it, with the days of the zone that it was written in.
struct Entry {
  RecordKind kind{};
  Instant effective_at{};
  RecordContent content{};
};

Entry entry_of(const clinical::Condition& row, const Zone& zone) {
  Entry entry{
      .kind = RecordKind::condition, .effective_at = beginning(zone, row.onset), .content = {.code = coding(row.code)}};
  entry.content.condition = records::Condition{
      .clinical_status = row.abatement ? records::ClinicalStatus::resolved : records::ClinicalStatus::active,
      .onset = partial(row.onset)};
  if (row.abatement) entry.content.condition->abatement = partial(*row.abatement);
  return entry;
}

std::optional<records::Severity> severity_of(const std::optional<clinical::Severity>& severity) {
  if (!severity) return std::nullopt;
  return static_cast<records::Severity>(*severity);
}

Entry entry_of(const clinical::Allergy& row, const Zone& zone) {
  constexpr records::AllergyCategory categories[] = {
      records::AllergyCategory::medication, records::AllergyCategory::food, records::AllergyCategory::environment};
  Entry entry{.kind = RecordKind::allergy,
              .effective_at = beginning(zone, row.onset),
              .content = {.code = coding(row.substance)}};
  entry.content.allergy =
      records::Allergy{.category = categories[static_cast<std::size_t>(row.category)],
                       .clinical_status = row.end ? records::ClinicalStatus::resolved : records::ClinicalStatus::active,
                       .onset = partial(row.onset)};
  for (const clinical::Reaction& each : row.reactions)
    entry.content.allergy->reactions.push_back(
        {.manifestation = coding(each.manifestation), .severity = severity_of(each.severity)});
  return entry;
}

Entry entry_of(const clinical::Medication& row, const Zone& zone) {
  Entry entry{.kind = RecordKind::medication_order, .effective_at = row.start, .content = {.code = coding(row.drug)}};
  entry.content.medication_order =
      records::MedicationOrder{.begins = date_in(zone, row.start),
                               .refills = std::min<std::uint32_t>(row.dispenses > 0 ? row.dispenses - 1 : 0, 99)};
  if (row.stop) entry.content.medication_order->ends = date_in(zone, *row.stop);
  if (row.reason) entry.content.medication_order->reasons.push_back(coding(*row.reason));
  return entry;
}

std::optional<records::VitalSign> sign_of(std::string_view code) {
  using S = records::VitalSign;
  static const std::map<std::string_view, S> signs = {
      {"8310-5", S::body_temperature},   {"8331-1", S::body_temperature},  {"8867-4", S::heart_rate},
      {"9279-1", S::respiratory_rate},   {"8480-6", S::systolic_pressure}, {"8462-4", S::diastolic_pressure},
      {"59408-5", S::oxygen_saturation}, {"2708-6", S::oxygen_saturation}, {"29463-7", S::body_weight},
      {"8302-2", S::body_height},        {"9843-4", S::head_circumference}};
  const auto found = signs.find(code);
  return found == signs.end() ? std::nullopt : std::optional(found->second);
}

Entry entry_of(const clinical::Observation& row, const Zone&) {
  const records::Quantity quantity{.value = row.value, .unit = row.unit};
  const auto sign = row.place == clinical::Place::vital_sign ? sign_of(row.code.code) : std::nullopt;
  if (sign) {
    Entry entry{.kind = RecordKind::vital, .effective_at = row.at};
    entry.content.vital = records::Vitals{.measurements = {{.sign = *sign, .quantity = quantity}}};
    return entry;
  }
  Entry entry{.kind = RecordKind::lab_result, .effective_at = row.at, .content = {.code = coding(row.code)}};
  records::Observation observation{.code = coding(row.code)};
  if (row.numeric)
    observation.quantity = quantity;
  else
    observation.text = row.value;
  entry.content.lab_result = records::LabResult{.observations = {std::move(observation)}};
  return entry;
}

Entry entry_of(const clinical::Procedure& row, const Zone&) {
  Entry entry{.kind = RecordKind::procedure, .effective_at = row.start, .content = {.code = coding(row.code)}};
  entry.content.procedure = records::Procedure{.ended_at = row.stop};
  if (row.reason) entry.content.procedure->reasons.push_back(coding(*row.reason));
  return entry;
}

Entry entry_of(const clinical::Immunization& row, const Zone&) {
  Entry entry{.kind = RecordKind::immunization, .effective_at = row.at, .content = {.code = coding(row.vaccine)}};
  entry.content.immunization = records::Immunization{};
  return entry;
}

/// A row, and what it comes to in the zone of where it was.
struct Reading {
  clinical::Row row{};
  std::function<Entry(const Zone&)> entry{};
};

struct Reader {
  std::string_view when{};  ///< the column of when it was
  std::span<const std::string_view> (*columns)() = nullptr;
  Reading (*read)(const Line& line) = nullptr;
};

template <auto Read>
Reading read(const Line& line) {
  const auto row = Read(line);
  return {.row = row, .entry = [row](const Zone& zone) { return entry_of(row, zone); }};
}

/// By ClinicalTable.
constexpr Reader readers[] = {
    {"START", clinical::condition_columns, read<clinical::condition_of>},
    {"START", clinical::allergy_columns, read<clinical::allergy_of>},
    {"START", clinical::medication_columns, read<clinical::medication_of>},
    {"DATE", clinical::observation_columns, read<clinical::observation_of>},
    {"START", clinical::procedure_columns, read<clinical::procedure_of>},
    {"DATE", clinical::immunization_columns, read<clinical::immunization_of>},
};

const Reader& reader_of(ClinicalTable table) { return readers[static_cast<std::size_t>(table)]; }

/// Encounters of a piece that are there, by their patients, and the zones of their facilities.
class KnownEncounters {
 public:
  explicit KnownEncounters(Work& work) : work_(work) {}

  /// The zone of the encounter's facility, or the tenant's where it has none. Throws Failure `invalid` where nothing may be added to it.
  Zone require(const EncounterId& id, const PatientId& patient_id) {
    auto known = known_.find(id);
    if (known == known_.end()) known = known_.emplace(id, look_up(id)).first;
    if (known->second.patient_id != patient_id)
      throw Failure(codes::invalid, "ENCOUNTER", "encounter.unknown", "there is no such encounter of the patient");
    if (known->second.is_signed)
      throw Failure(codes::invalid, "ENCOUNTER", "encounter.signed", "nothing is added to a signed encounter");
    if (known->second.is_void)
      throw Failure(codes::invalid, "ENCOUNTER", "encounter.unknown", "it was called off or entered in error");
    return known->second.zone;
  }

 private:
  struct Known {
    PatientId patient_id{};
    Zone zone{};
    bool is_signed = false;
    bool is_void = false;  ///< called off or entered in error
  };

  Known look_up(const EncounterId& id) {
    const auto found = Rows<Encounter>(work_).find_unchecked(id, 0);
    if (!found) return {};
    const facilities::Facility* facility = tenants::facility_of(work_, found->facility_id);
    return {.patient_id = found->patient_id,
            .zone = facility != nullptr ? facility->zone : work_.store().zone(),
            .is_signed = found->signed_at.has_value(),
            .is_void = found->status == encounters::EncounterStatus::cancelled ||
                       found->status == encounters::EncounterStatus::entered_in_error};
  }

  Work& work_;
  std::map<EncounterId, Known> known_{};
};

}  // namespace

Table prepare(Outside&, const Encounters& request) {
  return read_table(request.content, request.first_line, encounter_columns());
}

Report handle(Work& work, const Encounters&, const Table& table) {
  Rows<Encounter> rows(work);
  KnownPatients patients_known(work);
  return enter_lines(work, table, Rows<Encounter>::layout().table().id, "encounters.import", [&](const Line& line) {
    Encounter encounter = encounter_of(encounter_row(work, line));
    if (rows.find_unchecked(encounter.id, 0)) return false;
    const Work::Subject& subject = patients_known.of(encounter.patient_id);
    work.about(encounter.id.uuid);
    work.concerns(encounter.patient_id);
    rows.insert_for(subject, encounter);
    return true;
  });
}

Table prepare(Outside&, const Records& request) {
  return read_table(request.content, request.first_line, reader_of(request.table).columns());
}

Report handle(Work& work, const Records& request, const Table& table) {
  Rows<StoredRecord> rows(work);
  KnownPatients patients_known(work);
  KnownEncounters encounters_known(work);
  return enter_lines(work, table, Rows<StoredRecord>::layout().table().id, "records.import", [&](const Line& line) {
    const Reader& reader = reader_of(request.table);
    const auto [row, entry_in] = reader.read(line);
    const RecordId record_id{row.id};
    if (rows.find_unchecked(record_id, 0)) return false;
    const Work::Subject& subject = patients_known.of(row.patient);
    const Zone zone =
        row.encounter ? encounters_known.require(EncounterId{*row.encounter}, row.patient) : work.store().zone();
    Entry entry = entry_in(zone);
    if (work.now() < entry.effective_at)
      throw Failure(codes::invalid, std::string(reader.when), "date.future", "it has not come yet");
    StoredRecord record{.id = record_id,
                        .patient_id = row.patient,
                        .kind = entry.kind,
                        .status = records::RecordStatus::final,
                        .effective_at = entry.effective_at,
                        .recorded_at = work.now(),
                        .author_id = work.actor().user};
    if (row.encounter) record.encounter_id = EncounterId{*row.encounter};
    records::RecordBody body{.content = std::move(entry.content)};
    require_valid(type_of<records::RecordBody>, &body,
                  {{"/content/code/code", "CODE"}, {"/content/code/display", "DESCRIPTION"}});
    kernel::FieldErrors errors;
    records::check_content(entry.kind, body.content, errors);
    errors.refuse();
    records::complete_content(body.content, body.findings);
    records::say(record, std::move(body));
    work.about(record.id.uuid);
    work.concerns(record.patient_id);
    rows.insert_for(subject, record);
    records::add_version(work, subject, record, {.change = records::VersionChange::created});
    return true;
  });
}

}  // namespace medflow::inline v1::imports

MEDFLOW_HANDLE(medflow::imports::Encounters);
MEDFLOW_HANDLE(medflow::imports::Records);
