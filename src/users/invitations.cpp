// How accounts come to be: by invitation, or by patients themselves where the tenant lets them (USR-7).
#include <algorithm>

#include "crypto/password.hpp"
#include "crypto/token.hpp"
#include "kernel/codes.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "messages/outbox.hpp"
#include "tenants/entities.hpp"
#include "users/accounts.hpp"
#include "users/codes.hpp"
#include "users/custom_roles.hpp"
#include "users/links.hpp"
#include "users/passwords.hpp"
#include "users/throttles.hpp"

namespace medflow::inline v1::users {
namespace {

using kernel::Outside;
using kernel::Rows;
using kernel::Work;

constexpr std::int64_t invitation_ttl_s = 24 * 60 * 60;

/// Stores an invited account, or invites it anew; the token before is dead then.
Invitation send(Work& work, StoredUser& user) {
  const crypto::OpaqueToken token = crypto::make_opaque_token(work.store().rng());
  const Instant expires_at = work.now().plus_s(invitation_ttl_s);
  user.status = UserStatus::invited;
  user.invitation_expires_at = expires_at;
  user.invited_by = work.actor().user;
  work.about(user.id.uuid);
  if (user.revision == 0) {
    insert_user(work, user, token.hash);
  } else {
    update_invitation(work, user, token.hash);
  }
  messages::queue(
      work,
      {.kind = messages::MessageKind::invitation, .user_id = user.id, .expires_at = expires_at, .token = token.text});
  return {.user = view_of(work, user), .token = token.text, .expires_at = expires_at};
}

FacilityId first_facility(Work& work) {
  FacilityId first;
  Rows<facilities::Facility>(work).scan({.limit = 1}, [&](const facilities::Facility& facility) {
    first = facility.id;
    return false;
  });
  return first;
}

/// The tenant's first administrator, who is not there yet or was invited and did not come: then the invitation is made out anew.
StoredUser first_admin(Work& work, const InviteFirstAdmin& request) {
  const Admins there = admins(work);
  if (!there.active.empty()) throw Failure(user_exists);
  StoredUser admin{.id = work.make_id<UserId>(), .roles = {Role::tenant_admin}, .facilities = {first_facility(work)}};
  for (UserId id : there.others) {
    admin = Rows<StoredUser>(work).get(id);
    if (admin.status != UserStatus::invited) throw Failure(user_exists);
  }
  const auto holder = find_by_email(work, request.email);
  if (holder && holder->id != admin.id) throw Failure(user_exists);
  admin.email = request.email;
  admin.display_name = request.display_name;
  return admin;
}

template <class T, class Held>
void add_foreign(std::string_view list, const std::vector<T>& given, const std::vector<Held>& held,
                 std::vector<FieldError>& errors) {
  for (std::size_t i = 0; i < given.size() && errors.size() < field_errors_max; ++i)
    if (std::find(held.begin(), held.end(), given[i]) == held.end())
      errors.push_back({.pointer = "/" + std::string(list) + "/" + std::to_string(i),
                        .code = "role.not_assignable",
                        .message = "Only who may manage users gives what they do not have."});
}

/// What the caller may not give of what an account is to have, or has: the invitation could be to oneself.
template <class Account>
std::vector<FieldError> not_givable(Work& work, const Account& account) {
  const kernel::Actor& actor = work.actor();
  if (actor.kind == audit::ActorKind::system || work.access().holds(Permission::user_manage)) return {};
  std::vector<RoleId> custom_roles;
  for (const kernel::HeldRole& role : actor.custom_roles) custom_roles.push_back(role.id);
  std::vector<FieldError> errors;
  add_foreign("roles", account.roles, actor.roles, errors);
  add_foreign("custom_roles", account.custom_roles, custom_roles, errors);
  add_foreign("facilities", account.facilities, actor.facilities, errors);
  if (account.patient_id)
    errors.push_back({.pointer = "/patient_id",
                      .code = "role.not_assignable",
                      .message = "Only who may manage users says which patient one is."});
  return errors;
}

/// Somebody invited must not be able to do more than who invites.
void require_givable(Work& work, const Invite& request) {
  auto errors = not_givable(work, request);
  if (!errors.empty()) throw Failure(Error{.code = codes::invalid, .fields = std::move(errors)});
}

/// Who waits to come may be invited anew, by who could have given all that the account has: whoever invites is told the token. What an
/// invitation does not give, and so does not take either, only managers of users give.
bool may_invite_anew(Work& work, const StoredUser& there) {
  if (there.status != UserStatus::invited) return false;
  if (work.access().holds(Permission::user_manage)) return true;
  return there.labels.empty() && !there.practitioner_id && not_givable(work, there).empty();
}

}  // namespace

Invitation handle(Work& work, const Invite& request) {
  std::vector<Role> roles = request.roles;
  std::vector<FacilityId> facilities = request.facilities;
  std::vector<RoleId> custom_roles = request.custom_roles;
  require_assignable(roles, !custom_roles.empty());
  roles::require_known(work, custom_roles);
  require_facilities(work, facilities);
  require_givable(work, request);
  require_patient(work, request.patient_id);
  work.open_classes(block_flags);
  StoredUser user{.id = work.make_id<UserId>()};
  if (auto there = find_by_email(work, request.email)) {
    work.about(there->id.uuid);
    if (!may_invite_anew(work, *there)) throw Failure(user_exists);
    user = std::move(*there);
  }
  user.email = request.email;
  user.display_name = request.display_name;
  user.roles = std::move(roles);
  user.custom_roles = std::move(custom_roles);
  user.facilities = std::move(facilities);
  user.patient_id = request.patient_id;
  return send(work, user);
}

/// The tenant is another store, so all of it is done ahead; the platform's own event follows.
Invitation prepare(Outside& outside, const InviteFirstAdmin& request) {
  const auto store = outside.platform().store(request.id);
  if (!store || store->realm() == Realm::platform) throw Failure(codes::not_found);
  Invitation invitation;
  outside.write_in(*store, [&](Work& work) {
    if (store->status() != TenantStatus::active) throw Failure(kernel::tenant_suspended);
    StoredUser admin = first_admin(work, request);
    invitation = send(work, admin);
  });
  return invitation;
}

Invitation handle(Work& work, const InviteFirstAdmin& request, const Invitation& invitation) {
  work.about(request.id.uuid);
  work.event().table = Rows<tenants::Tenant>::layout().table().id;
  return invitation;
}

}  // namespace medflow::inline v1::users

