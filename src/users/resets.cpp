// A new password for who has lost the old one (USR-7).
#include "crypto/token.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "messages/outbox.hpp"
#include "users/accounts.hpp"
#include "users/links.hpp"
#include "users/passwords.hpp"
#include "users/session_rows.hpp"
#include "users/throttles.hpp"

namespace medflow::inline v1::users {
namespace {

using kernel::Rows;
using kernel::Work;

constexpr std::int64_t reset_ttl_s = 30 * 60;

/// Whether a new password would let this user in.
bool may_reset(const kernel::Store& store, const StoredUser& user) {
  return may_sign_in(store, user) && !user.password_hash.empty() && user.email;
}

/// Makes the link and its message; for nobody where there is no user.
void send_link(Work& work, const std::optional<UserId>& user) {
  StoredLink link{
      .purpose = LinkPurpose::reset, .user_id = user.value_or(UserId{}), .expires_at = work.now().plus_s(reset_ttl_s)};
  std::string token = make_link(work, link);
  using enum messages::MessageState;
  messages::queue(work, {.kind = messages::MessageKind::reset,
                         .state = user ? queued : suppressed,
                         .user_id = link.user_id,
                         .link_id = link.id,
                         .expires_at = link.expires_at,
                         .token = std::move(token)});
}

/// The event is about the account; of an address without one it is about nothing.
void tell(Work& work, const std::optional<UserId>& user) {
  work.about(user ? user->uuid : Uuid{});
  work.event().table = user ? Rows<StoredUser>::layout().table().id : 0;
  work.event().revision = 0;
}

}  // namespace

Done handle(Work& work, const StartReset& request) {
  work.open_classes(block_flags);  // whether there is a password decides whether there can be a new one
  const StoredUser user = Rows<StoredUser>(work).get(request.id);
  if (!may_reset(work.store(), user))
    throw Failure(codes::illegal_transition, "only an active account with a password of its own has it reset");
  send_link(work, user.id);
  return {};
}

}  // namespace medflow::inline v1::users

namespace medflow::inline v1::auth {

using kernel::Outside;
using kernel::Rows;
using kernel::Work;
using users::StoredUser;

/// Nothing is prepared, but that an unknown tenant counts the request as well.
struct Asked {};

Asked prepare(Outside& outside, const RequestReset& request) {
  if (outside.store() != nullptr) return {};
  kernel::Store& platform = *outside.platform().platform();
  const auto counters = users::mail_counters({platform, outside.session().actor().unknown_tenant}, request.email,
                                             outside.context().address);
  outside.write_in(platform, [&](Work& work) {
    users::require_open(work, counters);
    users::count(work, counters);
    users::send_link(work, {});
  });
  return {};
}

Done handle(Work& work, const RequestReset& request, const Asked&) {
  work.open_classes(block_flags);
  const auto counters = users::mail_counters({work.store()}, request.email, work.context().address);
  users::require_open(work, counters);
  users::count(work, counters);
  const auto user = users::find_by_email(work, request.email);
  if (!user) static_cast<void>(users::stand_in(work));
  const bool whose = user && users::may_reset(work.store(), *user);
  const std::optional<UserId> id = whose ? std::optional(user->id) : std::nullopt;
  users::send_link(work, id);
  users::tell(work, id);
  return {};
}

/// What was found and made before the transaction.
struct Resetting {
  std::optional<crypto::Digest> token{};
  std::string password_hash{};
};

Resetting prepare(Outside& outside, const Reset& request) {
  Resetting prepared{.token = crypto::opaque_token_hash(request.token.reveal())};
  std::optional<StoredUser> user;
  if (outside.store() != nullptr)
    outside.read([&](Work& work) {
      const auto link = users::find_link(work, prepared.token, users::LinkPurpose::reset);
      if (link) user = Rows<StoredUser>(work).find(link->user_id);
    });
  users::KnownWords words;
  if (user) {
    words.add(user->display_name);
    words.add(user->email.value_or(""));
  }
  users::require_good_password(outside, request.password, std::move(words));
  if (outside.store() == nullptr) outside.refuse_nowhere(Failure(users::link_expired));
  if (!user) throw Failure(users::link_expired);
  prepared.password_hash = users::hash_in_turn(outside, request.password);
  return prepared;
}

constexpr kernel::Slow slow(const Reset*) { return kernel::Slow::password; }

Done handle(Work& work, const Reset&, const Resetting& prepared) {
  work.open_classes(block_flags);
  const auto link = users::find_link(work, prepared.token, users::LinkPurpose::reset);
  auto user = link ? Rows<StoredUser>(work).find(link->user_id) : std::nullopt;
  if (!user || !users::may_reset(work.store(), *user)) throw Failure(users::link_expired);
  work.about(user->id.uuid);
  user->password_hash = users::wrap_hash(work.store(), user->id, prepared.password_hash);
  users::update_hash(work, *user);
  users::end_links(work, user->id);
  users::revoke_all(work, user->id, "reset");
  users::forget_failures(work, *user->email);
  users::acted_by(work, *user, {});
  return {};
}

}  // namespace medflow::inline v1::auth

MEDFLOW_HANDLE(medflow::users::StartReset);
MEDFLOW_HANDLE(medflow::auth::RequestReset);
MEDFLOW_HANDLE(medflow::auth::Reset);
