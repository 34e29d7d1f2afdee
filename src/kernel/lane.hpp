// Slow work that is not to keep others waiting: so many pieces at once, and so many that wait for their turn.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "medflow/id.hpp"
#include "medflow/ports.hpp"

namespace medflow::kernel {

/// Counts for each key apart, first come, first served. Thread-safe.
class Lane {
 public:
  Lane(std::shared_ptr<Executor> executor, std::size_t at_once, std::size_t waiting_max)
      : executor_(std::move(executor)), at_once_(at_once), waiting_max_(waiting_max) {}

  /// False, and the work is not done, where as much of the key waits as may. Work keeps under way what this belongs to: it is destroyed
  /// last.
  [[nodiscard]] bool post(const Uuid& key, std::function<void()> work);

 private:
  struct Turn {
    std::size_t running = 0;
    std::deque<std::function<void()>> waiting{};
  };

  void start(const Uuid& key, std::function<void()> work);
  void end(const Uuid& key);

  const std::shared_ptr<Executor> executor_;
  const std::size_t at_once_;
  const std::size_t waiting_max_;
  std::mutex mutex_{};  // guards what follows
  std::map<Uuid, Turn> turns_{};
};

}  // namespace medflow::kernel
