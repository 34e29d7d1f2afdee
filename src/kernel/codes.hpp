// Codes of the way through the house itself.
#pragma once

#include "medflow/error.hpp"

namespace medflow::kernel {

inline constexpr Code tenant_suspended{"tenant.suspended", Errc::forbidden, "This tenant is suspended."};
inline constexpr Code tenant_moving{"tenant.moving", Errc::unavailable,
                                    "This tenant is being moved to another placement.", true};
inline constexpr Code tenant_in_use{"tenant.in_use", Errc::unavailable,
                                    "Somebody still holds a session or a stream of this tenant.", true};
inline constexpr Code tenant_busy{"tenant.busy", Errc::unavailable, "As much long work of this tenant waits as may.",
                                  true};
inline constexpr Code field_forbidden{"field.forbidden", Errc::forbidden,
                                      "This account may not change one of these fields."};
inline constexpr Code key_malformed{"idempotency.malformed", Errc::malformed,
                                    "An idempotency key is 1 to 255 visible ASCII characters."};
inline constexpr Code key_missing{"idempotency.required", Errc::malformed, "This operation needs an idempotency key."};
inline constexpr Code key_in_progress{"idempotency.in_progress", Errc::conflict,
                                      "The first call with this idempotency key is still under way.", true};
inline constexpr Code key_mismatch{"idempotency.mismatch", Errc::invalid,
                                   "This idempotency key was used for another request."};

}  // namespace medflow::kernel
