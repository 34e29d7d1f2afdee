// Which windows overlap, against a calendar of minutes that knows nothing of how the answer is found.
#include "schedules/overlap.hpp"

#include <doctest/doctest.h>

#include <bitset>
#include <memory>
#include <set>
#include <vector>

#include "tests/support/dice.hpp"

using namespace medflow;
using namespace medflow::schedules;

namespace {

constexpr std::int32_t weeks = 160;
constexpr std::int32_t days = weeks * 7;

Date day_of(std::int32_t day) { return Date::from_days(day); }

std::size_t pairs(std::vector<Window> windows, std::vector<Override> overrides = {}) {
  return overlaps(windows, overrides).size();
}

Window window(Weekday weekday, const char* start, const char* end) {
  return {.weekday = weekday, .start = *TimeOfDay::parse(start), .end = *TimeOfDay::parse(end)};
}

Window every(std::uint32_t n, const char* from, Window of) {
  of.valid_from = Date::parse(from);
  of.every_n_weeks = n;
  return of;
}

/// Monday of the week in which a day lies, found by going back day by day.
std::int32_t monday_before(std::int32_t day) {
  while (weekday_of_days(day) != Weekday::mon) --day;
  return day;
}

/// The minutes of a stretch of days, from `first` on, with a margin of a day on either side.
class Minutes {
 public:
  explicit Minutes(std::int32_t first) : first_(first) {}
  /// Marks a window that begins on this day.
  void open(std::int32_t day, TimeOfDay start, TimeOfDay end) {
    std::int32_t minute = (day - first_ + 1) * 1440 + start.minutes;
    do {
      bits_->set(static_cast<std::size_t>(minute++));
    } while (minute % 1440 != end.minutes);
  }
  bool meets(const Minutes& other) const { return (*bits_ & *other.bits_).any(); }

 private:
  std::int32_t first_;
  std::unique_ptr<std::bitset<static_cast<std::size_t>(days + 4)* 1440>> bits_ =
      std::make_unique<std::bitset<static_cast<std::size_t>(days + 4) * 1440>>();
};

Minutes opened(const Window& window, std::int32_t first, const std::set<std::int32_t>& replaced = {}) {
  Minutes minutes(first);
  for (std::int32_t day = first; day < first + days; ++day) {
    if (weekday_of_days(day) != window.weekday || replaced.contains(day)) continue;
    if (window.valid_from && day_of(day) < *window.valid_from) continue;
    if (window.valid_to && day_of(day) > *window.valid_to) continue;
    const std::int32_t passed =
        window.valid_from ? (monday_before(day) - monday_before(window.valid_from->days())) / 7 : 0;
    if (passed % static_cast<std::int32_t>(window.every_n_weeks) == 0) minutes.open(day, window.start, window.end);
  }
  return minutes;
}

TimeOfDay any_time(testing::Dice& dice) { return {static_cast<std::uint16_t>(dice.below(48) * 30)}; }

/// Within the weeks that are looked at, so that both say the same.
Window any_window(testing::Dice& dice, std::int32_t first) {
  static constexpr std::uint32_t often[] = {1, 1, 2, 3, 4, 6, 8, 9, 12};
  Window made{.weekday = static_cast<Weekday>(dice.below(7)), .start = any_time(dice), .end = any_time(dice)};
  if (dice.one_in(3)) made.weekday = dice.one_in(2) ? Weekday::sun : Weekday::mon;
  made.every_n_weeks = dice.of(often);
  if (made.every_n_weeks > 1 || dice.one_in(2))
    made.valid_from = day_of(first + static_cast<std::int32_t>(dice.below(60)));
  if (dice.one_in(2))
    made.valid_to =
        day_of((made.valid_from ? made.valid_from->days() : first) + static_cast<std::int32_t>(dice.below(120)));
  return made;
}

}  // namespace

TEST_CASE("PRV-2: windows that share only a boundary do not overlap, those that share a minute do") {
  using enum Weekday;
  CHECK(pairs({window(mon, "09:00", "12:00"), window(mon, "12:00", "17:00")}) == 0);
  CHECK(pairs({window(mon, "09:00", "12:01"), window(mon, "12:00", "17:00")}) == 1);
  CHECK(pairs({window(mon, "09:00", "12:00"), window(tue, "09:00", "12:00")}) == 0);
  // An end that is not behind the start lies on the next day.
  CHECK(pairs({window(mon, "22:00", "06:00"), window(tue, "05:59", "08:00")}) == 1);
  CHECK(pairs({window(mon, "22:00", "06:00"), window(tue, "06:00", "08:00")}) == 0);
  CHECK(pairs({window(sun, "22:00", "06:00"), window(mon, "05:00", "08:00")}) == 1);
  CHECK(pairs({window(mon, "00:00", "00:00"), window(tue, "00:00", "00:00")}) == 0);
  CHECK(pairs({window(mon, "00:00", "00:00"), window(mon, "23:59", "00:00")}) == 1);
  CHECK(pairs({window(mon, "09:00", "09:00"), window(tue, "08:00", "10:00")}) == 1);
}

