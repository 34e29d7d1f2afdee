// Hands what is due in the outboxes to the host's sender; a background task.
#pragma once

#include <optional>

#include "kernel/background.hpp"
#include "kernel/work.hpp"

namespace medflow::inline v1::messages {

void send_messages(kernel::PlatformState& platform, Instant now, const kernel::Trouble& trouble);

/// When the first message that waits in this store is to be looked at; none where none waits.
std::optional<Instant> next_due(kernel::PlatformState& platform, kernel::Store& store);

/// Removes messages that have been through for 90 days, `max` at most.
void expire_messages(kernel::Work& work, std::size_t max);

}  // namespace medflow::inline v1::messages
