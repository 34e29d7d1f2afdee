// Codes of users and of how they sign in.
#pragma once

#include "medflow/error.hpp"

namespace medflow::inline v1::users {

inline constexpr Code own_account{"user.own_account", Errc::forbidden, "Nobody does this to their own account."};

}  // namespace medflow::inline v1::users

namespace medflow::inline v1::auth {

/// One answer for everything that may be wrong, so that nobody learns which addresses and tenants there are.
inline constexpr Code failed{"auth.failed", Errc::unauthenticated, "This does not sign anybody in."};
inline constexpr Code invitation_expired{"invitation.expired", Errc::gone, "This invitation was used or has expired."};
inline constexpr Code throttled{"auth.throttled", Errc::rate_limited, "Too many attempts: wait before the next one.",
                                true};
inline constexpr Code registration_closed{"registration.closed", Errc::forbidden,
                                          "This tenant takes no registrations."};

}  // namespace medflow::inline v1::auth
