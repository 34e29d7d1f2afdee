// The system's clock: the one place in the library that reads it.
#include <chrono>

#include "medflow/ports.hpp"

namespace medflow::inline v1 {
namespace {

class SystemClock final : public Clock {
 public:
  Instant now() override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
  }
};

}  // namespace

std::shared_ptr<Clock> system_clock() { return std::make_shared<SystemClock>(); }

}  // namespace medflow::inline v1
