// The fields of calendar feeds and of their operations.
#pragma once

#include "medflow/calendars.hpp"
#include "medflow/fields.hpp"

namespace medflow::inline v1::calendars::rule {

inline constexpr Rules id{.meaning = "The feed's id."};
inline constexpr Rules token{.min = 1, .max = 100, .text = TextRule::ascii, .meaning = "The token of the feed."};
inline constexpr Rules limit{.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."};
inline constexpr Rules cursor{
    .max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."};

}  // namespace medflow::inline v1::calendars::rule

namespace medflow {

template <>
struct Described<calendars::Feed> {
  using T = calendars::Feed;
  static constexpr std::string_view name = "Feed";
  static constexpr std::string_view page_name = "FeedPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, calendars::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::user_id>(3, "user_id", immutable, {.meaning = "Whose feed it is."}),
      field<&T::practitioner_id>(4, "practitioner_id", immutable, {.meaning = "The doctor whose calendar it is."}),
      field<&T::patient_id>(5, "patient_id", immutable, {.meaning = "The patient whose visits it shows."}),
      field<&T::revoked_at>(6, "revoked_at", none, {.meaning = "When it was ended."}),
      field<&T::created_at>(7, "created_at", immutable, {.meaning = "When it was made."})};
};

template <>
struct Described<calendars::NewFeed> {
  using T = calendars::NewFeed;
  static constexpr std::string_view name = "NewFeed";
  static constexpr Field fields[] = {
      field<&T::feed>(1, "feed", none, {.meaning = "The feed."}),
      field<&T::token>(2, "token", none, {.max = 100, .meaning = "Opens the feed; shown once."})};
};

template <>
struct Described<calendars::CreateFeed> {
  static constexpr std::string_view name = "CalendarsCreateFeed";
  static constexpr std::span<const Field> fields{};
};

template <>
struct Described<calendars::ListFeeds> {
  using T = calendars::ListFeeds;
  static constexpr std::string_view name = "CalendarsListFeeds";
  static constexpr Field fields[] = {field<&T::limit>(1, "limit", none, calendars::rule::limit),
                                     field<&T::cursor>(2, "cursor", none, calendars::rule::cursor)};
};

template <>
struct Described<calendars::RevokeFeed> {
  using T = calendars::RevokeFeed;
  static constexpr std::string_view name = "CalendarsRevokeFeed";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, calendars::rule::id)};
};

template <>
struct Described<calendars::ReadFeed> {
  using T = calendars::ReadFeed;
  static constexpr std::string_view name = "CalendarsReadFeed";
  static constexpr Field fields[] = {field<&T::token>(1, "token", required, calendars::rule::token)};
};

}  // namespace medflow
