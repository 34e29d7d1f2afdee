// Who waits is offered what is free: a sweep of the tenant's jobs holds a slot for the first whom it suits, for 15 minutes, and tells them so,
// in one transaction (APT-14). Who has no address is offered nothing by itself, and by night only what is urgent is offered.
#pragma once

#include "jobs/kinds.hpp"
#include "kernel/work.hpp"
#include "medflow/waitlists.hpp"

namespace medflow::inline v1::waitlists {

extern const jobs::JobKind offer_sweep;

/// Time may have become free, or somebody can be told of it who could not: those who wait are looked at again. Costs nothing where nobody waits. Only within a write.
void slot_freed(kernel::Work& work);

/// An appointment lets go of its time. Was it held for an entry, then the offer was not taken: the entry waits on, or ends. To be called while it
/// still says for whom it was held; of other appointments nothing happens.
void hold_ended(kernel::Work& work, const appointments::Appointment& appointment);

/// The patient waits for nothing any more: has died, or was deleted.
void leave_all(kernel::Work& work, PatientId patient);

}  // namespace medflow::inline v1::waitlists
