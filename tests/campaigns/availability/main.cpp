// Availability, by random rules: what the engine offers is what each minute allows, with the same reasons against it; and what
// `appointments.check` says is what `appointments.book` does, and `slots.list` offers what can be booked (APT-2, APT-21).
//
//   campaign_availability [--size N] [--seed N] [--state FILE] [--plant terms|check]
//
// N rule sets by the engine alone, then N cases through the public operations. Each follows from the seed and its number. With --state the
// campaign goes on where it was broken off. With --plant the engine is told other terms than the oracle, or a check is asked about another
// time than is booked, and the campaign fails unless that is found.
#include <chrono>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>

#include "tests/campaigns/availability/ground.hpp"
#include "tests/campaigns/process.hpp"

namespace medflow::campaign {
namespace {

using Time = std::chrono::steady_clock;

constexpr std::uint64_t puzzles_of_note = 1'000;  ///< then it is written down how far it has come
constexpr std::uint64_t grounds_of_clinic = 25;   ///< then a new one is made, so that none grows large
constexpr std::size_t patients_of_clinic = 12;

class Campaign {
 public:
  explicit Campaign(const Arguments& arguments)
      : size_(arguments.number("size", 100'000)),
        seed_(arguments.number("seed", 1)),
        state_(arguments.text("state")),
        plant_(arguments.text("plant")) {
    if (!plant_.empty() && plant_ != "terms" && plant_ != "check")
      throw std::runtime_error("there is no plant " + plant_);
    std::uint64_t seed = 0;
    if (std::ifstream in(state_); !(in >> seed >> puzzles_ >> grounds_) || seed != seed_) puzzles_ = grounds_ = 0;
  }

  bool run() {
    const auto start = Time::now();
    const std::uint64_t puzzles_before = puzzles_;
    if (plant_ != "check") solve();
    const auto between = Time::now();
    if (plant_ != "terms") play();
    const auto seconds = [](auto time) { return std::chrono::duration<double>(time).count(); };
    std::cout << std::fixed << std::setprecision(1) << puzzles_ - puzzles_before << " rule sets with " << starts_
              << " free starts, " << wrong_puzzles_ << " differences, " << seconds(between - start) << " s\n"
              << tally_.checks << " checks, each with its booking, of which " << tally_.bookable << " could be; "
              << tally_.offers << " bookings of what is offered or not, " << tally_.offered << " slots offered; "
              << tally_.differences << " differences, " << seconds(Time::now() - between) << " s" << std::endl;
    const bool found = wrong_puzzles_ + tally_.differences > 0;
    if (plant_.empty()) std::cout << (found ? "FAILED" : "all as it should be") << std::endl;
    if (!plant_.empty())
      std::cout << (found ? "the planted bug was found" : "FAILED: the planted bug was not found") << std::endl;
    return found != plant_.empty();
  }

 private:
  void solve() {
    for (; puzzles_ < size_; ++puzzles_) {
      testing::Dice dice(seed_ * 1'000'003 + puzzles_);
      const testing::Puzzle puzzle = testing::random_puzzle(dice);
      testing::Puzzle told = puzzle;
      if (plant_ == "terms") told.terms.buffer_after_min += 5;
      const auto difference = testing::first_difference(puzzle, starts_, &told);
      if (difference && ++wrong_puzzles_ <= 20)
        std::cout << "difference in rule set " << puzzles_ << " at " << difference->text() << std::endl;
      if (puzzles_ % puzzles_of_note == 0) note();
    }
  }

  void play() {
    std::unique_ptr<testing::Clinic> clinic;
    std::vector<PatientId> patients;
    for (; grounds_ * Ground::checks < size_; ++grounds_) {
      if (!clinic || grounds_ % grounds_of_clinic == 0) {
        clinic = std::make_unique<testing::Clinic>(storage::memory_engine());
        patients.clear();
        for (const auto& patient : clinic->hospital.add_patients(patients_of_clinic)) patients.push_back(patient.id);
        note();
      }
      Ground ground(*clinic, patients, seed_, grounds_, plant_ == "check");
      ground.check_and_book(tally_);
      ground.offer(tally_);
      ground.leave();
    }
    note();
  }

  void note() const {
    if (!state_.empty()) std::ofstream(state_) << seed_ << ' ' << puzzles_ << ' ' << grounds_ << '\n';
  }

  const std::uint64_t size_;
  const std::uint64_t seed_;
  const std::string state_;
  const std::string plant_;
  std::uint64_t puzzles_ = 0;
  std::uint64_t grounds_ = 0;
  std::size_t starts_ = 0;
  std::uint64_t wrong_puzzles_ = 0;
  Tally tally_{};
};

}  // namespace
}  // namespace medflow::campaign

int main(int argc, char** argv) {
  return medflow::campaign::campaign_main<medflow::campaign::Campaign>("campaign_availability", argc, argv);
}
