#include "schedules/overlap.hpp"

#include <algorithm>

namespace medflow::inline v1::schedules {
namespace {

constexpr std::int32_t day_min = 24 * 60;

/// Of the first and the last day that a Date can be.
constexpr std::int32_t days_first = -719'162;
constexpr std::int32_t days_last = 2'932'896;

/// The number of the week, from Monday, in which a day lies: 1970-01-01 was a Thursday.
std::int32_t week_of(std::int32_t day) {
  const std::int32_t since_monday = day + 3;
  return since_monday >= 0 ? since_monday / 7 : -((-since_monday + 6) / 7);
}

std::int32_t last_day(const Window& window) { return window.valid_to ? window.valid_to->days() : days_last; }

/// Whether two stretches overlap if the second begins `later` days after the first.
bool touch(TimeOfDay a, std::int32_t a_length, TimeOfDay b, std::int32_t b_length, std::int32_t later) {
  const std::int32_t a_start = a.minutes;
  const std::int32_t b_start = b.minutes + later * day_min;
  return a_start < b_start + b_length && b_start < a_start + a_length;
}

/// Whether there is a day on which `a` begins such that `b` begins `later` days after it.
bool both_hold(const Window& a, const Window& b, std::int32_t later) {
  if (static_cast<int>(b.weekday) != (static_cast<int>(a.weekday) + later + 7) % 7) return false;
  const std::int32_t end = std::min(last_day(a), last_day(b) - later);
  std::int32_t from = days_first;
  if (b.valid_from) from = std::max(from, b.valid_from->days() - later);
  auto day = first_day(a, from);
  // Those of `b` come again every so many weeks, so that after so many of `a` all that there are were seen.
  for (std::uint32_t tried = 0; day && *day <= end && tried < b.every_n_weeks; ++tried) {
    if (holds_on(b, *day + later)) return true;
    *day += 7 * static_cast<std::int32_t>(a.every_n_weeks);
  }
  return false;
}

bool overlap(const Window& a, const Window& b) {
  for (std::int32_t later = -1; later <= 1; ++later)
    if (touch(a.start, length_min(a.start, a.end), b.start, length_min(b.start, b.end), later) &&
        both_hold(a, b, later))
      return true;
  return false;
}

/// The windows of overrides, each with its day.
struct Dated {
  WindowRef ref{};
  std::int32_t day = 0;
  const DayWindow* window = nullptr;
};

bool overlap(const Dated& a, const Dated& b) {
  const std::int32_t later = b.day - a.day;
  return later >= -1 && later <= 1 &&
         touch(a.window->start, length_min(a.window->start, a.window->end), b.window->start,
               length_min(b.window->start, b.window->end), later);
}

class Search {
 public:
  Search(std::span<const Window> windows, std::span<const Override> overrides, std::size_t pairs_max)
      : windows_(windows), pairs_max_(pairs_max) {
    for (std::size_t i = 0; i < overrides.size(); ++i) {
      const std::int32_t day = overrides[i].date.days();
      replaced_.push_back(day);
      for (std::size_t j = 0; j < overrides[i].windows.size(); ++j)
        dated_.push_back({.ref = {.override_index = i, .index = j}, .day = day, .window = &overrides[i].windows[j]});
    }
    std::sort(replaced_.begin(), replaced_.end());
    std::stable_sort(dated_.begin(), dated_.end(), [](const Dated& a, const Dated& b) { return a.day < b.day; });
  }

  std::vector<Overlap> run() {
    for (std::size_t i = 0; i < windows_.size(); ++i)
      for (std::size_t j = i + 1; j < windows_.size(); ++j)
        if (overlap(windows_[i], windows_[j])) add({.index = i}, {.index = j});
    for (std::size_t i = 0; i < dated_.size(); ++i) {
      for (std::size_t j = i + 1; j < dated_.size() && dated_[j].day <= dated_[i].day + 1; ++j)
        if (overlap(dated_[i], dated_[j])) add(dated_[i].ref, dated_[j].ref);
      for (std::size_t j = 0; j < windows_.size(); ++j)
        if (meets_neighbour(dated_[i], windows_[j])) add({.index = j}, dated_[i].ref);
    }
    return std::move(found_);
  }

 private:
  void add(WindowRef first, WindowRef second) {
    if (found_.size() < pairs_max_) found_.push_back({.first = first, .second = second});
  }

  /// What begins on the day itself is replaced; on the days beside it, only where they have no override.
  bool meets_neighbour(const Dated& dated, const Window& window) const {
    for (const std::int32_t later : {-1, 1}) {
      const std::int32_t day = dated.day + later;
      if (!std::binary_search(replaced_.begin(), replaced_.end(), day) && holds_on(window, day) &&
          touch(dated.window->start, length_min(dated.window->start, dated.window->end), window.start,
                length_min(window.start, window.end), later))
        return true;
    }
    return false;
  }

  std::span<const Window> windows_;
  std::size_t pairs_max_;
  std::vector<std::int32_t> replaced_{};
  std::vector<Dated> dated_{};
  std::vector<Overlap> found_{};
};

}  // namespace

std::int32_t length_min(TimeOfDay start, TimeOfDay end) {
  return end.minutes - start.minutes + (end > start ? 0 : day_min);
}

bool holds_on(const Window& window, std::int32_t day) {
  if (weekday_of_days(day) != window.weekday || day > last_day(window)) return false;
  if (!window.valid_from) return true;
  const std::int32_t first = window.valid_from->days();
  return day >= first && (week_of(day) - week_of(first)) % static_cast<std::int32_t>(window.every_n_weeks) == 0;
}

std::optional<std::int32_t> first_day(const Window& window, std::int32_t not_before) {
  std::int32_t day = std::max(not_before, window.valid_from ? window.valid_from->days() : days_first);
  day += (static_cast<int>(window.weekday) - static_cast<int>(weekday_of_days(day)) + 7) % 7;
  for (std::uint32_t tried = 0; tried < window.every_n_weeks && day <= last_day(window); ++tried, day += 7)
    if (holds_on(window, day)) return day;
  return std::nullopt;
}

std::vector<Overlap> overlaps(std::span<const Window> windows, std::span<const Override> overrides,
                              std::size_t pairs_max) {
  return Search(windows, overrides, pairs_max).run();
}

}  // namespace medflow::inline v1::schedules
