#include "storage/postgres/registry.hpp"

#include <algorithm>

#include "crypto/hash.hpp"
#include "storage/postgres/roles.hpp"
#include "storage/postgres/sql.hpp"

namespace medflow::inline v1::storage::postgres {
namespace {

// Everybody who changes tables or the registry holds this lock of the database: "medflow" in ASCII.
constexpr std::string_view change_lock = "SELECT pg_advisory_xact_lock(30792318992869239)";

constexpr std::string_view registry_name = "medflow";

// Tables with a `tenant_id` are guarded like all others. `stores` has none: which tenants there are is no secret among those who
// serve them all.
constexpr std::string_view registry_sql[] = {
    // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): statements of several lines
    "CREATE TABLE medflow.stores (name text COLLATE \"C\" PRIMARY KEY, tenant text NOT NULL, part text NOT NULL, "
    "id uuid NOT NULL UNIQUE, schema text NOT NULL, ready boolean NOT NULL)",
    "CREATE TABLE medflow.structure (schema text NOT NULL, number bigint NOT NULL, name text NOT NULL, "
    "applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (schema, number))",
    "CREATE TABLE medflow.store_migrations (tenant_id uuid NOT NULL, number bigint NOT NULL, name text NOT NULL, "
    "applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (tenant_id, number))",
    "CREATE TABLE medflow.store_locks (tenant_id uuid PRIMARY KEY)",
    "CREATE FUNCTION medflow.lock_store(store uuid) RETURNS void LANGUAGE plpgsql AS $$ BEGIN "
    "PERFORM FROM medflow.store_locks WHERE tenant_id = store FOR UPDATE; "
    "IF NOT FOUND THEN RAISE EXCEPTION 'no such store' USING ERRCODE = 'MF001'; END IF; END $$",
    "CREATE FUNCTION medflow.append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF TG_OP = 'DELETE' AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) "
    "THEN RETURN OLD; END IF; "  // a store is dropped
    "RAISE EXCEPTION 'append only' USING ERRCODE = 'MF002'; END $$",
    "REVOKE ALL ON FUNCTION medflow.lock_store(uuid), medflow.append_only() FROM PUBLIC"};

std::vector<std::string> registry_grants(const std::string& app) {
  const auto to = " TO " + quoted(app);
  return {"GRANT USAGE ON SCHEMA medflow" + to,
          "GRANT SELECT, INSERT ON medflow.stores, medflow.store_migrations, medflow.store_locks" + to,
          "GRANT UPDATE ON medflow.store_locks" + to,  // which a lock takes
          "GRANT SELECT ON medflow.structure" + to, "GRANT EXECUTE ON FUNCTION medflow.lock_store(uuid)" + to};
}

// For a role that takes the place of another, or joins it.
void grant_tables(Link& link, const std::string& app) {
  const Result rows = link.ask(
      "SELECT nspname, relname, EXISTS (SELECT FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE tgrelid = "
      "pg_class.oid "
      "AND proname = 'append_only') FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
      "WHERE relkind = 'r' AND nspname IN (SELECT DISTINCT schema FROM medflow.structure) ORDER BY 1, 2");
  for (int row = 0; row < PQntuples(rows.get()); ++row) {
    link.ask("GRANT USAGE ON SCHEMA " + quoted(text_at(rows, row, 0)) + " TO " + quoted(app));
    link.ask(grant_on(text_at(rows, row, 0), text_at(rows, row, 1), text_at(rows, row, 2) == "t", app));
  }
}

void make_registry(Link& link) {
  for (const auto sql : registry_sql) link.ask(std::string{sql});
  for (const std::string_view table : {"store_migrations", "store_locks"}) {
    for (const auto& sql : guard_sql(registry_name, table)) link.ask(sql);
  }
  link.ask("INSERT INTO medflow.structure (schema, number, name) VALUES ('medflow', 1, 'registry')");
}

void require_known_registry(Link& link) {
  if (link.holds("SELECT EXISTS (SELECT FROM medflow.structure WHERE schema = 'medflow' AND number > 1)"))
    throw Fault{FaultKind::schema_newer, link.place(), "the registry"};
}

std::vector<Applied> applied_of(Link& link, const Uuid& tenant) {
  std::vector<Applied> applied;
  const Result rows = link.ask(
      "SELECT number, name FROM medflow.store_migrations WHERE tenant_id = $1::uuid ORDER BY number", {tenant.text()});
  for (int row = 0; row < PQntuples(rows.get()); ++row) {
    applied.push_back({.number = static_cast<std::uint32_t>(std::stoul(std::string{text_at(rows, row, 0)})),
                       .name = std::string{text_at(rows, row, 1)}});
  }
  return applied;
}

std::string_view text_of(Part part) { return part == Part::data ? "data" : "keys"; }

// The rule that the rows of some store break already.
Fault fault_of_step(const Refusal& refusal, const Migration& migration, const std::string& place) {
  for (const auto& change : migration.changes) {
    for (const auto& index : change.table->indexes) {
      if (refusal.state == "23505" && name_of(*change.table, index.name) == refusal.constraint)
        return Fault{FaultKind::unique, std::string{index.name}};
    }
  }
  return fault_of(refusal, place);
}

}  // namespace

Uuid tenant_of(const StoreName& name) {
  const auto id = Uuid::parse(name.tenant);
  if (id && name.part == Part::data && id->text() == name.tenant) return *id;
  const auto digest = crypto::sha256({"medflow store ", storage::text_of(name)});
  Uuid made;
  for (std::size_t i = 0; i < made.bytes.size(); ++i) made.bytes[i] = std::to_integer<std::uint8_t>(digest[i]);
  made.bytes[6] = static_cast<std::uint8_t>((made.bytes[6] & 0x0FU) | 0x80U);  // version 8: made by a rule of one's own
  made.bytes[8] = static_cast<std::uint8_t>((made.bytes[8] & 0x3FU) | 0x80U);
  return made;
}

Target migrator_of(const PostgresOptions& options, const std::string& database) {
  return {.url = options.direct_url.empty() ? options.url : options.direct_url,
          .database = database,
          .options = "-c search_path=pg_catalog -c lock_timeout=" + std::to_string(options.lock_wait.count())};
}

void change_alone(Link& link, FunctionRef<void()> body) {
  link.ask("BEGIN");
  try {
    link.ask(std::string{change_lock});
    body();
    link.ask("COMMIT");
  } catch (...) {
    static_cast<void>(link.attempt("ROLLBACK"));
    throw;
  }
}

void prepare_database(const PostgresOptions& options, const std::string& database) {
  Link link{migrator_of(options, database)};
  make_roles(link, options);
  const auto app = user_of(options.url);
  link.ask("BEGIN");
  link.ask(std::string{change_lock});
  const bool there = link.holds("SELECT to_regclass('medflow.structure') IS NOT NULL");
  if (!there) {
    link.ask("CREATE SCHEMA medflow AUTHORIZATION " + quoted(options.owner));
    link.ask("CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA medflow");  // for exclusions
  }
  link.ask("SET LOCAL ROLE " + quoted(options.owner));
  if (!there) make_registry(link);
  require_known_registry(link);
  if (!link.holds("SELECT has_schema_privilege($1, 'medflow', 'USAGE')", {app})) {
    for (const auto& sql : registry_grants(app)) link.ask(sql);
    grant_tables(link, app);
  }
  link.ask("COMMIT");
}

Steward::Steward(const PostgresOptions& options, const std::string& database)
    : options_(options), owner_(!options.direct_url.empty()), link_(migrator_of(options, database)) {}

// Runs `body` in a transaction of this store, and holds off everybody else who looks after stores.
void Steward::whole(const Uuid& tenant, FunctionRef<void()> body) {
  change_alone(link_, [&] {
    link_.ask("SELECT set_config('mf.tenant', $1, true)", {tenant.text()});
    body();
  });
}

void Steward::require_owner(const std::string& store, std::string_view what) const {
  if (!owner_)
    throw Fault{what == "migrating" ? FaultKind::schema_outdated : FaultKind::unavailable, store,
                std::string{what} + " takes DIRECT_URL"};
}

void Steward::create(const StoreName& name, const Schema& schema) {
  const auto store = storage::text_of(name);
  const auto tenant = tenant_of(name);
  whole(tenant, [&] {
    if (link_.holds("SELECT EXISTS (SELECT FROM medflow.stores WHERE name = $1)", {store}))
      throw Fault{FaultKind::exists, store};
    link_.ask(
        "INSERT INTO medflow.stores (name, tenant, part, id, schema, ready) VALUES ($1, $2, $3, $4::uuid, $5, true)",
        {store, name.tenant, text_of(name.part), tenant.text(), schema.name});
    link_.ask("INSERT INTO medflow.store_locks VALUES ($1::uuid)", {tenant.text()});
    for (const auto& migration : schema.migrations) apply(schema, migration, tenant, store);
  });
}

void Steward::migrate(const StoreName& name, const Schema& schema) {
  const auto store = storage::text_of(name);
  const auto tenant = tenant_of(name);
  for (const auto& migration : schema.migrations) {
    whole(tenant, [&] {
      // Somebody else may have been faster.
      const auto rest = lacking(schema, applied_of(link_, tenant), true, store);
      if (!rest.empty() && rest.front().number == migration.number) apply(schema, migration, tenant, store);
    });
  }
}

// The tables are everybody's and built once; that this store has them is recorded for it alone.
void Steward::apply(const Schema& schema, const Migration& migration, const Uuid& tenant, const std::string& store) {
  const auto number = std::to_string(migration.number);
  const Result built =
      link_.ask("SELECT name FROM medflow.structure WHERE schema = $1 AND number = $2::bigint", {schema.name, number});
  if (PQntuples(built.get()) == 0) {
    require_owner(store, "migrating");
    build(schema, migration);
  } else if (text_at(built, 0, 0) != migration.name) {
    throw Fault{FaultKind::schema_newer, store, "migration " + number};
  }
  link_.ask("INSERT INTO medflow.store_migrations (tenant_id, number, name) VALUES ($1::uuid, $2::bigint, $3)",
            {tenant.text(), number, migration.name});
}

void Steward::build(const Schema& schema, const Migration& migration) {
  const auto app = user_of(options_.url);
  if (!link_.holds("SELECT to_regnamespace($1) IS NOT NULL", {quoted(schema.name)}))
    link_.ask("CREATE SCHEMA " + quoted(schema.name) + " AUTHORIZATION " + quoted(options_.owner));
  link_.ask("SET LOCAL ROLE " + quoted(options_.owner));
  link_.ask("GRANT USAGE ON SCHEMA " + quoted(schema.name) + " TO " + quoted(app));
  for (const auto& sql : sql_of(schema, migration, app)) {
    if (const auto refusal = link_.attempt(sql)) throw fault_of_step(*refusal, migration, link_.place());
  }
  link_.ask("INSERT INTO medflow.structure (schema, number, name) VALUES ($1, $2::bigint, $3)",
            {schema.name, std::to_string(migration.number), migration.name});
  link_.ask("RESET ROLE");
}

// What is begun is finished by the next drop: until then the store is half-made.
void Steward::drop(const StoreName& name) {
  const auto store = storage::text_of(name);
  const auto tenant = tenant_of(name);
  const Result entry = link_.ask("SELECT schema FROM medflow.stores WHERE name = $1", {store});
  if (PQntuples(entry.get()) == 0) return;
  require_owner(store, "dropping a store");
  const auto owner = "SET LOCAL ROLE " + quoted(options_.owner);
  whole(tenant, [&] {
    link_.ask(owner);
    link_.ask("UPDATE medflow.stores SET ready = false WHERE name = $1", {store});
  });
  whole(tenant, [&] {
    link_.ask(owner);
    link_.ask("DELETE FROM medflow.store_locks WHERE tenant_id = $1::uuid", {tenant.text()});  // after the last writer
    const Result tables = link_.ask("SELECT tablename FROM pg_tables WHERE schemaname = $1", {text_at(entry, 0, 0)});
    for (int row = 0; row < PQntuples(tables.get()); ++row) {
      link_.ask("DELETE FROM " + quoted(text_at(entry, 0, 0)) + '.' + quoted(text_at(tables, row, 0)) +
                    " WHERE tenant_id = $1::uuid",
                {tenant.text()});
    }
    link_.ask("DELETE FROM medflow.store_migrations WHERE tenant_id = $1::uuid", {tenant.text()});
    link_.ask("DELETE FROM medflow.stores WHERE name = $1", {store});
  });
}

void Steward::scrub(std::string_view space, const Tables& tables) {
  require_owner(std::string{space}, "scrubbing");
  link_.ask("SET ROLE " + quoted(options_.owner));
  for (std::size_t slot = 0; slot < tables.size(); ++slot)
    link_.ask("VACUUM " + quoted(space) + '.' + quoted(tables[slot].name));
}

std::optional<Entry> find(Link& link, const StoreName& name) {
  const Result row = link.ask("SELECT schema FROM medflow.stores WHERE name = $1 AND ready", {storage::text_of(name)});
  if (PQntuples(row.get()) == 0) return {};
  Entry entry{.schema = std::string{text_at(row, 0, 0)}, .applied = {}};
  const auto tenant = tenant_of(name);
  link.ask("BEGIN READ ONLY");
  link.ask("SELECT set_config('mf.tenant', $1, true)", {tenant.text()});
  entry.applied = applied_of(link, tenant);
  link.ask("COMMIT");
  return entry;
}

std::vector<StoreName> list(Link& link) {
  std::vector<StoreName> names;
  const Result rows = link.ask("SELECT tenant, part FROM medflow.stores ORDER BY name");
  for (int row = 0; row < PQntuples(rows.get()); ++row) {
    names.push_back({.tenant = std::string{text_at(rows, row, 0)},
                     .part = text_at(rows, row, 1) == "data" ? Part::data : Part::keys});
  }
  return names;
}

}  // namespace medflow::inline v1::storage::postgres
