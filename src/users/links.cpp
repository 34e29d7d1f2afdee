#include "users/links.hpp"

#include <vector>

#include "crypto/token.hpp"

namespace medflow::inline v1::users {
namespace {

using kernel::Rows;
using kernel::Work;
using storage::Cell;

constexpr std::int64_t kept_s = 24 * 60 * 60;

}  // namespace

std::string make_link(Work& work, StoredLink& link) {
  crypto::OpaqueToken token = crypto::make_opaque_token(work.store().rng());
  link.id = work.make_id<LinkId>();
  const Cell extras[] = {Cell::bytes(crypto::text_of(token.hash))};
  Rows<StoredLink>(work).insert(link, extras);
  return std::move(token.text);
}

std::optional<StoredLink> find_link(Work& work, const std::optional<crypto::Digest>& token, LinkPurpose purpose) {
  std::optional<StoredLink> found;
  if (!token) return found;
  const Cell equal[] = {Cell::bytes(crypto::text_of(*token))};
  Rows<StoredLink>(work).scan({.index = "links_token", .equal = equal, .limit = 1}, [&](StoredLink link) {
    if (link.purpose == purpose && !link.user_id.is_nil() && work.now() < link.expires_at) found = std::move(link);
    return false;
  });
  return found;
}

void end_links(Work& work, UserId user) {
  Rows<StoredLink> rows(work);
  std::vector<StoredLink> found;
  const Cell equal[] = {Cell::bytes(user.uuid.view())};
  rows.scan({.index = "links_user", .equal = equal}, [&](StoredLink link) {
    found.push_back(std::move(link));
    return true;
  });
  for (const StoredLink& link : found) rows.remove(link.id, link.revision);
}

void expire_links(Work& work, std::size_t max) {
  Rows<StoredLink> rows(work);
  std::vector<StoredLink> found;
  rows.scan({.index = "links_end", .to = Cell::of(work.now().plus_s(-kept_s).us), .limit = max}, [&](StoredLink link) {
    found.push_back(std::move(link));
    return true;
  });
  for (const StoredLink& link : found) rows.remove(link.id, link.revision);
}

}  // namespace medflow::inline v1::users

namespace medflow::inline v1::storage {
namespace {

constexpr Column extras[] = {{.name = "token_hash", .kind = CellKind::bytes, .meaning = "hash of the link's token"}};
constexpr std::string_view token_columns[] = {"token_hash"};
constexpr std::string_view user_columns[] = {"user_id"};
constexpr std::string_view end_columns[] = {"expires_at"};
constexpr EntityIndex indexes[] = {{.name = "links_token", .columns = token_columns, .unique = true},
                                   {.name = "links_user", .columns = user_columns},
                                   {.name = "links_end", .columns = end_columns}};

}  // namespace

const Entity Stored<users::StoredLink>::entity{.id = 18,
                                               .name = "one_time_links",
                                               .meaning = "links to reset a password or to confirm a registration",
                                               .type = &type_of<users::StoredLink>,
                                               .extras = extras,
                                               .indexes = indexes};

}  // namespace medflow::inline v1::storage
