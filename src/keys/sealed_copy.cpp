#include "keys/sealed_copy.hpp"

#include <cstring>
#include <vector>

#include "crypto/keytree.hpp"
#include "crypto/seal.hpp"
#include "keys/key_store.hpp"
#include "medflow/error.hpp"

namespace medflow::keys {
namespace {

using storage::Cell;
using storage::CellKind;
using storage::RowView;
using storage::Table;

constexpr std::string_view magic("MFKC\1\0\0\0", 8);
constexpr std::size_t header_size = magic.size() + 16 + 8 + 32;
constexpr std::size_t rows_at = header_size + crypto::key_to_recipient_size;

void put(std::uint64_t value, unsigned bytes, std::string& out) {
  for (unsigned i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

std::vector<const Table*> tables() {
  std::vector<const Table*> all;
  for (const storage::Migration& migration : key_schema().migrations)
    for (const storage::SchemaChange& change : migration.changes)
      if (!change.add_column && !change.add_index) all.push_back(change.table);
  return all;
}

// A row: u16le table | per cell: u8 kind | integer: u64le; text, bytes: u32le length | bytes.
void put_row(const Table& table, RowView row, std::string& out) {
  put(table.id, 2, out);
  for (const Cell& cell : row) {
    put(static_cast<std::uint8_t>(cell.kind), 1, out);
    if (cell.kind == CellKind::integer) put(static_cast<std::uint64_t>(cell.integer), 8, out);
    if (cell.kind != CellKind::text && cell.kind != CellKind::bytes) continue;
    put(cell.data.size(), 4, out);
    out += cell.data;
  }
}

/// Takes what `put_row` wrote; what is not there is damage.
class RowReader {
 public:
  explicit RowReader(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  std::uint64_t number(unsigned bytes) {
    std::uint64_t value = 0;
    const std::string_view taken = take(bytes);
    for (unsigned i = 0; i < bytes; ++i) value |= std::uint64_t{static_cast<std::uint8_t>(taken[i])} << (8 * i);
    return value;
  }
  Cell cell() {
    switch (static_cast<CellKind>(number(1))) {
      case CellKind::null:
        return Cell::null();
      case CellKind::integer:
        return Cell::of(static_cast<std::int64_t>(number(8)));
      case CellKind::text:
        return Cell::text(take(number(4)));
      case CellKind::bytes:
        return Cell::bytes(take(number(4)));
    }
    throw Failure(codes::integrity);
  }

 private:
  std::string_view take(std::size_t count) {
    if (count > rest_.size()) throw Failure(codes::integrity);
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::string_view rest_;
};

void insert_rows(std::string_view bytes, storage::Transaction& transaction) {
  const auto known = tables();
  std::vector<Cell> row;
  for (RowReader reader(bytes); !reader.at_end();) {
    const std::uint64_t id = reader.number(2);
    const Table* table = nullptr;
    for (const Table* one : known)
      if (one->id == id) table = one;
    if (table == nullptr) throw Failure(codes::integrity);
    row.clear();
    while (row.size() < table->columns.size()) row.push_back(reader.cell());
    transaction.insert(*table, row);
  }
}

}  // namespace

std::optional<CopyHeader> copy_header(std::string_view copy) {
  if (copy.size() <= rows_at || !copy.starts_with(magic)) return std::nullopt;
  CopyHeader header;
  std::memcpy(header.tenant.bytes.data(), copy.data() + magic.size(), 16);
  header.made_at.us = static_cast<std::int64_t>(RowReader(copy.substr(magic.size() + 16)).number(8));
  std::memcpy(header.recipient.data(), copy.data() + magic.size() + 24, 32);
  return header;
}

std::string sealed_copy(storage::Database& keys, const Uuid& tenant, const crypto::RecipientKey& recipient, Instant now,
                        Rng& rng) {
  std::string rows;
  keys.read([&](storage::Transaction& transaction) {
    for (const Table* table : tables())
      transaction.scan({.table = table}, [&](RowView row) {
        put_row(*table, row, rows);
        return true;
      });
  });
  std::string copy(magic);
  copy += tenant.view();
  put(static_cast<std::uint64_t>(now.us), 8, copy);
  copy += crypto::text_of(recipient);
  const crypto::SecureKey key = crypto::random_key(rng);
  copy += crypto::text_of(crypto::seal_key_to(recipient, key, rng));
  const std::string associated = copy;
  crypto::seal(key, {.schema_version = 1}, crypto::bytes_of(associated), rows, rng, copy, crypto::Suite::wrap);
  return copy;
}

void restore_copy(std::string_view copy, const crypto::RecoveryPair& pair, const Uuid& tenant,
                  storage::Database& keys) {
  const auto header = copy_header(copy);
  if (!header || header->tenant != tenant) throw Failure(codes::integrity, "not a copy of this tenant's key store");
  const auto key = crypto::open_key(pair, crypto::bytes_of(copy.substr(header_size, crypto::key_to_recipient_size)));
  if (!key) throw Failure(codes::key_mismatch, "the recovery file does not open this copy");
  std::string rows;
  if (crypto::open(*key, crypto::bytes_of(copy.substr(0, rows_at)), copy.substr(rows_at), rows, crypto::Suite::wrap) !=
      crypto::OpenResult::ok)
    throw Failure(codes::integrity, "the copy of the key store is damaged");
  keys.write([&](storage::Transaction& transaction) { insert_rows(rows, transaction); });
}

}  // namespace medflow::keys
