// The fields of patients and of their operations: numbers, names, classes and rules (entities.md, "Patient").
#pragma once

#include "medflow/fields.hpp"
#include "medflow/patients.hpp"

namespace medflow::inline v1::patients::rule {

// What is said of a member in more than one struct is said here.
inline constexpr Rules id{.meaning = "The patient's id."};
inline constexpr Rules own_id{.meaning = "An id of the caller's own (any UUID); makes the call repeatable."};
inline constexpr Rules revision{.meaning = "The revision that this change is based on; also by If-Match."};
inline constexpr Rules mrn{
    .max = 32, .text = TextRule::ascii, .meaning = "The medical record number, unique in the tenant."};
inline constexpr Rules names{.items_max = 10, .meaning = "The names; at least one part has a letter."};
inline constexpr Rules unidentified{.meaning = "True for somebody whose name is not known."};
inline constexpr Rules birth{.meaning = "The date of birth, as far as it is known."};
inline constexpr Rules sex_admin{.meaning = "The administrative sex; may be unknown."};
inline constexpr Rules gender_identity{.max = 60, .meaning = "The gender identity, in the patient's words."};
inline constexpr Rules identifiers{.items_max = 50, .meaning = "Identifiers that others issued."};
inline constexpr Rules phones{.items_max = 20, .meaning = "Telephone numbers, the preferred one first."};
inline constexpr Rules emails{.items_max = 20,
                              .item_text_max = 254,
                              .text = TextRule::email,
                              .meaning = "E-mail addresses, the preferred one first."};
inline constexpr Rules addresses{.items_max = 20, .meaning = "Postal addresses, the preferred one first."};
inline constexpr Rules language{.max = 35, .text = TextRule::ascii, .meaning = "The preferred language (BCP 47)."};
inline constexpr Rules zone{.meaning = "The patient's own time zone; used for notifications only."};
inline constexpr Rules interpreter{.meaning = "Whether an interpreter is needed."};
inline constexpr Rules deceased{.meaning = "Whether, when and of what the patient died."};
inline constexpr Rules flags{.items_max = 50, .meaning = "Warnings that everybody who meets the patient should see."};
inline constexpr Rules extensions{.items_max = 32, .meaning = "The host's own values, by url."};
inline constexpr Rules status{.meaning = "The state of the patient's entry."};
inline constexpr Rules facilities{.items_max = 100, .meaning = "The facilities where the patient is known."};
inline constexpr Rules force{.meaning = "Go on although a certain duplicate is there; needs a reason."};
inline constexpr Rules reason{.max = 500, .meaning = "Why, in at least 10 characters."};
inline constexpr Rules reason_code{
    .max = 40,
    .text = TextRule::ascii,
    .meaning = "Why, as a code: unspecified, duplicate, entered_in_error or patient_request."};

inline constexpr Rules query_name{
    .max = 200, .text = TextRule::name, .meaning = "Words of a name in any order, each by its beginning."};
inline constexpr Rules query_mrn{.max = 32, .text = TextRule::ascii, .meaning = "The exact record number."};
inline constexpr Rules query_identifier{.max = 320,
                                        .meaning = "An exact identifier: system|value, or the value alone."};
inline constexpr Rules query_phone{.max = 40, .meaning = "An exact number, written as for a patient's phone."};
inline constexpr Rules query_email{.max = 254, .meaning = "An exact address, without regard to case."};
inline constexpr Rules query_birth{.meaning = "A date of birth, to the day, the month or the year."};
inline constexpr Rules include{
    .max = 40,
    .text = TextRule::ascii,
    .meaning = "\"deleted\" also shows deleted patients to who may restore them. They are not found by name alone."};
inline constexpr Rules limit{.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."};
inline constexpr Rules cursor{
    .max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."};

}  // namespace medflow::inline v1::patients::rule

namespace medflow {

template <>
struct Words<patients::NameUse> {
  static constexpr std::string_view name = "NameUse";
  static constexpr std::string_view words[] = {"official", "usual", "maiden", "alias"};
};

template <>
struct Words<patients::Sex> {
  static constexpr std::string_view name = "Sex";
  static constexpr std::string_view words[] = {"male", "female", "other", "unknown"};
};

template <>
struct Words<patients::PatientStatus> {
  static constexpr std::string_view name = "PatientStatus";
  static constexpr std::string_view words[] = {"active", "inactive", "merged", "erasing", "erased"};
};

template <>
struct Words<patients::ContactUse> {
  static constexpr std::string_view name = "ContactUse";
  static constexpr std::string_view words[] = {"home", "work", "mobile", "other"};
};

template <>
struct Words<patients::FlagSeverity> {
  static constexpr std::string_view name = "FlagSeverity";
  static constexpr std::string_view words[] = {"info", "warning", "danger"};
};

template <>
struct Described<patients::PersonName> {
  using T = patients::PersonName;
  static constexpr std::string_view name = "PersonName";
  static constexpr Field fields[] = {
      field<&T::use>(1, "use", none, {.meaning = "What the name is used for."}),
      field<&T::family>(2, "family", phi, {.max = 100, .text = TextRule::name, .meaning = "The family name."}),
      field<&T::given>(
          3, "given", phi,
          {.items_max = 5, .item_text_max = 100, .text = TextRule::name, .meaning = "The given names, in order."}),
      field<&T::prefix>(4, "prefix", phi,
                        {.max = 60, .text = TextRule::name, .meaning = "What comes before, such as a title."}),
      field<&T::suffix>(5, "suffix", phi, {.max = 60, .text = TextRule::name, .meaning = "What comes after."}),
      field<&T::script>(
          6, "script", none,
          {.min = 4, .max = 4, .text = TextRule::ascii, .meaning = "The script (ISO 15924), such as Latn."})};
};

template <>
struct Described<patients::Birth> {
  using T = patients::Birth;
  static constexpr std::string_view name = "Birth";
  static constexpr Field fields[] = {
      field<&T::date>(1, "date", required | phi, {.meaning = "The date, to the day, the month or the year."}),
      field<&T::estimated>(2, "estimated", none, {.meaning = "Whether the date is an estimate."})};
};

template <>
struct Described<patients::Age> {
  using T = patients::Age;
  static constexpr std::string_view name = "Age";
  static constexpr Field fields[] = {
      field<&T::years>(1, "years", phi, {.max = 150, .meaning = "Completed years, 0 to 150."}),
      field<&T::months>(2, "months", phi, {.max = 1800, .meaning = "Completed months, 0 to 1,800."})};
};

template <>
struct Described<patients::Identifier> {
  using T = patients::Identifier;
  static constexpr std::string_view name = "Identifier";
  static constexpr Field fields[] = {
      field<&T::system>(1, "system", required,
                        {.max = 255, .text = TextRule::uri, .meaning = "The URI of the numbering system."}),
      field<&T::value>(2, "value", required | phi,
                       {.max = 64,
                        .meaning = "The identifier itself; **** and its last four characters for who may not see more, "
                                   "which sent back keeps it."}),
      field<&T::type>(3, "type", none,
                      {.max = 20, .text = TextRule::ascii, .meaning = "Its kind, a code of HL7 table 0203."}),
      field<&T::issuer>(4, "issuer", none, {.max = 120, .meaning = "Who issued it."}),
      field<&T::valid_from>(5, "valid_from", phi, {.meaning = "The first day on which it is valid."}),
      field<&T::valid_to>(6, "valid_to", phi, {.meaning = "The last day on which it is valid."})};
};

template <>
struct Described<patients::Phone> {
  using T = patients::Phone;
  static constexpr std::string_view name = "Phone";
  static constexpr Field fields[] = {
      field<&T::e164>(1, "e164", required | phi,
                      {.max = 40, .meaning = "The number (E.164); taken as people of the tenant's country write it."}),
      field<&T::use>(2, "use", none, {.meaning = "What the number is used for."}),
      field<&T::verified>(3, "verified", none, {.meaning = "Whether the patient has proved to have it."}),
      field<&T::shared>(4, "shared", none, {.meaning = "Whether others have the same number."})};
};

template <>
struct Described<patients::Address> {
  using T = patients::Address;
  static constexpr std::string_view name = "Address";
  static constexpr Field fields[] = {
      field<&T::lines>(1, "lines", phi,
                       {.items_max = 4, .item_text_max = 120, .meaning = "Street, house, flat: at most 4 lines."}),
      field<&T::city>(2, "city", phi, {.max = 100, .meaning = "The town."}),
      field<&T::region>(3, "region", phi, {.max = 100, .meaning = "The state or province."}),
      field<&T::postal>(4, "postal", phi, {.max = 20, .meaning = "The postal code."}),
      field<&T::country>(
          5, "country", phi,
          {.min = 2, .max = 2, .text = TextRule::ascii, .meaning = "The country (ISO 3166-1 alpha-2)."})};
};

template <>
struct Described<patients::Deceased> {
  using T = patients::Deceased;
  static constexpr std::string_view name = "Deceased";
  static constexpr Field fields[] = {
      field<&T::deceased>(1, "deceased", phi, {.meaning = "Whether the patient has died."}),
      field<&T::at>(2, "at", phi, {.meaning = "When."}),
      field<&T::cause>(3, "cause", phi, {.max = 500, .meaning = "Of what."})};
};

template <>
struct Described<patients::Flag> {
  using T = patients::Flag;
  static constexpr std::string_view name = "Flag";
  static constexpr Field fields[] = {
      field<&T::code>(1, "code", required | phi, {.max = 60, .meaning = "What to be warned of."}),
      field<&T::severity>(2, "severity", phi, {.meaning = "How grave it is."})};
};

template <>
struct Described<patients::Extension> {
  using T = patients::Extension;
  static constexpr std::string_view name = "Extension";
  static constexpr Field fields[] = {
      field<&T::url>(1, "url", required,
                     {.max = 255, .text = TextRule::uri, .meaning = "The absolute URI that names it."}),
      field<&T::value>(2, "value", phi, {.max = 2048, .text = TextRule::note, .meaning = "Its value, at most 2 KiB."})};
};

template <>
struct Described<patients::Patient> {
  using T = patients::Patient;
  static constexpr std::string_view name = "Patient";
  static constexpr std::string_view page_name = "PatientPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, patients::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::mrn>(3, "mrn", phi | identity, patients::rule::mrn),
      field<&T::names>(4, "names", phi | identity, patients::rule::names),
      field<&T::unidentified>(5, "unidentified", none, patients::rule::unidentified),
      field<&T::birth>(6, "birth", phi | identity, patients::rule::birth),
      field<&T::sex_admin>(7, "sex_admin", phi | identity, patients::rule::sex_admin),
      field<&T::gender_identity>(8, "gender_identity", phi | identity, patients::rule::gender_identity),
      field<&T::identifiers>(9, "identifiers", phi | identity, patients::rule::identifiers),
      field<&T::phones>(10, "phones", phi | contact, patients::rule::phones),
      field<&T::emails>(11, "emails", phi | contact, patients::rule::emails),
      field<&T::addresses>(12, "addresses", phi | contact, patients::rule::addresses),
      field<&T::language>(13, "language", none, patients::rule::language),
      field<&T::zone>(14, "zone", none, patients::rule::zone),
      field<&T::interpreter>(15, "interpreter", none, patients::rule::interpreter),
      field<&T::deceased>(16, "deceased", phi | clinical, patients::rule::deceased),
      field<&T::flags>(17, "flags", phi | identity, patients::rule::flags),
      field<&T::extensions>(18, "extensions", phi | identity, patients::rule::extensions),
      field<&T::status>(19, "status", none, patients::rule::status),
      field<&T::facilities>(20, "facilities", none, patients::rule::facilities),
      field<&T::created_at>(21, "created_at", immutable, {.meaning = "When the entry was made."}),
      field<&T::created_by>(22, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(23, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(24, "updated_by", none, {.meaning = "Who changed it last."}),
      field<&T::deleted_at>(25, "deleted_at", none, {.meaning = "When it was deleted, where it was."}),
      field<&T::deleted_by>(26, "deleted_by", none, {.meaning = "Who deleted it."}),
      // Free text about a patient may say anything, so it lies in the sealed block of who they are.
      field<&T::deleted_reason>(27, "deleted_reason", phi | identity, {.max = 500, .meaning = "Why it was deleted."})};
};

template <>
struct Described<patients::Register> {
  using T = patients::Register;
  static constexpr std::string_view name = "PatientsRegister";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, patients::rule::own_id),
      field<&T::mrn>(2, "mrn", phi, patients::rule::mrn),
      field<&T::names>(3, "names", phi, patients::rule::names),
      field<&T::unidentified>(4, "unidentified", none, patients::rule::unidentified),
      field<&T::birth>(5, "birth", phi, patients::rule::birth),
      field<&T::age>(6, "age", phi, {.meaning = "The age, instead of the date of birth."}),
      field<&T::sex_admin>(7, "sex_admin", required | phi, patients::rule::sex_admin),
      field<&T::gender_identity>(8, "gender_identity", phi, patients::rule::gender_identity),
      field<&T::identifiers>(9, "identifiers", phi, patients::rule::identifiers),
      field<&T::phones>(10, "phones", phi, patients::rule::phones),
      field<&T::emails>(11, "emails", phi, patients::rule::emails),
      field<&T::addresses>(12, "addresses", phi, patients::rule::addresses),
      field<&T::language>(13, "language", none, patients::rule::language),
      field<&T::zone>(14, "zone", none, patients::rule::zone),
      field<&T::interpreter>(15, "interpreter", none, patients::rule::interpreter),
      field<&T::deceased>(16, "deceased", phi, patients::rule::deceased),
      field<&T::flags>(17, "flags", phi, patients::rule::flags),
      field<&T::extensions>(18, "extensions", phi, patients::rule::extensions),
      field<&T::facilities>(19, "facilities", none, patients::rule::facilities),
      field<&T::force>(20, "force", none, patients::rule::force),
      field<&T::reason>(21, "reason", phi | header, patients::rule::reason)};
};

template <>
struct Described<patients::Get> {
  using T = patients::Get;
  static constexpr std::string_view name = "PatientsGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, patients::rule::id)};
};

template <>
struct Described<patients::List> {
  using T = patients::List;
  static constexpr std::string_view name = "PatientsList";
  static constexpr Field fields[] = {field<&T::name>(1, "name", phi, patients::rule::query_name),
                                     field<&T::mrn>(2, "mrn", phi, patients::rule::query_mrn),
                                     field<&T::identifier>(3, "identifier", phi, patients::rule::query_identifier),
                                     field<&T::phone>(4, "phone", phi, patients::rule::query_phone),
                                     field<&T::email>(5, "email", phi, patients::rule::query_email),
                                     field<&T::birth>(6, "birth", phi, patients::rule::query_birth),
                                     field<&T::include>(7, "include", none, patients::rule::include),
                                     field<&T::limit>(8, "limit", none, patients::rule::limit),
                                     field<&T::cursor>(9, "cursor", none, patients::rule::cursor)};
};

template <>
struct Described<patients::Search> {
  using T = patients::Search;
  static constexpr std::string_view name = "PatientsSearch";
  static constexpr Field fields[] = {field<&T::name>(1, "name", phi, patients::rule::query_name),
                                     field<&T::mrn>(2, "mrn", phi, patients::rule::query_mrn),
                                     field<&T::identifier>(3, "identifier", phi, patients::rule::query_identifier),
                                     field<&T::phone>(4, "phone", phi, patients::rule::query_phone),
                                     field<&T::email>(5, "email", phi, patients::rule::query_email),
                                     field<&T::birth>(6, "birth", phi, patients::rule::query_birth),
                                     field<&T::include>(7, "include", none, patients::rule::include),
                                     field<&T::limit>(8, "limit", none, patients::rule::limit),
                                     field<&T::cursor>(9, "cursor", none, patients::rule::cursor)};
};

template <>
struct Described<patients::Update> {
  using T = patients::Update;
  static constexpr std::string_view name = "PatientsUpdate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, patients::rule::id),
      field<&T::revision>(2, "revision", none, patients::rule::revision),
      field<&T::names>(3, "names", phi, patients::rule::names),
      field<&T::unidentified>(4, "unidentified", none, patients::rule::unidentified),
      field<&T::birth>(5, "birth", phi, patients::rule::birth),
      field<&T::sex_admin>(6, "sex_admin", phi, patients::rule::sex_admin),
      field<&T::gender_identity>(7, "gender_identity", phi, patients::rule::gender_identity),
      field<&T::identifiers>(8, "identifiers", phi, patients::rule::identifiers),
      field<&T::phones>(9, "phones", phi, patients::rule::phones),
      field<&T::emails>(10, "emails", phi, patients::rule::emails),
      field<&T::addresses>(11, "addresses", phi, patients::rule::addresses),
      field<&T::language>(12, "language", none, patients::rule::language),
      field<&T::zone>(13, "zone", none, patients::rule::zone),
      field<&T::interpreter>(14, "interpreter", none, patients::rule::interpreter),
      field<&T::deceased>(15, "deceased", phi, patients::rule::deceased),
      field<&T::flags>(16, "flags", phi, patients::rule::flags),
      field<&T::extensions>(17, "extensions", phi, patients::rule::extensions),
      field<&T::status>(18, "status", none, patients::rule::status),
      field<&T::force>(19, "force", none, patients::rule::force),
      field<&T::reason>(20, "reason", phi | header, patients::rule::reason)};
};

template <>
struct Described<patients::BirthPatch> {
  using T = patients::BirthPatch;
  static constexpr std::string_view name = "BirthPatch";
  static constexpr Field fields[] = {
      field<&T::date>(1, "date", phi, {.meaning = "The date, to the day, the month or the year."}),
      field<&T::estimated>(2, "estimated", none, {.meaning = "Whether the date is an estimate."})};
};

template <>
struct Described<patients::DeceasedPatch> {
  using T = patients::DeceasedPatch;
  static constexpr std::string_view name = "DeceasedPatch";
  static constexpr Field fields[] = {
      field<&T::deceased>(1, "deceased", phi, {.meaning = "Whether the patient has died."}),
      field<&T::at>(2, "at", phi, {.meaning = "When."}),
      field<&T::cause>(3, "cause", phi, {.max = 500, .meaning = "Of what."})};
};

template <>
struct Described<patients::Patch> {
  using T = patients::Patch;
  static constexpr std::string_view name = "PatientsPatch";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, patients::rule::id),
      field<&T::revision>(2, "revision", none, patients::rule::revision),
      field<&T::names>(3, "names", phi, patients::rule::names),
      field<&T::unidentified>(4, "unidentified", none, patients::rule::unidentified),
      field<&T::birth>(5, "birth", phi, patients::rule::birth),
      field<&T::sex_admin>(6, "sex_admin", phi, patients::rule::sex_admin),
      field<&T::gender_identity>(7, "gender_identity", phi, patients::rule::gender_identity),
      field<&T::identifiers>(8, "identifiers", phi, patients::rule::identifiers),
      field<&T::phones>(9, "phones", phi, patients::rule::phones),
      field<&T::emails>(10, "emails", phi, patients::rule::emails),
      field<&T::addresses>(11, "addresses", phi, patients::rule::addresses),
      field<&T::language>(12, "language", none, patients::rule::language),
      field<&T::zone>(13, "zone", none, patients::rule::zone),
      field<&T::interpreter>(14, "interpreter", none, patients::rule::interpreter),
      field<&T::deceased>(15, "deceased", phi, patients::rule::deceased),
      field<&T::flags>(16, "flags", phi, patients::rule::flags),
      field<&T::extensions>(17, "extensions", phi, patients::rule::extensions),
      field<&T::status>(18, "status", none, patients::rule::status),
      field<&T::force>(19, "force", none, patients::rule::force),
      field<&T::reason>(20, "reason", phi | header, patients::rule::reason)};
};

