// When a job that recurs runs: a cron expression, read on the clocks of a zone.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "medflow/time.hpp"

namespace medflow::inline v1::jobs {

/// Five fields, separated by spaces: minute (0–59), hour (0–23), day of the month (1–31), month (1–12 or jan–dec), day of the week (0–7
/// or sun–sat; 0 and 7 are Sunday). A field is `*` or a list of numbers and ranges `a-b`, each with a step `/n` if wanted; `a/n` goes from
/// `a` to the end. Where neither day field begins with `*`, a day that is in one of them will do; else it must be in both.
struct Cron {
  std::uint64_t minutes = 0;  ///< bit n: at minute n; the same for the others
  std::uint32_t hours = 0;
  std::uint32_t days = 0;
  std::uint16_t months = 0;
  std::uint8_t weekdays = 0;  ///< bit 0: Sunday
  bool either_day = false;

  static std::optional<Cron> parse(std::string_view text);
  bool on_day(std::int32_t day) const;
};

/// The first time of a cron expression after `after`, by the clocks in `zone`. A time that they skip is the moment right after the gap,
/// and one that they show twice is the first of the two: neither is left out, and nothing runs twice. Nothing where there is none within
/// 45 years ("30 February"). Asserts a valid zone.
std::optional<Instant> next_run(const Cron& cron, const Zone& zone, Instant after);

}  // namespace medflow::inline v1::jobs
