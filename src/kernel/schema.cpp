#include <vector>

#include "appointments/tables.hpp"
#include "audit/tables.hpp"
#include "calendars/tables.hpp"
#include "codes/tables.hpp"
#include "doctors/tables.hpp"
#include "documents/tables.hpp"
#include "encounters/tables.hpp"
#include "invoices/tables.hpp"
#include "jobs/rows.hpp"
#include "kernel/store.hpp"
#include "kernel/tables.hpp"
#include "ledger/tables.hpp"
#include "patients/tables.hpp"
#include "payers/tables.hpp"
#include "payments/tables.hpp"
#include "prices/tables.hpp"
#include "queues/tables.hpp"
#include "records/tables.hpp"
#include "schedules/tables.hpp"
#include "series/tables.hpp"
#include "services/tables.hpp"
#include "tenants/tables.hpp"
#include "users/tables.hpp"
#include "waitlists/tables.hpp"

namespace medflow::kernel {
namespace {

/// Keeps what a Schema refers to.
struct OwnedSchema {
  OwnedSchema(std::string_view name, std::initializer_list<std::span<const storage::Table* const>> modules) {
    for (const auto& tables : modules)
      for (const storage::Table* table : tables) changes.push_back({.table = table});
    migrations.push_back({.number = 1, .name = "first", .changes = changes});
    schema = {.name = name, .migrations = migrations};
  }

  std::vector<storage::SchemaChange> changes{};
  std::vector<storage::Migration> migrations{};
  storage::Schema schema{};
};

constexpr const storage::Table* kernel_tables[] = {
    &audit::events_table, &audit::tiles_table, &audit::head_table, &audit::checkpoints_table,
    &counters_table,      &changes_table,      &answers_table};

}  // namespace

const storage::Schema& data_schema(Realm realm) {
  static const OwnedSchema tenant(
      "tenant",
      {kernel_tables,       tenants::tenant_tables(), users::tables(),        patients::tables(), doctors::tables(),
       services::tables(),  schedules::tables(),      appointments::tables(), series::tables(),   calendars::tables(),
       waitlists::tables(), queues::tables(),         code_systems::tables(), jobs::tables(),     encounters::tables(),
       records::tables(),   documents::tables(),      prices::tables(),       payers::tables(),   invoices::tables(),
       payments::tables(),  ledger::tables()});
  static const OwnedSchema platform("platform", {kernel_tables, tenants::platform_tables(), users::tables()});
  return realm == Realm::platform ? platform.schema : tenant.schema;
}

Schemas Schemas::of_this_build() {
  return {
      .tenant = &data_schema(Realm::tenant), .platform = &data_schema(Realm::platform), .keys = &keys::key_schema()};
}

}  // namespace medflow::kernel
