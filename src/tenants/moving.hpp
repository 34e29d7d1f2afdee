// Moving a tenant's store to another placement (TEN-3), in steps that can be broken off anywhere:
//
//   mark    the directory names the new placement as what is left over: whoever finds that removes it
//   copy    data and keys go through the row stream; writes are refused, reads go on
//   leave   nothing is written any more; the last events follow, and the digests are compared
//   switch  one transaction in the directory: the new placement is in charge, and the old one is left over
//   clear   what is left over is removed, wherever it lies; then the directory names it no more
#pragma once

#include "kernel/background.hpp"
#include "kernel/outside.hpp"
#include "medflow/tenants.hpp"

namespace medflow::inline v1::tenants {

/// Enters the tenant as its row says, serves it, and removes what is left of a move. Throws where that cannot be removed now; the next
/// tick tries again. Not while a move of it is under way.
void settle_move(kernel::Outside& outside, const Tenant& row);

/// The background task: what moves have left and could not be removed at their end.
void clear_leftovers(kernel::PlatformState& platform, Instant now, const kernel::Trouble& trouble);

}  // namespace medflow::inline v1::tenants
