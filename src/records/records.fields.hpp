// The fields of medical records and of the operations on them (entities.md, "Record"; HL7 FHIR R4).
#pragma once

#include "encounters/encounters.fields.hpp"
#include "medflow/records.hpp"
#include "users/users.fields.hpp"

namespace medflow::inline v1::records::rule {

inline constexpr Rules id{.meaning = "The record's id."};
inline constexpr Rules own_id{.meaning = "An id of the caller's own (any UUID); makes the call repeatable."};
inline constexpr Rules revision{.meaning = "The revision that this change is based on; also by If-Match."};
inline constexpr Rules patient_id{.meaning = "Whose chart it is in."};
inline constexpr Rules encounter_id{.meaning = "The encounter that it belongs to."};
inline constexpr Rules kind{.meaning = "What kind of record it is."};
inline constexpr Rules effective_at{.meaning = "When what it says held; now where it is not said."};
inline constexpr Rules based_on{.meaning = "The order that it carries out."};
inline constexpr Rules content{.meaning = "What it says: exactly the member of its kind."};
inline constexpr Rules labels{.items_max = 5, .meaning = "Marks that keep it from who does not hold them all."};
inline constexpr Rules signers{.items_max = 10, .meaning = "Who must sign it; its author where nobody is named."};
inline constexpr Rules sign{.meaning = "Sign it at once."};
inline constexpr Rules override_reason{
    .max = 500, .text = TextRule::note, .meaning = "Why in spite of a block, in at least 10 characters."};
inline constexpr Rules why{.max = 500, .text = TextRule::note, .meaning = "Why, in at least 10 characters."};
inline constexpr Rules note{.max = 4000, .text = TextRule::note, .meaning = "What else there is to know."};
inline constexpr Rules limit{.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."};
inline constexpr Rules cursor{
    .max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."};
inline constexpr Rules n{.min = 1, .max = 1'000'000'000, .meaning = "The number of the version, from 1."};

}  // namespace medflow::inline v1::records::rule

namespace medflow {

template <>
struct Words<records::RecordKind> {
  static constexpr std::string_view name = "RecordKind";
  static constexpr std::string_view words[] = {"note",         "condition", "allergy",   "medication_order",
                                               "dispense",     "vital",     "lab_order", "lab_result",
                                               "immunization", "procedure", "referral"};
};

template <>
struct Words<records::RecordStatus> {
  static constexpr std::string_view name = "RecordStatus";
  static constexpr std::string_view words[] = {"draft", "final", "amended", "discarded", "entered_in_error"};
};

template <>
struct Words<records::ClinicalStatus> {
  static constexpr std::string_view name = "ClinicalStatus";
  static constexpr std::string_view words[] = {"active", "recurrence", "relapse", "inactive", "remission", "resolved"};
};

template <>
struct Words<records::Verification> {
  static constexpr std::string_view name = "Verification";
  static constexpr std::string_view words[] = {"unconfirmed", "provisional", "differential", "confirmed", "refuted"};
};

template <>
struct Words<records::Severity> {
  static constexpr std::string_view name = "Severity";
  static constexpr std::string_view words[] = {"mild", "moderate", "severe"};
};

template <>
struct Words<records::AllergyCategory> {
  static constexpr std::string_view name = "AllergyCategory";
  static constexpr std::string_view words[] = {"medication", "food", "environment", "biologic"};
};

template <>
struct Words<records::Criticality> {
  static constexpr std::string_view name = "Criticality";
  static constexpr std::string_view words[] = {"low", "high", "unable_to_assess"};
};

template <>
struct Words<records::VitalSign> {
  static constexpr std::string_view name = "VitalSign";
  static constexpr std::string_view words[] = {
      "body_temperature",  "heart_rate",  "respiratory_rate", "systolic_pressure", "diastolic_pressure",
      "oxygen_saturation", "body_weight", "body_height",      "body_mass_index",   "head_circumference"};
};

template <>
struct Words<records::OrderPriority> {
  static constexpr std::string_view name = "OrderPriority";
  static constexpr std::string_view words[] = {"routine", "urgent", "asap", "stat"};
};

template <>
struct Words<records::Interpretation> {
  static constexpr std::string_view name = "Interpretation";
  static constexpr std::string_view words[] = {"normal", "low", "high", "critical_low", "critical_high", "abnormal"};
};

template <>
struct Words<records::FindingKind> {
  static constexpr std::string_view name = "FindingKind";
  static constexpr std::string_view words[] = {"plausibility", "allergy", "duplicate_therapy", "checker"};
};

template <>
struct Words<records::FindingLevel> {
  static constexpr std::string_view name = "FindingLevel";
  static constexpr std::string_view words[] = {"warning", "block"};
};

template <>
struct Words<records::VersionChange> {
  static constexpr std::string_view name = "VersionChange";
  static constexpr std::string_view words[] = {"created",   "edited",   "signature", "amended",  "addendum",
                                               "retracted", "released", "withheld",  "discarded"};
};

template <>
struct Described<records::Coding> {
  using T = records::Coding;
  static constexpr std::string_view name = "Coding";
  static constexpr Field fields[] = {
      field<&T::system>(1, "system", none,
                        {.max = 255, .text = TextRule::ascii, .meaning = "The code system, an absolute URI."}),
      field<&T::code>(2, "code", none, {.max = 64, .meaning = "The code."}),
      field<&T::display>(3, "display", none, {.max = 500, .meaning = "The code in words."})};
};

template <>
struct Described<records::Quantity> {
  using T = records::Quantity;
  static constexpr std::string_view name = "Quantity";
  static constexpr Field fields[] = {
      field<&T::value>(1, "value", none,
                       {.max = 24, .text = TextRule::ascii, .meaning = "A decimal of at most 18 digits."}),
      field<&T::unit>(2, "unit", none, {.max = 40, .text = TextRule::ascii, .meaning = "The unit, in UCUM."})};
};

template <>
struct Described<records::Note> {
  using T = records::Note;
  static constexpr std::string_view name = "Note";
  static constexpr Field fields[] = {
      field<&T::text>(1, "text", phi, {.max = 60000, .text = TextRule::note, .meaning = "The text."})};
};

template <>
struct Described<records::Condition> {
  using T = records::Condition;
  static constexpr std::string_view name = "Condition";
  static constexpr Field fields[] = {
      field<&T::clinical_status>(1, "clinical_status", phi, {.meaning = "Whether it is there now."}),
      field<&T::verification>(2, "verification", phi, {.meaning = "How sure it is."}),
      field<&T::severity>(3, "severity", phi, {.meaning = "How bad it is."}),
      field<&T::onset>(4, "onset", phi, {.meaning = "Since when, as far as it is known."}),
      field<&T::abatement>(5, "abatement", phi, {.meaning = "Until when, as far as it is known."}),
      field<&T::note>(6, "note", phi, records::rule::note)};
};

template <>
struct Described<records::Reaction> {
  using T = records::Reaction;
  static constexpr std::string_view name = "Reaction";
  static constexpr Field fields[] = {field<&T::manifestation>(1, "manifestation", phi, {.meaning = "What happens."}),
                                     field<&T::severity>(2, "severity", phi, {.meaning = "How bad it was."})};
};

template <>
struct Described<records::Allergy> {
  using T = records::Allergy;
  static constexpr std::string_view name = "Allergy";
  static constexpr Field fields[] = {
      field<&T::category>(1, "category", phi, {.meaning = "What kind of substance it is."}),
      field<&T::clinical_status>(2, "clinical_status", phi, {.meaning = "Whether it is there now."}),
      field<&T::criticality>(3, "criticality", phi, {.meaning = "How dangerous it may become."}),
      field<&T::reactions>(4, "reactions", phi, {.items_max = 20, .meaning = "What happened so far."}),
      field<&T::onset>(5, "onset", phi, {.meaning = "Since when, as far as it is known."}),
      field<&T::note>(6, "note", phi, records::rule::note)};
};

template <>
struct Described<records::MedicationOrder> {
  using T = records::MedicationOrder;
  static constexpr std::string_view name = "MedicationOrder";
  static constexpr Field fields[] = {
      field<&T::dose>(1, "dose", phi, {.meaning = "How much at a time."}),
      field<&T::route>(2, "route", phi, {.max = 100, .meaning = "How it is taken."}),
      field<&T::frequency>(3, "frequency", phi, {.max = 200, .meaning = "How often."}),
      field<&T::as_needed>(4, "as_needed", phi, {.meaning = "Only when it is needed."}),
      field<&T::begins>(5, "begins", phi, {.meaning = "The first day."}),
      field<&T::ends>(6, "ends", phi, {.meaning = "The last day."}),
      field<&T::refills>(7, "refills", phi, {.max = 99, .meaning = "How often it may be dispensed again."}),
      field<&T::reasons>(8, "reasons", phi, {.items_max = 10, .meaning = "What it is for."}),
      field<&T::instructions>(9, "instructions", phi,
                              {.max = 2000, .text = TextRule::note, .meaning = "What else is to be told."})};
};

template <>
struct Described<records::Dispense> {
  using T = records::Dispense;
  static constexpr std::string_view name = "Dispense";
  static constexpr Field fields[] = {
      field<&T::quantity>(1, "quantity", phi, {.meaning = "How much was handed out."}),
      field<&T::days_supply>(2, "days_supply", phi, {.min = 1, .max = 3660, .meaning = "For how many days it lasts."}),
      field<&T::batch>(3, "batch", phi, {.max = 60, .meaning = "The batch or lot."}),
      field<&T::note>(4, "note", phi, records::rule::note)};
};

template <>
struct Described<records::Measurement> {
  using T = records::Measurement;
  static constexpr std::string_view name = "Measurement";
  static constexpr Field fields[] = {field<&T::sign>(1, "sign", phi, {.meaning = "What was measured."}),
                                     field<&T::quantity>(2, "quantity", phi, {.meaning = "How much, with its unit."}),
                                     field<&T::derived>(3, "derived", phi, {.meaning = "Whether it was computed."})};
};

template <>
struct Described<records::Vitals> {
  using T = records::Vitals;
  static constexpr std::string_view name = "Vitals";
  static constexpr Field fields[] = {
      field<&T::measurements>(1, "measurements", phi, {.items_max = 10, .meaning = "What was measured."}),
      field<&T::self_reported>(2, "self_reported", phi, {.meaning = "Whether the patient measured it."}),
      field<&T::note>(3, "note", phi, records::rule::note)};
};

template <>
struct Described<records::LabOrder> {
  using T = records::LabOrder;
  static constexpr std::string_view name = "LabOrder";
  static constexpr Field fields[] = {field<&T::priority>(1, "priority", phi, {.meaning = "How urgent it is."}),
                                     field<&T::tests>(2, "tests", phi, {.items_max = 50, .meaning = "Further tests."}),
                                     field<&T::specimen>(3, "specimen", phi, {.max = 200, .meaning = "Of what."}),
                                     field<&T::note>(4, "note", phi, records::rule::note)};
};

template <>
struct Described<records::Observation> {
  using T = records::Observation;
  static constexpr std::string_view name = "Observation";
  static constexpr Field fields[] = {
      field<&T::code>(1, "code", phi, {.meaning = "What was looked at."}),
      field<&T::quantity>(2, "quantity", phi, {.meaning = "The value, as an amount."}),
      field<&T::text>(3, "text", phi, {.max = 2000, .text = TextRule::note, .meaning = "The value, in words."}),
      field<&T::coded>(4, "coded", phi, {.meaning = "The value, as a code."}),
      field<&T::reference_range>(5, "reference_range", phi, {.max = 100, .meaning = "What is usual."}),
      field<&T::interpretation>(6, "interpretation", phi, {.meaning = "How it compares."})};
};

template <>
struct Described<records::LabResult> {
  using T = records::LabResult;
  static constexpr std::string_view name = "LabResult";
  static constexpr Field fields[] = {
      field<&T::observations>(1, "observations", phi, {.items_max = 200, .meaning = "The values."}),
      field<&T::conclusion>(2, "conclusion", phi, records::rule::note)};
};

template <>
struct Described<records::Immunization> {
  using T = records::Immunization;
  static constexpr std::string_view name = "Immunization";
  static constexpr Field fields[] = {
      field<&T::lot>(1, "lot", phi, {.max = 60, .meaning = "The lot."}),
      field<&T::manufacturer>(2, "manufacturer", phi, {.max = 200, .meaning = "Who made it."}),
      field<&T::site>(3, "site", phi, {.max = 100, .meaning = "Where on the body."}),
      field<&T::route>(4, "route", phi, {.max = 100, .meaning = "How it was given."}),
      field<&T::dose_number>(5, "dose_number", phi, {.min = 1, .max = 100, .meaning = "Which dose of its series."}),
      field<&T::dose>(6, "dose", phi, {.meaning = "How much."}),
      field<&T::not_given_reason>(7, "not_given_reason", phi, {.max = 500, .meaning = "Why it was not given."})};
};

template <>
struct Described<records::Procedure> {
  using T = records::Procedure;
  static constexpr std::string_view name = "Procedure";
  static constexpr Field fields[] = {
      field<&T::ended_at>(1, "ended_at", phi, {.meaning = "When it ended."}),
      field<&T::reasons>(2, "reasons", phi, {.items_max = 10, .meaning = "What it was for."}),
      field<&T::site>(3, "site", phi, {.max = 200, .meaning = "Where on the body."}),
      field<&T::outcome>(4, "outcome", phi, {.max = 1000, .text = TextRule::note, .meaning = "What came of it."}),
      field<&T::note>(5, "note", phi, records::rule::note)};
};

template <>
struct Described<records::Referral> {
  using T = records::Referral;
  static constexpr std::string_view name = "Referral";
  static constexpr Field fields[] = {
      field<&T::priority>(1, "priority", phi, {.meaning = "How urgent it is."}),
      field<&T::specialty>(2, "specialty", phi, {.max = 100, .meaning = "To which specialty."}),
      field<&T::practitioner_id>(3, "practitioner_id", phi, {.meaning = "To which doctor of the hospital."}),
      field<&T::recipient>(4, "recipient", phi, {.max = 300, .meaning = "To whom outside."}),
      field<&T::question>(5, "question", phi, {.max = 4000, .text = TextRule::note, .meaning = "What is asked."}),
      field<&T::reasons>(6, "reasons", phi, {.items_max = 10, .meaning = "What it is for."})};
};

template <>
struct Described<records::RecordContent> {
  using T = records::RecordContent;
  static constexpr std::string_view name = "RecordContent";
  static constexpr Field fields[] = {
      field<&T::code>(1, "code", phi, {.meaning = "What it is about, as a code."}),
      field<&T::title>(2, "title", phi, {.max = 200, .meaning = "What it is about, in words."}),
      field<&T::note>(3, "note", phi, {.meaning = "What a record of this kind says."}),
      field<&T::condition>(4, "condition", phi, {.meaning = "What a record of this kind says."}),
      field<&T::allergy>(5, "allergy", phi, {.meaning = "What a record of this kind says."}),
      field<&T::medication_order>(6, "medication_order", phi, {.meaning = "What a record of this kind says."}),
      field<&T::dispense>(7, "dispense", phi, {.meaning = "What a record of this kind says."}),
      field<&T::vital>(8, "vital", phi, {.meaning = "What a record of this kind says."}),
      field<&T::lab_order>(9, "lab_order", phi, {.meaning = "What a record of this kind says."}),
      field<&T::lab_result>(10, "lab_result", phi, {.meaning = "What a record of this kind says."}),
      field<&T::immunization>(11, "immunization", phi, {.meaning = "What a record of this kind says."}),
      field<&T::procedure>(12, "procedure", phi, {.meaning = "What a record of this kind says."}),
      field<&T::referral>(13, "referral", phi, {.meaning = "What a record of this kind says."}),
      field<&T::extensions>(14, "extensions", phi, {.items_max = 32, .meaning = "The host's own values."})};
};

template <>
struct Described<records::Finding> {
  using T = records::Finding;
  static constexpr std::string_view name = "Finding";
  static constexpr Field fields[] = {
      field<&T::kind>(1, "kind", phi, {.meaning = "What was found."}),
      field<&T::level>(2, "level", phi, {.meaning = "Whether it stands in the way."}),
      field<&T::pointer>(3, "pointer", phi, {.max = 200, .meaning = "Where in the content."}),
      field<&T::record_id>(4, "record_id", phi, {.meaning = "What is in the way."}),
      field<&T::override_reason>(5, "override_reason", phi, records::rule::override_reason),
      field<&T::rule>(6, "rule", phi, {.max = 60, .text = TextRule::ascii, .meaning = "The checker's name for it."})};
};

template <>
struct Described<records::Signature> {
  using T = records::Signature;
  static constexpr std::string_view name = "Signature";
  static constexpr Field fields[] = {field<&T::user_id>(1, "user_id", none, {.meaning = "Who signs."}),
                                     field<&T::at>(2, "at", none, {.meaning = "When it was signed."})};
};

template <>
struct Described<records::Record> {
  using T = records::Record;
  static constexpr std::string_view name = "Record";
  static constexpr std::string_view page_name = "RecordPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, records::rule::id),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "Counts the changes, from 1; the number of its last version."}),
      field<&T::patient_id>(3, "patient_id", none, records::rule::patient_id),
      field<&T::encounter_id>(4, "encounter_id", immutable, records::rule::encounter_id),
      field<&T::kind>(5, "kind", immutable, records::rule::kind),
      field<&T::status>(6, "status", none, {.meaning = "The state of the record."}),
      field<&T::effective_at>(7, "effective_at", none, {.meaning = "When what it says held."}),
      field<&T::recorded_at>(8, "recorded_at", immutable, {.meaning = "When it was written down."}),
      field<&T::author_id>(9, "author_id", immutable, {.meaning = "Who wrote it."}),
      field<&T::based_on>(10, "based_on", immutable, records::rule::based_on),
      field<&T::content>(11, "content", phi, records::rule::content),
      field<&T::findings>(12, "findings", phi, {.items_max = 50, .meaning = "What the checks found."}),
      field<&T::labels>(13, "labels", phi, records::rule::labels),
      field<&T::signers>(14, "signers", none, {.items_max = 10, .meaning = "Who signs, and who has signed."}),
      field<&T::addenda>(15, "addenda", none, {.meaning = "How many addenda it has."}),
      field<&T::released_to_patient_at>(16, "released_to_patient_at", none,
                                        {.meaning = "From when on its patient may see it."}),
      field<&T::patient>(17, "patient", phi | derived, {.meaning = "Who the patient is."}),
      field<&T::created_at>(18, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(19, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(20, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(21, "updated_by", none, {.meaning = "Who changed it last."})};
};

template <>
struct Described<records::Create> {
  using T = records::Create;
  static constexpr std::string_view name = "RecordsCreate";
  static constexpr Field fields[] = {field<&T::id>(1, "id", none, records::rule::own_id),
                                     field<&T::patient_id>(2, "patient_id", required, records::rule::patient_id),
                                     field<&T::encounter_id>(3, "encounter_id", none, records::rule::encounter_id),
                                     field<&T::kind>(4, "kind", none, records::rule::kind),
                                     field<&T::effective_at>(5, "effective_at", none, records::rule::effective_at),
                                     field<&T::based_on>(6, "based_on", none, records::rule::based_on),
                                     field<&T::content>(7, "content", required | phi, records::rule::content),
                                     field<&T::labels>(8, "labels", phi, records::rule::labels),
                                     field<&T::signers>(9, "signers", none, records::rule::signers),
                                     field<&T::sign>(10, "sign", none, records::rule::sign)};
};

template <>
struct Described<records::List> {
  using T = records::List;
  static constexpr std::string_view name = "RecordsList";
  static constexpr Field fields[] = {
      field<&T::patient_id>(1, "patient_id", required, records::rule::patient_id),
      field<&T::encounter_id>(2, "encounter_id", none, {.meaning = "Only those of this encounter."}),
      field<&T::kind>(3, "kind", none, {.meaning = "Only those of this kind."}),
      field<&T::status>(4, "status", none, {.meaning = "Only those in this state."}),
      field<&T::from>(5, "from", none, {.meaning = "Only those that held from then on."}),
      field<&T::to>(6, "to", none, {.meaning = "Only those that held before then."}),
      field<&T::as_of>(7, "as_of", none, {.meaning = "As the chart was at this instant."}),
      field<&T::include_retracted>(8, "include_retracted", none,
                                   {.meaning = "Also those entered in error, and discarded drafts."}),
      field<&T::limit>(9, "limit", none, records::rule::limit),
      field<&T::cursor>(10, "cursor", none, records::rule::cursor)};
};

template <>
struct Described<records::Get> {
  using T = records::Get;
  static constexpr std::string_view name = "RecordsGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, records::rule::id)};
};

template <>
struct Described<records::Update> {
  using T = records::Update;
  static constexpr std::string_view name = "RecordsUpdate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, records::rule::id),
      field<&T::revision>(2, "revision", none, records::rule::revision),
      field<&T::effective_at>(3, "effective_at", none,
                              {.meaning = "When what it says held; as before where it is not said."}),
      field<&T::content>(4, "content", required | phi, records::rule::content),
      field<&T::labels>(5, "labels", phi, records::rule::labels),
      field<&T::signers>(6, "signers", none, records::rule::signers)};
};

template <>
struct Described<records::Sign> {
  using T = records::Sign;
  static constexpr std::string_view name = "RecordsSign";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, records::rule::id),
      field<&T::revision>(2, "revision", none, records::rule::revision),
      field<&T::override_reason>(3, "override_reason", phi, records::rule::override_reason)};
};

template <>
struct Described<records::Discard> {
  using T = records::Discard;
  static constexpr std::string_view name = "RecordsDiscard";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, records::rule::id),
                                     field<&T::revision>(2, "revision", none, records::rule::revision)};
};

template <>
struct Described<records::Amend> {
  using T = records::Amend;
  static constexpr std::string_view name = "RecordsAmend";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, records::rule::id),
      field<&T::revision>(2, "revision", none, records::rule::revision),
      field<&T::content>(3, "content", required | phi, records::rule::content),
      field<&T::labels>(4, "labels", phi, records::rule::labels),
      field<&T::reason>(5, "reason", phi | header, records::rule::why),
      field<&T::override_reason>(6, "override_reason", phi, records::rule::override_reason)};
};

