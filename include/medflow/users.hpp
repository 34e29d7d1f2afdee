// Users, how they sign in, and what a host brings of its own identities.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/operation.hpp"
#include "medflow/secret.hpp"

namespace medflow::inline v1::users {

/// invited → active ⇄ locked/disabled.
enum class UserStatus : std::uint8_t { invited, active, locked, disabled };

/// A person (or a host's identity) that can sign in. Who holds `user.read` in scope M sees id, name, roles and status only.
struct User {
  UserId id{};
  std::uint64_t revision = 0;
  std::string display_name{};
  std::optional<std::string> email{};
  std::optional<std::string> phone{};
  UserStatus status = UserStatus::invited;
  std::vector<Role> roles{};
  std::vector<RoleId> custom_roles{};
  std::vector<FacilityId> facilities{};
  std::optional<PractitionerId> practitioner_id{};
  std::optional<PatientId> patient_id{};
  std::vector<Label> labels{};  ///< which marked records the user may see, with `record.read_sensitive`
  std::string locale{};
  std::optional<std::string> issuer{};  ///< with `subject`: an identity of the host
  std::optional<std::string> subject{};
  std::optional<Instant> last_login_at{};
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// An invitation as its sender sees it: the token is shown once and is not stored.
struct Invitation {
  User user{};
  std::string token{};  ///< one-time, valid until `expires_at`
  Instant expires_at{};
};

/// The tenant's users, by id.
/// Fails: forbidden.
struct List {
  using Output = Page<User>;
  std::optional<UserStatus> status{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "users.list",
                                       .method = Method::get,
                                       .path = "/users",
                                       .permission = Permission::user_read,
                                       .summary = "List the users",
                                       .realm = Realm::any,
                                       .object = "user"};
};

/// One user.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = User;
  UserId id{};

  static constexpr Operation operation{.name = "users.get",
                                       .method = Method::get,
                                       .path = "/users/{id}",
                                       .permission = Permission::user_read,
                                       .summary = "Read a user",
                                       .realm = Realm::any,
                                       .object = "user"};
};

/// Invites somebody: the answer holds the one-time token (256 bits, stored as a hash, 24 hours) that completes the account at
/// `auth.register`; a message takes it to the address as well. An address that is invited already gets a new token, and the old one dies.
/// Who does not hold `user.manage` gives roles and facilities of their own only (RBA-8), and no patient, and invites nobody anew whose
/// account has more than that. An open invitation ends where somebody else than who sent it, who is no administrator either, changes what the
/// account may do: it is invited anew then. An account with a `patient_id` is
/// that of this patient: with the role, it sees the own record and visits.
/// Fails, first match wins: forbidden; invalid; conflict `user.exists` (an account that is complete, or has more than the caller gives).
struct Invite {
  using Output = Invitation;
  std::string email{};
  std::string display_name{};
  std::vector<Role> roles{};
  std::vector<FacilityId> facilities{};
  std::vector<RoleId> custom_roles{};
  std::optional<PatientId> patient_id{};

  static constexpr Operation operation{.name = "users.invite",
                                       .method = Method::post,
                                       .path = "/users/invite",
                                       .permission = Permission::user_invite,
                                       .effect = Effect::write,
                                       .summary = "Invite a user",
                                       .object = "user",
                                       .status = 201};
};

/// Invites a tenant's first administrator; possible only while the tenant has none.
/// Fails, first match wins: forbidden; not_found; invalid; forbidden `tenant.suspended`; conflict `user.exists`.
struct InviteFirstAdmin {
  using Output = Invitation;
  TenantId id{};
  std::string email{};
  std::string display_name{};

  static constexpr Operation operation{.name = "users.invite_first_admin",
                                       .method = Method::post,
                                       .path = "/admin/tenants/{id}/invite_first_admin",
                                       .permission = Permission::tenant_invite_admin,
                                       .effect = Effect::write,
                                       .summary = "Invite a tenant's first administrator",
                                       .realm = Realm::platform,
                                       .object = "user",
                                       .status = 201};
};

/// Changes a user's profile.
/// Fails, first match wins: forbidden; not_found; invalid; precondition_required; conflict `conflict.revision`.
struct Update {
  using Output = User;
  UserId id{};
  std::optional<std::uint64_t> revision{};
  std::string display_name{};
  std::optional<std::string> phone{};
  std::string locale{};

