// How the server finds the rows of each scan: by the index that the scan names, in its order, and by nothing else.
#include <doctest/doctest.h>

#include <string>

#include "kernel/store.hpp"
#include "keys/key_store.hpp"
#include "medflow/conformance/harness.hpp"
#include "storage/postgres/sql.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/scan_shapes.hpp"

using namespace medflow;
using namespace medflow::storage;
using medflow::storage::postgres::Link;
using medflow::storage::postgres::text_at;

namespace {

std::string plan_of(Link& link, const postgres::Statement& statement) {
  std::string types, nulls;
  for (const unsigned type : statement.types) {
    types += (types.empty() ? "" : ", ") +
             std::string{text_at(link.ask("SELECT $1::oid::regtype", {std::to_string(type)}), 0, 0)};
    nulls += nulls.empty() ? "NULL" : ", NULL";
  }
  link.ask("PREPARE asked (" + types + ") AS " + statement.text);
  const auto rows = link.ask("EXPLAIN (COSTS OFF) EXECUTE asked (" + nulls + ")");
  link.ask("DEALLOCATE asked");
  std::string plan;
  for (int row = 0; row < PQntuples(rows.get()); ++row) plan.append(text_at(rows, row, 0)).push_back('\n');
  return plan;
}

// Rows as a hospital has them, so that an index that does not fit costs more than the one that does.
void fill(Link& admin) {
  constexpr const char* rows =
      " FROM generate_series(1, 5000) i, (SELECT gen_random_uuid() AS tenant FROM generate_series(1, 3)) t";
  admin.ask(std::string{"INSERT INTO conformance.people SELECT tenant, int8send(i), nullif(i, 7), i::text, NULL, 1"} +
            rows);
  admin.ask(std::string{"INSERT INTO conformance.entries SELECT tenant, i, i % 50, ''::bytea"} + rows);
  admin.ask(
      std::string{"INSERT INTO conformance.claims SELECT tenant, (i % 50)::text, i, i % 70, i * 10, i * 10 + 5, 1"} +
      rows);
  admin.ask("ANALYZE");
}

// Many cells at once: each is looked up in an index, as it is alone.
void check_many(Link& link, const postgres::Statement* statement, bool filled) {
  if (statement == nullptr) return;
  const auto plan = plan_of(link, *statement);
  CAPTURE(statement->text);
  CAPTURE(plan);
  CHECK(plan.find("Seq Scan") == std::string::npos);
  CHECK(plan.find("Sort") == std::string::npos);
  CHECK(plan.find("Nested Loop") != std::string::npos);
  if (!filled) return;
  const auto found = plan.find("Index Cond: (");
  REQUIRE(found != std::string::npos);
  CHECK(plan.substr(found, plan.find('\n', found) - found).find("asked.cell") != std::string::npos);
  CHECK(plan.find("  Filter: ") == std::string::npos);
}

void check_plans(Link& link, const Schema& schema, bool filled) {
  postgres::Book book;
  postgres::SchemaSql sql{book, schema};
  for (auto& table : sql.list) {
    check_many(link, table.get_many, filled);
    for (int index = -1; index < static_cast<int>(table.table->indexes.size()); ++index) {
      const auto name = index < 0 ? key_index : table.table->indexes[static_cast<std::size_t>(index)].name;
      for (const auto& shape : testing::shapes_of(*table.table, index)) {
        check_many(link, table.scan_many(shape), filled);
        const auto& statement = table.scan(shape);
        const auto plan = plan_of(link, statement);
        CAPTURE(statement.text);
        CAPTURE(plan);
        CHECK(plan.find("Sort") == std::string::npos);
        CHECK(plan.find("Seq Scan") == std::string::npos);
        CHECK(plan.find("Index Cond: (") != std::string::npos);
        // One row is found as well by any other index that knows it.
        const bool one = shape.equal == table.order(index).size() || names_one_row(*table.table, shape);
        if (!filled || one) continue;
        CHECK(plan.find("\"" + postgres::name_of(*table.table, name)) != std::string::npos);
        CHECK(plan.find("  Filter: ") == std::string::npos);
      }
    }
  }
}

}  // namespace

TEST_CASE("TEN-3: on PostgreSQL every scan walks the index that it names, without a sort") {
  testing::PostgresDatabase there;
  const auto engine = make_postgres_engine(there.options());
  const auto check = [&](const StoreName& name, const Schema& schema, bool filled = false) {
    engine->create(name, {.schema = &schema});
    if (filled) {
      Link admin{{.url = there.admin()}};
      fill(admin);
    }
    Link link{{.url = there.app(), .options = postgres::planner_settings}};
    check_plans(link, schema, filled);
  };
  check({.tenant = "suite"}, conformance::schema, true);
  check({.tenant = "hospital"}, kernel::data_schema(Realm::tenant));
  check({.tenant = "platform"}, kernel::data_schema(Realm::platform));
  check({.tenant = "hospital", .part = Part::keys}, keys::key_schema());
}

TEST_CASE("on PostgreSQL a sparse index has no rows without a value") {
  testing::PostgresDatabase there;
  const auto engine = make_postgres_engine(there.options());
  engine->create({.tenant = "suite"}, {.schema = &conformance::sparse::schema});
  Link admin{{.url = there.admin()}};
  const auto found = admin.ask(
      "SELECT count(*) FROM pg_indexes WHERE schemaname = 'sparse' AND indexdef LIKE '%WHERE (ward IS NOT NULL)'");
  CHECK(text_at(found, 0, 0) == "2");
}
