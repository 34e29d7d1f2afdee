#include "calendars/entities.hpp"
#include "crypto/token.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"

namespace medflow::inline v1::calendars {

using kernel::Rows;
using kernel::Work;
using storage::Cell;

namespace {

constexpr std::size_t feeds_max = 10;

/// The caller's feeds that have not been ended.
std::size_t open_feeds(Work& work) {
  std::size_t count = 0;
  const Cell equal[] = {Cell::bytes(work.actor().user.uuid.view())};
  Rows<Feed>(work).scan({.index = "feeds_user", .equal = equal}, [&](const Feed& feed) {
    if (!feed.revoked_at) ++count;
    return count < feeds_max;
  });
  return count;
}

}  // namespace

NewFeed handle(Work& work, const CreateFeed&) {
  const kernel::Actor& actor = work.actor();
  if (!actor.practitioner_id && !actor.patient_id) throw Failure(codes::forbidden);
  if (open_feeds(work) >= feeds_max) throw Failure(feed_too_many);
  Feed feed{.id = work.make_id<FeedId>(), .user_id = actor.user, .practitioner_id = actor.practitioner_id};
  if (!feed.practitioner_id) {
    feed.patient_id = actor.patient_id;
    work.concerns(*feed.patient_id);
  }
  crypto::OpaqueToken token = crypto::make_opaque_token(work.store().rng());
  const Cell extras[] = {Cell::bytes(crypto::text_of(token.hash))};
  Rows<Feed>(work).insert(feed, extras);
  return {.feed = feed, .token = std::move(token.text)};
}

Page<Feed> handle(Work& work, const ListFeeds& request) {
  const Cell equal[] = {Cell::bytes(work.actor().user.uuid.view())};
  return kernel::page_by_id<Feed>(work, request.limit, request.cursor, "", [](const Feed&) { return true; },
                                  {.scan = {.index = "feeds_user", .equal = equal}});
}

Done handle(Work& work, const RevokeFeed& request) {
  Rows<Feed> rows(work);
  Feed feed = rows.get(request.id);
  if (feed.revoked_at) return {};
  feed.revoked_at = work.now();
  const Cell extras[] = {Cell::null()};
  rows.update(feed, feed.revision, extras);
  return {};
}

}  // namespace medflow::inline v1::calendars

MEDFLOW_HANDLE(medflow::calendars::CreateFeed);
MEDFLOW_HANDLE(medflow::calendars::ListFeeds);
MEDFLOW_HANDLE(medflow::calendars::RevokeFeed);
