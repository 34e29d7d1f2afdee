// OPS-3: when jobs that recur run, by the clocks of a zone.
#include "jobs/cron.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/shared_data.hpp"

using namespace medflow;
using jobs::Cron;

namespace {

Instant at(const std::string& text) {
  const auto instant = Instant::parse(text);
  REQUIRE_MESSAGE(instant, text);
  return *instant;
}

Cron cron_of(std::string_view text) {
  const auto cron = Cron::parse(text);
  REQUIRE_MESSAGE(cron, std::string(text));
  return *cron;
}

/// The first runs after a moment, as text.
std::string runs(std::string_view cron, const char* zone, const char* after, int count) {
  std::string all;
  Instant from = at(after);
  for (int i = 0; i < count; ++i) {
    const auto next = jobs::next_run(cron_of(cron), Zone{zone}, from);
    if (!next) return all + "never";
    all += (i == 0 ? "" : " ") + next->text();
    from = *next;
  }
  return all;
}

/// One change of offset, as an independent reading of the tz database has it.
struct ClockChange {
  std::string zone{};
  Instant when{};
  std::int64_t before_s = 0;
  std::int64_t after_s = 0;

  std::int64_t wall_s(Instant utc) const { return utc.us / 1'000'000 + (utc < when ? before_s : after_s); }
};

std::vector<ClockChange> changes() {
  std::ifstream file(testing::shared_data("tz/transitions.csv"));
  std::vector<ClockChange> all;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::vector<std::string> cells;
    std::istringstream cut(line);
    for (std::string cell; std::getline(cut, cell, ',');) cells.push_back(cell);
    REQUIRE(cells.size() > 4);
    all.push_back({cells[0], at(cells[1]), std::stoi(cells[2]), std::stoi(cells[3])});
  }
  return all;
}

/// The runs around a change, found by looking at every minute: of each wall time that matches the first moment that shows it, and the
/// moment of the change where it skips one.
std::vector<Instant> looked_up(const ClockChange& change, bool (*matches)(std::int64_t minute_of_day),
                               std::int64_t hours) {
  std::set<std::int64_t> shown;
  std::set<Instant> found;
  const auto minute_of_day = [](std::int64_t wall_s) { return wall_s / 60 % 1'440; };
  for (std::int64_t s = -hours * 3'600; s < hours * 3'600; s += 60) {
    const Instant now = change.when.plus_s(s);
    const std::int64_t wall = change.wall_s(now);
    if (shown.insert(wall / 60).second && matches(minute_of_day(wall))) found.insert(now);
  }
  const std::int64_t gap_from = change.when.us / 1'000'000 + change.before_s;
  for (std::int64_t s = gap_from; s < gap_from + change.after_s - change.before_s; s += 60)
    if (matches(minute_of_day(s))) found.insert(change.when);
  return {found.begin(), found.end()};
}

}  // namespace

TEST_CASE("OPS-3: a cron expression is read as crontab(5) has it, and what is none is refused") {
  CHECK(runs("0 3 * * *", "UTC", "2026-11-28T10:00:00Z", 2) == "2026-11-29T03:00:00Z 2026-11-30T03:00:00Z");
  CHECK(runs("*/20 9-10 * * mon-fri", "UTC", "2026-11-27T10:30:00Z", 3) ==
        "2026-11-27T10:40:00Z 2026-11-30T09:00:00Z 2026-11-30T09:20:00Z");
  CHECK(runs("5,50 0 1 JAN,jul *", "UTC", "2026-11-28T00:00:00Z", 3) ==
        "2027-01-01T00:05:00Z 2027-01-01T00:50:00Z 2027-07-01T00:05:00Z");
  CHECK(runs("0 0 * * 7", "UTC", "2026-11-28T00:00:00Z", 1) == "2026-11-29T00:00:00Z");
  CHECK(runs("0 0 * * 5-7", "UTC", "2026-11-26T00:00:00Z", 4) ==
        "2026-11-27T00:00:00Z 2026-11-28T00:00:00Z 2026-11-29T00:00:00Z 2026-12-04T00:00:00Z");
  CHECK(runs("10/25 0 * * *", "UTC", "2026-11-28T00:00:00Z", 3) ==
        "2026-11-28T00:10:00Z 2026-11-28T00:35:00Z 2026-11-29T00:10:00Z");
  // Two day fields: either will do, unless one begins with a star.
  CHECK(runs("0 0 13 * fri", "UTC", "2026-11-28T00:00:00Z", 3) ==
        "2026-12-04T00:00:00Z 2026-12-11T00:00:00Z 2026-12-13T00:00:00Z");
  CHECK(runs("0 0 */10 * fri", "UTC", "2026-11-28T00:00:00Z", 1) == "2026-12-11T00:00:00Z");
  CHECK(runs("0 0 29 2 *", "UTC", "2096-02-29T00:00:00Z", 1) == "2104-02-29T00:00:00Z");
  CHECK(runs("0 0 31 2 *", "UTC", "2026-01-01T00:00:00Z", 1) == "never");
  // Never the moment itself, and with seconds the minute that comes.
  CHECK(runs("* * * * *", "Asia/Kathmandu", "2026-11-28T10:00:59.999999Z", 2) ==
        "2026-11-28T10:01:00Z 2026-11-28T10:02:00Z");
  for (const char* wrong :
       {"",          "* * * *",     "* * * * * *", "60 * * * *",   "* 24 * * *",  "* * 0 * *",  "* * * 13 *",
        "* * * * 8", "5-1 * * * *", "*/0 * * * *", "1,,2 * * * *", "1- * * * *",  "-1 * * * *", "1/ * * * *",
        "x * * * *", "* * * mon *", "@daily",      "1.5 * * * *",  "*-5 * * * *", ", * * * *",  "99999999999 * * * *"})
    CHECK_MESSAGE(!Cron::parse(wrong), wrong);
  CHECK(Cron::parse("  0   3 * * *  "));
}

