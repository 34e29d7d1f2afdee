// Token buckets: who asks too often is told to wait (`security.md`, "Limits"). They live in memory, in a table of fixed size: however
// many addresses there are, it never grows.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "medflow/id.hpp"
#include "medflow/ports.hpp"

namespace medflow::http {

/// `count` requests in `window_s` seconds in the long run, and at most `burst` at once. A `count` of 0 is no limit.
struct Rate {
  std::uint32_t count = 0;
  std::uint32_t window_s = 60;
  std::uint32_t burst = 0;
};

enum class RateClass : std::uint8_t {
  address,  ///< requests without a valid session, by network address
  user,     ///< requests with one, by user
  search,   ///< of these: lists and searches
  refresh,  ///< renewals of one session
  exports,  ///< of these: exports
};

struct RateOptions {
  Rate address{.count = 100, .window_s = 60, .burst = 100};
  Rate user{.count = 600, .window_s = 60, .burst = 60};
  Rate search{.count = 300, .window_s = 60, .burst = 60};
  Rate refresh{.count = 30, .window_s = 60, .burst = 30};
  Rate exports{.count = 5, .window_s = 3600, .burst = 5};
};

/// Whose bucket: an address, a user or a session.
using RateKey = std::array<std::uint8_t, 16>;

/// The key of a network address. Of IPv6 the first 64 bits count, for a subscriber has them all; a text that is no address has a
/// key too.
RateKey rate_key_of_address(std::string_view address);
RateKey rate_key_of(const Uuid& id);
/// Of a secret with at least 16 random characters: these.
RateKey rate_key_of_token(std::string_view token);

/// How a bucket stands after it was asked for one token.
struct Standing {
  bool allowed = true;
  bool limited = false;  ///< false: there is no limit, and nothing to tell
  RateClass of = RateClass::address;
  std::uint32_t remaining = 0;      ///< requests that would be allowed now
  std::uint32_t reset_s = 0;        ///< until the bucket is full again
  std::uint32_t retry_after_s = 0;  ///< until there is a token, where there was none
};

/// Thread-safe. A clock that is put back makes nobody wait for longer than a full bucket takes.
class Rates {
 public:
  Rates(const RateOptions& options, std::shared_ptr<Clock> clock, Rng& rng);
  ~Rates();
  Rates(const Rates&) = delete;
  Rates& operator=(const Rates&) = delete;

  /// Takes a token where there is one.
  Standing take(RateClass of, const RateKey& key);

  /// Gives what was taken from `from` to `to` as well: a session that has changed its token goes on with its old bucket.
  void hand_on(RateClass of, const RateKey& from, const RateKey& to);

  /// RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-09): the burst as quota, and the time in which it comes back
  /// as window, so that a client that keeps to them is never refused. Empty where there is no limit.
  std::string fields(const Standing& standing) const;

 private:
  struct Table;
  std::unique_ptr<Table> table_;
};

}  // namespace medflow::http
