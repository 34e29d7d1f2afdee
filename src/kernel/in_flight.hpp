// Counts the calls that are under way, so that a platform is not taken apart under them, nor by one of its own threads.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

namespace medflow::kernel {

/// Thread-safe.
class FlightGate {
 public:
  void enter() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) idle_.notify_all();
  }
  /// Waits until nothing is under way.
  void wait_idle() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [&] { return count_ == 0; });
  }

 private:
  std::mutex mutex_{};
  std::condition_variable idle_{};
  std::size_t count_ = 0;
};

/// Under way for as long as it lives. Keeps the gate, and nothing else of the platform.
class InFlight {
 public:
  explicit InFlight(std::shared_ptr<FlightGate> gate) : gate_(std::move(gate)) { gate_->enter(); }
  InFlight(const InFlight& other) : InFlight(other.gate_) {}
  InFlight& operator=(const InFlight&) = delete;
  ~InFlight() { gate_->leave(); }

 private:
  std::shared_ptr<FlightGate> gate_;
};

}  // namespace medflow::kernel
