// The fuzzers' targets without a fuzzer: their seeds, and each seed changed in many ways, the same at every run.
#include <doctest/doctest.h>

#include <array>
#include <string>

#include "tests/crypto/support.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/dice.hpp"

using namespace medflow::fuzz;
using medflow::testing::Dice;

namespace {

constexpr std::size_t changes = 20'000;

std::array<const Target*, 5> targets() {
  return {&json_target, &request_target, &token_target, &block_target, &cursor_target};
}

/// What does not hold, and for which input; empty where everything does.
std::string complaint(const Target& target) {
  const auto seeds = target.seeds();
  Dice dice(1);
  for (std::size_t i = 0; i < seeds.size() + changes; ++i) {
    std::string bytes = seeds[i % seeds.size()];
    if (i >= seeds.size()) {
      if (dice.one_in(8)) bytes += dice.of(seeds);
      medflow::testing::spoil(bytes, dice);
    }
    try {
      target.run(bytes);
    } catch (const Broken& broken) {
      return std::string(broken.what()) + ": " + medflow::crypto::testing::hex_of(bytes);
    }
  }
  return {};
}

}  // namespace

TEST_CASE("API-8: what holds for any input holds for the fuzzers' seeds and thousands of changes of them") {
  for (const Target* target : targets()) {
    CAPTURE(target->name);
    CHECK(target->seeds().size() >= 5);
    CHECK(complaint(*target) == "");
  }
}

TEST_CASE("each target finds the mistake that is planted for it") {
  planted = true;
  for (const Target* target : targets()) {
    CAPTURE(target->plant);
    const std::string found = complaint(*target);
    CHECK_MESSAGE(!found.empty(), target->name);
    MESSAGE(target->name << " finds that " << target->plant << ": " << found.substr(0, found.find(':')));
  }
  planted = false;
}
