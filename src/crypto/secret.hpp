// Where keys live and how they leave: owners that wipe themselves, views that own nothing, and one guarded region per
// platform for root and tenant keys (security.md, "Key store, memory, shredding"). Nothing here can be printed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "medflow/error.hpp"

namespace medflow::crypto {

namespace codes {
inline constexpr Code arena_full{"key.arena_full", Errc::unavailable, "No protected memory is left for keys."};
}  // namespace codes

inline constexpr std::size_t key_size = 32;

/// A look at a 32-byte key that somebody else owns.
using KeyView = std::span<const std::byte, key_size>;

/// Starts libsodium, once per process and from any thread. Every entry point of this module that needs it calls it.
void init();

/// Overwrites memory in a way that the compiler may not leave out.
void wipe(std::span<std::byte> bytes) noexcept;

/// Compares without telling by its time where two values differ. Values of different size are unequal.
bool constant_time_equal(std::span<const std::byte> a, std::span<const std::byte> b) noexcept;

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Owns a 32-byte key; wiped when it goes or is moved from.
class SecureKey {
 public:
  SecureKey() = default;
  explicit SecureKey(KeyView key);
  ~SecureKey() { wipe(bytes_); }
  SecureKey(SecureKey&& from) noexcept;
  SecureKey& operator=(SecureKey&& from) noexcept;
  SecureKey(const SecureKey&) = delete;
  SecureKey& operator=(const SecureKey&) = delete;

  KeyView view() const { return bytes_; }
  std::span<std::byte, key_size> writable() { return bytes_; }
  operator KeyView() const { return bytes_; }  // NOLINT(google-explicit-constructor): a view of it, as a string gives

 private:
  std::array<std::byte, key_size> bytes_{};
};

/// Owns secret bytes of any length, fixed at construction; wiped when it goes.
class SecureBytes {
 public:
  SecureBytes() = default;
  explicit SecureBytes(std::size_t size) : bytes_(size) {}
  explicit SecureBytes(std::string_view text);
  ~SecureBytes() { wipe(bytes_); }
  SecureBytes(SecureBytes&&) noexcept = default;
  SecureBytes& operator=(SecureBytes&& from) noexcept;
  SecureBytes(const SecureBytes&) = delete;
  SecureBytes& operator=(const SecureBytes&) = delete;

  std::span<const std::byte> view() const { return bytes_; }
  std::span<std::byte> writable() { return bytes_; }
  std::string_view text() const { return text_of(bytes_); }

 private:
  std::vector<std::byte> bytes_{};
};

class ArenaSlot;

/// A region between guard pages, locked into memory and left out of core dumps as far as the system allows, divided into
/// slots of 64 bytes. Thread-safe. Slots keep their arena alive.
class KeyArena : public std::enable_shared_from_this<KeyArena> {
 public:
  static constexpr std::size_t slot_size = 64;
  static constexpr std::size_t default_size = std::size_t{1} << 20;

  /// Throws Failure `key.arena_full` where the system gives no such memory.
  static std::shared_ptr<KeyArena> create(std::size_t size = default_size);
  ~KeyArena();
  KeyArena(const KeyArena&) = delete;
  KeyArena& operator=(const KeyArena&) = delete;

  /// A slot, zeroed. Throws Failure `key.arena_full` where none is left.
  ArenaSlot take();

 private:
  friend class ArenaSlot;
  explicit KeyArena(std::size_t size);
  void give_back(std::byte* slot) noexcept;

  std::mutex mutex_{};
  std::byte* region_ = nullptr;
  std::vector<std::uint32_t> free_{};
};

/// Owns one slot of an arena: a key of 32 bytes, or up to 64 bytes of key material.
class ArenaSlot {
 public:
  ArenaSlot() = default;
  ~ArenaSlot() { reset(); }
  ArenaSlot(ArenaSlot&& from) noexcept;
  ArenaSlot& operator=(ArenaSlot&& from) noexcept;
  ArenaSlot(const ArenaSlot&) = delete;
  ArenaSlot& operator=(const ArenaSlot&) = delete;

  std::span<std::byte, KeyArena::slot_size> bytes() const {
    return std::span<std::byte, KeyArena::slot_size>(slot_, KeyArena::slot_size);
  }
  KeyView key() const { return KeyView(slot_, key_size); }
  void set(KeyView key) const;

 private:
  friend class KeyArena;
  ArenaSlot(std::shared_ptr<KeyArena> arena, std::byte* slot) : arena_(std::move(arena)), slot_(slot) {}
  void reset() noexcept;

  std::shared_ptr<KeyArena> arena_{};
  std::byte* slot_ = nullptr;
};

}  // namespace medflow::crypto
