#include "adapters/cli/ticking.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "medflow/ports.hpp"

namespace medflow::cli {

Ticking::Ticking(const Platform& platform, Log& log) : platform_(platform), log_(log), thread_([this] { run(); }) {}

Ticking::~Ticking() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Ticking::run() {
  const auto clock = system_clock();
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; })) {
    lock.unlock();
    note(platform_.tick(clock->now()));
    lock.lock();
  }
}

/// One line when a trouble begins and one when all of them are over, not one a second.
void Ticking::note(const std::vector<BackgroundTrouble>& troubles) {
  std::set<std::string> now;
  for (const BackgroundTrouble& trouble : troubles) {
    const std::string text = trouble.task + " " + std::string(trouble.error.code.name);
    if (now.insert(text).second && !last_.contains(text)) log_.event("background work failed: " + text);
  }
  if (now.empty() && !last_.empty()) log_.event("background work succeeds again");
  last_ = std::move(now);
}

}  // namespace medflow::cli
