#include "appointments/calendar.hpp"

#include <algorithm>
#include <limits>

#include "schedules/overlap.hpp"
#include "time/zoned.hpp"

namespace medflow::inline v1::appointments {
namespace {

using schedules::DayWindow;
using schedules::Schedule;

bool is_holiday(const facilities::Facility& facility, Date day) {
  return std::any_of(facility.holidays.begin(), facility.holidays.end(),
                     [&](const facilities::Holiday& holiday) { return holiday.date == day; });
}

class Openings {
 public:
  Openings(const Schedule& schedule, const FindFacility& facility) : schedule_(schedule), facility_(facility) {}

  void add_day(Date day) {
    for (const schedules::Override& override : schedule_.overrides) {
      if (override.date != day) continue;
      for (const DayWindow& window : override.windows) add(window, day, false);
      return;
    }
    for (const schedules::Window& window : schedule_.windows)
      if (schedules::holds_on(window, day.days())) add(window, day, true);
  }

  std::vector<Opening> take() {
    std::sort(found_.begin(), found_.end(),
              [](const Opening& a, const Opening& b) { return a.time.from < b.time.from; });
    return std::move(found_);
  }

 private:
  template <class AnyWindow>
  void add(const AnyWindow& window, Date day, bool closed_on_holidays) {
    const facilities::Facility* place = facility_(window.facility_id);
    if (place == nullptr || (closed_on_holidays && is_holiday(*place, day))) return;
    const Zone& zone = schedule_.zone ? *schedule_.zone : place->zone;
    const auto time = times::window_in(zone, day, window.start, window.end);
    if (!time) return;
    found_.push_back({.time = {time->from, time->to},
                      .facility = window.facility_id,
                      .zone = zone,
                      .services = window.services,
                      .capacity = window.capacity});
  }

  const Schedule& schedule_;
  const FindFacility& facility_;
  std::vector<Opening> found_{};
};

bool serves(const Opening& opening, const ServiceId& service) {
  return opening.services.empty() ||
         std::find(opening.services.begin(), opening.services.end(), service) != opening.services.end();
}

/// Whether all of `time` lies in opening hours, whichever, and in no leave.
bool open_throughout(const Calendar& calendar, const Span& time) {
  if (time.empty()) return true;
  const auto is_away = [&](const Away& away) { return away.time.overlaps(time); };
  if (std::any_of(calendar.away.begin(), calendar.away.end(), is_away)) return false;
  if (calendar.always_open) return true;
  Instant reached = time.from;
  for (const Opening& opening : calendar.openings)
    if (opening.time.from <= reached && reached < opening.time.to) reached = opening.time.to;
  return time.to <= reached;
}

/// The part of `calendar.taken` that may overlap `time`.
std::pair<std::size_t, std::size_t> near(const std::vector<Taken>& taken, const Span& time) {
  const auto begins_before = [](const Taken& one, Instant at) { return one.visit.from < at; };
  const Span starts = starts_that_reach(time);
  const auto first = std::lower_bound(taken.begin(), taken.end(), starts.from, begins_before);
  const auto last = std::lower_bound(first, taken.end(), starts.to, begins_before);
  return {static_cast<std::size_t>(first - taken.begin()), static_cast<std::size_t>(last - taken.begin())};
}

/// How many visits there are at the fullest moment of `time`, and how few the strictest of them bears; of the moment at which there is
/// least room.
struct Crowd {
  std::uint32_t count = 0;
  std::uint32_t capacity = 0;
  std::uint32_t room() const { return capacity > count ? capacity - count : 0; }
};

Crowd crowd_in(const std::vector<Taken>& taken, const Span& time, std::uint32_t capacity, std::uint32_t beyond) {
  Crowd worst{.count = 0, .capacity = capacity + beyond};
  const auto near_by = near(taken, time);
  const std::size_t first = near_by.first;
  const std::size_t last = near_by.second;
  const auto at_moment = [&](Instant moment) {
    Crowd crowd{.count = 0, .capacity = capacity};
    for (std::size_t i = first; i < last; ++i) {
      const Taken& one = taken[i];
      if (one.time.from > moment || one.time.to <= moment) continue;
      ++crowd.count;
      crowd.capacity = std::min(crowd.capacity, one.capacity);
    }
    crowd.capacity += beyond;
    return crowd;
  };
  // It changes only where one begins.
  for (std::size_t i = first; i < last; ++i) {
    if (!taken[i].time.overlaps(time)) continue;
    const Crowd crowd = at_moment(std::max(taken[i].time.from, time.from));
    if (crowd.room() < worst.room()) worst = crowd;
  }
  return worst;
}

class Look {
 public:
  Look(const Question& question, Instant start, bool first_only)
      : question_(question),
        terms_(*question.terms),
        visit_{start, start.plus_s(60LL * terms_.duration_min)},
        whole_(visit_.widened(terms_.buffer_before_min, terms_.buffer_after_min)),
        first_only_(first_only) {}

