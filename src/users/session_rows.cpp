#include "users/session_rows.hpp"

#include <algorithm>
#include <cassert>

#include "crypto/token.hpp"
#include "kernel/platform_state.hpp"

namespace medflow::inline v1::users {
namespace {

using kernel::Rows;
using kernel::Work;
using storage::Cell;

Cell cell_of(const crypto::Digest& hash) { return Cell::bytes(crypto::text_of(hash)); }

void end_after_commit(Work& work, SessionId id) {
  work.after_commit([store = &work.store(), id] { store->sessions().end(id); });
}

/// Who has any role but `patient` is.
bool is_staff(std::span<const Role> roles, bool custom) {
  return custom || roles.empty() ||
         std::any_of(roles.begin(), roles.end(), [](Role role) { return role != Role::patient; });
}

kernel::SessionLimits limits_by(const settings::Settings& settings, bool staff) {
  if (staff) return {.total_s = settings.staff_session_s, .idle_s = settings.staff_idle_s};
  return {.total_s = settings.patient_session_s, .idle_s = settings.patient_idle_s};
}

/// A host knows itself when its users are idle.
kernel::SessionLimits limits_of_host_by(const settings::Settings& settings) {
  return {.total_s = settings.patient_session_s};
}

Instant refresh_end(const Work& work) { return work.now().plus_s(work.session().platform().options().refresh_ttl_s); }

}  // namespace

std::vector<StoredSession> open_sessions(Work& work, UserId user) {
  std::vector<StoredSession> sessions;
  const Cell equal[] = {Cell::bytes(user.uuid.view())};
  Rows<StoredSession>(work).scan({.index = "sessions_live", .equal = equal}, [&](StoredSession session) {
    sessions.push_back(std::move(session));
    return true;
  });
  return sessions;
}

kernel::SessionLimits limits_of(Work& work, const StoredUser& user) {
  return limits_by(settings::current(work), is_staff(user.roles, !user.custom_roles.empty()));
}

kernel::SessionLimits limits_of_host(Work& work) { return limits_of_host_by(settings::current(work)); }

bool trusts(const settings::Settings& settings, std::string_view issuer) {
  const auto& trusted = settings.trusted_issuers;
  return std::find(trusted.begin(), trusted.end(), issuer) != trusted.end();
}

void apply_settings(kernel::Store& store, const settings::Settings& settings) {
  for (const auto& [id, session] : store.sessions().all()) {
    const kernel::Actor& actor = session->actor();
    if (actor.of_host() && !trusts(settings, actor.issuer)) {
      store.sessions().end(id);
      continue;
    }
    const bool staff = is_staff(actor.roles, !actor.custom_roles.empty());
    session->limit(actor.of_host() ? limits_of_host_by(settings) : limits_by(settings, staff));
  }
}

void settings_changed(Work& work, const settings::Settings& settings) {
  work.after_commit([store = &work.store(), settings] { apply_settings(*store, settings); });
}

Instant last_use_of(Work& work, const StoredSession& session) {
  const auto live = work.store().sessions().find(session.id);
  return live ? std::max(live->last_used(), session.last_used_at) : session.last_used_at;
}

bool is_live(Work& work, const StoredSession& session, const StoredUser& user) {
  if (session.revoked_at || work.now() >= session.expires_at) return false;
  return work.now() < end_of_session(limits_of(work, user), session.issued_at, last_use_of(work, session));
}

StoredSession begin_session(Work& work, const StoredUser& user, std::string_view device, std::uint8_t amr) {
  auto before = open_sessions(work, user.id);
  std::sort(before.begin(), before.end(), [](const StoredSession& a, const StoredSession& b) {
    return std::tie(a.issued_at, a.id) < std::tie(b.issued_at, b.id);
  });
  for (std::size_t i = 0; i + sessions_max <= before.size(); ++i) revoke(work, before[i], "replaced");

  const crypto::OpaqueToken token = crypto::make_opaque_token(work.store().rng());
  StoredSession session{.id = work.make_id<SessionId>(),
                        .user_id = user.id,
                        .device = std::string(device),
                        .ip = work.context().address,
                        .issued_at = work.now(),
                        .last_used_at = work.now(),
                        .expires_at = refresh_end(work),
                        .amr = amr,
                        .refresh_token = token.text};
  work.about(session.id.uuid);
  const Cell extras[] = {Cell::bytes(user.id.uuid.view()), cell_of(token.hash)};
  Rows<StoredSession>(work).insert(session, extras);
  return session;
}

void renew_session(Work& work, StoredSession& session, const crypto::Digest& used) {
  const crypto::OpaqueToken token = crypto::make_opaque_token(work.store().rng());
  session.predecessor = crypto::text_of(used);
  session.refresh_token = token.text;
  session.rotated_at = work.now();
  session.last_used_at = work.now();
  session.expires_at = refresh_end(work);
  const Cell extras[] = {Cell::bytes(session.user_id.uuid.view()), cell_of(token.hash)};
  Rows<StoredSession>(work).update(session, session.revision, extras);
  const Cell row[] = {cell_of(used), Cell::bytes(session.id.uuid.view()), Cell::of(work.now().us)};
  work.insert_plain(used_tokens_table, row);
  work.after_commit([store = &work.store(), id = session.id, now = work.now()] {
    if (const auto live = store->sessions().find(id)) static_cast<void>(live->use(now));
  });
}

std::optional<StoredSession> find_by_refresh(Work& work, const crypto::Digest& hash) {
  std::optional<StoredSession> found;
  const Cell equal[] = {cell_of(hash)};
  Rows<StoredSession>(work).scan({.index = "sessions_refresh", .equal = equal, .limit = 1}, [&](StoredSession session) {
    found = std::move(session);
    return false;
  });
  return found;
}

std::optional<StoredSession> find_by_used(Work& work, const crypto::Digest& hash) {
  std::optional<SessionId> id;
  const Cell key[] = {cell_of(hash)};
  const storage::Key keys[] = {key};
  work.transaction().get(used_tokens_table, keys, [&](std::size_t, storage::RowView row) {
    id.emplace();
    assert(row[1].data.size() == id->uuid.bytes.size());
    std::copy(row[1].data.begin(), row[1].data.end(), id->uuid.bytes.begin());
  });
  return id ? Rows<StoredSession>(work).find(*id) : std::nullopt;
}

void revoke(Work& work, StoredSession& session, std::string_view reason) {
  if (session.revoked_at) return;
  session.revoked_at = work.now();
  session.reason = reason;
  session.refresh_token.clear();
  const Cell extras[] = {Cell::null()};  // no longer the user's; its last token stays known, to be refused
  Rows<StoredSession>(work).update(session, session.revision, extras);
  end_after_commit(work, session.id);
}

void revoke_all(Work& work, UserId user, std::string_view reason) {
  for (StoredSession& session : open_sessions(work, user)) revoke(work, session, reason);
  forget_live(work, user);
}

void forget_live(Work& work, UserId user) {
  work.after_commit([store = &work.store(), user] { store->sessions().end_user(user); });
}

auth::Tokens tokens_of(Work& work, const StoredUser& user, const StoredSession& session) {
  const std::uint32_t ttl_s = work.session().platform().options().access_ttl_s;
  const std::int64_t now_s = work.now().us / 1'000'000;
  auth::Tokens tokens{.refresh_token = session.refresh_token,
                      .expires_in = ttl_s,
                      .user_id = user.id,
                      .display_name = user.display_name,
                      .roles = user.roles};
  work.store().tokens().issue({.subject = user.id,
                               .tenant = work.store().id(),
                               .session = session.id,
                               .id = work.new_id(),
                               .issued_s = now_s,
                               .not_before_s = now_s,
                               .expires_s = now_s + ttl_s,
                               .epoch = session.epoch,
                               .amr = session.amr},
                              tokens.access_token);
  return tokens;
}

}  // namespace medflow::inline v1::users
