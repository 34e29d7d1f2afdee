// Random acts on a hospital's money (drafts, issues, voids, credit notes, payments, deposits, allocations, refunds, write-offs, shifts), each
// compared with a naive model that shares nothing with the library; and after each the books balance (BIL-1, BIL-4, BIL-9).
//
//   campaign_money [--size ACTS] [--runs N] [--engine memory|sqlite|sqlcipher|postgresql] [--seed FIRST] [--state FILE] [--plant tax|refund]
//
// Each run is a hospital of its own with so many acts, and follows from its seed: also whether its prices hold their tax, how halves are rounded
// and whether totals are. With --state the campaign goes on where it was broken off. With --plant the model expects something wrong, and the
// campaign fails unless that is found.
#include <chrono>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>

#include "tests/campaigns/money/run.hpp"
#include "tests/campaigns/process.hpp"

namespace medflow::campaign {
namespace {

using Time = std::chrono::steady_clock;

int run(const Arguments& arguments) {
  RunPlan plan{.engine = arguments.text("engine", "memory"),
               .plant = arguments.text("plant"),
               .size = arguments.number("size", 1'000)};
  if (!plan.plant.empty() && plan.plant != "tax" && plan.plant != "refund")
    throw std::runtime_error("there is no plant " + plan.plant);
  const std::uint64_t runs = arguments.number("runs", 4), first = arguments.number("seed", 1);
  const std::string state = arguments.text("state");
  std::uint64_t from = 0, acts = 0, refused = 0, entries = 0;
  if (!state.empty()) std::ifstream(state) >> from >> acts >> refused >> entries;
  const auto start = Time::now();
  const std::uint64_t acts_before = acts;
  std::map<std::string, std::uint64_t> answers;
  for (std::uint64_t i = from; i < runs; ++i) {
    plan.seed = first + i;
    const Outcome outcome = run_of(plan);
    acts += outcome.acts;
    refused += outcome.refused;
    entries += outcome.entries;
    for (const auto& [answer, count] : outcome.answers) answers[answer] += count;
    if (!outcome.finding.empty()) {
      std::cout << "finding: " << outcome.finding << std::endl;
      if (plan.plant.empty()) return 1;
      std::cout << "the planted bug was found" << std::endl;
      return 0;
    }
    if (!state.empty()) std::ofstream(state) << i + 1 << ' ' << acts << ' ' << refused << ' ' << entries << '\n';
  }
  for (const auto& [answer, count] : answers) std::cout << count << ' ' << answer << '\n';
  const double seconds = std::chrono::duration<double>(Time::now() - start).count();
  std::cout << plan.engine << ", " << runs << " runs from seed " << first << ": " << acts << " acts, of which "
            << refused << " were refused as they had to be, " << entries << " journal entries; " << std::fixed
            << std::setprecision(1) << seconds << " s, " << std::setprecision(0)
            << static_cast<double>(acts - acts_before) / seconds << " acts/s\n"
            << (plan.plant.empty() ? "all as it should be" : "FAILED: the planted bug was not found") << std::endl;
  return plan.plant.empty() ? 0 : 1;
}

}  // namespace
}  // namespace medflow::campaign

int main(int count, char** words) {
  return medflow::campaign::campaign_main("campaign_money", count, words, medflow::campaign::run);
}
