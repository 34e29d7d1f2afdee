// One seeded run: a hospital of its own, random acts on its money, and a model that says what each of them has to answer and to leave.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace medflow::campaign {

struct RunPlan {
  std::string engine{};
  std::string plant{};  ///< "", "tax" or "refund": the model expects something wrong
  std::uint64_t seed = 1;
  std::uint64_t size = 1'000;
};

struct Outcome {
  std::string finding{};  ///< empty where all was as it should be
  std::uint64_t acts = 0;
  std::uint64_t refused = 0;
  std::uint64_t entries = 0;
  std::map<std::string, std::uint64_t> answers{};  ///< how often which act was answered with which code
};

Outcome run_of(const RunPlan& plan);

}  // namespace medflow::campaign
