// Codes of the root key providers, which medflow/ports.hpp declares.
#pragma once

#include "medflow/error.hpp"

namespace medflow::crypto::codes {

inline constexpr Code root_key_exists{"key.exists", Errc::conflict, "A root key file is never overwritten."};

}  // namespace medflow::crypto::codes
