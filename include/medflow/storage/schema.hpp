// What an engine is told about the data it keeps: tables, named indexes and numbered migrations.
//
// For people who write a storage engine. This header carries a weaker promise than the rest of the public
// headers: it may change between minor versions, always with a note in the release.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "medflow/export.hpp"

namespace medflow::inline v1::storage {

/// The types an engine has to keep. Text is UTF-8 and compares by its bytes.
enum class CellKind : std::uint8_t { null, integer, text, bytes };

/// One column. `meaning` is one line for `docs/database.md`; it never holds data.
struct Column {
  std::string_view name{};
  CellKind kind = CellKind::integer;
  bool nullable = false;
  std::string_view meaning{};
};

/// A named index over columns, by their position in the table. Where a unique index has a null in any of its columns, the
/// row is not held unique. Every index orders by its columns first and by the table's key after them. A `sparse` one is scanned for rows
/// in which its first column has a value, and for no others: each scan names that value, or a bound of it. So an engine may leave out the
/// rows in which it is null.
struct Index {
  std::string_view name{};
  std::span<const std::uint8_t> columns{};
  bool unique = false;
  bool sparse = false;
};

/// Ranges that lie around a column of the key: each begins at it or at most `before` before it, and ends behind it by at most `after`, in the
/// columns' own unit. That column is the key's second, and its first is the exclusion's first `equal` one.
struct Nearness {
  std::int64_t before = 0;
  std::int64_t after = 0;
};

/// No two rows with equal `equal` columns may have overlapping half-open ranges [from, to). Rows in which any of these
/// columns is null take no part. `from` < `to` is the caller's promise. With `near` the key leads to the ranges, and an engine may do without
/// an index for them; it may then refuse a row that takes part and is not as that says (`misuse`).
struct Exclusion {
  std::string_view name{};
  std::span<const std::uint8_t> equal{};
  std::uint8_t from = 0;
  std::uint8_t to = 0;
  std::optional<Nearness> near{};
};

/// A table. Its first `key_columns` columns are its primary key, in this order, and its rows lie in that order; the
/// primary key is scanned and reported under the name "key". `revision` is the position of the integer column that
/// `Transaction::update` compares, none where rows are never updated. `append_only` rows are never updated nor erased:
/// an engine refuses both.
struct Table {
  std::uint16_t id = 0;
  std::string_view name{};
  std::string_view meaning{};
  std::span<const Column> columns{};
  std::uint8_t key_columns = 1;
  std::optional<std::uint8_t> revision{};
  std::span<const Index> indexes{};
  std::optional<Exclusion> exclusion{};
  bool append_only = false;
};

/// One step of a migration. Exactly one member is set beside `table`, or none: then the table is created, with its
/// indexes.
struct SchemaChange {
  const Table* table = nullptr;
  std::optional<std::uint8_t> add_column{};  ///< position of the (nullable) column to add
  std::optional<std::uint8_t> add_index{};   ///< position of the index to build
};

/// A numbered migration; numbers are 1, 2, 3 … without gaps. Applied in one transaction, recorded by number and name.
struct Migration {
  std::uint32_t number = 0;
  std::string_view name{};
  std::span<const SchemaChange> changes{};
};

/// What a database must look like: all its migrations, in order.
struct Schema {
  std::string_view name{};
  std::span<const Migration> migrations{};
};

}  // namespace medflow::inline v1::storage
