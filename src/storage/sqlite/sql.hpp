// The SQL of a schema, for SQLite 3.15. It is made from the names of tables, columns and indexes alone; values are bound.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "medflow/storage/engine.hpp"
#include "storage/walk.hpp"

namespace medflow::inline v1::storage::sqlite {

/// Where rows remember which migrations a database has seen.
inline constexpr const char* migrations_table = "medflow_schema";

/// The statements of one migration, in order.
std::vector<std::string> sql_of(const Schema& schema, const Migration& migration);

/// The fixed statements of a table. Values are bound in the order of the columns.
struct TableSql {
  explicit TableSql(const Table& table);

  /// The statement of a scan. Bound are the equal cells that are not null, the lower end's, the upper end's.
  std::string scan(const Shape& shape) const;

  /// The columns by which an index orders.
  const std::vector<std::uint8_t>& order(int index) const { return orders[static_cast<std::size_t>(index + 1)]; }

  const Table* table = nullptr;
  std::string insert{};  ///< all columns
  std::string get{};     ///< the key
  std::string
      update{};  ///< all but the key, then the key, then the revision that is expected; empty where rows have none
  std::string erase{};                              ///< the key
  std::vector<std::vector<std::uint8_t>> orders{};  ///< of the key, then of each index
};

}  // namespace medflow::inline v1::storage::sqlite
