// The fields of schedules and leaves, and of their operations (entities.md, "Schedule").
#pragma once

#include "facilities/facilities.fields.hpp"
#include "medflow/fields.hpp"
#include "medflow/schedules.hpp"
#include "services/services.fields.hpp"

namespace medflow::inline v1::schedules::rule {

inline constexpr Rules id{.meaning = "The id of the doctor, room or device."};
inline constexpr Rules revision{.meaning = "The revision that this change is based on; also by If-Match."};
inline constexpr Rules kind{.meaning = "Whose calendar it is."};
inline constexpr Rules zone{.meaning = "The zone of its wall times; the facility's where absent."};
inline constexpr Rules windows{.items_max = 200, .meaning = "Opening hours by the week."};
inline constexpr Rules overrides{.items_max = 400, .meaning = "Days with other opening hours, or none."};
inline constexpr Rules rules{.items_max = 100, .meaning = "Rules that differ from the services' own."};
inline constexpr Rules start{.meaning = "When it begins."};
inline constexpr Rules end{.meaning = "When it ends: on the next day where that is not after its start."};
inline constexpr Rules facility_id{.meaning = "The facility."};
inline constexpr Rules services{.items_max = 100, .meaning = "Only these services; all where there are none."};
inline constexpr Rules capacity{
    .min = 1, .max = 100, .meaning = "How many patients at once, in place of the services' own."};

}  // namespace medflow::inline v1::schedules::rule

namespace medflow {

template <>
struct Words<schedules::RuleOrigin> {
  static constexpr std::string_view name = "RuleOrigin";
  static constexpr std::string_view words[] = {"service", "schedule", "schedule_service"};
};

template <>
struct Described<schedules::Window> {
  using T = schedules::Window;
  static constexpr std::string_view name = "Window";
  static constexpr Field fields[] = {
      field<&T::weekday>(1, "weekday", required, {.meaning = "The day on which it begins."}),
      field<&T::start>(2, "start", required, schedules::rule::start),
      field<&T::end>(3, "end", required, schedules::rule::end),
      field<&T::facility_id>(4, "facility_id", required, schedules::rule::facility_id),
      field<&T::services>(5, "services", none, schedules::rule::services),
      field<&T::valid_from>(6, "valid_from", none, {.meaning = "The first day on which it holds."}),
      field<&T::valid_to>(7, "valid_to", none, {.meaning = "The last day on which it holds."}),
      field<&T::every_n_weeks>(
          8, "every_n_weeks", none,
          {.min = 1, .max = 52, .meaning = "In every which week, from the week of valid_from; weeks begin on Monday."}),
      field<&T::capacity>(9, "capacity", none, schedules::rule::capacity)};
};

template <>
struct Described<schedules::DayWindow> {
  using T = schedules::DayWindow;
  static constexpr std::string_view name = "DayWindow";
  static constexpr Field fields[] = {field<&T::start>(1, "start", required, schedules::rule::start),
                                     field<&T::end>(2, "end", required, schedules::rule::end),
                                     field<&T::facility_id>(3, "facility_id", required, schedules::rule::facility_id),
                                     field<&T::services>(4, "services", none, schedules::rule::services),
                                     field<&T::capacity>(5, "capacity", none, schedules::rule::capacity)};
};

template <>
struct Described<schedules::Override> {
  using T = schedules::Override;
  static constexpr std::string_view name = "ScheduleOverride";
  static constexpr Field fields[] = {
      field<&T::date>(1, "date", required, {.meaning = "The day."}),
      field<&T::windows>(2, "windows", none, {.items_max = 20, .meaning = "Its opening hours; closed where none."}),
      field<&T::reason>(3, "reason", none, {.max = 200, .meaning = "Why, for colleagues; nothing about patients."})};
};

template <>
struct Described<schedules::ServiceRules> {
  using T = schedules::ServiceRules;
  static constexpr std::string_view name = "ServiceRules";
  static constexpr Field fields[] = {
      field<&T::service_id>(1, "service_id", none, {.meaning = "For this service; for all where absent."}),
      field<&T::duration_min>(2, "duration_min", none, services::rule::duration_min),
      field<&T::buffer_before_min>(3, "buffer_before_min", none, services::rule::buffer_before_min),
      field<&T::buffer_after_min>(4, "buffer_after_min", none, services::rule::buffer_after_min),
      field<&T::buffer_outside>(5, "buffer_outside", none, services::rule::buffer_outside),
      field<&T::step_min>(6, "step_min", none, services::rule::step_min),
      field<&T::capacity>(7, "capacity", none, services::rule::capacity),
      field<&T::min_lead_min>(8, "min_lead_min", none, services::rule::min_lead_min),
      field<&T::max_horizon_d>(9, "max_horizon_d", none, services::rule::max_horizon_d),
      field<&T::cancel_cutoff_min>(10, "cancel_cutoff_min", none, services::rule::cancel_cutoff_min),
      field<&T::approval>(11, "approval", none, services::rule::approval)};
};

template <>
struct Described<schedules::Schedule> {
  using T = schedules::Schedule;
  static constexpr std::string_view name = "Schedule";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, schedules::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::kind>(3, "kind", immutable, schedules::rule::kind),
      field<&T::zone>(4, "zone", none, schedules::rule::zone),
      field<&T::windows>(5, "windows", none, schedules::rule::windows),
      field<&T::overrides>(6, "overrides", none, schedules::rule::overrides),
      field<&T::rules>(7, "rules", none, schedules::rule::rules),
      field<&T::created_at>(8, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(9, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(10, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(11, "updated_by", none, {.meaning = "Who changed it last."})};
};

template <>
struct Described<schedules::Get> {
  using T = schedules::Get;
  static constexpr std::string_view name = "SchedulesGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, schedules::rule::id)};
};

template <>
struct Described<schedules::Set> {
  using T = schedules::Set;
  static constexpr std::string_view name = "SchedulesSet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, schedules::rule::id),
                                     field<&T::revision>(2, "revision", none, schedules::rule::revision),
                                     field<&T::kind>(3, "kind", none, schedules::rule::kind),
                                     field<&T::zone>(4, "zone", none, schedules::rule::zone),
                                     field<&T::windows>(5, "windows", none, schedules::rule::windows),
                                     field<&T::overrides>(6, "overrides", none, schedules::rule::overrides),
                                     field<&T::rules>(7, "rules", none, schedules::rule::rules)};
};

template <>
struct Described<schedules::EffectiveRule> {
  using T = schedules::EffectiveRule;
  static constexpr std::string_view name = "EffectiveRule";
  static constexpr Field fields[] = {
      field<&T::name>(1, "name", none, {.meaning = "The rule: a member of the service."}),
      field<&T::value>(2, "value", none, {.meaning = "Minutes, days or a count; 0 or 1 for no and yes."}),
      field<&T::origin>(3, "origin", none, {.meaning = "Who says so."})};
};

template <>
struct Described<schedules::EffectiveRules> {
  using T = schedules::EffectiveRules;
  static constexpr std::string_view name = "EffectiveRules";
  static constexpr Field fields[] = {field<&T::rules>(
      1, "rules", none, {.meaning = "The rules in force; one with several values has a row for each."})};
};

template <>
struct Described<schedules::GetEffective> {
  using T = schedules::GetEffective;
  static constexpr std::string_view name = "SchedulesGetEffective";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, schedules::rule::id),
                                     field<&T::service_id>(2, "service_id", required, services::rule::id)};
};

