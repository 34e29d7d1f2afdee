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

bool has_blocks(const Layout& layout, RowView row, std::uint32_t classes) {
  for (std::size_t i = 0; i < storage::block_classes; ++i)
    if (layout.block(i) && (classes & storage::class_flags[i]) != 0 && !row[*layout.block(i)].is_null()) return true;
  return false;
}

void open_blocks(const Layout& layout, RowView row, std::uint32_t classes, const crypto::SecureKey& key,
                 crypto::SealContext where, void* object) {
  for (std::size_t i = 0; i < storage::block_classes; ++i) {
    const auto column = layout.block(i);
    if (column && (classes & storage::class_flags[i]) != 0 && !row[*column].is_null())
      open_block(layout, i, row[*column].data, key, where, object);
  }
}

/// The object of this id within an output: the output itself, or an item of the page that it is; null where it is not there. Rows come
/// in the order of the page, so each is sought from where it is `expected`.
void* object_of(const Layout& layout, const Type& type, void* output, const Uuid& id, std::size_t& expected) {
  if (&type == layout.entity().type) return output;
  for (const Field& field : type.fields) {
    if (field.type->kind != Kind::list || field.type->element != layout.entity().type) continue;
    void* list = field.at(output);
    const std::size_t size = field.type->size(list);
    for (std::size_t i = 0; i < size; ++i) {
      void* item = field.type->item(list, (expected + i) % size);
      if (layout.id_of(item) != id) continue;
      expected += i + 1;
      return item;
    }
  }
  return nullptr;
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

/// Whether a stored block says what `plaintext` says. Of the classes that were opened it need not be opened once more.
bool RowCrypto::says(const Layout& layout, std::size_t block_class, std::string_view stored, const Before& before,
                     std::string_view plaintext, const crypto::SecureKey& key, const crypto::SealContext& where) {
  std::string was;
  if (before.object != nullptr && storage::class_flags[block_class] != secret)
    storage::encode_fields(*layout.entity().type, before.object, storage::class_flags[block_class], was);
  else if (crypto::open(key, where, stored.substr(version_size), was) != crypto::OpenResult::ok)
    throw Failure(codes::integrity);
  const bool same = was == plaintext;
  crypto::wipe(std::as_writable_bytes(std::span(was)));
  return same;
}

crypto::RowSeal RowCrypto::seal(const Layout& layout, const void* object, storage::RowBuffer& row, const Before& before,
                                std::uint32_t classes, Instant now) const {
  crypto::SealContext where = context(layout, row.cells);
  const crypto::SecureKey key = key_of(layout, row.cells, now);
  const std::uint16_t key_version = layout.key_slot() ? std::uint16_t{1} : keys_.tenant().version();
  for (std::size_t i = 0; i < storage::block_classes; ++i) {
    const auto column = layout.block(i);
    if (!column) continue;
    const Cell old = before.row.empty() ? Cell::null() : before.row[*column];
    if ((classes & storage::class_flags[i]) == 0 && !before.row.empty()) {
      row.cells[*column] = old;
      continue;
    }
    std::string& plaintext = scratch();
    storage::encode_fields(*layout.entity().type, object, storage::class_flags[i], plaintext);
    where.block = static_cast<std::uint32_t>(i + 1);
    where.block_version = 1;
    if (!old.is_null()) {
      where.block_version = block_version(old.data);
      if (says(layout, i, old.data, before, plaintext, key, where)) {
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
  if (!has_blocks(layout, row, classes)) return;
  open_blocks(layout, row, classes, key_of(layout, row, now), context(layout, row), object);
}

void RowCrypto::take(const Layout& layout, RowView row, const SealedRows::Taking& taking, SealedRows& out) const {
  if (!has_blocks(layout, row, taking.opened)) return;
  out.rows_.push_back({.layout = &layout,
                       .row = storage::PackedRow(row),
                       .where = context(layout, row),
                       .key = key_of(layout, row, taking.at),
                       .taking = taking});
}

void SealedRows::open(const Type& output_type, void* output) {
  std::size_t expected = 0;
  for (Row& row : rows_) {
    void* object = object_of(*row.layout, output_type, output, row.where.row_id, expected);
    if (object == nullptr) continue;
    const Taking& taking = row.taking;
    open_blocks(*row.layout, row.row.cells(), taking.opened, row.key, row.where, object);
    if (taking.copy == nullptr) continue;
    const OpenedRows::Place place{.tenant = row.where.tenant, .table = row.layout->table().id, .classes = taking.asked};
    opened_->keep(place, std::move(row.row), {.object = taking.copy(object), .classes = taking.opened},
                  row.layout->entity().type->bytes, taking.at);
  }
}

}  // namespace medflow::kernel
