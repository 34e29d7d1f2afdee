#include "imports/clinical.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <system_error>
#include <tuple>

#include "crypto/hash.hpp"
#include "imports/synthea.hpp"

namespace medflow::inline v1::imports::clinical {
namespace {

// Each table's columns; the enumerations name them in the order of the lists.
namespace condition {
enum Column : std::size_t { start, stop, patient, encounter, code, description, columns };
constexpr std::string_view names[columns] = {"START", "STOP", "PATIENT", "ENCOUNTER", "CODE", "DESCRIPTION"};
}  // namespace condition
namespace allergy {
enum Column : std::size_t {
  start,
  stop,
  patient,
  encounter,
  code,
  system,
  description,
  type,
  category,
  reaction1,
  description1,
  severity1,
  reaction2,
  description2,
  severity2,
  columns
};
constexpr std::string_view names[columns] = {"START",        "STOP",        "PATIENT",   "ENCOUNTER",    "CODE",
                                             "SYSTEM",       "DESCRIPTION", "TYPE",      "CATEGORY",     "REACTION1",
                                             "DESCRIPTION1", "SEVERITY1",   "REACTION2", "DESCRIPTION2", "SEVERITY2"};
}  // namespace allergy
namespace medication {
enum Column : std::size_t {
  start,
  stop,
  patient,
  encounter,
  code,
  description,
  dispenses,
  reason_code,
  reason_description,
  columns
};
constexpr std::string_view names[columns] = {"START",       "STOP",      "PATIENT",    "ENCOUNTER",        "CODE",
                                             "DESCRIPTION", "DISPENSES", "REASONCODE", "REASONDESCRIPTION"};
}  // namespace medication
namespace observation {
enum Column : std::size_t { date, patient, encounter, category, code, description, value, units, type, columns };
constexpr std::string_view names[columns] = {"DATE",        "PATIENT", "ENCOUNTER", "CATEGORY", "CODE",
                                             "DESCRIPTION", "VALUE",   "UNITS",     "TYPE"};
}  // namespace observation
namespace procedure {
enum Column : std::size_t {
  start,
  stop,
  patient,
  encounter,
  code,
  description,
  reason_code,
  reason_description,
  columns
};
constexpr std::string_view names[columns] = {"START", "STOP",        "PATIENT",    "ENCOUNTER",
                                             "CODE",  "DESCRIPTION", "REASONCODE", "REASONDESCRIPTION"};
}  // namespace procedure
namespace immunization {
enum Column : std::size_t { date, patient, encounter, code, description, columns };
constexpr std::string_view names[columns] = {"DATE", "PATIENT", "ENCOUNTER", "CODE", "DESCRIPTION"};
}  // namespace immunization
namespace careplan {
enum Column : std::size_t {
  id,
  start,
  stop,
  patient,
  encounter,
  code,
  description,
  reason_code,
  reason_description,
  columns
};
constexpr std::string_view names[columns] = {"Id",   "START",       "STOP",       "PATIENT",          "ENCOUNTER",
                                             "CODE", "DESCRIPTION", "REASONCODE", "REASONDESCRIPTION"};
}  // namespace careplan

/// LOINC codes that `records.vitals` has a sign for, and the one that it computes.
constexpr std::string_view vital_signs[] = {"2708-6", "29463-7", "59408-5", "8302-2", "8310-5",
                                            "8462-4", "8480-6",  "8867-4",  "9279-1", "9843-4"};
constexpr std::string_view body_mass_index = "39156-5";

[[noreturn]] void refuse(std::string_view column, std::string_view code, std::string_view message) {
  throw Failure(codes::invalid, std::string(column), std::string(code), std::string(message));
}

Date date_in_cell(const std::string& cell, std::string_view column) {
  const auto date = Date::parse(cell);
  if (!date) refuse(column, "format.date", "no date");
  return *date;
}

/// A later end; none where the cell is empty.
std::optional<Date> end_in_cell(const std::string& cell, std::string_view column, const Date& start) {
  if (cell.empty()) return std::nullopt;
  const Date end = date_in_cell(cell, column);
  if (end < start) refuse(column, "time.order", "before its beginning");
  return end;
}
Instant later_in_cell(const std::string& cell, std::string_view column, const Instant& start) {
  const Instant end = instant_in_cell(cell, column);
  if (end < start) refuse(column, "time.order", "before its beginning");
  return end;
}

Coded coded_in_cells(std::string_view system, const std::string& code, std::string_view column,
                     const std::string& description) {
  if (code.empty()) refuse(column, "required", "there is no code");
  return {.system = std::string(system), .code = code, .display = description};
}
std::optional<Coded> reason_in_cells(const std::string& code, const std::string& description) {
  if (code.empty()) return std::nullopt;
  return Coded{.system = std::string(snomed_ct), .code = code, .display = description};
}

/// A decimal as Synthea writes it: "-3.6", "49.20".
bool is_decimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view rest = point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1);
  return !whole.empty() && !rest.empty() && std::all_of(whole.begin(), whole.end(), digit) &&
         std::all_of(rest.begin(), rest.end(), digit);
}

