#include "users/tables.hpp"

#include "messages/outbox.hpp"
#include "users/entities.hpp"
#include "users/role_entities.hpp"
#include "users/throttles.hpp"

namespace medflow::inline v1::storage {
namespace {

// In the order of how often they change: an update gives the first ones and leaves the rest as they are.
constexpr Column user_extras[] = {
    {.name = "admin",
     .kind = CellKind::integer,
     .nullable = true,
     .meaning = "of an administrator: 1 active, 0 not; else null"},
    {.name = "email_token", .kind = CellKind::bytes, .nullable = true, .meaning = "exact-match token of the address"},
    {.name = "invitation_hash",
     .kind = CellKind::bytes,
     .nullable = true,
     .meaning = "hash of the token of an open invitation"},
    {.name = "identity_token",
     .kind = CellKind::bytes,
     .nullable = true,
     .meaning = "exact-match token of issuer and subject"}};
constexpr std::string_view admin_columns[] = {"admin"};
constexpr std::string_view email_columns[] = {"email_token"};
constexpr std::string_view invitation_columns[] = {"invitation_hash"};
constexpr std::string_view identity_columns[] = {"identity_token"};
constexpr EntityIndex user_indexes[] = {
    {.name = "users_admin", .columns = admin_columns},
    {.name = "users_email", .columns = email_columns, .unique = true, .code = &users::user_exists},
    {.name = "users_invitation", .columns = invitation_columns, .unique = true, .sparse = true},
    {.name = "users_identity", .columns = identity_columns, .unique = true, .sparse = true}};

constexpr Column session_extras[] = {
    {.name = "live_user_id", .kind = CellKind::bytes, .nullable = true, .meaning = "the user, until the session ends"},
    {.name = "refresh_hash",
     .kind = CellKind::bytes,
     .nullable = true,
     .meaning = "hash of the present refresh token"}};
constexpr std::string_view live_columns[] = {"live_user_id"};
constexpr std::string_view refresh_columns[] = {"refresh_hash"};
constexpr std::string_view session_end_columns[] = {"expires_at"};
constexpr EntityIndex session_indexes[] = {
    {.name = "sessions_live", .columns = live_columns},
    {.name = "sessions_refresh", .columns = refresh_columns, .unique = true, .sparse = true},
    {.name = "sessions_end", .columns = session_end_columns}};

}  // namespace

const Entity Stored<users::StoredUser>::entity{.id = 14,
                                               .name = "users",
                                               .meaning = "who can sign in",
                                               .type = &type_of<users::StoredUser>,
                                               .extras = user_extras,
                                               .indexes = user_indexes};
const Entity Stored<users::StoredActivity>::entity{
    .id = 19, .name = "user_activity", .meaning = "when users last signed in", .type = &type_of<users::StoredActivity>};
const Entity Stored<users::StoredSession>::entity{.id = 15,
                                                  .name = "sessions",
                                                  .meaning = "who has signed in, and until when",
                                                  .type = &type_of<users::StoredSession>,
                                                  .extras = session_extras,
                                                  .indexes = session_indexes};
const Entity Stored<roles::StoredRole>::entity{
    .id = 30, .name = "roles", .meaning = "roles of the tenant's own", .type = &type_of<roles::StoredRole>};
const Entity Stored<roles::Proposal>::entity{.id = 31,
                                             .name = "role_proposals",
                                             .meaning = "changes of roles that a second administrator decides",
                                             .type = &type_of<roles::Proposal>};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::users {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<StoredUser>().table(),
                                              &storage::layout_of<StoredActivity>().table(),
                                              &storage::layout_of<StoredSession>().table(),
                                              &used_tokens_table,
                                              &storage::layout_of<StoredThrottle>().table(),
                                              &storage::layout_of<StoredLink>().table(),
                                              &storage::layout_of<roles::StoredRole>().table(),
                                              &storage::layout_of<roles::Proposal>().table(),
                                              &storage::layout_of<messages::StoredMessage>().table()};
  return all;
}

}  // namespace medflow::inline v1::users
