// Times of day, local times, and what they mean in a zone: once, twice or never.
#include <doctest/doctest.h>

#include <string>

#include "medflow/time.hpp"
#include "tests/time/transitions.hpp"

using namespace medflow;
using testing::at;
using testing::wall;

TEST_CASE("R2: every time of day reads back from its text") {
  for (int minutes = 0; minutes < 24 * 60; ++minutes) {
    const TimeOfDay time{static_cast<std::uint16_t>(minutes)};
    REQUIRE(TimeOfDay::parse(time.text()) == time);
  }
  CHECK(TimeOfDay{}.text() == "00:00");
  CHECK(TimeOfDay{9 * 60 + 5}.text() == "09:05");
  CHECK(TimeOfDay::parse("23:59") == TimeOfDay{1439});
}

TEST_CASE("R2: what is no time of day is refused") {
  for (const char* text : {"", "24:00", "12:60", "9:30", "09:3", "0930", "09-30", "09:30:00", " 09:30", "09:30 ",
                           "-1:30", "+9:30", "0a:30", "09:3b", "09:30Z", "99:99"})
    CHECK_MESSAGE(!TimeOfDay::parse(text), text);
}

TEST_CASE("R2: a local time is written to the minute and read with seconds that are zero") {
  const LocalDateTime noon{.date = {.year = 2026, .month = 11, .day = 22}, .time = {12 * 60}};
  CHECK(noon.text() == "2026-11-22T12:00");
  CHECK(LocalDateTime::parse("2026-11-22T12:00") == noon);
  CHECK(LocalDateTime::parse("2026-11-22T12:00:00") == noon);
  CHECK(wall("0001-01-01T00:00").text() == "0001-01-01T00:00");
  CHECK(wall("9999-12-31T23:59").text() == "9999-12-31T23:59");
}

TEST_CASE("R2: what is no local time, or says more than one, is refused") {
  for (const char* text : {"", "2026-11-22", "12:00", "2026-11-22T12", "2026-11-22T12:00:01", "2026-11-22T12:00:60",
                           "2026-11-22T12:00Z", "2026-11-22T12:00:00Z", "2026-11-22T12:00+00:00", "2026-11-22 12:00",
                           "2026-11-22t12:00", "2026-02-29T12:00", "2026-11-22T24:00", "2026-11-22T12:60",
                           "2026-11-22T12:00:00.0", "0000-01-01T00:00", " 2026-11-22T12:00", "2026-11-22T12:00:0"})
    CHECK_MESSAGE(!LocalDateTime::parse(text), text);
}

TEST_CASE("R2: minutes are added on the calendar, over days, months and leap years, both ways") {
  CHECK(wall("2026-12-31T23:59").plus_minutes(1) == wall("2027-01-01T00:00"));
  CHECK(wall("2027-01-01T00:00").plus_minutes(-1) == wall("2026-12-31T23:59"));
  CHECK(wall("2024-02-28T12:00").plus_minutes(24 * 60) == wall("2024-02-29T12:00"));
  CHECK(wall("2026-03-08T01:30").plus_minutes(60) == wall("2026-03-08T02:30"));  // which New York does not have
  CHECK(wall("1969-12-31T23:00").plus_minutes(-24 * 60) == wall("1969-12-30T23:00"));
  CHECK(wall("1970-01-01T00:00").plus_minutes(-24 * 60) == wall("1969-12-31T00:00"));
  for (std::int64_t minutes = -3'000'000; minutes < 3'000'000; minutes += 997) {
    const LocalDateTime there = wall("1999-06-15T13:37").plus_minutes(minutes);
    REQUIRE(there.time.minutes < 24 * 60);
    REQUIRE(there.plus_minutes(-minutes) == wall("1999-06-15T13:37"));
    REQUIRE((there > wall("1999-06-15T13:37")) == (minutes > 0));
  }
}

TEST_CASE("R3: a wall clock shows the minute that has begun, before the epoch too") {
  const Zone london{"Europe/London"};
  CHECK(local_in(london, at("2026-10-25T00:59:59.999999Z")) == wall("2026-10-25T01:59"));
  CHECK(local_in(london, at("2026-10-25T01:00:00Z")) == wall("2026-10-25T01:00"));
  CHECK(local_in(Zone{"UTC"}, Instant{-1}) == wall("1969-12-31T23:59"));
  CHECK(local_in(Zone{"Asia/Kathmandu"}, at("2026-01-01T00:00:00Z")) == wall("2026-01-01T05:45"));
}

TEST_CASE("R3: a wall time comes once, twice or never") {
  const Zone york{"America/New_York"};
  const WallMeaning plain = meaning_of(york, wall("2026-06-01T09:00"));
  CHECK(plain.times == WallTimes::once);
  CHECK(plain.first == at("2026-06-01T13:00:00Z"));
  CHECK(plain.last == plain.first);
  const WallMeaning never = meaning_of(york, wall("2026-03-08T02:30"));
  CHECK(never.times == WallTimes::never);
  CHECK(never.first == at("2026-03-08T07:00:00Z"));
  CHECK(never.last == never.first);
  const WallMeaning twice = meaning_of(york, wall("2026-11-01T01:30"));
  CHECK(twice.times == WallTimes::twice);
  CHECK(twice.first == at("2026-11-01T05:30:00Z"));
  CHECK(twice.last == at("2026-11-01T06:30:00Z"));
  // A whole day that was left out.
  const WallMeaning apia = meaning_of(Zone{"Pacific/Apia"}, wall("2011-12-30T12:00"));
  CHECK(apia.times == WallTimes::never);
  CHECK(apia.first == at("2011-12-30T10:00:00Z"));
}

TEST_CASE("R3: around every gap and overlap of the tz database wall times mean what it says") {
  int gaps = 0;
  int overlaps = 0;
  const int rows = testing::each_transition([&](const testing::Transition& row) {
    const Zone zone{row.zone};
    const auto instant_with = [](LocalDateTime local, int offset_s) {
      return Instant{((local.date.days() * std::int64_t{1440} + local.time.minutes) * 60 - offset_s) * 1'000'000};
    };
    const auto once = [&](LocalDateTime local, int offset_s) {
      const WallMeaning meaning = meaning_of(zone, local);
      CAPTURE(row.line);
      CHECK(meaning.times == WallTimes::once);
      CHECK(meaning.first == instant_with(local, offset_s));
      CHECK(meaning.last == meaning.first);
    };
    CHECK_MESSAGE(local_in(zone, Instant{row.change.us - 1}) == testing::shown(row.change.plus_s(-60), row.before_s),
                  row.line);
    CHECK_MESSAGE(local_in(zone, row.change) == testing::shown(row.change, row.after_s), row.line);
    if (row.kind == "abbr-only") return once(testing::shown(row.change, row.after_s), row.after_s);
    once(row.from.plus_minutes(-1), row.before_s);
    once(row.to, row.after_s);
    for (LocalDateTime local = row.from; local < row.to; local = local.plus_minutes(1)) {
      const WallMeaning meaning = meaning_of(zone, local);
      const bool gap = row.kind == "gap";
      const bool right =
          gap ? meaning.times == WallTimes::never && meaning.first == row.change && meaning.last == row.change
              : meaning.times == WallTimes::twice && meaning.first == instant_with(local, row.before_s) &&
                    meaning.last == instant_with(local, row.after_s);
      REQUIRE_MESSAGE(right, row.line, " at ", local.text());
    }
    ++(row.kind == "gap" ? gaps : overlaps);
  });
  if (rows == 0) return;
  CHECK(rows > 300);
  CHECK(gaps > 100);
  CHECK(overlaps > 100);
}
