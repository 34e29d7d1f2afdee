// Users and sessions that other processes have written.
#pragma once

#include <span>

#include "kernel/following.hpp"

namespace medflow::inline v1::users {

/// A session that has ended, or whose user is not who they were, ends here too; one that was used elsewhere counts as used; all go by
/// the tenant's settings (USR-4, USR-5).
void follow_rows(kernel::Store& store, storage::Transaction& transaction, std::span<const kernel::RowChange> changes);

}  // namespace medflow::inline v1::users
