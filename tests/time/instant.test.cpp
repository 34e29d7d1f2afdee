#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "medflow/time.hpp"

using medflow::Instant;

TEST_CASE("R2: an instant is written in UTC with a fraction only where there is one") {
  CHECK(Instant{0}.text() == "1970-01-01T00:00:00Z");
  CHECK(Instant{1}.text() == "1970-01-01T00:00:00.000001Z");
  CHECK(Instant{1'500'000}.text() == "1970-01-01T00:00:01.5Z");
  CHECK(Instant{-1}.text() == "1969-12-31T23:59:59.999999Z");
  CHECK(Instant{951'827'696'000'000}.text() == "2000-02-29T12:34:56Z");
  CHECK(Instant{0}.plus_s(90).text() == "1970-01-01T00:01:30Z");
}

TEST_CASE("R2: an instant is read with Z or an offset") {
  CHECK(Instant::parse("1970-01-01T00:00:00Z") == Instant{0});
  CHECK(Instant::parse("2000-02-29T12:34:56Z")->us == 951'827'696'000'000);
  CHECK(Instant::parse("1970-01-01T05:30:00+05:30") == Instant{0});
  CHECK(Instant::parse("1969-12-31T20:30:00-03:30") == Instant{0});
  CHECK(Instant::parse("1970-01-01T00:00:00-00:00") == Instant{0});
  CHECK(Instant::parse("1970-01-01t00:00:00z") == Instant{0});
  CHECK(Instant::parse("1970-01-01T00:00:00.5Z") == Instant{500'000});
  CHECK(Instant::parse("1970-01-01T00:00:00.000001+00:00") == Instant{1});
  CHECK(Instant::parse("1969-12-31T23:59:59.25Z") == Instant{-750'000});
}

TEST_CASE("R2: a leap second, and whatever else is no RFC 3339, is refused") {
  for (const char* text : {"",
                           "2016-12-31T23:59:60Z",
                           "2016-12-31T23:59:61Z",
                           "2026-11-22",
                           "2026-11-22T09:30Z",
                           "2026-11-22T09:30:00",
                           "2026-11-22 09:30:00Z",
                           "2026-11-22T24:00:00Z",
                           "2026-11-22T09:60:00Z",
                           "2026-02-29T09:30:00Z",
                           "2026-13-01T09:30:00Z",
                           "2026-11-22T09:30:00.Z",
                           "2026-11-22T09:30:00.1234567Z",
                           "2026-11-22T09:30:00,5Z",
                           "2026-11-22T09:30:00+0530",
                           "2026-11-22T09:30:00+24:00",
                           "2026-11-22T09:30:00+05:60",
                           "2026-11-22T09:30:00+05",
                           "2026-11-22T09:30:00ZZ",
                           "2026-11-22T09:30:00Z ",
                           " 2026-11-22T09:30:00Z",
                           "26-11-22T09:30:00Z",
                           "-026-11-22T09:30:00Z",
                           "2026-11-22T+9:30:00Z",
                           "NaN",
                           "0000-01-01T00:00:00Z",
                           "2026-11-22T09:30:00.",
                           "2026-11-22T09:30:00.5"})
    CHECK_MESSAGE(!Instant::parse(text), text);
}

TEST_CASE("R2: instants end with the years 0001 and 9999, offsets included") {
  const auto first = Instant::parse("0001-01-01T00:00:00Z");
  const auto last = Instant::parse("9999-12-31T23:59:59.999999Z");
  REQUIRE(first);
  REQUIRE(last);
  CHECK(first->text() == "0001-01-01T00:00:00Z");
  CHECK(last->text() == "9999-12-31T23:59:59.999999Z");
  CHECK(!Instant::parse("0001-01-01T00:00:00+00:01"));
  CHECK(!Instant::parse("9999-12-31T23:59:59-00:01"));
  CHECK(Instant::parse("0001-01-01T00:01:00+00:01") == first);
}

TEST_CASE("R2: every instant reads back from its text") {
  const std::int64_t first = Instant::parse("0001-01-01T00:00:00Z")->us;
  const std::int64_t last = Instant::parse("9999-12-31T23:59:59.999999Z")->us;
  const std::int64_t step = (last - first) / 20'000;  // not a whole number of seconds
  for (int i = 0; i < 20'000; ++i) {
    const Instant at{first + step * i};
    REQUIRE(Instant::parse(at.text()) == at);
  }
}
