// An engine that fails when it is told to: at the n-th step, at random from a seed, or from one step on as a machine that dies.
//
// For tests alone; a weaker promise than the rest of the public headers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <utility>

#include "medflow/testing/storage_steps.hpp"

namespace medflow::testing {

/// When and how to fail. Nothing fails until something is asked for. Thread-safe.
class Faults {
 public:
  /// The n-th step from now (from 1) fails with this kind, or with the first one that is allowed there.
  void fail_step(std::uint64_t n, std::optional<storage::FaultKind> kind = {}) {
    set([n, kind, step = std::uint64_t{0}](const StorageStep& at) mutable {
      if (++step == n) fail(kind.value_or(faults_at(at).front()));
    });
  }
  /// Every step fails with a chance of 1 in `one_in`, with a kind that an honest engine may throw there. Conflicts are left
  /// out: to claim one that is not there is a lie.
  void fail_at_random(std::uint64_t seed, std::uint32_t one_in) {
    set([chance = std::mt19937_64(seed), one_in](const StorageStep& at) mutable {
      if (chance() % one_in != 0) return;
      const auto kinds = faults_at(at);
      const storage::FaultKind kind = kinds[chance() % kinds.size()];
      if (ends_transaction(kind)) fail(kind);
    });
  }
  /// From the n-th step on everything fails, as when the machine has died: open the platform anew over the inner engine.
  void die_at_step(std::uint64_t n) {
    set([n, step = std::uint64_t{0}](const StorageStep& at) mutable {
      if (++step >= n)
        fail(at.call == StorageCall::committed ? storage::FaultKind::unknown_outcome : storage::FaultKind::unavailable);
    });
  }
  /// A script of the test's own: it throws what the engine is to throw.
  void script(StorageHook hook) { set(std::move(hook)); }
  /// Nothing fails any more.
  void clear() { set({}); }
  /// How many faults there were since the last change of the plan.
  std::uint64_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }

  void step(const StorageStep& at) {
    const std::lock_guard lock(mutex_);
    if (!hook_) return;
    try {
      hook_(at);
    } catch (...) {
      ++count_;
      throw;
    }
  }

 private:
  [[noreturn]] static void fail(storage::FaultKind kind) { throw storage::Fault{kind, "key", "made to fail"}; }
  void set(StorageHook hook) {
    const std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
    count_ = 0;
  }

  mutable std::mutex mutex_{};
  StorageHook hook_{};
  std::uint64_t count_ = 0;
};

class FaultyEngine final : public SteppedEngine {
 public:
  explicit FaultyEngine(std::shared_ptr<storage::Engine> inner, std::shared_ptr<Faults> faults = make())
      : SteppedEngine(std::move(inner), [faults](const StorageStep& step) { faults->step(step); }),
        faults_(std::move(faults)) {}
  Faults& faults() { return *faults_; }

 private:
  static std::shared_ptr<Faults> make() { return std::make_shared<Faults>(); }

  std::shared_ptr<Faults> faults_;
};

}  // namespace medflow::testing
