// What kinds of work there are that wait in a tenant's rows, and how one is done: in steps, each a transaction of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "medflow/id.hpp"
#include "medflow/operation.hpp"
#include "medflow/time.hpp"

namespace medflow::kernel {
class Work;
}

namespace medflow::inline v1::jobs {

/// What a step answers: how its job goes on.
struct Next {
  enum class How : std::uint8_t {
    done,   ///< nothing is left, or nothing is due as things are
    again,  ///< there is more to do at once
    at,     ///< there is more to do then
  };
  How how = How::done;
  Instant when{};

  static Next done() { return {}; }
  static Next again() { return {.how = How::again}; }
  static Next at(Instant when) { return {.how = How::at, .when = when}; }
  /// For sweeps: the next instant at which something is due, if any.
  static Next at(const std::optional<Instant>& when) { return when ? at(*when) : done(); }
};

/// What a step knows of its job. It may change all but the arguments; the next step finds that.
struct Progress {
  std::span<const Uuid> args{};
  Uuid position{};                       ///< where the next step goes on; nil at the start
  std::uint64_t done = 0;                ///< how much is done, for who waits
  std::optional<std::uint64_t> total{};  ///< of how much, where known
};

/// How often work of a kind comes up in a tenant.
enum class Recurs : std::uint8_t {
  never,    ///< each job is started by somebody (`start`), and ends
  sweep,    ///< one job for ever, which runs when something is due (`wake`)
  by_cron,  ///< one job for ever, which runs by the clocks in the tenant's zone
};

/// One kind of work. A step runs as the system in one write of the tenant, a member of its group commit that leaves an event of the name of
/// `row`: at most 50 ms of work, which may be run again, or undone; what it throws undoes it, and it is tried again later.
/// The step of a sweep looks at rows alone, not at why it was woken: it runs late, or twice, or with nothing to do.
struct JobKind {
  const OperationRow* row = nullptr;  ///< nobody calls it; its name is that of the kind, and frozen
  Next (*step)(kernel::Work& work, Progress& progress) = nullptr;
  Recurs recurs = Recurs::never;
  std::string_view cron{};  ///< with `by_cron`, as `Cron` has it

  std::string_view name() const { return row->operation->name; }
};
using JobKinds = std::span<const JobKind* const>;

/// All of this build.
JobKinds job_kinds();

/// Null where there is none of that name.
inline const JobKind* find_kind(JobKinds kinds, std::string_view name) {
  for (const JobKind* kind : kinds)
    if (kind->name() == name) return kind;
  return nullptr;
}

}  // namespace medflow::inline v1::jobs
