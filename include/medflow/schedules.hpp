// Schedules: when somebody or something can be booked, in weekly windows, with exceptions and leave.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/services.hpp"

namespace medflow::inline v1::schedules {

/// Opening hours of one weekday, for services at one facility. An end that is not behind the start lies on the next day.
struct Window {
  Weekday weekday{};
  TimeOfDay start{};
  TimeOfDay end{};
  FacilityId facility_id{};
  std::vector<ServiceId> services{};  ///< none: all
  std::optional<Date> valid_from{};   ///< the first day it holds
  std::optional<Date> valid_to{};     ///< the last day it holds
  std::uint32_t every_n_weeks =
      1;  ///< 1 to 52; more than 1 needs `valid_from`, in whose week (from Monday) it begins to count
  std::optional<std::uint32_t> capacity{};  ///< 1 to 100; in place of the services' own

  friend bool operator==(const Window&, const Window&) = default;
};

/// Opening hours of one day.
struct DayWindow {
  TimeOfDay start{};
  TimeOfDay end{};
  FacilityId facility_id{};
  std::vector<ServiceId> services{};
  std::optional<std::uint32_t> capacity{};

  friend bool operator==(const DayWindow&, const DayWindow&) = default;
};

/// Replaces all windows that begin on one day: with others, or, with none, by being closed. It opens a holiday.
struct Override {
  Date date{};
  std::vector<DayWindow> windows{};
  std::string reason{};

  friend bool operator==(const Override&, const Override&) = default;
};

/// Rules of this calendar where they differ from the services' own, field by field; for one service, or for all.
struct ServiceRules {
  std::optional<ServiceId> service_id{};
  std::optional<std::uint32_t> duration_min{};
  std::optional<std::uint32_t> buffer_before_min{};
  std::optional<std::uint32_t> buffer_after_min{};
  std::optional<bool> buffer_outside{};
  std::optional<std::uint32_t> step_min{};
  std::optional<std::uint32_t> capacity{};
  std::optional<std::uint32_t> min_lead_min{};
  std::optional<std::uint32_t> max_horizon_d{};
  std::optional<std::uint32_t> cancel_cutoff_min{};
  std::optional<bool> approval{};

  friend bool operator==(const ServiceRules&, const ServiceRules&) = default;
};

/// The calendar of one doctor, room or device: one at most each.
struct Schedule {
  Uuid id{};  ///< that of the doctor, room or device
  std::uint64_t revision = 0;
  ResourceKind kind = ResourceKind::practitioner;
  std::optional<Zone> zone{};  ///< of its wall times; the facility's where not said
  std::vector<Window> windows{};
  std::vector<Override> overrides{};
  std::vector<ServiceRules> rules{};
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// A calendar.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Schedule;
  Uuid id{};

  static constexpr Operation operation{.name = "schedules.get",
                                       .method = Method::get,
                                       .path = "/schedules/{id}",
                                       .permission = Permission::schedule_read,
                                       .summary = "Read a calendar's opening hours",
                                       .object = "schedule"};
};

/// Sets a calendar's opening hours, exceptions and rules; makes it where there is none yet (then without a revision). What is booked stays
/// as it is.
/// Fails, first match wins: forbidden; not_found (no such doctor, room or device); invalid (`window.overlap`, `window.empty`, an unknown
/// facility, service or zone); precondition_required; conflict `conflict.revision`.
struct Set {
  using Output = Schedule;
  Uuid id{};
  std::optional<std::uint64_t> revision{};
  ResourceKind kind = ResourceKind::practitioner;
  std::optional<Zone> zone{};
  std::vector<Window> windows{};
  std::vector<Override> overrides{};
  std::vector<ServiceRules> rules{};

  static constexpr Operation operation{.name = "schedules.set",
                                       .method = Method::put,
                                       .path = "/schedules/{id}",
                                       .permission = Permission::schedule_manage,
                                       .effect = Effect::write,
                                       .summary = "Set a calendar's opening hours",
                                       .object = "schedule"};
};

/// Where a rule in force comes from.
enum class RuleOrigin : std::uint8_t { service, schedule, schedule_service };

/// A rule in force: the name of the service's member, its value (minutes, days or a count; 0 or 1 for no and yes) and who says so.
struct EffectiveRule {
  std::string name{};
  std::int64_t value = 0;
  RuleOrigin origin = RuleOrigin::service;
};

struct EffectiveRules {
  std::vector<EffectiveRule> rules{};
};

/// The rules by which a service is booked in a calendar, each with its origin (PRV-4).
/// Fails, first match wins: forbidden; not_found.
struct GetEffective {
  using Output = EffectiveRules;
  Uuid id{};
  ServiceId service_id{};

