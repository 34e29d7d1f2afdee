// Settings, facilities and the directory, as other processes have written them.
#pragma once

#include <span>

#include "kernel/following.hpp"

namespace medflow::inline v1::tenants {

/// Facts are read anew; the platform is told which tenants there are, and in what state (TEN-3).
void follow_rows(kernel::Store& store, storage::Transaction& transaction, std::span<const kernel::RowChange> changes);

}  // namespace medflow::inline v1::tenants
