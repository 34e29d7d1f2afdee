// The rules that keep tenants apart in one PostgreSQL database. Each case shows the rule and what happens without it.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "medflow/conformance/harness.hpp"
#include "storage/postgres/connection.hpp"
#include "storage/postgres/registry.hpp"
#include "tests/support/postgres_catalogue.hpp"
#include "tests/support/postgres_server.hpp"

using namespace medflow;
using namespace medflow::storage;
using medflow::conformance::person;
using medflow::storage::postgres::Link;

namespace people = medflow::conformance::people;

namespace {

constexpr const char* app_role = "medflow_test_app";
constexpr const char* table = "conformance.people";
constexpr const char* denied = "42501";  // insufficient_privilege

const StoreName north{.tenant = "north"}, south{.tenant = "south"};

/// Two hospitals of the same tables: one person in the north, two in the south.
class TwoTenants {
 public:
  TwoTenants()
      : engine_(make_postgres_engine(database_.options())),
        admin_({.url = database_.admin()}),
        app_({.url = database_.app()}) {
    const OpenOptions options{.schema = &conformance::schema};
    conformance::insert(*engine_->create(north, options), people::table, {person("a", 1, "A")});
    conformance::insert(*engine_->create(south, options), people::table, {person("a", 1, "A"), person("b", 2, "B")});
  }

  testing::PostgresDatabase& database() { return database_; }
  Engine& engine() { return *engine_; }
  Link& admin() { return admin_; }
  Link& app() { return app_; }

  static std::string id(const StoreName& name) { return postgres::tenant_of(name).text(); }

  /// As a transaction of the engine begins.
  void enter(Link& link, const StoreName& name) const {
    link.ask("BEGIN");
    link.ask("SELECT set_config('mf.tenant', $1, true)", {id(name)});
  }

  static int count(Link& link, const std::string& from = table) {
    return std::stoi(std::string{postgres::text_at(link.ask("SELECT count(*) FROM " + from), 0, 0)});
  }

  static std::string insert_for(const StoreName& name, std::string_view key) {
    return "INSERT INTO conformance.people (tenant_id, id, number, name, note, revision) VALUES ('" + id(name) +
           "', '" + std::string{key} + "', 9, 'X', NULL, 1)";
  }

 private:
  testing::PostgresDatabase database_;
  std::unique_ptr<Engine> engine_;
  Link admin_, app_;
};

bool is_denied(Link& link, const std::string& sql) {
  const auto refusal = link.attempt(sql);
  return refusal && refusal->state == denied;
}

}  // namespace

TEST_CASE("TEN-3: a session without a tenant sees no row and takes none") {
  TwoTenants there;
  CHECK(there.count(there.app()) == 0);
  CHECK(is_denied(there.app(), TwoTenants::insert_for(north, "z")));
  there.app().ask("SELECT set_config('mf.tenant', '', false)");
  CHECK(there.count(there.app()) == 0);

  there.admin().ask("ALTER TABLE conformance.people DISABLE ROW LEVEL SECURITY");
  CHECK(there.count(there.app()) == 3);
}

TEST_CASE("TEN-3: a tenant's session sees its own rows alone, whatever it asks for") {
  TwoTenants there;
  there.enter(there.app(), north);
  const auto of_south = std::string{table} + " WHERE tenant_id = '" + TwoTenants::id(south) + "'";
  CHECK(there.count(there.app()) == 1);
  CHECK(there.count(there.app(), of_south) == 0);
  there.app().ask("COMMIT");
  CHECK(there.count(there.app()) == 0);  // the tenant went with its transaction

  there.admin().ask("DROP POLICY tenant ON conformance.people");
  there.admin().ask("CREATE POLICY everybody ON conformance.people USING (true)");
  there.enter(there.app(), north);
  CHECK(there.count(there.app(), of_south) == 2);
}

