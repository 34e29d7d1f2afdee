// Medical records: notes, conditions, allergies, orders, results and what else is in a chart, every version of it (FHIR Condition,
// AllergyIntolerance, MedicationRequest, MedicationDispense, Observation, ServiceRequest, Immunization, Procedure).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/encounters.hpp"

namespace medflow::inline v1::records {

enum class RecordKind : std::uint8_t {
  note,
  condition,
  allergy,
  medication_order,
  dispense,
  vital,
  lab_order,
  lab_result,
  immunization,
  procedure,
  referral,
};

/// draft → final → amended; draft → discarded; final and amended → entered_in_error. FHIR's are preliminary, final, amended, cancelled
/// and entered-in-error.
enum class RecordStatus : std::uint8_t { draft, final, amended, discarded, entered_in_error };

/// A code of a code system, as the field writes it: ("http://hl7.org/fhir/sid/icd-10-cm", "E11.9", "Type 2 diabetes mellitus …"). Systems are opaque
/// unless the tenant has loaded them: then the code must be there.
struct Coding {
  std::string system{};  ///< an absolute URI
  std::string code{};    ///< at most 64 code points
  std::string display{};

  friend bool operator==(const Coding&, const Coding&) = default;
};

/// An amount with its unit in UCUM. The value is a decimal as it was measured: "36.60" says more than "36.6".
struct Quantity {
  std::string value{};  ///< a decimal, at most 18 digits: "0.5", "-2"
  std::string unit{};   ///< UCUM: "mg", "mmol/L", "10*9/L"

  friend bool operator==(const Quantity&, const Quantity&) = default;
};

struct Note {
  std::string text{};  ///< at most 60,000 code points

  friend bool operator==(const Note&, const Note&) = default;
};

enum class ClinicalStatus : std::uint8_t { active, recurrence, relapse, inactive, remission, resolved };
enum class Verification : std::uint8_t { unconfirmed, provisional, differential, confirmed, refuted };
enum class Severity : std::uint8_t { mild, moderate, severe };

struct Condition {
  ClinicalStatus clinical_status = ClinicalStatus::active;
  Verification verification = Verification::confirmed;
  std::optional<Severity> severity{};
  std::optional<PartialDate> onset{};
  std::optional<PartialDate> abatement{};  ///< not before `onset`
  std::string note{};

  friend bool operator==(const Condition&, const Condition&) = default;
};

enum class AllergyCategory : std::uint8_t { medication, food, environment, biologic };
enum class Criticality : std::uint8_t { low, high, unable_to_assess };

struct Reaction {
  Coding manifestation{};  ///< a display is enough
  std::optional<Severity> severity{};

  friend bool operator==(const Reaction&, const Reaction&) = default;
};

/// To what: the record's `code`.
struct Allergy {
  AllergyCategory category = AllergyCategory::medication;
  ClinicalStatus clinical_status = ClinicalStatus::active;
  Criticality criticality = Criticality::unable_to_assess;
  std::vector<Reaction> reactions{};
  std::optional<PartialDate> onset{};
  std::string note{};

  friend bool operator==(const Allergy&, const Allergy&) = default;
};

/// Of what: the record's `code`.
struct MedicationOrder {
  std::optional<Quantity> dose{};
  std::string route{};      ///< "oral"
  std::string frequency{};  ///< as it is to be read: "1-0-1"
  bool as_needed = false;
  std::optional<Date> begins{};
  std::optional<Date> ends{};  ///< not before `begins`; an order that has ended is not taken any more
  std::uint32_t refills = 0;
  std::vector<Coding> reasons{};
  std::string instructions{};

  friend bool operator==(const MedicationOrder&, const MedicationOrder&) = default;
};

/// Of which order: the record's `based_on`.
struct Dispense {
  Quantity quantity{};
  std::optional<std::uint32_t> days_supply{};
  std::string batch{};
  std::string note{};

