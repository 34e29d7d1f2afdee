// What other modules do with jobs: work that is done later, or in pieces, in the tenant whose handler asks for it (OPS-3). All of it is
// part of the caller's transaction: the job is there if and only if its cause is.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "jobs/kinds.hpp"
#include "kernel/work.hpp"
#include "medflow/stream.hpp"

namespace medflow::inline v1::jobs {

/// Something that the tenant's sweep of this kind looks after is due at `at`: it runs then, or before. Where it does so anyway this costs
/// nothing, neither a read nor a write. Only within a write.
void wake(kernel::Work& work, const JobKind& kind, Instant at);

/// Starts a job, which runs as soon as `Platform::tick` comes to it; who started it may ask for it (`jobs.get`). `args` are ids, never
/// anything about anybody.
Job start(kernel::Work& work, const JobKind& kind, std::vector<Uuid> args = {},
          std::optional<std::uint64_t> total = std::nullopt);

/// A job that the caller has started, or may manage. Throws Failure `not_found` for any other.
Job get_own(kernel::Work& work, const JobId& id);

/// Ends it: no further step is begun, and what its steps have done stays done. One that has ended stays as it is.
Job cancel_own(kernel::Work& work, const JobId& id);

}  // namespace medflow::inline v1::jobs
