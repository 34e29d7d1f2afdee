// The key store of one tenant: its wrapped keys, in a database of its own that lies beside the data and never in the data's backup
// (security.md, "Key store, memory, shredding"). Patient keys lie in slots that are made ahead.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "crypto/keytree.hpp"
#include "medflow/ports.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::keys {

/// The schema of a key store.
const storage::Schema& key_schema();

/// Opens what `create` made and hands out keys. Thread-safe but for the slots, which belong to the tenant's writer.
class KeyStore {
 public:
  /// Fills an empty key store: a tenant key under the current root key, and the tenant's own random keys.
  static void create(storage::Database& database, RootKeyProvider& roots, const Uuid& tenant, Rng& rng);

  /// Throws Failure `key.mismatch` where no root key opens it, `integrity` where it is damaged.
  KeyStore(std::unique_ptr<storage::Database> database, RootKeyProvider& roots, const Uuid& tenant,
           const std::shared_ptr<crypto::KeyArena>& arena, Rng& rng);

  const crypto::TenantKeys& tenant() const { return *tenant_keys_; }

  /// A random key of the tenant's own (`crypto::purpose_…`), version 1.
  crypto::SecureKey own(std::string_view purpose) const;

  /// Hands out the next slot; makes a lot ahead where none is left (16 slots, then doubling to 1,024). What was left over at
  /// the last close stays retired: it is never handed out again.
  std::uint64_t take_slot();

  /// Gives back the slots that were taken since `mark`, whose rows were rolled back.
  std::uint64_t mark() const { return next_; }
  void undo(std::uint64_t mark) { next_ = mark; }

  /// The patient key in a slot. Throws Failure `integrity` where there is none.
  crypto::SecureKey patient_key(std::uint64_t slot, Instant now);

 private:
  struct Opened {
    std::uint64_t slot = 0;
    crypto::SecureKey key{};
    Instant until{};
  };

  void make_lot();
  const crypto::WrappedKey* wrapped(std::uint64_t slot);
  crypto::SecureKey remember(std::uint64_t slot, crypto::SecureKey key, Instant now);

  std::unique_ptr<storage::Database> database_;
  Uuid tenant_;
  Rng& rng_;
  std::unique_ptr<crypto::TenantKeys> tenant_keys_{};

  std::uint64_t next_ = 1;
  std::uint64_t end_ = 1;  ///< one beyond the last slot that was made
  std::uint64_t lot_ = 16;

  std::mutex mutex_{};
  std::list<Opened> opened_{};  ///< most recently used first
  std::unordered_map<std::uint64_t, std::list<Opened>::iterator> opened_by_slot_{};
  std::unordered_map<std::uint64_t, std::vector<crypto::WrappedKey>>
      wrapped_{};  ///< by slot / chunk; still wrapped, so harmless
};

}  // namespace medflow::keys
