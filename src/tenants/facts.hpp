// The tenant's settings and facilities as the members of a batch ask for them, without reading their rows each time.
#pragma once

#include "kernel/work.hpp"
#include "medflow/tenants.hpp"

namespace medflow::inline v1::tenants {

/// The settings in force, and a facility, null where there is none such. For members of a batch only; valid until the next write.
const settings::Settings& settings_in_force(kernel::Work& work);
const facilities::Facility* facility_of(kernel::Work& work, const FacilityId& id);

}  // namespace medflow::inline v1::tenants
