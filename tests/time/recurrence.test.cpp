// Recurrence rules and their instances: the vectors, refusals, and a second expander that goes through the calendar day by day.
#include "time/recurrence.hpp"

#include <doctest/doctest.h>
#include <libical/ical.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "medflow/error.hpp"
#include "tests/support/dice.hpp"
#include "tests/time/transitions.hpp"

using namespace medflow;
using testing::Dice;
using testing::wall;
using times::expand;
using times::Frequency;
using times::Instance;
using times::parse_rule;
using times::Recurrence;
using times::RecurrenceRule;
using times::RuleDay;

namespace {

Recurrence series(const char* rule, const char* start, const char* zone, const std::vector<LocalDateTime>& out = {}) {
  return expand(parse_rule(rule), wall(start), Zone{zone}, out);
}

std::string starts(const Recurrence& series) {
  std::string text;
  for (const Instance& one : series.instances)
    text += (text.empty() ? "" : " ") + std::to_string(one.index) + "=" + one.start.text().substr(5, 11);
  return text;
}

template <class Call>
std::string refused(Call call) {
  try {
    call();
  } catch (const Failure& failure) {
    REQUIRE(failure.error.code == codes::invalid);
    REQUIRE(failure.error.fields.size() == 1);
    return failure.error.fields[0].pointer + " " + failure.error.fields[0].code;
  }
  return "accepted";
}

std::string refused_rule(const std::string& text) {
  return refused([&] { parse_rule(text); });
}

std::string refused_series(const char* rule, const char* start, const char* zone = "America/New_York") {
  return refused([&] { series(rule, start, zone); });
}

}  // namespace

TEST_CASE("APT-11: a weekly series keeps its wall time over the end of summer time") {
  const Recurrence weekly = series("FREQ=WEEKLY;BYDAY=TU;COUNT=6", "2026-10-06T19:00", "Europe/London");
  CHECK(starts(weekly) == "0=10-06T18:00 1=10-13T18:00 2=10-20T18:00 3=10-27T19:00 4=11-03T19:00 5=11-10T19:00");
  CHECK(weekly.skipped.empty());
  for (const Instance& one : weekly.instances) CHECK(one.wall.time == TimeOfDay{19 * 60});
}

TEST_CASE("APT-11: an instance that does not exist is skipped, listed and not counted") {
  const Recurrence daily = series("FREQ=DAILY;COUNT=4", "2026-03-06T02:30", "America/New_York");
  CHECK(starts(daily) == "0=03-06T07:30 1=03-07T07:30 2=03-09T06:30 3=03-10T06:30");
  CHECK(daily.skipped == std::vector{wall("2026-03-08T02:30")});
  const Recurrence until = series("FREQ=DAILY;UNTIL=20260308T070000Z", "2026-03-07T02:30", "America/New_York");
  CHECK(starts(until) == "0=03-07T07:30");
  CHECK(until.skipped.size() == 1);
}

TEST_CASE("APT-11: an instance that comes twice is the first") {
  CHECK(starts(series("FREQ=DAILY;COUNT=3", "2026-10-31T01:30", "America/New_York")) ==
        "0=10-31T05:30 1=11-01T05:30 2=11-02T06:30");
  CHECK(starts(series("FREQ=WEEKLY;COUNT=2", "2026-11-01T01:30", "America/New_York")) == "0=11-01T05:30 1=11-08T06:30");
}

TEST_CASE("APT-11: what is taken out counts, and its index is not given to another") {
  const std::vector out{wall("2026-10-13T19:00"), wall("2026-10-20T18:00"), wall("2026-10-06T19:00")};
  CHECK(starts(series("FREQ=WEEKLY;COUNT=4", "2026-10-06T19:00", "Europe/London", out)) ==
        "2=10-20T18:00 3=10-27T19:00");
  CHECK(series("FREQ=DAILY;COUNT=1", "2002-04-02T11:45", "UTC", {wall("2002-04-02T11:45")}).instances.empty());
}

