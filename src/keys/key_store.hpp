// The key store of one tenant: its wrapped keys, in a database of its own that lies beside the data and never in the data's backup
// (security.md, "Key store, memory, shredding"). Patient keys lie in slots that are made ahead.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
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
  /// Fills an empty key store: a tenant key under the current root key, and the tenant's own random keys. One that another process
  /// has filled meanwhile stays as it is.
  static void create(storage::Database& database, RootKeyProvider& roots, const Uuid& tenant, Rng& rng);

  /// The same in two steps, between which the tenant's data is made: first the tenant key, and when the data is there the own keys. So a
  /// key store that is complete has had data beside it.
  static void begin(storage::Database& database, RootKeyProvider& roots, const Uuid& tenant, Rng& rng);
  bool is_complete() const;
  void complete();

  /// `shared`: other processes make slots in it too. `aside` makes lots before they are needed; without it they are made when they are.
  /// Throws Failure `key.mismatch` where no root key opens it, `integrity` where it is damaged.
  KeyStore(std::unique_ptr<storage::Database> database, RootKeyProvider& roots, const Uuid& tenant,
           const std::shared_ptr<crypto::KeyArena>& arena, Rng& rng, bool shared = false,
           std::shared_ptr<Executor> aside = nullptr);
  ~KeyStore();
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;

  /// What is stored: to be copied as it is, wrapped. Nothing is written there until the next slot is taken.
  storage::Database& database();

  const crypto::TenantKeys& tenant() const { return *tenant_keys_; }

  /// A random key of the tenant's own (`crypto::purpose_…`), version 1.
  crypto::SecureKey own(std::string_view purpose) const;

  /// Hands out the next slot, of a lot (16 slots, then doubling to 1,024). Once they are large the next one is made aside when half of one
  /// is left; where none is left, this waits for it. A lot belongs to who made it: what was left over at the last close, or after a crash, stays retired and is never handed out again.
  std::uint64_t take_slot();

  /// Gives back the slots that were taken since `mark`, whose rows were rolled back; not across other processes' slots: there the
  /// rest of the lot before stays retired.
  std::uint64_t mark() const { return next_; }
  void undo(std::uint64_t mark) { next_ = std::max(mark, run_); }

  /// The patient key in a slot. Throws Failure `integrity` where there is none.
  crypto::SecureKey patient_key(std::uint64_t slot, Instant now);

  /// Wipes keys that were unwrapped more than five minutes ago; looks once a minute, however often it is called.
  void forget_expired(Instant now);

  /// Reads what is stored of these slots, so that their keys are at hand: once for all of them.
  void fetch(std::span<const std::uint64_t> slots);

 private:
  /// A key that was unwrapped lately. Its place is found from its slot.
  struct Opened {
    std::uint64_t slot = 0;  ///< 0: none
    Instant until{};
    crypto::SecureKey key{};
  };
  /// Stored keys, still wrapped and so harmless.
  struct Chunk {
    std::array<crypto::WrappedKey, 64> keys{};
    std::uint64_t present = 0;
  };

  /// Slots in a row whose keys are stored, and those keys.
  struct Lot {
    std::uint64_t first = 0;
    std::vector<crypto::SecureKey> keys{};
  };
  /// What is shared with the work that makes a lot aside, which may outlive the store.
  struct Aside {
    std::mutex mutex{};         // guards what follows, and the making of a lot
    KeyStore* store = nullptr;  ///< null once it is gone
    bool asked = false;         ///< somebody wants a lot
    std::optional<Lot> lot{};   ///< that nobody has taken yet
    std::uint64_t end = 1;      ///< one beyond the last slot that was made by this process or before
    std::uint64_t size = 16;    ///< of the next lot
    bool unsure = false;        ///< a lot was begun, and it is not known whether it is there
  };

  void take_lot();
  void ask_aside();
  Lot make_lot();
  void fetch_locked(std::span<const std::uint64_t> slots);
  void fetch_near(std::uint64_t slot);
  void keep(storage::RowView row);
  Chunk& chunk_of(std::uint64_t slot);
  const crypto::WrappedKey* wrapped(std::uint64_t slot) const;
  std::span<Opened> places_of(std::uint64_t slot);
  void grow_opened();

  std::unique_ptr<storage::Database> database_;
  Uuid tenant_;
  Rng& rng_;
  std::unique_ptr<crypto::TenantKeys> tenant_keys_{};

  const bool shared_;
  const std::shared_ptr<Executor> executor_;
  const std::shared_ptr<Aside> aside_;
  std::uint64_t next_ = 1;
  std::uint64_t end_ = 1;     ///< of the lot that is handed out
  std::uint64_t run_ = 1;     ///< from here to the end all slots were made here
  std::uint64_t ask_at_ = 0;  ///< at this slot the next lot is asked for

  std::mutex mutex_{};
  std::vector<crypto::SecureKey> lot_keys_{};  ///< of the last lot that was made, until each is first used
  std::uint64_t lot_first_ = 0;
  std::uint64_t last_missed_ = 0;  ///< the slot that was last read; its neighbours follow where rows are read in order
  Instant forgot_at_{};
  std::vector<Opened> opened_{};                   ///< grows while keys that may still be used would have to go
  std::vector<std::unique_ptr<Chunk>> wrapped_{};  ///< by slot / chunk
  std::size_t chunks_ = 0;                         ///< of them there
  std::size_t chunk_hand_ = 0;                     ///< where to look for the next one to forget
};

}  // namespace medflow::keys
