// Patients: who they are, how they are reached, and how they are found.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/operation.hpp"

namespace medflow::inline v1::patients {

enum class NameUse : std::uint8_t { official, usual, maiden, alias };
enum class Sex : std::uint8_t { male, female, other, unknown };
enum class PatientStatus : std::uint8_t { active, inactive, merged, erasing, erased };
enum class ContactUse : std::uint8_t { home, work, mobile, other };

/// A name of a person. At least one of `family` and `given` has a letter; a single name (mononym) is legal.
struct PersonName {
  NameUse use = NameUse::official;
  std::string family{};              ///< at most 100 code points
  std::vector<std::string> given{};  ///< at most 5, of at most 100 code points each
  std::string prefix{};
  std::string suffix{};
  std::string script{};  ///< ISO 15924, such as "Latn"; empty where not said

  friend bool operator==(const PersonName&, const PersonName&) = default;
};

/// A date of birth, as far as it is known. It is a civil date: no zone ever touches it (PAT-18).
struct Birth {
  PartialDate date{};
  bool estimated = false;

  friend bool operator==(const Birth&, const Birth&) = default;
};

/// An age at registration, for somebody whose date of birth is not known: becomes an estimated `Birth`.
struct Age {
  std::optional<std::uint32_t> years{};   ///< 0 to 150: the birth is known to the year
  std::optional<std::uint32_t> months{};  ///< 0 to 1,800: the birth is known to the month
};

/// An identifier that somebody else issued: a national number, a passport, an insurer's.
struct Identifier {
  std::string system{};  ///< an absolute URI that names the numbering system
  /// At most 64 code points. Who does not read the patient's identifiers whole (`patient.read_full_identifiers`) is shown "****" and its last four
  /// characters, of one that has no more none; sent back, that keeps what is stored (RBA-5).
  std::string value{};
  std::string type{};  ///< a code of HL7 table 0203, such as "SS", "DL", "PPN", "NI"
  std::string issuer{};
  std::optional<Date> valid_from{};
  std::optional<Date> valid_to{};

  friend bool operator==(const Identifier&, const Identifier&) = default;
};

struct Phone {
  std::string e164{};  ///< ITU-T E.164; taken as people of the tenant's country write it (setting `country`)
  ContactUse use = ContactUse::mobile;
  bool verified = false;
  bool shared = false;

  friend bool operator==(const Phone&, const Phone&) = default;
};

struct Address {
  std::vector<std::string> lines{};  ///< at most 4, of at most 120 code points each
  std::string city{};
  std::string region{};
  std::string postal{};
  std::string country{};  ///< ISO 3166-1 alpha-2

  friend bool operator==(const Address&, const Address&) = default;
};

/// A death is recorded by its civil date, as far as it is known (FHIR's `deceasedDateTime`): not to come, and not before the birth.
struct Deceased {
  bool deceased = true;
  std::optional<PartialDate> at{};
  std::string cause{};

  friend bool operator==(const Deceased&, const Deceased&) = default;
};

enum class FlagSeverity : std::uint8_t { info, warning, danger };

struct Flag {
  std::string code{};
  FlagSeverity severity = FlagSeverity::info;

  friend bool operator==(const Flag&, const Flag&) = default;
};

/// A host's own value on an entity (EXT-1). Unknown urls survive every round trip.
struct Extension {
  std::string url{};    ///< an absolute URI
  std::string value{};  ///< at most 2 KiB

