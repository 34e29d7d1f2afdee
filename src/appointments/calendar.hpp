// Availability as a pure function of rules and of what is booked: no storage, no clock. What `slots` offers, `look` finds free, and the
// other way round.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "medflow/appointments.hpp"
#include "medflow/facilities.hpp"
#include "medflow/schedules.hpp"

namespace medflow::inline v1::appointments {

/// A half-open time.
struct Span {
  Instant from{};
  Instant to{};

  bool empty() const { return to <= from; }
  bool overlaps(const Span& other) const { return from < other.to && other.from < to; }
  bool contains(const Span& other) const { return from <= other.from && other.to <= to; }
  Span widened(std::int64_t before_min, std::int64_t after_min) const {
    return {from.plus_s(-60 * before_min), to.plus_s(60 * after_min)};
  }
  friend bool operator==(const Span&, const Span&) = default;
};

/// Hours in which a calendar is open, at one facility.
struct Opening {
  Span time{};
  FacilityId facility{};
  Zone zone{};
  std::vector<ServiceId> services{};  ///< none: all
  std::optional<std::uint32_t> capacity{};
};

/// A leave within a calendar.
struct Away {
  Span time{};
  LeaveId leave{};
};

/// Time that is taken: that of a visit with what is kept free around it.
struct Taken {
  Span time{};
  Span visit{};
  std::uint32_t capacity = 1;  ///< how many there may be at once, as far as this visit is concerned
  std::uint32_t lane = 0;
  AppointmentId appointment{};
};

/// What is known of one doctor, room or device around the time in question.
struct Calendar {
  ResourceRef resource{};
  bool always_open = false;              ///< no hours are known: it may be used whenever those beside it work
  std::optional<FacilityId> place{};     ///< where it stands, as far as its hours do not say
  std::optional<Date> licensed_until{};  ///< the last day on which its holder may practise; none: no matter
  std::vector<Opening> openings{};       ///< by their beginning
  std::vector<Away> away{};
  std::vector<Taken> taken{};  ///< by the beginning of the visit
  bool expired = true;         ///< whether there may be holds that have expired and have their lanes yet
};

/// The rules by which a service is booked, in force.
struct Terms {
  ServiceId service{};
  std::uint32_t duration_min = 30;
  std::uint32_t buffer_before_min = 0;
  std::uint32_t buffer_after_min = 0;
  bool buffer_outside = false;
  std::uint32_t step_min = 30;
  std::uint32_t capacity = 1;
  bool as_made = false;  ///< they are those of a visit that there is: the hours' own capacity is not asked
  std::uint32_t min_lead_min = 0;
  std::uint32_t max_horizon_d = 365;
};

inline constexpr std::int64_t minute_us = 60'000'000;

/// No buffer is longer than this.
inline constexpr std::int64_t buffer_max_min = 120;
/// No visit is longer than this.
inline constexpr std::int64_t visit_max_min = 480;
/// No visit is longer with its buffers than this, so what overlaps a time begins within it before.
inline constexpr std::int64_t longest_min = visit_max_min + 2 * buffer_max_min;

/// Where the visits start that may reach into `range` with their buffers.
inline Span starts_that_reach(const Span& range) {
  return range.widened(visit_max_min + buffer_max_min, buffer_max_min);
}
/// Where all lies that visits which start in `range` take up, with their buffers.
inline Span reach_of_starts(const Span& range) { return range.widened(buffer_max_min, visit_max_min + buffer_max_min); }

/// And no opening is longer than this.
inline constexpr std::int64_t opening_max_s = 2 * 86'400LL;

/// Who may be booked beyond the capacity.
inline constexpr std::uint32_t overbook_max = 2;

/// What stands in a visit's way, and whether it is a matter of policy, which somebody may override.
struct Finding {
  Conflict conflict{};
  bool policy = false;
};

/// Everything about one booking. The first calendar's hours are those in which it is offered.
struct Question {
  const Terms* terms = nullptr;
  std::vector<const Calendar*> calendars{};
  const std::vector<Taken>* patient = nullptr;  ///< the patient's other visits; null where there is no patient
  Instant now{};
  std::uint32_t beyond = 0;           ///< how many more than the capacity there may be
  const FacilityId* place = nullptr;  ///< where it has to be; null: anywhere
};

/// The hours in which a calendar is open on the civil days from `first` to `last`, which begin on them. `facility` answers null for
/// one that is not there. Holidays of a window's facility close it, unless an override opens the day.
using FindFacility = std::function<const facilities::Facility*(const FacilityId&)>;
std::vector<Opening> openings_of(const schedules::Schedule& schedule, const FindFacility& facility, Date first,
                                 Date last);
/// The same for a room or device without a schedule: its facility's hours.
std::vector<Opening> openings_of(const facilities::Facility& facility, Date first, Date last);

/// The opening that a visit at `start` belongs to; null where none has it. `on_grid`: whether it is a start that is offered.
const Opening* opening_at(const Calendar& calendar, const Terms& terms, Instant start, bool* on_grid);

/// All that is in the way of a visit at `start`; with `first_only` at most one finding, which then is a matter of policy only if nothing else is
/// in the way. `opening` is set to where it would be.
std::vector<Finding> look(const Question& question, Instant start, const Opening** opening, bool first_only = false);

/// A start that is free.
struct Free {
  Instant start{};
  const Opening* opening = nullptr;
  std::uint32_t room = 1;  ///< how many more may be booked, as far as capacity is concerned
};

/// The free starts in [from, to), by time, `limit` at most.
std::vector<Free> free_starts(const Question& question, Instant from, Instant to, std::size_t limit);

/// The lane that a new claim takes: the first that is free all the time.
std::uint32_t free_lane(const std::vector<Taken>& taken, const Span& time);

}  // namespace medflow::inline v1::appointments