std::string_view system_in_cell(std::string_view cell) {
  if (cell == "SNOMED-CT") return snomed_ct;
  if (cell == "RxNorm") return rxnorm;
  refuse("SYSTEM", "enum.unknown", "neither SNOMED-CT nor RxNorm");
}

AllergyKind kind_in_cell(std::string_view cell) {
  if (cell == "allergy") return AllergyKind::allergy;
  if (cell == "intolerance") return AllergyKind::intolerance;
  refuse("TYPE", "enum.unknown", "neither allergy nor intolerance");
}

AllergyCategory category_in_cell(std::string_view cell) {
  if (cell == "medication") return AllergyCategory::medication;
  if (cell == "food") return AllergyCategory::food;
  if (cell == "environment") return AllergyCategory::environment;
  refuse("CATEGORY", "enum.unknown", "neither medication, food nor environment");
}

std::optional<Severity> severity_in_cell(std::string_view cell, std::string_view column) {
  if (cell.empty()) return std::nullopt;
  if (cell == "MILD") return Severity::mild;
  if (cell == "MODERATE") return Severity::moderate;
  if (cell == "SEVERE") return Severity::severe;
  refuse(column, "enum.unknown", "neither MILD, MODERATE nor SEVERE");
}

Place place_of(std::string_view category, std::string_view code) {
  if (category.empty()) return Place::none;
  if (category == "survey") return Place::survey;
  if (category == "vital-signs") {
    if (code == body_mass_index) return Place::derived;
    if (std::find(std::begin(vital_signs), std::end(vital_signs), code) != std::end(vital_signs))
      return Place::vital_sign;
    return Place::result;
  }
  if (category == "laboratory" || category == "procedure" || category == "exam") return Place::result;
  refuse("CATEGORY", "enum.unknown", "no category of Synthea's");
}

std::string unit_in_cell(const std::string& cell) { return cell == "null" || cell == "n/a" ? std::string() : cell; }

/// The same line of the same file has the same id. Cells are told apart by their lengths.
Uuid row_id(std::string_view table, const Line& line) {
  std::string text = std::to_string(line.number);
  for (const std::string& cell : line.cells) text += '\n' + std::to_string(cell.size()) + ':' + cell;
  const crypto::Digest digest = crypto::sha256({"synthea/", table, "/", text});
  Uuid id;
  std::memcpy(id.bytes.data(), digest.data(), id.bytes.size());
  // Version 8 of RFC 9562: made as its maker likes.
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x80U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
  return id;
}

/// What every row has.
template <class T>
T row_of(std::string_view table, const Line& line, std::size_t patient, std::size_t encounter) {
  T row;
  row.line = line.number;
  row.patient = id_in_cell<PatientId>(line.cells[patient], "PATIENT");
  if (!line.cells[encounter].empty())
    row.encounter = id_in_cell<AppointmentId>(line.cells[encounter], "ENCOUNTER").uuid;
  else if (table != "observations")
    refuse("ENCOUNTER", "required", "there is no encounter");
  row.id = row_id(table, line);
  return row;
}

}  // namespace

std::span<const std::string_view> condition_columns() { return condition::names; }
std::span<const std::string_view> allergy_columns() { return allergy::names; }
std::span<const std::string_view> medication_columns() { return medication::names; }
std::span<const std::string_view> observation_columns() { return observation::names; }
std::span<const std::string_view> procedure_columns() { return procedure::names; }
std::span<const std::string_view> immunization_columns() { return immunization::names; }
std::span<const std::string_view> careplan_columns() { return careplan::names; }

Condition condition_of(const Line& line) {
  namespace at = condition;
  auto row = row_of<Condition>("conditions", line, at::patient, at::encounter);
  row.code = coded_in_cells(snomed_ct, line.cells[at::code], "CODE", line.cells[at::description]);
  row.onset = date_in_cell(line.cells[at::start], "START");
  row.abatement = end_in_cell(line.cells[at::stop], "STOP", row.onset);
  return row;
}