  friend bool operator==(const Dispense&, const Dispense&) = default;
};

/// LOINC 8310-5, 8867-4, 9279-1, 8480-6, 8462-4, 59408-5, 29463-7, 8302-2, 39156-5, 9843-4.
enum class VitalSign : std::uint8_t {
  body_temperature,
  heart_rate,
  respiratory_rate,
  systolic_pressure,
  diastolic_pressure,
  oxygen_saturation,
  body_weight,
  body_height,
  body_mass_index,  ///< derived where weight and height are there; never given
  head_circumference,
};

struct Measurement {
  VitalSign sign{};
  Quantity quantity{};
  bool derived = false;  ///< computed of the others, in answers

  friend bool operator==(const Measurement&, const Measurement&) = default;
};

/// What was measured at one time, each sign once. Values that cannot be are refused; ones that hardly can be are stored with a finding (REC-7).
struct Vitals {
  std::vector<Measurement> measurements{};
  bool self_reported = false;  ///< by the patient; set by the system
  std::string note{};

  friend bool operator==(const Vitals&, const Vitals&) = default;
};

enum class OrderPriority : std::uint8_t { routine, urgent, asap, stat };

struct LabOrder {
  OrderPriority priority = OrderPriority::routine;
  std::vector<Coding> tests{};  ///< beside the record's `code`
  std::string specimen{};
  std::string note{};

  friend bool operator==(const LabOrder&, const LabOrder&) = default;
};

/// HL7 table 0078: L, H, LL, HH, A, N.
enum class Interpretation : std::uint8_t { normal, low, high, critical_low, critical_high, abnormal };

/// One value of a result: a quantity, a text or a code.
struct Observation {
  Coding code{};
  std::optional<Quantity> quantity{};
  std::string text{};
  std::optional<Coding> coded{};
  std::string reference_range{};
  std::optional<Interpretation> interpretation{};

  friend bool operator==(const Observation&, const Observation&) = default;
};

/// Of which order: the record's `based_on`.
struct LabResult {
  std::vector<Observation> observations{};
  std::string conclusion{};

  friend bool operator==(const LabResult&, const LabResult&) = default;
};

/// Against what: the record's `code` (CVX).
struct Immunization {
  std::string lot{};
  std::string manufacturer{};
  std::string site{};
  std::string route{};
  std::optional<std::uint32_t> dose_number{};
  std::optional<Quantity> dose{};
  std::string not_given_reason{};  ///< where it was not given

  friend bool operator==(const Immunization&, const Immunization&) = default;
};

struct Procedure {
  std::optional<Instant> ended_at{};
  std::vector<Coding> reasons{};
  std::string site{};
  std::string outcome{};
  std::string note{};

  friend bool operator==(const Procedure&, const Procedure&) = default;
};

struct Referral {
  OrderPriority priority = OrderPriority::routine;
  std::string specialty{};
  std::optional<PractitionerId> practitioner_id{};
  std::string recipient{};  ///< where it goes outside the hospital
  std::string question{};
  std::vector<Coding> reasons{};

  friend bool operator==(const Referral&, const Referral&) = default;
};

/// What a record says. Beside code, title and extensions it holds exactly the member of its kind.
struct RecordContent {
  std::optional<Coding> code{};
  std::string title{};  ///< at most 200 code points
  std::optional<Note> note{};
  std::optional<Condition> condition{};
  std::optional<Allergy> allergy{};
  std::optional<MedicationOrder> medication_order{};
  std::optional<Dispense> dispense{};
  std::optional<Vitals> vital{};
  std::optional<LabOrder> lab_order{};
  std::optional<LabResult> lab_result{};
  std::optional<Immunization> immunization{};
  std::optional<Procedure> procedure{};
  std::optional<Referral> referral{};
  std::vector<patients::Extension> extensions{};

