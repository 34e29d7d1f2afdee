// The rows of sessions: how one begins, is renewed and ends.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "crypto/hash.hpp"
#include "tenants/entities.hpp"
#include "users/entities.hpp"

namespace medflow::inline v1::users {

/// Nobody has more; a sign-in ends the oldest.
inline constexpr std::size_t sessions_max = 5;
/// For so long the token before the present one gives the present one again, while that is unused: an answer may get lost.
inline constexpr std::int64_t refresh_grace_s = 10;

/// Begins a session of a user who has shown who they are by `amr` (bits of `crypto::Amr`), and ends the oldest beyond
/// `sessions_max`.
StoredSession begin_session(kernel::Work& work, const StoredUser& user, std::string_view device, std::uint8_t amr);

/// Gives the session a new refresh token in place of the one with this hash.
void renew_session(kernel::Work& work, StoredSession& session, const crypto::Digest& used);

/// The session whose present refresh token this is, and the one whose token it was.
std::optional<StoredSession> find_by_refresh(kernel::Work& work, const crypto::Digest& hash);
std::optional<StoredSession> find_by_used(kernel::Work& work, const crypto::Digest& hash);

/// How long sessions of this user, and of a host's identities, last by the tenant's settings (USR-5).
kernel::SessionLimits limits_of(kernel::Work& work, const StoredUser& user);
kernel::SessionLimits limits_of_host(kernel::Work& work);
/// Whether the tenant has named who vouches for an identity (USR-10).
bool trusts(const settings::Settings& settings, std::string_view issuer);
/// The sessions that are in use in this process go by these settings: how long they last, and whose identities are believed.
void apply_settings(kernel::Store& store, const settings::Settings& settings);
/// The same once they are durable.
void settings_changed(kernel::Work& work, const settings::Settings& settings);

/// When it was last used: its row tells of that by the minute only.
Instant last_use_of(kernel::Work& work, const StoredSession& session);
/// Whether it has not ended: its refresh token still counts.
bool is_live(kernel::Work& work, const StoredSession& session, const StoredUser& user);
/// The sessions of a user whose rows have not been ended; some may have run out.
std::vector<StoredSession> open_sessions(kernel::Work& work, UserId user);

/// Ends a session for good: its tokens are dead once this is durable. Does nothing to one that has ended.
void revoke(kernel::Work& work, StoredSession& session, std::string_view reason);
/// The same for all sessions of a user.
void revoke_all(kernel::Work& work, UserId user, std::string_view reason);
/// Lets this process read the user's sessions anew: what their user may do has changed.
void forget_live(kernel::Work& work, UserId user);

/// What the caller is given: an access token, and the session's present refresh token.
auth::Tokens tokens_of(kernel::Work& work, const StoredUser& user, const StoredSession& session);

}  // namespace medflow::inline v1::users
