#include <algorithm>
#include <cstring>
#include <memory>

#include "appointments/entities.hpp"
#include "calendars/entities.hpp"
#include "crypto/token.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "kernel/paging.hpp"
#include "tenants/facts.hpp"
#include "time/icalendar.hpp"
#include "users/accounts.hpp"

namespace medflow::inline v1::calendars {

using appointments::Appointment;
using appointments::AppointmentStatus;
using kernel::Outside;
using kernel::Rows;
using kernel::Work;
using storage::Cell;
using times::CalendarEvent;
using times::EventStatus;

namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t days_back = 30;
constexpr std::int64_t days_ahead = 366;
constexpr std::size_t visits_max = 5'000;  ///< the first of them, by their start

using TokenHash = std::optional<crypto::Digest>;

std::optional<Feed> find_feed(Work& work, const TokenHash& token) {
  std::optional<Feed> found;
  if (!token) return found;
  const Cell equal[] = {Cell::bytes(crypto::text_of(*token))};
  Rows<Feed>(work).scan({.index = "feeds_token", .equal = equal, .limit = 1}, [&](Feed feed) {
    if (!feed.revoked_at) found = feed;
    return false;
  });
  return found;
}

/// Whether its owner may still sign in, and still is whose calendar it shows.
bool has_owner(Work& work, const Feed& feed) {
  const auto owner = Rows<users::StoredUser>(work).find_unchecked(feed.user_id, 0);
  if (!owner || !users::may_sign_in(work.store(), *owner)) return false;
  return feed.practitioner_id ? owner->practitioner_id == feed.practitioner_id : owner->patient_id == feed.patient_id;
}

/// The visits in a calendar around now, by their start. Nothing that is sealed is opened of them.
std::vector<Appointment> visits_of(Work& work, const Uuid& calendar) {
  std::vector<AppointmentId> ids;
  const Cell equal[] = {Cell::bytes(calendar.view())};
  const storage::Scan around{.table = &appointments::claims_table,
                             .equal = equal,
                             .from = Cell::of(work.now().plus_s(-days_back * day_s).us),
                             .to = Cell::of(work.now().plus_s(days_ahead * day_s).us),
                             .limit = visits_max};
  work.transaction().scan(around, [&](storage::RowView row) {
    ids.push_back(AppointmentId{kernel::id_in(row[2].data)});
    return true;
  });
  return Rows<Appointment>(work).get_many_unchecked(ids, 0);
}

/// Nothing where it is left out.
std::optional<EventStatus> shown_as(const Appointment& visit, Instant now) {
  switch (visit.status) {
    case AppointmentStatus::requested:
      return EventStatus::tentative;
    case AppointmentStatus::held:
      return appointments::has_expired(visit, now) ? std::nullopt : std::optional(EventStatus::tentative);
    case AppointmentStatus::booked:
    case AppointmentStatus::arrived:
    case AppointmentStatus::in_progress:
    case AppointmentStatus::completed:
      return EventStatus::confirmed;
    case AppointmentStatus::cancelled:
      return EventStatus::cancelled;
    case AppointmentStatus::no_show:
    case AppointmentStatus::entered_in_error:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string text_of(Work& work, const Feed& feed) {
  std::vector<CalendarEvent> events;
  for (const Appointment& visit :
       visits_of(work, feed.practitioner_id ? feed.practitioner_id->uuid : feed.patient_id->uuid)) {
    const auto status = shown_as(visit, work.now());
    if (!status) continue;
    const facilities::Facility* place = tenants::facility_of(work, visit.facility_id);
    events.push_back({.uid = visit.id.text() + "@medflow",
                      .sequence = static_cast<std::uint32_t>(visit.revision - 1),  // which only rises
                      .stamp = visit.updated_at,
                      .start = visit.start,
                      .end = visit.end,
                      .status = *status,
                      .summary = "Appointment",
                      .location = place != nullptr ? place->name : std::string(),
                      .last_modified = visit.updated_at});
  }
  work.event().count = static_cast<std::uint32_t>(events.size());
  return times::calendar_text(events);
}

Pull pulled_from(std::string text) {
  return [text = std::make_shared<const std::string>(std::move(text)),
          sent = std::size_t{0}](std::span<std::byte> out) mutable -> Result<std::size_t> {
    const std::size_t n = std::min(out.size(), text->size() - sent);
    std::memcpy(out.data(), text->data() + sent, n);
    sent += n;
    return n;
  };
}

}  // namespace

/// A tenant that is not there answers as a token that is not there.
TokenHash prepare(Outside& outside, const ReadFeed& request) {
  if (outside.store() == nullptr) outside.refuse_nowhere(Failure(codes::not_found));
  return crypto::opaque_token_hash(request.token);
}

bool prepares_quickly(const kernel::Store&, const ReadFeed&) { return true; }

Stream handle(Work& work, const ReadFeed&, const TokenHash& token) {
  const auto feed = find_feed(work, token);
  if (!feed || !has_owner(work, *feed)) throw Failure(codes::not_found);
  work.about(feed->id.uuid);
  work.event().table = Rows<Feed>::layout().table().id;
  work.event().on_behalf_of = feed->user_id.uuid;
  if (feed->patient_id) work.concerns(*feed->patient_id);
  return {.media_type = "text/calendar; charset=utf-8",
          .file_name = "calendar.ics",
          .pull = pulled_from(text_of(work, *feed))};
}

}  // namespace medflow::inline v1::calendars

MEDFLOW_HANDLE(medflow::calendars::ReadFeed);