TEST_CASE("APT-11: UNTIL is the last start that is allowed") {
  CHECK(series("FREQ=DAILY;UNTIL=20260103T090000Z", "2026-01-01T09:00", "UTC").instances.size() == 3);
  CHECK(series("FREQ=DAILY;UNTIL=20260103T085959Z", "2026-01-01T09:00", "UTC").instances.size() == 2);
  CHECK(series("FREQ=DAILY;UNTIL=20260101T090000Z", "2026-01-01T09:00", "UTC").instances.size() == 1);
  CHECK(series("FREQ=DAILY;UNTIL=20271231T235959Z", "2026-01-01T09:00", "UTC").instances.size() == 730);
}

TEST_CASE("APT-11: months that lack the day are passed over, and weeks begin where WKST says") {
  CHECK(starts(series("FREQ=MONTHLY;COUNT=4", "2026-01-31T10:00", "UTC")) ==
        "0=01-31T10:00 1=03-31T10:00 2=05-31T10:00 3=07-31T10:00");
  CHECK(starts(series("FREQ=MONTHLY;BYDAY=-2MO;COUNT=3", "1997-09-22T09:00", "UTC")) ==
        "0=09-22T09:00 1=10-20T09:00 2=11-17T09:00");
  CHECK(starts(series("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU", "1997-08-05T09:00", "UTC")) ==
        "0=08-05T09:00 1=08-10T09:00 2=08-19T09:00 3=08-24T09:00");
  CHECK(starts(series("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05T09:00", "UTC")) ==
        "0=08-05T09:00 1=08-17T09:00 2=08-19T09:00 3=08-31T09:00");
}

TEST_CASE("APT-11: a rule reads back from its text") {
  for (const char* text : {"FREQ=DAILY;COUNT=1", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR;COUNT=104;WKST=SU",
                           "FREQ=MONTHLY;INTERVAL=999;BYDAY=1MO,-1FR,SU;BYMONTHDAY=1,-31;UNTIL=20261231T235959Z"})
    CHECK(parse_rule(text).text() == text);
  const RecurrenceRule rule = parse_rule("count=2;byday=+2mo,2MO;freq=monthly");
  CHECK(rule == RecurrenceRule{.frequency = Frequency::monthly, .by_day = {{Weekday::mon, 2}}, .count = 2});
}

TEST_CASE("APT-11: a rule that is outside of the subset is refused by name") {
  for (const char* text :
       {"FREQ=YEARLY;COUNT=2", "FREQ=HOURLY;COUNT=2", "FREQ=DAILY;COUNT=2;BYMONTH=1",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1;COUNT=2", "FREQ=DAILY;BYHOUR=9;COUNT=2", "FREQ=DAILY;COUNT=2;INTERVAL=1000",
        "RSCALE=HEBREW;FREQ=DAILY;COUNT=2", "FREQ=MONTHLY;COUNT=2;SKIP=FORWARD", "FREQ=DAILY;COUNT=2;X-OURS=1"})
    CHECK_MESSAGE(refused_rule(text) == "/rrule recurrence.unsupported", text);
  CHECK(refused_rule("FREQ=DAILY") == "/rrule recurrence.unbounded");
  CHECK(refused_rule("FREQ=DAILY;COUNT=105") == "/rrule recurrence.too_many");
  CHECK(refused_rule("FREQ=DAILY;COUNT=104") == "accepted");
  CHECK(refused([] { parse_rule("FREQ=DAILY", "/series/rule"); }) == "/series/rule recurrence.unbounded");
}

