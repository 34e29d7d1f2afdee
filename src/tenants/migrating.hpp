// Tenants' stores that come to the version of this build while they are open (TEN-5).
#pragma once

#include "kernel/background.hpp"

namespace medflow::inline v1::tenants {

/// The background task: what another process has migrated is still read here as it was, and is opened anew once nobody holds it. Until then
/// `tenant.in_use` is told with each tick; the sessions that are held end with the first one.
void reopen_migrated(kernel::PlatformState& platform, Instant now, const kernel::Trouble& trouble);

}  // namespace medflow::inline v1::tenants
