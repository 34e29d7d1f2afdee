// Copies of a key store for the offline recipient (SEC-6): whoever keeps the recovery file, and the root key, has the keys again.
//
//   "MFKC" | u8 1 | u8[3] 0 | tenant[16] | i64le made at, µs | recipient[32] | crypto_box_seal(copy key)[80] | sealed rows (suite 2)
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/recovery.hpp"
#include "medflow/id.hpp"
#include "medflow/storage/engine.hpp"
#include "medflow/time.hpp"

namespace medflow::keys {

/// What a copy says of itself before it is opened. Nothing of it is proved yet.
struct CopyHeader {
  Uuid tenant{};
  Instant made_at{};
  crypto::RecipientKey recipient{};
};
std::optional<CopyHeader> copy_header(std::string_view copy);

/// A copy of all rows of a key store, as one snapshot shows them.
std::string sealed_copy(storage::Database& keys, const Uuid& tenant, const crypto::RecipientKey& recipient, Instant now,
                        Rng& rng);

/// Fills an empty key store from a copy. Throws Failure `key.mismatch` where the recovery pair is not the copy's, `integrity` where
/// the copy is damaged or of another tenant; the key store stays empty then.
void restore_copy(std::string_view copy, const crypto::RecoveryPair& pair, const Uuid& tenant, storage::Database& keys);

}  // namespace medflow::keys