  friend bool operator==(const RecordContent&, const RecordContent&) = default;
};

enum class FindingKind : std::uint8_t {
  plausibility,       ///< a value that hardly can be
  allergy,            ///< the patient is allergic to this very substance
  duplicate_therapy,  ///< the same substance is ordered already
  checker,            ///< the host's checker has something against it: `rule`
};
enum class FindingLevel : std::uint8_t { warning, block };

/// What a check found when the record was written, signed or amended (REC-7, REC-9). A block is signed only with a reason. Who does not see the
/// record that is in the way is told neither which it is nor why it was signed in spite of it; a patient is told what was found about values only.
struct Finding {
  FindingKind kind{};
  FindingLevel level = FindingLevel::warning;
  std::string pointer{};                ///< into `content` (RFC 6901)
  std::optional<RecordId> record_id{};  ///< what is in the way
  std::string override_reason{};
  std::string rule{};  ///< the checker's name for what it found
};

/// Somebody who signs, and when.
struct Signature {
  UserId user_id{};
  std::optional<Instant> at{};  ///< not yet
};

/// A record of a chart. Members whose class the caller's role does not open are empty; a labelled one is not there at all for who lacks a label.
struct Record {
  RecordId id{};
  std::uint64_t revision = 0;  ///< also the number of its last version
  PatientId patient_id{};
  std::optional<EncounterId> encounter_id{};
  RecordKind kind = RecordKind::note;
  RecordStatus status = RecordStatus::draft;
  Instant effective_at{};
  Instant recorded_at{};
  UserId author_id{};
  std::optional<RecordId> based_on{};
  std::optional<RecordContent> content{};
  std::vector<Finding> findings{};
  std::vector<Label> labels{};
  std::vector<Signature> signers{};  ///< it is final when all have signed
  std::uint32_t addenda = 0;         ///< how many there are
  std::optional<Instant> released_to_patient_at{};
  std::optional<appointments::PatientLabel> patient{};  ///< in answers
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// Adds a record to a chart, as a draft or signed at once. Labels keep it from everybody who does not hold all of them. `signers` names who must sign
/// it; the author alone where it is empty. With `id`, the same call again answers what there is; one with other content or signers,
/// another `effective_at`, or a signature that is not there is `conflict.id_reused`.
/// Fails, first match wins: forbidden; invalid (all of it at once, with pointers: an unknown patient, encounter, unit or code, the wrong member
/// for its kind, a value that cannot be); locked `encounter.signed`; conflict `conflict.id_reused`, `record.blocked` (with `sign`).
struct Create {
  using Output = Record;
  std::optional<RecordId> id{};
  PatientId patient_id{};
  std::optional<EncounterId> encounter_id{};
  RecordKind kind = RecordKind::note;     ///< note, condition, allergy, lab_order, immunization, procedure or referral
  std::optional<Instant> effective_at{};  ///< now where it is not said
  std::optional<RecordId> based_on{};
  RecordContent content{};
  std::vector<Label> labels{};
  std::vector<UserId> signers{};
  bool sign = false;

  static constexpr Operation operation{.name = "records.create",
                                       .method = Method::post,
                                       .path = "/records",
                                       .permission = Permission::record_create,
                                       .effect = Effect::write,
                                       .summary = "Add a record",
                                       .object = "record",
                                       .status = 201};
};

/// The records of a patient or of an encounter, newest first by `effective_at`. Those entered in error and discarded drafts only where
/// `include_retracted` is set, and the page says how many were left out. With `as_of` the chart as it was at that instant.
/// Fails, first match wins: forbidden; not_found (the patient); invalid `as_of` (to come).
struct List {
  using Output = Page<Record>;
  PatientId patient_id{};
  std::optional<EncounterId> encounter_id{};
  std::optional<RecordKind> kind{};
  std::optional<RecordStatus> status{};
  std::optional<Instant> from{};
  std::optional<Instant> to{};
  std::optional<Instant> as_of{};
  bool include_retracted = false;
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "records.list",
                                       .method = Method::get,
                                       .path = "/patients/{patient_id}/records",
                                       .permission = Permission::record_read,
                                       .summary = "List a patient's records",
                                       .object = "record"};
};

/// One record.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Record;
  RecordId id{};