  std::vector<Finding> run(const Opening** where) {
    const Calendar& main = *question_.calendars.front();
    bool on_grid = true;
    const Opening* opening = opening_at(main, terms_, visit_.from, &on_grid);
    if (where != nullptr) *where = opening;
    where_ = opening;
    if (opening == nullptr) add(ConflictKind::closed, main.resource, visit_);
    if (opening != nullptr && opening->capacity && !terms_.as_made) capacity_ = *opening->capacity;
    for (const Calendar* calendar : question_.calendars) {
      if (done()) return std::move(found_);
      check(*calendar, calendar == &main ? nullptr : opening, calendar == &main);
    }
    if (question_.patient != nullptr && !done()) check_patient();
    if (!done()) check_time(opening != nullptr && !on_grid ? &main : nullptr);
    return std::move(found_);
  }

  /// How many more may be booked, as far as capacity is concerned; of a look that found nothing.
  std::uint32_t room() const { return std::min(room_, capacity()); }

 private:
  bool done() const { return first_only_ && !found_.empty(); }

  void add(ConflictKind kind, std::optional<ResourceRef> resource, std::optional<Span> time,
           std::optional<Uuid> object = {}, bool policy = false) {
    Conflict conflict{.kind = kind, .resource = resource, .object_id = object};
    if (time) {
      conflict.from = time->from;
      conflict.to = time->to;
    }
    found_.push_back({.conflict = conflict, .policy = policy});
  }

  void check(const Calendar& calendar, const Opening* main_opening, bool is_main) {
    if (!is_main && !open_beside(calendar, main_opening)) add(ConflictKind::closed, calendar.resource, visit_);
    if (calendar.licensed_until && where_ != nullptr &&
        *calendar.licensed_until < local_in(where_->zone, visit_.from).date)
      add(ConflictKind::licence, calendar.resource, std::nullopt);
    for (const Away& away : calendar.away)
      if (away.time.overlaps(visit_)) add(ConflictKind::leave, calendar.resource, away.time, away.leave.uuid);
    if (!terms_.buffer_outside) {
      for (const Span& buffer : {Span{whole_.from, visit_.from}, Span{visit_.to, whole_.to}})
        if (!open_throughout(calendar, buffer)) add(ConflictKind::buffer, calendar.resource, buffer);
    }
    const std::uint32_t room = crowd_in(calendar.taken, whole_, capacity(), question_.beyond).room();
    room_ = std::min(room_, room);
    if (room > 0) return;
    const auto [first, last] = near(calendar.taken, whole_);
    for (std::size_t i = first; i < last; ++i) {
      const Taken& one = calendar.taken[i];
      if (!one.time.overlaps(whole_)) continue;
      const bool visits_meet = one.visit.overlaps(visit_);
      add(visits_meet ? ConflictKind::capacity : ConflictKind::buffer, calendar.resource,
          visits_meet ? one.visit : one.time, one.appointment.uuid);
    }
  }

  /// Whoever helps has to be there, at the same place where that is known.
  bool open_beside(const Calendar& calendar, const Opening* main_opening) const {
    if (calendar.always_open)
      return main_opening == nullptr || !calendar.place || *calendar.place == main_opening->facility;
    return std::any_of(calendar.openings.begin(), calendar.openings.end(), [&](const Opening& opening) {
      return opening.time.contains(visit_) && serves(opening, terms_.service) &&
             (main_opening == nullptr || opening.facility == main_opening->facility);
    });
  }

  void check_patient() {
    const auto [first, last] = near(*question_.patient, visit_);
    for (std::size_t i = first; i < last; ++i) {
      const Taken& one = (*question_.patient)[i];
      if (one.visit.overlaps(visit_)) add(ConflictKind::patient, std::nullopt, one.visit, one.appointment.uuid, true);
    }
  }

