// Keeps a number of submitted calls in flight.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "medflow/operations.hpp"
#include "tests/bench/in_process/measure.hpp"
#include "tests/support/platform.hpp"

namespace medflow::bench {

/// Submits every request, `in_flight` at a time: each answer submits the next one, on the thread that brings it. `clock` goes on with each.
template <class Op>
class Flight {
 public:
  using Output = typename Op::Output;

  Flight(Session session, std::vector<Op> requests, std::shared_ptr<testing::FakeClock> clock = nullptr)
      : session_(std::move(session)),
        requests_(std::move(requests)),
        clock_(std::move(clock)),
        left_(requests_.size()) {}

  /// The answers, in no order, are given to `see` on one thread at a time.
  template <class See>
  Cost run(std::size_t in_flight, See see) {
    see_ = [&](Output&& output) { see(std::move(output)); };
    return run(in_flight);
  }
  Cost run(std::size_t in_flight) {
    const std::size_t count = requests_.size();
    const Stopwatch watch;
    for (std::size_t i = 0; i < in_flight; ++i) submit_next();
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [&] { return left_ == 0; });
    const Cost cost = watch.per_operation(count);
    if (failed_ > 0) throw std::runtime_error("a call failed: " + error_);
    return cost;
  }

 private:
  void submit_next() {
    const std::size_t i = next_.fetch_add(1);
    if (i >= requests_.size()) return;
    if (clock_) clock_->advance_us(tick_us);
    session_.submit(std::move(requests_[i]), [this](Result<Output> result) { done(std::move(result)); });
  }
  void done(Result<Output> result) {
    const std::string error = result.ok() ? std::string() : std::string(result.error().code.name);
    if (error.empty() && see_) {
      const std::lock_guard lock(mutex_);
      see_(std::move(result).value());
    }
    submit_next();
    const std::lock_guard lock(mutex_);
    if (!error.empty()) {
      ++failed_;
      error_ = error;
    }
    if (--left_ == 0) finished_.notify_one();
  }

  Session session_;
  std::vector<Op> requests_;
  std::shared_ptr<testing::FakeClock> clock_;
  std::function<void(Output&&)> see_{};
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_{};
  std::condition_variable finished_{};
  std::size_t left_;
  std::size_t failed_ = 0;
  std::string error_{};
};

/// The same with calls that block, from so many threads.
template <class Op>
Cost run_blocking(const Session& session, const std::vector<Op>& requests, std::size_t threads) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::string failed;
  std::vector<std::thread> all;
  const Stopwatch watch;
  for (std::size_t i = 0; i < threads; ++i) {
    all.emplace_back([&] {
      for (std::size_t at = next++; at < requests.size(); at = next++) {
        const auto result = session.call(Op(requests[at]));
        const std::lock_guard lock(mutex);
        if (!result.ok()) failed = result.error().code.name;
      }
    });
  }
  for (std::thread& thread : all) thread.join();
  const Cost cost = watch.per_operation(requests.size());
  if (!failed.empty()) throw std::runtime_error("a blocking call failed: " + failed);
  return cost;
}

}  // namespace medflow::bench