TEST_CASE("APT-11: what is no rule is refused, whatever libical makes of errors") {
  ::icalerror_set_errors_are_fatal(1);  // a host may have: then an error inside libical ends the process
  for (const std::string text : {"",
                                 ";",
                                 "FREQ",
                                 "FREQ=",
                                 "FREQ=DAILY;",
                                 ";FREQ=DAILY;COUNT=1",
                                 "RRULE:FREQ=DAILY;COUNT=1",
                                 "COUNT=2",
                                 "FREQ=DAILY;COUNT=2;COUNT=2",
                                 "FREQ=DAILY;FREQ=DAILY;COUNT=1",
                                 "FREQ=DAILY;COUNT=0",
                                 "FREQ=DAILY;COUNT=-1",
                                 "FREQ=DAILY;COUNT=+1",
                                 "FREQ=DAILY;COUNT=1x",
                                 "FREQ=DAILY;COUNT=99999999999",
                                 "FREQ=DAILY;COUNT=",
                                 "FREQ=DAILY;COUNT=2;UNTIL=20260101T000000Z",
                                 "FREQ=DAILY;UNTIL=20260101",
                                 "FREQ=DAILY;UNTIL=20260101T000000",
                                 "FREQ=DAILY;UNTIL=20260230T000000Z",
                                 "FREQ=DAILY;UNTIL=2026-01-01T000000Z",
                                 "FREQ=DAILY;UNTIL=",
                                 "FREQ=DAILY;INTERVAL=0;COUNT=1",
                                 "FREQ=DAILY;INTERVAL=;COUNT=1",
                                 "FREQ=WEEKLY;BYDAY=1MO;COUNT=1",
                                 "FREQ=DAILY;BYDAY=-1SU;COUNT=1",
                                 "FREQ=MONTHLY;BYDAY=6MO;COUNT=1",
                                 "FREQ=MONTHLY;BYDAY=0MO;COUNT=1",
                                 "FREQ=MONTHLY;BYDAY=;COUNT=1",
                                 "FREQ=MONTHLY;BYDAY=MO,;COUNT=1",
                                 "FREQ=MONTHLY;BYDAY=XX;COUNT=1",
                                 "FREQ=MONTHLY;BYDAY=1;COUNT=1",
                                 "FREQ=MONTHLY;BYDAY=+-1MO;COUNT=1",
                                 "FREQ=MONTHLY;BYDAY=001MO;COUNT=1",
                                 "FREQ=MONTHLY;BYMONTHDAY=0;COUNT=1",
                                 "FREQ=MONTHLY;BYMONTHDAY=32;COUNT=1",
                                 "FREQ=WEEKLY;BYMONTHDAY=1;COUNT=1",
                                 "FREQ=MONTHLY;BYMONTHDAY=1,,2;COUNT=1",
                                 "FREQ=DAILY;WKST=1;COUNT=1",
                                 "FREQ=FORTNIGHTLY;COUNT=1",
                                 "FREQ=DAILY;COUNT=1;FOO=1",
                                 "FREQ=DAILY COUNT=1",
                                 "FREQ=DAILY;\nCOUNT=1",
                                 "FREQ=DAILY;COUNT=1;=",
                                 "\xff\xfe"})
    CHECK_MESSAGE(refused_rule(text) == "/rrule recurrence.malformed", text);
  CHECK(refused_rule("FREQ=DAILY;COUNT=1" + std::string(500, ';')) == "/rrule recurrence.malformed");

  // Random damage: read or refused, and what was read is expanded or refused.
  Dice dice(11);
  int read = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = dice.one_in(2) ? "FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU,-1FR;COUNT=5;WKST=SU"
                                      : "FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20270101T000000Z";
    testing::spoil(text, dice);
    const std::string said = refused([&] { expand(parse_rule(text), wall("2026-01-13T09:00"), Zone{"UTC"}); });
    if (said == "accepted") ++read;
  }
  CHECK(read > 100);
  ::icalerror_set_errors_are_fatal(0);
}

TEST_CASE("APT-11: a start has to be one of the rule's days and to exist") {
  CHECK(refused_series("FREQ=WEEKLY;BYDAY=TH;COUNT=6", "2002-04-02T11:45") == "/start recurrence.start");
  CHECK(refused_series("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=6", "2026-02-28T11:45") == "/start recurrence.start");
  CHECK(refused_series("FREQ=MONTHLY;BYDAY=-1TU;COUNT=6", "2026-11-17T11:45") == "/start recurrence.start");
  CHECK(refused_series("FREQ=MONTHLY;BYDAY=-1TU;COUNT=6", "2026-11-24T11:45") == "accepted");
  CHECK(refused_series("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=6", "2026-11-20T11:45") == "/start recurrence.start");
  CHECK(refused_series("FREQ=DAILY;COUNT=2", "2026-03-08T02:30") == "/start time.nonexistent");
  CHECK(refused_series("FREQ=DAILY;COUNT=2", "1899-12-31T02:30") == "/start recurrence.unsupported");
  CHECK(refused_series("FREQ=DAILY;COUNT=2", "2501-01-01T02:30") == "/start recurrence.unsupported");
  CHECK(refused_series("FREQ=DAILY;COUNT=2", "9999-12-31T02:30") == "/start recurrence.unsupported");
  CHECK(refused_series("FREQ=MONTHLY;COUNT=100;INTERVAL=1", "2500-12-31T02:30") == "/rrule recurrence.too_long");
}

