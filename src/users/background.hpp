// What becomes of users' rows when nobody asks: last uses are written down, and what has run out goes.
#pragma once

#include "kernel/background.hpp"

namespace medflow::inline v1::users {

/// Writes down when sessions were last used, at most once a minute each, and lets go of those that have run out (USR-5).
void store_last_uses(kernel::PlatformState& platform, Instant now, const kernel::Trouble& trouble);

/// The same for one store, whatever their age, before it is closed.
void store_uses(kernel::PlatformState& platform, kernel::Store& store, Instant now);

/// Removes what makes no difference any more: idle counters, old links, sessions and used refresh tokens 90 days
/// after their end, messages two years after they were of use, jobs 30 days after their end (R14).
void expire_rows(kernel::PlatformState& platform, Instant now, const kernel::Trouble& trouble);

}  // namespace medflow::inline v1::users
