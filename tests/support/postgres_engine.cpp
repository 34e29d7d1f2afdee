#include "tests/support/postgres_engine.hpp"

#include <utility>

#include "kernel/store.hpp"
#include "keys/key_store.hpp"
#include "tests/support/postgres_server.hpp"

namespace medflow::testing {
namespace {

/// A database with the tables of this build and no store.
class Prepared {
 public:
  Prepared() {
    const auto engine = storage::make_postgres_engine(database_.options());
    make_tables(*engine, {.tenant = "platform", .part = storage::Part::data}, kernel::data_schema(Realm::platform));
    make_tables(*engine, {.tenant = "tenant", .part = storage::Part::data}, kernel::data_schema(Realm::tenant));
    make_tables(*engine, {.tenant = "tenant", .part = storage::Part::keys}, keys::key_schema());
  }

  static const Prepared& of_this_program() {
    static const Prepared prepared;
    return prepared;
  }
  const std::string& name() const { return database_.name(); }

 private:
  static void make_tables(storage::Engine& engine, const storage::StoreName& name, const storage::Schema& schema) {
    engine.create(name, {.schema = &schema});
    engine.drop(name);
  }

  PostgresDatabase database_{};
};

/// The engine goes first.
struct Owned {
  std::shared_ptr<PostgresDatabase> database;
  std::unique_ptr<storage::Engine> engine = storage::make_postgres_engine(database->options());
};

}  // namespace

std::shared_ptr<PostgresDatabase> prepared_database() {
  return std::make_shared<PostgresDatabase>(PostgresServer::shared(), Prepared::of_this_program().name());
}

std::shared_ptr<storage::Engine> engine_of(std::shared_ptr<PostgresDatabase> database) {
  auto owned = std::make_shared<Owned>(Owned{.database = std::move(database)});
  storage::Engine* engine = owned->engine.get();
  return {std::move(owned), engine};
}

}  // namespace medflow::testing
