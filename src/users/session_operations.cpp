// Whoever signs in sees where they are signed in, and ends what they do not want (USR-8).
#include <algorithm>
#include <tuple>

#include "kernel/handler.hpp"
#include "users/network.hpp"
#include "users/session_rows.hpp"

namespace medflow::inline v1::sessions {
namespace {

using kernel::Rows;
using kernel::Work;
using users::StoredSession;
using users::StoredUser;

SessionInfo view_of(Work& work, const StoredSession& session, const kernel::SessionLimits& limits) {
  const Instant last_used = users::last_use_of(work, session);
  const Instant end = kernel::end_of_session({.total_s = limits.total_s}, session.issued_at, last_used);
  return {.id = session.id,
          .user_id = session.user_id,
          .device = session.device,
          .network = users::network_of(session.ip),
          .issued_at = session.issued_at,
          .last_used_at = last_used,
          .expires_at = std::min(session.expires_at, end),
          .current = session.id == work.actor().session};
}

/// Whose sessions are asked for: those of others are there for an administrator only.
UserId whose(Work& work, const List& request) {
  if (!request.user_id && work.actor().user.is_nil())
    throw Failure(codes::forbidden, "the local operator has no account");
  const UserId user = request.user_id.value_or(work.actor().user);
  work.about(user.uuid);
  if (user != work.actor().user && !work.access().holds(Permission::session_read, Scope::all))
    throw Failure(codes::not_found);
  return user;
}

}  // namespace

Page<SessionInfo> handle(Work& work, const List& request) {
  const StoredUser user = Rows<StoredUser>(work).get(whose(work, request));
  const kernel::SessionLimits limits = users::limits_of(work, user);
  Page<SessionInfo> page{.page = {.limit = users::sessions_max}};
  for (const StoredSession& session : users::open_sessions(work, user.id))
    if (users::is_live(work, session, user)) page.data.push_back(view_of(work, session, limits));
  std::sort(page.data.begin(), page.data.end(), [](const SessionInfo& a, const SessionInfo& b) {
    return std::tie(b.issued_at, b.id) < std::tie(a.issued_at, a.id);
  });
  work.event().count = static_cast<std::uint32_t>(page.data.size());
  return page;
}

Done handle(Work& work, const Revoke& request) {
  StoredSession session = Rows<StoredSession>(work).get(request.id);
  const bool own = session.user_id == work.actor().user;
  if (!own && !work.access().holds(Permission::session_revoke, Scope::all)) {
    const bool sees = work.access().holds(Permission::session_read, Scope::all);
    throw Failure(sees ? codes::forbidden : codes::not_found);
  }
  users::revoke(work, session, "revoked");
  return {};
}

}  // namespace medflow::inline v1::sessions

MEDFLOW_HANDLE(medflow::sessions::List);
MEDFLOW_HANDLE(medflow::sessions::Revoke);
