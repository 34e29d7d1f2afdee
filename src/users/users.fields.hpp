// The fields of users and sign-in, and of their operations (entities.md, "User").
#pragma once

#include "medflow/fields.hpp"
#include "medflow/users.hpp"

namespace medflow::inline v1::users::rule {

inline constexpr Rules id{.meaning = "The user's id."};
inline constexpr Rules revision{.meaning = "The revision that this change is based on; also by If-Match."};
inline constexpr Rules display_name{.max = 200, .text = TextRule::name, .meaning = "The name that others see."};
inline constexpr Rules email{.max = 254, .text = TextRule::email, .meaning = "The address to sign in with."};
inline constexpr Rules phone{
    .max = 40, .meaning = "A telephone number (E.164); taken as people of the tenant's country write it."};
inline constexpr Rules locale{.max = 35, .text = TextRule::ascii, .meaning = "The language of messages (BCP 47)."};
inline constexpr Rules user_roles{.items_max = 10, .meaning = "The built-in roles."};
inline constexpr Rules user_custom_roles{.items_max = 20, .meaning = "The roles of the tenant's own."};
inline constexpr Rules user_facilities{.items_max = 1000, .meaning = "The facilities where the user works."};
inline constexpr Rules user_labels{.items_max = 5, .meaning = "The labels that the user holds."};
inline constexpr Rules patient_id{.meaning = "The patient that the user is."};
inline constexpr Rules limit{.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."};
inline constexpr Rules cursor{
    .max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."};

}  // namespace medflow::inline v1::users::rule

namespace medflow {

template <>
struct Words<Role> {
  static constexpr std::string_view name = "Role";
  static constexpr std::string_view words[] = {"super_admin",   "tenant_admin", "doctor",     "nurse",   "receptionist",
                                               "billing_clerk", "lab",          "pharmacist", "patient", "auditor"};
};

template <>
struct Words<Label> {
  static constexpr std::string_view name = "Label";
  static constexpr std::string_view words[] = {"mental", "substance", "hiv", "reproductive", "genetic"};
};

template <>
struct Words<users::UserStatus> {
  static constexpr std::string_view name = "UserStatus";
  static constexpr std::string_view words[] = {"invited", "active", "locked", "disabled"};
};

template <>
struct Described<users::User> {
  using T = users::User;
  static constexpr std::string_view name = "User";
  static constexpr std::string_view page_name = "UserPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, users::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::display_name>(3, "display_name", none, users::rule::display_name),
      field<&T::email>(4, "email", contact, users::rule::email),
      field<&T::phone>(5, "phone", contact, users::rule::phone),
      field<&T::status>(6, "status", none, {.meaning = "The state of the account."}),
      field<&T::roles>(7, "roles", none, users::rule::user_roles),
      field<&T::facilities>(8, "facilities", none, users::rule::user_facilities),
      field<&T::practitioner_id>(9, "practitioner_id", none, {.meaning = "The practitioner that the user is."}),
      field<&T::patient_id>(10, "patient_id", none, users::rule::patient_id),
      field<&T::locale>(11, "locale", none, users::rule::locale),
      field<&T::issuer>(12, "issuer", immutable,
                        {.max = 255, .text = TextRule::ascii, .meaning = "Who vouches for a host's identity."}),
      field<&T::subject>(13, "subject", immutable, {.max = 255, .meaning = "The name of that identity at its issuer."}),
      field<&T::last_login_at>(14, "last_login_at", none, {.meaning = "When the user last signed in."}),
      field<&T::created_at>(15, "created_at", immutable, {.meaning = "When the account was made."}),
      field<&T::created_by>(16, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(17, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(18, "updated_by", none, {.meaning = "Who changed it last."}),
      field<&T::custom_roles>(19, "custom_roles", none, users::rule::user_custom_roles),
      field<&T::labels>(20, "labels", none, users::rule::user_labels)};
};

template <>
struct Described<users::Invitation> {
  using T = users::Invitation;
  static constexpr std::string_view name = "Invitation";
  static constexpr Field fields[] = {
      field<&T::user>(1, "user", none, {.meaning = "Who is invited."}),
      field<&T::token>(2, "token", none, {.meaning = "The one-time token; shown this once."}),
      field<&T::expires_at>(3, "expires_at", none, {.meaning = "Until when the token is valid."})};
};

template <>
struct Described<users::List> {
  using T = users::List;
  static constexpr std::string_view name = "UsersList";
  static constexpr Field fields[] = {field<&T::status>(1, "status", none, {.meaning = "Only accounts in this state."}),
                                     field<&T::limit>(2, "limit", none, users::rule::limit),
                                     field<&T::cursor>(3, "cursor", none, users::rule::cursor)};
};

template <>
struct Described<users::Get> {
  using T = users::Get;
  static constexpr std::string_view name = "UsersGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, users::rule::id)};
};

template <>
struct Described<users::Invite> {
  using T = users::Invite;
  static constexpr std::string_view name = "UsersInvite";
  static constexpr Field fields[] = {field<&T::email>(1, "email", required, users::rule::email),
                                     field<&T::display_name>(2, "display_name", required, users::rule::display_name),
                                     field<&T::roles>(3, "roles", none, users::rule::user_roles),
                                     field<&T::facilities>(4, "facilities", none, users::rule::user_facilities),
                                     field<&T::custom_roles>(5, "custom_roles", none, users::rule::user_custom_roles),
                                     field<&T::patient_id>(6, "patient_id", none, users::rule::patient_id)};
};

template <>
struct Described<users::InviteFirstAdmin> {
  using T = users::InviteFirstAdmin;
  static constexpr std::string_view name = "UsersInviteFirstAdmin";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "The tenant's id."}),
                                     field<&T::email>(2, "email", required, users::rule::email),
                                     field<&T::display_name>(3, "display_name", required, users::rule::display_name)};
};

template <>
struct Described<users::Update> {
  using T = users::Update;
  static constexpr std::string_view name = "UsersUpdate";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, users::rule::id),
                                     field<&T::revision>(2, "revision", none, users::rule::revision),
                                     field<&T::display_name>(3, "display_name", required, users::rule::display_name),
                                     field<&T::phone>(4, "phone", none, users::rule::phone),
                                     field<&T::locale>(5, "locale", none, users::rule::locale)};
};

