// Signing in, staying in, and signing out (USR-1, USR-4).
#include "crypto/password.hpp"
#include "crypto/token.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "users/accounts.hpp"
#include "users/session_rows.hpp"

namespace medflow::inline v1::auth {
namespace {

using kernel::Outside;
using kernel::Rows;
using kernel::Work;
using users::StoredSession;
using users::StoredUser;

/// One answer for everything that may be wrong, so that nobody learns which addresses and tenants there are.
constexpr Code failed{"auth.failed", Errc::unauthenticated, "This does not sign anybody in."};

/// The event tells whose account it was; the caller is not told.
[[noreturn]] void refuse(Work& work, const std::optional<UserId>& user) {
  if (user) {
    work.about(user->uuid);
    work.event().table = Rows<StoredUser>::layout().table().id;
  }
  throw Failure(failed);
}

}  // namespace

/// What checking the password has shown.
struct Checked {
  std::optional<UserId> user{};  ///< whose address it is
  bool right = false;
  std::string stored{};  ///< what was checked against, as it is stored
  std::string better{};  ///< a hash at today's cost, where the stored one is cheaper
};

/// Costs the same for whoever is not there.
Checked prepare(Outside& outside, const Login& request) {
  kernel::PlatformState& platform = outside.platform();
  std::optional<StoredUser> user;
  if (outside.store() != nullptr) outside.read([&](Work& work) { user = users::find_by_email(work, request.email); });
  const auto pass = platform.password_gate().enter();
  const std::string_view password = request.password.reveal();
  if (!user || user->status != users::UserStatus::active || user->password_hash.empty()) {
    static_cast<void>(crypto::verify_nobody(password, platform.password_cost()));
    if (outside.store() == nullptr) throw Failure(failed);
    return {.user = user ? std::optional(user->id) : std::nullopt};
  }
  const std::string hash = users::unwrap_hash(*outside.store(), *user);
  Checked checked{.user = user->id,
                  .right = crypto::verify_password(password, hash) == crypto::PasswordCheck::right,
                  .stored = user->password_hash};
  if (checked.right && crypto::needs_rehash(hash, platform.password_cost()))
    checked.better = crypto::hash_password(password, platform.password_cost(), platform.rng());
  return checked;
}

Tokens handle(Work& work, const Login& request, const Checked& checked) {
  if (!checked.right) refuse(work, checked.user);
  work.open_classes(block_flags);
  auto user = Rows<StoredUser>(work).find(*checked.user);
  if (!user || user->password_hash != checked.stored || !users::may_sign_in(work.store(), *user))
    refuse(work, checked.user);
  if (!checked.better.empty()) user->password_hash = users::wrap_hash(work.store(), user->id, checked.better);
  user->last_login_at = work.now();
  const StoredSession session = users::begin_session(work, *user, request.device, crypto::amr_pwd);
  users::update_sign_in(work, *user);
  users::acted_by(work, *user, session.id);
  return users::tokens_of(work, *user, session);
}

/// The hash of the token, where it is of the right form.
struct Presented {
  std::optional<crypto::Digest> hash{};
};

Presented prepare(Outside& outside, const Refresh& request) {
  if (outside.store() == nullptr) throw Failure(failed);
  return {.hash = crypto::opaque_token_hash(request.refresh_token.reveal())};
}

Tokens handle(Work& work, const Refresh&, const Presented& presented) {
  work.open_classes(block_flags);
  if (!presented.hash) refuse(work, {});
  auto session = users::find_by_refresh(work, *presented.hash);
  const bool present = session.has_value();
  if (!present) session = users::find_by_used(work, *presented.hash);
  if (!session) refuse(work, {});
  const auto user = Rows<StoredUser>(work).find(session->user_id);
  if (!user) refuse(work, {});
  const bool alive = users::is_live(*session, work.now()) && users::may_sign_in(work.store(), *user);
  if (present && !alive) refuse(work, user->id);

  if (present) {
    users::renew_session(work, *session, *presented.hash);
  } else {
    const bool predecessor = session->predecessor == crypto::text_of(*presented.hash);
    const bool in_grace = session->rotated_at && work.now() <= session->rotated_at->plus_s(users::refresh_grace_s);
    if (!alive || !predecessor || !in_grace) {
      // Two hold the token, and nobody can tell which of them stole it (RFC 9700, section 4.14).
      users::revoke(work, *session, "token_reuse");
      work.about(session->id.uuid);
      work.part("token.reuse");
      work.about(user->id.uuid);
      work.fail_after_commit(Failure(failed));
      return {};
    }
  }
  work.about(session->id.uuid);
  users::acted_by(work, *user, session->id);
  return users::tokens_of(work, *user, *session);
}

Done handle(Work& work, const Logout&) {
  const SessionId id = work.actor().session;
  if (id.is_nil()) throw Failure(codes::unauthenticated);
  work.about(id.uuid);
  if (auto session = Rows<StoredSession>(work).find(id)) users::revoke(work, *session, "logout");
  work.after_commit([store = &work.store(), id] { store->sessions().end(id); });  // a host's session has no row
  return {};
}

}  // namespace medflow::inline v1::auth

MEDFLOW_HANDLE(medflow::auth::Login);
MEDFLOW_HANDLE(medflow::auth::Refresh);
MEDFLOW_HANDLE(medflow::auth::Logout);
