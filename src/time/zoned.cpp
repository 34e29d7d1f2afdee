#include "time/zoned.hpp"

#include <cassert>

namespace medflow::times {

std::optional<Interval> ZoneView::window_in(Date day, TimeOfDay start, TimeOfDay end) const {
  const LocalDateTime opens{.date = day, .time = start};
  LocalDateTime closes{.date = day, .time = end};
  if (end <= start) closes = closes.plus_minutes(24 * 60);
  const Interval window{.from = meaning_of(opens).first, .to = meaning_of(closes).first};
  if (window.from >= window.to) return std::nullopt;
  return window;
}

std::optional<Interval> window_in(const Zone& zone, Date day, TimeOfDay start, TimeOfDay end) {
  return ZoneView(zone).window_in(day, start, end);
}

}  // namespace medflow::times
