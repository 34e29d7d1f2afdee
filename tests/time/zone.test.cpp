#include <doctest/doctest.h>

#include <string>

#include "medflow/time.hpp"
#include "tests/time/transitions.hpp"

using namespace medflow;
using testing::at;

namespace {

/// Midnight at the start of `day` as `offset` has it, in UTC.
Instant midnight(Date day, int offset_s) { return Instant{(day.days() * std::int64_t{86'400} - offset_s) * 1'000'000}; }

}  // namespace

TEST_CASE("R3: a zone is an id of the tz database") {
  for (const char* id :
       {"Europe/London", "America/Argentina/Buenos_Aires", "Asia/Kathmandu", "UTC", "Etc/GMT+12", "US/Eastern"})
    CHECK_MESSAGE(Zone::valid(id), id);
  for (const char* id : {"", "Europe", "Europe/Atlantis", "europe/london", "posix/Europe/London", "right/Europe/London",
                         "localtime", "posixrules", "Factory", "zone.tab", "tzdata.zi", "leapseconds",
                         "../zoneinfo/UTC", "/etc/localtime", "GMT+1", "+01:00", "CEST"})
    CHECK_MESSAGE(!Zone::valid(id), id);
}

TEST_CASE("R2: the version of the tz database is a year and a letter") {
  const std::string version = tz_version();
  REQUIRE(version.size() >= 5);
  CHECK(version.substr(0, 2) == "20");
  CHECK(version[4] >= 'a');
  CHECK(version[4] <= 'z');
}

TEST_CASE("PAT-18: a day begins at midnight of its zone, in 24 zones") {
  struct Row {
    const char* zone;
    int offset_s;  // on 15 January 2024
  };
  constexpr int h = 3600;
  constexpr Row rows[] = {{"Pacific/Pago_Pago", -11 * h},
                          {"Pacific/Honolulu", -10 * h},
                          {"Pacific/Marquesas", -9 * h - 1800},
                          {"America/Anchorage", -9 * h},
                          {"America/Los_Angeles", -8 * h},
                          {"America/Denver", -7 * h},
                          {"America/Chicago", -6 * h},
                          {"America/New_York", -5 * h},
                          {"America/St_Johns", -3 * h - 1800},
                          {"America/Sao_Paulo", -3 * h},
                          {"Atlantic/Azores", -1 * h},
                          {"Europe/London", 0},
                          {"Europe/Berlin", 1 * h},
                          {"Africa/Cairo", 2 * h},
                          {"Asia/Riyadh", 3 * h},
                          {"Asia/Tehran", 3 * h + 1800},
                          {"Asia/Kabul", 4 * h + 1800},
                          {"Asia/Kolkata", 5 * h + 1800},
                          {"Asia/Kathmandu", 5 * h + 2700},
                          {"Asia/Tokyo", 9 * h},
                          {"Australia/Adelaide", 10 * h + 1800},
                          {"Australia/Lord_Howe", 11 * h},
                          {"Pacific/Chatham", 13 * h + 2700},
                          {"Pacific/Kiritimati", 14 * h}};
  static_assert(std::size(rows) == 24);
  const Date day{.year = 2024, .month = 1, .day = 15};
  for (const Row& row : rows) {
    const Zone zone{row.zone};
    const Instant begin = midnight(day, row.offset_s);
    CHECK_MESSAGE(date_in(zone, begin) == day, row.zone);
    CHECK_MESSAGE(date_in(zone, Instant{begin.us - 1}) == Date::from_days(day.days() - 1), row.zone);
    CHECK_MESSAGE(date_in(zone, begin.plus_s(86'399)) == day, row.zone);
    CHECK_MESSAGE(date_in(zone, begin.plus_s(86'400)) == Date::from_days(day.days() + 1), row.zone);
  }
}

TEST_CASE("R3: the day follows a zone that skipped one") {
  const Zone apia{"Pacific/Apia"};  // went from UTC-10 to UTC+14 at the end of 29 December 2011
  CHECK(date_in(apia, at("2011-12-30T09:59:59Z")).text() == "2011-12-29");
  CHECK(date_in(apia, at("2011-12-30T10:00:00Z")).text() == "2011-12-31");
}

TEST_CASE("R3: on both sides of every change of offset the day is the one that the tz database says") {
  const int rows = testing::each_transition([](const testing::Transition& row) {
    const Zone zone{row.zone};
    const auto day_with = [](Instant instant, int offset_s) { return testing::shown(instant, offset_s).date; };
    for (const int away_s : {1, 3'600, 7'200}) {
      const Instant earlier = row.change.plus_s(-away_s);
      const Instant later = row.change.plus_s(away_s - 1);
      CHECK_MESSAGE(date_in(zone, earlier) == day_with(earlier, row.before_s), row.line);
      CHECK_MESSAGE(date_in(zone, later) == day_with(later, row.after_s), row.line);
    }
    // The midnights next to the change, where an offset that is off by half an hour would show.
    const Date day = date_in(zone, row.change);
    const Instant next = midnight(Date::from_days(day.days() + 1), row.after_s);
    CHECK_MESSAGE(date_in(zone, Instant{next.us - 1}) == day, row.line);
    CHECK_MESSAGE(date_in(zone, next) == Date::from_days(day.days() + 1), row.line);
  });
  if (rows > 0) CHECK(rows > 300);
}
