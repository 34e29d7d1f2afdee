// Attempts are counted, so that guessing is slow and mail is not poured out (USR-3, USR-7). The counters are rows: they outlast the
// process. What is counted is what the caller says, never what is behind it, so that an address without an account is counted as
// one with.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/blind.hpp"
#include "kernel/rows.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::users {

using ThrottleId = Id<struct ThrottleTag>;

/// What a counter counts.
enum class ThrottleKind : std::uint8_t {
  account,  ///< failed sign-ins with an address, in a row
  device,   ///< the same from a device that its user has signed in on before
  block,    ///< failed sign-ins from a block of network addresses within a minute
  mail,     ///< messages that strangers asked for, to one address within an hour
};

struct StoredThrottle {
  ThrottleId id{};  ///< a keyed hash of what is counted
  std::uint64_t revision = 0;
  ThrottleKind kind{};
  std::uint32_t count = 0;
  Instant since{};  ///< of the first one
  Instant
      last_at{};  ///< of the last one in a row; else earlier, and of what only a reset opens later, by when it is to be forgotten
};

/// One counter that an attempt falls under. `address` is the token of the e-mail address, of an account's or a device's.
struct Counter {
  ThrottleKind kind{};
  ThrottleId id{};
  std::optional<crypto::BlindToken> address{};
};
using Counters = std::vector<Counter>;

/// Where the counters lie, and for whom. An unknown tenant's lie on the platform, by its slug, so that it cannot be told from one that
/// is there.
struct CountedIn {
  kernel::Store& store;
  std::string_view unknown_tenant{};
};

/// The counters of a sign-in: of the device alone where it is known, else of the e-mail address and the network's block.
Counters sign_in_counters(const CountedIn& where, std::string_view email, const std::optional<Uuid>& device,
                          std::string_view network_address);
/// The counters of a message that a stranger asks for.
Counters mail_counters(const CountedIn& where, std::string_view email, std::string_view network_address);

/// Throws Failure `auth.throttled` with `retry_after_s` where one of them is not open yet.
void require_open(kernel::Work& work, std::span<const Counter> counters);
/// Counts an attempt.
void count(kernel::Work& work, std::span<const Counter> counters);
/// Ends what was counted in a row: somebody has shown who they are.
void end_row(kernel::Work& work, std::span<const Counter> counters);
/// Forgets all failed sign-ins with an address, from known devices too.
void forget_failures(kernel::Work& work, std::string_view email);
/// Whether there is one that `expire_throttles` would forget.
bool any_idle_throttle(kernel::Work& work);
/// Forgets counters that have counted nothing for long, `max` at most: in a row for a year, else for a day, after which they make no difference.
void expire_throttles(kernel::Work& work, std::size_t max);

}  // namespace medflow::inline v1::users

namespace medflow {

template <>
struct Words<users::ThrottleKind> {
  static constexpr std::string_view name = "ThrottleKind";
  static constexpr std::string_view words[] = {"account", "device", "block", "mail"};
};

template <>
struct Described<users::StoredThrottle> {
  using T = users::StoredThrottle;
  static constexpr std::string_view name = "StoredThrottle";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "a keyed hash of what is counted"}),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the changes, from 1"}),
      field<&T::kind>(3, "kind", immutable, {.meaning = "what is counted: account, device, block, mail"}),
      field<&T::count>(4, "count", none, {.meaning = "how often: in a row, or since `since`"}),
      field<&T::since>(5, "since", none, {.meaning = "when the first one was"}),
      field<&T::last_at>(6, "last_at", none,
                         {.meaning = "when the last one in a row was; else a time by which it is forgotten"})};
};

}  // namespace medflow

namespace medflow::inline v1::storage {

template <>
struct Stored<users::StoredThrottle> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