Allergy allergy_of(const Line& line) {
  namespace at = allergy;
  auto row = row_of<Allergy>("allergies", line, at::patient, at::encounter);
  row.substance =
      coded_in_cells(system_in_cell(line.cells[at::system]), line.cells[at::code], "CODE", line.cells[at::description]);
  row.kind = kind_in_cell(line.cells[at::type]);
  row.category = category_in_cell(line.cells[at::category]);
  row.onset = date_in_cell(line.cells[at::start], "START");
  row.end = end_in_cell(line.cells[at::stop], "STOP", row.onset);
  for (const auto& [code, description, severity] : {std::tuple{at::reaction1, at::description1, at::severity1},
                                                    std::tuple{at::reaction2, at::description2, at::severity2}}) {
    if (line.cells[code].empty()) continue;
    row.reactions.push_back(
        {.manifestation = coded_in_cells(snomed_ct, line.cells[code], at::names[code], line.cells[description]),
         .severity = severity_in_cell(line.cells[severity], at::names[severity])});
  }
  return row;
}

Medication medication_of(const Line& line) {
  namespace at = medication;
  auto row = row_of<Medication>("medications", line, at::patient, at::encounter);
  row.drug = coded_in_cells(rxnorm, line.cells[at::code], "CODE", line.cells[at::description]);
  row.start = instant_in_cell(line.cells[at::start], "START");
  if (!line.cells[at::stop].empty()) row.stop = later_in_cell(line.cells[at::stop], "STOP", row.start);
  const std::string& times = line.cells[at::dispenses];
  const auto [end, error] = std::from_chars(times.data(), times.data() + times.size(), row.dispenses);
  if (error != std::errc() || end != times.data() + times.size())
    refuse("DISPENSES", "type.mismatch", "a whole number");
  row.reason = reason_in_cells(line.cells[at::reason_code], line.cells[at::reason_description]);
  return row;
}

Observation observation_of(const Line& line) {
  namespace at = observation;
  auto row = row_of<Observation>("observations", line, at::patient, at::encounter);
  row.at = instant_in_cell(line.cells[at::date], "DATE");
  row.place = place_of(line.cells[at::category], line.cells[at::code]);
  row.code = coded_in_cells(row.place == Place::none ? std::string_view() : loinc, line.cells[at::code], "CODE",
                            line.cells[at::description]);
  if (row.place != Place::none && !row.encounter) refuse("ENCOUNTER", "required", "there is no encounter");
  row.value = line.cells[at::value];
  row.unit = unit_in_cell(line.cells[at::units]);
  row.numeric = line.cells[at::type] == "numeric";
  if (!row.numeric && line.cells[at::type] != "text") refuse("TYPE", "enum.unknown", "neither numeric nor text");
  if (row.numeric && !is_decimal(row.value)) refuse("VALUE", "type.mismatch", "a decimal number");
  return row;
}

Procedure procedure_of(const Line& line) {
  namespace at = procedure;
  auto row = row_of<Procedure>("procedures", line, at::patient, at::encounter);
  row.code = coded_in_cells(snomed_ct, line.cells[at::code], "CODE", line.cells[at::description]);
  row.start = instant_in_cell(line.cells[at::start], "START");
  row.stop = later_in_cell(line.cells[at::stop], "STOP", row.start);
  row.reason = reason_in_cells(line.cells[at::reason_code], line.cells[at::reason_description]);
  return row;
}

Immunization immunization_of(const Line& line) {
  namespace at = immunization;
  auto row = row_of<Immunization>("immunizations", line, at::patient, at::encounter);
  row.vaccine = coded_in_cells(cvx, line.cells[at::code], "CODE", line.cells[at::description]);
  row.at = instant_in_cell(line.cells[at::date], "DATE");
  return row;
}

CarePlan careplan_of(const Line& line) {
  namespace at = careplan;
  auto row = row_of<CarePlan>("careplans", line, at::patient, at::encounter);
  row.id = id_in_cell<AppointmentId>(line.cells[at::id], "Id").uuid;
  row.code = coded_in_cells(snomed_ct, line.cells[at::code], "CODE", line.cells[at::description]);
  row.start = date_in_cell(line.cells[at::start], "START");
  row.stop = end_in_cell(line.cells[at::stop], "STOP", row.start);
  row.reason = reason_in_cells(line.cells[at::reason_code], line.cells[at::reason_description]);
  return row;
}

}  // namespace medflow::inline v1::imports::clinical
