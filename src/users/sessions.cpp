#include "users/sessions.hpp"

#include <algorithm>
#include <cstring>

#include "crypto/hash.hpp"
#include "kernel/codes.hpp"
#include "kernel/outside.hpp"
#include "kernel/validate.hpp"
#include "storage/block_codec.hpp"
#include "tenants/entities.hpp"
#include "users/accounts.hpp"
#include "users/custom_roles.hpp"
#include "users/session_rows.hpp"

namespace medflow::inline v1::users {
namespace {

using kernel::Outside;
using kernel::PlatformState;
using kernel::Rows;
using kernel::SessionState;
using kernel::Store;
using kernel::Work;

/// What a host's sign-in is called in the audit log; no operation, since a host asks for it by a function of the Platform.
constexpr Operation host_operation{.name = "session.host",
                                   .permission = Permission::user_manage,
                                   .effect = Effect::write,
                                   .summary = "Sign a host's identity in",
                                   .object = "user"};
constexpr OperationRow host_row{.operation = &host_operation};

/// Changes of the rows while they are read are met by reading them again; so often in a row they do not change.
constexpr int attempts_max = 8;

using CustomRoles = std::vector<roles::StoredRole>;

std::vector<kernel::HeldRole> held(const CustomRoles& custom_roles) {
  std::vector<kernel::HeldRole> held;
  for (const roles::StoredRole& role : custom_roles) held.push_back({.id = role.id, .revision = role.revision});
  return held;
}

std::shared_ptr<SessionState> state_of(const std::shared_ptr<PlatformState>& platform,
                                       const std::shared_ptr<Store>& store, const StoredUser& user,
                                       const CustomRoles& custom_roles, SessionId session, std::string issuer = {}) {
  std::vector<roles::Grant> grants;
  for (const roles::StoredRole& role : custom_roles)
    grants.insert(grants.end(), role.grants.begin(), role.grants.end());
  // A role that waits for its grants holds nothing, but whoever has it is somebody, and can sign out.
  if (!custom_roles.empty() && grants.empty()) grants.emplace_back();
  kernel::Actor actor{.kind = audit::ActorKind::user,
                      .user = user.id,
                      .session = session,
                      .roles = user.roles,
                      .facilities = user.facilities,
                      .patient_id = user.patient_id,
                      .practitioner_id = user.practitioner_id,
                      .custom_roles = held(custom_roles),
                      .issuer = std::move(issuer),
                      .labels = user.labels};
  return std::make_shared<SessionState>(platform, store, std::move(actor), kernel::Access(user.roles, grants));
}

/// A session that lets its user work, as the rows are now.
struct Found {
  StoredSession session{};
  StoredUser user{};
  CustomRoles custom_roles{};
  kernel::SessionLimits limits{};
};

/// Nothing where it does not.
std::optional<Found> find(const std::shared_ptr<PlatformState>& platform, const std::shared_ptr<Store>& store,
                          SessionId id) {
  const auto system = platform->system_session(store, "resume");
  kernel::CallFrame frame{
      .session = system.get(), .store = store.get(), .row = &host_row, .now = platform->clock().now()};
  std::optional<Found> found;
  Outside(frame).read([&](Work& work) {
    auto session = Rows<StoredSession>(work).find(id);
    if (!session) return;
    auto user = Rows<StoredUser>(work).find(session->user_id);
    if (user && may_sign_in(*store, *user) && is_live(work, *session, *user))
      found = {.session = std::move(*session),
               .user = *user,
               .custom_roles = roles::find(work, user->custom_roles),
               .limits = limits_of(work, *user)};
  });
  return found;
}

/// Whether a session that was made of `actor` may go on as it is.
bool still_stands(const kernel::Actor& actor, const std::optional<Found>& found) {
  return found && still_is(found->user, actor) && held(found->custom_roles) == actor.custom_roles;
}

/// One id for one set of claims, so that a host that asks before each call does not fill the memory with sessions.
SessionId id_of(const Store& store, const Principal& principal) {
  std::string claims;
  storage::encode_fields(type_of<Principal>, &principal, 0, claims);
  const crypto::Digest digest = crypto::blake2b_256({"host session", store.id().uuid.view(), claims});
  SessionId id;
  std::memcpy(id.uuid.bytes.data(), digest.data(), id.uuid.bytes.size());
  return id;
}

/// Whether the tenant lies in this store, and has not been moved to another. What a store that was left keeps would keep it open.
bool in_charge(PlatformState& platform, const Store& store) {
  return store.realm() == Realm::platform || platform.open_store(store.id()).get() == &store;
}

/// The tenant's account of the identity, as its claims are now.
StoredUser shadow_user(Work& work, const Principal& principal, const CustomRoles& custom_roles) {
  auto there = find_by_identity(work, principal.issuer, principal.subject);
  StoredUser user =
      there ? *there
            : StoredUser{.id = work.make_id<UserId>(), .issuer = principal.issuer, .subject = principal.subject};
  const bool same = there && user.display_name == principal.display_name && user.roles == principal.roles &&
                    user.facilities == principal.facilities && user.practitioner_id == principal.practitioner_id &&
                    user.patient_id == principal.patient_id && user.custom_roles == roles::ids_of(custom_roles);
  user.display_name = principal.display_name;
  user.roles = principal.roles;
  user.facilities = principal.facilities;
  user.practitioner_id = principal.practitioner_id;
  user.patient_id = principal.patient_id;
  user.custom_roles = roles::ids_of(custom_roles);
  work.about(user.id.uuid);
  work.event().table = Rows<StoredUser>::layout().table().id;
  if (!there) {
    user.status = UserStatus::active;
    insert_user(work, user);
  } else if (!same) {
    update_user(work, user, user.revision);
  }
  note_sign_in(work, user.id);
  return user;
}

}  // namespace

std::shared_ptr<SessionState> resume(const std::shared_ptr<PlatformState>& platform,
                                     const std::shared_ptr<Store>& store, SessionId id) {
  auto found = find(platform, store, id);
  for (int attempt = 0; found && attempt < attempts_max; ++attempt) {
    const auto made = state_of(platform, store, found->user, found->custom_roles, id);
    made->begin(found->limits, found->session.issued_at, found->session.last_used_at);
    auto session = store->sessions().put(id, made);
    if (!in_charge(*platform, *store)) {
      store->sessions().leave(id, session);
      throw Failure(kernel::tenant_moving);
    }
    // A revocation between reading and keeping would have found nothing to end. One that comes after this reading finds it.
    found = find(platform, store, id);
    if (still_stands(session->actor(), found)) {
      session->limit(found->limits);  // which may have been changed meanwhile as well
      return session;
    }
    store->sessions().end(id, session);
  }
  return nullptr;
}

std::shared_ptr<SessionState> host_session(const std::shared_ptr<PlatformState>& platform,
                                           const std::shared_ptr<Store>& store, const Principal& principal) {
  Principal claims = principal;
  const auto system = platform->system_session(store, "host");
  kernel::CallFrame frame{
      .session = system.get(), .store = store.get(), .row = &host_row, .now = platform->clock().now()};
  Outside outside(frame);

  SessionId id;
  bool trusted = false;
  outside.read([&](Work& work) { trusted = trusts(settings::current(work), claims.issuer); });
  if (trusted) {
    kernel::require_valid(type_of<Principal>, &claims);
    require_assignable(claims.roles, !claims.custom_roles.empty());
    id = id_of(*store, claims);
    if (auto live = store->sessions().find(id)) {
      if (!live->usable(platform->clock().now())) {
        store->sessions().leave(id, live);
      } else if (store->status() == TenantStatus::active) {
        return live;
      }
    }
  }

  std::shared_ptr<SessionState> session;
  outside.write_in(*store, [&](Work& work) {
    session.reset();
    if (!trusted || !trusts(settings::current(work), claims.issuer))
      return work.fail_after_commit(Failure(issuer_untrusted));
    require_facilities(work, claims.facilities);
    const CustomRoles custom_roles = roles::named(work, claims.custom_roles);
    const StoredUser user = shadow_user(work, claims, custom_roles);
    acted_by(work, user, id);
    if (!may_sign_in(*store, user)) return work.fail_after_commit(Failure(codes::forbidden));
    session = state_of(platform, store, user, custom_roles, id, claims.issuer);
    session->begin(limits_of_host(work), work.now(), work.now());
    work.after_commit([store = store.get(), id, &session] { session = store->sessions().put(id, session); });
  });
  return session;
}

}  // namespace medflow::inline v1::users
