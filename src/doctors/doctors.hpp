// Doctors as other modules ask for them.
#pragma once

#include "kernel/work.hpp"
#include "medflow/doctors.hpp"

namespace medflow::inline v1::doctors {

/// A doctor, null where there is none such; kept from batch to batch. Whether the caller reaches it is not asked. For members of a batch
/// only; valid until the next write of a fact, or 500 other doctors (`kernel::Kept`).
const Doctor* doctor_of(kernel::Work& work, const PractitionerId& id);

/// The last day on which one of the licences is valid; none where there is nothing to expire (PRV-1).
std::optional<Date> licensed_until(const Doctor& doctor);

}  // namespace medflow::inline v1::doctors
