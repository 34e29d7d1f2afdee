// Tenants whose stores are closed while something in them waits for its time: messages and jobs.
#pragma once

#include <optional>

#include "kernel/background.hpp"

namespace medflow::kernel {

/// When the first message or job that waits in this store is to be looked at; none where none waits.
std::optional<Instant> next_due(PlatformState& platform, Store& store);

/// The background task: opens those whose time has come, and, once each after a start, those of which nobody knows whether anything waits
/// there. Where other processes have them open too, they may have left something: there it looks again every hour.
void open_awaited(PlatformState& platform, Instant now, const Trouble& trouble);

}  // namespace medflow::kernel
