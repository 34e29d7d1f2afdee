// What a host may bring with it: the clock, chance, the root key and an executor. Every port has a default.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "medflow/export.hpp"
#include "medflow/time.hpp"

namespace medflow::inline v1 {

/// Tells the time. Thread-safe.
class MEDFLOW_API Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
};

/// Fills memory with unpredictable bytes: keys, nonces and ids come from here. Thread-safe.
class MEDFLOW_API Rng {
 public:
  virtual ~Rng() = default;
  virtual void fill(std::span<std::byte> out) = 0;
};

/// Runs closures, on whatever threads the host likes. The library starts no thread where one is given.
class MEDFLOW_API Executor {
 public:
  virtual ~Executor() = default;
  virtual void post(std::function<void()> work) = 0;
};

/// Names one root key: the first 8 bytes of BLAKE2b-128 over it.
using RootId = std::array<std::byte, 8>;

/// Holds the root keys, and wraps and unwraps tenant keys under them; a root key is never handed out. `associated` is
/// bound to the wrapping: unwrapping with other associated data fails. Thread-safe. All but `list` throw Failure
/// `key.mismatch` where the key is not there or does not open what it is given.
class MEDFLOW_API RootKeyProvider {
 public:
  virtual ~RootKeyProvider() = default;
  virtual RootId current() = 0;
  /// Wraps a 32-byte key; the answer can be kept anywhere.
  virtual std::vector<std::byte> wrap(const RootId& root, std::span<const std::byte> associated,
                                      std::span<const std::byte, 32> key) = 0;
  virtual void unwrap(const RootId& root, std::span<const std::byte> associated, std::span<const std::byte> wrapped,
                      std::span<std::byte, 32> key) = 0;
  virtual std::vector<RootId> list() = 0;
};

/// The system's clock; microseconds, UTC.
MEDFLOW_API std::shared_ptr<Clock> system_clock();

/// The system's source of randomness, by libsodium.
MEDFLOW_API std::shared_ptr<Rng> system_rng();

/// A root key in a file of 32 random bytes in hexadecimal, mode 0600, owned by the effective user; anything else is refused
/// with Failure `key.mismatch`, which names the file and what is wrong with it.
MEDFLOW_API std::shared_ptr<RootKeyProvider> file_root_key(const std::string& path);

/// Makes such a file with a new key. Refuses to overwrite one.
MEDFLOW_API void create_root_key_file(const std::string& path, Rng& rng);

/// A root key that lives in memory: for tests and demonstrations.
MEDFLOW_API std::shared_ptr<RootKeyProvider> memory_root_key(std::span<const std::byte, 32> key);

}  // namespace medflow::inline v1