TEST_CASE("OPS-3: a time that clocks skip runs once, right after; one that they show twice runs once, the first time") {
  // New York: 2:00 to 3:00 is skipped on 8 March, 1:00 to 2:00 comes twice on 1 November.
  CHECK(runs("30 2 * * *", "America/New_York", "2026-03-07T00:00:00Z", 3) ==
        "2026-03-07T07:30:00Z 2026-03-08T07:00:00Z 2026-03-09T06:30:00Z");
  CHECK(runs("*/20 2 8 3 *", "America/New_York", "2026-03-08T06:00:00Z", 2) ==
        "2026-03-08T07:00:00Z 2027-03-08T07:00:00Z");
  CHECK(runs("0 2,3 * * *", "America/New_York", "2026-03-08T06:00:00Z", 2) ==
        "2026-03-08T07:00:00Z 2026-03-09T06:00:00Z");
  CHECK(runs("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", 2) ==
        "2026-11-01T05:30:00Z 2026-11-02T06:30:00Z");
  // Asked within the second showing, it is tomorrow's.
  CHECK(runs("30 1 * * *", "America/New_York", "2026-11-01T06:15:00Z", 1) == "2026-11-02T06:30:00Z");
  CHECK(runs("30 1 * * *", "Europe/London", "2026-03-28T12:00:00Z", 2) == "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z");
  CHECK(runs("30 1 * * *", "Europe/London", "2026-10-24T12:00:00Z", 2) == "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z");
  // Lord Howe moves by half an hour.
  CHECK(runs("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 2) ==
        "2026-10-03T15:30:00Z 2026-10-04T15:15:00Z");
  CHECK(runs("45 1 * * *", "Australia/Lord_Howe", "2026-04-03T16:00:00Z", 2) ==
        "2026-04-04T14:45:00Z 2026-04-05T15:15:00Z");
  // In Sao Paulo midnight itself was skipped, and 23:00 to midnight came twice.
  CHECK(runs("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00Z", 2) ==
        "2018-11-04T03:00:00Z 2018-11-05T02:00:00Z");
  CHECK(runs("30 23 * * *", "America/Sao_Paulo", "2018-02-17T12:00:00Z", 2) ==
        "2018-02-18T01:30:00Z 2018-02-19T02:30:00Z");
  // Samoa had no 30 December 2011.
  CHECK(runs("0 12 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", 2) == "2011-12-30T10:00:00Z 2012-12-29T22:00:00Z");
}

TEST_CASE(
    "OPS-3: around every change of offset of nineteen zones the runs are those that looking at each minute finds") {
  const auto all = changes();
  if (all.empty()) {
    MESSAGE("tz/transitions.csv is not there: skipped");
    return;
  }
  using Matches = bool (*)(std::int64_t);
  const std::pair<const char*, Matches> schedules[] = {
      {"*/15 * * * *", [](std::int64_t minute) { return minute % 15 == 0; }},
      {"40 0-3 * * *", [](std::int64_t minute) { return minute % 60 == 40 && minute / 60 <= 3; }},
      {"0 0 * * *", [](std::int64_t minute) { return minute == 0; }},
      {"30 1,2,23 * * *",
       [](std::int64_t minute) {
         return minute % 60 == 30 && (minute / 60 == 1 || minute / 60 == 2 || minute / 60 == 23);
       }},
  };
  int compared = 0;
  constexpr std::int64_t hours = 30;
  for (const ClockChange& change : all) {
    CAPTURE(change.zone);
    CAPTURE(change.when.text());
    for (const auto& [text, matches] : schedules) {
      // What was shown before the window is not known at its beginning: the first hours are only looked at.
      const Instant from = change.when.plus_s(-(hours - 4) * 3'600);
      std::vector<Instant> expected;
      for (const Instant& run : looked_up(change, matches, hours))
        if (from < run) expected.push_back(run);
      std::vector<Instant> found;
      for (auto next = jobs::next_run(cron_of(text), Zone{change.zone}, from);
           next && *next < change.when.plus_s(hours * 3'600);
           next = jobs::next_run(cron_of(text), Zone{change.zone}, *next))
        found.push_back(*next);
      CHECK(found == expected);
      ++compared;
    }
  }
  CHECK(compared > 1'000);
}
