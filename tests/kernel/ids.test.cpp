#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "tests/support/platform.hpp"

using namespace medflow;
using testing::must;

TEST_CASE("R1: ids follow the order of calls by the microsecond, and are UUIDs of version 7") {
  testing::Hospital hospital = testing::make_platform(storage::memory_engine());
  const Session desk = hospital.as(Role::receptionist);
  std::vector<PatientId> ids;
  for (int i = 0; i < 1'500; ++i) {
    if (i % 3 == 0) hospital.clock->advance_us(1);
    patients::Register request{.names = {{.family = "Okafor"}}, .sex_admin = patients::Sex::female};
    ids.push_back(must(desk.call(request)).id);
    REQUIRE((ids.back().uuid.bytes[6] >> 4) == 7);
    REQUIRE((ids.back().uuid.bytes[8] >> 6) == 2);
  }
  // Those of one microsecond have no order.
  for (std::size_t i = 3; i < ids.size(); ++i) {
    CAPTURE(i);
    CHECK(ids[i - i % 3 - 1] < ids[i]);
  }
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}
