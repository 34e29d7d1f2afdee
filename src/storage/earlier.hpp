// A database that is some migrations behind, shown as its schema has it now: for reading, and for what reads write (TEN-5).
//
// What the missing migrations would have made is not there: their tables are empty, their columns null. A walk along an index of
// theirs reads the whole table and puts it into order, so it costs what the table has.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage {

/// A table of now as it was then.
struct EarlierTable {
  Table then{};
  std::vector<Column> columns{};
  std::vector<Index> indexes{};
  std::deque<std::vector<std::uint8_t>> positions{};  ///< which the indexes and the exclusion refer to
  std::vector<std::uint8_t> place{};                  ///< in a row of now, of each column of then
};

/// A schema without its last migrations.
class EarlierSchema {
 public:
  /// With the first `migrations` of `now`, which outlives this.
  EarlierSchema(const Schema& now, std::size_t migrations);
  EarlierSchema(const EarlierSchema&) = delete;

  const Schema& schema() const { return schema_; }
  /// Null for a table that there was not yet.
  const EarlierTable* find(const Table& now) const;

 private:
  void add_table(const Schema& now, const Table& table, std::size_t migrations);

  std::map<std::uint16_t, EarlierTable> tables_{};
  std::deque<std::vector<SchemaChange>> changes_{};
  std::vector<Migration> migrations_{};
  Schema schema_{};
};

/// A database that was opened with the earlier schema, as one of now. What cannot be written there is Fault `schema_outdated`.
std::unique_ptr<Database> as_of_now(std::unique_ptr<const EarlierSchema> earlier, std::unique_ptr<Database> database);

/// A database and whether it is one migration behind.
struct Opened {
  std::unique_ptr<Database> database{};
  bool behind = false;
};

/// Opens a database that lacks one migration at most, and applies none. Fault `schema_outdated` where it lacks more.
Opened open_unmigrated(Engine& engine, const StoreName& name, OpenOptions options);

}  // namespace medflow::inline v1::storage
