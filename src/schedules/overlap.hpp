// Which opening windows of one calendar are open at the same time (PRV-2, PRV-3). Wall times only: all of one zone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "medflow/schedules.hpp"

namespace medflow::inline v1::schedules {

/// The first day, from `not_before` on, on which a window begins; nothing where there is none. Days count from 1970-01-01.
std::optional<std::int32_t> first_day(const Window& window, std::int32_t not_before);

/// Whether a window begins on this day.
bool holds_on(const Window& window, std::int32_t day);

/// How long a window is open, in minutes: 1 to 1,440.
std::int32_t length_min(TimeOfDay start, TimeOfDay end);

/// A window of a calendar: one of the week, or one of an override.
struct WindowRef {
  std::optional<std::size_t> override_index{};
  std::size_t index = 0;

  friend bool operator==(const WindowRef&, const WindowRef&) = default;
};

struct Overlap {
  WindowRef first{};
  WindowRef second{};
};

/// All pairs that overlap, `pairs_max` at most. Weekly windows are compared on every day on which both hold; those of an override with
/// each other, and with what begins on the day before and the day after.
std::vector<Overlap> overlaps(std::span<const Window> windows, std::span<const Override> overrides,
                              std::size_t pairs_max = 50);

}  // namespace medflow::inline v1::schedules
