// The fields of encounters and of the operations on them (entities.md, "Encounter").
#pragma once

#include "appointments/appointments.fields.hpp"
#include "medflow/encounters.hpp"

namespace medflow::inline v1::encounters::rule {

inline constexpr Rules id{.meaning = "The encounter's id."};
inline constexpr Rules own_id{.meaning = "An id of the caller's own (any UUID); makes the call repeatable."};
inline constexpr Rules revision{.meaning = "The revision that this change is based on; also by If-Match."};
inline constexpr Rules patient_id{.meaning = "Whose encounter it is."};
inline constexpr Rules practitioner_id{.meaning = "The doctor who is responsible."};
inline constexpr Rules encounter_class{.meaning = "What kind of contact it is."};
inline constexpr Rules start{.meaning = "When it begins; now where it is not said."};
inline constexpr Rules reason{.max = 500, .text = TextRule::note, .meaning = "Why the patient comes."};
inline constexpr Rules why{.max = 500, .text = TextRule::note, .meaning = "Why, in at least 10 characters."};
inline constexpr Rules extensions{.items_max = 32, .meaning = "The host's own values."};
inline constexpr Rules limit{.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."};
inline constexpr Rules cursor{
    .max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."};

}  // namespace medflow::inline v1::encounters::rule

namespace medflow {

template <>
struct Words<encounters::EncounterClass> {
  static constexpr std::string_view name = "EncounterClass";
  static constexpr std::string_view words[] = {"ambulatory", "emergency", "inpatient", "virtual"};
};

template <>
struct Words<encounters::EncounterStatus> {
  static constexpr std::string_view name = "EncounterStatus";
  static constexpr std::string_view words[] = {"planned", "in_progress", "finished", "cancelled", "entered_in_error"};
};

template <>
struct Described<encounters::Encounter> {
  using T = encounters::Encounter;
  static constexpr std::string_view name = "Encounter";
  static constexpr std::string_view page_name = "EncounterPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, encounters::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::patient_id>(3, "patient_id", none, encounters::rule::patient_id),
      field<&T::appointment_id>(4, "appointment_id", immutable, {.meaning = "The visit that it came of."}),
      field<&T::practitioner_id>(5, "practitioner_id", none, encounters::rule::practitioner_id),
      field<&T::facility_id>(6, "facility_id", immutable, {.meaning = "Where it is."}),
      field<&T::encounter_class>(7, "encounter_class", none, encounters::rule::encounter_class),
      field<&T::status>(8, "status", none, {.meaning = "How far it has come."}),
      field<&T::start>(9, "start", none, {.meaning = "When it begins."}),
      field<&T::end>(10, "end", none, {.meaning = "When it ended."}),
      field<&T::reason>(11, "reason", phi | clinical, encounters::rule::reason),
      field<&T::end_reason>(12, "end_reason", phi | clinical, encounters::rule::why),
      field<&T::signed_at>(13, "signed_at", none, {.meaning = "Since when it is locked."}),
      field<&T::signed_by>(14, "signed_by", none, {.meaning = "Who signed it."}),
      field<&T::extensions>(15, "extensions", phi | clinical, encounters::rule::extensions),
      field<&T::patient>(16, "patient", phi | derived, {.meaning = "Who the patient is."}),
      field<&T::created_at>(17, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(18, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(19, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(20, "updated_by", none, {.meaning = "Who changed it last."})};
};

template <>
struct Described<encounters::Open> {
  using T = encounters::Open;
  static constexpr std::string_view name = "EncountersOpen";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, encounters::rule::own_id),
      field<&T::patient_id>(2, "patient_id", required, encounters::rule::patient_id),
      field<&T::appointment_id>(3, "appointment_id", none, {.meaning = "The visit that it comes of."}),
      field<&T::practitioner_id>(4, "practitioner_id", none, encounters::rule::practitioner_id),
      field<&T::facility_id>(5, "facility_id", none,
                             {.meaning = "Where it is; the caller's first facility where it is not said."}),
      field<&T::encounter_class>(6, "encounter_class", none, encounters::rule::encounter_class),
      field<&T::planned>(7, "planned", none, {.meaning = "Whether it is for later."}),
      field<&T::start>(8, "start", none, encounters::rule::start),
      field<&T::reason>(9, "reason", phi, encounters::rule::reason),
      field<&T::extensions>(10, "extensions", phi, encounters::rule::extensions)};
};

template <>
struct Described<encounters::List> {
  using T = encounters::List;
  static constexpr std::string_view name = "EncountersList";
  static constexpr Field fields[] = {
      field<&T::patient_id>(1, "patient_id", required, encounters::rule::patient_id),
      field<&T::status>(2, "status", none, {.meaning = "Only those in this state."}),
      field<&T::include_retracted>(3, "include_retracted", none, {.meaning = "Also those entered in error."}),
      field<&T::limit>(4, "limit", none, encounters::rule::limit),
      field<&T::cursor>(5, "cursor", none, encounters::rule::cursor)};
};

template <>
struct Described<encounters::Get> {
  using T = encounters::Get;
  static constexpr std::string_view name = "EncountersGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, encounters::rule::id)};
};

template <>
struct Described<encounters::Update> {
  using T = encounters::Update;
  static constexpr std::string_view name = "EncountersUpdate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, encounters::rule::id),
      field<&T::revision>(2, "revision", none, encounters::rule::revision),
      field<&T::practitioner_id>(3, "practitioner_id", none, encounters::rule::practitioner_id),
      field<&T::encounter_class>(4, "encounter_class", none, encounters::rule::encounter_class),
      field<&T::start>(5, "start", none, {.meaning = "When it begins; as before where it is not said."}),
      field<&T::reason>(6, "reason", phi, encounters::rule::reason),
      field<&T::extensions>(7, "extensions", phi, encounters::rule::extensions)};
};

template <>
struct Described<encounters::Start> {
  using T = encounters::Start;
  static constexpr std::string_view name = "EncountersStart";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, encounters::rule::id),
                                     field<&T::revision>(2, "revision", none, encounters::rule::revision)};
};

template <>
struct Described<encounters::Finish> {
  using T = encounters::Finish;
  static constexpr std::string_view name = "EncountersFinish";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, encounters::rule::id),
                                     field<&T::revision>(2, "revision", none, encounters::rule::revision)};
};

template <>
struct Described<encounters::Sign> {
  using T = encounters::Sign;
  static constexpr std::string_view name = "EncountersSign";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, encounters::rule::id),
                                     field<&T::revision>(2, "revision", none, encounters::rule::revision)};
};

template <>
struct Described<encounters::Cancel> {
  using T = encounters::Cancel;
  static constexpr std::string_view name = "EncountersCancel";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, encounters::rule::id),
      field<&T::revision>(2, "revision", none, encounters::rule::revision),
      field<&T::reason>(3, "reason", phi, {.max = 500, .text = TextRule::note, .meaning = "Why it is called off."})};
};

template <>
struct Described<encounters::MarkError> {
  using T = encounters::MarkError;
  static constexpr std::string_view name = "EncountersMarkError";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, encounters::rule::id),
                                     field<&T::revision>(2, "revision", none, encounters::rule::revision),
                                     field<&T::reason>(3, "reason", phi | header, encounters::rule::why)};
};

}  // namespace medflow
