// Imports of what stands beside patients in a Synthea CSV set: its organizations, providers and encounters. `imports.patients` is in patients.hpp.
#pragma once

#include <optional>

#include "medflow/operation.hpp"
#include "medflow/patients.hpp"

namespace medflow::inline v1::imports {

/// Imports facilities from a piece of organizations.csv: a header and at most 500 rows, as `imports.patients` takes them. Their zone is `zone`, or
/// the tenant's. A row that breaks a rule of its fields, as a request would, is named in the report and left out.
/// Fails, first match wins: forbidden; malformed (no such layout); too_large (more than 500 rows or 1 MiB).
struct Facilities {
  using Output = Report;
  Format format = Format::synthea_csv;
  std::uint64_t first_line = 1;  ///< the line number of the header in the file, for the report; rows follow it
  std::optional<Zone> zone{};
  Content content{};

  static constexpr Operation operation{.name = "imports.facilities",
                                       .method = Method::post,
                                       .path = "/imports/facilities",
                                       .permission = Permission::import_run,
                                       .effect = Effect::write,
                                       .summary = "Import facilities from a CSV file",
                                       .object = "facility"};
};

/// Imports doctors from a piece of providers.csv. Their facilities have to be there.
/// Fails as `imports.facilities`.
struct Doctors {
  using Output = Report;
  Format format = Format::synthea_csv;
  std::uint64_t first_line = 1;
  Content content{};

  static constexpr Operation operation{.name = "imports.doctors",
                                       .method = Method::post,
                                       .path = "/imports/doctors",
                                       .permission = Permission::import_run,
                                       .effect = Effect::write,
                                       .summary = "Import doctors from a CSV file",
                                       .object = "doctor"};
};

/// Imports visits that are over from a piece of encounters.csv, as completed appointments. Their patients, doctors and facilities have to be there; a
/// service is made for each class of encounter ("encounter-ambulatory"). They take no time in any calendar.
/// Fails as `imports.facilities`.
struct Appointments {
  using Output = Report;
  Format format = Format::synthea_csv;
  std::uint64_t first_line = 1;
  Content content{};

  static constexpr Operation operation{.name = "imports.appointments",
                                       .method = Method::post,
                                       .path = "/imports/appointments",
                                       .permission = Permission::import_run,
                                       .effect = Effect::write,
                                       .summary = "Import visits that are over from a CSV file",
                                       .object = "appointment"};
};

/// Imports finished encounters from a piece of encounters.csv. Their patients, doctors and facilities have to be there.
/// Fails as `imports.facilities`.
struct Encounters {
  using Output = Report;
  Format format = Format::synthea_csv;
  std::uint64_t first_line = 1;
  Content content{};

  static constexpr Operation operation{.name = "imports.encounters",
                                       .method = Method::post,
                                       .path = "/imports/encounters",
                                       .permission = Permission::import_run,
                                       .effect = Effect::write,
                                       .summary = "Import finished encounters from a CSV file",
                                       .object = "encounter"};
};

/// Which of Synthea's clinical tables a file is. Care plans and the rest have no kind of record: they are not imported.
enum class ClinicalTable : std::uint8_t {
  conditions,
  allergies,
  medications,
  observations,
  procedures,
  immunizations,
};

/// Imports signed records from a piece of one of Synthea's clinical tables; their patients and encounters have to be there. Rows have no ids, so a
/// record's is made of the row: the same piece again finds them there. Observations of vital signs become vitals, the others laboratory
/// results, one record for each row. Its days are those of the zone of its encounter's facility, or of the tenant's where that has none. Nothing
/// new is added to an encounter that is signed, was called off or entered in error.
/// Fails as `imports.facilities`.
struct Records {
  using Output = Report;
  ClinicalTable table = ClinicalTable::conditions;
  std::uint64_t first_line = 1;
  Content content{};

  static constexpr Operation operation{.name = "imports.records",
                                       .method = Method::post,
                                       .path = "/imports/records",
                                       .permission = Permission::import_run,
                                       .effect = Effect::write,
                                       .summary = "Import medical records from a CSV file",
                                       .object = "record"};
};

/// Imports payers from a piece of payers.csv.
/// Fails as `imports.facilities`.
struct Payers {
  using Output = Report;
  Format format = Format::synthea_csv;
  std::uint64_t first_line = 1;
  Content content{};

  static constexpr Operation operation{.name = "imports.payers",
                                       .method = Method::post,
                                       .path = "/imports/payers",
                                       .permission = Permission::import_run,
                                       .effect = Effect::write,
                                       .summary = "Import payers from a CSV file",
                                       .object = "payer"};
};

/// Imports coverages from a piece of payer_transitions.csv. Their patients and payers have to be there; times without insurance are no coverage.
/// Fails as `imports.facilities`.
struct Coverages {
  using Output = Report;
  Format format = Format::synthea_csv;
  std::uint64_t first_line = 1;
  Content content{};

  static constexpr Operation operation{.name = "imports.coverages",
                                       .method = Method::post,
                                       .path = "/imports/coverages",
                                       .permission = Permission::import_run,
                                       .effect = Effect::write,
                                       .summary = "Import coverages from a CSV file",
                                       .object = "coverage"};
};

/// Which of Synthea's tables that hold money a file is.
enum class MoneyTable : std::uint8_t { encounters, medications };

/// Imports what was charged, from a piece of encounters.csv or medications.csv: each row becomes an issued invoice over its total cost, in a series
/// of its own ("IMP"), with the payer's coverage as its share and a payment of that share, both on the day of its start in the tenant's zone; the
/// service is of that day at its facility. What the patient pays stays owed. Patients, payers, doctors and facilities have to be there. The same
/// piece again finds them there.
/// Fails as `imports.facilities`.
struct Charges {
  using Output = Report;
  MoneyTable table = MoneyTable::encounters;
  std::uint64_t first_line = 1;
  Content content{};

  static constexpr Operation operation{.name = "imports.charges",
                                       .method = Method::post,
                                       .path = "/imports/charges",
                                       .permission = Permission::import_run,
                                       .effect = Effect::write,
                                       .summary = "Import charges and what payers paid of them from a CSV file",
                                       .object = "invoice"};
};

}  // namespace medflow::inline v1::imports
