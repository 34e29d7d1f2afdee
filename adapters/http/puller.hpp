// A thread of its own for streamed answers: pulling one may wait for a store, which no loop ever does.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "adapters/http/mailbox.hpp"
#include "adapters/http/processors.hpp"

namespace medflow::http {

class Puller {
 public:
  Puller() = default;
  ~Puller();
  Puller(const Puller&) = delete;
  Puller& operator=(const Puller&) = delete;

  /// Pulls the next piece and posts it. The thread starts with the first.
  void pull(std::shared_ptr<Stream> stream, std::shared_ptr<Mailbox> mailbox, Letter letter);

  /// Lets go of a stream that nobody reads on, over there: its end may write an audit event.
  void drop(std::shared_ptr<Stream> stream);

  static constexpr std::size_t piece_bytes = 64UL * 1024;

 private:
  void post(std::function<void()> work);
  void run();

  const Processors processors_{};
  std::mutex mutex_{};
  std::condition_variable wake_{};
  std::deque<std::function<void()>> queue_{};
  bool stopping_ = false;
  std::thread thread_{};
};

}  // namespace medflow::http
