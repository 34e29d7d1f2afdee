// The text of a rule. It is read here and not by libical: what is outside of the subset has to be named, and errors inside libical end
// the process where a host has set it so.
#include <algorithm>
#include <array>

#include "medflow/error.hpp"
#include "time/digits.hpp"
#include "time/icalendar.hpp"
#include "time/recurrence.hpp"

namespace medflow::times {
namespace {

constexpr std::array<std::string_view, 3> frequencies{"DAILY", "WEEKLY", "MONTHLY"};
constexpr std::array<std::string_view, 4> other_frequencies{"SECONDLY", "MINUTELY", "HOURLY", "YEARLY"};
constexpr std::array<std::string_view, 7> weekdays{"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
constexpr std::array<std::string_view, 9> other_parts{"BYSECOND", "BYMINUTE", "BYHOUR", "BYYEARDAY", "BYWEEKNO",
                                                      "BYMONTH",  "BYSETPOS", "RSCALE", "SKIP"};
constexpr std::size_t text_max = 500;
constexpr std::uint32_t interval_max = 999;
constexpr std::size_t month_days_max = 31;  // of one rule: more does not fit into libical's list

template <std::size_t N>
std::optional<std::uint8_t> place_in(const std::array<std::string_view, N>& words, std::string_view word) {
  const auto* at = std::find(words.begin(), words.end(), word);
  if (at == words.end()) return std::nullopt;
  return static_cast<std::uint8_t>(at - words.begin());
}

class Reader {
 public:
  explicit Reader(std::string_view pointer) : pointer_(pointer) {}

  RecurrenceRule read(std::string_view text) {
    if (text.size() > text_max) malformed("A rule has at most 500 characters.");
    std::string upper(text);  // names and words count alike in both cases
    for (char& c : upper)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    each(upper, ';', [this](std::string_view part) {
      const std::size_t equals = part.find('=');
      if (equals == std::string_view::npos) malformed("A rule is NAME=VALUE, with semicolons between.");
      take(part.substr(0, equals), part.substr(equals + 1));
    });
    check();
    return std::move(rule_);
  }

 private:
  [[noreturn]] void fail(const char* code, std::string message) const {
    throw Failure(codes::invalid, std::string(pointer_), code, std::move(message));
  }
  [[noreturn]] void malformed(const char* message) const { fail("recurrence.malformed", message); }
  [[noreturn]] void unsupported(const char* message) const { fail("recurrence.unsupported", message); }

  template <class Visit>
  static void each(std::string_view list, char between, Visit visit) {
    for (std::size_t from = 0; from <= list.size();) {
      const std::size_t to = std::min(list.find(between, from), list.size());
      visit(list.substr(from, to - from));
      from = to + 1;
    }
  }

  void take(std::string_view name, std::string_view value) {
    if (std::find(seen_.begin(), seen_.end(), name) != seen_.end()) malformed("A part of a rule is given twice.");
    if (place_in(other_parts, name) || name.starts_with("X-"))
      unsupported("Of BY parts only BYDAY and BYMONTHDAY are supported, and neither RSCALE nor SKIP.");
    seen_.emplace_back(name);
    if (name == "FREQ") return take_frequency(value);
    if (name == "INTERVAL") {
      rule_.interval = number(value, "INTERVAL is a whole number from 1.");
      if (rule_.interval > interval_max) unsupported("INTERVAL is at most 999.");
      return;
    }
    if (name == "COUNT") return void(rule_.count = number(value, "COUNT is a whole number from 1."));
    if (name == "UNTIL") return take_until(value);
    if (name == "WKST") return void(rule_.week_start = weekday(value));
    if (name == "BYDAY") return each(value, ',', [this](std::string_view one) { take_day(one); });
    if (name == "BYMONTHDAY") return each(value, ',', [this](std::string_view one) { take_month_day(one); });
    malformed("A part of a rule has no name of RFC 5545.");
  }

  void take_frequency(std::string_view value) {
    if (place_in(other_frequencies, value)) unsupported("FREQ is DAILY, WEEKLY or MONTHLY.");
    const auto place = place_in(frequencies, value);
    if (!place) malformed("FREQ is DAILY, WEEKLY or MONTHLY.");
    rule_.frequency = static_cast<Frequency>(*place);
  }

  /// From 1, at most nine digits.
  std::uint32_t number(std::string_view digits, const char* message) const {
    const int value = digits.empty() || digits.size() > 9 ? -1 : read_digits(digits, 0, digits.size());
    if (value < 1) malformed(message);
    return static_cast<std::uint32_t>(value);
  }

  /// With a sign or without, 1 to `most` on either side.
  std::int8_t signed_number(std::string_view text, int most, const char* message) const {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const int value = text.empty() || text.size() > 2 ? -1 : read_digits(text, 0, text.size());
    if (value < 1 || value > most) malformed(message);
    return static_cast<std::int8_t>(negative ? -value : value);
  }

  Weekday weekday(std::string_view word) const {
    const auto place = place_in(weekdays, word);
    if (!place) malformed("A weekday is MO, TU, WE, TH, FR, SA or SU.");
    return static_cast<Weekday>(*place);
  }

  void take_day(std::string_view text) {
    const std::size_t digits = text.size() < 2 ? 0 : text.size() - 2;
    RuleDay day{.weekday = weekday(text.substr(digits))};
    if (digits > 0) day.nth = signed_number(text.substr(0, digits), 5, "A month has at most five of a weekday.");
    if (std::find(rule_.by_day.begin(), rule_.by_day.end(), day) == rule_.by_day.end()) rule_.by_day.push_back(day);
  }

  void take_month_day(std::string_view text) {
    const std::int8_t day = signed_number(text, 31, "BYMONTHDAY is 1 to 31, or -1 to -31 from the end of the month.");
    auto& days = rule_.by_month_day;
    if (std::find(days.begin(), days.end(), day) == days.end()) days.push_back(day);
    if (days.size() > month_days_max) unsupported("BYMONTHDAY names at most 31 days.");
  }

  void take_until(std::string_view value) {
    constexpr const char* message = "UNTIL is an instant in UTC, such as 20261231T235959Z.";
    if (value.size() != 16) malformed(message);
    std::string text(value);
    for (const std::size_t at : {13U, 11U}) text.insert(at, 1, ':');
    for (const std::size_t at : {6U, 4U}) text.insert(at, 1, '-');
    rule_.until = Instant::parse(text);
    if (!rule_.until) malformed(message);
  }

  void check() const {
    if (std::find(seen_.begin(), seen_.end(), "FREQ") == seen_.end()) malformed("A rule needs FREQ.");
    if (rule_.count && rule_.until) malformed("A rule has COUNT or UNTIL, never both.");
    if (rule_.frequency == Frequency::monthly) return;
    if (std::any_of(rule_.by_day.begin(), rule_.by_day.end(), [](const RuleDay& day) { return day.nth != 0; }))
      malformed("BYDAY has numbers under FREQ=MONTHLY alone.");
    if (rule_.frequency == Frequency::weekly && !rule_.by_month_day.empty())
      malformed("BYMONTHDAY does not go with FREQ=WEEKLY.");
  }

  std::string_view pointer_;
  std::vector<std::string> seen_{};
  RecurrenceRule rule_{};
};

}  // namespace

RecurrenceRule read_rule(std::string_view text, std::string_view pointer) { return Reader(pointer).read(text); }

RecurrenceRule parse_rule(std::string_view text, std::string_view pointer) {
  RecurrenceRule rule = read_rule(text, pointer);
  if (!rule.count && !rule.until)
    throw Failure(codes::invalid, std::string(pointer), "recurrence.unbounded", "A rule needs COUNT or UNTIL.");
  if (rule.count && *rule.count > recurrence_count_max)
    throw Failure(codes::invalid, std::string(pointer), "recurrence.too_many", "COUNT is at most 104.");
  return rule;
}

std::string RecurrenceRule::text() const {
  std::string out = "FREQ=" + std::string(frequencies[static_cast<std::size_t>(frequency)]);
  if (interval != 1) out += ";INTERVAL=" + std::to_string(interval);
  const char* before = ";BYDAY=";
  for (const RuleDay& day : by_day) {
    out += before + (day.nth == 0 ? std::string() : std::to_string(day.nth));
    out += weekdays[static_cast<std::size_t>(day.weekday)];
    before = ",";
  }
  before = ";BYMONTHDAY=";
  for (const int day : by_month_day) {
    out += before + std::to_string(day);
    before = ",";
  }
  if (count) out += ";COUNT=" + std::to_string(*count);
  if (until) out += ";UNTIL=" + utc_form(*until);
  if (week_start != Weekday::mon) out += ";WKST=" + std::string(weekdays[static_cast<std::size_t>(week_start)]);
  return out;
}

}  // namespace medflow::times