TEST_CASE("PRV-2: windows overlap only on days on which both hold") {
  using enum Weekday;
  Window spring = window(mon, "09:00", "12:00");
  spring.valid_to = Date::parse("2026-05-31");
  Window summer = window(mon, "09:00", "12:00");
  summer.valid_from = Date::parse("2026-06-01");
  CHECK(pairs({spring, summer}) == 0);
  summer.valid_from = Date::parse("2026-05-25");
  CHECK(pairs({spring, summer}) == 1);
  const Window morning = window(wed, "09:00", "12:00");
  CHECK(pairs({every(2, "2026-01-05", morning), every(2, "2026-01-12", morning)}) == 0);
  CHECK(pairs({every(2, "2026-01-05", morning), every(2, "2026-01-19", morning)}) == 1);
  CHECK(pairs({every(2, "2026-01-05", morning), every(3, "2026-01-12", morning)}) == 1);
  CHECK(pairs({every(4, "2026-01-05", morning), every(6, "2026-01-12", morning)}) == 0);
  // The night from Sunday to Monday goes from one week into the next.
  const Window night = window(sun, "22:00", "06:00");
  const Window early = window(mon, "05:00", "07:00");
  CHECK(pairs({every(2, "2026-01-05", night), every(2, "2026-01-05", early)}) == 0);
  CHECK(pairs({every(2, "2026-01-05", night), every(2, "2026-01-12", early)}) == 1);
}

TEST_CASE("PRV-3: windows of overrides overlap each other and what begins beside them, not what they replace") {
  using enum Weekday;
  const Window monday = window(mon, "09:00", "12:00");
  const auto day = [](const char* date, std::vector<DayWindow> windows) {
    return Override{.date = *Date::parse(date), .windows = std::move(windows)};
  };
  const auto hours = [](const char* start, const char* end) {
    return DayWindow{.start = *TimeOfDay::parse(start), .end = *TimeOfDay::parse(end)};
  };
  CHECK(pairs({monday}, {day("2026-01-05", {hours("09:15", "09:45")})}) == 0);
  CHECK(pairs({monday}, {day("2026-01-05", {hours("09:00", "10:00"), hours("09:59", "11:00")})}) == 1);
  CHECK(pairs({monday}, {day("2026-01-05", {hours("09:00", "10:00"), hours("10:00", "11:00")})}) == 0);
  CHECK(pairs({monday}, {day("2026-01-04", {hours("22:00", "09:30")})}) == 1);
  CHECK(pairs({monday}, {day("2026-01-04", {hours("22:00", "09:30")}), day("2026-01-05", {})}) == 0);
  CHECK(pairs({}, {day("2026-01-04", {hours("22:00", "09:30")}), day("2026-01-05", {hours("09:00", "10:00")})}) == 1);
  CHECK(pairs({window(sun, "22:00", "02:00")}, {day("2026-01-05", {hours("01:00", "03:00")})}) == 1);
}

TEST_CASE("PRV-2: two windows overlap exactly where a minute of many weeks is in both") {
  testing::Dice dice(20'260'105);
  std::size_t both = 0;
  for (int round = 0; round < 1'500; ++round) {
    const auto first = static_cast<std::int32_t>(20'000 + dice.below(2'000));
    Window one = any_window(dice, first);
    Window other = any_window(dice, first);
    if (dice.one_in(2)) {
      other.weekday = one.weekday;
      other.start = one.start;
    }
    CAPTURE(round);
    const bool expected = opened(one, first).meets(opened(other, first));
    const bool found = pairs({one, other}) == 1;
    CHECK(found == expected);
    CHECK(pairs({other, one}) == pairs({one, other}));
    both += expected ? 1 : 0;
  }
  CHECK(both > 200);
  CHECK(both < 1'300);
}

TEST_CASE("PRV-2: the first day of a window is found, or that it has none") {
  testing::Dice dice(7);
  for (int round = 0; round < 2'000; ++round) {
    const auto first = static_cast<std::int32_t>(20'000 + dice.below(2'000));
    const Window made = any_window(dice, first);
    const std::int32_t from = first + static_cast<std::int32_t>(dice.below(200)) - 100;
    std::optional<std::int32_t> expected;
    for (std::int32_t day = from; day < from + 400 && !expected; ++day)
      if (holds_on(made, day)) expected = day;
    CAPTURE(round);
    CHECK(first_day(made, from) == expected);
  }
}
