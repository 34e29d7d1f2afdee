// Imports of what stands beside patients in a Synthea CSV set: its organizations, providers and encounters. `imports.patients` is in patients.hpp.
#pragma once

#include <optional>

#include "medflow/operation.hpp"
#include "medflow/patients.hpp"

namespace medflow::inline v1::imports {

/// Imports facilities from a piece of organizations.csv: a header and at most 500 rows, as `imports.patients` takes them. Their zone is `zone`, or
/// the tenant's.
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

}  // namespace medflow::inline v1::imports
