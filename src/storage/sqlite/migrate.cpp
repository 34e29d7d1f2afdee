#include "storage/sqlite/migrate.hpp"

namespace medflow::inline v1::storage::sqlite {
namespace {

void create_record(Connection& connection) {
  connection.must(std::string{"CREATE TABLE IF NOT EXISTS "} + migrations_table +
                  " (number INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL)");
}

void record(Connection& connection, const Migration& migration) {
  StatementList list;
  Statement& statement =
      connection.idle(list, std::string{"INSERT INTO "} + migrations_table + " VALUES (?, ?)", nullptr);
  statement.bind(1, Cell::of(migration.number));
  statement.bind(2, Cell::text(migration.name));
  if (const int code = statement.step(); code != SQLITE_DONE) throw connection.fault_of(code);
}

std::string new_unique_index(const Migration& migration) {
  for (const auto& change : migration.changes) {
    if (change.add_index && change.table->indexes[*change.add_index].unique) {
      return std::string{change.table->indexes[*change.add_index].name};
    }
  }
  return std::string{migration.name};
}

void run_steps(Connection& connection, const Schema& schema, const Migration& migration) {
  create_record(connection);
  for (const auto& sql : sql_of(schema, migration)) {
    const int code = connection.run(sql.c_str());
    if ((code & 0xFF) == SQLITE_CONSTRAINT) throw Fault{FaultKind::unique, new_unique_index(migration)};
    if (code != SQLITE_OK) throw connection.fault_of(code);
  }
  record(connection, migration);
}

}  // namespace

std::vector<Applied> applied_migrations(Connection& connection) {
  const auto named =
      std::string{"SELECT name FROM sqlite_master WHERE type = 'table' AND name = '"} + migrations_table + "'";
  if (connection.rows(named).empty()) return {};
  std::vector<Applied> applied;
  for (auto& row : connection.rows(std::string{"SELECT number, name FROM "} + migrations_table + " ORDER BY number")) {
    applied.push_back({.number = static_cast<std::uint32_t>(std::stoul(row[0])), .name = std::move(row[1])});
  }
  return applied;
}

void apply(Connection& connection, const Schema& schema, const Migration& migration) {
  connection.must("BEGIN IMMEDIATE");
  try {
    run_steps(connection, schema, migration);
    connection.must("COMMIT");
  } catch (...) {
    if (connection.in_transaction()) connection.run("ROLLBACK");
    throw;
  }
}

}  // namespace medflow::inline v1::storage::sqlite
