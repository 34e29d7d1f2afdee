// Opening windows and their slots on days on which clocks are changed.
#include "time/zoned.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/time/transitions.hpp"

using namespace medflow;
using testing::at;
using times::Interval;
using times::window_in;
using times::ZoneView;

namespace {

/// The whole steps of elapsed time that fit into a window.
std::vector<Interval> slots_of(Interval window, std::int64_t step_s) {
  std::vector<Interval> slots;
  for (Instant from = window.from; from.plus_s(step_s) <= window.to; from = from.plus_s(step_s))
    slots.push_back({.from = from, .to = from.plus_s(step_s)});
  return slots;
}

std::optional<Interval> window(const char* zone, const char* day, const char* start, const char* end) {
  return window_in(Zone{zone}, *Date::parse(day), *TimeOfDay::parse(start), *TimeOfDay::parse(end));
}

/// The wall times at which slots begin, with a blank between two.
std::string starts(const char* zone, const char* day, const char* start, const char* end, int minutes) {
  const auto open = window(zone, day, start, end);
  std::string text;
  if (!open) return text;
  const ZoneView view{Zone{zone}};
  for (const Interval& slot : slots_of(*open, minutes * 60))
    text += (text.empty() ? "" : " ") + view.local_in(slot.from).time.text();
  return text;
}

}  // namespace

TEST_CASE("APT-10: a window keeps its wall time over a change of clocks") {
  CHECK(window("America/Chicago", "2025-03-02", "15:00", "16:30") ==
        Interval{at("2025-03-02T21:00:00Z"), at("2025-03-02T22:30:00Z")});
  CHECK(window("America/Chicago", "2025-03-09", "15:00", "16:30") ==
        Interval{at("2025-03-09T20:00:00Z"), at("2025-03-09T21:30:00Z")});
}

TEST_CASE("APT-10: slots are steps of elapsed time, so an hour that comes twice is offered twice") {
  CHECK(starts("America/New_York", "2026-11-01", "00:00", "04:00", 60) == "00:00 01:00 01:00 02:00 03:00");
  CHECK(starts("America/New_York", "2026-03-08", "00:00", "04:00", 60) == "00:00 01:00 03:00");
  const auto lord_howe = window("Australia/Lord_Howe", "2026-04-05", "00:00", "04:00");
  REQUIRE(lord_howe);
  CHECK(lord_howe->to.us - lord_howe->from.us == 270 * 60'000'000LL);
  CHECK(starts("Australia/Lord_Howe", "2026-04-05", "00:00", "04:00", 60) == "00:00 01:00 01:30 02:30");
  CHECK(starts("Europe/London", "2026-06-01", "09:00", "10:00", 25) == "09:00 09:25");
  CHECK(starts("Europe/London", "2026-06-01", "09:00", "10:00", 61).empty());
}

TEST_CASE("PRV-2: an end that is not later than the start is one of the next day") {
  CHECK(window("UTC", "2026-12-31", "22:00", "06:00") ==
        Interval{at("2026-12-31T22:00:00Z"), at("2027-01-01T06:00:00Z")});
  CHECK(window("UTC", "2026-12-31", "08:00", "08:00") ==
        Interval{at("2026-12-31T08:00:00Z"), at("2027-01-01T08:00:00Z")});
  // The night on which clocks are put forward has an hour less.
  CHECK(window("Europe/Berlin", "2026-03-28", "22:00", "06:00") ==
        Interval{at("2026-03-28T21:00:00Z"), at("2026-03-29T04:00:00Z")});
}

TEST_CASE("APT-10: a start or end that does not exist is the instant at which clocks are put forward") {
  const Instant change = at("2026-03-08T07:00:00Z");
  CHECK(window("America/New_York", "2026-03-08", "02:30", "04:00") == Interval{change, at("2026-03-08T08:00:00Z")});
  CHECK(window("America/New_York", "2026-03-08", "01:00", "02:30") == Interval{at("2026-03-08T06:00:00Z"), change});
  CHECK(!window("America/New_York", "2026-03-08", "02:00", "03:00"));
  CHECK(!window("America/New_York", "2026-03-08", "02:10", "02:50"));
  CHECK(window("America/New_York", "2026-03-08", "02:59", "03:01") == Interval{change, change.plus_s(60)});
  CHECK(!window("Pacific/Apia", "2011-12-30", "09:00", "17:00"));  // a day that was left out
}

TEST_CASE("APT-10: a start or end that comes twice is the first") {
  CHECK(window("America/New_York", "2026-11-01", "01:30", "03:00") ==
        Interval{at("2026-11-01T05:30:00Z"), at("2026-11-01T08:00:00Z")});
  CHECK(window("America/New_York", "2026-11-01", "00:00", "01:30") ==
        Interval{at("2026-11-01T04:00:00Z"), at("2026-11-01T05:30:00Z")});
  CHECK(window("America/New_York", "2026-11-01", "01:15", "01:45") ==
        Interval{at("2026-11-01T05:15:00Z"), at("2026-11-01T05:45:00Z")});
}

TEST_CASE("APT-10: a zone that was looked up answers as the zone does") {
  testing::each_transition([](const testing::Transition& row) {
    const Zone zone{row.zone};
    const ZoneView view(zone);
    for (const int away_s : {-90'000, -3'600, -1, 0, 1, 1'800, 7'200}) {
      const Instant instant = row.change.plus_s(away_s);
      const LocalDateTime local = view.local_in(instant);
      REQUIRE(local == local_in(zone, instant));
      const WallMeaning meaning = view.meaning_of(local);
      const Instant minute = instant.plus_s(away_s == -1 ? -59 : away_s == 1 ? -1 : 0);
      CHECK_MESSAGE((meaning.first == minute || meaning.last == minute), row.line);
      REQUIRE(meaning.times == meaning_of(zone, local).times);
    }
  });
}
