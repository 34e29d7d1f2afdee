// Series: visits that come again by a rule (RFC 5545 section 3.3.10).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/appointments.hpp"

namespace medflow::inline v1::series {

/// What becomes of a series of which some visits cannot be booked.
enum class SeriesPolicy : std::uint8_t {
  all_or_nothing,  ///< nothing is booked
  skip,            ///< the others are
  report_only,     ///< nothing is booked in any case: it is only said what could be
};

/// Which visits of a series a change is about. Those that have begun, or are past, are never changed.
enum class SeriesScope : std::uint8_t { only_this, this_and_following, all_future };

/// A series as it was booked. Its visits are appointments with its id, which say where they are by now.
struct Series {
  SeriesId id{};
  std::uint64_t revision = 0;
  PatientId patient_id{};
  ServiceId service_id{};
  std::vector<appointments::Participant> resources{};
  std::string rrule{};  ///< without "RRULE:"
  LocalDateTime wall_start{};
  Zone zone{};
  std::vector<LocalDateTime> exdates{};
  SeriesPolicy policy = SeriesPolicy::all_or_nothing;
  std::uint32_t count = 0;  ///< how many visits were booked; it never grows
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// One visit of a series: where it is, and what was in its way.
struct Occurrence {
  std::uint32_t index = 0;  ///< from 1; stays with the visit when it is moved
  LocalDateTime wall_start{};
  Instant start{};
  std::optional<AppointmentId> appointment_id{};  ///< none: not booked
  std::optional<appointments::AppointmentStatus> status{};
  std::vector<appointments::ConflictKind> conflicts{};
};

struct SeriesReport {
  std::optional<Series> series{};  ///< none: nothing was booked
  std::vector<Occurrence> occurrences{};
  std::vector<LocalDateTime> skipped{};  ///< when it is booked: wall times that do not exist, which are not counted
};

/// Books a series: FREQ=DAILY, WEEKLY or MONTHLY with INTERVAL, BYDAY, BYMONTHDAY, and COUNT (at most 104) or UNTIL (at most 24 months). Each visit is
/// checked as by `appointments.book`.
/// Fails, first match wins: forbidden; invalid (`recurrence.*`, `series.empty`, and as `appointments.book`); conflict `series.conflicts`, with the
/// index of each visit that cannot be booked, where all or nothing was asked for.
struct Book {
  using Output = SeriesReport;
  PatientId patient_id{};
  ServiceId service_id{};
  std::vector<appointments::Participant> resources{};
  LocalDateTime wall_start{};
  std::string rrule{};
  std::vector<LocalDateTime> exdates{};
  SeriesPolicy policy = SeriesPolicy::all_or_nothing;
  appointments::Priority priority = appointments::Priority::routine;
  appointments::VisitChannel channel = appointments::VisitChannel::in_person;
  std::string reason{};
  std::string notes{};
  bool override = false;
  std::string override_reason{};

  static constexpr Operation operation{.name = "series.book",
                                       .method = Method::post,
                                       .path = "/series",
                                       .permission = Permission::appointment_book,
                                       .effect = Effect::write,
                                       .summary = "Book a series of appointments",
                                       .object = "series",
                                       .status = 201};
};

/// A series with those of its visits that the caller may read.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = SeriesReport;
  SeriesId id{};

  static constexpr Operation operation{.name = "series.get",
                                       .method = Method::get,
                                       .path = "/series/{id}",
                                       .permission = Permission::appointment_read,
                                       .summary = "Read a series of appointments",
                                       .object = "series"};
};

/// Moves visits of a series: by so many days, to another time of day, or to other doctors, rooms and devices; all of them or none. It is about
/// those that are booked and still to come; after the cutoff of one of them as `appointments.reschedule`.
/// Fails, first match wins: forbidden; not_found; precondition_required; conflict `conflict.revision`; invalid (`series.no_visit`,
/// `time.nonexistent`); conflict `transition.illegal` (nothing is left to move), `cancel.too_late`, `reschedule.too_many`; invalid
/// `reason.required`; conflict `series.conflicts`.
struct Reschedule {
  using Output = SeriesReport;
  SeriesId id{};
  std::optional<std::uint64_t> revision{};
  SeriesScope scope = SeriesScope::all_future;
  std::optional<std::uint32_t> from_index{};  ///< the visit, with `only_this` and `this_and_following`
  std::int32_t shift_days = 0;                ///< -366 to 366
  std::optional<TimeOfDay> time{};
  std::vector<appointments::Participant> resources{};  ///< none: as they are
  bool override = false;
  std::string override_reason{};

  static constexpr Operation operation{.name = "series.reschedule",
                                       .method = Method::post,
                                       .path = "/series/{id}/reschedule",
                                       .permission = Permission::appointment_reschedule,
                                       .effect = Effect::write,
                                       .summary = "Move visits of a series",
                                       .object = "series"};
};

/// Cancels visits of a series: those that are requested or booked, and still to come; each as by `appointments.cancel`.
/// A request among them is declined or withdrawn, where the code says neither.
/// Fails, first match wins: forbidden; not_found; invalid `series.no_visit`; conflict `transition.illegal` (nothing is left to cancel); invalid
/// `enum.unknown`; conflict `cancel.too_late`; invalid `reason.required`.
struct Cancel {
  using Output = SeriesReport;
  SeriesId id{};
  SeriesScope scope = SeriesScope::all_future;
  std::optional<std::uint32_t> from_index{};
  std::string reason{};
  std::string reason_code{};

  static constexpr Operation operation{.name = "series.cancel",
                                       .method = Method::post,
                                       .path = "/series/{id}/cancel",
                                       .permission = Permission::appointment_cancel,
                                       .effect = Effect::write,
                                       .summary = "Cancel visits of a series",
                                       .object = "series"};
};

}  // namespace medflow::inline v1::series
