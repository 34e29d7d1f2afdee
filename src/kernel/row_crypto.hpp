// Seals rows and opens them: the blocks of each class under the patient's or the tenant's key, and the row seal over everything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "crypto/row_seal.hpp"
#include "crypto/seal.hpp"
#include "kernel/opened_rows.hpp"
#include "keys/key_store.hpp"
#include "medflow/ports.hpp"
#include "storage/entity.hpp"

namespace medflow::kernel {

/// Rows of a call's output with their keys, whose blocks are opened when storage is out of reach: after the call was released, on the
/// thread that wants it.
class SealedRows {
 public:
  using Copy = std::shared_ptr<const void> (*)(const void*);

  struct Taking {
    std::uint32_t asked = 0;   ///< the classes of the caller
    std::uint32_t opened = 0;  ///< those of them that are opened of this row
    Copy copy = nullptr;       ///< set where what comes out is to be kept
    Instant at{};
  };

  explicit SealedRows(std::shared_ptr<OpenedRows> opened) : opened_(std::move(opened)) {}

  /// Opens them into the output: the row's object itself, or a page of such objects, of which each row finds its own. What the page
  /// does not show stays sealed. Once. Throws Failure `integrity`.
  void open(const Type& output_type, void* output);

 private:
  friend class RowCrypto;
  struct Row {
    const storage::Layout* layout = nullptr;
    storage::PackedRow row{};
    crypto::SealContext where{};
    crypto::SecureKey key{};
    Taking taking{};
  };

  std::shared_ptr<OpenedRows> opened_;
  std::vector<Row> rows_{};
};

/// Thread-safe as far as its key store is.
class RowCrypto {
 public:
  RowCrypto(keys::KeyStore& keys, const Uuid& tenant, Rng& rng) : keys_(keys), tenant_(tenant), rng_(rng) {}

  /// The present state of a row that is written anew.
  struct Before {
    storage::RowView row{};        ///< empty where there is none
    const void* object = nullptr;  ///< what came out of it, but for secrets: of all classes that are written
  };

  /// Completes a row whose plain cells, subject, slot and extras are set: seals the blocks of `object` and the row. A block of `before` whose
  /// content did not change, or whose class is not in `classes`, stays as it is.
  crypto::RowSeal seal(const storage::Layout& layout, const void* object, storage::RowBuffer& row, const Before& before,
                       std::uint32_t classes, Instant now) const;

  /// Checks the row seal. Throws Failure `integrity`.
  void check(const storage::Layout& layout, storage::RowView row) const;
  /// The same as an answer.
  bool intact(const storage::Layout& layout, storage::RowView row) const;

  /// Opens the blocks of these classes into the object, whose plain fields are read. Throws Failure `integrity`.
  void open(const storage::Layout& layout, storage::RowView row, std::uint32_t classes, void* object,
            Instant now) const;

  /// Takes the row along, to open it later. Throws Failure `integrity` where its key is missing.
  void take(const storage::Layout& layout, storage::RowView row, const SealedRows::Taking& taking,
            SealedRows& out) const;

  /// Throws Failure `integrity` where the key that opens this row's blocks is gone.
  void require_key(const storage::Layout& layout, storage::RowView row, Instant now) const { key_of(layout, row, now); }

 private:
  static bool says(const storage::Layout& layout, std::size_t block_class, std::string_view stored,
                   const Before& before, std::string_view plaintext, const crypto::SecureKey& key,
                   const crypto::SealContext& where);
  crypto::SealContext context(const storage::Layout& layout, storage::RowView row) const;
  crypto::SecureKey key_of(const storage::Layout& layout, storage::RowView row, Instant now) const;

  keys::KeyStore& keys_;
  Uuid tenant_;
  Rng& rng_;
};

}  // namespace medflow::kernel
