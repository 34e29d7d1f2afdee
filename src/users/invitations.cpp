// How accounts come to be: by invitation, or by patients themselves where the tenant lets them (USR-7).
#include <algorithm>

#include "crypto/password.hpp"
#include "crypto/password_rules.hpp"
#include "crypto/token.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "tenants/entities.hpp"
#include "users/accounts.hpp"

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
  work.about(user.id.uuid);
  if (user.revision == 0) {
    insert_user(work, user, token.hash);
  } else {
    update_invitation(work, user, token.hash);
  }
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

}  // namespace

Invitation handle(Work& work, const Invite& request) {
  std::vector<Role> roles = request.roles;
  std::vector<FacilityId> facilities = request.facilities;
  require_assignable(roles);
  require_facilities(work, facilities);
  work.open_classes(block_flags);
  StoredUser user{.id = work.make_id<UserId>()};
  if (auto there = find_by_email(work, request.email)) {
    work.about(there->id.uuid);
    if (there->status != UserStatus::invited) throw Failure(user_exists);
    user = std::move(*there);
  }
  user.email = request.email;
  user.display_name = request.display_name;
  user.roles = std::move(roles);
  user.facilities = std::move(facilities);
  return send(work, user);
}

/// The tenant is another store, so all of it is done ahead; the platform's own event follows.
Invitation prepare(Outside& outside, const InviteFirstAdmin& request) {
  const auto store = outside.platform().store(request.id);
  if (!store || store->realm() == Realm::platform) throw Failure(codes::not_found);
  Invitation invitation;
  outside.write_in(*store, [&](Work& work) {
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
using kernel::Rows;
using kernel::Work;
using users::StoredUser;
using users::UserStatus;

constexpr Code invitation_expired{"invitation.expired", Errc::gone, "This invitation was used or has expired."};
constexpr Code registration_closed{"registration.closed", Errc::forbidden, "This tenant takes no registrations."};

bool is_open(const StoredUser& user, Instant now) {
  return user.status == UserStatus::invited && user.invitation_expires_at && now < *user.invitation_expires_at;
}

/// The words that somebody who knows the user would try first.
class KnownWords {
 public:
  void add(std::string_view text) {
    constexpr std::string_view between = " .,-_@+'";
    add_word(text);
    while (!text.empty()) {
      const std::size_t end = std::min(text.find_first_of(between), text.size());
      add_word(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  std::vector<std::string_view> views() const { return {words_.begin(), words_.end()}; }

 private:
  void add_word(std::string_view word) {
    if (!word.empty()) words_.emplace_back(word);
  }
  std::vector<std::string> words_{};
};

std::string tenant_name(Outside& outside) {
  std::string name;
  const auto& platform = outside.platform().platform();
  const auto system = outside.platform().system_session(platform, "register");
  kernel::CallFrame frame{
      .session = system.get(), .store = platform.get(), .row = find_operation("tenants.get"), .now = outside.now()};
  Outside(frame).read([&](Work& work) {
    if (const auto tenant = Rows<tenants::Tenant>(work).find(outside.store()->id())) name = tenant->name;
  });
  return name;
}

void require_good_password(Outside& outside, const Register& request, const std::optional<StoredUser>& invited) {
  KnownWords words;
  words.add("medflow");
  words.add(request.display_name);
  words.add(request.email);
  if (invited) {
    words.add(invited->display_name);
    words.add(invited->email.value_or(""));
  }
  if (outside.store() != nullptr) {
    words.add(outside.store()->slug());
    words.add(tenant_name(outside));
  }
  const auto broken = crypto::password_rule_broken(request.password.reveal(), false, words.views());
  if (broken) throw Failure(*broken, "/password", std::string(broken->name), std::string(broken->text));
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
      open = invited ? user && is_open(*user, outside.now())
                     : work.store().realm() == Realm::tenant && settings::current(work).self_registration;
    });
    open = open && outside.store()->status() == TenantStatus::active;
  }
  require_good_password(outside, request, user);
  if (!open) throw Failure(invited ? invitation_expired : registration_closed);
  const auto pass = outside.platform().password_gate().enter();
  prepared.password_hash =
      crypto::hash_password(request.password.reveal(), outside.platform().password_cost(), outside.platform().rng());
  return prepared;
}

users::User handle(Work& work, const Register& request, const Registering& prepared) {
  work.open_classes(block_flags);
  if (prepared.invitation) {
    auto user = users::find_by_invitation(work, *prepared.invitation);
    if (!user || !is_open(*user, work.now())) throw Failure(invitation_expired);
    if (!request.display_name.empty()) user->display_name = request.display_name;
    user->status = UserStatus::active;
    user->invitation_expires_at.reset();
    user->password_hash = users::wrap_hash(work.store(), user->id, prepared.password_hash);
    work.about(user->id.uuid);
    users::update_invitation(work, *user, {});
    users::acted_by(work, *user, {});
    return users::whole(*user);
  }
  if (!settings::current(work).self_registration) throw Failure(registration_closed);
  StoredUser user{.id = work.make_id<UserId>(),
                  .display_name = request.display_name,
                  .email = request.email,
                  .status = UserStatus::active,
                  .roles = {Role::patient}};
  if (const auto there = users::find_by_email(work, request.email)) {
    // The answer must not tell that the address has an account: it is the same, and signs nobody in.
    work.about(there->id.uuid);
    user.revision = 1;
    user.created_at = user.updated_at = work.now();
    return users::whole(user);
  }
  user.password_hash = users::wrap_hash(work.store(), user.id, prepared.password_hash);
  work.about(user.id.uuid);
  users::insert_user(work, user);
  return users::whole(user);
}

}  // namespace medflow::inline v1::auth

MEDFLOW_HANDLE(medflow::users::Invite);
MEDFLOW_HANDLE(medflow::users::InviteFirstAdmin);
MEDFLOW_HANDLE(medflow::auth::Register);
