#include "users/following.hpp"

#include <algorithm>

#include "tenants/entities.hpp"
#include "users/accounts.hpp"
#include "users/role_entities.hpp"
#include "users/session_rows.hpp"

namespace medflow::inline v1::users {
namespace {

using kernel::RowChange;
using kernel::Store;

void follow_session(Store& store, storage::Transaction& transaction, const SessionId& id) {
  const auto live = store.sessions().find(id);
  if (!live) return;
  const auto row = kernel::plain_row<StoredSession>(store, transaction, id.uuid);
  if (!row || row->revoked_at) return store.sessions().end(id);
  live->used_elsewhere(row->last_used_at);
}

/// What a host's identity may do, the host says each time; whether it may at all, its account does.
bool may_go_on(const Store& store, const kernel::Actor& actor, const std::optional<StoredUser>& user) {
  return user && may_sign_in(store, *user) && (actor.of_host() || still_is(*user, actor));
}

void follow_users(Store& store, storage::Transaction& transaction, std::span<const Uuid> changed) {
  if (changed.empty()) return;
  for (const auto& [id, live] : store.sessions().all()) {
    const kernel::Actor& actor = live->actor();
    if (!std::binary_search(changed.begin(), changed.end(), actor.user.uuid)) continue;
    if (!may_go_on(store, actor, kernel::plain_row<StoredUser>(store, transaction, actor.user.uuid)))
      store.sessions().end(id);
  }
}

}  // namespace

void follow_rows(Store& store, storage::Transaction& transaction, std::span<const RowChange> changes) {
  for (const Uuid& id : kernel::ids_of(changes, storage::layout_of<StoredSession>()))
    follow_session(store, transaction, {id});
  follow_users(store, transaction, kernel::ids_of(changes, storage::layout_of<StoredUser>()));
  for (const Uuid& id : kernel::ids_of(changes, storage::layout_of<roles::StoredRole>()))
    store.sessions().end_role({id});  // read anew, with what the role holds now
  for (const Uuid& id : kernel::ids_of(changes, storage::layout_of<settings::SettingsRow>()))
    if (const auto row = kernel::plain_row<settings::SettingsRow>(store, transaction, id))
      apply_settings(store, row->settings);
}

}  // namespace medflow::inline v1::users
