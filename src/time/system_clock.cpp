// The system's clock: the one place in the library that reads it.
#include <sys/timex.h>

#include <atomic>
#include <chrono>
#include <ctime>

#include "medflow/ports.hpp"

namespace medflow::inline v1 {
namespace {

class SystemClock final : public Clock {
 public:
  Instant now() override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
  }

  /// Goes on while the machine sleeps: waking up is no step of the clock.
  std::int64_t steady_us() override {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000;
  }

  /// As the kernel said within the last second: it is asked with every batch.
  bool synchronised() override {
    const std::int64_t now = steady_us();
    if (now < asked_us_.load(std::memory_order_acquire) + ask_every_us) return known_.load(std::memory_order_relaxed);
    timex state{};  // asks, and sets nothing
    const bool right = ::adjtimex(&state) != TIME_ERROR;
    known_.store(right, std::memory_order_relaxed);
    asked_us_.store(now, std::memory_order_release);  // after what was answered
    return right;
  }

 private:
  static constexpr std::int64_t ask_every_us = 1'000'000;
  std::atomic<bool> known_{false};
  std::atomic<std::int64_t> asked_us_{-ask_every_us};
};

}  // namespace

std::shared_ptr<Clock> system_clock() { return std::make_shared<SystemClock>(); }

}  // namespace medflow::inline v1
