#include "crypto/secret.hpp"

#include <openssl/crypto.h>
#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace medflow::crypto {

void init() {
  [[maybe_unused]] static const int started = sodium_init();
  assert(started >= 0);
}

void wipe(std::span<std::byte> bytes) noexcept {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

bool constant_time_equal(std::span<const std::byte> a, std::span<const std::byte> b) noexcept {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

SecureKey::SecureKey(KeyView key) { std::copy(key.begin(), key.end(), bytes_.begin()); }

SecureKey::SecureKey(SecureKey&& from) noexcept : bytes_(from.bytes_) { wipe(from.bytes_); }

SecureKey& SecureKey::operator=(SecureKey&& from) noexcept {
  if (this != &from) {
    bytes_ = from.bytes_;
    wipe(from.bytes_);
  }
  return *this;
}

SecureBytes::SecureBytes(std::string_view text) {
  const auto bytes = bytes_of(text);
  bytes_.assign(bytes.begin(), bytes.end());
}

SecureBytes& SecureBytes::operator=(SecureBytes&& from) noexcept {
  if (this != &from) {
    wipe(bytes_);
    bytes_ = std::move(from.bytes_);
  }
  return *this;
}

KeyArena::KeyArena(std::size_t size) {
  init();
  const std::size_t slots = size / slot_size;
  assert(slots > 0);
  region_ = static_cast<std::byte*>(sodium_malloc(slots * slot_size));
  if (region_ == nullptr) throw Failure{codes::arena_full};
  sodium_memzero(region_, slots * slot_size);
  free_.reserve(slots);  // so that giving a slot back never allocates
  for (std::size_t i = slots; i > 0; --i) free_.push_back(static_cast<std::uint32_t>(i - 1));
}

std::shared_ptr<KeyArena> KeyArena::create(std::size_t size) {
  struct Reachable : KeyArena {
    explicit Reachable(std::size_t bytes) : KeyArena(bytes) {}
  };
  return std::make_shared<Reachable>(size);
}

KeyArena::~KeyArena() { sodium_free(region_); }

ArenaSlot KeyArena::take() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) throw Failure{codes::arena_full};
  std::byte* slot = region_ + std::size_t{free_.back()} * slot_size;
  auto owner = shared_from_this();
  free_.pop_back();
  return ArenaSlot(std::move(owner), slot);
}

void KeyArena::give_back(std::byte* slot) noexcept {
  sodium_memzero(slot, slot_size);
  const std::lock_guard lock(mutex_);
  free_.push_back(static_cast<std::uint32_t>(static_cast<std::size_t>(slot - region_) / slot_size));
}

ArenaSlot::ArenaSlot(ArenaSlot&& from) noexcept
    : arena_(std::move(from.arena_)), slot_(std::exchange(from.slot_, nullptr)) {}

ArenaSlot& ArenaSlot::operator=(ArenaSlot&& from) noexcept {
  if (this != &from) {
    reset();
    arena_ = std::move(from.arena_);
    slot_ = std::exchange(from.slot_, nullptr);
  }
  return *this;
}

void ArenaSlot::set(KeyView key) const {
  assert(slot_ != nullptr);
  std::copy(key.begin(), key.end(), slot_);
}

void ArenaSlot::reset() noexcept {
  if (slot_ != nullptr) arena_->give_back(std::exchange(slot_, nullptr));
  arena_.reset();
}

}  // namespace medflow::crypto
