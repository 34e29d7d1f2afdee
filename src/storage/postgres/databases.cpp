#include "storage/postgres/databases.hpp"

#include <algorithm>

#include "storage/postgres/registry.hpp"
#include "storage/postgres/roles.hpp"
#include "storage/postgres/sql.hpp"

namespace medflow::inline v1::storage::postgres {
namespace {

constexpr std::size_t prefix_max = 30;  // of the 63 bytes of a name, which has 32 digits and a line

std::string_view text_of(Part part) { return part == Part::data ? "data" : "keys"; }

Target of_worker(const PostgresOptions& options) {
  return {.url = options.url, .options = "-c search_path=pg_catalog"};
}

constexpr const char* elsewhere =
    "its tenants lie in shared tables, others are to have databases of their own: give each kind a database, and move "
    "tenants";

}  // namespace

std::string database_of(const PostgresOptions& options, const StoreName& name) {
  if (options.isolation == Isolation::shared) return {};
  const auto id = Uuid::parse(name.tenant);
  std::string digits =
      (id && id->text() == name.tenant ? *id : tenant_of({.tenant = name.tenant, .part = Part::keys})).text();
  std::erase(digits, '-');
  return database_of(options.url).substr(0, prefix_max) + '_' + digits;
}

void prepare_list(const PostgresOptions& options) {
  Link link{migrator_of(options)};
  change_alone(link, [&] {
    if (link.holds("SELECT EXISTS (SELECT FROM medflow.stores)"))
      throw Fault{FaultKind::misuse, link.place(), elsewhere};
    if (link.holds("SELECT to_regclass('medflow.databases') IS NOT NULL")) return;
    link.ask("SET LOCAL ROLE " + quoted(options.owner));
    link.ask(
        "CREATE TABLE medflow.databases (tenant text COLLATE \"C\" NOT NULL, part text NOT NULL, database text NOT "
        "NULL, "
        "ready boolean NOT NULL, PRIMARY KEY (tenant, part))");
    link.ask("GRANT SELECT ON medflow.databases TO " + quoted(user_of(options.url)));
  });
}

void check_isolation(Link& link, Isolation isolation) {
  const bool is_list = link.holds("SELECT to_regclass('medflow.databases') IS NOT NULL");
  if (is_list == (isolation == Isolation::tenant_database)) return;
  if (isolation == Isolation::tenant_database)
    throw Fault{FaultKind::unavailable, link.place(), "the database has not been prepared; give DIRECT_URL once"};
  throw Fault{FaultKind::misuse, link.place(),
              "each of its tenants has a database of its own (MEDFLOW_DATABASE_PER_TENANT)"};
}

bool is_listed(Link& link, const StoreName& name) {
  return link.holds("SELECT EXISTS (SELECT FROM medflow.databases WHERE tenant = $1 AND part = $2 AND ready)",
                    {name.tenant, text_of(name.part)});
}

std::vector<StoreName> listed(Link& link) {
  std::vector<StoreName> names;
  const Result rows = link.ask("SELECT tenant, part FROM medflow.databases ORDER BY tenant, part");
  for (int row = 0; row < PQntuples(rows.get()); ++row)
    names.push_back({.tenant = std::string{text_at(rows, row, 0)},
                     .part = text_at(rows, row, 1) == "data" ? Part::data : Part::keys});
  return names;
}

Cellarer::Cellarer(const PostgresOptions& options) : options_(options), link_(migrator_of(options)) {
  if (options.direct_url.empty())
    throw Fault{FaultKind::unavailable, link_.place(), "making and dropping databases takes DIRECT_URL"};
  link_.ask("SET ROLE " + quoted(options.owner));
}

bool Cellarer::there(const std::string& database) {
  return link_.holds("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", {database});
}

// On the list first: whatever is broken off is found there, and dropped.
void Cellarer::make(const StoreName& name, const std::string& database) {
  const Result entered = link_.ask(
      "INSERT INTO medflow.databases VALUES ($1, $2, $3, false) ON CONFLICT (tenant, part) DO UPDATE SET database = $3 "
      "RETURNING ready",
      {name.tenant, text_of(name.part), database});
  if (text_at(entered, 0, 0) == "t") throw Fault{FaultKind::exists, storage::text_of(name)};
  link_.ask("RESET ROLE");
  if (!there(database)) {
    const auto refusal = link_.attempt("CREATE DATABASE " + quoted(database));
    if (refusal && !there(database)) {
      if (refusal->state == "42501")
        throw Fault{FaultKind::misuse, "role " + user_of(options_.direct_url),
                    "may not make databases: it needs CREATEDB"};
      throw fault_of(*refusal, link_.place());
    }
  }
  change_alone(link_, [&] {  // of two at once the server would refuse one
    link_.ask("REVOKE ALL ON DATABASE " + quoted(database) + " FROM PUBLIC");
    link_.ask("GRANT CONNECT ON DATABASE " + quoted(database) + " TO " + quoted(user_of(options_.url)));
  });
  link_.ask("SET ROLE " + quoted(options_.owner));
  prepare_database(options_, database);
}

void Cellarer::finish(const StoreName& name) {
  link_.ask("UPDATE medflow.databases SET ready = true WHERE tenant = $1 AND part = $2",
            {name.tenant, text_of(name.part)});
}

Cellarer::Left Cellarer::begin_drop(const StoreName& name) {
  const Result marked = link_.ask(
      "UPDATE medflow.databases SET ready = false WHERE tenant = $1 AND part = $2 RETURNING "
      "EXISTS (SELECT FROM medflow.databases other WHERE other.tenant = $1 AND other.part <> $2 AND other.ready)",
      {name.tenant, text_of(name.part)});
  if (PQntuples(marked.get()) == 0) return Left::nothing;
  return text_at(marked, 0, 0) == "t" ? Left::rows : Left::all;
}

void Cellarer::drop(const std::string& database) {
  link_.ask("RESET ROLE");
  if (there(database)) {
    link_.ask("ALTER DATABASE " + quoted(database) + " WITH ALLOW_CONNECTIONS false");
    Link{of_worker(options_)}.ask(  // whose sessions only it may end
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1 AND usename = current_user",
        {database});
    link_.ask("DROP DATABASE IF EXISTS " + quoted(database));
  }
  link_.ask("SET ROLE " + quoted(options_.owner));
}

void Cellarer::strike(const StoreName& name) {
  link_.ask("DELETE FROM medflow.databases WHERE tenant = $1 AND part = $2", {name.tenant, text_of(name.part)});
}

}  // namespace medflow::inline v1::storage::postgres
