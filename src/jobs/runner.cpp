#include "jobs/runner.hpp"

#include <algorithm>
#include <utility>

#include "jobs/codes.hpp"
#include "jobs/cron.hpp"
#include "kernel/index_places.hpp"
#include "kernel/platform_state.hpp"

namespace medflow::inline v1::jobs {
namespace {

using kernel::Outside;
using kernel::PlatformState;
using kernel::Rows;
using kernel::Store;
using kernel::Work;
using storage::Cell;

/// What taking a job and the like are called in the audit log; nobody calls them.
constexpr Operation run_operation{.name = "jobs.run",
                                  .permission = Permission::job_manage,
                                  .effect = Effect::write,
                                  .summary = "Take a job, or put it back",
                                  .object = "job"};
constexpr OperationRow run_row{.operation = &run_operation};

constexpr std::size_t jobs_each_max = 8;   ///< of one tenant in one tick
constexpr std::size_t steps_each_max = 4;  ///< of one job in one tick
constexpr std::size_t writes_max = 256;    ///< of all tenants in one tick
constexpr std::size_t looked_max = 1'000;  ///< also past those of kinds that only another build knows
constexpr std::int64_t retry_s = 30;
constexpr std::int64_t retry_s_max = 6 * 60 * 60;
constexpr std::int64_t recurring_retry_s_max = 15 * 60;

/// From 30 s, doubled with each try; half of it for sure, the rest by chance, so that many do not come back at once.
std::int64_t delay_s(Store& store, std::uint32_t attempts, std::int64_t max_s) {
  const std::int64_t longest_s = std::min(retry_s << std::min(attempts - 1, 12U), max_s);
  std::uint64_t random = 0;
  store.rng().fill(std::as_writable_bytes(std::span(&random, 1)));
  const std::int64_t half_s = longest_s / 2;
  return longest_s - static_cast<std::int64_t>(random % static_cast<std::uint64_t>(half_s + 1));
}

void let_go(StoredJob& job, JobState state, std::optional<Instant> run_at) {
  job.state = state;
  job.run_at = run_at;
  job.lease = {};
  job.lease_until.reset();
}

void end(StoredJob& job, JobState state, Instant now) {
  let_go(job, state, std::nullopt);
  job.ended_at = now;
}

/// A job that recurs is as new until it is due again.
void begin_anew(StoredJob& job, std::optional<Instant> run_at) {
  let_go(job, JobState::queued, run_at);
  job.attempts = 0;
  job.position = {};
  job.done = 0;
  job.total.reset();
}

std::optional<Instant> next_by_cron(const StoredJob& job, Instant after) {
  const auto cron = Cron::parse(job.cron);
  return cron ? next_run(*cron, job.zone, after) : std::nullopt;
}

}  // namespace

Runner::Runner(PlatformState& platform, Store& store, const kernel::TickTime& time)
    : platform_(platform),
      store_(store),
      time_(time),
      system_(platform.system_session(store.shared_from_this(), "jobs")) {}

kernel::CallFrame Runner::frame(const OperationRow& row) const {
  return {.session = system_.get(), .store = &store_, .row = &row, .now = now()};
}

template <class Body>
void Runner::write(const OperationRow& row, Body&& body) {
  kernel::CallFrame own = frame(row);
  Outside(own).write_in(store_, body);
}

/// Of those that wait, in the order in which they are looked at next, each of a kind that this build knows; `is_wanted` says by when it is
/// looked at whether one is opened at all. One that does not open keeps no other from its turn.
template <class IsWanted, class Visit>
void Runner::scan_waiting(IsWanted&& is_wanted, Visit&& visit) {
  kernel::CallFrame own = frame(run_row);
  Outside(own).read([&](Work& work) {
    visit(nullptr);
    const storage::Scan waiting{.index = "jobs_due", .from = Cell::of(0), .limit = looked_max};
    for (const kernel::IndexPlace& place : kernel::places_in(work, Rows<StoredJob>::layout(), waiting)) {
      if (!is_wanted(Instant{place.value})) continue;
      std::optional<StoredJob> job;
      if (!kernel::opens(work, [&] { job = Rows<StoredJob>(work).find(JobId{place.id}); }))
        damage_ = std::make_exception_ptr(Failure(codes::integrity, "job " + place.id.text()));
      if (job && find_kind(platform_.job_kinds(), job->kind) != nullptr && !visit(&*job)) return;
    }
  });
}

std::optional<Instant> Runner::next_due() {
  const JobKinds kinds = platform_.job_kinds();
  const bool by_cron =
      std::any_of(kinds.begin(), kinds.end(), [](const JobKind* kind) { return kind->recurs == Recurs::by_cron; });
  if (by_cron && !store_.has_cron_jobs().load()) return now();
  const Instant at = now();
  std::optional<Instant> first;
  scan_waiting([](Instant) { return true; },
               [&](const StoredJob* job) {
                 if (job == nullptr) {
                   first.reset();
                   return true;
                 }
                 const Instant due = job->is_due(at) ? std::min(*job->run_at, at) : *job->run_at;
                 first = std::min(first.value_or(due), due);
                 return at < *first;
               });
  return first;
}

std::vector<JobId> Runner::due(std::size_t max) {
  const Instant at = now();
  std::vector<JobId> ids;
  // What is looked at later is opened only where it may be under a lease from a clock that went ahead.
  scan_waiting([&](Instant looked_at) { return looked_at <= at || StoredJob::is_from_ahead(looked_at, at); },
               [&](const StoredJob* job) {
                 if (job == nullptr)
                   ids.clear();
                 else if (job->is_due(at))
                   ids.push_back(job->id);
                 return ids.size() < max;
               });
  return ids;
}

void Runner::keep_cron_jobs() {
  if (store_.has_cron_jobs().load()) return;
  for (const JobKind* kind : platform_.job_kinds()) {
    if (kind->recurs != Recurs::by_cron) continue;
    const JobId id = singleton_id(*kind);
    const auto is_right = [&](const std::optional<StoredJob>& job) {
      return job && job->cron == kind->cron && job->zone == store_.zone();
    };
    bool right = false;
    kernel::CallFrame own = frame(run_row);
    Outside(own).read([&](Work& work) { right = is_right(Rows<StoredJob>(work).find(id)); });
    if (right) continue;
    write(run_row, [&](Work& work) {
      Rows<StoredJob> rows(work);
      auto there = rows.find(id);
      if (is_right(there)) return;  // another process was faster
      StoredJob job = there.value_or(StoredJob{.id = id, .kind = std::string(kind->name())});
      job.cron = kind->cron;
      job.zone = store_.zone();
      if (job.state == JobState::queued && job.attempts == 0) job.run_at = next_by_cron(job, work.now());
      if (there)
        rows.update(job, job.revision);
      else
        rows.insert(job);
    });
  }
  store_.has_cron_jobs().store(true);
}

std::optional<Lease> Runner::take(const JobId& id) {
  std::optional<Lease> taken;
  write(run_row, [&](Work& work) {
    taken.reset();
    work.about(id.uuid);
    Rows<StoredJob> rows(work);
    auto job = rows.find(id);
    if (!job || !job->is_due(work.now())) return;  // somebody else has it
    const JobKind* kind = find_kind(platform_.job_kinds(), job->kind);
    if (kind == nullptr) return;
    if (job->state == JobState::running && job->attempts >= attempts_max) {
      fails(*job, *kind, abandoned.name);  // whoever tries it does not live to tell
    } else {
      job->state = JobState::running;
      ++job->attempts;
      job->lease = work.new_id();
      job->run_at = job->lease_until = work.now().plus_s(lease_s);
      taken = Lease{.id = id, .lease = job->lease, .kind = kind};
    }
    rows.update(*job, job->revision);
  });
  return taken;
}

/// After a step that went well.
void Runner::goes_on(StoredJob& job, const JobKind& kind, const Next& next, bool last) {
  job.attempts = 1;
  job.last_error_code.clear();
  switch (next.how) {
    case Next::How::again:
      if (last) {
        let_go(job, JobState::queued, now());
        job.attempts = 0;
      } else {
        job.run_at = job.lease_until = now().plus_s(lease_s);
      }
      break;
    case Next::How::at:
      if (kind.recurs == Recurs::never) {
        let_go(job, JobState::queued, next.when);
        job.attempts = 0;
      } else {
        begin_anew(job, next.when);
      }
      break;
    case Next::How::done:
      if (kind.recurs == Recurs::never)
        end(job, JobState::succeeded, now());
      else
        begin_anew(job, kind.recurs == Recurs::by_cron ? next_by_cron(job, now()) : std::nullopt);
  }
}

/// After one that did not. What recurs is never given up.
void Runner::fails(StoredJob& job, const JobKind& kind, std::string_view code) {
  job.last_error_code = code;
  const bool enough = job.attempts >= attempts_max;
  if (kind.recurs == Recurs::never) {
    if (enough)
      end(job, JobState::failed, now());
    else
      let_go(job, JobState::queued, now().plus_s(delay_s(store_, job.attempts, retry_s_max)));
  } else if (enough && kind.recurs == Recurs::by_cron) {
    begin_anew(job, next_by_cron(job, now()));
  } else {
    let_go(job, JobState::queued, now().plus_s(delay_s(store_, job.attempts, recurring_retry_s_max)));
  }
}

Came Runner::step(const Lease& lease, bool last, const kernel::Trouble& trouble) {
  Came came = Came::lost;
  try {
    write(*lease.kind->row, [&](Work& work) {
      came = Came::lost;
      work.about(lease.id.uuid);
      Rows<StoredJob> rows(work);
      auto job = rows.find(lease.id);
      if (!job || job->lease != lease.lease) return;
      Progress progress{.args = job->args, .position = job->position, .done = job->done, .total = job->total};
      const Next next = lease.kind->step(work, progress);
      job->position = progress.position;
      job->done = progress.done;
      job->total = progress.total;
      goes_on(*job, *lease.kind, next, last);
      came = job->lease.is_nil() ? Came::over : Came::again;
      rows.update(*job, job->revision);
    });
  } catch (...) {
    fail(lease, std::current_exception(), trouble);
    return Came::failed;
  }
  return came;
}

void Runner::fail(const Lease& lease, std::exception_ptr failure, const kernel::Trouble& trouble) {
  const Error error = kernel::error_of(std::move(failure));
  // What a step says of why is nobody's business but its own: it may speak of people.
  trouble(store_,
          std::make_exception_ptr(Failure(error.code, std::string(lease.kind->name()) + ' ' + lease.id.text())));
  try {
    write(run_row, [&](Work& work) {
      work.about(lease.id.uuid);
      Rows<StoredJob> rows(work);
      auto job = rows.find(lease.id);
      if (!job || job->lease != lease.lease) return;
      fails(*job, *lease.kind, error.code.name);
      rows.update(*job, job->revision);
    });
  } catch (...) {
    trouble(store_, std::current_exception());  // it is anybody's when the lease has run out
  }
}

std::size_t Runner::run(std::size_t left, const kernel::Trouble& trouble) {
  std::size_t writes = 0;
  keep_cron_jobs();
  for (const JobId& id : due(jobs_each_max)) {
    if (writes >= left) break;
    const auto lease = take(id);
    ++writes;
    Came came = lease ? Came::again : Came::lost;
    for (std::size_t steps = 1; came == Came::again; ++steps, ++writes)
      came = step(*lease, steps == steps_each_max, trouble);
  }
  if (damage_) trouble(store_, damage_);
  return writes;
}

void run_jobs(PlatformState& platform, Instant now, const kernel::Trouble& trouble) {
  if (platform.job_kinds().empty()) return;
  std::vector<std::shared_ptr<Store>> stores;
  kernel::for_each_writable_store(platform, trouble, [&](Store& store) {
    if (store.realm() == Realm::tenant) stores.push_back(store.shared_from_this());
  });
  const kernel::TickTime time(platform.clock(), now);
  std::size_t left = writes_max;
  const std::size_t first = platform.job_turn();
  std::size_t served = 0;
  for (; served < stores.size() && left > 0; ++served) {
    Store& store = *stores[(first + served) % stores.size()];
    try {
      left -= std::min(left, Runner(platform, store, time).run(left, trouble));
    } catch (...) {
      trouble(store, std::current_exception());
    }
  }
  platform.job_turn() += served == stores.size() ? 1 : served;
}

std::optional<Instant> next_due(PlatformState& platform, Store& store) {
  if (platform.job_kinds().empty() || store.realm() != Realm::tenant) return std::nullopt;
  return Runner(platform, store, {platform.clock(), platform.clock().now()}).next_due();
}

void expire_jobs(Work& work, std::size_t max) {
  Rows<StoredJob> rows(work);
  std::vector<StoredJob> found;
  const storage::Scan old{
      .index = "jobs_end", .from = Cell::of(0), .to = Cell::of(work.now().plus_s(-kept_s).us), .limit = max};
  rows.scan(old, [&](StoredJob job) {
    found.push_back(std::move(job));
    return true;
  });
  for (const StoredJob& job : found) rows.remove(job.id, job.revision);
}

}  // namespace medflow::inline v1::jobs