  static constexpr Operation operation{.name = "records.get",
                                       .method = Method::get,
                                       .path = "/records/{id}",
                                       .permission = Permission::record_read,
                                       .summary = "Read a record",
                                       .object = "record"};
};

/// Replaces a draft's content; signatures that it had are void. Only its author may. A stale revision is refused with the members that
/// both have changed. A coding that it has already may stay, whatever became of its code system.
/// Fails, first match wins: forbidden (another's); not_found; locked `record.signed`; conflict `transition.illegal`; `conflict.revision`; invalid.
struct Update {
  using Output = Record;
  RecordId id{};
  std::optional<std::uint64_t> revision{};
  std::optional<Instant> effective_at{};
  RecordContent content{};
  std::vector<Label> labels{};
  std::vector<UserId> signers{};

  static constexpr Operation operation{.name = "records.update",
                                       .method = Method::put,
                                       .path = "/records/{id}",
                                       .permission = Permission::record_sign,
                                       .effect = Effect::write,
                                       .summary = "Change a draft",
                                       .object = "record"};
};

/// Signs a record as its author or as one of its signers; when the last has signed it is final and locked. What the checks of an order or a
/// dispense find (REC-9) is stored; a block needs `override_reason`, of at least 10 characters.
/// Fails, first match wins: forbidden (not one of its signers); not_found; locked `record.signed`; conflict `transition.illegal`,
/// `conflict.revision`, `record.not_in_force` (a dispense of an order that has been retracted or amended to end before), `record.blocked`.
struct Sign {
  using Output = Record;
  RecordId id{};
  std::optional<std::uint64_t> revision{};
  std::string override_reason{};

  static constexpr Operation operation{.name = "records.sign",
                                       .method = Method::post,
                                       .path = "/records/{id}/sign",
                                       .permission = Permission::record_sign,
                                       .effect = Effect::write,
                                       .summary = "Sign a record",
                                       .object = "record"};
};

/// Throws a draft away; its versions stay.
/// Fails, first match wins: forbidden (another's); not_found; locked `record.signed`; conflict `transition.illegal`, `conflict.revision`.
struct Discard {
  using Output = Record;
  RecordId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "records.discard",
                                       .method = Method::post,
                                       .path = "/records/{id}/discard",
                                       .permission = Permission::record_sign,
                                       .effect = Effect::write,
                                       .summary = "Discard a draft",
                                       .object = "record"};
};

/// Gives a signed record a new version; the one before stays as it is. The reason has at least 10 characters. What the checks of an order or a
/// dispense find by then (REC-9) is stored; a block that was not there before needs `override_reason`, of at least 10 characters. An
/// order of the same substance that is made to end sooner, and gives nothing more until then, needs none. A coding that it has already
/// may stay, whatever became of its code system.
/// Fails, first match wins: forbidden (another's); not_found; conflict `transition.illegal` (a draft, or retracted); `conflict.revision`; invalid;
/// conflict `record.blocked`.
struct Amend {
  using Output = Record;
  RecordId id{};
  std::optional<std::uint64_t> revision{};
  RecordContent content{};
  std::vector<Label> labels{};
  std::string reason{};
  std::string override_reason{};

  static constexpr Operation operation{.name = "records.amend",
                                       .method = Method::post,
                                       .path = "/records/{id}/amend",
                                       .permission = Permission::record_amend,
                                       .effect = Effect::write,
                                       .summary = "Amend a signed record",
                                       .object = "record",
                                       .reason_required = true};
};

/// Adds to a signed record, which itself stays as it is; with the name and time of who adds.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal` (a draft, or retracted); `conflict.revision`; invalid.
struct Append {
  using Output = Record;
  RecordId id{};
  std::optional<std::uint64_t> revision{};
  std::string text{};  ///< 1 to 60,000 code points

