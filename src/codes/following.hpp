// Versions of code systems that other processes have loaded or put to use.
#pragma once

#include <span>

#include "kernel/following.hpp"

namespace medflow::inline v1::code_systems {

/// Which version is in use is looked up anew when the next one searches.
void follow_rows(kernel::Store& store, storage::Transaction& transaction, std::span<const kernel::RowChange> changes);

}  // namespace medflow::inline v1::code_systems
