// What is said of a facility has to be, beyond the rules of single fields.
#pragma once

#include "kernel/work.hpp"
#include "medflow/facilities.hpp"

namespace medflow::inline v1::facilities {

/// Writes the telephone number in E.164 form, and throws Failure invalid with all that is wrong. `before` is what is stored; null for a new
/// facility.
void require_content(kernel::Work& work, Facility& facility, const Facility* before);

}  // namespace medflow::inline v1::facilities
