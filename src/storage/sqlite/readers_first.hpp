// Who is about to read goes before who is about to write, where both wait for a mutex. That one is not fair: where processors are busy, a writer that
// goes on at once takes it again and again before a reader that was woken runs.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace medflow::inline v1::storage::sqlite {

/// Thread-safe. A reader asks only where somebody has written since the last one: readers cannot keep writers waiting for ever.
class ReadersFirst {
 public:
  /// Asks for precedence while it lives.
  class Asking {
   public:
    explicit Asking(ReadersFirst& whose) : whose_(whose) {
      const std::lock_guard lock{whose_.mutex_};
      ++whose_.asking_;
    }
    ~Asking() {
      const std::lock_guard lock{whose_.mutex_};
      if (--whose_.asking_ == 0) whose_.nobody_.notify_all();
    }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;

   private:
    ReadersFirst& whose_;
  };

  /// Locks `mutex` for who writes, once nobody asks.
  std::unique_lock<std::mutex> lock_to_write(std::mutex& mutex) {
    for (;;) {
      std::unique_lock writing{mutex};
      if (asking_ == 0) return writing;
      writing.unlock();
      std::unique_lock lock{mutex_};
      nobody_.wait(lock, [this] { return asking_ == 0; });
    }
  }

 private:
  std::mutex mutex_{};
  std::condition_variable nobody_{};
  std::atomic<int> asking_ = 0;  ///< changes under the mutex
};

}  // namespace medflow::inline v1::storage::sqlite
