// The directory of tenants, as the platform reads it when it opens.
#pragma once

#include <optional>
#include <string_view>

#include "kernel/outside.hpp"
#include "medflow/tenants.hpp"

namespace medflow::inline v1::tenants {

/// Where the tenant's store lies: rows from before there were placements say nothing.
std::string_view placement_of(const Tenant& tenant);
kernel::StoreIdentity identity_of(const Tenant& tenant);

/// The directory's row, read outside a transaction.
std::optional<Tenant> row_of(kernel::Outside& outside, TenantId id);
/// Writes a row that was changed, if it is still the one that was read.
void write_row(kernel::Outside& outside, const Tenant& row);

/// Enters every tenant of the directory into the platform; what a broken-off provisioning left behind is dropped, with its row,
/// and so is what a broken-off move left, as far as that can be done now.
void read_directory(kernel::PlatformState& platform);

}  // namespace medflow::inline v1::tenants