template <>
struct Words<patients::ExportFormat> {
  static constexpr std::string_view name = "PatientExportFormat";
  static constexpr std::string_view words[] = {"json", "html"};
};

template <>
struct Described<patients::Export> {
  using T = patients::Export;
  static constexpr std::string_view name = "PatientsExport";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, patients::rule::id),
                                     field<&T::format>(2, "format", none, {.meaning = "For programs, or to print."}),
                                     field<&T::reason>(3, "reason", phi | header, patients::rule::reason)};
};

template <>
struct Described<patients::Delete> {
  using T = patients::Delete;
  static constexpr std::string_view name = "PatientsDelete";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, patients::rule::id),
                                     field<&T::revision>(2, "revision", none, patients::rule::revision),
                                     field<&T::reason>(3, "reason", phi | header, patients::rule::reason),
                                     field<&T::reason_code>(4, "reason_code", none, patients::rule::reason_code)};
};

template <>
struct Described<patients::Restore> {
  using T = patients::Restore;
  static constexpr std::string_view name = "PatientsRestore";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, patients::rule::id),
                                     field<&T::reason>(2, "reason", phi | header, patients::rule::reason),
                                     field<&T::reason_code>(3, "reason_code", none, patients::rule::reason_code)};
};

template <>
struct Words<imports::Format> {
  static constexpr std::string_view name = "ImportFormat";
  static constexpr std::string_view words[] = {"synthea_csv"};
};