  static constexpr Operation operation{.name = "records.append",
                                       .method = Method::post,
                                       .path = "/records/{id}/addenda",
                                       .permission = Permission::record_create,
                                       .effect = Effect::write,
                                       .summary = "Add an addendum",
                                       .object = "record",
                                       .status = 201};
};

/// What was retracted, and what stands on it: records that are based on it.
struct Retracted {
  Record record{};
  std::vector<RecordId> dependants{};
};

/// Says that a signed record is wrong: it stays, struck, and is left out of lists unless asked for. The reason has at least 10 characters.
/// Fails, first match wins: forbidden (another's); not_found; conflict `transition.illegal`, `conflict.revision`.
struct Retract {
  using Output = Retracted;
  RecordId id{};
  std::optional<std::uint64_t> revision{};
  std::string reason{};

  static constexpr Operation operation{.name = "records.retract",
                                       .method = Method::post,
                                       .path = "/records/{id}/retract",
                                       .permission = Permission::record_retract,
                                       .effect = Effect::write,
                                       .summary = "Retract a record",
                                       .object = "record",
                                       .reason_required = true};
};

/// Shows a signed record to its patient, now or from `at` on (REC-10); or, with `withhold`, not any more.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal` (a draft, or retracted), `conflict.revision`.
struct Release {
  using Output = Record;
  RecordId id{};
  std::optional<std::uint64_t> revision{};
  std::optional<Instant> at{};
  bool withhold = false;

  static constexpr Operation operation{.name = "records.release",
                                       .method = Method::post,
                                       .path = "/records/{id}/release",
                                       .permission = Permission::record_release,
                                       .effect = Effect::write,
                                       .summary = "Release a record to its patient",
                                       .object = "record"};
};

/// What made a version.
enum class VersionChange : std::uint8_t {
  created,
  edited,
  signature,
  amended,
  addendum,
  retracted,
  released,
  withheld,
  discarded,
};

/// One version of a record. Each holds the hash of the one before, so that none can be changed, dropped or put in between; `canonical` is
/// what hash and signature are over.
struct Version {
  RecordId record_id{};
  std::uint64_t n = 0;
  PatientId patient_id{};
  VersionChange change = VersionChange::created;
  RecordStatus status = RecordStatus::draft;  ///< from then on
  UserId author_id{};
  Instant at{};
  std::optional<RecordContent> content{};
  std::vector<Finding> findings{};
  std::vector<Label> labels{};
  std::string reason{};
  std::string addendum{};
  std::string hash{};  ///< SHA-256 of `canonical`, in hexadecimal
  std::string
      signature{};  ///< Ed25519 (RFC 8032) over `canonical`, base64; of signed, amended, addendum and retracted versions
  std::string public_key{};  ///< of that signature, base64; the tenant's own
  std::string canonical{};   ///< RFC 8785; only from `records.get_version`
  std::optional<appointments::PatientLabel> patient{};
};

/// Every version of a record, oldest first.
/// Fails, first match wins: forbidden; not_found.
struct ListVersions {
  using Output = Page<Version>;
  RecordId id{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "records.list_versions",
                                       .method = Method::get,
                                       .path = "/records/{id}/versions",
                                       .permission = Permission::record_read,
                                       .summary = "List a record's versions",
                                       .object = "record"};
};

/// One version, with the text that its hash and signature are over: who has it can verify both without MedFlow (REC-12).
/// Fails, first match wins: forbidden; not_found (also one of whose findings the caller is not shown all: the text holds them).
struct GetVersion {
  using Output = Version;
  RecordId id{};
  std::uint64_t n = 1;

  static constexpr Operation operation{.name = "records.get_version",
                                       .method = Method::get,
                                       .path = "/records/{id}/versions/{n}",
                                       .permission = Permission::record_read,
                                       .summary = "Read a version of a record",
                                       .object = "record"};
};

