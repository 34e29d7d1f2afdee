// A hospital whose messages a test reads.
#pragma once

#include <utility>
#include <vector>

#include "medflow/testing/messages.hpp"
#include "tests/support/platform.hpp"

namespace medflow::testing {

/// A hospital whose messages are kept.
struct Posted {
  explicit Posted(std::shared_ptr<storage::Engine> engine) : hospital(make(std::move(engine))) {}

  /// What is due now is sent; what was sent since the last time.
  std::vector<Message> post() {
    const auto troubles = hospital.platform.tick(hospital.clock->now());
    if (!troubles.empty()) throw std::runtime_error("a background task failed: " + troubles.front().task);
    return std::exchange(sender->messages, {});
  }

  std::shared_ptr<RecordingSender> sender = std::make_shared<RecordingSender>();
  Hospital hospital;

 private:
  Hospital make(std::shared_ptr<storage::Engine> engine) const {
    auto clock = std::make_shared<FakeClock>();
    PlatformOptions options = test_options(std::move(engine), clock);
    options.messages = sender;
    options.link_base = "https://clinic.example";
    return Hospital(std::move(options), std::move(clock));
  }
};

}  // namespace medflow::testing