template <>
struct Words<imports::RowOutcome> {
  static constexpr std::string_view name = "ImportOutcome";
  static constexpr std::string_view words[] = {"created", "unchanged", "failed"};
};

template <>
struct Described<imports::RowReport> {
  using T = imports::RowReport;
  static constexpr std::string_view name = "ImportRow";
  static constexpr Field fields[] = {
      field<&T::line>(1, "line", none, {.meaning = "The line in the source, from 1; the header counts."}),
      field<&T::outcome>(2, "outcome", none, {.meaning = "What became of it."}),
      field<&T::column>(3, "column", none, {.meaning = "The column that is wrong, where one is."}),
      field<&T::code>(4, "code", none, {.meaning = "The error's code."}),
      field<&T::message>(5, "message", none, {.meaning = "One line about it, without data."})};
};

template <>
struct Described<imports::Report> {
  using T = imports::Report;
  static constexpr std::string_view name = "ImportReport";
  static constexpr Field fields[] = {
      field<&T::created>(1, "created", none, {.meaning = "How many patients were added."}),
      field<&T::unchanged>(2, "unchanged", none, {.meaning = "How many were there already."}),
      field<&T::failed>(3, "failed", none, {.meaning = "How many lines break a rule."}),
      field<&T::rows>(4, "rows", none, {.meaning = "The lines that failed, with each column that is wrong."})};
};

template <>
struct Described<imports::Patients> {
  using T = imports::Patients;
  static constexpr std::string_view name = "ImportsPatients";
  static constexpr Field fields[] = {
      field<&T::format>(1, "format", none, {.meaning = "The layout of the file."}),
      field<&T::first_line>(2, "first_line", none,
                            {.min = 1, .meaning = "The line number of the header, for the report."}),
      field<&T::facility>(3, "facility", none,
                          {.meaning = "The facility of the new patients; the caller's first where absent."}),
      field<&T::content>(4, "content", required | phi,
                         {.meaning = "The piece of the file: its header and at most 500 rows."})};
};

}  // namespace medflow
