// Ports that a test holds in its hand: a clock that stands still, chance that can be repeated, an executor that waits.
//
// For tests alone; a weaker promise than the rest of the public headers.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <utility>

#include "medflow/ports.hpp"

namespace medflow::testing {

/// Stands still unless it is moved. Thread-safe.
class FakeClock final : public Clock {
 public:
  Instant now() override { return {us_.load()}; }
  void advance_s(std::int64_t seconds) { us_ += seconds * 1'000'000; }
  void advance_us(std::int64_t microseconds) { us_ += microseconds; }

 private:
  std::atomic<std::int64_t> us_{1'795'305'600'000'000};  // 2026-11-22T00:00:00Z
};

/// Bytes that follow from a seed (SplitMix64): keys, nonces and ids are the same at each run. Anybody can guess them, so
/// nothing real is ever kept under them. Thread-safe; the order of calls decides who gets what.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::byte> out) override {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < out.size(); i += 8) {
      const std::uint64_t word = next();
      for (std::size_t j = i; j < out.size() && j < i + 8; ++j) out[j] = static_cast<std::byte>(word >> (8 * (j - i)));
    }
  }

 private:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

  std::mutex mutex_{};
  std::uint64_t state_;
};

/// Keeps what is posted until the test runs it, on the test's own thread: with it a platform starts no thread at all.
/// A platform waits for its calls when it is closed, so run what is queued before that. Thread-safe.
class QueuedExecutor final : public Executor {
 public:
  void post(std::function<void()> work) override {
    const std::lock_guard lock(mutex_);
    work_.push_back(std::move(work));
  }
  /// Runs everything, also what is posted meanwhile, and says how much that was.
  std::size_t run_all() {
    std::size_t count = 0;
    for (std::function<void()> work = take(); work; work = take(), ++count) work();
    return count;
  }

 private:
  std::function<void()> take() {
    const std::lock_guard lock(mutex_);
    if (work_.empty()) return {};
    std::function<void()> work = std::move(work_.front());
    work_.pop_front();
    return work;
  }

  std::mutex mutex_{};
  std::deque<std::function<void()>> work_{};
};

}  // namespace medflow::testing
