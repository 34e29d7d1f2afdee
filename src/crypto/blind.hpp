// Exact-match tokens: equal identifiers have equal tokens within a tenant, and nothing else shows (security.md, "Search on
// encrypted data"). For near-unique values only; never for sex, dates or diagnoses.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string_view>

#include "crypto/secret.hpp"

namespace medflow::crypto {

using BlindToken = std::array<std::byte, 16>;

/// Which index of which field. All numbers are frozen; a new normaliser is a new index.
struct BlindField {
  std::uint16_t table = 0;
  std::uint16_t field = 0;
  std::uint16_t index = 0;
  std::uint16_t normaliser_version = 0;

  friend auto operator<=>(const BlindField&, const BlindField&) = default;
};

/// Makes tokens of one tenant; derives the key of each field once. Thread-safe.
class BlindIndex {
 public:
  /// `root` is the tenant's blind root key, copied into the arena.
  BlindIndex(std::shared_ptr<KeyArena> arena, KeyView root);

  /// The token of a value that the caller has normalised. `kind` and `partition` tell apart values that may not collide,
  /// such as identifiers of different systems.
  BlindToken token(const BlindField& field, std::uint8_t kind, std::uint8_t partition, std::string_view normalised);

 private:
  KeyView key_of(const BlindField& field);

  std::shared_ptr<KeyArena> arena_{};
  ArenaSlot root_{};
  std::shared_mutex mutex_{};
  std::map<BlindField, ArenaSlot> keys_{};
};

}  // namespace medflow::crypto
