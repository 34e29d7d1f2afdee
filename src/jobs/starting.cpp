#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "jobs/facts.hpp"
#include "jobs/jobs.hpp"
#include "jobs/rows.hpp"
#include "kernel/aside.hpp"
#include "kernel/facts.hpp"

namespace medflow::inline v1::jobs {
namespace {

using kernel::Rows;
using kernel::Work;

/// Of a sweep the first who woke it is noted, but it is nobody's.
StoredJob own_row(Work& work, const JobId& id) {
  StoredJob row = Rows<StoredJob>(work).get(id);
  const UserId user = work.actor().user;
  const bool own = !is_singleton(id) && !user.is_nil() && row.created_by == user;
  if (!own && !work.access().holds(Permission::job_manage)) throw Failure(codes::not_found);
  return row;
}

constexpr Instant at_any_time{std::numeric_limits<std::int64_t>::min()};

/// What the sweep's row has come to, with `at` taken into account: it looks at everything from then on.
Instant advance(Work& work, const JobKind& kind, Instant at) {
  Rows<StoredJob> rows(work);
  const JobId id = singleton_id(kind);
  auto row = rows.find(id);
  if (!row) {
    StoredJob made{.id = id, .kind = std::string(kind.name()), .run_at = at};
    rows.insert(made);
    return at;
  }
  // Its step, when it comes, sees what the caller writes; to take it from who runs it, or to hurry one that fails, would do harm.
  if (row->state == JobState::running || row->backs_off()) return at_any_time;
  if (row->run_at && *row->run_at <= at) return *row->run_at;
  row->run_at = at;
  rows.update(*row, row->revision);
  return at;
}

}  // namespace

bool is_job(std::uint16_t table) { return table == storage::layout_of<StoredJob>().table().id; }

void follow_rows(kernel::Store& store, storage::Transaction&, std::span<const kernel::RowChange> changes) {
  if (std::any_of(changes.begin(), changes.end(), [](const auto& change) { return is_job(change.table); }))
    store.facts().sweeps.clear();
}

void wake(Work& work, const JobKind& kind, Instant at) {
  assert(kind.recurs == Recurs::sweep);
  at = std::max(at, Instant{});
  const auto known_of = [&]() -> kernel::KnownSweep* {
    auto& sweeps = work.store().facts().sweeps;
    const auto found =
        std::find_if(sweeps.begin(), sweeps.end(), [&](const auto& one) { return one.kind == kind.name(); });
    return found == sweeps.end() ? nullptr : &*found;
  };
  if (const auto* known = known_of(); known != nullptr && known->due <= at) return;
  const kernel::Aside aside(work);
  const Instant due = advance(work, kind, at);
  if (auto* known = known_of())
    known->due = due;
  else
    work.store().facts().sweeps.push_back({.kind = kind.name(), .due = due});
}

Job start(Work& work, const JobKind& kind, std::vector<Uuid> args, std::optional<std::uint64_t> total) {
  assert(kind.recurs == Recurs::never);
  StoredJob job{.id = work.make_id<JobId>(),
                .kind = std::string(kind.name()),
                .args = std::move(args),
                .run_at = work.now(),
                .total = total};
  Rows<StoredJob>(work).insert(job);
  return view_of(job);
}

Job get_own(Work& work, const JobId& id) { return view_of(own_row(work, id)); }

Job cancel_own(Work& work, const JobId& id) {
  StoredJob row = own_row(work, id);
  if (is_singleton(id)) throw Failure(codes::not_found);  // what recurs has no end
  if (row.ended_at) return view_of(row);
  row.state = JobState::cancelled;
  row.run_at.reset();
  row.lease = {};  // whoever runs it finds that it is not theirs any more
  row.lease_until.reset();
  row.ended_at = work.now();
  Rows<StoredJob>(work).update(row, row.revision);
  return view_of(row);
}

}  // namespace medflow::inline v1::jobs
