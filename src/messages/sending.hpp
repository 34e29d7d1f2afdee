// Hands what is due in the outboxes to the host's sender; a background task.
#pragma once

#include <cstdint>
#include <optional>

#include "kernel/background.hpp"
#include "kernel/work.hpp"

namespace medflow::inline v1::messages {

/// Some of what is due in each open store, for a second or so of all: each comes first some time, so none waits for ever for another's slow
/// messages.
void send_messages(kernel::PlatformState& platform, Instant now, const kernel::Trouble& trouble);

/// When the first message that waits in this store is to be looked at; none where none waits.
std::optional<Instant> next_due(kernel::PlatformState& platform, kernel::Store& store);

/// So long what is known of a message is kept once it is of no use any more: two years (R14). What it said is stored nowhere, and its token is
/// forgotten when it is through.
inline constexpr std::int64_t kept_s = 2 * 366LL * 24 * 60 * 60;
/// Removes messages that are older than that, `max` at most.
void expire_messages(kernel::Work& work, std::size_t max);

}  // namespace medflow::inline v1::messages
