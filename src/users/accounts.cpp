#include "users/accounts.hpp"

#include <algorithm>
#include <array>

#include "crypto/password.hpp"
#include "patients/entities.hpp"
#include "tenants/entities.hpp"
#include "text/ascii.hpp"
#include "text/phone.hpp"
#include "users/codes.hpp"
#include "users/session_rows.hpp"

namespace medflow::inline v1::users {
namespace {

using kernel::Rows;
using kernel::Work;
using storage::Cell;

constexpr std::uint16_t table_id = 14;
constexpr std::uint16_t email_field = 4;
constexpr std::uint16_t identity_field = 13;
constexpr std::uint32_t password_field = 19;

crypto::BlindToken email_token(Work& work, std::string_view email) {
  return work.store().blind().token({.table = table_id, .field = email_field, .index = 1, .normaliser_version = 1}, 0,
                                    0, text::ascii_lower(email));
}

crypto::BlindToken identity_token(Work& work, std::string_view issuer, std::string_view subject) {
  std::string joined(issuer);  // an issuer is visible ASCII, so the NUL cannot be part of it
  joined.push_back('\0');
  joined.append(subject);
  return work.store().blind().token({.table = table_id, .field = identity_field, .index = 1, .normaliser_version = 1},
                                    0, 0, joined);
}

std::optional<StoredUser> find_one(Work& work, std::string_view index, std::span<const std::byte> token) {
  std::optional<StoredUser> found;
  const Cell equal[] = {Cell::bytes(crypto::text_of(token))};
  Rows<StoredUser>(work).scan({.index = index, .equal = equal, .limit = 1}, [&](StoredUser user) {
    found = std::move(user);
    return false;
  });
  return found;
}

/// The computed columns, in the order of the table, with what they refer to.
class Columns {
 public:
  Columns(Work& work, const StoredUser& user, const std::optional<crypto::Digest>& invitation)
      : invitation_(invitation) {
    if (has_role(user, Role::tenant_admin) && !user.issuer)
      cells_[0] = Cell::of(user.status == UserStatus::active ? 1 : 0);
    if (user.email) {
      email_ = email_token(work, *user.email);
      cells_[1] = Cell::bytes(crypto::text_of(email_));
    }
    if (invitation_) cells_[2] = Cell::bytes(crypto::text_of(*invitation_));
    if (user.issuer && user.subject) {
      identity_ = identity_token(work, *user.issuer, *user.subject);
      cells_[3] = Cell::bytes(crypto::text_of(identity_));
    }
  }
  Columns(const Columns&) = delete;

  std::span<const Cell> all() const { return cells_; }
  std::span<const Cell> admin() const { return std::span(cells_).first(1); }
  std::span<const Cell> with_invitation() const { return std::span(cells_).first(3); }