  friend bool operator==(const Extension&, const Extension&) = default;
};

/// A patient. Members whose class the caller's role does not open are empty.
struct Patient {
  PatientId id{};
  std::uint64_t revision = 0;
  std::string mrn{};  ///< the record number, unique in the tenant and never given twice
  std::vector<PersonName> names{};
  bool unidentified = false;
  std::optional<Birth> birth{};
  Sex sex_admin = Sex::unknown;
  std::string gender_identity{};
  std::vector<Identifier> identifiers{};
  std::vector<Phone> phones{};
  std::vector<std::string> emails{};
  std::vector<Address> addresses{};
  std::string language{};  ///< BCP 47
  std::optional<Zone> zone{};
  bool interpreter = false;
  std::optional<Deceased> deceased{};
  std::vector<Flag> flags{};
  std::vector<Extension> extensions{};
  PatientStatus status = PatientStatus::active;
  std::vector<FacilityId> facilities{};
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
  std::optional<Instant> deleted_at{};
  std::optional<UserId> deleted_by{};
  std::string deleted_reason{};
};

/// Registers a new patient and returns it with its record number. Needs the sex (which may be unknown) and either a
/// name part or `unidentified`. With an `id` of the caller's own it is idempotent: the same content returns the patient that is there.
/// Fails, first match wins: forbidden; invalid; conflict `conflict.id_reused`; conflict `patient.duplicate` (another patient holds
/// one of the identifiers, unless `force` with a `reason`); conflict `mrn.taken` (a record number given by hand).
struct Register {
  using Output = Patient;
  std::optional<PatientId> id{};
  std::string mrn{};  ///< only where the tenant's strategy is `manual`
  std::vector<PersonName> names{};
  bool unidentified = false;
  std::optional<Birth> birth{};
  std::optional<Age> age{};  ///< instead of `birth`
  Sex sex_admin = Sex::unknown;
  std::string gender_identity{};
  std::vector<Identifier> identifiers{};
  std::vector<Phone> phones{};
  std::vector<std::string> emails{};
  std::vector<Address> addresses{};
  std::string language{};
  std::optional<Zone> zone{};
  bool interpreter = false;
  std::optional<Deceased> deceased{};
  std::vector<Flag> flags{};
  std::vector<Extension> extensions{};
  std::vector<FacilityId> facilities{};  ///< the caller's first facility where empty
  bool force = false;
  std::string reason{};

  static constexpr Operation operation{.name = "patients.register",
                                       .method = Method::post,
                                       .path = "/patients",
                                       .permission = Permission::patient_create,
                                       .effect = Effect::write,
                                       .summary = "Register a patient",
                                       .object = "patient",
                                       .status = 201};
};

/// One patient.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Patient;
  PatientId id{};

  static constexpr Operation operation{.name = "patients.get",
                                       .method = Method::get,
                                       .path = "/patients/{id}",
                                       .permission = Permission::patient_read,
                                       .summary = "Read a patient",
                                       .object = "patient"};
};

/// What a list of patients may be narrowed by. All that is given must hold. With `name` the order is that of R5 (exact tokens first,
/// then family, given, birth, id); without, it is by id, which for ids of ours is the order of registration. A page for which 2,000 candidates
/// were looked at is short, and has a cursor.
/// Fails, first match wins: forbidden; invalid; malformed `filter.masked` (an `identifier`, from who sees them masked), `cursor.invalid`.
struct List {
  using Output = Page<Patient>;
  std::string name{};  ///< words of a name in any order, each by its beginning (R5)
  std::string mrn{};   ///< exact
  /// Exact: `system|value`, or the value alone under any system that the tenant has seen. It finds those whose identifiers the caller sees whole.
  std::string identifier{};
  std::string phone{};  ///< exact; written as in `Phone::e164`
  std::string email{};  ///< exact, without regard to case
  std::optional<PartialDate> birth{};
  /// "deleted" also shows deleted patients to who may restore them; not by `name` alone (invalid `include.by_name`).
  std::string include{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "patients.list",
                                       .method = Method::get,
                                       .path = "/patients",
                                       .permission = Permission::patient_search,
                                       .summary = "List or search patients",
                                       .object = "patient"};
};

