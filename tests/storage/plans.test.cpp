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

/// What the triggers of the tables that a migration makes ask before a row comes in.
void check_exclusions(const Migration& migration, std::string_view by) {
  const Schema alone{.name = "alone", .migrations = {&migration, 1}};
  for (const auto kind : {LibraryKind::sqlite, LibraryKind::sqlcipher}) {
    RawSqlite raw{load_library(kind), ":memory:"};
    for (const auto& statement : sql_of(alone, migration)) raw.run(statement);
    const auto triggers = raw.rows("SELECT sql FROM sqlite_master WHERE type = 'trigger'");
    CHECK(triggers.size() == 2);
    for (const auto& row : triggers) {
      const auto start = row[0].find("(SELECT ") + 1;
      const auto query = row[0].substr(start, row[0].rfind(')') - start);
      const auto plan = raw.plan(std::regex_replace(query, std::regex{"NEW\\.\"(\\w+)\""}, ":$1"));
      CAPTURE(plan);
      CHECK(plan.find("SEARCH") == 0);
      CHECK(plan.find(by) != std::string::npos);
      CHECK(plan.find("TEMP B-TREE") == std::string::npos);
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
  check_exclusions(conformance::schema.migrations[1], "claims.no_overlap (resource=? AND lane=? AND from<?)");
}

TEST_CASE("an exclusion near its key has no index, and looks at what is near") {
  check_exclusions(conformance::stays::migrations[0], "PRIMARY KEY (resource=? AND planned>? AND planned<?)");
  for (const auto kind : {LibraryKind::sqlite, LibraryKind::sqlcipher}) {
    RawSqlite raw{load_library(kind), ":memory:"};
    for (const auto& statement : sql_of(conformance::stays::schema, conformance::stays::migrations[0]))
      raw.run(statement);
    CHECK(raw.rows("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").empty());
    CHECK(raw.try_run("INSERT INTO stays VALUES ('bed', 1000, 1, 980, 1100, 1, 1)") == SQLITE_OK);
    // At the very ends of what is near: one that reaches into it, and one that only touches it.
    CHECK(raw.try_run("INSERT INTO stays VALUES ('bed', 1119, 5, 1099, 1120, 1, 1)") == SQLITE_CONSTRAINT);
    CHECK(raw.try_run("INSERT INTO stays VALUES ('bed', 881, 6, 880, 981, 1, 1)") == SQLITE_CONSTRAINT);
    CHECK(raw.try_run("INSERT INTO stays VALUES ('bed', 1120, 7, 1100, 1121, 1, 1)") == SQLITE_OK);
    CHECK(raw.try_run("INSERT INTO stays VALUES ('bed', 880, 8, 879, 980, 1, 1)") == SQLITE_OK);
    // What does not lie around its key, or not near it, is refused, if it takes part.
    CHECK(raw.try_run("INSERT INTO stays VALUES ('bed', 1000, 2, 979, 1001, 2, 1)") == SQLITE_CONSTRAINT);
    CHECK(raw.try_run("INSERT INTO stays VALUES ('bed', 1000, 2, 1001, 1002, 2, 1)") == SQLITE_CONSTRAINT);
    CHECK(raw.try_run("INSERT INTO stays VALUES ('bed', 1000, 2, 1000, 1101, 2, 1)") == SQLITE_CONSTRAINT);
    CHECK(raw.try_run("INSERT INTO stays VALUES ('bed', 1000, 2, 990, 1000, 2, 1)") == SQLITE_CONSTRAINT);
    CHECK(raw.try_run("INSERT INTO stays VALUES ('bed', 1000, 2, 980, 1100, 2, 1)") == SQLITE_OK);
    CHECK(raw.try_run("INSERT INTO stays VALUES ('bed', 1000, 4, 0, 5000, NULL, 1)") == SQLITE_OK);
    CHECK(raw.try_run("UPDATE stays SET lane = 2 WHERE id = 4") == SQLITE_CONSTRAINT);
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