/// What changed from one version to another, as a JSON Patch (RFC 6902) on `content`.
/// Fails, first match wins: forbidden; not_found (the record, or one of the versions).
struct Diff {
  using Output = Stream;
  RecordId id{};
  std::uint64_t from = 1;
  std::uint64_t to = 1;

  static constexpr Operation operation{.name = "records.diff",
                                       .method = Method::get,
                                       .path = "/records/{id}/diff",
                                       .permission = Permission::record_read,
                                       .summary = "Compare two versions of a record",
                                       .object = "record"};
};

}  // namespace medflow::inline v1::records

namespace medflow::inline v1::vitals {

/// Records vital signs (REC-7), as a draft or signed at once. What a patient records of itself is marked so.
/// Fails as `records.create`.
struct Record {
  using Output = records::Record;
  std::optional<RecordId> id{};
  PatientId patient_id{};
  std::optional<EncounterId> encounter_id{};
  std::optional<Instant> effective_at{};
  records::RecordContent content{};
  std::vector<UserId> signers{};
  bool sign = false;

  static constexpr Operation operation{.name = "vitals.record",
                                       .method = Method::post,
                                       .path = "/vitals",
                                       .permission = Permission::vital_create,
                                       .effect = Effect::write,
                                       .summary = "Record vital signs",
                                       .object = "record",
                                       .status = 201};
};

}  // namespace medflow::inline v1::vitals

namespace medflow::inline v1::lab_results {

/// Records the result of a laboratory order.
/// Fails as `records.create`.
struct Record {
  using Output = records::Record;
  std::optional<RecordId> id{};
  PatientId patient_id{};
  std::optional<EncounterId> encounter_id{};
  std::optional<Instant> effective_at{};
  std::optional<RecordId> based_on{};  ///< the order
  records::RecordContent content{};
  std::vector<Label> labels{};
  std::vector<UserId> signers{};
  bool sign = false;

  static constexpr Operation operation{.name = "lab_results.record",
                                       .method = Method::post,
                                       .path = "/lab_results",
                                       .permission = Permission::lab_result_create,
                                       .effect = Effect::write,
                                       .summary = "Record a laboratory result",
                                       .object = "record",
                                       .status = 201};
};

}  // namespace medflow::inline v1::lab_results

namespace medflow::inline v1::medications {

/// Orders a medication. When it is signed it is checked against the patient's allergies and orders (REC-9).
/// Fails as `records.create`.
struct Order {
  using Output = records::Record;
  std::optional<RecordId> id{};
  PatientId patient_id{};
  std::optional<EncounterId> encounter_id{};
  std::optional<Instant> effective_at{};
  records::RecordContent content{};
  std::vector<Label> labels{};
  std::vector<UserId> signers{};
  bool sign = false;
  std::string override_reason{};  ///< with `sign`: why in spite of a block

  static constexpr Operation operation{.name = "medications.order",
                                       .method = Method::post,
                                       .path = "/medications/orders",
                                       .permission = Permission::medication_order,
                                       .effect = Effect::write,
                                       .summary = "Order a medication",
                                       .object = "record",
                                       .status = 201};
};

/// Hands out what a signed order says.
/// Fails as `records.create`; conflict `record.not_in_force` (the order is not signed, was retracted, or had ended before the day of `effective_at`
/// where the patient is known).
struct Dispense {
  using Output = records::Record;
  std::optional<RecordId> id{};
  PatientId patient_id{};
  std::optional<Instant> effective_at{};
  RecordId based_on{};
  records::RecordContent content{};
  std::vector<UserId> signers{};
  bool sign = false;
  std::string override_reason{};

  static constexpr Operation operation{.name = "medications.dispense",
                                       .method = Method::post,
                                       .path = "/medications/dispenses",
                                       .permission = Permission::medication_dispense,
                                       .effect = Effect::write,
                                       .summary = "Dispense a medication",
                                       .object = "record",
                                       .status = 201};
};

}  // namespace medflow::inline v1::medications
