// A body on its way from a connection to whoever reads it on another thread: a few pieces at a time, however large it is.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/http/budget.hpp"
#include "medflow/error.hpp"
#include "medflow/result.hpp"

namespace medflow::http {

class BodyPipe {
 public:
  static constexpr std::size_t bytes_max = 256UL * 1024;

  /// `charge` is what its bytes count for, as long as any are kept. `drained` is called, on the reader's thread, when a pipe that was full has
  /// room again. It must not block.
  BodyPipe(Charge charge, std::function<void()> drained) : charge_(std::move(charge)), drained_(std::move(drained)) {}

  /// False: it is full now; wait until it is drained.
  bool push(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    if (read_ >= bytes_max / 4) {  // whoever reads on without ever catching up
      held_.erase(0, read_);
      read_ = 0;
    }
    held_ += bytes;
    wake_.notify_one();
    full_ = held_.size() - read_ >= bytes_max;
    return !full_;
  }
  /// The body has come whole.
  void finish() { end(true); }
  /// It never will: what is here of it is of no use, and goes.
  void break_off() { end(false); }

  /// Waits for bytes. An error where the body broke off.
  Result<std::size_t> pull(std::span<std::byte> out) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return read_ < held_.size() || ended_; });
    const std::size_t count = std::min(out.size(), held_.size() - read_);
    if (count == 0) {
      if (is_whole_) return std::size_t{0};
      return Error{.code = cut_short};
    }
    std::memcpy(out.data(), held_.data() + read_, count);
    read_ += count;
    if (read_ == held_.size()) {
      held_.clear();
      read_ = 0;
    }
    if (!full_ || held_.size() - read_ > bytes_max / 2) return count;
    full_ = false;
    lock.unlock();
    drained_();
    return count;
  }

 private:
  static constexpr Code cut_short{"document.cut_short", Errc::malformed, "The file did not come whole."};

  void end(bool whole) {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    ended_ = true;
    is_whole_ = whole;
    if (!whole) {
      std::string().swap(held_);
      read_ = 0;
      full_ = false;
      charge_.end();
    }
    wake_.notify_one();
  }

  Charge charge_;
  std::function<void()> drained_;
  std::mutex mutex_{};
  std::condition_variable wake_{};
  std::string held_{};
  std::size_t read_ = 0;
  bool full_ = false;
  bool ended_ = false;
  bool is_whole_ = false;
};

}  // namespace medflow::http
