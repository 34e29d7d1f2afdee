// Seals rows and opens them: the blocks of each class under the patient's or the tenant's key, and the row seal over everything.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "crypto/row_seal.hpp"
#include "crypto/seal.hpp"
#include "keys/key_store.hpp"
#include "medflow/ports.hpp"
#include "storage/entity.hpp"

namespace medflow::kernel {

/// The blocks of one row with their key, to be opened when the row itself is out of reach: after the call was released.
class SealedBlocks {
 public:
  /// Opens them into the object, whose plain fields are read. Throws Failure `integrity`.
  void open(void* object) const;

 private:
  friend class RowCrypto;
  struct Block {
    std::size_t block_class = 0;  ///< position in `storage::class_flags`
    std::size_t begin = 0;
    std::size_t size = 0;
  };

  const storage::Layout* layout_ = nullptr;
  crypto::SealContext where_{};
  crypto::SecureKey key_{};
  std::string bytes_{};
  std::array<Block, storage::block_classes> blocks_{};
  std::size_t count_ = 0;
};

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

  /// Takes the blocks of these classes along; null where the row has none. Throws Failure `integrity` where their key is missing.
  std::shared_ptr<const SealedBlocks> take(const storage::Layout& layout, storage::RowView row, std::uint32_t classes,
                                           Instant now) const;

 private:
  crypto::SealContext context(const storage::Layout& layout, storage::RowView row) const;
  crypto::SecureKey key_of(const storage::Layout& layout, storage::RowView row, Instant now) const;

  keys::KeyStore& keys_;
  Uuid tenant_;
  Rng& rng_;
};

}  // namespace medflow::kernel
