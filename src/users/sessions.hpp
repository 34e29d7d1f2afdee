// How a session comes to life in this process: from its row, or from an identity that a host vouches for.
#pragma once

#include <memory>

#include "kernel/platform_state.hpp"

namespace medflow::inline v1::users {

/// The session of this id, read from its row and its user's; null where it does not exist, was revoked, has expired, or
/// its user may not sign in. Kept among the store's live sessions.
std::shared_ptr<kernel::SessionState> resume(const std::shared_ptr<kernel::PlatformState>& platform,
                                             const std::shared_ptr<kernel::Store>& store, SessionId id);

/// USR-10: a session for a host's identity. Makes or updates the shadow user; audited. Throws Failure forbidden
/// `issuer.untrusted`, or invalid.
std::shared_ptr<kernel::SessionState> host_session(const std::shared_ptr<kernel::PlatformState>& platform,
                                                   const std::shared_ptr<kernel::Store>& store,
                                                   const Principal& principal);

}  // namespace medflow::inline v1::users
