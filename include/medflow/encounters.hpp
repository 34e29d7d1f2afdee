// Encounters: contacts of a patient with the hospital, and what they hold together (FHIR Encounter).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/appointments.hpp"

namespace medflow::inline v1::encounters {

/// FHIR's class (HL7 v3 ActCode): AMB, EMER, IMP, VR.
enum class EncounterClass : std::uint8_t { ambulatory, emergency, inpatient, virtual_visit };

/// planned → in_progress → finished; planned → cancelled; any → entered_in_error.
enum class EncounterStatus : std::uint8_t { planned, in_progress, finished, cancelled, entered_in_error };

/// A contact of a patient with the hospital. Members whose class the caller's role does not open are empty.
struct Encounter {
  EncounterId id{};
  std::uint64_t revision = 0;
  PatientId patient_id{};
  std::optional<AppointmentId> appointment_id{};
  std::optional<PractitionerId> practitioner_id{};
  FacilityId facility_id{};
  EncounterClass encounter_class = EncounterClass::ambulatory;
  EncounterStatus status = EncounterStatus::in_progress;
  Instant start{};
  std::optional<Instant> end{};
  std::string reason{};                ///< why the patient came, at most 500 code points
  std::string end_reason{};            ///< why it was cancelled or marked as an error
  std::optional<Instant> signed_at{};  ///< from then on it is locked, and what is in it too
  std::optional<UserId> signed_by{};
  std::vector<patients::Extension> extensions{};
  std::optional<appointments::PatientLabel> patient{};  ///< in answers
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// Opens an encounter, now or planned for later. With `id`, the same call again answers what there is. Of an appointment the doctor and the
/// place are taken over where they are not said.
/// Fails, first match wins: forbidden; invalid (an unknown patient, appointment, doctor or facility); conflict `conflict.id_reused`.
struct Open {
  using Output = Encounter;
  std::optional<EncounterId> id{};
  PatientId patient_id{};
  std::optional<AppointmentId> appointment_id{};
  std::optional<PractitionerId> practitioner_id{};
  std::optional<FacilityId> facility_id{};  ///< the caller's first where it is not said
  EncounterClass encounter_class = EncounterClass::ambulatory;
  bool planned = false;
  std::optional<Instant> start{};  ///< now where it is not said
  std::string reason{};
  std::vector<patients::Extension> extensions{};

  static constexpr Operation operation{.name = "encounters.open",
                                       .method = Method::post,
                                       .path = "/encounters",
                                       .permission = Permission::encounter_open,
                                       .effect = Effect::write,
                                       .summary = "Open an encounter",
                                       .object = "encounter",
                                       .status = 201};
};

/// A patient's encounters, newest first; those entered in error only where `include_retracted` is set, and the page says how many were left
/// out.
/// Fails, first match wins: forbidden; not_found (the patient).
struct List {
  using Output = Page<Encounter>;
  PatientId patient_id{};
  std::optional<EncounterStatus> status{};
  bool include_retracted = false;
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "encounters.list",
                                       .method = Method::get,
                                       .path = "/patients/{patient_id}/encounters",
                                       .permission = Permission::record_read,
                                       .summary = "List a patient's encounters",
                                       .object = "encounter"};
};

/// One encounter.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Encounter;
  EncounterId id{};

  static constexpr Operation operation{.name = "encounters.get",
                                       .method = Method::get,
                                       .path = "/encounters/{id}",
                                       .permission = Permission::record_read,
                                       .summary = "Read an encounter",
                                       .object = "encounter"};
};

/// Replaces what is said of an encounter that is not over.
/// Fails, first match wins: forbidden; not_found; locked `encounter.signed`; conflict `transition.illegal` (it is over); invalid;
/// `conflict.revision`.
struct Update {
  using Output = Encounter;
  EncounterId id{};
  std::optional<std::uint64_t> revision{};
  std::optional<PractitionerId> practitioner_id{};
  EncounterClass encounter_class = EncounterClass::ambulatory;
  std::optional<Instant> start{};
  std::string reason{};
  std::vector<patients::Extension> extensions{};

  static constexpr Operation operation{.name = "encounters.update",
                                       .method = Method::put,
                                       .path = "/encounters/{id}",
                                       .permission = Permission::encounter_open,
                                       .effect = Effect::write,
                                       .summary = "Change an encounter",
                                       .object = "encounter"};
};

/// Begins one that was planned, now.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`; `conflict.revision`.
struct Start {
  using Output = Encounter;
  EncounterId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "encounters.start",
                                       .method = Method::post,
                                       .path = "/encounters/{id}/start",
                                       .permission = Permission::encounter_open,
                                       .effect = Effect::write,
                                       .summary = "Begin a planned encounter",
                                       .object = "encounter"};
};

/// Ends one that is under way, now.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`; `conflict.revision`.
struct Finish {
  using Output = Encounter;
  EncounterId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "encounters.finish",
                                       .method = Method::post,
                                       .path = "/encounters/{id}/finish",
                                       .permission = Permission::encounter_close,
                                       .effect = Effect::write,
                                       .summary = "Finish an encounter",
                                       .object = "encounter"};
};

/// Calls off one that was planned.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`; `conflict.revision`.
struct Cancel {
  using Output = Encounter;
  EncounterId id{};
  std::optional<std::uint64_t> revision{};
  std::string reason{};

  static constexpr Operation operation{.name = "encounters.cancel",
                                       .method = Method::post,
                                       .path = "/encounters/{id}/cancel",
                                       .permission = Permission::encounter_close,
                                       .effect = Effect::write,
                                       .summary = "Call off a planned encounter",
                                       .object = "encounter"};
};

/// Signs a finished encounter: nothing in it changes any more but by amendment and addendum, and nothing is added to it (REC-2). Its
/// practitioner may, or whoever opened it where it has none.
/// Fails, first match wins: forbidden (another's); not_found; locked `encounter.signed`; conflict `transition.illegal` (not finished);
/// conflict `encounter.drafts` (records in it are neither signed nor discarded); `conflict.revision`.
struct Sign {
  using Output = Encounter;
  EncounterId id{};
  std::optional<std::uint64_t> revision{};

  static constexpr Operation operation{.name = "encounters.sign",
                                       .method = Method::post,
                                       .path = "/encounters/{id}/sign",
                                       .permission = Permission::record_sign,
                                       .effect = Effect::write,
                                       .summary = "Sign and lock an encounter",
                                       .object = "encounter"};
};

/// Says that an encounter never was: it stays, struck, and is left out of lists unless asked for. It is its practitioner's to strike, or of whoever
/// opened it where it has none. The reason has at least 10 characters.
/// Fails, first match wins: forbidden (another's); not_found; conflict `transition.illegal`; conflict `encounter.records` (it holds records that
/// are not retracted or discarded); invalid `reason`; `conflict.revision`.
struct MarkError {
  using Output = Encounter;
  EncounterId id{};
  std::optional<std::uint64_t> revision{};
  std::string reason{};

  static constexpr Operation operation{.name = "encounters.mark_error",
                                       .method = Method::post,
                                       .path = "/encounters/{id}/mark_error",
                                       .permission = Permission::record_retract,
                                       .effect = Effect::write,
                                       .summary = "Mark an encounter as entered in error",
                                       .object = "encounter",
                                       .reason_required = true};
};

}  // namespace medflow::inline v1::encounters
