// Patients that other processes have written.
#pragma once

#include <span>

#include "kernel/following.hpp"

namespace medflow::inline v1::patients {

/// Their names and tokens are read anew when the next one asks (PAT-2, PAT-5).
void follow_rows(kernel::Store& store, storage::Transaction& transaction, std::span<const kernel::RowChange> changes);

}  // namespace medflow::inline v1::patients
