#include <date/date.h>

#include <array>
#include <cassert>

#include "medflow/time.hpp"
#include "time/digits.hpp"

namespace medflow::inline v1 {
namespace {

using times::read_digits;
using times::write_digits;

date::year_month_day calendar_day(Date day) {
  return date::year{day.year} / date::month{day.month} / date::day{day.day};
}

}  // namespace

bool Date::exists(int year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return false;
  return date::year_month_day{date::year{year} / month / day}.ok();
}

std::optional<Date> Date::parse(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = read_digits(text, 0, 4);
  const int month = read_digits(text, 5, 2);
  const int day = read_digits(text, 8, 2);
  if (!exists(year, month, day)) return std::nullopt;
  return Date{.year = static_cast<std::int16_t>(year),
              .month = static_cast<std::uint8_t>(month),
              .day = static_cast<std::uint8_t>(day)};
}

std::string Date::text() const { return PartialDate{.year = year, .month = month, .day = day}.text(); }

std::int32_t Date::days() const {
  return static_cast<std::int32_t>(date::sys_days{calendar_day(*this)}.time_since_epoch().count());
}

Date Date::from_days(std::int32_t days) {
  const date::year_month_day day{date::sys_days{date::days{days}}};
  assert(exists(static_cast<int>(day.year()), static_cast<int>(unsigned{day.month()}),
                static_cast<int>(unsigned{day.day()})));
  return {.year = static_cast<std::int16_t>(static_cast<int>(day.year())),
          .month = static_cast<std::uint8_t>(unsigned{day.month()}),
          .day = static_cast<std::uint8_t>(unsigned{day.day()})};
}

std::string PartialDate::text() const {
  std::array<char, 10> buffer{};
  char* end = write_digits(buffer.data(), year, 4);
  if (month != 0) {
    *end++ = '-';
    end = write_digits(end, month, 2);
  }
  if (month != 0 && day != 0) {
    *end++ = '-';
    end = write_digits(end, day, 2);
  }
  return {buffer.data(), end};
}

std::optional<PartialDate> PartialDate::parse(std::string_view text) {
  if (text.size() == 10) {
    const auto whole = Date::parse(text);
    if (!whole) return std::nullopt;
    return PartialDate{.year = whole->year, .month = whole->month, .day = whole->day};
  }
  if (text.size() != 4 && text.size() != 7) return std::nullopt;
  const bool has_month = text.size() == 7;
  const int year = read_digits(text, 0, 4);
  const int month = has_month ? read_digits(text, 5, 2) : 0;
  if (year < 1 || (has_month && (text[4] != '-' || month < 1 || month > 12))) return std::nullopt;
  return PartialDate{.year = static_cast<std::int16_t>(year), .month = static_cast<std::uint8_t>(month)};
}

std::string TimeOfDay::text() const {
  std::array<char, 5> buffer{};
  char* end = write_digits(buffer.data(), minutes / 60, 2);
  *end++ = ':';
  end = write_digits(end, minutes % 60, 2);
  return {buffer.data(), end};
}

std::optional<TimeOfDay> TimeOfDay::parse(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const int hour = read_digits(text, 0, 2);
  const int minute = read_digits(text, 3, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  return TimeOfDay{static_cast<std::uint16_t>(hour * 60 + minute)};
}

std::string LocalDateTime::text() const { return date.text() + "T" + time.text(); }

std::optional<LocalDateTime> LocalDateTime::parse(std::string_view text) {
  if (text.size() == 19 && text.ends_with(":00")) text.remove_suffix(3);
  if (text.size() != 16 || text[10] != 'T') return std::nullopt;
  const auto date = Date::parse(text.substr(0, 10));
  const auto time = TimeOfDay::parse(text.substr(11));
  if (!date || !time) return std::nullopt;
  return LocalDateTime{.date = *date, .time = *time};
}

LocalDateTime LocalDateTime::plus_minutes(std::int64_t minutes) const {
  constexpr std::int64_t day = 24 * 60;
  const std::int64_t total = date.days() * day + time.minutes + minutes;
  const std::int64_t days = total >= 0 ? total / day : (total - day + 1) / day;
  return {.date = Date::from_days(static_cast<std::int32_t>(days)),
          .time = {static_cast<std::uint16_t>(total - days * day)}};
}

int years_between(Date birth, Date on) {
  if (on < birth) {
    // Counted from the other side: a day before the first birthday is -1, as is a year before.
    const int years = years_between(on, birth);
    return years == 0 ? -1 : -years;
  }
  // 29 February needs no case of its own: in a common year 1 March is the first day behind it.
  const bool birthday_reached = on.month > birth.month || (on.month == birth.month && on.day >= birth.day);
  return on.year - birth.year - (birthday_reached ? 0 : 1);
}

}  // namespace medflow::inline v1
