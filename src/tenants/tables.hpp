// The tables of a tenant's facilities and settings, and of the platform's directory.
#pragma once

#include <span>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::tenants {

std::span<const storage::Table* const> tenant_tables();
std::span<const storage::Table* const> platform_tables();

}  // namespace medflow::inline v1::tenants
