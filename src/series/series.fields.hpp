// The fields of series and of their operations (entities.md, "Series").
#pragma once

#include "appointments/appointments.fields.hpp"
#include "medflow/series.hpp"

namespace medflow::inline v1::series::rule {

inline constexpr Rules id{.meaning = "The series' id."};
inline constexpr Rules rrule{.min = 1,
                             .max = 500,
                             .text = TextRule::ascii,
                             .meaning = "When they come again (RFC 5545): FREQ=WEEKLY;BYDAY=TU;COUNT=6."};
inline constexpr Rules wall_start{.meaning = "When the first begins, as the clock shows it there."};
inline constexpr Rules exdates{.items_max = 104, .meaning = "Wall times that are left out; COUNT counts them."};
inline constexpr Rules policy{.meaning = "What becomes of it where some visits cannot be booked."};
inline constexpr Rules scope{.meaning = "Which of its visits."};
inline constexpr Rules from_index{.min = 1, .max = 1000, .meaning = "The visit, for only_this and this_and_following."};

}  // namespace medflow::inline v1::series::rule

namespace medflow {

template <>
struct Words<series::SeriesPolicy> {
  static constexpr std::string_view name = "SeriesPolicy";
  static constexpr std::string_view words[] = {"all_or_nothing", "skip", "report_only"};
};

template <>
struct Words<series::SeriesScope> {
  static constexpr std::string_view name = "SeriesScope";
  static constexpr std::string_view words[] = {"only_this", "this_and_following", "all_future"};
};

template <>
struct Described<series::Series> {
  using T = series::Series;
  static constexpr std::string_view name = "Series";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, series::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::patient_id>(3, "patient_id", immutable, appointments::rule::patient_id),
      field<&T::service_id>(4, "service_id", immutable, appointments::rule::service_id),
      field<&T::resources>(5, "resources", immutable, appointments::rule::participants),
      field<&T::rrule>(6, "rrule", immutable, series::rule::rrule),
      field<&T::wall_start>(7, "wall_start", immutable, series::rule::wall_start),
      field<&T::zone>(8, "zone", immutable, {.meaning = "The time zone of its wall times."}),
      field<&T::exdates>(9, "exdates", immutable, series::rule::exdates),
      field<&T::policy>(10, "policy", immutable, series::rule::policy),
      field<&T::count>(11, "count", immutable, {.meaning = "How many visits were booked."}),
      field<&T::created_at>(12, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(13, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(14, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(15, "updated_by", none, {.meaning = "Who changed it last."})};
};

template <>
struct Described<series::Occurrence> {
  using T = series::Occurrence;
  static constexpr std::string_view name = "SeriesOccurrence";
  static constexpr Field fields[] = {
      field<&T::index>(1, "index", none, {.meaning = "Which of the series it is, from 1."}),
      field<&T::wall_start>(2, "wall_start", none, {.meaning = "What the clock shows there at the start."}),
      field<&T::start>(3, "start", none, {.meaning = "When it begins."}),
      field<&T::appointment_id>(4, "appointment_id", none, {.meaning = "The appointment; absent if it is not booked."}),
      field<&T::status>(5, "status", none, {.meaning = "How far the appointment has come."}),
      field<&T::conflicts>(6, "conflicts", none, {.meaning = "What is in its way."})};
};

template <>
struct Described<series::SeriesReport> {
  using T = series::SeriesReport;
  static constexpr std::string_view name = "SeriesReport";
  static constexpr Field fields[] = {
      field<&T::series>(1, "series", none, {.meaning = "The series; absent if nothing was booked."}),
      field<&T::occurrences>(2, "occurrences", none, {.meaning = "Its visits, by their index."}),
      field<&T::skipped>(3, "skipped", none, {.meaning = "Wall times that do not exist; they are not counted."})};
};

template <>
struct Described<series::Book> {
  using T = series::Book;
  static constexpr std::string_view name = "SeriesBook";
  static constexpr Field fields[] = {
      field<&T::patient_id>(1, "patient_id", required, appointments::rule::patient_id),
      field<&T::service_id>(2, "service_id", required, appointments::rule::service_id),
      field<&T::resources>(3, "resources", none, appointments::rule::participants),
      field<&T::wall_start>(4, "wall_start", required, series::rule::wall_start),
      field<&T::rrule>(5, "rrule", required, series::rule::rrule),
      field<&T::exdates>(6, "exdates", none, series::rule::exdates),
      field<&T::policy>(7, "policy", none, series::rule::policy),
      field<&T::priority>(8, "priority", none, appointments::rule::priority),
      field<&T::channel>(9, "channel", none, appointments::rule::channel),
      field<&T::reason>(10, "reason", phi, appointments::rule::reason),
      field<&T::notes>(11, "notes", phi, appointments::rule::notes),
      field<&T::override>(12, "override", none, appointments::rule::override),
      field<&T::override_reason>(13, "override_reason", phi, appointments::rule::override_reason)};
};

template <>
struct Described<series::Get> {
  using T = series::Get;
  static constexpr std::string_view name = "SeriesGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, series::rule::id)};
};

template <>
struct Described<series::Reschedule> {
  using T = series::Reschedule;
  static constexpr std::string_view name = "SeriesReschedule";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, series::rule::id),
      field<&T::revision>(2, "revision", none, appointments::rule::revision),
      field<&T::scope>(3, "scope", none, series::rule::scope),
      field<&T::from_index>(4, "from_index", none, series::rule::from_index),
      field<&T::shift_days>(5, "shift_days", none,
                            {.min = -366, .max = 366, .meaning = "By so many days, -366 to 366."}),
      field<&T::time>(6, "time", none, {.meaning = "To this time of day."}),
      field<&T::resources>(7, "resources", none, appointments::rule::participants),
      field<&T::override>(8, "override", none, appointments::rule::override),
      field<&T::override_reason>(9, "override_reason", phi, appointments::rule::override_reason)};
};

template <>
struct Described<series::Cancel> {
  using T = series::Cancel;
  static constexpr std::string_view name = "SeriesCancel";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, series::rule::id),
                                     field<&T::scope>(2, "scope", none, series::rule::scope),
                                     field<&T::from_index>(3, "from_index", none, series::rule::from_index),
                                     field<&T::reason>(4, "reason", phi | header, appointments::rule::why),
                                     field<&T::reason_code>(5, "reason_code", header, appointments::rule::why_code)};
};

}  // namespace medflow
