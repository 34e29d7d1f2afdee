// Seals rows and opens them: the blocks of each class under the patient's or the tenant's key, and the row seal over everything.
#pragma once

#include <cstdint>

#include "crypto/row_seal.hpp"
#include "keys/key_store.hpp"
#include "medflow/ports.hpp"
#include "storage/entity.hpp"

namespace medflow::kernel {

/// Thread-safe as far as its key store is.
class RowCrypto {
 public:
  RowCrypto(keys::KeyStore& keys, const Uuid& tenant, Rng& rng) : keys_(keys), tenant_(tenant), rng_(rng) {}

  /// Completes a row whose plain cells, subject, slot and extras are set: seals the blocks of `object` and the row. Where
  /// `before` is the row's present state, a block whose content did not change, or whose class is not in `classes`, stays as it is.
  crypto::RowSeal seal(const storage::Layout& layout, const void* object, storage::RowBuffer& row,
                       storage::RowView before, std::uint32_t classes, Instant now) const;

  /// Checks the row seal. Throws Failure `integrity`.
  void check(const storage::Layout& layout, storage::RowView row) const;
  /// The same as an answer.
  bool intact(const storage::Layout& layout, storage::RowView row) const;

  /// Opens the blocks of these classes into the object, whose plain fields are read. Throws Failure `integrity`.
  void open(const storage::Layout& layout, storage::RowView row, std::uint32_t classes, void* object,
            Instant now) const;

 private:
  crypto::SealContext context(const storage::Layout& layout, storage::RowView row) const;
  crypto::SecureKey key_of(const storage::Layout& layout, storage::RowView row, Instant now) const;

  keys::KeyStore& keys_;
  Uuid tenant_;
  Rng& rng_;
};

}  // namespace medflow::kernel