  static constexpr Operation operation{.name = "users.update",
                                       .method = Method::put,
                                       .path = "/users/{id}",
                                       .permission = Permission::user_manage,
                                       .effect = Effect::write,
                                       .summary = "Change a user's profile",
                                       .realm = Realm::any,
                                       .object = "user"};
};

/// Gives a user these roles, built-in and the tenant's own, and no others, at least one. Nobody changes their own (RBA-8), and the last active administrator keeps
/// the role. An open invitation that neither the caller nor an administrator has sent ends, as with the next three (see `Invite`).
/// Fails, first match wins: forbidden; not_found; invalid; precondition_required; conflict `conflict.revision`; conflict
/// `user.last_admin`.
struct SetRoles {
  using Output = User;
  UserId id{};
  std::optional<std::uint64_t> revision{};
  std::vector<Role> roles{};
  std::vector<RoleId> custom_roles{};

  static constexpr Operation operation{.name = "users.set_roles",
                                       .method = Method::put,
                                       .path = "/users/{id}/roles",
                                       .permission = Permission::user_manage,
                                       .effect = Effect::write,
                                       .summary = "Set a user's roles",
                                       .object = "user"};
};

/// Puts a user in these facilities and no others. Nobody changes their own.
/// Fails, first match wins: forbidden; not_found; invalid; precondition_required; conflict `conflict.revision`.
struct SetFacilities {
  using Output = User;
  UserId id{};
  std::optional<std::uint64_t> revision{};
  std::vector<FacilityId> facilities{};

  static constexpr Operation operation{.name = "users.set_facilities",
                                       .method = Method::put,
                                       .path = "/users/{id}/facilities",
                                       .permission = Permission::user_manage,
                                       .effect = Effect::write,
                                       .summary = "Set a user's facilities",
                                       .object = "user"};
};

/// Says which labels a user holds: labelled records are there only for who holds all of theirs (RBA-7). Nobody says so of themselves.
/// Fails, first match wins: forbidden; not_found; precondition_required; conflict `conflict.revision`.
struct SetLabels {
  using Output = User;
  UserId id{};
  std::optional<std::uint64_t> revision{};
  std::vector<Label> labels{};

  static constexpr Operation operation{.name = "users.set_labels",
                                       .method = Method::put,
                                       .path = "/users/{id}/labels",
                                       .permission = Permission::user_manage,
                                       .effect = Effect::write,
                                       .summary = "Set which labelled records a user may see",
                                       .object = "user"};
};

/// Says which patient a user is, or, without `patient_id`, that he or she is none. Nobody says so of themselves.
/// Fails, first match wins: forbidden; not_found; invalid (`patient.unknown`); precondition_required; conflict `conflict.revision`.
struct SetPatient {
  using Output = User;
  UserId id{};
  std::optional<std::uint64_t> revision{};
  std::optional<PatientId> patient_id{};

  static constexpr Operation operation{.name = "users.set_patient",
                                       .method = Method::put,
                                       .path = "/users/{id}/patient",
                                       .permission = Permission::user_manage,
                                       .effect = Effect::write,
                                       .summary = "Say which patient a user is",
                                       .object = "user"};
};

/// Disables a user; all their sessions end at once. The last active administrator cannot be disabled.
/// Fails, first match wins: forbidden; not_found; conflict `user.last_admin`.
struct Disable {
  using Output = User;
  UserId id{};

  static constexpr Operation operation{.name = "users.disable",
                                       .method = Method::post,
                                       .path = "/users/{id}/disable",
                                       .permission = Permission::user_manage,
                                       .effect = Effect::write,
                                       .summary = "Disable a user",
                                       .realm = Realm::any,
                                       .object = "user"};
};

/// Enables a disabled user again.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal`.
struct Enable {
  using Output = User;
  UserId id{};

  static constexpr Operation operation{.name = "users.enable",
                                       .method = Method::post,
                                       .path = "/users/{id}/enable",
                                       .permission = Permission::user_manage,
                                       .effect = Effect::write,
                                       .summary = "Enable a disabled user",
                                       .realm = Realm::any,
                                       .object = "user"};
};

/// Forgets the failed sign-ins of an account, so that it can sign in at once (USR-3).
/// Fails, first match wins: forbidden; not_found.
struct ClearThrottle {
  using Output = Done;
  UserId id{};

  static constexpr Operation operation{.name = "users.clear_throttle",
                                       .method = Method::post,
                                       .path = "/users/{id}/clear_throttle",
                                       .permission = Permission::user_manage,
                                       .effect = Effect::write,
                                       .summary = "Forget the failed sign-ins of a user",
                                       .realm = Realm::any,
                                       .object = "user",
                                       .status = 204};
};

/// Sends a user the link with which they set a new password at `auth.reset`. Whoever starts it never learns the token.
/// Fails, first match wins: forbidden; not_found; conflict `transition.illegal` (an account that is not active, or has no password
/// of its own).
struct StartReset {
  using Output = Done;
  UserId id{};

