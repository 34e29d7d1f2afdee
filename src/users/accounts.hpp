// What the operations on users have in common: finding an account, writing it with its computed columns, and showing it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/hash.hpp"
#include "users/entities.hpp"

namespace medflow::inline v1::users {

// Each opens as much of the account as the work in hand does.

std::optional<StoredUser> find_by_email(kernel::Work& work, std::string_view email);
std::optional<StoredUser> find_by_invitation(kernel::Work& work, const crypto::Digest& token_hash);
std::optional<StoredUser> find_by_identity(kernel::Work& work, std::string_view issuer, std::string_view subject);

/// Whether there is such an account; for whoever names one.
bool is_user(kernel::Work& work, UserId id);

/// The account is that of this doctor from now on, or of none: its sessions know that with their next call. Throws Failure
/// `user.own_account` where it is the caller's.
void set_practitioner(kernel::Work& work, UserId id, std::optional<PractitionerId> practitioner);

/// Any account: that of an address which nobody has is opened in its place, so that it costs the same. Nothing of it may be used.
std::optional<StoredUser> stand_in(kernel::Work& work);

/// Stores a new account; `invitation` is the hash of its token.
void insert_user(kernel::Work& work, StoredUser& user, const std::optional<crypto::Digest>& invitation = {});
/// Stores a changed account.
void update_user(kernel::Work& work, StoredUser& user, std::optional<std::uint64_t> expected);
/// The same where what the account may do was changed: its sessions know that with their next call. An open invitation ends where who has its
/// token is not the caller, nor an administrator: whoever only invites gives no more than they have (RBA-8).
void update_rights(kernel::Work& work, StoredUser& user, std::optional<std::uint64_t> expected);
/// The same with its invitation, or the end of it.
void update_invitation(kernel::Work& work, StoredUser& user, const std::optional<crypto::Digest>& invitation);
/// The same for a better hash of the password that it has, which is nobody's change.
void update_hash(kernel::Work& work, StoredUser& user);
/// Notes that the user signs in now.
void note_sign_in(kernel::Work& work, UserId user);

/// As much of the account as the caller may see.
User view_of(kernel::Work& work, const StoredUser& user);
/// All of it but the last sign-in: for whoever it belongs to.
User whole(const StoredUser& user);

/// Whether the account can be used at all in this store's state: a suspended tenant lets its administrators in only.
bool may_sign_in(const kernel::Store& store, const StoredUser& user);

/// Whether a session that was made of `actor` may go on as it is: what the account may do has not changed.
bool still_is(const StoredUser& user, const kernel::Actor& actor);

bool has_role(const StoredUser& user, Role role);
/// The administrators that the tenant has itself: a host's identities are the host's to give and to take.
struct Admins {
  std::vector<UserId> active{};
  std::vector<UserId> others{};  ///< invited, locked or disabled
};
Admins admins(kernel::Work& work);
/// Throws Failure `user.last_admin` where the tenant would be left without an active administrator.
void require_another_admin(kernel::Work& work, const StoredUser& user);

/// Takes out what is there twice, and throws Failure invalid with all that is wrong: no role at all (`custom`: there are roles of the
/// tenant's own), one that no tenant gives (`role.not_assignable`), a facility that is not there (`facility.unknown`).
void require_assignable(std::vector<Role>& roles, bool custom);
void require_facilities(kernel::Work& work, std::vector<FacilityId>& facilities);
/// Throws Failure invalid (`patient.unknown`) where there is no such patient; the event names the one that there is.
void require_patient(kernel::Work& work, const std::optional<PatientId>& patient);
/// In E.164 form, where there is one. Throws Failure invalid (`format.e164`) where it is none of the tenant's country, or of any.
std::optional<std::string> phone_of(kernel::Work& work, const std::optional<std::string>& typed);

/// A password's hash as it is stored in this user's row.
std::string wrap_hash(kernel::Store& store, UserId user, std::string_view hash);
/// Throws Failure `integrity` where it does not open.
std::string unwrap_hash(kernel::Store& store, const StoredUser& user);

/// The roles as an event keeps them.
std::uint16_t role_bits(std::span<const Role> roles);
/// The event of this call is this user's doing, though they had not signed in when it began.
void acted_by(kernel::Work& work, const StoredUser& user, SessionId session);

}  // namespace medflow::inline v1::users
