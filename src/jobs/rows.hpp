// The rows of jobs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jobs/kinds.hpp"
#include "kernel/rows.hpp"
#include "medflow/stream.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::jobs {

inline constexpr std::int64_t lease_s = 60;

/// One job. queued → running → queued again, or succeeded, failed; any of the first two → cancelled.
struct StoredJob {
  JobId id{};
  std::uint64_t revision = 0;
  std::string kind{};
  std::vector<Uuid> args{};
  Uuid position{};
  std::optional<Instant>
      run_at{};  ///< when it is looked at next: while it runs, when its lease ends; none for not again
  std::string cron{};
  Zone zone{};
  JobState state = JobState::queued;
  std::uint32_t attempts = 0;  ///< since a step last went well
  std::optional<Instant> lease_until{};
  Uuid lease{};  ///< of whoever runs it; another one for each who takes it
  std::uint64_t done = 0;
  std::optional<std::uint64_t> total{};
  std::string last_error_code{};
  std::optional<Instant> ended_at{};
  Instant created_at{};
  UserId created_by{};

  /// A try has failed, and the next one waits for its time.
  bool backs_off() const { return state == JobState::queued && attempts > 0; }
  /// A lease ends later than any that is taken now would, the clocks of processes being a minute apart at most: it is from before a clock was
  /// set back.
  static bool is_from_ahead(Instant until, Instant now) { return now.plus_s(2 * lease_s) < until; }
  /// It is anybody's: its time has come, or nobody can have it.
  bool is_due(Instant now) const {
    const bool from_ahead = state == JobState::running && lease_until && is_from_ahead(*lease_until, now);
    return run_at && (*run_at <= now || from_ahead);
  }
};

/// The job of a kind of which there is one in a tenant. No other job's id is of this form (UUID version 8).
JobId singleton_id(const JobKind& kind);
bool is_singleton(const JobId& id);

Job view_of(const StoredJob& job);

std::span<const storage::Table* const> tables();

}  // namespace medflow::inline v1::jobs

namespace medflow {

template <>
struct Described<jobs::StoredJob> {
  using T = jobs::StoredJob;
  static constexpr std::string_view name = "StoredJob";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "the job's id; of those that recur, the same in each tenant"}),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the changes, from 1"}),
      field<&T::kind>(3, "kind", immutable, {.meaning = "what is to be done"}),
      field<&T::args>(4, "args", immutable, {.meaning = "ids of what it is about"}),
      field<&T::position>(5, "position", none, {.meaning = "where the next step goes on; nil at the start"}),
      field<&T::run_at>(6, "run_at", none, {.meaning = "when it is looked at next; null for not again"}),
      field<&T::cron>(7, "cron", none, {.meaning = "when it recurs; empty where it does not by the clock"}),
      field<&T::zone>(8, "zone", none, {.meaning = "by whose clocks"}),
      field<&T::state>(9, "state", none, {.meaning = "how far it has come"}),
      field<&T::attempts>(10, "attempts", none, {.meaning = "how often it was tried since a step last went well"}),
      field<&T::lease_until>(11, "lease_until", none, {.meaning = "until when nobody else takes it"}),
      field<&T::lease>(12, "lease", none, {.meaning = "names the lease of who runs it; nil for nobody"}),
      field<&T::done>(13, "done", none, {.meaning = "how much is done"}),
      field<&T::total>(14, "total", none, {.meaning = "of how much, where known"}),
      field<&T::last_error_code>(15, "last_error_code", none, {.meaning = "why the last try failed; empty if not"}),
      field<&T::ended_at>(16, "ended_at", none, {.meaning = "when it was through; null for not yet"}),
      field<&T::created_at>(17, "created_at", immutable, {.meaning = "when it was made"}),
      field<&T::created_by>(18, "created_by", immutable, {.meaning = "who started it; nil for the system"})};
};

}  // namespace medflow

namespace medflow::inline v1::storage {

template <>
struct Stored<jobs::StoredJob> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
