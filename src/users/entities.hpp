// What is stored of users and their sessions. None of it leaves the module: callers see `users::User`.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "kernel/rows.hpp"
#include "medflow/users.hpp"
#include "storage/entity.hpp"
#include "users/users.fields.hpp"

namespace medflow::inline v1::users {

inline constexpr Code user_exists{"user.exists", Errc::conflict, "This address belongs to an account."};
inline constexpr Code last_admin{"user.last_admin", Errc::conflict, "The last active administrator keeps the role."};
inline constexpr Code issuer_untrusted{"issuer.untrusted", Errc::forbidden, "The tenant does not trust this issuer."};

/// One account. An invited one has no password yet; one that a host brings (`issuer`) never has one.
struct StoredUser {
  UserId id{};
  std::uint64_t revision = 0;
  std::string display_name{};
  std::optional<std::string> email{};
  std::optional<std::string> phone{};
  UserStatus status = UserStatus::invited;
  std::vector<Role> roles{};
  std::vector<FacilityId> facilities{};
  std::optional<PractitionerId> practitioner_id{};
  std::optional<PatientId> patient_id{};
  std::string locale{};
  std::optional<std::string> issuer{};
  std::optional<std::string> subject{};
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
  std::string password_hash{};  ///< wrapped (`crypto::wrap_password_hash`); empty for none
  std::optional<Instant> invitation_expires_at{};
  std::vector<RoleId> custom_roles{};
  std::vector<Label> labels{};
  UserId invited_by{};  ///< who was told the token of the last invitation; nil for the system
};

/// What signing in leaves behind of a user; apart from the account, which it does not change.
struct StoredActivity {
  UserId id{};
  std::uint64_t revision = 0;
  Instant last_login_at{};
};

/// One sign-in. Its row is the truth: what it says goes, whatever a token says. A session is its own family of refresh tokens.
struct StoredSession {
  SessionId id{};
  std::uint64_t revision = 0;
  UserId user_id{};
  std::string device{};
  std::string ip{};
  Instant issued_at{};
  Instant last_used_at{};
  Instant expires_at{};
  std::optional<Instant> revoked_at{};
  std::string reason{};
  std::uint8_t amr = 0;
  std::uint64_t epoch = 0;  ///< as its access tokens say; they die with the session, so it is 0 so far
  std::optional<Instant> rotated_at{};
  std::string predecessor{};    ///< hash of the refresh token before the present one
  std::string refresh_token{};  ///< the present one, which the predecessor's holder is given once more within the grace
};

/// Hashes of refresh tokens that were used: whoever brings one again has stolen it, or was robbed of it.
inline constexpr std::array used_token_columns{
    storage::Column{"hash", storage::CellKind::bytes, false, "BLAKE2b-256 of a refresh token that was used"},
    storage::Column{"session_id", storage::CellKind::bytes, false, "the session that it renewed"},
    storage::Column{"used_at", storage::CellKind::integer, false, "when it was used"},
};
inline constexpr std::uint8_t used_token_times[] = {2};
inline constexpr std::array used_token_indexes{
    storage::Index{.name = "used_refresh_tokens_at", .columns = used_token_times}};
inline constexpr storage::Table used_tokens_table{.id = 16,
                                                  .name = "used_refresh_tokens",
                                                  .meaning = "refresh tokens that must not come again",
                                                  .columns = used_token_columns,
                                                  .indexes = used_token_indexes};

}  // namespace medflow::inline v1::users

namespace medflow {

template <>
struct Described<users::StoredUser> {
  using T = users::StoredUser;
  static constexpr std::string_view name = "StoredUser";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, users::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the changes, from 1"}),
      field<&T::display_name>(3, "display_name", none, users::rule::display_name),
      field<&T::email>(4, "email", contact, users::rule::email),
      field<&T::phone>(5, "phone", contact, users::rule::phone),
      field<&T::status>(6, "status", none, {.meaning = "the state of the account"}),
      field<&T::roles>(7, "roles", none, {.meaning = "the roles, as a list"}),
      field<&T::facilities>(8, "facilities", none, {.meaning = "the facilities, as a list"}),
      field<&T::practitioner_id>(9, "practitioner_id", none, {.meaning = "the practitioner that the user is"}),
      field<&T::patient_id>(10, "patient_id", none, {.meaning = "the patient that the user is"}),
      field<&T::locale>(11, "locale", none, users::rule::locale),
      field<&T::issuer>(12, "issuer", immutable, {.meaning = "who vouches for a host's identity"}),
      field<&T::subject>(13, "subject", immutable, {.meaning = "the name of that identity at its issuer"}),
      field<&T::created_at>(15, "created_at", immutable, {.meaning = "when the account was made"}),
      field<&T::created_by>(16, "created_by", immutable, {.meaning = "who made it"}),
      field<&T::updated_at>(17, "updated_at", none, {.meaning = "when it was last changed"}),
      field<&T::updated_by>(18, "updated_by", none, {.meaning = "who changed it last"}),
      field<&T::password_hash>(19, "password_hash", secret, {.meaning = "the wrapped hash of the password"}),
      field<&T::invitation_expires_at>(20, "invitation_expires_at", none,
                                       {.meaning = "until when the invitation is valid"}),
      field<&T::custom_roles>(21, "custom_roles", none, {.meaning = "the roles of the tenant's own, as a list"}),
      field<&T::labels>(22, "labels", none, {.meaning = "the labels that the user holds, as a list"}),
      field<&T::invited_by>(23, "invited_by", contact, {.meaning = "who sent the last invitation"})};
};

