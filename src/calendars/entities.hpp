// What is stored of calendar feeds: of a token only its hash, and that only until the feed is ended.
#pragma once

#include "calendars/calendars.fields.hpp"
#include "kernel/rows.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::calendars {

inline constexpr Code feed_too_many{"feed.too_many", Errc::conflict, "This account has as many feeds as it may."};

}  // namespace medflow::inline v1::calendars

namespace medflow::kernel {

/// One's own; and whoever comes without a session has a token, which is looked for before anything is shown.
template <>
struct Reach<calendars::Feed> {
  static bool reaches(const Work& work, const calendars::Feed& feed) {
    return work.permission() == Permission::anonymous || feed.user_id == work.actor().user;
  }
  static bool hidden(const calendars::Feed&) { return false; }
  static std::uint32_t classes(const Work& work, const calendars::Feed&) { return work.classes(); }
};

}  // namespace medflow::kernel

namespace medflow::inline v1::storage {

template <>
struct Stored<calendars::Feed> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
