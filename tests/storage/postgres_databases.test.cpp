// A database for each tenant: nothing of another is there, whatever is asked; and a database comes and goes with its tenant.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "medflow/conformance/harness.hpp"
#include "storage/postgres/databases.hpp"
#include "storage/postgres/registry.hpp"
#include "tests/support/postgres_catalogue.hpp"
#include "tests/support/postgres_server.hpp"

using namespace medflow;
using namespace medflow::storage;
using medflow::conformance::person;
using medflow::storage::postgres::Link;

namespace people = medflow::conformance::people;

namespace {

const StoreName north{.tenant = "north"}, south{.tenant = "019aa4f0-0000-7000-8000-000000000001"};
const OpenOptions with_tables{.schema = &conformance::schema};

class TwoDatabases {
 public:
  TwoDatabases() {
    conformance::insert(*engine().create(north, with_tables), people::table, {person("a", 1, "A")});
    conformance::insert(*engine().create(south, with_tables), people::table, {person("b", 2, "B")});
  }

  Engine& engine() { return *engine_; }
  testing::PostgresDatabase& home() { return home_; }
  std::string database(const StoreName& name) const { return postgres::database_of(options_, name); }
  std::string app(const StoreName& name) const { return home_.server().app(database(name)); }
  std::string admin(const StoreName& name) const { return home_.server().admin(database(name)); }
  bool exists(const std::string& database) const {
    return Link{{.url = home_.admin()}}.holds("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", {database});
  }

 private:
  testing::PostgresDatabase home_{};
  PostgresOptions options_ = home_.options(Isolation::tenant_database);
  std::unique_ptr<Engine> engine_ = make_postgres_engine(options_);
};

int count(Link& link, const std::string& tenant) {
  link.ask("BEGIN");
  link.ask("SELECT set_config('mf.tenant', $1, true)", {tenant});
  const auto rows = link.ask("SELECT count(*) FROM conformance.people");
  const int found = std::stoi(std::string{postgres::text_at(rows, 0, 0)});
  link.ask("COMMIT");
  return found;
}

std::string state_of(Link& link, const std::string& sql) {
  const auto refusal = link.attempt(sql);
  return refusal ? refusal->state : "ok";
}

}  // namespace

TEST_CASE(
    "TEN-3: who forges the tenant in another's database finds nothing at all, where in shared tables there is "
    "ciphertext") {
  TwoDatabases there;
  Link of_north{{.url = there.app(north)}};
  CHECK(count(of_north, postgres::tenant_of(north).text()) == 1);
  CHECK(count(of_north, postgres::tenant_of(south).text()) == 0);
  Link everything{{.url = there.admin(north)}};  // bound by no policy
  const auto rows = everything.ask("SELECT count(DISTINCT tenant_id) FROM conformance.people");
  CHECK(postgres::text_at(rows, 0, 0) == "1");

  testing::PostgresDatabase shared;
  const auto engine = make_postgres_engine(shared.options());
  conformance::insert(*engine->create(north, with_tables), people::table, {person("a", 1, "A")});
  conformance::insert(*engine->create(south, with_tables), people::table, {person("b", 2, "B")});
  Link of_both{{.url = shared.app()}};
  CHECK(count(of_both, postgres::tenant_of(south).text()) == 1);  // without the mode
}

TEST_CASE("TEN-3: the rules of shared tables hold in each tenant's database, and nobody else may enter it") {
  TwoDatabases there;
  for (const StoreName& name : {north, south}) {
    Link link{{.url = there.admin(name)}};
    CHECK(testing::catalogue_findings(link, "medflow_test_app").empty());
    CHECK(state_of(link, "SET SESSION AUTHORIZATION medflow_test_app") == "ok");
    CHECK(state_of(link, "TRUNCATE conformance.people") == "42501");
    CHECK(state_of(link, "CREATE TABLE mine (id int)") == "42501");
    link.ask("RESET SESSION AUTHORIZATION");
    CHECK_FALSE(link.holds("SELECT has_database_privilege('public', current_database(), 'CONNECT')"));
    CHECK(link.holds("SELECT has_database_privilege('medflow_test_app', current_database(), 'CONNECT')"));
  }
}

