#include "adapters/http/request_ids.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <span>

namespace medflow::http {
namespace {

// The finaliser of a 64-bit hash: a bijection, so that different counters give different ids.
constexpr std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31U);
}

}  // namespace

RequestIds::RequestIds(Clock& clock, Rng& rng) : clock_(clock) {
  std::array<std::byte, sizeof seed_> bytes{};
  rng.fill(bytes);
  seed_ = std::bit_cast<std::uint64_t>(bytes);
}

RequestId RequestIds::next() {
  const std::uint64_t counter = counter_.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t low = mixed(seed_ + counter);
  const auto ms = static_cast<std::uint64_t>(clock_.now().us / 1000);
  RequestId id;
  auto& bytes = id.uuid.bytes;
  for (unsigned i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  // The variant takes two bits of the mixed number; they go where version 7 has 12 free ones.
  bytes[6] = static_cast<std::uint8_t>(0x70U | (low >> 62U));
  bytes[7] = static_cast<std::uint8_t>(counter);
  for (unsigned i = 0; i < 8; ++i) bytes[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  return id;
}

}  // namespace medflow::http
