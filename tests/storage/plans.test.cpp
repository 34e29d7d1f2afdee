#include <doctest/doctest.h>

#include <regex>

#include "kernel/store.hpp"
#include "medflow/conformance/schema.hpp"
#include "storage/sqlite/sql.hpp"
#include "tests/support/raw_sqlite.hpp"
#include "tests/support/scan_shapes.hpp"

using namespace medflow;
using namespace medflow::storage;
using namespace medflow::storage::sqlite;
using medflow::testing::RawSqlite;

namespace {

void check_plans(RawSqlite& raw, const Table& table) {
  const TableSql sql{table};
  for (int index = -1; index < static_cast<int>(table.indexes.size()); ++index) {
    for (const auto& shape : testing::shapes_of(table, index)) {
      const auto text = sql.scan(shape);
      const auto plan = raw.plan(text);
      CAPTURE(text);
      CAPTURE(plan);
      CHECK(plan.find("TEMP B-TREE") == std::string::npos);
      const bool open = shape.equal == 0 && shape.lower == Lower::none && !shape.upper;
      CHECK((plan.find(open ? "SCAN" : "SEARCH") == 0));
      if (index >= 0)
        CHECK(plan.find(std::string{table.name} + "." +
                        std::string{table.indexes[static_cast<std::size_t>(index)].name}) != std::string::npos);
    }
  }
}

}  // namespace

TEST_CASE("every scan reads its index in order, and no more of it than it has to") {
  for (const auto kind : {LibraryKind::sqlite, LibraryKind::sqlcipher}) {
    RawSqlite raw{load_library(kind), ":memory:"};
    for (const auto& migration : conformance::schema.migrations) {
      for (const auto& statement : sql_of(conformance::schema, migration)) raw.run(statement);
    }
    check_plans(raw, conformance::people::table);
    check_plans(raw, conformance::entries::table);
    check_plans(raw, conformance::claims::table);
  }
}

TEST_CASE("no scan of a table of ours sorts, those with wide rows among them") {
  for (const auto kind : {LibraryKind::sqlite, LibraryKind::sqlcipher}) {
    for (const Schema* schema : {&kernel::data_schema(Realm::tenant), &kernel::data_schema(Realm::platform)}) {
      RawSqlite raw{load_library(kind), ":memory:"};
      for (const auto& statement : sql_of(*schema, schema->migrations.front())) raw.run(statement);
      for (const auto& change : schema->migrations.front().changes) check_plans(raw, *change.table);
    }
  }
}

TEST_CASE("the exclusion looks at one row of its index") {
  for (const auto kind : {LibraryKind::sqlite, LibraryKind::sqlcipher}) {
    RawSqlite raw{load_library(kind), ":memory:"};
    for (const auto& statement : sql_of(conformance::schema, conformance::migrations[1])) raw.run(statement);
    for (const auto& row : raw.rows("SELECT sql FROM sqlite_master WHERE type = 'trigger'")) {
      const auto start = row[0].find("WHERE (") + 7;
      const auto query = row[0].substr(start, row[0].rfind(") > NEW.") - start);
      const auto plan = raw.plan(std::regex_replace(query, std::regex{"NEW\\.\"(\\w+)\""}, ":$1"));
      CAPTURE(plan);
      CHECK(plan.find("SEARCH") == 0);
      CHECK(plan.find("claims.no_overlap (resource=? AND lane=? AND from<?)") != std::string::npos);
      CHECK(plan.find("TEMP B-TREE") == std::string::npos);
    }
  }
}

TEST_CASE("tables that are only added to refuse other statements by themselves") {
  RawSqlite raw{load_library(LibraryKind::sqlite), ":memory:"};
  for (const auto& statement : sql_of(conformance::schema, conformance::migrations[0])) raw.run(statement);
  raw.run("INSERT INTO entries VALUES (1, 0, x'00')");
  CHECK(raw.try_run("UPDATE entries SET kind = 1") == SQLITE_CONSTRAINT);
  CHECK(raw.try_run("DELETE FROM entries") == SQLITE_CONSTRAINT);
  CHECK(raw.rows("SELECT kind FROM entries") == std::vector<std::vector<std::string>>{{"0"}});
}