TEST_CASE("TEN-3: no row is written for another tenant") {
  TwoTenants there;
  there.enter(there.app(), north);
  CHECK(is_denied(there.app(), TwoTenants::insert_for(south, "z")));
  there.app().ask("ROLLBACK");
  there.enter(there.app(), north);
  CHECK(is_denied(there.app(), "UPDATE conformance.people SET tenant_id = '" + TwoTenants::id(south) + "'"));
  there.app().ask("ROLLBACK");

  there.admin().ask("ALTER POLICY tenant ON conformance.people WITH CHECK (true)");
  there.enter(there.app(), north);
  CHECK_FALSE(there.app().attempt(TwoTenants::insert_for(south, "z")));
  there.app().ask("COMMIT");
  there.enter(there.app(), south);
  CHECK(there.count(there.app()) == 3);
}

TEST_CASE("TEN-3: the owner of the tables is bound as well") {
  TwoTenants there;
  there.admin().ask("SET ROLE medflow_owner");
  CHECK(there.count(there.admin()) == 0);
  there.admin().ask("RESET ROLE");

  there.admin().ask("ALTER TABLE conformance.people NO FORCE ROW LEVEL SECURITY");
  there.admin().ask("SET ROLE medflow_owner");
  CHECK(there.count(there.admin()) == 3);
}

TEST_CASE("TEN-3: a view reads with the rights of whoever asks") {
  TwoTenants there;
  const auto make = [&](const std::string& name, const std::string& options) {
    there.admin().ask("CREATE VIEW conformance." + name + options + " AS SELECT * FROM conformance.people");
    there.admin().ask("GRANT SELECT ON conformance." + name + " TO " + app_role);
  };
  make("invokers", " WITH (security_invoker = true)");
  make("makers", "");
  there.enter(there.app(), north);
  CHECK(there.count(there.app(), "conformance.invokers") == 1);
  CHECK(there.count(there.app(), "conformance.makers") == 3);  // without the rule
}

TEST_CASE("TEN-3: the role that works cannot empty a table, which no policy would stop") {
  TwoTenants there;
  there.enter(there.app(), north);
  CHECK(is_denied(there.app(), "TRUNCATE conformance.people"));
  there.app().ask("ROLLBACK");
  CHECK(there.count(there.admin()) == 3);

  there.admin().ask(std::string{"GRANT TRUNCATE ON conformance.people TO "} + app_role);
  there.enter(there.app(), north);
  CHECK_FALSE(there.app().attempt("TRUNCATE conformance.people"));
  there.app().ask("COMMIT");
  CHECK(there.count(there.admin()) == 0);
}

TEST_CASE("TEN-4: the role that works cannot find out by a reference what another tenant has") {
  TwoTenants there;
  there.admin().ask(std::string{"CREATE SCHEMA own AUTHORIZATION "} + app_role);
  const std::string probe =
      "CREATE TABLE own.probe (tenant_id uuid, id bytea, FOREIGN KEY (tenant_id, id) REFERENCES conformance.people)";
  CHECK(is_denied(there.app(), probe));

  there.admin().ask(std::string{"GRANT REFERENCES ON conformance.people TO "} + app_role);
  there.app().ask(probe);
  const auto ask = [&](const std::string& key) {
    return there.app().attempt("INSERT INTO own.probe VALUES ('" + TwoTenants::id(south) + "', '" + key + "')");
  };
  CHECK_FALSE(ask("b"));                   // there is such a row
  CHECK(ask("nobody")->state == "23503");  // there is none
}

TEST_CASE("TEN-4: what is unique is unique within a tenant") {
  TwoTenants there;
  const OpenOptions options{.schema = &conformance::schema};
  const auto database = there.engine().open(north, options);
  conformance::insert(*database, people::table, {person("b", 2, "B")});  // both the other tenant has

  there.admin().ask("CREATE UNIQUE INDEX told ON conformance.people (note)");
  conformance::insert(*there.engine().open(south, options), people::table, {person("c", 3, "C", "secret")});
  CHECK_THROWS_AS(conformance::insert(*database, people::table, {person("d", 4, "D", "secret")}), Fault);
}

