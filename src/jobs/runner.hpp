// Runs the jobs that are due. Whoever takes one holds a lease on it, which each step prolongs; a lease that has run out, because its
// holder is dead or slow, is anybody's. A step counts only if its job still is under the lease that it was begun with, which its own
// transaction looks at: so of several processes exactly one does each piece of work.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "jobs/kinds.hpp"
#include "jobs/rows.hpp"
#include "kernel/background.hpp"
#include "kernel/outside.hpp"

namespace medflow::inline v1::jobs {

inline constexpr std::uint32_t attempts_max = 8;

/// A job that somebody has taken.
struct Lease {
  JobId id{};
  Uuid lease{};
  const JobKind* kind = nullptr;
};

/// What came of a step.
enum class Came : std::uint8_t {
  again,   ///< there is more to do at once, and the lease is prolonged
  over,    ///< somebody else may take the job, if it goes on at all
  lost,    ///< it was somebody else's by then, or cancelled: nothing was done
  failed,  ///< nothing was done, and it is tried again later, if at all
};

/// The jobs of one tenant.
class Runner {
 public:
  Runner(kernel::PlatformState& platform, kernel::Store& store, const kernel::TickTime& time);

  /// When the first job of a kind that this build knows is to be looked at; none where none is.
  std::optional<Instant> next_due();
  /// Takes what is due, and does some of it. Answers how much that was, in transactions; `left` at most, or a few more.
  std::size_t run(std::size_t left, const kernel::Trouble& trouble);

  /// Sees to it that jobs that recur by the clock have their rows.
  void keep_cron_jobs();
  std::vector<JobId> due(std::size_t max);
  /// Nothing where somebody else has it.
  std::optional<Lease> take(const JobId& id);
  /// After the `last` step that there is room for, the job is anybody's again.
  Came step(const Lease& lease, bool last, const kernel::Trouble& trouble);

 private:
  Instant now() const { return time_.now(); }
  kernel::CallFrame frame(const OperationRow& row) const;
  template <class Body>
  void write(const OperationRow& row, Body&& body);
  template <class IsWanted, class Visit>
  void scan_waiting(IsWanted&& is_wanted, Visit&& visit);
  void goes_on(StoredJob& job, const JobKind& kind, const Next& next, bool last);
  void fails(StoredJob& job, const JobKind& kind, std::string_view code);
  void fail(const Lease& lease, std::exception_ptr failure, const kernel::Trouble& trouble);

  kernel::PlatformState& platform_;
  kernel::Store& store_;
  kernel::TickTime time_;
  std::shared_ptr<kernel::SessionState> system_;
  std::exception_ptr damage_;  ///< the last of what did not open
};

/// The background task: some of what is due in each open tenant, a few pieces each, so that none waits for another's long work.
void run_jobs(kernel::PlatformState& platform, Instant now, const kernel::Trouble& trouble);

/// When the first job of this store is to be looked at; none where none is.
std::optional<Instant> next_due(kernel::PlatformState& platform, kernel::Store& store);

/// Removes jobs 30 days after their end (R14), `max` at most. `kept_s`: so long they are kept.
void expire_jobs(kernel::Work& work, std::size_t max);
inline constexpr std::int64_t kept_s = 30LL * 24 * 60 * 60;

}  // namespace medflow::inline v1::jobs