  static constexpr Operation operation{.name = "users.start_reset",
                                       .method = Method::post,
                                       .path = "/users/{id}/start_reset",
                                       .permission = Permission::user_manage,
                                       .effect = Effect::write,
                                       .summary = "Send a user a link to set a new password",
                                       .realm = Realm::any,
                                       .object = "user",
                                       .status = 204};
};

}  // namespace medflow::inline v1::users

namespace medflow::inline v1::sessions {

/// Where a session was begun, as far as its address tells.
enum class Network : std::uint8_t {
  unknown,
  loopback,   ///< this machine
  local,      ///< an address of a private network (RFC 1918, RFC 4193) or a link-local one
  worldwide,  ///< any other
};

/// One sign-in that is still good.
struct SessionInfo {
  SessionId id{};
  UserId user_id{};
  std::string device{};  ///< as it was named at the sign-in
  Network network = Network::unknown;
  Instant issued_at{};
  Instant last_used_at{};
  Instant expires_at{};  ///< at the latest; without a call it ends earlier (settings `staff_idle_s`, `patient_idle_s`)
  bool current = false;  ///< the one that asks
};

/// The sessions of the caller, or of a user: there are five at most. Those of somebody else need `session.read` in scope A.
/// Fails, first match wins: forbidden; not_found.
struct List {
  using Output = Page<SessionInfo>;
  std::optional<UserId> user_id{};

  static constexpr Operation operation{.name = "sessions.list",
                                       .method = Method::get,
                                       .path = "/sessions",
                                       .permission = Permission::session_read,
                                       .summary = "List the sessions of oneself or of a user",
                                       .realm = Realm::any,
                                       .object = "session"};
};

/// Ends a session: its tokens are dead at once. That of somebody else needs `session.revoke` in scope A.
/// Fails, first match wins: forbidden; not_found.
struct Revoke {
  using Output = Done;
  SessionId id{};

  static constexpr Operation operation{.name = "sessions.revoke",
                                       .method = Method::del,
                                       .path = "/sessions/{id}",
                                       .permission = Permission::session_revoke,
                                       .effect = Effect::write,
                                       .summary = "End a session",
                                       .realm = Realm::any,
                                       .object = "session",
                                       .status = 204};
};

}  // namespace medflow::inline v1::sessions

namespace medflow::inline v1::profile {

/// The caller's own account.
/// Fails: forbidden.
struct Get {
  using Output = users::User;

  static constexpr Operation operation{.name = "profile.get",
                                       .method = Method::get,
                                       .path = "/profile",
                                       .permission = Permission::profile_manage,
                                       .summary = "Read one's own account",
                                       .realm = Realm::any,
                                       .object = "user"};
};

/// Changes the caller's own profile.
/// Fails, first match wins: forbidden; invalid; precondition_required; conflict `conflict.revision`.
struct Update {
  using Output = users::User;
  std::optional<std::uint64_t> revision{};
  std::string display_name{};
  std::optional<std::string> phone{};
  std::string locale{};

  static constexpr Operation operation{.name = "profile.update",
                                       .method = Method::put,
                                       .path = "/profile",
                                       .permission = Permission::profile_manage,
                                       .effect = Effect::write,
                                       .summary = "Change one's own profile",
                                       .realm = Realm::any,
                                       .object = "user"};
};

}  // namespace medflow::inline v1::profile

namespace medflow::inline v1::auth {

/// What a sign-in gives: a short-lived access token (RFC 9068 form, HS256) and a refresh token that is used once.
struct Tokens {
  std::string access_token{};
  std::string refresh_token{};
  std::string token_type = "Bearer";
  std::uint32_t expires_in = 0;  ///< seconds that the access token is valid
  UserId user_id{};
  std::string display_name{};
  std::vector<Role> roles{};
  std::string device_token{};  ///< of `auth.login` only: present it at this user's next sign-in from the same device
};

/// Signs in by address and password. Wrong password, unknown address, disabled account, unknown tenant: one answer.
/// Failures are counted (USR-3): an address has 5 free, then waits 1, 2, 4 … at most 900 s before each next try, and after 100 in a
/// row only `auth.reset` or `users.clear_throttle` opens it; an address block (/24, /48) has 20 a minute. A device that has signed
/// this user in before shows its `device_token` and is counted by itself. Whether there is such an account makes no difference.
/// Fails, first match wins: invalid; rate_limited `auth.throttled` with `retry_after_s`; unauthenticated `auth.failed`; unavailable
/// `auth.busy`.
struct Login {
  using Output = Tokens;
  std::string email{};
  Secret password{};
  std::string device{};   ///< how the user will recognise this session, at most 200 code points
  Secret device_token{};  ///< what the last sign-in on this device gave; one that is no good counts as none

