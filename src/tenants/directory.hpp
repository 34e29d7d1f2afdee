// The directory of tenants, as the platform reads it when it opens.
#pragma once

#include <memory>

#include "kernel/platform_state.hpp"
#include "medflow/tenants.hpp"

namespace medflow::inline v1::tenants {

/// Where the tenant's store lies: rows from before there were placements say nothing.
std::string_view placement_of(const Tenant& tenant);
kernel::StoreIdentity identity_of(const Tenant& tenant);

/// Enters every tenant of the directory into the platform; what a broken-off provisioning left behind is dropped, with its row,
/// and so is what a broken-off move left.
void read_directory(kernel::PlatformState& platform);

}  // namespace medflow::inline v1::tenants
