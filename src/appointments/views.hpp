// Appointments as they are answered.
#pragma once

#include "appointments/entities.hpp"
#include "kernel/work.hpp"

namespace medflow::inline v1::appointments {

/// The classes of an appointment that this caller sees, by the right to read it.
std::uint32_t visible_classes(const kernel::Work& work, const Appointment& appointment);

/// Without the members that this caller may not see, however much was opened to work on them.
Appointment only_open(kernel::Work& work, Appointment appointment);

/// The same with its patient's label; the event names the patient.
Appointment shown(kernel::Work& work, Appointment appointment);

}  // namespace medflow::inline v1::appointments
