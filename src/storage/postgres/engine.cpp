// The engine of many stores in one PostgreSQL database, or of one database for each tenant.
#include "medflow/storage/engine.hpp"

#include <utility>

#include "storage/postgres/database.hpp"
#include "storage/postgres/home.hpp"
#include "storage/postgres/registry.hpp"
#include "storage/postgres/roles.hpp"
#include "storage/postgres/sql.hpp"

namespace medflow::inline v1::storage {
namespace postgres {
namespace {

Target target_of(const PostgresOptions& options) {
  std::string settings(planner_settings);
  settings.append(" -c lock_timeout=").append(std::to_string(options.lock_wait.count()));
  settings.append(" -c idle_in_transaction_session_timeout=").append(std::to_string(options.silent_reader_max.count()));
  return {.url = options.url, .database = {}, .options = std::move(settings), .round_trips = options.round_trips};
}

const PostgresOptions& prepared(const PostgresOptions& options) {
  if (options.direct_url.empty()) return options;
  prepare_database(options);
  if (options.isolation == Isolation::tenant_database) prepare_list(options);
  return options;
}

class PostgresEngine final : public Engine {
 public:
  explicit PostgresEngine(PostgresOptions options) : home_(std::make_shared<Home>(std::move(options))) {}

  std::string_view name() const override { return "postgresql"; }
  bool shared() const override { return true; }

  std::unique_ptr<Database> create(const StoreName& name, const OpenOptions& options) override {
    auto place = std::make_unique<Place>(home_, name);
    make(name, place->database(), *options.schema);
    return std::make_unique<PostgresDatabase>(std::move(place), tenant_of(name), *options.schema);
  }

  std::unique_ptr<Database> open(const StoreName& name, const OpenOptions& options) override {
    auto place = std::make_unique<Place>(home_, name);
    const auto& store = place->store();
    const auto entry = look_up(name, place->database());
    if (!entry) throw Fault{FaultKind::missing, store};
    if (entry->schema != options.schema->name) throw Fault{FaultKind::schema_newer, store, "of another schema"};
    if (!lacking(*options.schema, entry->applied, options.migrate, store).empty())
      Steward{home_->options, place->database()}.migrate(name, *options.schema);
    return std::make_unique<PostgresDatabase>(std::move(place), tenant_of(name), *options.schema);
  }

  void drop(const StoreName& name) override {
    const Place place{home_, name};
    if (place.database().empty()) return Steward{home_->options}.drop(name);
    Cellarer cellarer{home_->options};
    const auto left = cellarer.begin_drop(name);
    if (left == Cellarer::Left::nothing) return;
    if (left == Cellarer::Left::rows) {
      Steward{home_->options, place.database()}.drop(name);
    } else {
      home_->pool.forget(place.database());
      cellarer.drop(place.database());
    }
    cellarer.strike(name);
  }

  std::vector<StoreName> list() override {
    Lease lease{home_->pool, home_->own};
    return home_->options.isolation == Isolation::shared ? postgres::list(*lease) : listed(*lease);
  }

 private:
  void make(const StoreName& name, const std::string& database, const Schema& schema) {
    if (database.empty()) return Steward{home_->options}.create(name, schema);
    Cellarer cellarer{home_->options};
    cellarer.make(name, database);
    Steward{home_->options, database}.create(name, schema);
    cellarer.finish(name);
  }

  std::optional<Entry> look_up(const StoreName& name, const std::string& database) {
    if (!database.empty()) {
      Lease own{home_->pool, home_->own};
      if (!is_listed(*own, name)) return {};
    }
    Lease lease{home_->pool, database};
    return find(*lease, name);
  }

  std::shared_ptr<Home> home_;
};

}  // namespace

Home::Home(PostgresOptions its_options)
    : options(std::move(its_options)),
      frame(book),
      pool(target_of(prepared(options)), options.connections_max, options.connection_wait,
           [this](Link& link) { check_role(link, options.owner); }) {
  Lease checked{pool, own};
  check_isolation(*checked, options.isolation);
}

}  // namespace postgres

std::unique_ptr<Engine> make_postgres_engine(PostgresOptions options) {
  return std::make_unique<postgres::PostgresEngine>(std::move(options));
}

std::unique_ptr<Engine> postgres_engine(std::string url, std::string direct_url, std::size_t connections_max,
                                        Isolation isolation) {
  return make_postgres_engine({.url = std::move(url),
                               .direct_url = std::move(direct_url),
                               .connections_max = connections_max,
                               .isolation = isolation});
}

}  // namespace medflow::inline v1::storage
