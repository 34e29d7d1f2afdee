// What other modules ask about codes.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernel/work.hpp"

namespace medflow::inline v1::codes {

enum class Standing : std::uint8_t {
  unknown_system,  ///< nobody loaded it: the code is opaque, and fine
  known,
  unknown_code,
};

/// How a code stands with the version of its system that is in use.
Standing standing_of(kernel::Work& work, std::string_view system, std::string_view code);

}  // namespace medflow::inline v1::codes
