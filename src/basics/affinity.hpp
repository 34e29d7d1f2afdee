// On which processors a thread may run.
#pragma once

#include <sched.h>

namespace medflow {

/// Where the thread that made this may run, for threads that are started from others: a thread begins where its maker is kept, and a host
/// may keep its own threads to one processor each.
class Affinity {
 public:
  Affinity() noexcept : known_(::sched_getaffinity(0, sizeof set_, &set_) == 0) {}

  /// Lets the calling thread run there. Where that cannot be, it stays where it is.
  void apply() const noexcept {
    if (known_) static_cast<void>(::sched_setaffinity(0, sizeof set_, &set_));
  }

 private:
  cpu_set_t set_{};
  bool known_;
};

}  // namespace medflow
