// The people of a demonstration: one user of every staff role, patients who never lived, and visits of some of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "medflow/patients.hpp"
#include "medflow/platform.hpp"
#include "medflow/prices.hpp"
#include "medflow/session.hpp"
#include "medflow/tenants.hpp"

namespace medflow::cli {

/// The addresses of the demonstration's users; the receptionist's is the one to begin with.
std::string receptionist_of(const std::string& tenant);
std::string billing_clerk_of(const std::string& tenant);
std::vector<std::string> other_staff_of(const std::string& tenant);

/// 100 bits in letters and digits that are told apart when read aloud.
std::string new_password();

/// One user of every staff role; those that are there already stay. Answers the administrator's session. Throws Trouble.
Session staff_the_hospital(const Platform& platform, const tenants::Tenant& tenant, const std::string& password);

/// Imports synthetic patients; those that are there already stay. Throws Trouble.
void fill(const Session& administrator, std::uint64_t count);

/// The doctor gets a weekly calendar, and some patients visits in the coming days; nothing where a doctor is there already. `desk` is the
/// receptionist's session; a completed visit is charged with `consultation`. Throws Trouble.
void open_the_calendar(const Session& admin, const Session& desk, const tenants::Tenant& tenant,
                       const PriceItemId& consultation);

/// Some who have not died. Throws Trouble.
std::vector<patients::Patient> living_patients(const Session& desk);

/// Signs a user of the demonstration in. Throws Trouble.
Session sign_in_here(const Platform& platform, const std::string& tenant, const std::string& email,
                     const std::string& password);

}  // namespace medflow::cli
