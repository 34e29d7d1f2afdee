// One seed: some people at work on a platform of which everything is injected, and a model that says what they must be told.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/campaigns/simulation/template.hpp"

namespace medflow::campaign {

/// How a seed went.
struct Outcome {
  std::uint64_t trace = 0;  ///< of every request, answer and step of storage
  std::uint64_t calls = 0;
  std::uint64_t faults = 0;
  std::uint64_t crashes = 0;
  std::string finding{};  ///< the first thing that was wrong, empty where all was well
};

Outcome simulate(const Template& from, std::uint64_t seed, std::string_view planted_bug);

}  // namespace medflow::campaign
