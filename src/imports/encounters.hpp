// Rows of Synthea's encounters.csv, from which come visits and encounters.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "imports/table.hpp"
#include "medflow/facilities.hpp"

namespace medflow::inline v1::imports {

struct EncounterRow {
  Uuid id{};
  Instant start{};
  Instant end{};
  PatientId patient{};
  const facilities::Facility* facility = nullptr;  ///< until the next write of a fact
  PractitionerId doctor{};
  std::string_view kind{};         ///< ENCOUNTERCLASS
  std::string_view description{};  ///< at most 500 code points
};

/// The columns that it is read by.
std::span<const std::string_view> encounter_columns();

/// What a line says. Throws Failure `invalid` where it is not over, or where its doctor or facility is not there; its patient is not looked up.
EncounterRow encounter_row(kernel::Work& work, const Line& line);

}  // namespace medflow::inline v1::imports
