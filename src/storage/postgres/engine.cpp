// The engine of many stores in one PostgreSQL database.
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
  return {.url = options.url,
          .database = {},
          .options = std::string{planner_settings} + " -c lock_timeout=" + std::to_string(options.lock_wait.count()) +
                     " -c idle_in_transaction_session_timeout=" + std::to_string(options.silent_reader_max.count()),
          .round_trips = options.round_trips};
}

const PostgresOptions& prepared(const PostgresOptions& options) {
  if (!options.direct_url.empty()) prepare_database(options);
  return options;
}

class PostgresEngine final : public Engine {
 public:
  explicit PostgresEngine(PostgresOptions options) : home_(std::make_shared<Home>(std::move(options))) {}

  std::string_view name() const override { return "postgresql"; }
  bool shared() const override { return true; }

  std::unique_ptr<Database> create(const StoreName& name, const OpenOptions& options) override {
    auto place = std::make_unique<Place>(home_, name);
    Steward{home_->options}.create(name, *options.schema);
    return std::make_unique<PostgresDatabase>(std::move(place), tenant_of(name), *options.schema);
  }

  std::unique_ptr<Database> open(const StoreName& name, const OpenOptions& options) override {
    auto place = std::make_unique<Place>(home_, name);
    const auto store = place->store();
    const auto entry = look_up(name);
    if (!entry) throw Fault{FaultKind::missing, store};
    if (entry->schema != options.schema->name) throw Fault{FaultKind::schema_newer, store, "of another schema"};
    if (!lacking(*options.schema, entry->applied, options.migrate, store).empty())
      Steward{home_->options}.migrate(name, *options.schema);
    return std::make_unique<PostgresDatabase>(std::move(place), tenant_of(name), *options.schema);
  }

  void drop(const StoreName& name) override {
    const Place place{home_, name};
    Steward{home_->options}.drop(name);
  }

  std::vector<StoreName> list() override {
    Lease lease{home_->pool};
    return postgres::list(*lease);
  }

 private:
  std::optional<Entry> look_up(const StoreName& name) {
    Lease lease{home_->pool};
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
  const Lease checked{pool};
}

}  // namespace postgres

std::unique_ptr<Engine> make_postgres_engine(PostgresOptions options) {
  return std::make_unique<postgres::PostgresEngine>(std::move(options));
}

std::unique_ptr<Engine> postgres_engine(std::string url, std::string direct_url, std::size_t connections_max) {
  return make_postgres_engine(
      {.url = std::move(url), .direct_url = std::move(direct_url), .connections_max = connections_max});
}

}  // namespace medflow::inline v1::storage
