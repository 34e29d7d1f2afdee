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

/// A patient's name as it is read: the official one, else the first.
std::string shown_name(const patients::Patient& patient);

/// The classes of a patient's row that make a label, if the caller may see them.
std::uint32_t label_classes(const kernel::Work& work);

/// Who the patient is, for whoever may read the patient; its row has these classes open.
std::optional<PatientLabel> label_of(const kernel::Work& work, const patients::Patient& patient);

}  // namespace medflow::inline v1::appointments
