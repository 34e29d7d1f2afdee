// Which processors the server's threads run on.
#pragma once

#include <sched.h>

#include <cstddef>

namespace medflow::http {

/// The processors that were allowed to the thread that made this.
class Processors {
 public:
  Processors() noexcept : known_(::sched_getaffinity(0, sizeof set_, &set_) == 0) {}

  /// 0 where nobody knows.
  std::size_t count() const noexcept { return known_ ? static_cast<std::size_t>(CPU_COUNT(&set_)) : 0; }

  /// Keeps the calling thread to the one at this place, from 0.
  void keep_to(std::size_t place) const noexcept {
    cpu_set_t one;
    CPU_ZERO(&one);
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(cpu, &set_) || place-- != 0) continue;
      CPU_SET(cpu, &one);
      static_cast<void>(::sched_setaffinity(0, sizeof one, &one));
      return;
    }
  }

  /// Lets the calling thread run on any of them: a thread begins where the one that starts it is kept.
  void keep_to_none() const noexcept {
    if (known_) static_cast<void>(::sched_setaffinity(0, sizeof set_, &set_));
  }

 private:
  cpu_set_t set_{};
  bool known_;
};

}  // namespace medflow::http
