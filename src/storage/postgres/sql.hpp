// The SQL of a schema, for PostgreSQL. It is made from the names of tables, columns and indexes alone; values are bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "medflow/storage/engine.hpp"
#include "storage/postgres/codec.hpp"
#include "storage/tables.hpp"
#include "storage/walk.hpp"

namespace medflow::inline v1::storage::postgres {

/// What the sessions of the pool begin with. A query of ours names its index; these leave the planner no other way, and none that
/// hangs on statistics.
inline constexpr const char* planner_settings =
    "-c search_path=pg_catalog -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off "
    "-c enable_sort=off -c enable_incremental_sort=off -c jit=off";

/// A statement that connections keep prepared, each under its number.
struct Statement {
  std::string text{};
  std::vector<unsigned> types{};  ///< of its values
  std::size_t id = 0;
  std::string name{};  ///< on the server
};

/// The statements of an engine, each once. Thread-safe; what it gives lives as long as it.
class Book {
 public:
  const Statement& of(std::string text, std::vector<unsigned> types = {});

 private:
  std::mutex mutex_;
  std::deque<Statement> statements_;
  std::unordered_map<std::string_view, const Statement*> by_text_;
};

/// A name in double quotes.
std::string quoted(std::string_view name);

/// What the server calls an index, constraint or trigger of a table: names have 63 bytes there.
std::string name_of(const Table& table, std::string_view part);

/// The statements of a table of one namespace. The tenant is always the first value.
class TableSql {
 public:
  TableSql(Book& book, std::string_view space, const Table& its_table);

  /// The statement of a scan. Bound are the tenant, the equal cells that are not null, the lower end's, the upper end's, and
  /// the limit.
  const Statement& scan(const Shape& shape);

  /// The same scan for each cell of an array, where its shape has one equal column and no more: bound are the tenant, the array and
  /// the limit. The last column of a row numbers the cell that it belongs to, from 1. Null for scans of another shape.
  const Statement* scan_many(const Shape& shape);

  /// The columns by which an index orders.
  const std::vector<std::uint8_t>& order(int index) const { return orders_[static_cast<std::size_t>(index + 1)]; }

  const Table* table;
  ColumnSet cut;                        ///< see codec.hpp
  const Statement* insert;              ///< all columns
  const Statement* insert_many;         ///< an array of each column
  std::vector<unsigned> cell_types;     ///< of their elements
  const Statement* get;                 ///< the key
  const Statement* get_many = nullptr;  ///< an array of keys, as `scan_many`; none where keys have several columns
  const Statement* update = nullptr;    ///< all but the key, then the key, then the revision; none where rows have none
  const Statement* erase;               ///< the key

 private:
  using Scans = std::vector<std::pair<Shape, const Statement*>>;

  template <class Make>
  const Statement* kept(Scans& scans, const Shape& shape, Make make);
  const Statement* of_many(std::size_t column, const std::string& order) const;
  std::string order_text(const Shape& shape) const;
  std::string scan_text(const Shape& shape, std::vector<unsigned>& types) const;

  Book& book_;
  std::string name_;
  std::vector<std::vector<std::uint8_t>> orders_{};
  std::mutex mutex_{};  // guards what follows
  Scans scans_{};
  Scans scans_many_{};
};

/// The tables of one schema and their statements.
struct SchemaSql {
  SchemaSql(Book& book, const Schema& schema);

  TableSql& of(const Table& table) { return list[tables.slot(table)]; }

  Tables tables;
  std::deque<TableSql> list{};
};

/// The statements of one migration, in order, for the owner of the tables; `app` is the role that works with them.
std::vector<std::string> sql_of(const Schema& schema, const Migration& migration, std::string_view app);

/// What the work with an existing table takes.
std::string grant_on(std::string_view space, std::string_view table, bool append_only, std::string_view app);

/// Row level security as every table with a `tenant_id` has it.
std::vector<std::string> guard_sql(std::string_view space, std::string_view table);

}  // namespace medflow::inline v1::storage::postgres
