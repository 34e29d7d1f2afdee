// Rows of Synthea's clinical tables as values: what a line says, in the terms of a chart, before anything of it is looked up or stored. What is wrong is
// thrown as of the other tables, with the column in the place of the pointer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "imports/table.hpp"
#include "medflow/id.hpp"
#include "medflow/time.hpp"

namespace medflow::inline v1::imports::clinical {

inline constexpr std::string_view snomed_ct = "http://snomed.info/sct";
inline constexpr std::string_view rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm";
inline constexpr std::string_view loinc = "http://loinc.org";
inline constexpr std::string_view cvx = "http://hl7.org/fhir/sid/cvx";

struct Coded {
  std::string system{};
  std::string code{};
  std::string display{};

  friend bool operator==(const Coded&, const Coded&) = default;
};

/// What every row has. Only care plans have ids of their own; the others get one that follows from the table, the line's number and what it says, so
/// that the same file again makes the same ids, and lines that say the same are two (Synthea has them: a procedure that is done twice at a visit).
struct Row {
  Uuid id{};
  std::uint64_t line = 0;
  PatientId patient{};
  std::optional<Uuid> encounter{};  ///< as encounters.csv names it; only observations may be without
};

/// conditions.csv
struct Condition : Row {
  Coded code{};
  Date onset{};
  std::optional<Date> abatement{};  ///< none: it lasts
};

enum class AllergyKind : std::uint8_t { allergy, intolerance };
enum class AllergyCategory : std::uint8_t { medication, food, environment };
enum class Severity : std::uint8_t { mild, moderate, severe };

struct Reaction {
  Coded manifestation{};
  std::optional<Severity> severity{};
};

/// allergies.csv
struct Allergy : Row {
  Coded substance{};
  AllergyKind kind = AllergyKind::allergy;
  AllergyCategory category = AllergyCategory::environment;
  Date onset{};
  std::optional<Date> end{};
  std::vector<Reaction> reactions{};  ///< two at most
};

/// medications.csv. What it costs is billing's.
struct Medication : Row {
  Coded drug{};
  Instant start{};
  std::optional<Instant> stop{};
  std::uint32_t dispenses = 0;  ///< how many times it was handed out so far
  std::optional<Coded> reason{};
};

/// What becomes of an observation in a chart.
enum class Place : std::uint8_t {
  vital_sign,  ///< one of those that `records.vitals` has
  derived,     ///< computed from others there: the body mass index
  result,      ///< of a laboratory, an examination or a procedure, and measurements that are no vital sign there
  survey,      ///< an answer to a question
  none,        ///< Synthea's own reckoning of quality of life, which belongs to no encounter
};

/// observations.csv
struct Observation : Row {
  Coded code{};  ///< with `Place::none` it has no system
  Place place = Place::none;
  Instant at{};
  std::string value{};  ///< a decimal where there is a unit or `numeric` says so
  bool numeric = false;
  std::string unit{};  ///< UCUM; empty where it has none
};

/// procedures.csv
struct Procedure : Row {
  Coded code{};
  Instant start{};
  Instant stop{};
  std::optional<Coded> reason{};
};

/// immunizations.csv
struct Immunization : Row {
  Coded vaccine{};  ///< CVX
  Instant at{};
};

/// careplans.csv. No kind of record takes one: they are counted, and said to be left out.
struct CarePlan : Row {
  Coded code{};
  Date start{};
  std::optional<Date> stop{};
  std::optional<Coded> reason{};
};

/// The columns that a table is read by, in the order of a line's cells.
std::span<const std::string_view> condition_columns();
std::span<const std::string_view> allergy_columns();
std::span<const std::string_view> medication_columns();
std::span<const std::string_view> observation_columns();
std::span<const std::string_view> procedure_columns();
std::span<const std::string_view> immunization_columns();
std::span<const std::string_view> careplan_columns();

/// A line of that table. Throws Failure `invalid`.
Condition condition_of(const Line& line);
Allergy allergy_of(const Line& line);
Medication medication_of(const Line& line);
Observation observation_of(const Line& line);
Procedure procedure_of(const Line& line);
Immunization immunization_of(const Line& line);
CarePlan careplan_of(const Line& line);

}  // namespace medflow::inline v1::imports::clinical