 private:
  std::optional<crypto::Digest> invitation_;
  crypto::BlindToken email_{};
  crypto::BlindToken identity_{};
  std::array<Cell, 4> cells_{};
};

crypto::SealContext place_of_hash(const kernel::Store& store, UserId user) {
  return {.tenant = store.id().uuid, .table_id = table_id, .row_id = user.uuid, .block = password_field};
}

bool sees_whole(const Work& work, const StoredUser& user) {
  const bool own = !user.id.is_nil() && work.actor().user == user.id;
  return own || work.access().holds(Permission::user_read, Scope::all);
}

/// Whether the token of an invitation that this user sent may stand for whatever the caller gives the account.
bool may_give_everything(Work& work, UserId inviter) {
  if (inviter.is_nil()) return false;
  if (inviter == work.actor().user) return true;
  const auto there = Rows<StoredUser>(work).find_unchecked(inviter, 0);
  return there && there->status == UserStatus::active && has_role(*there, Role::tenant_admin);
}

[[noreturn]] void refuse(std::vector<FieldError> errors) {
  throw Failure(Error{.code = codes::invalid, .fields = std::move(errors)});
}

template <class T>
void remove_repeats(std::vector<T>& items) {
  auto end = items.begin();
  for (auto& item : items)
    if (std::find(items.begin(), end, item) == end) *end++ = item;
  items.erase(end, items.end());
}

}  // namespace

std::optional<StoredUser> find_by_email(Work& work, std::string_view email) {
  return find_one(work, "users_email", email_token(work, email));
}

std::optional<StoredUser> find_by_invitation(Work& work, const crypto::Digest& token_hash) {
  return find_one(work, "users_invitation", token_hash);
}

std::optional<StoredUser> find_by_identity(Work& work, std::string_view issuer, std::string_view subject) {
  return find_one(work, "users_identity", identity_token(work, issuer, subject));
}

bool is_user(Work& work, UserId id) { return Rows<StoredUser>(work).find_unchecked(id, 0).has_value(); }

void set_practitioner(Work& work, UserId id, std::optional<PractitionerId> practitioner) {
  auto user = Rows<StoredUser>(work).find_unchecked(id, block_flags);
  if (!user || user->practitioner_id == practitioner) return;
  if (work.actor().user == id) throw Failure(own_account);
  user->practitioner_id = practitioner;
  update_rights(work, *user, user->revision);
}

std::optional<StoredUser> stand_in(Work& work) {
  std::optional<StoredUser> any;
  Rows<StoredUser>(work).scan({.limit = 1}, [&](StoredUser user) {
    any = std::move(user);
    return false;
  });
  return any;
}

void insert_user(Work& work, StoredUser& user, const std::optional<crypto::Digest>& invitation) {
  Rows<StoredUser>(work).insert(user, Columns(work, user, invitation).all());
}

void update_user(Work& work, StoredUser& user, std::optional<std::uint64_t> expected) {
  Rows<StoredUser>(work).update(user, expected, Columns(work, user, {}).admin());
}

void update_rights(Work& work, StoredUser& user, std::optional<std::uint64_t> expected) {
  const bool ends = user.invitation_expires_at && !may_give_everything(work, user.invited_by);
  if (ends) user.invitation_expires_at.reset();
  const Columns columns(work, user, {});
  Rows<StoredUser>(work).update(user, expected, ends ? columns.with_invitation() : columns.admin());
  forget_live(work, user.id);
}

void update_invitation(Work& work, StoredUser& user, const std::optional<crypto::Digest>& invitation) {
  Rows<StoredUser>(work).update(user, user.revision, Columns(work, user, invitation).with_invitation());
}

void update_hash(Work& work, StoredUser& user) {
  work.update_row(Rows<StoredUser>::layout(), &user, user.revision, {}, kernel::Reach<StoredUser>::classes(work, user));
}

void note_sign_in(Work& work, UserId user) {
  Rows<StoredActivity> rows(work);
  auto activity = rows.find(user);
  StoredActivity now{.id = user, .last_login_at = work.now()};
  if (!activity) return rows.insert(now);
  now.revision = activity->revision;
  rows.update(now, now.revision);
}

User whole(const StoredUser& user) {
  return {.id = user.id,
          .revision = user.revision,
          .display_name = user.display_name,
          .email = user.email,
          .phone = user.phone,
          .status = user.status,
          .roles = user.roles,
          .custom_roles = user.custom_roles,
          .facilities = user.facilities,
          .practitioner_id = user.practitioner_id,
          .patient_id = user.patient_id,
          .labels = user.labels,
          .locale = user.locale,
          .issuer = user.issuer,
          .subject = user.subject,
          .created_at = user.created_at,
          .created_by = user.created_by,
          .updated_at = user.updated_at,
          .updated_by = user.updated_by};
}

User view_of(Work& work, const StoredUser& user) {
  if (sees_whole(work, user)) {
    User view = whole(user);
    if (const auto activity = Rows<StoredActivity>(work).find(user.id)) view.last_login_at = activity->last_login_at;
    return view;
  }
  return {.id = user.id,
          .revision = user.revision,
          .display_name = user.display_name,
          .status = user.status,
          .roles = user.roles,
          .custom_roles = user.custom_roles,
          .created_at = user.created_at,
          .created_by = user.created_by,
          .updated_at = user.updated_at,
          .updated_by = user.updated_by};
}

bool has_role(const StoredUser& user, Role role) {
  return std::find(user.roles.begin(), user.roles.end(), role) != user.roles.end();
}

bool may_sign_in(const kernel::Store& store, const StoredUser& user) {
  if (user.status != UserStatus::active) return false;
  return store.status() == TenantStatus::active || has_role(user, Role::tenant_admin);
}

bool still_is(const StoredUser& user, const kernel::Actor& actor) {
  const auto same_role = [](const RoleId& id, const kernel::HeldRole& held) { return id == held.id; };
  return user.roles == actor.roles && user.facilities == actor.facilities && user.patient_id == actor.patient_id &&
         user.practitioner_id == actor.practitioner_id && user.labels == actor.labels &&
         std::equal(user.custom_roles.begin(), user.custom_roles.end(), actor.custom_roles.begin(),
                    actor.custom_roles.end(), same_role);
}

Admins admins(Work& work) {
  Admins found;
  const auto collect = [&](std::int64_t active, std::vector<UserId>& into) {
    const Cell equal[] = {Cell::of(active)};
    Rows<StoredUser>(work).scan({.index = "users_admin", .equal = equal}, [&](const StoredUser& user) {
      into.push_back(user.id);
      return true;
    });
  };
  collect(1, found.active);
  collect(0, found.others);
  return found;
}

void require_another_admin(Work& work, const StoredUser& user) {
  if (user.status != UserStatus::active || user.issuer || !has_role(user, Role::tenant_admin)) return;
  const auto active = admins(work).active;
  if (std::none_of(active.begin(), active.end(), [&](UserId other) { return other != user.id; }))
    throw Failure(last_admin);
}

void require_assignable(std::vector<Role>& roles, bool custom) {
  std::vector<FieldError> errors;
  if (roles.empty() && !custom)
    errors.push_back({.pointer = "/roles", .code = "required", .message = "Give at least one role."});
  for (std::size_t i = 0; i < roles.size(); ++i)
    if (roles[i] == Role::super_admin)
      errors.push_back({.pointer = "/roles/" + std::to_string(i),
                        .code = "role.not_assignable",
                        .message = "This role exists on the platform only."});
  if (!errors.empty()) refuse(std::move(errors));
  remove_repeats(roles);
}

void require_facilities(Work& work, std::vector<FacilityId>& facilities) {
  std::vector<FieldError> errors;
  for (std::size_t i = 0; i < facilities.size() && errors.size() < field_errors_max; ++i)
    if (!Rows<facilities::Facility>(work).find(facilities[i]))
      errors.push_back({.pointer = "/facilities/" + std::to_string(i),
                        .code = "facility.unknown",
                        .message = "There is no such facility."});
  if (!errors.empty()) refuse(std::move(errors));
  remove_repeats(facilities);
}

void require_patient(Work& work, const std::optional<PatientId>& patient) {
  if (!patient) return;
  const auto there = Rows<patients::Patient>(work).find_unchecked(*patient, 0);
  if (!there || there->deleted_at)
    throw Failure(codes::invalid, "/patient_id", "patient.unknown", "There is no such patient.");
  work.concerns(*patient);
}

std::optional<std::string> phone_of(Work& work, const std::optional<std::string>& typed) {
  if (!typed) return std::nullopt;
  auto number = text::e164_of(*typed, settings::current(work).country);
  if (!number) throw Failure(codes::invalid, "/phone", "format.e164", std::string(text::no_phone));
  return number;
}

std::string wrap_hash(kernel::Store& store, UserId user, std::string_view hash) {
  const auto& keys = store.keys().tenant();
  return crypto::wrap_password_hash(keys.password_pepper(), keys.version(), place_of_hash(store, user), hash,
                                    store.rng());
}

std::string unwrap_hash(kernel::Store& store, const StoredUser& user) {
  auto hash = crypto::unwrap_password_hash(store.keys().tenant().password_pepper(), place_of_hash(store, user.id),
                                           user.password_hash);
  if (!hash) throw Failure(codes::integrity);
  return std::move(*hash);
}

std::uint16_t role_bits(std::span<const Role> roles) {
  unsigned bits = 0;
  for (Role role : roles) bits |= 1U << static_cast<unsigned>(role);
  return static_cast<std::uint16_t>(bits);
}

void acted_by(Work& work, const StoredUser& user, SessionId session) {
  audit::Event& event = work.event();
  event.actor_kind = audit::ActorKind::user;
  event.actor = user.id.uuid;
  event.session = session.uuid;
  event.roles = role_bits(user.roles);
}

}  // namespace medflow::inline v1::users

namespace medflow::kernel {

std::uint32_t Reach<users::StoredUser>::classes(const Work& work, const users::StoredUser& user) {
  if ((work.classes() & secret) != 0) return contact | secret;  // a sign-in: no caller's rights open that
  const bool manages = work.permission() == Permission::user_manage;
  return manages || users::sees_whole(work, user) ? std::uint32_t{contact} : 0;
}

}  // namespace medflow::kernel
