// Signing in, staying in, and signing out (USR-1, USR-3, USR-4).
#include "crypto/password.hpp"
#include "crypto/token.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "messages/outbox.hpp"
#include "users/accounts.hpp"
#include "users/codes.hpp"
#include "users/devices.hpp"
#include "users/session_rows.hpp"
#include "users/throttles.hpp"

namespace medflow::inline v1::auth {
namespace {

using kernel::Outside;
using kernel::Rows;
using kernel::Work;
using users::StoredSession;
using users::StoredUser;

/// The event tells whose account it was; the caller is not told.
void tell(Work& work, const std::optional<UserId>& user) {
  work.about(user ? user->uuid : Uuid{});
  work.event().table = user ? Rows<StoredUser>::layout().table().id : 0;
  work.event().revision = 0;
}

[[noreturn]] void refuse(Work& work, const std::optional<UserId>& user) {
  tell(work, user);
  throw Failure(failed);
}

/// A refusal that is counted, and so leaves more than its event.
Tokens refuse_counted(Work& work, std::span<const users::Counter> counters, const std::optional<UserId>& user) {
  users::count(work, counters);
  tell(work, user);
  work.fail_after_commit(Failure(failed));
  return {};
}

/// A sign-in at a tenant that is not there: counted on the platform, and refused as any other.
[[noreturn]] void refuse_counted_nowhere(Outside& outside, const Login& request) {
  kernel::PlatformState& platform = outside.platform();
  const auto counters = users::sign_in_counters({*platform.platform(), outside.session().actor().unknown_tenant},
                                                request.email, {}, outside.context().address);
  outside.read_in(*platform.platform(), [&](Work& work) { users::require_open(work, counters); });
  {
    const auto pass = platform.password_gate().enter();
    static_cast<void>(crypto::verify_nobody(request.password.reveal(), platform.password_cost()));
  }
  outside.write_in(*platform.platform(), [&](Work& work) {
    users::require_open(work, counters);
    static_cast<void>(refuse_counted(work, counters, {}));
  });
  throw Failure(failed);
}

}  // namespace

/// What checking the password has shown.
struct Checked {
  users::Counters counters{};
  std::optional<UserId> user{};  ///< whose address it is
  std::optional<Uuid> device{};  ///< where the caller has shown a token of that user's
  bool right = false;
  std::string stored{};  ///< what was checked against, as it is stored
  std::string better{};  ///< a hash at today's cost, where the stored one is cheaper
};

/// Costs the same for whoever is not there.
Checked prepare(Outside& outside, const Login& request) {
  kernel::PlatformState& platform = outside.platform();
  if (outside.store() == nullptr) refuse_counted_nowhere(outside, request);
  kernel::Store& store = *outside.store();
  const auto known = users::open_device_token(store, request.device_token.reveal(), outside.now());
  Checked checked;
  std::optional<StoredUser> user;
  outside.read([&](Work& work) {
    user = users::find_by_email(work, request.email);
    if (user) {
      checked.user = user->id;
      if (known && known->user == user->id) checked.device = known->device;
    } else {
      user = users::stand_in(work);
    }
    checked.counters = users::sign_in_counters({store}, request.email, checked.device, outside.context().address);
    users::require_open(work, checked.counters);
  });
  const auto pass = platform.password_gate().enter();
  const std::string_view password = request.password.reveal();
  if (!checked.user || user->status != users::UserStatus::active || user->password_hash.empty()) {
    static_cast<void>(crypto::verify_nobody(password, platform.password_cost()));
    return checked;
  }
  const std::string hash = users::unwrap_hash(store, *user);
  const auto check = crypto::verify_password_or_nobody(password, hash, platform.password_cost());
  checked.right = check == crypto::PasswordCheck::right;
  checked.stored = user->password_hash;
  if (checked.right && crypto::needs_rehash(hash, platform.password_cost()))
    checked.better = crypto::hash_password(password, platform.password_cost(), platform.rng());
  return checked;
}

constexpr kernel::Slow slow(const Login*) { return kernel::Slow::password; }

Tokens handle(Work& work, const Login& request, const Checked& checked) {
  users::require_open(work, checked.counters);  // others may have failed since
  if (!checked.right) return refuse_counted(work, checked.counters, checked.user);
  work.open_classes(block_flags);
  auto user = Rows<StoredUser>(work).find(*checked.user);
  if (!user || user->password_hash != checked.stored || !users::may_sign_in(work.store(), *user))
    return refuse_counted(work, checked.counters, checked.user);
  const StoredSession session = users::begin_session(work, *user, request.device, crypto::amr_pwd);
  if (!checked.better.empty()) {
    user->password_hash = users::wrap_hash(work.store(), user->id, checked.better);
    users::update_hash(work, *user);
  }
  users::end_row(work, checked.counters);
  users::note_sign_in(work, user->id);
  users::acted_by(work, *user, session.id);
  Tokens tokens = users::tokens_of(work, *user, session);
  const Uuid device = checked.device ? *checked.device : work.new_id();
  tokens.device_token = users::device_token(work.store(), {.user = user->id, .device = device}, work.now());
  return tokens;
}

namespace {

/// Its user is told, once, that the session was ended and why.
void tell_of_reuse(Work& work, const StoredSession& session) {
  constexpr std::int64_t message_s = 7 * 24 * 60 * 60;
  messages::queue_once(work,
                       {.kind = messages::MessageKind::token_reuse,
                        .user_id = session.user_id,
                        .expires_at = work.now().plus_s(message_s)},
                       work.now(), session.id.text());
}

}  // namespace

/// The hash of the token, where it is of the right form.
struct Presented {
  std::optional<crypto::Digest> hash{};
};

Presented prepare(Outside& outside, const Refresh& request) {
  if (outside.store() == nullptr) outside.refuse_nowhere(Failure(failed));
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
  const bool alive = users::may_sign_in(work.store(), *user) && users::is_live(work, *session, *user);
  if (present && !alive) refuse(work, user->id);

  if (present) {
    users::renew_session(work, *session, *presented.hash);
  } else {
    const bool predecessor = session->predecessor == crypto::text_of(*presented.hash);
    const bool in_grace = session->rotated_at && work.now() <= session->rotated_at->plus_s(users::refresh_grace_s);
    if (!alive || !predecessor || !in_grace) {
      // Two hold the token, and nobody can tell which of them stole it (RFC 9700, section 4.14).
      const bool first = !session->revoked_at;
      users::revoke(work, *session, "token_reuse");
      work.about(session->id.uuid);
      work.part("token.reuse");
      if (first) tell_of_reuse(work, *session);
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