template <>
struct Described<users::SetRoles> {
  using T = users::SetRoles;
  static constexpr std::string_view name = "UsersSetRoles";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, users::rule::id),
                                     field<&T::revision>(2, "revision", none, users::rule::revision),
                                     field<&T::roles>(3, "roles", none, users::rule::user_roles),
                                     field<&T::custom_roles>(4, "custom_roles", none, users::rule::user_custom_roles)};
};

template <>
struct Described<users::SetFacilities> {
  using T = users::SetFacilities;
  static constexpr std::string_view name = "UsersSetFacilities";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, users::rule::id),
                                     field<&T::revision>(2, "revision", none, users::rule::revision),
                                     field<&T::facilities>(3, "facilities", required, users::rule::user_facilities)};
};

template <>
struct Described<users::SetLabels> {
  using T = users::SetLabels;
  static constexpr std::string_view name = "UsersSetLabels";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, users::rule::id),
                                     field<&T::revision>(2, "revision", none, users::rule::revision),
                                     field<&T::labels>(3, "labels", required, users::rule::user_labels)};
};

template <>
struct Described<users::SetPatient> {
  using T = users::SetPatient;
  static constexpr std::string_view name = "UsersSetPatient";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, users::rule::id),
                                     field<&T::revision>(2, "revision", none, users::rule::revision),
                                     field<&T::patient_id>(3, "patient_id", none, users::rule::patient_id)};
};

template <>
struct Described<users::Disable> {
  using T = users::Disable;
  static constexpr std::string_view name = "UsersDisable";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, users::rule::id)};
};

template <>
struct Described<users::Enable> {
  using T = users::Enable;
  static constexpr std::string_view name = "UsersEnable";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, users::rule::id)};
};

template <>
struct Described<users::ClearThrottle> {
  using T = users::ClearThrottle;
  static constexpr std::string_view name = "UsersClearThrottle";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, users::rule::id)};
};

template <>
struct Described<users::StartReset> {
  using T = users::StartReset;
  static constexpr std::string_view name = "UsersStartReset";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, users::rule::id)};
};

template <>
struct Words<sessions::Network> {
  static constexpr std::string_view name = "Network";
  static constexpr std::string_view words[] = {"unknown", "loopback", "local", "worldwide"};
};

template <>
struct Described<sessions::SessionInfo> {
  using T = sessions::SessionInfo;
  static constexpr std::string_view name = "SessionInfo";
  static constexpr std::string_view page_name = "SessionPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "The session's id."}),
      field<&T::user_id>(2, "user_id", none, {.meaning = "Who has signed in."}),
      field<&T::device>(3, "device", none, {.meaning = "How the user recognises it."}),
      field<&T::network>(4, "network", none, {.meaning = "Where it was begun, as far as its address tells."}),
      field<&T::issued_at>(5, "issued_at", none, {.meaning = "When it began."}),
      field<&T::last_used_at>(6, "last_used_at", none, {.meaning = "When it was last used."}),
      field<&T::expires_at>(7, "expires_at", none, {.meaning = "When it ends at the latest."}),
      field<&T::current>(8, "current", none, {.meaning = "Whether it is the one that asks."})};
};

template <>
struct Described<sessions::List> {
  using T = sessions::List;
  static constexpr std::string_view name = "SessionsList";
  static constexpr Field fields[] = {
      field<&T::user_id>(1, "user_id", none, {.meaning = "Whose sessions; the caller's own where absent."})};
};

