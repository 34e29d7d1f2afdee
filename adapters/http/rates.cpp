#include "adapters/http/rates.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <span>
#include <vector>

namespace medflow::http {
namespace {

constexpr std::size_t ways = 8;       // buckets that share a place
constexpr std::size_t places = 4096;  // a power of two
constexpr std::size_t locks = 64;
constexpr std::size_t classes = 5;
constexpr std::int64_t us_per_s = 1'000'000;
constexpr std::string_view names[classes] = {"address", "user", "search", "refresh", "export"};

// A bucket is the time at which it will be full again (the generic cell rate algorithm, ITU-T I.371): one number, no timer.
struct Bucket {
  RateKey key{};
  std::int64_t full_at_us = 0;
  RateClass of = RateClass::address;
};

struct Pace {
  std::int64_t token_us = 0;  // one token's time; 0: no limit
  std::int64_t depth_us = 0;  // a full bucket's
  std::uint32_t burst = 0;
};

Pace pace_of(const Rate& rate) {
  if (rate.count == 0) return {};
  const std::uint32_t burst = std::max(rate.burst, 1U);
  const std::int64_t token_us = std::max<std::int64_t>(rate.window_s * us_per_s / rate.count, 1);
  return {.token_us = token_us, .depth_us = token_us * burst, .burst = burst};
}

std::uint32_t seconds_up(std::int64_t us) {
  return static_cast<std::uint32_t>((std::max<std::int64_t>(us, 0) + us_per_s - 1) / us_per_s);
}

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 32U)) * 0xD6E8FEB86659FD93ULL;
  x = (x ^ (x >> 32U)) * 0xD6E8FEB86659FD93ULL;
  return x ^ (x >> 32U);
}

}  // namespace

RateKey rate_key_of_address(std::string_view address) {
  RateKey key{};
  const std::string text(address);
  if (in_addr four{}; ::inet_pton(AF_INET, text.c_str(), &four) == 1) {
    std::memcpy(key.data() + 12, &four, sizeof four);
    key[11] = key[10] = 0xFF;
  } else if (in6_addr six{}; ::inet_pton(AF_INET6, text.substr(0, text.find('%')).c_str(), &six) == 1) {
    std::memcpy(key.data(), &six, 8);
  } else {
    std::memcpy(key.data(), text.data(), std::min(text.size(), key.size()));
  }
  return key;
}

RateKey rate_key_of(const Uuid& id) { return id.bytes; }

RateKey rate_key_of_token(std::string_view token) {
  RateKey key{};
  std::memcpy(key.data(), token.data(), std::min(token.size(), key.size()));
  return key;
}

struct Rates::Table {
  std::size_t place_of(RateClass of, const RateKey& key) const {
    std::uint64_t halves[2];
    std::memcpy(halves, key.data(), sizeof halves);
    const auto number = static_cast<std::uint64_t>(of) + 1;
    return mixed(mixed(halves[0] ^ seed) + halves[1] + number * 0x9E3779B97F4A7C15ULL) % places;
  }

  std::mutex& lock_of(std::size_t place) { return mutexes[place % locks]; }

  // The key's bucket in its place. Where it has none it gets the one that is nearest to full, whose owner loses least: nobody is
  // refused for want of room, and filling the table takes as many full buckets.
  Bucket& bucket(std::size_t place, RateClass of, const RateKey& key) {
    const std::span<Bucket> set(buckets.data() + place * ways, ways);
    Bucket* least = set.data();
    for (Bucket& one : set) {
      if (one.of == of && one.key == key) return one;
      if (one.full_at_us < least->full_at_us) least = &one;
    }
    *least = {.key = key, .full_at_us = 0, .of = of};
    return *least;
  }

  const Pace& pace(RateClass of) const { return paces[static_cast<std::size_t>(of)]; }

  std::shared_ptr<Clock> clock{};
  std::uint64_t seed = 0;
  std::array<Pace, classes> paces{};
  std::array<std::string, classes> policies{};
  std::vector<Bucket> buckets = std::vector<Bucket>(places * ways);
  std::array<std::mutex, locks> mutexes{};
};

Rates::Rates(const RateOptions& options, std::shared_ptr<Clock> clock, Rng& rng) : table_(std::make_unique<Table>()) {
  table_->clock = std::move(clock);
  rng.fill(std::as_writable_bytes(std::span(&table_->seed, 1)));
  table_->paces = {pace_of(options.address), pace_of(options.user), pace_of(options.search), pace_of(options.refresh),
                   pace_of(options.exports)};
  for (std::size_t i = 0; i < classes; ++i) {
    const Pace& pace = table_->paces[i];
    table_->policies[i] = "RateLimit-Policy: \"" + std::string(names[i]) + "\";q=" + std::to_string(pace.burst) +
                          ";w=" + std::to_string(seconds_up(pace.depth_us)) + "\r\nRateLimit: \"" +
                          std::string(names[i]) + "\";r=";
  }
}

Rates::~Rates() = default;

Standing Rates::take(RateClass of, const RateKey& key) {
  const Pace& pace = table_->pace(of);
  if (pace.token_us == 0) return {.of = of};
  const std::int64_t now_us = table_->clock->now().us;
  const std::size_t place = table_->place_of(of, key);
  const std::lock_guard lock(table_->lock_of(place));
  Bucket& bucket = table_->bucket(place, of, key);
  const std::int64_t full_at_us = std::clamp(bucket.full_at_us, now_us, now_us + pace.depth_us);
  const std::int64_t taken_us = full_at_us + pace.token_us - now_us;
  Standing standing{.limited = true, .of = of};
  standing.allowed = taken_us <= pace.depth_us;
  bucket.full_at_us = standing.allowed ? full_at_us + pace.token_us : full_at_us;
  const std::int64_t missing_us = bucket.full_at_us - now_us;
  standing.remaining = static_cast<std::uint32_t>((pace.depth_us - missing_us) / pace.token_us);
  standing.reset_s = seconds_up(missing_us);
  if (!standing.allowed) standing.retry_after_s = std::max(seconds_up(taken_us - pace.depth_us), 1U);
  return standing;
}

void Rates::hand_on(RateClass of, const RateKey& from, const RateKey& to) {
  if (table_->pace(of).token_us == 0) return;
  const auto at = [&](const RateKey& key, std::int64_t full_at_us) {
    const std::size_t place = table_->place_of(of, key);
    const std::lock_guard lock(table_->lock_of(place));
    Bucket& bucket = table_->bucket(place, of, key);
    return bucket.full_at_us = std::max(bucket.full_at_us, full_at_us);
  };
  at(to, at(from, 0));
}

std::string Rates::fields(const Standing& standing) const {
  if (!standing.limited) return {};
  std::string lines = table_->policies[static_cast<std::size_t>(standing.of)];
  lines.append(std::to_string(standing.remaining))
      .append(";t=")
      .append(std::to_string(standing.reset_s))
      .append("\r\n");
  return lines;
}

}  // namespace medflow::http