/// The same as `List`, with its members in a body: what is asked for then stands in no URL.
struct Search {
  using Output = Page<Patient>;
  std::string name{};
  std::string mrn{};
  std::string identifier{};
  std::string phone{};
  std::string email{};
  std::optional<PartialDate> birth{};
  std::string include{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "patients.search",
                                       .method = Method::post,
                                       .path = "/patients/search",
                                       .permission = Permission::patient_search,
                                       .summary = "Search patients, with the query in the body",
                                       .object = "patient"};
};

/// Replaces what can be changed of a patient: what is not given is emptied.
/// Fails, first match wins: forbidden; not_found; invalid; precondition_required; conflict `conflict.revision`; conflict
/// `patient.duplicate` (unless `force` with a `reason`).
struct Update {
  using Output = Patient;
  PatientId id{};
  std::optional<std::uint64_t> revision{};
  std::vector<PersonName> names{};
  bool unidentified = false;
  std::optional<Birth> birth{};
  Sex sex_admin = Sex::unknown;
  std::string gender_identity{};
  std::vector<Identifier> identifiers{};
  std::vector<Phone> phones{};
  std::vector<std::string> emails{};
  std::vector<Address> addresses{};
  std::string language{};
  std::optional<Zone> zone{};
  bool interpreter = false;
  std::optional<Deceased> deceased{};
  std::vector<Flag> flags{};
  std::vector<Extension> extensions{};
  PatientStatus status = PatientStatus::active;  ///< active or inactive
  bool force = false;
  std::string reason{};

  static constexpr Operation operation{.name = "patients.update",
                                       .method = Method::put,
                                       .path = "/patients/{id}",
                                       .permission = Permission::patient_update,
                                       .effect = Effect::write,
                                       .summary = "Replace a patient's data",
                                       .object = "patient"};
};

/// A partial `Birth`, for `Patch`.
struct BirthPatch {
  Change<PartialDate> date{};
  Change<bool> estimated{};
};

/// A partial `Deceased`, for `Patch`.
struct DeceasedPatch {
  Change<bool> deceased{};
  Change<PartialDate> at{};
  Change<std::string> cause{};
};

/// Changes the members that are given (RFC 7396): null removes, lists are replaced whole.
/// Fails as `Update`.
struct Patch {
  using Output = Patient;
  PatientId id{};
  std::optional<std::uint64_t> revision{};
  Change<std::vector<PersonName>> names{};
  Change<bool> unidentified{};
  Change<BirthPatch> birth{};
  Change<Sex> sex_admin{};
  Change<std::string> gender_identity{};
  Change<std::vector<Identifier>> identifiers{};
  Change<std::vector<Phone>> phones{};
  Change<std::vector<std::string>> emails{};
  Change<std::vector<Address>> addresses{};
  Change<std::string> language{};
  Change<Zone> zone{};
  Change<bool> interpreter{};
  Change<DeceasedPatch> deceased{};
  Change<std::vector<Flag>> flags{};
  Change<std::vector<Extension>> extensions{};
  Change<PatientStatus> status{};
  bool force = false;
  std::string reason{};

  static constexpr Operation operation{.name = "patients.patch",
                                       .method = Method::patch,
                                       .path = "/patients/{id}",
                                       .permission = Permission::patient_update,
                                       .effect = Effect::write,
                                       .summary = "Change some of a patient's data",
                                       .object = "patient"};
};

enum class ExportFormat : std::uint8_t {
  json,  ///< every field, for programs
  html,  ///< one page to print
};

/// A patient's chart and what belongs to it, as far as the caller may see it: who it is, visits, encounters, records with all their versions,
/// documents (what they are, not their bytes), and who has looked (PAT-15). Not in it are invoices, credit notes, payments, refunds, coverages and
/// waitlist entries: their own lists show them. The reason has at least 10 characters, except of the patient.
/// It breaks off (unauthenticated) where the session ends meanwhile.
/// Fails, first match wins: forbidden; not_found; invalid `reason`.
struct Export {
  using Output = Stream;
  PatientId id{};
  ExportFormat format = ExportFormat::json;
  std::string reason{};

