// The system's clock: the one place in the library that reads it.
#include <sys/timex.h>

#include <chrono>
#include <ctime>

#include "medflow/ports.hpp"

namespace medflow::inline v1 {
namespace {

class SystemClock final : public Clock {
 public:
  Instant now() override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
  }

  /// Goes on while the machine sleeps: waking up is no step of the clock.
  std::int64_t steady_us() override {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000;
  }

  bool synchronised() override {
    timex state{};  // asks, and sets nothing
    return ::adjtimex(&state) != TIME_ERROR;
  }
};

}  // namespace

std::shared_ptr<Clock> system_clock() { return std::make_shared<SystemClock>(); }

}  // namespace medflow::inline v1
