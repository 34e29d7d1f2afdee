#include "kernel/row_crypto.hpp"

#include <cassert>
#include <cstring>

#include "storage/block_codec.hpp"

namespace medflow::kernel {
namespace {

using storage::Cell;
using storage::Layout;
using storage::RowView;

constexpr std::size_t version_size = 4;  // a stored block is u32le block version | sealed block
constexpr std::uint8_t block_schema_version = 1;

Uuid uuid_of(const Cell& cell) {
  Uuid id;
  if (cell.data.size() == id.bytes.size()) std::memcpy(id.bytes.data(), cell.data.data(), id.bytes.size());
  return id;
}

std::uint32_t block_version(std::string_view stored) {
  std::uint32_t version = 0;
  for (std::size_t i = 0; i < version_size; ++i)
    version |= std::uint32_t{static_cast<std::uint8_t>(stored[i])} << (8 * i);
  return version;
}

void put_version(std::uint32_t version, std::string& out) {
  for (std::size_t i = 0; i < version_size; ++i) out.push_back(static_cast<char>(version >> (8 * i)));
}

std::string& scratch() {
  thread_local std::string text;
  text.clear();
  return text;
}

/// Opens one stored block into the object. Throws Failure `integrity`.
void open_block(const Layout& layout, std::size_t block_class, std::string_view stored, const crypto::SecureKey& key,
                crypto::SealContext& where, void* object) {
  if (stored.size() < version_size) throw Failure(codes::integrity);
  where.block = static_cast<std::uint32_t>(block_class + 1);
  where.block_version = block_version(stored);
  std::string& plaintext = scratch();
  const bool opened = crypto::open(key, where, stored.substr(version_size), plaintext) == crypto::OpenResult::ok &&
                      storage::decode_fields(*layout.entity().type, plaintext, object);
  crypto::wipe(std::as_writable_bytes(std::span(plaintext)));
  if (!opened) throw Failure(codes::integrity);
}

}  // namespace

crypto::SealContext RowCrypto::context(const Layout& layout, RowView row) const {
  return {.tenant = tenant_,
          .table_id = layout.table().id,
          .row_id = uuid_of(row[0]),
          .subject_id = layout.subject() ? uuid_of(row[*layout.subject()]) : Uuid{}};
}

crypto::SecureKey RowCrypto::key_of(const Layout& layout, RowView row, Instant now) const {
  if (!layout.key_slot()) return crypto::SecureKey(keys_.tenant().tenant_fields());
  return keys_.patient_key(static_cast<std::uint64_t>(row[*layout.key_slot()].integer), now);
}

crypto::RowSeal RowCrypto::seal(const Layout& layout, const void* object, storage::RowBuffer& row, RowView before,
                                std::uint32_t classes, Instant now) const {
  crypto::SealContext where = context(layout, row.cells);
  const crypto::SecureKey key = key_of(layout, row.cells, now);
  const std::uint16_t key_version = layout.key_slot() ? std::uint16_t{1} : keys_.tenant().version();
  for (std::size_t i = 0; i < storage::block_classes; ++i) {
    const auto column = layout.block(i);
    if (!column) continue;
    const Cell old = before.empty() ? Cell::null() : before[*column];
    if ((classes & storage::class_flags[i]) == 0 && !before.empty()) {
      row.cells[*column] = old;
      continue;
    }
    std::string& plaintext = scratch();
    storage::encode_fields(*layout.entity().type, object, storage::class_flags[i], plaintext);
    where.block = static_cast<std::uint32_t>(i + 1);
    where.block_version = 1;
    if (!old.is_null()) {
      where.block_version = block_version(old.data);
      std::string opened;
      if (crypto::open(key, where, old.data.substr(version_size), opened) != crypto::OpenResult::ok)
        throw Failure(codes::integrity);
      const bool same = opened == plaintext;
      crypto::wipe(std::as_writable_bytes(std::span(opened)));
      if (same) {
        row.cells[*column] = old;
        continue;
      }
      ++where.block_version;
    }
    std::string& sealed = row.text();
    put_version(where.block_version, sealed);
    const crypto::SealHeader header{.key_version = key_version,
                                    .block_class = static_cast<std::uint8_t>(i + 1),
                                    .schema_version = block_schema_version};
    crypto::seal(key, header, where, plaintext, rng_, sealed);
    crypto::wipe(std::as_writable_bytes(std::span(plaintext)));
    row.cells[*column] = Cell::bytes(sealed);
  }
  std::string& canonical = scratch();
  layout.canonical(row.cells, canonical);
  where.block = 0;
  where.block_version = 0;
  crypto::RowSealer sealer(keys_.tenant().row_mac(), keys_.tenant().version(), where);
  sealer.plain(canonical);
  for (std::size_t i = 0; i < storage::block_classes; ++i)
    if (layout.block(i) && !row.cells[*layout.block(i)].is_null()) sealer.block(row.cells[*layout.block(i)].data);
  const crypto::RowSeal seal = sealer.finish();
  row.cells[layout.seal()] = Cell::bytes(row.text() = crypto::text_of(seal));
  return seal;
}

bool RowCrypto::intact(const Layout& layout, RowView row) const {
  std::string& canonical = scratch();
  layout.canonical(row, canonical);
  crypto::RowSealer sealer(keys_.tenant().row_mac(), keys_.tenant().version(), context(layout, row));
  sealer.plain(canonical);
  for (std::size_t i = 0; i < storage::block_classes; ++i)
    if (layout.block(i) && !row[*layout.block(i)].is_null()) sealer.block(row[*layout.block(i)].data);
  return sealer.matches(crypto::bytes_of(row[layout.seal()].data));
}

void RowCrypto::check(const Layout& layout, RowView row) const {
  if (!intact(layout, row)) throw Failure(codes::integrity);
}

void RowCrypto::open(const Layout& layout, RowView row, std::uint32_t classes, void* object, Instant now) const {
  crypto::SealContext where = context(layout, row);
  std::optional<crypto::SecureKey> key;
  for (std::size_t i = 0; i < storage::block_classes; ++i) {
    const auto column = layout.block(i);
    if (!column || (classes & storage::class_flags[i]) == 0 || row[*column].is_null()) continue;
    if (!key) key = key_of(layout, row, now);
    open_block(layout, i, row[*column].data, *key, where, object);
  }
}

std::shared_ptr<const SealedBlocks> RowCrypto::take(const Layout& layout, RowView row, std::uint32_t classes,
                                                    Instant now) const {
  std::shared_ptr<SealedBlocks> taken;
  for (std::size_t i = 0; i < storage::block_classes; ++i) {
    const auto column = layout.block(i);
    if (!column || (classes & storage::class_flags[i]) == 0 || row[*column].is_null()) continue;
    if (!taken) {
      taken = std::make_shared<SealedBlocks>();
      taken->layout_ = &layout;
      taken->where_ = context(layout, row);
      taken->key_ = key_of(layout, row, now);
    }
    const std::string_view stored = row[*column].data;
    taken->blocks_[taken->count_++] = {.block_class = i, .begin = taken->bytes_.size(), .size = stored.size()};
    taken->bytes_ += stored;
  }
  return taken;
}

void SealedBlocks::open(void* object) const {
  crypto::SealContext where = where_;
  for (const Block& block : std::span(blocks_).first(count_))
    open_block(*layout_, block.block_class, std::string_view(bytes_).substr(block.begin, block.size), key_, where,
               object);
}

}  // namespace medflow::kernel
