// Recurrence rules of appointment series: a subset of RFC 5545 section 3.3.10, and the instances that they make (R3).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/time.hpp"

struct icalrecur_iterator_impl;

namespace medflow::times {

inline constexpr std::uint32_t recurrence_count_max = 104;
inline constexpr int recurrence_until_months_max = 24;
/// No instance of a series lies further from its start, however wide its steps are.
inline constexpr int recurrence_years_max = 10;

enum class Frequency : std::uint8_t { daily, weekly, monthly };

/// One of BYDAY.
struct RuleDay {
  Weekday weekday = Weekday::mon;
  std::int8_t nth = 0;  ///< of the month, from its end where negative; 0: each

  friend constexpr auto operator<=>(const RuleDay&, const RuleDay&) = default;
};

struct RecurrenceRule {
  Frequency frequency = Frequency::weekly;
  std::uint32_t interval = 1;
  std::vector<RuleDay> by_day{};
  std::vector<std::int8_t> by_month_day{};  ///< from the end of the month where negative
  std::optional<std::uint32_t> count{};
  std::optional<Instant> until{};  ///< the last start that is allowed
  Weekday week_start = Weekday::mon;

  /// As RFC 5545 writes it, without "RRULE:".
  std::string text() const;

  friend bool operator==(const RecurrenceRule&, const RecurrenceRule&) = default;
};

/// Reads FREQ (DAILY, WEEKLY, MONTHLY), INTERVAL, BYDAY (with a number under MONTHLY alone), BYMONTHDAY, COUNT, UNTIL (in UTC) and WKST.
/// Throws Failure `invalid` at `pointer`: recurrence.malformed, recurrence.unsupported.
RecurrenceRule read_rule(std::string_view text, std::string_view pointer = "/rrule");

/// The same within our limits: also recurrence.unbounded (neither COUNT nor UNTIL) and recurrence.too_many (COUNT).
RecurrenceRule parse_rule(std::string_view text, std::string_view pointer = "/rrule");

/// The days of a rule from `start` on, in order, whatever COUNT and UNTIL say; `start` itself only if it is one of them.
class RuleDates {
 public:
  /// Asserts a start between the years 1900 and 2500.
  RuleDates(const RecurrenceRule& rule, Date start);
  ~RuleDates();
  RuleDates(const RuleDates&) = delete;
  RuleDates& operator=(const RuleDates&) = delete;

  /// Nothing where there are no more.
  std::optional<Date> next();

 private:
  RecurrenceRule rule_;
  const Date start_;
  icalrecur_iterator_impl* iterator_;
};

struct Instance {
  std::uint32_t index = 0;  ///< from 0; that of an instance that was taken out is not given to another
  LocalDateTime wall{};
  Instant start{};

  friend bool operator==(const Instance&, const Instance&) = default;
};

struct Recurrence {
  std::vector<Instance> instances{};
  std::vector<LocalDateTime>
      skipped{};  ///< wall times that do not exist: they have no index and COUNT does not count them
};

/// Where a request has what `expand` may refuse.
struct RecurrencePlaces {
  std::string_view rule = "/rrule";
  std::string_view start = "/start";
};

/// The instances of a series that begins at `start`, without those of `taken_out` (EXDATE), which count all the same. A wall time
/// that comes twice is the first.
///
/// RFC 5545 (section 3.8.5.3) counts DTSTART as the first instance, wants it to match the rule, and leaves undefined what the
/// rule makes of one that does not: such a start is refused. Throws Failure `invalid`: recurrence.start, time.nonexistent (the start),
/// recurrence.empty (UNTIL before it), recurrence.too_long (UNTIL more than 24 months behind it, or COUNT not reached within ten
/// years), recurrence.unsupported (a start before 1900 or behind 2500). Asserts a valid zone, and a rule of `parse_rule`.
Recurrence expand(const RecurrenceRule& rule, LocalDateTime start, const Zone& zone,
                  std::span<const LocalDateTime> taken_out = {}, const RecurrencePlaces& places = {});

}  // namespace medflow::times
