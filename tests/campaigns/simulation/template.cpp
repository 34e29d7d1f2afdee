#include "tests/campaigns/simulation/template.hpp"

#include "kernel/store.hpp"
#include "keys/key_store.hpp"

namespace medflow::campaign {

using testing::Hospital;
using testing::must;

namespace {

const storage::Schema& schema_of(const storage::StoreName& name) {
  if (name.part == storage::Part::keys) return keys::key_schema();
  return kernel::data_schema(name.tenant == "platform" ? Realm::platform : Realm::tenant);
}

}  // namespace

Poured Poured::from(storage::Engine& engine) {
  Poured poured;
  for (const storage::StoreName& name : engine.list()) {
    Store store{.name = name, .schema = &schema_of(name)};
    const auto database = engine.open(name, {.schema = store.schema});
    database->read([&](storage::Transaction& transaction) {
      for (const storage::Migration& migration : store.schema->migrations)
        for (const storage::SchemaChange& change : migration.changes) {
          if (change.add_column || change.add_index) continue;
          Table table{.table = change.table};
          transaction.scan({.table = change.table}, [&](storage::RowView view) {
            auto row = std::make_unique<Row>();
            row->bytes.reserve(view.size());
            for (storage::Cell cell : view) {
              cell.data = row->bytes.emplace_back(cell.data);
              row->cells.push_back(cell);
            }
            table.rows.push_back(std::move(row));
            return true;
          });
          store.tables.push_back(std::move(table));
        }
    });
    poured.stores_.push_back(std::move(store));
  }
  return poured;
}

std::shared_ptr<storage::Engine> Poured::pour() const {
  std::shared_ptr<storage::Engine> engine = storage::memory_engine();
  for (const Store& store : stores_) {
    const auto database = engine->create(store.name, {.schema = store.schema});
    database->write([&](storage::Transaction& transaction) {
      for (const Table& table : store.tables)
        for (const auto& row : table.rows) transaction.insert(*table.table, row->cells);
    });
  }
  return engine;
}

PlatformOptions options_of(std::shared_ptr<storage::Engine> engine, std::shared_ptr<Clock> clock,
                           std::shared_ptr<Rng> rng, std::shared_ptr<Executor> executor) {
  PlatformOptions options = testing::test_options(std::move(engine), std::move(clock));
  options.rng = std::move(rng);
  options.executor = std::move(executor);
  options.access_ttl_s = 86'400;
  return options;
}

Template Template::make() {
  const std::shared_ptr<storage::Engine> engine = storage::memory_engine();
  auto clock = std::make_shared<testing::FakeClock>();
  Template made;
  {
    Hospital hospital(options_of(engine, clock, std::make_shared<testing::SeededRng>(1), nullptr), clock);
    made.home = hospital.home;
    const auto add = [&](Role role, const std::string& email, UserId id) {
      const auto tokens = must(hospital.sign_in(email));
      made.people.push_back({.id = id, .role = role, .access = tokens.access_token, .refresh = tokens.refresh_token});
    };
    for (const Role role : {Role::tenant_admin, Role::receptionist, Role::doctor, Role::nurse}) {
      const auto member = hospital.member(role);
      add(role, member.email, member.id);
    }
    const std::string second = "second@example.org";
    const auto invitation = must(hospital.as(Role::tenant_admin)
                                     .call(users::Invite{.email = second,
                                                         .display_name = "Second Desk",
                                                         .roles = {Role::receptionist},
                                                         .facilities = {hospital.home}}));
    must(hospital.complete_invitation(invitation.token));
    add(Role::receptionist, second, invitation.user.id);
  }
  made.data = Poured::from(*engine);
  return made;
}

}  // namespace medflow::campaign
