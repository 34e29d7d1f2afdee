// Staff whom a host vouches for: at facilities of the test's choice, and with a practitioner of their own.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "medflow/testing/hospital.hpp"

namespace medflow::testing {

inline constexpr std::string_view staff_issuer = "https://staff.example";

/// Their session. The tenant trusts their host from the first one on.
inline Session staff(Hospital& hospital, std::string subject, Role role, std::vector<FacilityId> facilities,
                     std::optional<PractitionerId> practitioner = {}) {
  const auto settings = must(hospital.as(Role::tenant_admin).call(settings::Get{}));
  if (settings.trusted_issuers.empty())
    hospital.configure({.trusted_issuers = std::vector<std::string>{std::string(staff_issuer)}});
  return must(hospital.platform.session(hospital.slug(), {.issuer = std::string(staff_issuer),
                                                          .subject = std::move(subject),
                                                          .display_name = "Somebody",
                                                          .roles = {role},
                                                          .facilities = std::move(facilities),
                                                          .practitioner_id = practitioner}));
}

}  // namespace medflow::testing
