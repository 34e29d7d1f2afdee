// Facilities: the places where a tenant works, as a tree, with their hours and holidays (FHIR Location).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/operation.hpp"
#include "medflow/patients.hpp"

namespace medflow::inline v1::facilities {

/// When a place is open on one weekday. An end that is not behind the start lies on the next day.
struct OpenHours {
  Weekday weekday{};
  TimeOfDay start{};
  TimeOfDay end{};

  friend bool operator==(const OpenHours&, const OpenHours&) = default;
};

/// A day on which a place is closed, unless a calendar's override opens it (PRV-5).
struct Holiday {
  Date date{};
  std::string label{};  ///< at most 100 code points

  friend bool operator==(const Holiday&, const Holiday&) = default;
};

/// How deep the tree is at most: a place, and four above it.
inline constexpr int facility_depth_max = 5;

/// A place where a tenant works. Its zone decides what "today" means there. Hours and holidays are its own: a place takes none of those
/// that it lies in.
struct Facility {
  FacilityId id{};
  std::uint64_t revision = 0;
  std::string name{};
  Zone zone{};
  std::optional<FacilityId> parent_id{};  ///< what it lies in: a building of a site, a ward of a building
  std::optional<patients::Address> address{};
  std::string phone{};                  ///< E.164, empty for none
  std::vector<OpenHours> open_hours{};  ///< at most 50; none: it is not said when
  std::vector<Holiday> holidays{};      ///< at most 400, no day twice
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// All facilities, by id.
/// Fails: forbidden.
struct List {
  using Output = Page<Facility>;
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "facilities.list",
                                       .method = Method::get,
                                       .path = "/facilities",
                                       .permission = Permission::facility_read,
                                       .summary = "List the tenant's facilities",
                                       .object = "facility"};
};

/// One facility.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Facility;
  FacilityId id{};

  static constexpr Operation operation{.name = "facilities.get",
                                       .method = Method::get,
                                       .path = "/facilities/{id}",
                                       .permission = Permission::facility_read,
                                       .summary = "Read a facility",
                                       .object = "facility"};
};

/// Adds a facility.
/// Fails, first match wins: forbidden; conflict `conflict.id_reused`; invalid.
struct Create {
  using Output = Facility;
  std::optional<FacilityId> id{};
  std::string name{};
  Zone zone{};
  std::optional<FacilityId> parent_id{};
  std::optional<patients::Address> address{};
  std::string phone{};  ///< also as it is dialled in the tenant's country
  std::vector<OpenHours> open_hours{};
  std::vector<Holiday> holidays{};

  static constexpr Operation operation{.name = "facilities.create",
                                       .method = Method::post,
                                       .path = "/facilities",
                                       .permission = Permission::facility_manage,
                                       .effect = Effect::write,
                                       .summary = "Add a facility",
                                       .object = "facility",
                                       .status = 201};
};

/// Replaces what is said of a facility. What is booked stays as it is.
/// Fails, first match wins: forbidden; not_found; invalid (`facility.cycle`, `facility.too_deep` and others); precondition_required;
/// conflict `conflict.revision`.
struct Update {
  using Output = Facility;
  FacilityId id{};
  std::optional<std::uint64_t> revision{};
  std::string name{};
  Zone zone{};
  std::optional<FacilityId> parent_id{};
  std::optional<patients::Address> address{};
  std::string phone{};
  std::vector<OpenHours> open_hours{};
  std::vector<Holiday> holidays{};

  static constexpr Operation operation{.name = "facilities.update",
                                       .method = Method::put,
                                       .path = "/facilities/{id}",
                                       .permission = Permission::facility_manage,
                                       .effect = Effect::write,
                                       .summary = "Change a facility",
                                       .object = "facility"};
};

}  // namespace medflow::inline v1::facilities
