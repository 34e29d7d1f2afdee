// The SQL of a schema, for SQLite 3.15. It is made from the names of tables, columns and indexes alone; values are bound.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage::sqlite {

/// Where rows remember which migrations a database has seen.
inline constexpr const char* migrations_table = "medflow_schema";

/// The statements of one migration, in order.
std::vector<std::string> sql_of(const Schema& schema, const Migration& migration);

/// The lower end of the column after a scan's equal ones.
enum class Lower : std::uint8_t {
  none,
  inclusive,  ///< one cell is bound
  exclusive,  ///< one cell is bound
  not_null,   ///< every value but null; nothing is bound
};

/// A scan without its values: scans of the same shape share a prepared statement.
struct Shape {
  int index = -1;           ///< position in Table::indexes, -1 for the key
  std::size_t equal = 0;    ///< how many columns are equal to something
  std::uint32_t nulls = 0;  ///< bit i: column i is equal to null, and not bound
  Lower lower = Lower::none;
  bool upper = false;  ///< below a cell that is bound
  bool backwards = false;

  friend bool operator==(const Shape&, const Shape&) = default;
};

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
