// An engine that counts what is asked of another one: shows that a list of twenty is one scan, or what an operation costs.
//
// For tests alone; a weaker promise than the rest of the public headers.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "medflow/testing/storage_steps.hpp"

namespace medflow::testing {

/// Thread-safe.
class StorageCounts {
 public:
  std::uint64_t of(StorageCall call) const { return counts_[static_cast<std::size_t>(call)].load(); }
  /// All calls; what happens within one (`midway`, `committed`) is none of its own.
  std::uint64_t calls() const {
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < storage_calls; ++i)
      if (i != static_cast<std::size_t>(StorageCall::midway) && i != static_cast<std::size_t>(StorageCall::committed))
        all += counts_[i].load();
    return all;
  }
  void add(StorageCall call) { ++counts_[static_cast<std::size_t>(call)]; }
  void clear() {
    for (auto& count : counts_) count = 0;
  }

 private:
  std::array<std::atomic<std::uint64_t>, storage_calls> counts_{};
};

class CountingEngine final : public SteppedEngine {
 public:
  explicit CountingEngine(std::shared_ptr<storage::Engine> inner)
      : CountingEngine(std::move(inner), std::make_shared<StorageCounts>()) {}
  StorageCounts& counts() { return *counts_; }

 private:
  CountingEngine(std::shared_ptr<storage::Engine> inner, std::shared_ptr<StorageCounts> counts)
      : SteppedEngine(std::move(inner), [counts](const StorageStep& step) { counts->add(step.call); }),
        counts_(std::move(counts)) {}

  std::shared_ptr<StorageCounts> counts_;
};

}  // namespace medflow::testing
