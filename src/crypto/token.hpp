// Tokens: access tokens that this service issues and alone checks (RFC 7519, RFC 9068, HS256), opaque tokens of which only a
// hash is stored, and sealed cursors.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/hash.hpp"
#include "medflow/id.hpp"
#include "medflow/ports.hpp"
#include "medflow/time.hpp"

namespace medflow::crypto {

/// How somebody signed in (RFC 8176): bits of `AccessClaims::amr`.
enum Amr : std::uint8_t { amr_pwd = 1, amr_otp = 2, amr_mfa = 4, amr_ext = 8 };
inline constexpr std::uint8_t amr_all = 15;

/// What an access token says. No roles and no personal data: those are the session's. Times are seconds since 1970.
struct AccessClaims {
  UserId subject{};
  TenantId tenant{};
  SessionId session{};
  Uuid id{};  ///< jti
  std::int64_t issued_s = 0;
  std::int64_t not_before_s = 0;
  std::int64_t expires_s = 0;
  std::uint64_t epoch = 0;  ///< of the session; 0 so far, since its tokens die with it
  std::uint8_t amr = 0;     ///< bits of Amr, at least one

  friend bool operator==(const AccessClaims&, const AccessClaims&) = default;
};

enum class TokenStatus : std::uint8_t {
  ok,
  malformed,    ///< not of the form that is issued here, or not of this issuer, audience or tenant
  unknown_key,  ///< a key that was never in the set or has left it
  bad_signature,
  not_yet_valid,
  expired,
};

inline constexpr std::size_t access_token_size_max = 4096;
/// Clocks of nodes may differ by this much when a fresh token arrives; expiry has no slack.
inline constexpr std::int64_t clock_skew_max_s = 5;

/// The access-token keys of one tenant: one that signs, and those that still verify. The set is fixed; safe from any thread.
///
/// The reader accepts exactly what `issue` writes and nothing else: the header is compared as text, so there is no algorithm
/// to choose, no `crit`, `jku`, `jwk`, `x5u`, `x5c`, `zip`, `b64` and no second name to trip over, and the claims have one
/// order and one spelling.
class AccessTokens {
 public:
  struct Key {
    std::uint16_t version = 0;
    KeyView key;
  };
  /// The first key signs. `issuer` and `audience` are printable ASCII without `"` and `\`, at most 200 characters together.
  AccessTokens(const TenantId& tenant, std::string_view issuer, std::string_view audience,
               const std::vector<Key>& keys);
  ~AccessTokens();

  /// Appends a token to `out`. Asserts claims of this tenant with some `amr` and times from 0 to the year 9999.
  void issue(const AccessClaims& claims, std::string& out) const;

  /// Fills `claims` only where the answer is `ok`.
  [[nodiscard]] TokenStatus verify(std::string_view token, Instant now, AccessClaims& claims) const;

  /// The tenant that a token names, so that its keys can be found. Nothing about it is proved yet.
  static std::optional<TenantId> tenant_of(std::string_view token);

 private:
  struct Member {
    std::string header{};  // encoded, as it stands in the token
    HmacKey key;
  };
  class Known;

  /// All but the times.
  TokenStatus read_signed(std::string_view token, AccessClaims& read) const;

  std::vector<Member> members_{};
  TenantId tenant_{};
  std::string prefix_{};  // of the claims: issuer and audience
  std::unique_ptr<Known> known_;
};

/// 256 random bits as 43 characters, and what is stored of them: refresh tokens, invitations, resets.
struct OpaqueToken {
  std::string text{};
  Digest hash{};
};
OpaqueToken make_opaque_token(Rng& rng);
/// The stored hash (BLAKE2b-256 of the 32 bytes) of a token that was handed in; nothing where it is no such token.
std::optional<Digest> opaque_token_hash(std::string_view text);

/// Bytes that a caller carries for us and cannot read or change, as base64url. `binding` is where it is valid (operation,
/// principal): it opens only under the same.
void seal_token(KeyView key, std::uint16_t key_version, std::string_view binding, std::string_view bytes, Rng& rng,
                std::string& out);
std::optional<std::string> open_token(KeyView key, std::string_view binding, std::string_view token);
/// The version of the key that a sealed token names; nothing where it is none.
std::optional<std::uint16_t> token_key_version(std::string_view token);

}  // namespace medflow::crypto
