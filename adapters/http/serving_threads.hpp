// The threads of a server as an executor: what is short runs where requests are read and answers are written, and nobody has to be woken for it.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "medflow/ports.hpp"

namespace medflow::http {

class Loop;

/// For `PlatformOptions::commits` and `ServerOptions::commits`: whoever has submitted something commits it once they have read what else has
/// come in, and meanwhile the next thread reads and runs what comes next. A single thread would read nothing while it commits: then, and
/// where no server serves (yet, or any more), threads of its own do it, which start with it.
class ServingThreads final : public Executor {
 public:
  ServingThreads();
  ~ServingThreads() override;
  ServingThreads(const ServingThreads&) = delete;
  ServingThreads& operator=(const ServingThreads&) = delete;

  void post(std::function<void()> work) override;

  /// Whether the calling thread is at such work.
  static bool at_work();

 private:
  friend class Server;
  struct Otherwise;

  /// Between these two the loops live and run.
  void attach(std::span<const std::unique_ptr<Loop>> loops);
  /// What is left runs on the other threads. Nothing happens where these are not attached.
  void detach(std::span<const std::unique_ptr<Loop>> loops);

  Loop& loop_for_caller();
  void run_one();
  const std::unique_ptr<Otherwise> otherwise_;

  std::mutex mutex_{};  // guards what follows
  std::deque<std::function<void()>> work_{};
  std::vector<Loop*> loops_{};
  std::size_t next_ = 0;
};

}  // namespace medflow::http
