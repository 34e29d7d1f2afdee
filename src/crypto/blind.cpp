#include "crypto/blind.hpp"

#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <mutex>

#include "crypto/seal_core.hpp"

namespace medflow::crypto {

BlindIndex::BlindIndex(std::shared_ptr<KeyArena> arena, KeyView root)
    : arena_(std::move(arena)), root_(arena_->take()) {
  root_.set(root);
}

KeyView BlindIndex::key_of(const BlindField& field) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = keys_.find(field); found != keys_.end()) return found->second.key();
  }
  std::array<std::byte, 12> name;
  std::byte* at = core::put_bytes(name.data(), "bidx", 4);
  at = core::put_u16(at, field.table);
  at = core::put_u16(at, field.field);
  at = core::put_u16(at, field.index);
  core::put_u16(at, field.normaliser_version);
  ArenaSlot slot = arena_->take();
  crypto_generichash_blake2b(reinterpret_cast<unsigned char*>(slot.bytes().data()), key_size,
                             reinterpret_cast<const unsigned char*>(name.data()), name.size(),
                             reinterpret_cast<const unsigned char*>(root_.key().data()), key_size);
  const std::unique_lock lock(mutex_);
  return keys_.try_emplace(field, std::move(slot)).first->second.key();  // map nodes stay where they are
}

BlindToken BlindIndex::token(const BlindField& field, std::uint8_t kind, std::uint8_t partition,
                             std::string_view normalised) {
  assert(normalised.size() <= 0xFFFFFFFFU);
  const KeyView key = key_of(field);
  std::array<std::byte, 6> head;
  head[0] = std::byte{kind};
  head[1] = std::byte{partition};
  core::put_u32(&head[2], static_cast<std::uint32_t>(normalised.size()));
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init(&state, reinterpret_cast<const unsigned char*>(key.data()), key.size(), 32);
  crypto_generichash_blake2b_update(&state, reinterpret_cast<const unsigned char*>(head.data()), head.size());
  crypto_generichash_blake2b_update(&state, reinterpret_cast<const unsigned char*>(normalised.data()),
                                    normalised.size());
  std::array<std::byte, 32> digest;
  crypto_generichash_blake2b_final(&state, reinterpret_cast<unsigned char*>(digest.data()), digest.size());
  sodium_memzero(&state, sizeof state);
  BlindToken out;
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

}  // namespace medflow::crypto
