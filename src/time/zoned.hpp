// Opening windows in a zone, and a zone that is looked up once for many questions (R3).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

#include "medflow/time.hpp"

namespace date {
class time_zone;
}

namespace medflow::times {

/// From `from` to before `to`.
struct Interval {
  Instant from{};
  Instant to{};

  friend constexpr auto operator<=>(const Interval&, const Interval&) = default;
};

/// A zone that was found: it is not looked for again with each question. Cheap to copy; its answers may be asked from any thread.
class ZoneView {
 public:
  /// Asserts a valid zone.
  explicit ZoneView(const Zone& zone);

  LocalDateTime local_in(Instant at) const;

  /// How far wall clocks are ahead of UTC at `at`, and from when to when they are.
  struct Offset {
    std::int64_t from_s = 0;
    std::int64_t to_s = 0;
    std::int64_t ahead_s = 0;
  };
  Offset offset_at(Instant at) const;

  WallMeaning meaning_of(LocalDateTime wall) const;

  /// The window from `start` to `end` on `day`; an end that is not later than the start is one of the next day. A start or end that
  /// does not exist is the instant at which clocks are put forward over it, one that comes twice is the first. Nothing where no
  /// time is left, such as between two times that do not exist.
  std::optional<Interval> window_in(Date day, TimeOfDay start, TimeOfDay end) const;

 private:
  const date::time_zone* zone_;
};

/// A wall clock that is read time after time: the zone is asked again only where clocks are put forward or back in between.
class WallClock {
 public:
  /// Asserts a valid zone.
  explicit WallClock(const Zone& zone) : zone_(zone) {}

  LocalDateTime at(Instant instant);

 private:
  ZoneView zone_;
  ZoneView::Offset offset_{};
};

/// The same for one window.
std::optional<Interval> window_in(const Zone& zone, Date day, TimeOfDay start, TimeOfDay end);

}  // namespace medflow::times
