// A deployment whose build knows some kinds of work that are there for these tests alone. What a step does is to write a facility, so that
// its effect lies where the job lies: what was done twice, or not at all, is seen there.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jobs/jobs.hpp"
#include "jobs/rows.hpp"
#include "jobs/runner.hpp"
#include "kernel/background.hpp"
#include "kernel/outside.hpp"
#include "kernel/platform_state.hpp"
#include "tenants/entities.hpp"
#include "tests/support/child.hpp"
#include "tests/support/platform.hpp"

namespace medflow::testing {

/// What the steps of the tests do beyond their effect.
struct Script {
  std::atomic<bool> fails{false};              ///< steps fail: also when they are run again at once
  std::atomic<int> kill_at{-1};                ///< the process dies within the step after so many
  std::atomic<std::int64_t> due_us{-1};        ///< when the sweep is due next; -1 for never
  std::atomic<std::int64_t> due_after_us{-1};  ///< the same after it has run
};
inline Script& script() {
  static Script one;
  return one;
}

inline void effect(kernel::Work& work, const std::string& name) {
  facilities::Facility row{.id = work.make_id<FacilityId>(), .name = name, .zone = {"UTC"}};
  kernel::Rows<facilities::Facility>(work).insert(row);
}

inline void maybe_fail() {
  if (script().fails) throw Failure(codes::invalid, "Finn Field, born 1980");
}

/// `total` effects, named by the first argument and the step.
inline jobs::Next long_step(kernel::Work& work, jobs::Progress& progress) {
  const std::string whose = progress.args.empty() ? "job" : progress.args[0].text();
  effect(work, whose + " " + std::to_string(++progress.done));
  if (script().kill_at == static_cast<int>(progress.done)) die_now();
  maybe_fail();
  return progress.done >= progress.total.value_or(1) ? jobs::Next::done() : jobs::Next::again();
}

inline jobs::Next sweep_step(kernel::Work& work, jobs::Progress&) {
  effect(work, "swept " + work.now().text());
  maybe_fail();
  const std::int64_t next = script().due_after_us.load();
  return jobs::Next::at(next < 0 ? std::nullopt : std::optional(Instant{next}));
}

inline jobs::Next nightly_step(kernel::Work& work, jobs::Progress&) {
  effect(work, "nightly " + work.now().text());
  maybe_fail();
  return jobs::Next::done();
}

constexpr Operation operation_of(std::string_view name) {
  return {.name = name,
          .permission = Permission::facility_manage,
          .effect = Effect::write,
          .summary = "Try jobs",
          .object = "job"};
}
inline constexpr Operation long_operation = operation_of("tests.long");
inline constexpr Operation sweep_operation = operation_of("tests.sweep");
inline constexpr Operation quiet_operation = operation_of("tests.quiet");
inline constexpr Operation nightly_operation = operation_of("tests.nightly");
inline constexpr OperationRow long_row{.operation = &long_operation};
inline constexpr OperationRow sweep_row{.operation = &sweep_operation};
inline constexpr OperationRow quiet_row{.operation = &quiet_operation};
inline constexpr OperationRow nightly_row{.operation = &nightly_operation};
inline constexpr jobs::JobKind long_work{.row = &long_row, .step = long_step};
inline constexpr jobs::JobKind sweep{.row = &sweep_row, .step = sweep_step, .recurs = jobs::Recurs::sweep};
/// A sweep that finds nothing to do, and so writes nothing but its job.
inline constexpr jobs::JobKind quiet{.row = &quiet_row,
                                     .step = [](kernel::Work&, jobs::Progress&) { return jobs::Next::done(); },
                                     .recurs = jobs::Recurs::sweep};
inline constexpr jobs::JobKind nightly{
    .row = &nightly_row, .step = nightly_step, .recurs = jobs::Recurs::by_cron, .cron = "30 2 * * *"};
inline constexpr const jobs::JobKind* some_kinds[] = {&long_work, &sweep, &quiet};
inline constexpr const jobs::JobKind* all_kinds[] = {&long_work, &sweep, &quiet, &nightly};

/// One process.
class Builder {
 public:
  explicit Builder(PlatformOptions options, jobs::JobKinds kinds = some_kinds)
      : state_(std::make_shared<kernel::PlatformState>(std::move(options), kernel::Schemas::of_this_build(), kinds)) {
    state_->open();
  }
  Builder(std::shared_ptr<storage::Engine> engine, const std::shared_ptr<FakeClock>& clock,
          jobs::JobKinds kinds = some_kinds)
      : Builder(test_options(std::move(engine), clock), kinds) {}
  ~Builder() { state_->close(); }
  Builder(const Builder&) = delete;

