// Calendar feeds: one's own visits for a calendar program, as iCalendar (RFC 5545), without anything about a patient (APT-19).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/operation.hpp"
#include "medflow/stream.hpp"

namespace medflow::inline v1::calendars {

/// A feed: whoever has its token reads when its owner has visits, and where, and nothing else.
struct Feed {
  FeedId id{};
  std::uint64_t revision = 0;
  UserId user_id{};
  std::optional<PractitionerId> practitioner_id{};  ///< whose calendar: of the doctor that the user is,
  std::optional<PatientId> patient_id{};            ///< or of the patient
  std::optional<Instant> revoked_at{};
  Instant created_at{};
};

struct NewFeed {
  Feed feed{};
  std::string token{};  ///< 256 bits, shown once
};

/// Makes a feed of one's own calendar: of the doctor or the patient that the account is. At most ten at once.
/// Fails, first match wins: forbidden (an account that is neither); conflict `feed.too_many`.
struct CreateFeed {
  using Output = NewFeed;

  static constexpr Operation operation{.name = "calendars.create_feed",
                                       .method = Method::post,
                                       .path = "/calendars/feeds",
                                       .permission = Permission::profile_manage,
                                       .effect = Effect::write,
                                       .summary = "Make a feed of one's own calendar",
                                       .object = "feed",
                                       .status = 201};
};

/// One's own feeds.
/// Fails: forbidden.
struct ListFeeds {
  using Output = Page<Feed>;
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "calendars.list_feeds",
                                       .method = Method::get,
                                       .path = "/calendars/feeds",
                                       .permission = Permission::profile_manage,
                                       .summary = "List the feeds of one's own calendar",
                                       .object = "feed"};
};

/// Ends a feed: its token is good for nothing from then on.
/// Fails, first match wins: forbidden; not_found.
struct RevokeFeed {
  using Output = Done;
  FeedId id{};

  static constexpr Operation operation{.name = "calendars.revoke_feed",
                                       .method = Method::del,
                                       .path = "/calendars/feeds/{id}",
                                       .permission = Permission::profile_manage,
                                       .effect = Effect::write,
                                       .summary = "End a feed of one's own calendar",
                                       .object = "feed",
                                       .status = 204};
};

/// The feed itself, text/calendar: visits from 30 days ago to a year ahead. Each has a UID that stays, and a SEQUENCE that rises when it is moved.
/// Calendar programs send no header of ours, so over HTTP the tenant may also be named in the query: `GET
/// /api/v1/calendars/{token}?tenant=saint-mary`.
/// Fails: not_found (no such token, one that was revoked, or whose owner may not sign in or is not that doctor or patient any more).
struct ReadFeed {
  using Output = Stream;
  std::string token{};

  static constexpr Operation operation{.name = "calendars.read_feed",
                                       .method = Method::get,
                                       .path = "/calendars/{token}",
                                       .permission = Permission::anonymous,
                                       .summary = "Read a calendar feed",
                                       .object = "feed"};
};

}  // namespace medflow::inline v1::calendars