template <>
struct Described<leaves::Leave> {
  using T = leaves::Leave;
  static constexpr std::string_view name = "Leave";
  static constexpr std::string_view page_name = "LeavePage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "The leave's id."}),
      field<&T::revision>(2, "revision", none, {.meaning = "1: a leave is not changed, but removed."}),
      field<&T::kind>(3, "kind", immutable, schedules::rule::kind),
      field<&T::resource_id>(4, "resource_id", immutable, schedules::rule::id),
      field<&T::from>(5, "from", immutable, {.meaning = "When it begins."}),
      field<&T::to>(6, "to", immutable, {.meaning = "When it ends."}),
      // Why somebody is away may be about their health.
      field<&T::reason>(7, "reason", identity | immutable,
                        {.max = 500, .meaning = "Why; for those only who manage the calendar."}),
      field<&T::created_at>(8, "created_at", immutable, {.meaning = "When it was added."}),
      field<&T::created_by>(9, "created_by", immutable, {.meaning = "Who added it."}),
      field<&T::job_id>(10, "job_id", immutable, {.meaning = "The job that moves the visits of that time, if any."})};
};

template <>
struct Words<leaves::OnAffected> {
  static constexpr std::string_view name = "OnAffected";
  static constexpr std::string_view words[] = {"keep", "notify", "move"};
};

template <>
struct Described<leaves::Affected> {
  using T = leaves::Affected;
  static constexpr std::string_view name = "AffectedVisit";
  static constexpr Field fields[] = {
      field<&T::appointment_id>(1, "appointment_id", none, {.meaning = "The visit."}),
      field<&T::number>(2, "number", none, {.max = 20, .meaning = "Its number."}),
      field<&T::patient_id>(3, "patient_id", none, {.meaning = "Whose it is."}),
      field<&T::start>(4, "start", none, {.meaning = "When it begins."}),
      field<&T::notified>(5, "notified", none, {.meaning = "Whether the patient is told."})};
};

template <>
struct Described<leaves::WithVisits> {
  using T = leaves::WithVisits;
  static constexpr std::string_view name = "LeaveWithVisits";
  static constexpr Field fields[] = {
      field<&T::leave>(1, "leave", none, {.meaning = "The leave."}),
      field<&T::affected>(2, "affected", none, {.meaning = "Visits that are booked in that time, by their start."}),
      field<&T::more>(3, "more", none, {.meaning = "Whether there are more than these 500."})};
};

template <>
struct Described<leaves::Add> {
  using T = leaves::Add;
  static constexpr std::string_view name = "LeavesAdd";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, services::rule::own_id),
      field<&T::resource_id>(2, "resource_id", required, schedules::rule::id),
      field<&T::from>(3, "from", required, {.meaning = "When it begins."}),
      field<&T::to>(4, "to", required, {.meaning = "When it ends; at most 366 days later."}),
      field<&T::reason>(5, "reason", none, {.max = 500, .meaning = "Why; for those only who manage the calendar."}),
      field<&T::on_affected>(6, "on_affected", none, {.meaning = "What becomes of visits that are booked then."})};
};

template <>
struct Described<leaves::Get> {
  using T = leaves::Get;
  static constexpr std::string_view name = "LeavesGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "The leave's id."})};
};

template <>
struct Described<leaves::List> {
  using T = leaves::List;
  static constexpr std::string_view name = "LeavesList";
  static constexpr Field fields[] = {field<&T::resource_id>(1, "resource_id", required, schedules::rule::id),
                                     field<&T::since>(2, "since", none, {.meaning = "Only what ends after that."}),
                                     field<&T::limit>(3, "limit", none, services::rule::limit),
                                     field<&T::cursor>(4, "cursor", none, services::rule::cursor)};
};

template <>
struct Described<leaves::Remove> {
  using T = leaves::Remove;
  static constexpr std::string_view name = "LeavesRemove";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "The leave's id."})};
};

}  // namespace medflow
