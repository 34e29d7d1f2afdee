// The roles that docs/postgresql.md tells an administrator to make are enough, and they are what is refused without.
#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "medflow/conformance/harness.hpp"
#include "storage/postgres/link.hpp"
#include "tests/support/postgres_server.hpp"

using namespace medflow::storage;
using namespace medflow::testing;
namespace conformance = medflow::conformance;

namespace {

/// Each statement for itself: a database is not made within a transaction.
void run_file(PostgresServer& server, const std::string& name) {
  postgres::Link link{{.url = server.admin()}};
  std::ifstream file(std::string(MEDFLOW_SOURCE_DIR) + "/tests/storage/sql/" + name);
  REQUIRE(file);
  for (std::string line; std::getline(file, line);) link.ask(line);
}

std::string url_of(PostgresServer& server, const std::string& role) {
  const std::string admin = server.admin("hospital");
  const std::string scheme = "postgresql://";
  return scheme + role + admin.substr(admin.find('@', scheme.size()));
}

}  // namespace

TEST_CASE("TEN-3, DCS-1: the roles of the page on PostgreSQL are enough, whoever makes them") {
  for (const bool by_administrator : {false, true}) {
    CAPTURE(by_administrator);
    PostgresServer server;
    run_file(server, "migrator.sql");
    if (by_administrator) run_file(server, "roles.sql");
    const auto engine =
        make_postgres_engine({.url = url_of(server, "medflow_app"), .direct_url = url_of(server, "medflow_migrator")});
    const StoreName name = conformance::Harness::store;
    const auto database = engine->create(name, {.schema = &conformance::schema});
    database->write([](Transaction& transaction) {
      conformance::insert(transaction, conformance::people::table, conformance::person("p1", 1, "Ada"));
    });
    std::size_t found = 0;
    database->read([&](Transaction& transaction) {
      found = conformance::rows(transaction, {.table = &conformance::people::table}).size();
    });
    CHECK(found == 1);
  }
}