template <>
struct Described<users::StoredActivity> {
  using T = users::StoredActivity;
  static constexpr std::string_view name = "StoredActivity";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, users::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the sign-ins, from 1"}),
      field<&T::last_login_at>(3, "last_login_at", none, {.meaning = "when the user last signed in"})};
};

template <>
struct Described<users::StoredSession> {
  using T = users::StoredSession;
  static constexpr std::string_view name = "StoredSession";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "the session's id"}),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the changes, from 1"}),
      field<&T::user_id>(3, "user_id", immutable, {.meaning = "who signed in"}),
      field<&T::device>(4, "device", contact, {.meaning = "how the user recognises it"}),
      field<&T::ip>(5, "ip", contact, {.meaning = "the address that it came from"}),
      field<&T::issued_at>(6, "issued_at", immutable, {.meaning = "when it began"}),
      field<&T::last_used_at>(7, "last_used_at", none, {.meaning = "when it was last used, to the minute"}),
      field<&T::expires_at>(8, "expires_at", none, {.meaning = "until when its refresh token is valid"}),
      field<&T::revoked_at>(9, "revoked_at", none, {.meaning = "when it was ended"}),
      field<&T::reason>(10, "reason", none,
                        {.meaning = "why: logout, replaced, disabled, revoked, reset, token_reuse"}),
      field<&T::amr>(11, "amr", immutable, {.meaning = "how the user signed in (RFC 8176), as bits"}),
      field<&T::epoch>(12, "epoch", none, {.meaning = "what its access tokens say as theirs; 0 so far"}),
      field<&T::rotated_at>(13, "rotated_at", none, {.meaning = "when its refresh token was last exchanged"}),
      field<&T::predecessor>(14, "predecessor", secret, {.meaning = "the hash of the refresh token before"}),
      field<&T::refresh_token>(15, "refresh_token", secret, {.meaning = "the present refresh token"})};
};

/// What a host may say of an identity (USR-10).
template <>
struct Described<Principal> {
  using T = Principal;
  static constexpr std::string_view name = "Principal";
  static constexpr Field fields[] = {
      field<&T::issuer>(1, "issuer", required, {.max = 255, .text = TextRule::ascii, .meaning = "Who vouches for it."}),
      field<&T::subject>(2, "subject", required, {.max = 255, .meaning = "Its name at the issuer."}),
      field<&T::display_name>(3, "display_name", required, users::rule::display_name),
      field<&T::roles>(4, "roles", required, users::rule::user_roles),
      field<&T::facilities>(5, "facilities", none, users::rule::user_facilities),
      field<&T::practitioner_id>(6, "practitioner_id", none, {.meaning = "The practitioner that it is."}),
      field<&T::patient_id>(7, "patient_id", none, {.meaning = "The patient that it is."}),
      field<&T::custom_roles>(8, "custom_roles", none,
                              {.items_max = 20,
                               .item_text_max = 60,
                               .text = TextRule::name,
                               .meaning = "Roles of the tenant's own, by name."})};
};

}  // namespace medflow

namespace medflow::kernel {

/// Everybody who reads users reaches all of them; how much of each is opened is another matter.
template <>
struct Reach<users::StoredUser> {
  static bool reaches(const Work&, const users::StoredUser&) { return true; }
  static bool hidden(const users::StoredUser&) { return false; }
  static std::uint32_t classes(const Work& work, const users::StoredUser& user);
};

/// Sessions are the module's own affair: what opens one of them opens all of it.
template <>
struct Reach<users::StoredSession> {
  static bool reaches(const Work&, const users::StoredSession&) { return true; }
  static bool hidden(const users::StoredSession&) { return false; }
  static std::uint32_t classes(const Work&, const users::StoredSession&) { return contact | secret; }
};

}  // namespace medflow::kernel

namespace medflow::inline v1::storage {

template <>
struct Stored<users::StoredUser> {
  static const Entity entity;
};
template <>
struct Stored<users::StoredActivity> {
  static const Entity entity;
};
template <>
struct Stored<users::StoredSession> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
