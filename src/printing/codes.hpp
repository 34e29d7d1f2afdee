// What goes wrong when something is printed.
#pragma once

#include "medflow/error.hpp"

namespace medflow::inline v1::printing {

inline constexpr Code no_pdf{"print.no_pdf", Errc::unsupported_media, "This program has no printer of PDF."};
inline constexpr Code failed{"print.failed", Errc::unavailable, "The printer failed.", true};

}  // namespace medflow::inline v1::printing