template <>
struct Described<records::Append> {
  using T = records::Append;
  static constexpr std::string_view name = "RecordsAppend";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, records::rule::id),
      field<&T::revision>(2, "revision", none, records::rule::revision),
      field<&T::text>(3, "text", required | phi,
                      {.min = 1, .max = 60000, .text = TextRule::note, .meaning = "What is added."})};
};

template <>
struct Described<records::Retracted> {
  using T = records::Retracted;
  static constexpr std::string_view name = "RetractedRecord";
  static constexpr Field fields[] = {
      field<&T::record>(1, "record", none, {.meaning = "What was retracted."}),
      field<&T::dependants>(2, "dependants", none, {.meaning = "Records that are based on it."})};
};

template <>
struct Described<records::Retract> {
  using T = records::Retract;
  static constexpr std::string_view name = "RecordsRetract";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, records::rule::id),
                                     field<&T::revision>(2, "revision", none, records::rule::revision),
                                     field<&T::reason>(3, "reason", phi | header, records::rule::why)};
};

template <>
struct Described<records::Release> {
  using T = records::Release;
  static constexpr std::string_view name = "RecordsRelease";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, records::rule::id),
      field<&T::revision>(2, "revision", none, records::rule::revision),
      field<&T::at>(3, "at", none, {.meaning = "From when on; now where it is not said."}),
      field<&T::withhold>(4, "withhold", none, {.meaning = "Keep it from the patient instead."})};
};