TEST_CASE("APT-11: a series that is too long, or over before it begins, is refused") {
  CHECK(refused_series("FREQ=DAILY;UNTIL=20280101T140000Z", "2026-01-01T09:00") == "accepted");
  CHECK(refused_series("FREQ=DAILY;UNTIL=20280101T140100Z", "2026-01-01T09:00") == "/rrule recurrence.too_long");
  CHECK(refused_series("FREQ=DAILY;UNTIL=20260228T140000Z", "2024-02-29T09:00") == "accepted");
  CHECK(refused_series("FREQ=DAILY;UNTIL=20260301T140000Z", "2024-02-29T09:00") == "/rrule recurrence.too_long");
  CHECK(refused_series("FREQ=DAILY;UNTIL=20260101T135959Z", "2026-01-01T09:00") == "/rrule recurrence.empty");
  CHECK(refused_series("FREQ=MONTHLY;COUNT=104", "2026-01-01T09:00") == "accepted");
  CHECK(refused_series("FREQ=MONTHLY;INTERVAL=2;COUNT=104", "2026-01-01T09:00") == "/rrule recurrence.too_long");
  CHECK(refused_series("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=29;COUNT=4", "2024-02-29T09:00") ==
        "/rrule recurrence.too_long");
}

namespace {

/// Whether a rule has a day, said once more: every day from the start on is looked at alone.
bool has(const RecurrenceRule& rule, Date start, Date day) {
  const auto week = [&](Date one) { return (one.days() + 10 - static_cast<int>(rule.week_start)) / 7; };
  const int months = (day.year - start.year) * 12 + day.month - start.month;
  const int weekday = (day.days() + 3) % 7;
  int last = 28;
  while (Date::exists(day.year, day.month, last + 1)) ++last;
  int step = 0;
  if (rule.frequency == Frequency::daily) step = day.days() - start.days();
  if (rule.frequency == Frequency::weekly) step = week(day) - week(start);
  if (rule.frequency == Frequency::monthly) step = months;
  if (step % static_cast<int>(rule.interval) != 0) return false;
  if (rule.by_day.empty() && rule.frequency == Frequency::weekly && weekday != (start.days() + 3) % 7) return false;
  if (rule.by_day.empty() && rule.by_month_day.empty() && rule.frequency == Frequency::monthly && day.day != start.day)
    return false;
  bool found = rule.by_day.empty();
  for (const RuleDay& one : rule.by_day) {
    if (static_cast<int>(one.weekday) != weekday) continue;
    int before = 0;  // of this weekday in the month, this one included
    int behind = 0;
    for (int other = 1; other <= last; ++other) {
      if ((other - day.day) % 7 != 0) continue;
      before += other <= day.day ? 1 : 0;
      behind += other >= day.day ? 1 : 0;
    }
    if (one.nth == 0 || one.nth == before || one.nth == -behind) found = true;
  }
  bool day_found = rule.by_month_day.empty();
  for (const int one : rule.by_month_day) day_found = day_found || (one > 0 ? one : last + 1 + one) == day.day;
  return found && day_found;
}

RecurrenceRule any_rule(Dice& dice) {
  RecurrenceRule rule{.frequency = static_cast<Frequency>(dice.below(3)),
                      .interval = dice.one_in(2) ? 1 : static_cast<std::uint32_t>(1 + dice.below(6)),
                      .count = 1 + static_cast<std::uint32_t>(dice.below(40)),
                      .week_start = static_cast<Weekday>(dice.one_in(2) ? 0 : dice.below(7))};
  const bool monthly = rule.frequency == Frequency::monthly;
  if (dice.one_in(2))
    for (std::size_t times = 1 + dice.below(4); times > 0; --times) {
      RuleDay day{.weekday = static_cast<Weekday>(dice.below(7))};
      if (monthly && dice.one_in(2)) day.nth = static_cast<std::int8_t>(static_cast<int>(dice.below(11)) - 5);
      rule.by_day.push_back(day);
    }
  if (rule.frequency != Frequency::weekly && dice.one_in(3))
    for (std::size_t times = 1 + dice.below(6); times > 0; --times) {
      const int day = 1 + static_cast<int>(dice.below(31));
      rule.by_month_day.push_back(static_cast<std::int8_t>(dice.one_in(3) ? -day : day));
    }
  return rule;
}

}  // namespace

