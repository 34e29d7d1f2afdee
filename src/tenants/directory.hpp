// The directory of tenants, as the platform reads it when it opens.
#pragma once

#include <memory>

#include "kernel/platform_state.hpp"

namespace medflow::inline v1::tenants {

/// Enters every tenant of the directory into the platform; what a broken-off provisioning left behind is dropped, with its row.
void read_directory(kernel::PlatformState& platform);

}  // namespace medflow::inline v1::tenants