TEST_CASE("TEN-3: a connection goes back to the pool without what a transaction left in its session") {
  TwoTenants there;
  auto options = there.database().options();
  options.connections_max = 1;
  const auto engine = make_postgres_engine(options);
  const auto database = engine->open(north, {.schema = &conformance::schema});
  CHECK(conformance::firsts(*database, {.table = &people::table}) == conformance::Texts{"a"});

  postgres::Book book;
  const auto& leak = book.of("SELECT set_config('mf.tenant', '" + TwoTenants::id(south) + "', false)");
  const auto& seen = book.of("SELECT id FROM conformance.people");
  const auto count_after = [&](bool reset) {
    postgres::Connection connection{{.url = there.database().app()}};
    connection.queue(leak);
    if (reset) connection.queue(book.of("RESET ALL"));
    connection.leave();
    REQUIRE(connection.settled());
    connection.queue(seen, postgres::Values{0}, postgres::Purpose::read);
    return PQntuples(connection.exchange().rows.at(0).get());
  };
  CHECK(count_after(true) == 0);
  CHECK(count_after(false) == 2);
}

TEST_CASE("REL-2: who has a connection and needs another one does not wait for it, and nobody else gets more") {
  TwoTenants there;
  auto options = there.database().options();
  options.connections_max = 1;
  options.connection_wait = std::chrono::milliseconds{50};
  const auto engine = make_postgres_engine(options);
  const auto first = engine->open(north, {.schema = &conformance::schema});
  const auto second = engine->open(south, {.schema = &conformance::schema});
  const auto connections = [&] {
    const auto rows = there.admin().ask(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = $1", {app_role});
    return std::stoi(std::string{postgres::text_at(rows, 0, 0)});
  };
  const int before = connections();
  first->write([&](Transaction& transaction) {
    conformance::insert(transaction, people::table, person("z", 9, "Z"));
    CHECK(conformance::firsts(*second, {.table = &people::table}) == conformance::Texts{"a", "b"});
    std::thread([&] { CHECK_THROWS_AS(conformance::firsts(*second, {.table = &people::table}), Fault); }).join();
  });
  CHECK(conformance::firsts(*first, {.table = &people::table}) == conformance::Texts{"a", "z"});
  for (int i = 0; i < 500 && connections() > before; ++i) std::this_thread::sleep_for(std::chrono::milliseconds{10});
  CHECK(connections() == before);
}

TEST_CASE("TEN-3: a role that row level security does not bind is refused, and told how to make another") {
  testing::PostgresDatabase database;
  make_postgres_engine(database.options());
  Link admin{{.url = database.admin()}};
  const auto reason = [&](const PostgresOptions& options) {
    try {
      make_postgres_engine(options);
    } catch (const Fault& fault) {
      CHECK(fault.kind == FaultKind::misuse);
      return fault.name + ' ' + fault.detail;
    }
    return std::string{};
  };
  const auto says = [](const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; };
  CHECK(says(reason({.url = database.admin()}), "role postgres is a superuser"));
  CHECK(says(reason({.url = database.admin()}), "CREATE ROLE medflow_app LOGIN"));
  CHECK(says(reason({.url = database.migrator()}), "owns the tables"));
  CHECK(says(reason({.url = database.migrator(), .direct_url = database.migrator()}), "name one role"));
  admin.ask(std::string{"ALTER ROLE "} + app_role + " BYPASSRLS");
  CHECK(says(reason({.url = database.app()}), "has BYPASSRLS"));
  admin.ask(std::string{"ALTER ROLE "} + app_role + " NOBYPASSRLS");
  CHECK(reason({.url = database.app()}) == "");
}

TEST_CASE("TEN-3: the catalogue holds nothing that breaks a rule, and what is planted is found") {
  TwoTenants there;
  using Findings = std::vector<std::string>;
  CHECK(testing::catalogue_findings(there.admin(), app_role) == Findings{});
  const auto planted = [&](const std::vector<std::string>& sql, const std::string& finding) {
    there.admin().ask("BEGIN");
    for (const auto& one : sql) there.admin().ask(one);
    const auto findings = testing::catalogue_findings(there.admin(), app_role);
    there.admin().ask("ROLLBACK");
    CAPTURE(finding);
    CHECK(std::find(findings.begin(), findings.end(), finding) != findings.end());
  };
  const std::string app = app_role;
  const std::string people = "conformance.people: ";
  planted({"ALTER TABLE conformance.people DISABLE ROW LEVEL SECURITY"},
          people + "a table without row level security, forced");
  planted({"ALTER TABLE conformance.people NO FORCE ROW LEVEL SECURITY"},
          people + "a table without row level security, forced");
  planted({"CREATE TABLE conformance.bare (id bigint)"}, "conformance.bare: a table without tenant_id");
  planted({"CREATE TABLE public.bare (tenant_id uuid)"}, "public.bare: a table without row level security, forced");
  planted({"ALTER POLICY tenant ON conformance.people WITH CHECK (true)"},
          people + "a policy that is not the tenant's");
  planted({"CREATE POLICY more ON conformance.people USING (true)"}, people + "a policy that is not the tenant's");
  planted({"CREATE INDEX loose ON conformance.people (number)"},
          people + "an index that does not begin with tenant_id: conformance.loose");
  planted({"CREATE TABLE conformance.child (tenant_id uuid, person uuid, x bytea, FOREIGN KEY (person, x) REFERENCES "
           "conformance.people (tenant_id, id))"},
          "conformance.child: a foreign key without tenant_id: child_person_x_fkey");
  planted({"CREATE VIEW conformance.view AS SELECT * FROM conformance.people"},
          "conformance.view: a view with its owner's rights");
  planted({"CREATE MATERIALIZED VIEW conformance.kept AS SELECT * FROM conformance.people"},
          "conformance.kept: a materialized view");
  planted({"CREATE FUNCTION conformance.all() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint'"},
          "conformance.\"all\"(): a function with its owner's rights");
  planted({"GRANT TRUNCATE ON conformance.people TO " + app}, people + "the role that works may TRUNCATE");
  planted({"GRANT REFERENCES ON conformance.people TO " + app}, people + "the role that works may REFERENCES");
  planted({"GRANT DELETE ON conformance.entries TO " + app},
          "conformance.entries: the role that works may change an append-only table");
  planted({"GRANT SELECT ON conformance.people TO PUBLIC"}, people + "everybody has rights");
  planted({"ALTER TABLE conformance.people OWNER TO " + app}, people + "belongs to the role that works");
  planted({"GRANT CREATE ON SCHEMA conformance TO " + app}, "conformance: the role that works may create there");
  planted({"ALTER ROLE " + app + " BYPASSRLS"}, app + ": the role that works is above the rules");
}

TEST_CASE("AUD-1: an append-only table takes neither changes nor deletions, not even from the owner's tools") {
  TwoTenants there;
  const OpenOptions options{.schema = &conformance::schema};
  conformance::insert(*there.engine().open(north, options), conformance::entries::table,
                      {conformance::entry(1, 0, "one")});
  there.enter(there.app(), north);
  CHECK(is_denied(there.app(), "DELETE FROM conformance.entries"));
  there.app().ask("ROLLBACK");
  CHECK(there.admin().attempt("UPDATE conformance.entries SET kind = 1")->state == "MF002");
  CHECK(there.admin().attempt("DELETE FROM conformance.entries")->state == "MF002");
  CHECK(there.admin().attempt("TRUNCATE conformance.entries")->state == "MF002");

  there.admin().ask("ALTER TABLE conformance.entries DISABLE TRIGGER ALL");
  CHECK_FALSE(there.admin().attempt("UPDATE conformance.entries SET kind = 1"));
}