  void check_time(const Calendar* off_grid) {
    if (off_grid != nullptr) add(ConflictKind::closed, off_grid->resource, visit_, {}, true);
    const Instant now = question_.now;
    if (visit_.from < now) {
      add(ConflictKind::lead, std::nullopt, std::nullopt);
    } else if (visit_.from < now.plus_s(60LL * terms_.min_lead_min)) {
      add(ConflictKind::lead, std::nullopt, Span{now, now.plus_s(60LL * terms_.min_lead_min)}, {}, true);
    }
    if (visit_.from > now.plus_s(86'400LL * terms_.max_horizon_d))
      add(ConflictKind::horizon, std::nullopt, Span{now, now.plus_s(86'400LL * terms_.max_horizon_d)}, {}, true);
  }

  std::uint32_t capacity() const { return capacity_ ? *capacity_ : terms_.capacity; }

  const Question& question_;
  const Terms& terms_;
  Span visit_;
  Span whole_;
  bool first_only_;
  const Opening* where_ = nullptr;
  std::optional<std::uint32_t> capacity_{};
  std::uint32_t room_ = std::numeric_limits<std::uint32_t>::max();
  std::vector<Finding> found_{};
};

}  // namespace

std::vector<Opening> openings_of(const Schedule& schedule, const FindFacility& facility, Date first, Date last) {
  Openings openings(schedule, facility);
  for (std::int32_t day = first.days(); day <= last.days(); ++day) openings.add_day(Date::from_days(day));
  return openings.take();
}

std::vector<Opening> openings_of(const facilities::Facility& facility, Date first, Date last) {
  std::vector<Opening> found;
  for (std::int32_t day = first.days(); day <= last.days(); ++day) {
    const Date date = Date::from_days(day);
    if (is_holiday(facility, date)) continue;
    for (const facilities::OpenHours& hours : facility.open_hours) {
      if (hours.weekday != weekday_of_days(day)) continue;
      const auto time = times::window_in(facility.zone, date, hours.start, hours.end);
      if (time) found.push_back({.time = {time->from, time->to}, .facility = facility.id, .zone = facility.zone});
    }
  }
  std::sort(found.begin(), found.end(), [](const Opening& a, const Opening& b) { return a.time.from < b.time.from; });
  return found;
}

const Opening* opening_at(const Calendar& calendar, const Terms& terms, Instant start, bool* on_grid) {
  const Span visit{start, start.plus_s(60LL * terms.duration_min)};
  const Opening* found = nullptr;
  const auto& all = calendar.openings;
  auto at = std::lower_bound(all.begin(), all.end(), start.plus_s(-opening_max_s),
                             [](const Opening& opening, Instant time) { return opening.time.from < time; });
  for (; at != all.end() && at->time.from <= start; ++at) {
    const Opening& opening = *at;
    if (!opening.time.contains(visit) || !serves(opening, terms.service)) continue;
    const bool offered = (start.us - opening.time.from.us) % (terms.step_min * minute_us) == 0;
    if (on_grid != nullptr) *on_grid = offered;
    if (offered) return &opening;
    if (found == nullptr) found = &opening;
  }
  return found;
}

std::vector<Finding> look(const Question& question, Instant start, const Opening** opening, bool first_only) {
  return Look(question, start, first_only).run(opening);
}

std::vector<Free> free_starts(const Question& question, Instant from, Instant to, std::size_t limit) {
  std::vector<Free> found;
  const Terms& terms = *question.terms;
  const std::int64_t step = terms.step_min * minute_us;
  const Calendar& main = *question.calendars.front();
  const Instant earliest = std::max(from, question.now.plus_s(60LL * terms.min_lead_min));
  for (const Opening& opening : main.openings) {
    if (opening.time.to <= earliest || !serves(opening, terms.service)) continue;
    if (question.place != nullptr && opening.facility != *question.place) continue;
    if (opening.time.from >= to) break;
    std::int64_t at = opening.time.from.us;
    if (earliest.us > at) at += (earliest.us - at + step - 1) / step * step;
    const std::int64_t last = std::min(to.us - 1, opening.time.to.us - terms.duration_min * minute_us);
    for (; at <= last; at += step) {
      const Opening* where = nullptr;
      Look one(question, {at}, true);
      if (!one.run(&where).empty() || where != &opening) continue;
      found.push_back({.start = {at}, .opening = where, .room = one.room()});
      if (found.size() == limit) return found;
    }
  }
  return found;
}

std::uint32_t free_lane(const std::vector<Taken>& taken, const Span& time) {
  std::vector<std::uint32_t> used;
  const auto [first, last] = near(taken, time);
  for (std::size_t i = first; i < last; ++i)
    if (taken[i].time.overlaps(time)) used.push_back(taken[i].lane);
  std::sort(used.begin(), used.end());
  std::uint32_t lane = 0;
  for (const std::uint32_t one : used) lane += one == lane ? 1 : 0;
  return lane;
}

}  // namespace medflow::inline v1::appointments