template <>
struct Described<records::Version> {
  using T = records::Version;
  static constexpr std::string_view name = "RecordVersion";
  static constexpr std::string_view page_name = "RecordVersionPage";
  static constexpr Field fields[] = {
      field<&T::record_id>(1, "record_id", none, records::rule::id),
      field<&T::n>(2, "n", none, records::rule::n),
      field<&T::change>(3, "change", none, {.meaning = "What made it."}),
      field<&T::status>(4, "status", none, {.meaning = "The state from then on."}),
      field<&T::author_id>(5, "author_id", none, {.meaning = "Who made it."}),
      field<&T::at>(6, "at", none, {.meaning = "When it was made."}),
      field<&T::content>(7, "content", phi, records::rule::content),
      field<&T::findings>(8, "findings", phi, {.meaning = "What the checks found."}),
      field<&T::labels>(9, "labels", phi, records::rule::labels),
      field<&T::reason>(10, "reason", phi, records::rule::why),
      field<&T::addendum>(11, "addendum", phi, {.max = 60000, .text = TextRule::note, .meaning = "What was added."}),
      field<&T::hash>(
          12, "hash", none,
          {.max = 64, .text = TextRule::ascii, .meaning = "SHA-256 of the canonical text, in hexadecimal."}),
      field<&T::signature>(13, "signature", none,
                           {.max = 88, .text = TextRule::ascii, .meaning = "Ed25519 over the canonical text, base64."}),
      field<&T::public_key>(14, "public_key", none,
                            {.max = 44, .text = TextRule::ascii, .meaning = "The key of that signature, base64."}),
      field<&T::canonical>(15, "canonical", phi,
                           {.text = TextRule::any, .meaning = "What hash and signature are over (RFC 8785)."}),
      field<&T::patient_id>(16, "patient_id", none, records::rule::patient_id),
      field<&T::patient>(17, "patient", phi | derived, {.meaning = "Who the patient is."})};
};

