#include "kernel/lane.hpp"

#include <utility>

namespace medflow::kernel {

bool Lane::post(const Uuid& key, std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    Turn& turn = turns_[key];
    if (turn.running == at_once_) {
      if (turn.waiting.size() == waiting_max_) return false;
      turn.waiting.push_back(std::move(work));
      return true;
    }
    ++turn.running;
  }
  start(key, std::move(work));
  return true;
}

void Lane::start(const Uuid& key, std::function<void()> work) {
  executor_->post([this, key, work = std::move(work)] {
    work();
    end(key);
  });
}

void Lane::end(const Uuid& key) {
  std::function<void()> next;
  {
    const std::lock_guard lock(mutex_);
    const auto turn = turns_.find(key);
    if (turn->second.waiting.empty()) {
      if (--turn->second.running == 0) turns_.erase(turn);
      return;
    }
    next = std::move(turn->second.waiting.front());
    turn->second.waiting.pop_front();
  }
  start(key, std::move(next));
}

}  // namespace medflow::kernel
