// Logs of a platform that is killed at work: of them nothing may be said.
#pragma once

#include <cstdint>
#include <string>

#include "tests/campaigns/process.hpp"

namespace medflow::campaign {

/// Works in the folder until it is killed, and tells each call with a byte to the descriptor `report`.
int work_until_killed(const std::string& folder, bool encrypted, std::uint64_t seed, int report);

struct HonestLog {
  bool intact = false;
  std::uint64_t events = 0;
  std::uint64_t checkpoints = 0;
  std::string said{};
};

/// Starts this program anew to work in the folder, kills it, and again; then verifies the log.
HonestLog crash_and_verify(const std::string& folder, bool encrypted, std::uint64_t seed, unsigned kills);

}  // namespace medflow::campaign