template <>
struct Described<records::ListVersions> {
  using T = records::ListVersions;
  static constexpr std::string_view name = "RecordsListVersions";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, records::rule::id),
                                     field<&T::limit>(2, "limit", none, records::rule::limit),
                                     field<&T::cursor>(3, "cursor", none, records::rule::cursor)};
};

template <>
struct Described<records::GetVersion> {
  using T = records::GetVersion;
  static constexpr std::string_view name = "RecordsGetVersion";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, records::rule::id),
                                     field<&T::n>(2, "n", required, records::rule::n)};
};

template <>
struct Described<records::Diff> {
  using T = records::Diff;
  static constexpr std::string_view name = "RecordsDiff";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, records::rule::id),
                                     field<&T::from>(2, "from", none, records::rule::n),
                                     field<&T::to>(3, "to", none, records::rule::n)};
};

template <>
struct Described<vitals::Record> {
  using T = vitals::Record;
  static constexpr std::string_view name = "VitalsRecord";
  static constexpr Field fields[] = {field<&T::id>(1, "id", none, records::rule::own_id),
                                     field<&T::patient_id>(2, "patient_id", required, records::rule::patient_id),
                                     field<&T::encounter_id>(3, "encounter_id", none, records::rule::encounter_id),
                                     field<&T::effective_at>(4, "effective_at", none, records::rule::effective_at),
                                     field<&T::content>(5, "content", required | phi, records::rule::content),
                                     field<&T::signers>(6, "signers", none, records::rule::signers),
                                     field<&T::sign>(7, "sign", none, records::rule::sign)};
};

