// Reminders of overdue invoices: so many days after the due date as the setting `dunning_days` says, once each (BIL-14).
#pragma once

#include "jobs/kinds.hpp"

namespace medflow::inline v1::payments {

/// Every morning by the clocks of the tenant. Of what it missed, because nothing ran, it tells the last that would have been told by now. Only
/// what the patient owes is told of, not while their deposit is enough for all that is overdue, and only where there is an address.
extern const jobs::JobKind dunning_sweep;

}  // namespace medflow::inline v1::payments
