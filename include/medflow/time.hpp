// Time: instants in UTC, civil dates that are never instants, and zones by their IANA names (R2, R3).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "medflow/export.hpp"

namespace medflow::inline v1 {

/// Microseconds since 1970-01-01T00:00:00Z, UTC, without leap seconds.
struct Instant {
  std::int64_t us = 0;

  /// RFC 3339 with `Z`, fractional seconds only where there are any: "2026-11-22T09:30:00Z".
  MEDFLOW_API std::string text() const;
  /// Reads RFC 3339 with `Z` or an offset, at most 6 fractional digits, years 0001 to 9999; no leap second (R2).
  MEDFLOW_API static std::optional<Instant> parse(std::string_view text);

  constexpr Instant plus_s(std::int64_t seconds) const { return {us + seconds * 1'000'000}; }
  friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
};

/// A day of the proleptic Gregorian calendar, years 0001 to 9999; it has no zone and is never turned into an instant.
struct Date {
  std::int16_t year = 1;
  std::uint8_t month = 1;
  std::uint8_t day = 1;

  /// "YYYY-MM-DD".
  MEDFLOW_API std::string text() const;
  MEDFLOW_API static std::optional<Date> parse(std::string_view text);
  /// True for a day that the calendar has.
  MEDFLOW_API static bool exists(int year, int month, int day);
  /// Days since 1970-01-01.
  MEDFLOW_API std::int32_t days() const;
  MEDFLOW_API static Date from_days(std::int32_t days);

  friend constexpr auto operator<=>(const Date&, const Date&) = default;
};

/// A civil date known to the day, the month or the year only, as FHIR's `date` type: "1980-05-12", "1980-05" or "1980". Unknown
/// parts are 0.
struct PartialDate {
  std::int16_t year = 1;
  std::uint8_t month = 0;
  std::uint8_t day = 0;

  MEDFLOW_API std::string text() const;
  MEDFLOW_API static std::optional<PartialDate> parse(std::string_view text);
  /// The first day it may mean.
  Date first() const { return {year, month == 0 ? std::uint8_t{1} : month, day == 0 ? std::uint8_t{1} : day}; }

  friend constexpr auto operator<=>(const PartialDate&, const PartialDate&) = default;
};

/// A day of the week, from Monday (ISO 8601); the words are FHIR's DaysOfWeek.
enum class Weekday : std::uint8_t { mon, tue, wed, thu, fri, sat, sun };

/// The weekday of a civil date.
constexpr Weekday weekday_of_days(std::int32_t days) { return static_cast<Weekday>(((days % 7) + 10) % 7); }

/// A time on a wall clock, to the minute, 00:00 to 23:59; it has no zone (FHIR `time`, RFC 5545 section 3.3.12 FORM #1).
struct TimeOfDay {
  std::uint16_t minutes = 0;  ///< since 00:00

  /// "HH:MM".
  MEDFLOW_API std::string text() const;
  MEDFLOW_API static std::optional<TimeOfDay> parse(std::string_view text);

  friend constexpr auto operator<=>(const TimeOfDay&, const TimeOfDay&) = default;
};

/// A day and a time on a wall clock there (RFC 5545 section 3.3.5 FORM #1). Which instant it is only a zone tells: `meaning_of`.
struct LocalDateTime {
  Date date{};
  TimeOfDay time{};

  /// "YYYY-MM-DDTHH:MM".
  MEDFLOW_API std::string text() const;
  /// The same, also with seconds that are zero.
  MEDFLOW_API static std::optional<LocalDateTime> parse(std::string_view text);
  /// So many minutes later on the calendar, whatever the clocks of a zone do.
  MEDFLOW_API LocalDateTime plus_minutes(std::int64_t minutes) const;

  friend constexpr auto operator<=>(const LocalDateTime&, const LocalDateTime&) = default;
};

/// An IANA time zone id such as "Europe/London". Only ids that the system's tz database has are valid; `valid` asks it.
struct Zone {
  std::string id{};

  MEDFLOW_API static bool valid(std::string_view id);
  friend auto operator<=>(const Zone&, const Zone&) = default;
};

/// The civil date on which `at` falls in `zone`. Asserts a valid zone.
MEDFLOW_API Date date_in(const Zone& zone, Instant at);

/// What a wall clock in `zone` shows at `at`, to the minute below. Asserts a valid zone.
MEDFLOW_API LocalDateTime local_in(const Zone& zone, Instant at);

/// How often a wall time comes in a zone: once, never (clocks were put forward over it) or twice (they were put back).
enum class WallTimes : std::uint8_t { once, never, twice };

/// What a wall time means in a zone. `first` and `last` are the same where it comes once; where it never comes, both are the instant
/// at which clocks are put forward over it.
struct WallMeaning {
  WallTimes times = WallTimes::once;
  Instant first{};
  Instant last{};
};

/// Asserts a valid zone.
MEDFLOW_API WallMeaning meaning_of(const Zone& zone, LocalDateTime wall);

/// Completed years between two civil dates: the age on `on` of somebody born on `birth`; 29 February counts as 1 March in
/// common years. Negative where `on` is before `birth`.
MEDFLOW_API int years_between(Date birth, Date on);

/// The version of the system's tz database ("2026f"), "unknown" where it does not say.
MEDFLOW_API std::string tz_version();

}  // namespace medflow::inline v1