namespace medflow::inline v1::auth {
namespace {

using kernel::Outside;
using kernel::Work;
using users::StoredUser;
using users::UserStatus;

bool is_open(const StoredUser& user, Instant now) {
  return user.status == UserStatus::invited && user.invitation_expires_at && now < *user.invitation_expires_at;
}

constexpr std::int64_t verify_ttl_s = 24 * 60 * 60;

users::KnownWords words_of(const Register& request, const std::optional<StoredUser>& invited) {
  users::KnownWords words;
  words.add(request.display_name);
  words.add(request.email);
  if (invited) {
    words.add(invited->display_name);
    words.add(invited->email.value_or(""));
  }
  return words;
}

/// Without an invitation, nobody has said yet who it is.
void require_name_and_address(const Register& request) {
  Error error{.code = codes::invalid};
  const auto need = [&](std::string_view value, std::string_view pointer) {
    if (value.empty())
      error.fields.push_back({.pointer = std::string(pointer), .code = "required", .message = "This is needed."});
  };
  need(request.display_name, "/display_name");
  need(request.email, "/email");
  if (!error.fields.empty()) throw Failure(std::move(error));
}

users::Counters counters_of(Work& work, const Register& request) {
  return users::mail_counters({work.store()}, request.email, work.context().address);
}

bool is_active(const kernel::Store& store) { return store.status() == TenantStatus::active; }

/// Whether strangers may have accounts of their own.
bool takes_registrations(Work& work) {
  return is_active(work.store()) && work.store().realm() == Realm::tenant && settings::current(work).self_registration;
}

}  // namespace

/// What was found and made before the transaction.
struct Registering {
  std::optional<crypto::Digest> invitation{};
  std::string password_hash{};
};

Registering prepare(Outside& outside, const Register& request) {
  const bool invited = !request.invitation.empty();
  Registering prepared{.invitation = crypto::opaque_token_hash(request.invitation.reveal())};
  if (!invited) require_name_and_address(request);
  std::optional<StoredUser> user;
  bool open = false;
  if (outside.store() != nullptr) {
    outside.read([&](Work& work) {
      if (prepared.invitation) user = users::find_by_invitation(work, *prepared.invitation);
      open = invited ? user && is_open(*user, outside.now()) && is_active(work.store()) : takes_registrations(work);
    });
  }
  users::require_good_password(outside, request.password, words_of(request, user));
  const Failure refusal(invited ? invitation_expired : registration_closed);
  if (outside.store() == nullptr) outside.refuse_nowhere(refusal);
  if (!open) throw refusal;
  if (!invited) outside.read([&](Work& work) { users::require_open(work, counters_of(work, request)); });
  prepared.password_hash = users::hash_in_turn(outside, request.password);
  return prepared;
}

constexpr kernel::Slow slow(const Register*) { return kernel::Slow::password; }

namespace {

users::User complete(Work& work, const Register& request, const Registering& prepared) {
  auto user = users::find_by_invitation(work, *prepared.invitation);
  if (!user || !is_open(*user, work.now()) || !is_active(work.store())) throw Failure(invitation_expired);
  if (!request.display_name.empty()) user->display_name = request.display_name;
  user->status = UserStatus::active;
  user->invitation_expires_at.reset();
  user->password_hash = users::wrap_hash(work.store(), user->id, prepared.password_hash);
  work.about(user->id.uuid);
  users::update_invitation(work, *user, {});
  users::acted_by(work, *user, {});
  return users::whole(*user);
}

/// The account comes to be when the address is proved; until then there is a link to it. Of an address that has an account there is
/// a link as well, which is nobody's: neither the answer nor its cost tells.
users::User register_patient(Work& work, const Register& request, const Registering& prepared) {
  if (!takes_registrations(work)) throw Failure(registration_closed);
  const auto counters = counters_of(work, request);
  users::require_open(work, counters);  // others may have asked since
  users::count(work, counters);
  const bool taken = users::find_by_email(work, request.email).has_value();
  const auto id = work.make_id<UserId>();
  users::StoredLink link{.purpose = users::LinkPurpose::verify,
                         .user_id = taken ? UserId{} : id,
                         .expires_at = work.now().plus_s(verify_ttl_s),
                         .display_name = request.display_name,
                         .email = request.email,
                         .password_hash = users::wrap_hash(work.store(), id, prepared.password_hash)};
  std::string token = users::make_link(work, link);
  using enum messages::MessageState;
  messages::queue(work, {.kind = messages::MessageKind::verify,
                         .state = taken ? suppressed : queued,
                         .link_id = link.id,
                         .expires_at = link.expires_at,
                         .token = std::move(token)});
  work.about(id.uuid);
  work.event().table = 0;  // there is no such row yet
  work.event().revision = 0;
  return {.id = id,
          .display_name = request.display_name,
          .email = request.email,
          .status = UserStatus::invited,
          .roles = {Role::patient},
          .created_at = work.now(),
          .updated_at = work.now()};
}

}  // namespace

users::User handle(Work& work, const Register& request, const Registering& prepared) {
  work.open_classes(block_flags);
  return prepared.invitation ? complete(work, request, prepared) : register_patient(work, request, prepared);
}

namespace {

/// The registration behind a link that is still good for something.
std::optional<users::StoredLink> open_registration(Work& work, const std::optional<crypto::Digest>& token) {
  auto link = users::find_link(work, token, users::LinkPurpose::verify);
  const bool open = link && link->email && takes_registrations(work) && !users::find_by_email(work, *link->email);
  return open ? std::move(link) : std::nullopt;
}

/// The account that it becomes.
StoredUser account_of(users::StoredLink link) {
  return {.id = link.user_id,
          .display_name = std::move(link.display_name),
          .email = std::move(link.email),
          .status = UserStatus::active,
          .roles = {Role::patient},
          .password_hash = std::move(link.password_hash)};
}

/// What is counted is who holds the link, not the address: strangers cannot keep its owner from confirming it.
users::Counters counters_of(Work& work, const users::StoredLink& link) {
  return users::sign_in_counters({work.store()}, *link.email, link.id.uuid, work.context().address);
}

}  // namespace

/// What checking the password has shown.
struct Verifying {
  std::optional<crypto::Digest> token{};
  bool right = false;
};

/// Who has the mail may be somebody else than who chose the password: whoever confirms shows both.
Verifying prepare(Outside& outside, const Verify& request) {
  if (outside.store() == nullptr) outside.refuse_nowhere(Failure(users::link_expired));
  Verifying prepared{.token = crypto::opaque_token_hash(request.token.reveal())};
  std::optional<users::StoredLink> link;
  outside.read([&](Work& work) {
    link = open_registration(work, prepared.token);
    if (link) users::require_open(work, counters_of(work, *link));
  });
  if (!link) throw Failure(users::link_expired);
  const auto pass = outside.platform().password_gate().enter();
  const std::string hash = users::unwrap_hash(*outside.store(), account_of(std::move(*link)));
  prepared.right = crypto::verify_password(request.password.reveal(), hash) == crypto::PasswordCheck::right;
  return prepared;
}

constexpr kernel::Slow slow(const Verify*) { return kernel::Slow::password; }

users::User handle(Work& work, const Verify&, const Verifying& prepared) {
  work.open_classes(block_flags);
  auto link = open_registration(work, prepared.token);
  if (!link) throw Failure(users::link_expired);
  const auto counters = counters_of(work, *link);
  users::require_open(work, counters);  // others may have failed since
  if (!prepared.right) {
    users::count(work, counters);
    work.about(link->user_id.uuid);
    work.event().table = 0;  // there is no such row yet
    work.event().revision = 0;
    work.fail_after_commit(Failure(failed));
    return {};
  }
  StoredUser user = account_of(std::move(*link));
  users::end_row(work, counters);
  work.about(user.id.uuid);
  users::insert_user(work, user);
  users::end_links(work, user.id);
  users::acted_by(work, user, {});
  return users::whole(user);
}

}  // namespace medflow::inline v1::auth

MEDFLOW_HANDLE(medflow::users::Invite);
MEDFLOW_HANDLE(medflow::users::InviteFirstAdmin);
MEDFLOW_HANDLE(medflow::auth::Register);
MEDFLOW_HANDLE(medflow::auth::Verify);