  static constexpr Operation operation{.name = "auth.login",
                                       .method = Method::post,
                                       .path = "/auth/login",
                                       .permission = Permission::anonymous,
                                       .effect = Effect::write,
                                       .summary = "Sign in",
                                       .realm = Realm::any,
                                       .object = "session"};
};

/// Exchanges a refresh token for new tokens. A token that was used before revokes the session's whole family (RFC 9700), and a message tells
/// its user.
/// Fails: unauthenticated `auth.failed`.
struct Refresh {
  using Output = Tokens;
  Secret refresh_token{};

  static constexpr Operation operation{.name = "auth.refresh",
                                       .method = Method::post,
                                       .path = "/auth/refresh",
                                       .permission = Permission::anonymous,
                                       .effect = Effect::write,
                                       .summary = "Renew the tokens of a session",
                                       .realm = Realm::any,
                                       .object = "session"};
};

/// Ends the caller's session; its access and refresh tokens are dead at once.
/// Fails: unauthenticated.
struct Logout {
  using Output = Done;

  static constexpr Operation operation{.name = "auth.logout",
                                       .method = Method::post,
                                       .path = "/auth/logout",
                                       .permission = Permission::session,
                                       .effect = Effect::write,
                                       .summary = "Sign out",
                                       .realm = Realm::any,
                                       .object = "session",
                                       .status = 204};
};

/// Completes an invitation: sets name and password. Without an invitation it is self-registration as a patient: a message takes a
/// token to the address, and the account comes to be when `auth.verify` is shown it with the password. The answer does not tell whether the address
/// has an account already.
/// Fails, first match wins: invalid (`password.short`, `password.long`, `password.common` among them); forbidden `registration.closed`;
/// gone `invitation.expired`.
struct Register {
  using Output = users::User;
  Secret invitation{};
  std::string display_name{};
  std::string email{};  ///< needed without an invitation
  Secret password{};

  static constexpr Operation operation{.name = "auth.register",
                                       .method = Method::post,
                                       .path = "/auth/register",
                                       .permission = Permission::anonymous,
                                       .effect = Effect::write,
                                       .summary = "Complete an invitation, or register as a patient",
                                       .realm = Realm::any,
                                       .object = "user",
                                       .status = 201};
};

/// Proves that the address of a self-registration is its owner's: the account is there from then on. Whoever registered has chosen the
/// password, and whoever has the mail may be somebody else, so it takes both. A wrong password leaves the link as it is, and is counted
/// for it as at `auth.login`: 5 are free, and after 100 it stays shut.
/// Fails, first match wins: invalid; gone `link.expired` (used, or older than 24 hours, or the address has an account by now, or the
/// tenant takes no registrations any more); rate_limited `auth.throttled` with `retry_after_s`; unauthenticated `auth.failed`; unavailable
/// `auth.busy`.
struct Verify {
  using Output = users::User;
  Secret token{};
  Secret password{};  ///< as it was given to `auth.register`

  static constexpr Operation operation{.name = "auth.verify",
                                       .method = Method::post,
                                       .path = "/auth/verify",
                                       .permission = Permission::anonymous,
                                       .effect = Effect::write,
                                       .summary = "Confirm the address of a registration",
                                       .realm = Realm::any,
                                       .object = "user"};
};

/// Asks for a link to set a new password, which goes to the address as a message. The answer is the same whether or not there is
/// such an account, or such a tenant.
/// Fails, first match wins: invalid; rate_limited `auth.throttled` (more than 3 an hour for an address).
struct RequestReset {
  using Output = Done;
  std::string email{};

  static constexpr Operation operation{.name = "auth.request_reset",
                                       .method = Method::post,
                                       .path = "/auth/request_reset",
                                       .permission = Permission::anonymous,
                                       .effect = Effect::write,
                                       .summary = "Ask for a link to set a new password",
                                       .realm = Realm::any,
                                       .object = "user",
                                       .status = 204};
};

/// Sets a new password with the token of such a link, which is good once and for 30 minutes. All sessions of the account end,
/// and its failed sign-ins are forgotten.
/// Fails, first match wins: invalid (`password.short`, `password.long`, `password.common` among them); gone `link.expired`.
struct Reset {
  using Output = Done;
  Secret token{};
  Secret password{};

  static constexpr Operation operation{.name = "auth.reset",
                                       .method = Method::post,
                                       .path = "/auth/reset",
                                       .permission = Permission::anonymous,
                                       .effect = Effect::write,
                                       .summary = "Set a new password by a link",
                                       .realm = Realm::any,
                                       .object = "user",
                                       .status = 204};
};

}  // namespace medflow::inline v1::auth
