#include "jobs/kinds.hpp"

#include "appointments/due.hpp"
#include "appointments/moving.hpp"
#include "doctors/licences.hpp"
#include "documents/due.hpp"
#include "payments/dunning.hpp"
#include "waitlists/offering.hpp"

namespace medflow::inline v1::jobs {

// A module names its kinds in a header of its own; here they are listed: `static constexpr const JobKind* all[] = {…}; return all;`.
JobKinds job_kinds() {
  static const JobKind* const all[] = {&appointments::due_sweep, &appointments::zone_sweep, &appointments::leave_mover,
                                       &doctors::licence_sweep,  &waitlists::offer_sweep,   &documents::upload_sweep,
                                       &payments::dunning_sweep};
  return all;
}

}  // namespace medflow::inline v1::jobs
