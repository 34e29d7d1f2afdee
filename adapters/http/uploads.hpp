// Threads for requests whose body comes while their operation runs: each waits for its client, which no loop and no worker ever does.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/http/processors.hpp"

namespace medflow::http {

class Uploads {
 public:
  static constexpr std::size_t threads_max = 64;

  Uploads() = default;
  ~Uploads() { stop(); }
  Uploads(const Uploads&) = delete;
  Uploads& operator=(const Uploads&) = delete;

  /// Threads are started as they are needed; beyond so many, work waits.
  void post(std::function<void()> work);
  /// Waits until all is done that was posted.
  void stop();

 private:
  void run();

  const Processors processors_{};
  std::mutex mutex_{};
  std::condition_variable wake_{};
  std::deque<std::function<void()>> queue_{};
  std::vector<std::thread> threads_{};
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace medflow::http
