// What encounters forbid to the visits that they came of.
#pragma once

#include "kernel/work.hpp"
#include "medflow/id.hpp"

namespace medflow::inline v1::encounters {

/// Throws Failure `encounter.records` where an encounter of this visit is signed or holds a signed record: then the visit was.
void require_nothing_signed(kernel::Work& work, const AppointmentId& visit);

}  // namespace medflow::inline v1::encounters
