// What goes wrong with money.
#pragma once

#include "medflow/error.hpp"

namespace medflow::inline v1::money {

inline constexpr Code overflow{"money.overflow", Errc::invalid, "The amount is too large."};

}  // namespace medflow::inline v1::money
