#include <doctest/doctest.h>

#include "tests/support/calendar_oracle.hpp"

using namespace medflow;
using namespace medflow::testing;

TEST_CASE("APT-2: what is offered is what each minute of it allows, and nothing else, for random rules") {
  Dice dice(20'261'128);
  std::size_t starts = 0;
  for (int puzzle = 0; puzzle < 3'000; ++puzzle) {
    const auto made = random_puzzle(dice);
    const auto difference = first_difference(made, starts);
    REQUIRE_MESSAGE(!difference, "puzzle " << puzzle << " at " << difference.value_or(Instant{}).text());
  }
  CHECK(starts > 10'000);  // it is not that everything is always closed
}

TEST_CASE("APT-8: a lane is one that is free all the time") {
  const auto span = [](int from, int to) { return engine::Span{{from * minute}, {to * minute}}; };
  const std::vector<engine::Taken> taken = {{.time = span(0, 60), .visit = span(0, 60), .lane = 0},
                                            {.time = span(30, 90), .visit = span(30, 90), .lane = 1},
                                            {.time = span(90, 120), .visit = span(90, 120), .lane = 0}};
  CHECK(engine::free_lane(taken, span(60, 90)) == 0);
  CHECK(engine::free_lane(taken, span(50, 55)) == 2);
  CHECK(engine::free_lane(taken, span(60, 100)) == 2);
  CHECK(engine::free_lane(taken, span(120, 130)) == 0);
}