template <>
struct Described<sessions::Revoke> {
  using T = sessions::Revoke;
  static constexpr std::string_view name = "SessionsRevoke";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "The session's id."})};
};

template <>
struct Described<profile::Get> {
  static constexpr std::string_view name = "ProfileGet";
  static constexpr std::span<const Field> fields{};
};

template <>
struct Described<profile::Update> {
  using T = profile::Update;
  static constexpr std::string_view name = "ProfileUpdate";
  static constexpr Field fields[] = {field<&T::revision>(1, "revision", none, users::rule::revision),
                                     field<&T::display_name>(2, "display_name", required, users::rule::display_name),
                                     field<&T::phone>(3, "phone", none, users::rule::phone),
                                     field<&T::locale>(4, "locale", none, users::rule::locale)};
};

template <>
struct Described<auth::Tokens> {
  using T = auth::Tokens;
  static constexpr std::string_view name = "Tokens";
  static constexpr Field fields[] = {
      field<&T::access_token>(1, "access_token", none,
                              {.meaning = "Goes into the Authorization header of each request."}),
      field<&T::refresh_token>(2, "refresh_token", none, {.meaning = "Gives new tokens once, by auth.refresh."}),
      field<&T::token_type>(3, "token_type", none, {.meaning = "Always Bearer."}),
      field<&T::expires_in>(4, "expires_in", none, {.meaning = "Seconds that the access token is valid."}),
      field<&T::user_id>(5, "user_id", none, {.meaning = "Who has signed in."}),
      field<&T::display_name>(6, "display_name", none, users::rule::display_name),
      field<&T::roles>(7, "roles", none, users::rule::user_roles),
      field<&T::device_token>(8, "device_token", none,
                              {.meaning = "Of a sign-in: to be shown at this user's next one from the same device."})};
};

template <>
struct Described<auth::Login> {
  using T = auth::Login;
  static constexpr std::string_view name = "AuthLogin";
  // The address has no form of its own here: whatever is not somebody's address fails as a wrong password does.
  static constexpr Field fields[] = {
      field<&T::email>(1, "email", required, {.max = 254, .meaning = "The address of the account."}),
      field<&T::password>(2, "password", required, {.max = 1024, .text = TextRule::any, .meaning = "The password."}),
      field<&T::device>(3, "device", none, {.max = 200, .meaning = "How the user will recognise this session."}),
      field<&T::device_token>(
          4, "device_token", none,
          {.max = 512, .text = TextRule::any, .meaning = "What the last sign-in on this device gave."})};
};

template <>
struct Described<auth::Refresh> {
  using T = auth::Refresh;
  static constexpr std::string_view name = "AuthRefresh";
  static constexpr Field fields[] = {
      field<&T::refresh_token>(1, "refresh_token", required,
                               {.max = 512, .text = TextRule::any, .meaning = "The last refresh token; used once."})};
};

template <>
struct Described<auth::Logout> {
  static constexpr std::string_view name = "AuthLogout";
  static constexpr std::span<const Field> fields{};
};

template <>
struct Described<auth::Register> {
  using T = auth::Register;
  static constexpr std::string_view name = "AuthRegister";
  static constexpr Field fields[] = {
      field<&T::invitation>(
          1, "invitation", none,
          {.max = 512, .text = TextRule::any, .meaning = "The token of the invitation, where there is one."}),
      field<&T::display_name>(2, "display_name", none, users::rule::display_name),
      field<&T::email>(3, "email", none,
                       {.max = 254, .text = TextRule::email, .meaning = "The address; needed without an invitation."}),
      // How long it must and may be says the password rule (USR-2), with codes of its own.
      field<&T::password>(4, "password", required,
                          {.text = TextRule::any, .meaning = "The password, 15 to 128 characters."})};
};

template <>
struct Described<auth::Verify> {
  using T = auth::Verify;
  static constexpr std::string_view name = "AuthVerify";
  static constexpr Field fields[] = {
      field<&T::token>(1, "token", required,
                       {.max = 512, .text = TextRule::any, .meaning = "The token of the message; used once."}),
      field<&T::password>(2, "password", required,
                          {.max = 1024, .text = TextRule::any, .meaning = "The password of the registration."})};
};

template <>
struct Described<auth::RequestReset> {
  using T = auth::RequestReset;
  static constexpr std::string_view name = "AuthRequestReset";
  // As at a sign-in: what is nobody's address is answered as one.
  static constexpr Field fields[] = {
      field<&T::email>(1, "email", required, {.max = 254, .meaning = "The address of the account."})};
};

template <>
struct Described<auth::Reset> {
  using T = auth::Reset;
  static constexpr std::string_view name = "AuthReset";
  static constexpr Field fields[] = {
      field<&T::token>(1, "token", required,
                       {.max = 512, .text = TextRule::any, .meaning = "The token of the message; used once."}),
      field<&T::password>(2, "password", required,
                          {.text = TextRule::any, .meaning = "The password, 15 to 128 characters."})};
};

}  // namespace medflow
