// When a tenant's sweeps run, as this process knows (`kernel::Facts::sweeps`).
#pragma once

#include <cstdint>
#include <span>

#include "kernel/following.hpp"

namespace medflow::inline v1::jobs {

/// Whether it is the table of jobs: with each change there, what is known of sweeps is forgotten.
bool is_job(std::uint16_t table);

/// The same where another process has changed it.
void follow_rows(kernel::Store& store, storage::Transaction& transaction, std::span<const kernel::RowChange> changes);

}  // namespace medflow::inline v1::jobs