TEST_CASE(
    "APT-11: every instance of 4,000 random rules is one that a walk through the calendar finds, and none is left "
    "out") {
  constexpr const char* zones[] = {"UTC", "America/New_York", "Australia/Lord_Howe", "Europe/London", "Africa/Cairo"};
  Dice dice(4);
  int expanded = 0;
  int skipped = 0;
  for (int i = 0; i < 4'000; ++i) {
    const RecurrenceRule rule = parse_rule(any_rule(dice).text());
    const Zone zone{dice.of(zones)};
    const TimeOfDay time{static_cast<std::uint16_t>(dice.below(300))};
    Date start = Date::from_days(18'000 + static_cast<std::int32_t>(dice.below(4'000)));
    for (int tries = 0; tries < 400 && !has(rule, start, start); ++tries) start = Date::from_days(start.days() + 1);
    CAPTURE(rule.text());
    CAPTURE(start.text());
    const LocalDateTime first{.date = start, .time = time};
    if (!has(rule, start, start) || meaning_of(zone, first).times == WallTimes::never) {
      CHECK(refused([&] { expand(rule, first, zone); }) != "accepted");
      continue;
    }
    std::vector<LocalDateTime> walls;
    std::vector<LocalDateTime> nonexistent;
    Date horizon = start;
    horizon.year = static_cast<std::int16_t>(horizon.year + 10);
    if (!Date::exists(horizon.year, horizon.month, horizon.day)) horizon.day = 28;
    for (Date day = start; walls.size() < *rule.count && day <= horizon; day = Date::from_days(day.days() + 1)) {
      const LocalDateTime local{.date = day, .time = time};
      if (!has(rule, start, day)) continue;
      (meaning_of(zone, local).times == WallTimes::never ? nonexistent : walls).push_back(local);
    }
    Recurrence found;
    const std::string said = refused([&] { found = expand(rule, first, zone); });
    if (walls.size() < *rule.count) {
      CHECK(said == "/rrule recurrence.too_long");
      continue;
    }
    REQUIRE(said == "accepted");
    REQUIRE(found.instances.size() == walls.size());
    for (std::size_t n = 0; n < walls.size(); ++n)
      REQUIRE(found.instances[n] == Instance{.index = static_cast<std::uint32_t>(n),
                                             .wall = walls[n],
                                             .start = meaning_of(zone, walls[n]).first});
    REQUIRE(found.skipped == nonexistent);
    ++expanded;
    skipped += static_cast<int>(nonexistent.size());
  }
  CHECK(expanded > 3'000);
  CHECK(skipped > 20);
}

TEST_CASE("APT-11: series are expanded on several threads at once") {
  const RecurrenceRule rule = parse_rule("FREQ=MONTHLY;BYDAY=2TU,-1FR;COUNT=60;WKST=SU");
  const auto expected = expand(rule, wall("2026-01-13T09:00"), Zone{"Europe/London"}).instances;
  std::atomic<int> equal = 0;
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i)
        equal += expand(rule, wall("2026-01-13T09:00"), Zone{"Europe/London"}).instances == expected ? 1 : 0;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(equal == 200);
}
