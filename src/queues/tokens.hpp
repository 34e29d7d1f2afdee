// Numbers in queues, kept in step with the visits that they belong to.
#pragma once

#include "kernel/work.hpp"
#include "medflow/appointments.hpp"

namespace medflow::inline v1::queues {

/// A visit has come to a state and is about to be stored: one that has arrived has a number in the queue of the first doctor (else room or
/// device) who takes part, the one that was reserved for it if it has been there that day; one that has begun is served; any other keeps what
/// it has as reserved.
void follow(kernel::Work& work, appointments::Appointment& appointment);

/// The civil day at a doctor's, room's or device's place.
Date today(kernel::Work& work, const Uuid& resource);

}  // namespace medflow::inline v1::queues
