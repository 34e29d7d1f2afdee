// Doctors and other practitioners: who sees patients (FHIR Practitioner).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/operation.hpp"
#include "medflow/patients.hpp"

namespace medflow::inline v1::doctors {

/// A licence to practise. On days after `valid_to` nobody can be booked with its holder, unless another one is valid.
struct Registration {
  std::string authority{};  ///< who issued it, at most 200 code points
  std::string number{};     ///< at most 64 code points
  std::optional<Date> valid_to{};

  friend bool operator==(const Registration&, const Registration&) = default;
};

/// A practitioner. Nothing in it is about patients; what it says is shown to all who may read calendars.
struct Doctor {
  PractitionerId id{};
  std::uint64_t revision = 0;
  std::optional<UserId> user_id{};            ///< the account with which he or she signs in
  std::string name{};                         ///< as it is shown, at most 200 code points
  std::vector<std::string> specialties{};     ///< codes, at most 20
  std::vector<Registration> registrations{};  ///< at most 20; none: no licence is asked for
  std::string npi{};                     ///< a US National Provider Identifier (10 digits, checked), empty for none
  std::vector<std::string> languages{};  ///< BCP 47, at most 20
  std::vector<FacilityId> facilities{};  ///< where he or she works
  bool bookable = true;
  std::string colour{};  ///< "#rrggbb" in calendars, empty for none
  std::vector<patients::Extension> extensions{};
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// Practitioners by id; with a facility or a specialty only those who work there or have it.
/// Fails: forbidden.
struct List {
  using Output = Page<Doctor>;
  std::optional<FacilityId> facility{};
  std::optional<std::string> specialty{};
  std::optional<bool> bookable{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "doctors.list",
                                       .method = Method::get,
                                       .path = "/doctors",
                                       .permission = Permission::practitioner_read,
                                       .summary = "List doctors",
                                       .object = "doctor"};
};

/// One practitioner.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Doctor;
  PractitionerId id{};

  static constexpr Operation operation{.name = "doctors.get",
                                       .method = Method::get,
                                       .path = "/doctors/{id}",
                                       .permission = Permission::practitioner_read,
                                       .summary = "Read a doctor",
                                       .object = "doctor"};
};

/// Adds a practitioner. Nobody makes one of their own account (RBA-8).
/// Fails, first match wins: forbidden; invalid (a facility or an account that is not there, `npi.check`); conflict `conflict.id_reused`;
/// forbidden `user.own_account`.
struct Create {
  using Output = Doctor;
  std::optional<PractitionerId> id{};
  std::optional<UserId> user_id{};
  std::string name{};
  std::vector<std::string> specialties{};
  std::vector<Registration> registrations{};
  std::string npi{};
  std::vector<std::string> languages{};
  std::vector<FacilityId> facilities{};
  bool bookable = true;
  std::string colour{};
  std::vector<patients::Extension> extensions{};

  static constexpr Operation operation{.name = "doctors.create",
                                       .method = Method::post,
                                       .path = "/doctors",
                                       .permission = Permission::practitioner_manage,
                                       .effect = Effect::write,
                                       .summary = "Add a doctor",
                                       .object = "doctor",
                                       .status = 201};
};

/// Replaces what is said of a practitioner. Who may only change the own profile may change specialties, languages and colour.
/// Nobody gives their own account to a practitioner, or takes it (RBA-8).
/// Fails, first match wins: forbidden; not_found; invalid; forbidden `field.forbidden`; precondition_required; conflict `conflict.revision`;
/// forbidden `user.own_account`.
struct Update {
  using Output = Doctor;
  PractitionerId id{};
  std::optional<std::uint64_t> revision{};
  std::optional<UserId> user_id{};
  std::string name{};
  std::vector<std::string> specialties{};
  std::vector<Registration> registrations{};
  std::string npi{};
  std::vector<std::string> languages{};
  std::vector<FacilityId> facilities{};
  bool bookable = true;
  std::string colour{};
  std::vector<patients::Extension> extensions{};

  static constexpr Operation operation{.name = "doctors.update",
                                       .method = Method::put,
                                       .path = "/doctors/{id}",
                                       .permission = Permission::practitioner_manage,
                                       .effect = Effect::write,
                                       .summary = "Change a doctor",
                                       .object = "doctor"};
};

}  // namespace medflow::inline v1::doctors
