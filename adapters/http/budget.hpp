// The bytes of requests that the server holds at a time. Those of a body that is passed on as it comes count until its reader lets go of them; those of
// a whole one until its request has been answered or given up.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace medflow::http {

/// Thread-safe.
class Budget {
 public:
  explicit Budget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// False: there is no room for them.
  bool take(std::size_t bytes) {
    if (taken_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= bytes_max_) return true;
    give_back(bytes);
    return false;
  }
  void give_back(std::size_t bytes) { taken_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::size_t taken() const { return taken_.load(std::memory_order_relaxed); }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> taken_{0};
};

/// A part of a budget. Belongs to what keeps the bytes, and is given back with it.
class Charge {
 public:
  explicit Charge(std::shared_ptr<Budget> of) : budget_(std::move(of)) {}
  Charge(Charge&& other) noexcept : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, 0)) {}
  Charge& operator=(Charge&&) = delete;
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;
  ~Charge() { end(); }

  /// Makes it at least so many bytes. False: there is no room for them, and it stays as it is.
  bool grow_to(std::size_t bytes) {
    if (bytes <= bytes_) return true;
    if (!budget_->take(bytes - bytes_)) return false;
    bytes_ = bytes;
    return true;
  }
  void end() {
    if (bytes_ > 0) budget_->give_back(std::exchange(bytes_, 0));
  }

 private:
  std::shared_ptr<Budget> budget_;
  std::size_t bytes_ = 0;
};

}  // namespace medflow::http
