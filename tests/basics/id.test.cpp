#include "medflow/id.hpp"

#include <doctest/doctest.h>

#include <unordered_set>

using medflow::PatientId;
using medflow::Uuid;

TEST_CASE("R1: an id reads back from its text, whatever the letters' case") {
  const auto id = Uuid::parse("0192F3A4-b5c6-7d8e-9f00-AbCdEf012345");
  REQUIRE(id);
  CHECK(id->text() == "0192f3a4-b5c6-7d8e-9f00-abcdef012345");
  CHECK(id->bytes[0] == 0x01);
  CHECK(id->bytes[15] == 0x45);
  CHECK(Uuid::parse(id->text()) == id);
  CHECK(PatientId::parse(id->text())->uuid == *id);
}

TEST_CASE("R1: ids of other systems pass without a version or variant") {
  CHECK(Uuid::parse("00000000-0000-0000-0000-000000000001"));
  CHECK(Uuid::parse("ffffffff-ffff-ffff-ffff-fffffffffffe"));
}

TEST_CASE("R1: the nil and max ids and every other form are refused") {
  for (const char* text : {"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
                           "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "", "0192f3a4b5c67d8e9f00abcdef012345",
                           "{0192f3a4-b5c6-7d8e-9f00-abcdef012345}", "0192f3a4-b5c6-7d8e-9f00-abcdef01234",
                           "0192f3a4-b5c6-7d8e-9f00-abcdef0123456", "0192f3a4-b5c6-7d8e-9f00-abcdef01234g",
                           "0192f3a4_b5c6-7d8e-9f00-abcdef012345", "0192f3a4b-5c6-7d8e-9f00-abcdef012345",
                           "0192f3a4-b5c6-7d8e-9f00-abcdef01234\xc3"})
    CHECK_MESSAGE(!Uuid::parse(text), text);
}

TEST_CASE("R1: ids order by their bytes") {
  const auto low = *Uuid::parse("00000000-0000-7000-8000-0000000000ff");
  const auto high = *Uuid::parse("00000000-0000-7000-8100-000000000000");
  CHECK(low < high);
  std::unordered_set<PatientId> set{PatientId{low}, PatientId{high}, PatientId{low}};
  CHECK(set.size() == 2);
}
