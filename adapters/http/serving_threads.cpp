#include "adapters/http/serving_threads.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "adapters/http/loop.hpp"

namespace medflow::http {
namespace {

// Whether this thread is at such work: what it posts then is for somebody else.
thread_local bool works = false;

}  // namespace

struct ServingThreads::Otherwise {
  net::thread_pool threads{std::max(3U, std::thread::hardware_concurrency())};
};

ServingThreads::ServingThreads() : otherwise_(std::make_unique<Otherwise>()) {}

ServingThreads::~ServingThreads() { otherwise_->threads.join(); }

bool ServingThreads::at_work() { return works; }

void ServingThreads::attach(std::span<const std::unique_ptr<Loop>> loops) {
  if (loops.size() < 2) return;
  const std::lock_guard lock(mutex_);
  for (const auto& loop : loops) loops_.push_back(loop.get());
}

void ServingThreads::detach(std::span<const std::unique_ptr<Loop>> loops) {
  const std::lock_guard lock(mutex_);
  if (loops_.empty() || loops_.front() != loops.front().get()) return;
  loops_.clear();
  for (; !work_.empty(); work_.pop_front()) net::post(otherwise_->threads, std::move(work_.front()));
}

void ServingThreads::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (loops_.empty()) return net::post(otherwise_->threads, std::move(work));
  work_.push_back(std::move(work));
  net::post(loop_for_caller().io(), [this] { run_one(); });
}

/// Under the mutex. The caller's own, unless it is at such work; then the next one.
Loop& ServingThreads::loop_for_caller() {
  const auto mine = std::find(loops_.begin(), loops_.end(), Loop::here());
  if (mine == loops_.end()) return *loops_[next_++ % loops_.size()];
  if (!works) return **mine;
  const auto next = mine + 1;
  return next == loops_.end() ? *loops_.front() : **next;
}

void ServingThreads::run_one() {
  std::function<void()> work;
  {
    const std::lock_guard lock(mutex_);
    if (work_.empty()) return;  // the server ends: another thread has it
    work = std::move(work_.front());
    work_.pop_front();
  }
  works = true;
  work();  // a batch, which keeps to itself what it fails with
  works = false;
}

}  // namespace medflow::http
