#include "users/throttles.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "text/ascii.hpp"
#include "users/codes.hpp"
#include "users/network.hpp"

namespace medflow::inline v1::users {
namespace {

using kernel::Rows;
using kernel::Work;
using storage::Cell;

constexpr std::uint16_t table_id = 17;
constexpr std::uint16_t address_field = 4;  // beyond the kinds

// Failed sign-ins in a row.
constexpr std::uint32_t free_failures = 5;
constexpr std::uint32_t locked_failures = 100;  ///< only a reset opens it then
constexpr std::uint32_t wait_max_s = 900;
// Within a window of time.
constexpr std::uint32_t block_max = 20;
constexpr std::int64_t block_window_s = 60;
constexpr std::uint32_t mail_max = 3;
constexpr std::int64_t mail_window_s = 60 * 60;

// So long after the last one what is counted is kept: in a row, and within a window of time.
constexpr std::int64_t row_kept_s = 365LL * 24 * 60 * 60;
constexpr std::int64_t window_kept_s = 24 * 60 * 60;
constexpr Instant never{253'402'300'799'000'000};  // 9999-12-31T23:59:59Z

crypto::BlindToken token_of(kernel::Store& store, std::uint16_t field, std::string_view value) {
  return store.blind().token({.table = table_id, .field = field, .index = 1, .normaliser_version = 1}, 0, 0, value);
}

Counter counter(const CountedIn& where, ThrottleKind kind, std::string_view value) {
  std::string whole(where.unknown_tenant);
  whole.push_back('\0');
  whole += value;
  const auto token = token_of(where.store, static_cast<std::uint16_t>(kind), whole);
  Counter made{.kind = kind};
  static_assert(sizeof token == sizeof made.id.uuid.bytes);
  std::memcpy(made.id.uuid.bytes.data(), token.data(), token.size());
  return made;
}

Counter counter_of_address(const CountedIn& where, ThrottleKind kind, std::string_view email,
                           std::string_view device = {}) {
  const std::string address = text::ascii_lower(email);
  std::string value = address;
  value.push_back('\0');
  value += device;
  Counter made = counter(where, kind, value);
  made.address = token_of(where.store, address_field, address);
  return made;
}

void add_block(const CountedIn& where, std::string_view network_address, Counters& counters) {
  const std::string block = block_of(network_address);
  if (!block.empty()) counters.push_back(counter(where, ThrottleKind::block, block));
}

bool in_a_row(ThrottleKind kind) { return kind == ThrottleKind::account || kind == ThrottleKind::device; }

std::int64_t window_s(ThrottleKind kind) { return kind == ThrottleKind::block ? block_window_s : mail_window_s; }
std::uint32_t window_max(ThrottleKind kind) { return kind == ThrottleKind::block ? block_max : mail_max; }

/// How long the next attempt has to wait, in seconds.
std::uint32_t wait_s(const StoredThrottle& throttle, Instant now) {
  Instant opens = now;
  if (in_a_row(throttle.kind)) {
    if (throttle.count < free_failures) return 0;
    if (throttle.count >= locked_failures) return wait_max_s;
    const std::uint32_t doublings = std::min(throttle.count - free_failures, 10U);
    opens = throttle.last_at.plus_s(std::min(std::uint32_t{1} << doublings, wait_max_s));
  } else if (throttle.count >= window_max(throttle.kind)) {
    opens = throttle.since.plus_s(window_s(throttle.kind));
  }
  if (now >= opens) return 0;
  return static_cast<std::uint32_t>((opens.us - now.us + 999'999) / 1'000'000);
}

/// The place of a counter that counts now in the order in which they are forgotten, `row_kept_s` later. So one walk finds all that are idle and
/// nothing else, however many there are. What only a reset opens stays shut until then, whether or not there is an account.
Instant place_of(const StoredThrottle& throttle, Instant now) {
  if (!in_a_row(throttle.kind)) return now.plus_s(window_kept_s - row_kept_s);
  return throttle.count < locked_failures ? now : never;
}

/// Counters that make no difference any more.
std::vector<StoredThrottle> idle(Work& work, std::size_t max) {
  std::vector<StoredThrottle> found;
  const storage::Scan old{.index = "throttles_last", .to = Cell::of(work.now().plus_s(-row_kept_s).us)};
  Rows<StoredThrottle>(work).scan(old, [&](const StoredThrottle& throttle) {
    // Of an earlier version there are some that are locked and have no place of their own.
    if (!in_a_row(throttle.kind) || throttle.count < locked_failures) found.push_back(throttle);
    return found.size() < max;
  });
  return found;
}

}  // namespace

Counters sign_in_counters(const CountedIn& where, std::string_view email, const std::optional<Uuid>& device,
                          std::string_view network_address) {
  if (device) return {counter_of_address(where, ThrottleKind::device, email, device->view())};
  Counters counters{counter_of_address(where, ThrottleKind::account, email)};
  add_block(where, network_address, counters);
  return counters;
}

Counters mail_counters(const CountedIn& where, std::string_view email, std::string_view network_address) {
  Counters counters{counter(where, ThrottleKind::mail, text::ascii_lower(email))};
  add_block(where, network_address, counters);
  return counters;
}

void require_open(Work& work, std::span<const Counter> counters) {
  std::uint32_t longest_s = 0;
  for (const Counter& counter : counters)
    if (const auto throttle = Rows<StoredThrottle>(work).find(counter.id))
      longest_s = std::max(longest_s, wait_s(*throttle, work.now()));
  if (longest_s != 0) throw Failure(Error{.code = auth::throttled, .retry_after_s = longest_s});
}

void count(Work& work, std::span<const Counter> counters) {
  Rows<StoredThrottle> rows(work);
  for (const Counter& counter : counters) {
    auto there = rows.find(counter.id);
    StoredThrottle now{.id = counter.id, .kind = counter.kind, .since = work.now()};
    if (there && (in_a_row(there->kind) || work.now() < there->since.plus_s(window_s(there->kind)))) now = *there;
    now.revision = there ? there->revision : 0;
    ++now.count;
    now.last_at = place_of(now, work.now());
    const Cell extras[] = {counter.address ? Cell::bytes(crypto::text_of(*counter.address)) : Cell::null()};
    if (there) {
      rows.update(now, now.revision, extras);
    } else {
      rows.insert(now, extras);
    }
  }
}

void end_row(Work& work, std::span<const Counter> counters) {
  Rows<StoredThrottle> rows(work);
  for (const Counter& counter : counters)
    if (const auto there = in_a_row(counter.kind) ? rows.find(counter.id) : std::nullopt)
      rows.remove(there->id, there->revision);
}

void forget_failures(Work& work, std::string_view email) {
  Rows<StoredThrottle> rows(work);
  const auto token = token_of(work.store(), address_field, text::ascii_lower(email));
  const Cell equal[] = {Cell::bytes(crypto::text_of(token))};
  std::vector<StoredThrottle> found;
  rows.scan({.index = "throttles_address", .equal = equal}, [&](const StoredThrottle& throttle) {
    found.push_back(throttle);
    return true;
  });
  for (const StoredThrottle& throttle : found) rows.remove(throttle.id, throttle.revision);
}

bool any_idle_throttle(Work& work) { return !idle(work, 1).empty(); }

void expire_throttles(Work& work, std::size_t max) {
  for (const StoredThrottle& throttle : idle(work, max))
    Rows<StoredThrottle>(work).remove(throttle.id, throttle.revision);
}

}  // namespace medflow::inline v1::users

namespace medflow::inline v1::storage {
namespace {

constexpr Column extras[] = {{.name = "address_token",
                              .kind = CellKind::bytes,
                              .nullable = true,
                              .meaning = "exact-match token of the e-mail address, for an account or a device"}};
constexpr std::string_view address_columns[] = {"address_token"};
constexpr std::string_view last_columns[] = {"last_at"};
constexpr EntityIndex indexes[] = {{.name = "throttles_address", .columns = address_columns},
                                   {.name = "throttles_last", .columns = last_columns}};

}  // namespace

const Entity Stored<users::StoredThrottle>::entity{.id = 17,
                                                   .name = "throttles",
                                                   .meaning = "attempts that were counted, to slow the next ones",
                                                   .type = &type_of<users::StoredThrottle>,
                                                   .extras = extras,
                                                   .indexes = indexes};

}  // namespace medflow::inline v1::storage
