// Random work by several people on a platform of which clock, chance, ids, threads and storage are injected, with faults and crashes at
// random steps of storage; every answer is compared with a plain model (OPS-4). The same seed gives the same run.
//
//   campaign_simulation [--size SEEDS] [--seed FIRST] [--state DIR] [--plant BUG|all] [--twice 1]
//
// With --state the campaign goes on where it was broken off. With --plant a bug is built into the storage, and the campaign fails unless
// it is found. With --twice each seed is run twice, and the traces must be equal.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/campaigns/process.hpp"
#include "tests/campaigns/simulation/run.hpp"
#include "tests/support/planted_engines.hpp"

namespace medflow::campaign {
namespace {

bool run_plant(const Template& from, std::string_view bug, std::uint64_t first, std::uint64_t size) {
  for (std::uint64_t i = 0; i < size; ++i) {
    const Outcome outcome = simulate(from, first + i, bug);
    if (outcome.finding.empty()) continue;
    std::cout << "the planted bug " << bug << " was found at seed " << first + i << ": " << outcome.finding
              << std::endl;
    return true;
  }
  std::cout << "the planted bug " << bug << " was NOT found in " << size << " seeds" << std::endl;
  return false;
}

int run(const Arguments& arguments) {
  const std::uint64_t size = arguments.number("size", 100);
  const std::uint64_t first = arguments.number("seed", 1);
  const bool twice = arguments.number("twice", 0) != 0;
  const std::string plant = arguments.text("plant");
  const Template from = Template::make();
  if (!plant.empty()) {
    bool well = true;
    for (const std::string_view bug : testing::planted_bugs)
      if (plant == "all" || plant == bug) well = run_plant(from, bug, first, size) && well;
    return well ? 0 : 1;
  }
  const std::string state = arguments.text("state");
  const std::string done = state + "/" + std::to_string(first) + ".done";
  std::uint64_t from_here = 0, calls = 0, faults = 0, crashes = 0, trace = 0;
  if (!state.empty()) {
    std::filesystem::create_directories(state);
    std::ifstream(done) >> from_here >> calls >> faults >> crashes >> trace;
  }
  for (std::uint64_t i = from_here; i < size; ++i) {
    const Outcome outcome = simulate(from, first + i, "");
    calls += outcome.calls;
    faults += outcome.faults;
    crashes += outcome.crashes;
    trace = trace * 31 + outcome.trace;
    std::string finding = outcome.finding;
    if (twice && finding.empty() && simulate(from, first + i, "").trace != outcome.trace)
      finding = "the same seed gave another run";
    if (!finding.empty()) {
      std::cout << "seed " << first + i << ": " << finding << std::endl;
      return 1;
    }
    if (!state.empty() && (i + 1) % 100 == 0)
      std::ofstream(done) << i + 1 << ' ' << calls << ' ' << faults << ' ' << crashes << ' ' << trace << '\n';
  }
  std::cout << size << " seeds from " << first << ": " << calls << " calls, " << faults << " faults, " << crashes
            << " restarts, nothing found; trace " << std::hex << trace << std::endl;
  return 0;
}

}  // namespace
}  // namespace medflow::campaign

int main(int count, char** words) {
  return medflow::campaign::campaign_main("campaign_simulation", count, words, medflow::campaign::run);
}
