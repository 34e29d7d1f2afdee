#include <doctest/doctest.h>

#include <map>

#include "kernel/store.hpp"
#include "keys/key_store.hpp"
#include "storage/sqlite/sql.hpp"
#include "tests/support/committed.hpp"

using namespace medflow;
using namespace medflow::storage;

namespace {

std::string_view word(CellKind kind) {
  switch (kind) {
    case CellKind::integer:
      return "integer";
    case CellKind::text:
      return "text";
    case CellKind::bytes:
      return "bytes";
    case CellKind::null:
      break;
  }
  return "null";
}

std::string names_of(const Table& table, std::span<const std::uint8_t> columns) {
  std::string names;
  for (std::uint8_t column : columns) names += (names.empty() ? "" : ", ") + std::string(table.columns[column].name);
  return names;
}

std::string key_of(const Table& table) {
  std::vector<std::uint8_t> columns;
  for (std::uint8_t i = 0; i < table.key_columns; ++i) columns.push_back(i);
  return names_of(table, columns);
}

std::string page_of(const Table& table) {
  std::string text = "### " + std::string(table.name) + "\n\n" + std::string(table.meaning) + ".\n\n";
  text += "Table " + std::to_string(table.id) + ", key: " + key_of(table);
  text += table.append_only ? "; rows are only ever added.\n\n" : ".\n\n";
  text += "| column | type | null | meaning |\n|---|---|---|---|\n";
  for (const Column& column : table.columns)
    text += "| " + std::string(column.name) + " | " + std::string(word(column.kind)) + " | " +
            (column.nullable ? "yes" : "no") + " | " + std::string(column.meaning) + " |\n";
  for (const Index& index : table.indexes)
    text += std::string(&index == table.indexes.data() ? "\n" : "") + "Index " + std::string(index.name) +
            (index.unique ? " (unique)" : "") + ": " + names_of(table, index.columns) + ".\n";
  return text + "\n";
}

struct Section {
  std::string_view title;
  const Schema* schema;
};

/// A query that tests/ledger runs.
std::string shown_sql(const std::string& name) {
  const std::string path = "tests/ledger/sql/" + name;
  std::ostringstream sql;
  sql << std::ifstream(std::string(MEDFLOW_SOURCE_DIR) + "/" + path, std::ios::binary).rdbuf();
  CHECK_MESSAGE(!sql.str().empty(), path);
  return "<!-- run by " + path + " -->\n```sql\n" + sql.str() + "```\n\n";
}

std::string reports_by_sql() {
  return R"(## Reports by SQL

The postings of the journal hold accounts, days, ids and whole minor units of a currency (pence for GBP, yen for JPY) in plain columns, and
nothing that names a person: a report may be made of them without any key. Do not write there: `ledger.verify` finds it.

The revenue of a year by month, as `reports.revenue` answers it: before discounts, the discounts, and what remains, without tax. Over SQLite, in
the tenant's `data.db` (one that SQLCipher keeps needs its page key first; while the program runs, what was written last may not be in it yet):

)" + shown_sql("revenue_by_month.sqlite.sql") +
         R"(Over PostgreSQL, with the tenant's id, by a role that may `SELECT` from `tenant.postings`; row level security shows it this tenant alone:

)" + shown_sql("revenue_by_month.postgresql.sql");
}

std::vector<Section> sections() {
  return {{"A tenant's data", &kernel::data_schema(Realm::tenant)},
          {"The platform's data", &kernel::data_schema(Realm::platform)},
          {"A key store", &keys::key_schema()}};
}

}  // namespace

TEST_CASE("DCS-5: docs/database.md tells every table, column and index") {
  std::string text = R"(# The database

This page is made from the tables in the code; a test holds it against them. `schema.sql` beside it is the same for SQLite.

Each tenant has a database of its own for its data and one for its keys; the platform has one too. Rows are relational: ids,
states and instants (microseconds since 1970-01-01T00:00:00Z) stand in plain columns. What tells of a person lies in sealed blocks,
one column per class (identity, contact, clinical, restricted, billing, secret): a version (4 bytes) and the block. `seal` covers
all other columns of the row.

)";
  std::map<std::string, bool> told;
  for (const Section& part : sections()) {
    text += "## " + std::string(part.title) + "\n\n";
    std::string again;
    for (const Migration& migration : part.schema->migrations) {
      for (const SchemaChange& change : migration.changes) {
        CHECK(!change.table->meaning.empty());
        for (const Column& column : change.table->columns)
          CHECK_MESSAGE(!column.meaning.empty(), change.table->name, ".", column.name);
        const std::string name(change.table->name);
        if (told[name]) {
          again += (again.empty() ? "" : ", ") + name;
          continue;
        }
        told[name] = true;
        text += page_of(*change.table);
      }
    }
    if (!again.empty()) text += "As in a tenant: " + again + ".\n\n";
  }
  text += reports_by_sql();
  testing::check_committed("docs/database.md", text);
}

TEST_CASE("DCS-5: docs/schema.sql is what SQLite is told") {
  std::string text = "-- Made from the tables in the code; a test holds it against them.\n";
  for (const Section& part : sections()) {
    text += "\n-- " + std::string(part.title) + "\n\n";
    for (const Migration& migration : part.schema->migrations)
      for (const std::string& statement : sqlite::sql_of(*part.schema, migration)) text += statement + ";\n";
  }
  testing::check_committed("docs/schema.sql", text);
}
