#include <date/date.h>

#include <array>
#include <cassert>

#include "medflow/time.hpp"
#include "time/digits.hpp"

namespace medflow::inline v1 {
namespace {

using times::read_digits;
using times::write_digits;

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t day_s = 86'400;

// 0001-01-01T00:00:00Z and the last microsecond of 9999.
constexpr std::int64_t first_us = date::sys_days{date::year{1} / 1 / 1}.time_since_epoch().count() * day_s * second_us;
constexpr std::int64_t last_us =
    date::sys_days{date::year{10000} / 1 / 1}.time_since_epoch().count() * day_s * second_us - 1;

/// Reads ".5" to ".123456" at `at` and moves behind it; -1 where it is none of these. No fraction is 0.
std::int64_t read_fraction_us(std::string_view text, std::size_t& at) {
  if (at == text.size() || text[at] != '.') return 0;
  const std::size_t first = ++at;
  std::int64_t value = 0;
  std::int64_t unit = second_us;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at < first + 6) {
    unit /= 10;
    value += (text[at++] - '0') * unit;
  }
  return at == first ? -1 : value;
}

/// Reads "Z" or "+hh:mm", which must end the text; seconds east of UTC.
std::optional<int> read_offset_s(std::string_view text, std::size_t at) {
  if (at + 1 == text.size() && (text[at] == 'Z' || text[at] == 'z')) return 0;
  if (at + 6 != text.size() || (text[at] != '+' && text[at] != '-') || text[at + 3] != ':') return std::nullopt;
  const int hours = read_digits(text, at + 1, 2);
  const int minutes = read_digits(text, at + 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const int offset = (hours * 60 + minutes) * 60;
  return text[at] == '-' ? -offset : offset;
}

}  // namespace

std::optional<Instant> Instant::parse(std::string_view text) {
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const auto day = Date::parse(text.substr(0, 10));
  const int hour = read_digits(text, 11, 2);
  const int minute = read_digits(text, 14, 2);
  const int second = read_digits(text, 17, 2);
  if (!day || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return std::nullopt;
  std::size_t at = 19;
  const std::int64_t fraction_us = read_fraction_us(text, at);
  const auto offset_s = read_offset_s(text, at);
  if (fraction_us < 0 || !offset_s) return std::nullopt;
  const std::int64_t seconds = day->days() * day_s + (hour * 60 + minute) * 60 + second - *offset_s;
  const std::int64_t us = seconds * second_us + fraction_us;
  if (us < first_us || us > last_us) return std::nullopt;  // an offset can lead out of the years 0001 to 9999
  return Instant{us};
}

std::string Instant::text() const {
  assert(us >= first_us && us <= last_us);
  const auto day = date::floor<date::days>(date::sys_time<std::chrono::microseconds>{std::chrono::microseconds{us}});
  const Date civil = Date::from_days(static_cast<std::int32_t>(day.time_since_epoch().count()));
  const std::int64_t in_day_us = us - day.time_since_epoch().count() * day_s * second_us;
  const int in_day_s = static_cast<int>(in_day_us / second_us);

  std::array<char, 27> buffer{};
  char* end = write_digits(buffer.data(), civil.year, 4);
  *end++ = '-';
  end = write_digits(end, civil.month, 2);
  *end++ = '-';
  end = write_digits(end, civil.day, 2);
  *end++ = 'T';
  end = write_digits(end, in_day_s / 3600, 2);
  *end++ = ':';
  end = write_digits(end, in_day_s / 60 % 60, 2);
  *end++ = ':';
  end = write_digits(end, in_day_s % 60, 2);
  if (const int fraction_us = static_cast<int>(in_day_us % second_us); fraction_us != 0) {
    *end++ = '.';
    end = write_digits(end, fraction_us, 6);
    while (end[-1] == '0') --end;
  }
  *end++ = 'Z';
  return {buffer.data(), end};
}

}  // namespace medflow::inline v1
