// What every engine has to know about a schema: its tables by number, the order of their indexes, the checks of rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage {

/// The most that one cell may hold: 256 MiB.
inline constexpr std::size_t cell_bytes_max = std::size_t{256} << 20;

/// The name under which a table's own key is scanned and reported.
inline constexpr std::string_view key_index = "key";

/// The tables of a schema, each once, numbered from 0 in the order of their first mention.
class Tables {
 public:
  explicit Tables(const Schema& schema);

  std::size_t size() const { return tables_.size(); }
  const Table& operator[](std::size_t slot) const { return *tables_[slot]; }

  /// The number of this table. Fault `misuse` where the schema has none of its id.
  std::size_t slot(const Table& table) const;

 private:
  std::vector<const Table*> tables_;
  std::vector<std::uint16_t> slot_by_id_;
};

/// The columns by which an index orders: its own, then those of the key that are not among them.
std::vector<std::uint8_t> order_of(const Table& table, std::span<const std::uint8_t> index_columns);

/// The same for an index by its name, "key" included. Fault `misuse` where there is none.
std::vector<std::uint8_t> order_of(const Table& table, std::string_view index);

/// The position of an index in `Table::indexes`, -1 for "key". Fault `misuse` where there is none.
int index_of(const Table& table, std::string_view index);

/// Nulls first, then integers, text and bytes; text and bytes by their bytes.
int compare(const Cell& left, const Cell& right);

/// Fault `misuse` where a row or key has not the kinds of its table's columns.
void check_row(const Table& table, RowView row);
void check_key(const Table& table, Key key);

/// Fault `misuse` where the scan names more columns than the index orders by, bounds that are null, or rows that a sparse index need not have.
void check_scan(const Scan& scan, std::size_t order_size);

/// Whether a later step of the schema brings this column or index, so that creating the table leaves it out.
bool column_comes_later(const Schema& schema, const Table& table, std::size_t column);
bool index_comes_later(const Schema& schema, const Table& table, std::size_t index);

/// A migration as a database remembers it.
struct Applied {
  std::uint32_t number = 0;
  std::string name{};
};

/// The migrations that this database lacks. Fault `schema_newer` where it has one that the schema does not have, and
/// `schema_outdated` where it lacks one and `migrate` is false; both name `store`.
std::span<const Migration> lacking(const Schema& schema, std::span<const Applied> applied, bool migrate,
                                   const std::string& store);

/// Whether a tenant's store may be called so.
bool is_tenant_name(std::string_view name);

/// "tenant/data" or "tenant/keys", for faults. Fault `misuse` where the name is no name.
std::string text_of(const StoreName& name);

}  // namespace medflow::inline v1::storage
