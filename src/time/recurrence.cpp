#include "time/recurrence.hpp"

#include <libical/ical.h>

#include <algorithm>
#include <cassert>

#include "medflow/error.hpp"
#include "time/zoned.hpp"

namespace medflow::times {
namespace {

constexpr int first_year = 1900;
constexpr int last_year = 2500;  // libical counts no days behind 2582

[[noreturn]] void refuse(std::string_view pointer, const char* code, const char* message) {
  throw Failure(codes::invalid, std::string(pointer), code, message);
}

int days_in_month(Date day) {
  int last = 31;
  while (!Date::exists(day.year, day.month, last)) --last;
  return last;
}

/// The same day so many months later, or the last of a month that is shorter.
Date months_later(Date day, int months) {
  const int total = day.year * 12 + day.month - 1 + months;
  Date there{.year = static_cast<std::int16_t>(total / 12), .month = static_cast<std::uint8_t>(total % 12 + 1)};
  there.day = static_cast<std::uint8_t>(std::min<int>(day.day, days_in_month(there)));
  return there;
}

/// Whether a day is one of the rule's: the first one is, if this holds, for INTERVAL counts from it.
bool fits(const RecurrenceRule& rule, Date day) {
  const int days = days_in_month(day);
  const int from_start = (day.day - 1) / 7 + 1;
  const int from_end = (day.day - days) / 7 - 1;
  const Weekday weekday = weekday_of_days(day.days());
  const bool weekday_fits = std::any_of(rule.by_day.begin(), rule.by_day.end(), [&](const RuleDay& one) {
    return one.weekday == weekday && (one.nth == 0 || one.nth == from_start || one.nth == from_end);
  });
  const bool day_fits = std::any_of(rule.by_month_day.begin(), rule.by_month_day.end(),
                                    [&](int one) { return one == day.day || one == day.day - days - 1; });
  return (rule.by_day.empty() || weekday_fits) && (rule.by_month_day.empty() || day_fits);
}

void check_start(const RecurrenceRule& rule, LocalDateTime start, const ZoneView& zone,
                 const RecurrencePlaces& places) {
  if (start.date.year < first_year || start.date.year > last_year)
    refuse(places.start, "recurrence.unsupported", "A series begins between the years 1900 and 2500.");
  if (!fits(rule, start.date))
    refuse(places.start, "recurrence.start", "The first day of a series has to be one of its rule's days.");
  const WallMeaning meaning = zone.meaning_of(start);
  if (meaning.times == WallTimes::never)
    refuse(places.start, "time.nonexistent", "Clocks are put forward over this time.");
  if (!rule.until) return;
  if (*rule.until < meaning.first) refuse(places.rule, "recurrence.empty", "UNTIL lies before the start.");
  const LocalDateTime last{.date = months_later(start.date, recurrence_until_months_max), .time = start.time};
  if (zone.local_in(*rule.until) > last)
    refuse(places.rule, "recurrence.too_long", "UNTIL is at most 24 months behind the start.");
}

}  // namespace

/// libical is given nothing that it could refuse, so that its errors, which may be set to end the process, do not come; and neither
/// a zone nor a time of day, because both are ours. It is asked for no less than the days of the rule, and `next` leaves out the
/// others, because libical 3.0 errs in two places: under DAILY it does not know days from the end of the month, and under WEEKLY it may lose the
/// first week where that does not begin with a day of the rule, so it is made to.
RuleDates::RuleDates(const RecurrenceRule& rule, Date start) : rule_(rule), start_(start) {
  assert(start.year >= first_year && start.year <= last_year);
  RecurrenceRule wider = rule;
  wider.count.reset();
  wider.until.reset();
  Date first = start;
  if (rule.frequency == Frequency::daily) {
    wider.by_day.clear();
    if (rule.interval == 1 && !rule.by_month_day.empty())
      wider.frequency = Frequency::monthly;  // the same days, and far fewer to leave out
    else
      wider.by_month_day.clear();
  } else if (rule.frequency == Frequency::weekly) {
    const Weekday weekday = weekday_of_days(start.days());
    if (rule.by_day.empty()) rule_.by_day = wider.by_day = {{.weekday = weekday}};
    const RuleDay week_start{.weekday = rule.week_start};
    if (std::find(wider.by_day.begin(), wider.by_day.end(), week_start) == wider.by_day.end())
      wider.by_day.push_back(week_start);
    const int into_week = (static_cast<int>(weekday) - static_cast<int>(rule.week_start) + 7) % 7;
    first = Date::from_days(start.days() - into_week);
  }
  icaltimetype day{};
  day.year = first.year;
  day.month = first.month;
  day.day = first.day;
  day.is_date = 1;
  iterator_ = ::icalrecur_iterator_new(::icalrecurrencetype_from_string(wider.text().c_str()), day);
}

RuleDates::~RuleDates() {
  if (iterator_ != nullptr) ::icalrecur_iterator_free(iterator_);
}

std::optional<Date> RuleDates::next() {
  while (iterator_ != nullptr) {
    const icaltimetype next = ::icalrecur_iterator_next(iterator_);
    if (::icaltime_is_null_time(next) != 0) break;
    const Date day{.year = static_cast<std::int16_t>(next.year),
                   .month = static_cast<std::uint8_t>(next.month),
                   .day = static_cast<std::uint8_t>(next.day)};
    if (day >= start_ && fits(rule_, day)) return day;
  }
  return std::nullopt;
}

Recurrence expand(const RecurrenceRule& rule, LocalDateTime start, const Zone& zone,
                  std::span<const LocalDateTime> taken_out, const RecurrencePlaces& places) {
  assert(rule.count || rule.until);
  const ZoneView view(zone);
  check_start(rule, start, view, places);
  const Date horizon = months_later(start.date, recurrence_years_max * 12);
  Recurrence found;
  RuleDates dates(rule, start.date);
  for (std::uint32_t index = 0; !rule.count || index < *rule.count;) {
    const auto day = dates.next();
    if (!day || *day > horizon) {
      if (!rule.count) break;
      refuse(places.rule, "recurrence.too_long", "A series is over within ten years.");
    }
    const LocalDateTime wall{.date = *day, .time = start.time};
    const WallMeaning meaning = view.meaning_of(wall);
    if (rule.until && meaning.first > *rule.until) break;
    if (meaning.times == WallTimes::never) {
      found.skipped.push_back(wall);
      continue;
    }
    if (std::find(taken_out.begin(), taken_out.end(), wall) == taken_out.end())
      found.instances.push_back({.index = index, .wall = wall, .start = meaning.first});
    ++index;
  }
  return found;
}

}  // namespace medflow::times
