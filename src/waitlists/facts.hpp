// Whether anybody waits, as this process knows (`kernel::Facts::anyone_waits`).
#pragma once

#include <cstdint>
#include <span>

#include "kernel/following.hpp"

namespace medflow::inline v1::waitlists {

/// Whether it is the table of the waitlist: with each change there, it is looked at anew whether anybody waits.
bool is_entry(std::uint16_t table);

/// The same where another process has changed it.
void follow_rows(kernel::Store& store, storage::Transaction& transaction, std::span<const kernel::RowChange> changes);

}  // namespace medflow::inline v1::waitlists