  kernel::PlatformState& state() const { return *state_; }
  Session root() const { return Session(state_->operator_session("test")); }
  std::shared_ptr<kernel::Store> store(TenantId id) const { return state_->store(id); }
  /// Somebody who may do anything in a tenant.
  Session inside(TenantId id) const { return Session(state_->system_session(store(id), "test")); }
  /// The same with what this role may do.
  Session inside(TenantId id, Role role) const {
    return Session(std::make_shared<kernel::SessionState>(
        state_, store(id), kernel::Actor{.kind = audit::ActorKind::system, .label = "test"},
        kernel::Access({&role, 1})));
  }

  TenantId add(const std::string& slug, const char* zone = "Europe/London") const {
    return must(root().call(tenants::Provision{
                    .slug = slug, .name = slug, .default_zone = {zone}, .currency = *Currency::parse("GBP")}))
        .id;
  }
  template <class Body>
  void write(TenantId id, Body&& body) const {
    with(id, [&](kernel::Outside& outside, kernel::Store& store) { outside.write_in(store, body); });
  }
  Job start(TenantId id, std::uint64_t total, std::vector<Uuid> args = {}) const {
    Job job;
    write(id, [&](kernel::Work& work) { job = jobs::start(work, long_work, args, total); });
    return job;
  }
  void wake(TenantId id, Instant at, const jobs::JobKind& kind = sweep) const {
    write(id, [&](kernel::Work& work) { jobs::wake(work, kind, at); });
  }
  std::optional<jobs::StoredJob> job(TenantId id, const JobId& job) const {
    std::optional<jobs::StoredJob> found;
    with(id, [&](kernel::Outside& outside, kernel::Store& store) {
      outside.read_in(store, [&](kernel::Work& work) { found = kernel::Rows<jobs::StoredJob>(work).find(job); });
    });
    return found;
  }
  jobs::StoredJob sweep_row_of(TenantId id, const jobs::JobKind& kind = sweep) const {
    return job(id, jobs::singleton_id(kind)).value();
  }
  /// What was done, how often. The tenant's first facility is none of it.
  std::map<std::string, int> effects(TenantId id) const {
    std::map<std::string, int> found;
    with(id, [&](kernel::Outside& outside, kernel::Store& store) {
      outside.read_in(store, [&](kernel::Work& work) {
        found.clear();
        kernel::Rows<facilities::Facility>(work).scan({}, [&](const facilities::Facility& one) {
          if (one.name.find(' ') != std::string::npos) ++found[one.name];
          return true;
        });
      });
    });
    return found;
  }
  jobs::Runner runner(TenantId id) const { return {*state_, *store(id), {state_->clock(), state_->clock().now()}}; }
  /// What went wrong in a tick, in words.
  std::string tick() const {
    std::string words;
    for (const auto& trouble : kernel::run_background(*state_, state_->clock().now()))
      words += trouble.task + ' ' + std::string(trouble.error.code.name) + ' ' + trouble.error.detail + '\n';
    return words;
  }

 private:
  template <class Body>
  void with(TenantId id, Body&& body) const {
    const auto held = store(id);
    const auto system = state_->system_session(held, "test");
    kernel::CallFrame frame{
        .session = system.get(), .store = held.get(), .row = &long_row, .now = state_->clock().now()};
    kernel::Outside outside(frame);
    body(outside, *held);
  }

  std::shared_ptr<kernel::PlatformState> state_;
};

inline const kernel::Trouble no_trouble = [](const kernel::Store&, std::exception_ptr failure) {
  std::rethrow_exception(std::move(failure));
};

/// The effects of one job that was done, each once.
inline std::map<std::string, int> once_each(const std::string& whose, int total) {
  std::map<std::string, int> all;
  for (int i = 1; i <= total; ++i) all[whose + " " + std::to_string(i)] = 1;
  return all;
}

}  // namespace medflow::testing