template <>
struct Described<lab_results::Record> {
  using T = lab_results::Record;
  static constexpr std::string_view name = "LabResultsRecord";
  static constexpr Field fields[] = {field<&T::id>(1, "id", none, records::rule::own_id),
                                     field<&T::patient_id>(2, "patient_id", required, records::rule::patient_id),
                                     field<&T::encounter_id>(3, "encounter_id", none, records::rule::encounter_id),
                                     field<&T::effective_at>(4, "effective_at", none, records::rule::effective_at),
                                     field<&T::based_on>(5, "based_on", none, records::rule::based_on),
                                     field<&T::content>(6, "content", required | phi, records::rule::content),
                                     field<&T::labels>(7, "labels", phi, records::rule::labels),
                                     field<&T::signers>(8, "signers", none, records::rule::signers),
                                     field<&T::sign>(9, "sign", none, records::rule::sign)};
};

template <>
struct Described<medications::Order> {
  using T = medications::Order;
  static constexpr std::string_view name = "MedicationsOrder";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, records::rule::own_id),
      field<&T::patient_id>(2, "patient_id", required, records::rule::patient_id),
      field<&T::encounter_id>(3, "encounter_id", none, records::rule::encounter_id),
      field<&T::effective_at>(4, "effective_at", none, records::rule::effective_at),
      field<&T::content>(5, "content", required | phi, records::rule::content),
      field<&T::labels>(6, "labels", phi, records::rule::labels),
      field<&T::signers>(7, "signers", none, records::rule::signers),
      field<&T::sign>(8, "sign", none, records::rule::sign),
      field<&T::override_reason>(9, "override_reason", phi, records::rule::override_reason)};
};

template <>
struct Described<medications::Dispense> {
  using T = medications::Dispense;
  static constexpr std::string_view name = "MedicationsDispense";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, records::rule::own_id),
      field<&T::patient_id>(2, "patient_id", required, records::rule::patient_id),
      field<&T::effective_at>(3, "effective_at", none, records::rule::effective_at),
      field<&T::based_on>(4, "based_on", required, records::rule::based_on),
      field<&T::content>(5, "content", required | phi, records::rule::content),
      field<&T::signers>(6, "signers", none, records::rule::signers),
      field<&T::sign>(7, "sign", none, records::rule::sign),
      field<&T::override_reason>(8, "override_reason", phi, records::rule::override_reason)};
};

}  // namespace medflow