  static constexpr Operation operation{.name = "patients.export",
                                       .method = Method::post,
                                       .path = "/patients/{id}/export",
                                       .permission = Permission::patient_export,
                                       .summary = "Export everything of a patient",
                                       .object = "patient",
                                       .reason_required = true};
};

/// Deletes a patient softly: it is hidden, and can be restored for 30 days. The reason is free text of at least 10 code points
/// (on HTTP also the header `Medflow-Reason`) or a code.
/// Fails, first match wins: forbidden; not_found; invalid `reason.required`; conflict `patient.has_appointments` (visits are to come),
/// `patient.has_invoices` (a draft is there, something is owed, on deposit, or on its way in or out), `conflict.revision`.
struct Delete {
  using Output = Done;
  PatientId id{};
  std::optional<std::uint64_t> revision{};  ///< checked where given
  std::string reason{};
  std::string reason_code{};  ///< "unspecified", "duplicate", "entered_in_error" or "patient_request"

  static constexpr Operation operation{.name = "patients.delete",
                                       .method = Method::del,
                                       .path = "/patients/{id}",
                                       .permission = Permission::patient_delete,
                                       .effect = Effect::write,
                                       .summary = "Delete a patient (restorable for 30 days)",
                                       .object = "patient",
                                       .status = 204,
                                       .reason_required = true};
};

/// Brings a deleted patient back with identical content, within 30 days; also where another patient holds one of its identifiers
/// by now: the reason is asked for anyway.
/// Fails, first match wins: forbidden; not_found; invalid `reason.required`; conflict `transition.illegal` (not deleted); gone
/// `patient.restore_expired`.
struct Restore {
  using Output = Patient;
  PatientId id{};
  std::string reason{};
  std::string reason_code{};

  static constexpr Operation operation{.name = "patients.restore",
                                       .method = Method::post,
                                       .path = "/patients/{id}/restore",
                                       .permission = Permission::patient_restore,
                                       .effect = Effect::write,
                                       .summary = "Restore a deleted patient",
                                       .object = "patient",
                                       .reason_required = true};
};

}  // namespace medflow::inline v1::patients

namespace medflow::inline v1::imports {

/// The layouts that can be imported.
enum class Format : std::uint8_t { synthea_csv };

enum class RowOutcome : std::uint8_t { created, unchanged, failed };

/// What became of one line of the source. `line` counts from 1, the header included.
struct RowReport {
  std::uint64_t line = 0;
  RowOutcome outcome = RowOutcome::created;
  std::string column{};   ///< with `failed`: the column that is wrong, where one is
  std::string code{};     ///< with `failed`: the error's code
  std::string message{};  ///< with `failed`: one line that holds no data
};

struct Report {
  std::uint64_t created = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t failed = 0;
  std::vector<RowReport> rows{};  ///< the failed lines only, in their order: an entry for each column that is wrong
};

/// Imports patients from a piece of a CSV file: a header and at most 500 rows. Rows keep their source's ids, so the same rows a
/// second time add nothing. Rows that break a rule are reported and left out; all others are stored together or, where the call
/// fails, not at all.
/// Fails, first match wins: forbidden; malformed (no such layout); too_large (more than 500 rows or 1 MiB).
struct Patients {
  using Output = Report;
  Format format = Format::synthea_csv;
  std::uint64_t first_line = 1;  ///< the line number of the header in the file, for the report; rows follow it
  std::optional<FacilityId> facility{};
  Content content{};

  static constexpr Operation operation{.name = "imports.patients",
                                       .method = Method::post,
                                       .path = "/imports/patients",
                                       .permission = Permission::import_run,
                                       .effect = Effect::write,
                                       .summary = "Import patients from a CSV file",
                                       .object = "patient"};
};

}  // namespace medflow::inline v1::imports