TEST_CASE("TEN-3: a tenant's database goes with its last store, also while another process has it open") {
  TwoDatabases there;
  const auto other = make_postgres_engine(there.home().options(Isolation::tenant_database));
  const StoreName keys{.tenant = north.tenant, .part = Part::keys};
  there.engine().create(keys, with_tables);
  const auto elsewhere = other->open(north, with_tables);
  CHECK(conformance::firsts(*elsewhere, {.table = &people::table}) == conformance::Texts{"a"});
  there.engine().drop(north);
  CHECK(there.exists(there.database(north)));
  CHECK(there.engine().open(keys, with_tables));
  MEDFLOW_CHECK_FAULT_KIND(missing, there.engine().open(north, with_tables));
  there.engine().drop(keys);
  CHECK_FALSE(there.exists(there.database(north)));
  CHECK_THROWS_AS(conformance::firsts(*elsewhere, {.table = &people::table}), Fault);
  CHECK(there.engine().list().size() == 1);
  there.engine().drop(keys);  // none is no error
  there.engine().create(north, with_tables);
  CHECK(conformance::firsts(*there.engine().open(south, with_tables), {.table = &people::table}) ==
        conformance::Texts{"b"});
}

TEST_CASE("TEN-3: a database that was left half-made is listed, not opened, and dropped; or made to its end") {
  TwoDatabases there;
  Link home{{.url = there.home().admin()}};
  const auto options = there.home().options(Isolation::tenant_database);
  for (const std::string left : {"a line", "a database", "tables"}) {
    CAPTURE(left);
    const StoreName west{.tenant = "west"};
    home.ask("INSERT INTO medflow.databases VALUES ('west', 'data', $1, false)", {there.database(west)});
    if (left != "a line") {
      home.ask("CREATE DATABASE \"" + there.database(west) + "\" OWNER medflow_test_migrator");
      if (left == "tables") postgres::prepare_database(options, there.database(west));
    }
    CHECK(there.engine().list().size() == 3);
    MEDFLOW_CHECK_FAULT_KIND(missing, there.engine().open(west, with_tables));
    there.engine().drop(west);
    CHECK(there.engine().list().size() == 2);
    CHECK_FALSE(there.exists(there.database(west)));
    home.ask("INSERT INTO medflow.databases VALUES ('west', 'data', $1, false)", {there.database(west)});
    CHECK(there.engine().create(west, with_tables));
    there.engine().drop(west);
  }
}

TEST_CASE("TEN-3: one database is used in one way, and what a mode needs is said") {
  TwoDatabases there;
  MEDFLOW_CHECK_FAULT_KIND(misuse, make_postgres_engine(there.home().options()));
  testing::PostgresDatabase shared;
  make_postgres_engine(shared.options())->create(north, with_tables);
  MEDFLOW_CHECK_FAULT_KIND(misuse, make_postgres_engine(shared.options(Isolation::tenant_database)));

  auto options = there.home().options(Isolation::tenant_database);
  options.direct_url.clear();
  const auto engine = make_postgres_engine(options);
  CHECK(conformance::firsts(*engine->open(north, with_tables), {.table = &people::table}) == conformance::Texts{"a"});
  MEDFLOW_CHECK_FAULT_KIND(unavailable, engine->create({.tenant = "west"}, with_tables));
  MEDFLOW_CHECK_FAULT_KIND(unavailable, engine->drop(south));
}

TEST_CASE("TEN-3: connections are as many as are allowed, however many databases there are") {
  TwoDatabases there;
  Link link{{.url = there.home().admin()}};
  const auto connections = [&] {
    const auto rows = link.ask(
        "SELECT count(*) FROM pg_stat_activity WHERE starts_with(datname, $1) AND usename = 'medflow_test_app'",
        {there.home().name()});
    return std::stoi(std::string{postgres::text_at(rows, 0, 0)});
  };
  const int before = connections();
  auto options = there.home().options(Isolation::tenant_database);
  options.connections_max = 3;
  const auto engine = make_postgres_engine(options);
  std::vector<std::unique_ptr<Database>> open;
  for (int i = 0; i < 6; ++i) {
    const StoreName name{.tenant = "house" + std::to_string(i)};
    open.push_back(engine->create(name, with_tables));
    conformance::insert(*open.back(), people::table, {person("p" + std::to_string(i), i, "P")});
  }
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 6; ++i)
      CHECK(conformance::firsts(*open[static_cast<std::size_t>(i)], {.table = &people::table}) ==
            conformance::Texts{"p" + std::to_string(i)});
  CHECK(connections() - before <= 3);
}
