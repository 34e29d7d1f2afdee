// Licences that expire: 30 days, 7 days and 1 day ahead the administrators and the doctor are told, once each (PRV-1).
#pragma once

#include "jobs/kinds.hpp"

namespace medflow::inline v1::doctors {

/// Every morning by the clocks of the tenant. What it missed, because nothing ran, it tells as late as it comes to it.
extern const jobs::JobKind licence_sweep;

}  // namespace medflow::inline v1::doctors