  static constexpr Operation operation{.name = "schedules.get_effective",
                                       .method = Method::get,
                                       .path = "/schedules/{id}/effective",
                                       .permission = Permission::schedule_read,
                                       .summary = "Read the rules in force for a service in a calendar",
                                       .object = "schedule"};
};

}  // namespace medflow::inline v1::schedules

namespace medflow::inline v1::leaves {

/// A time in which a doctor, room or device is away.
struct Leave {
  LeaveId id{};
  std::uint64_t revision = 0;
  ResourceKind kind = ResourceKind::practitioner;
  Uuid resource_id{};
  Instant from{};
  Instant to{};
  std::string reason{};           ///< shown to those who manage calendars only
  std::optional<JobId> job_id{};  ///< the job that moves the visits which were booked then
  Instant created_at{};
  UserId created_by{};
};

/// How long one leave is at most: what is longer is said as several.
inline constexpr std::int64_t leave_days_max = 366;

/// What becomes of visits that are booked in a leave: they stay; or they stay, and their patients are told to call (a message of the outbox);
/// or a job moves each to the next free start of its service at the same place with the same doctors, rooms and devices, at most 30 days
/// later, by the rules of `appointments.reschedule`, and tells its patient. One that finds no such time stays, and its patient is told to
/// call. None is ever dropped: `leaves.get` shows those that are still there.
enum class OnAffected : std::uint8_t { keep, notify, move };

/// A visit that is booked in the time of a leave.
struct Affected {
  AppointmentId appointment_id{};
  std::string number{};
  PatientId patient_id{};
  Instant start{};
  bool notified = false;
};

/// A leave, and what is booked in that time.
struct WithVisits {
  Leave leave{};
  std::vector<Affected>
      affected{};     ///< by their start, at most 500; what becomes of visits concerns those beyond as well
  bool more = false;  ///< whether there are more than are listed
};

/// Says that a doctor, room or device is away for a time. Where visits are to be moved, the leave names the job that does it, for `jobs.get`:
/// its `total` says how many there were, and `done` for how many it has looked.
/// Fails, first match wins: forbidden; not_found (no such doctor, room or device); invalid (`time.order`, `leave.too_long`); conflict
/// `conflict.id_reused`.
struct Add {
  using Output = WithVisits;
  std::optional<LeaveId> id{};
  Uuid resource_id{};
  Instant from{};
  Instant to{};
  std::string reason{};
  OnAffected on_affected = OnAffected::keep;

  static constexpr Operation operation{.name = "leaves.add",
                                       .method = Method::post,
                                       .path = "/schedules/{resource_id}/leaves",
                                       .permission = Permission::schedule_manage,
                                       .effect = Effect::write,
                                       .summary = "Add a leave to a calendar",
                                       .object = "leave",
                                       .status = 201};
};

/// A leave, and the visits that are booked in its time as things are now: for who manages that calendar.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = WithVisits;
  LeaveId id{};

  static constexpr Operation operation{.name = "leaves.get",
                                       .method = Method::get,
                                       .path = "/leaves/{id}",
                                       .permission = Permission::schedule_manage,
                                       .summary = "Read a leave and the visits that are booked then",
                                       .object = "leave"};
};

/// The leave of a calendar that ends after `since`, by its beginning.
/// Fails: forbidden; not_found.
struct List {
  using Output = Page<Leave>;
  Uuid resource_id{};
  std::optional<Instant> since{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "leaves.list",
                                       .method = Method::get,
                                       .path = "/schedules/{resource_id}/leaves",
                                       .permission = Permission::schedule_read,
                                       .summary = "List the leave in a calendar",
                                       .object = "leave"};
};

/// Removes a leave.
/// Fails, first match wins: forbidden; not_found.
struct Remove {
  using Output = Done;
  LeaveId id{};

  static constexpr Operation operation{.name = "leaves.remove",
                                       .method = Method::del,
                                       .path = "/leaves/{id}",
                                       .permission = Permission::schedule_manage,
                                       .effect = Effect::write,
                                       .summary = "Remove a leave",
                                       .object = "leave",
                                       .status = 204};
};

}  // namespace medflow::inline v1::leaves
