// What is stored of patients, and which of them a session reaches.
#pragma once

#include <array>

#include "kernel/rows.hpp"
#include "medflow/patients.hpp"
#include "patients/patients.fields.hpp"
#include "patients/token_table.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::patients {

inline constexpr Code duplicate{"patient.duplicate", Errc::conflict, "Another patient holds this identifier."};
inline constexpr Code mrn_taken{"mrn.taken", Errc::conflict, "Another patient has this record number."};
inline constexpr Code restore_expired{"patient.restore_expired", Errc::gone,
                                      "A deleted patient can be restored for 30 days only."};
inline constexpr Code has_appointments{"patient.has_appointments", Errc::conflict,
                                       "The patient has visits that are still to come."};
inline constexpr Code filter_masked{"filter.masked", Errc::malformed,
                                    "This account sees identifiers masked, and does not search by them."};
inline constexpr Code query_too_broad{"query.too_broad", Errc::invalid,
                                      "Give at least two letters of a name, or an identifier."};

/// What a token is a token of; a part of it, so that equal texts of two kinds have different tokens. Frozen.
enum class TokenKind : std::uint8_t {
  mrn = 1,
  identifier = 2,  ///< its value, whatever its system: that is compared on the row
  phone = 3,
  email = 4,
};

inline constexpr std::array facility_columns{
    storage::Column{"facility_id", storage::CellKind::bytes, false, "the facility"},
    storage::Column{"patient_id", storage::CellKind::bytes, false, "a patient who is known there"},
};
inline constexpr storage::Table facilities_table{
    .id = 22,
    .name = "patient_facilities",
    .meaning = "an index of patients by facility; the truth is in the patient's row",
    .columns = facility_columns,
    .key_columns = 2};

/// Whether the patient is known at one of the caller's facilities.
bool known_at_own(const kernel::Actor& actor, const Patient& patient);

/// Whether a session that holds `permission` reaches this patient with it.
bool reaches(const kernel::Work& work, const Patient& patient, Permission permission);

/// The classes that are opened of this patient: the clinical one only where the caller reads the chart.
std::uint32_t classes(const kernel::Work& work, const Patient& patient);

/// Whether identifiers of this patient are shown whole (RBA-5). The row's plain fields decide.
bool shows_identifiers(const kernel::Work& work, const Patient& patient);

/// Takes away what is not shown of a patient that was opened whole, and masks identifiers. Every patient that is answered goes through it.
void hide_closed(const kernel::Work& work, Patient& patient);

}  // namespace medflow::inline v1::patients

namespace medflow::kernel {

template <>
struct Reach<patients::Patient> {
  static bool reaches(const Work& work, const patients::Patient& patient) {
    return patients::reaches(work, patient, work.permission());
  }
  static bool hidden(const patients::Patient& patient) { return patient.deleted_at.has_value(); }
  static std::uint32_t classes(const Work& work, const patients::Patient& patient) {
    return patients::classes(work, patient);
  }
};

}  // namespace medflow::kernel

namespace medflow::inline v1::storage {

template <>
struct Stored<patients::Patient> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::imports {

inline constexpr Code layout_unknown{"import.layout", Errc::malformed, "The file does not have this layout."};

}  // namespace medflow::inline v1::imports
