// Doctors as other modules ask for them.
#pragma once

#include "kernel/work.hpp"
#include "medflow/doctors.hpp"

namespace medflow::inline v1::doctors {

/// A doctor, null where there is none such; kept from batch to batch. Whether the caller reaches it is not asked. For members of a batch
/// only; valid until the next write of a fact, or 500 other doctors (`kernel::Kept`).
const Doctor* doctor_of(kernel::Work& work, const PractitionerId& id);

/// Whether the doctor may practise on this day: one of the licences is valid then, or none is asked for (PRV-1).
bool licensed_on(const Doctor& doctor, Date day);

}  // namespace medflow::inline v1::doctors
