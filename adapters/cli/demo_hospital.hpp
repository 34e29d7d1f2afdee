// The people of a demonstration: one user of every staff role, and patients who never lived.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "medflow/platform.hpp"
#include "medflow/session.hpp"
#include "medflow/tenants.hpp"

namespace medflow::cli {

/// The addresses of the demonstration's users; the receptionist's is the one to begin with.
std::string receptionist_of(const std::string& tenant);
std::vector<std::string> other_staff_of(const std::string& tenant);

/// 100 bits in letters and digits that are told apart when read aloud.
std::string new_password();

/// One user of every staff role; those that are there already stay. Answers the administrator's session. Throws Trouble.
Session staff_the_hospital(const Platform& platform, const tenants::Tenant& tenant, const std::string& password);

/// Imports synthetic patients; those that are there already stay. Throws Trouble.
void fill(const Session& administrator, std::uint64_t count);

}  // namespace medflow::cli
