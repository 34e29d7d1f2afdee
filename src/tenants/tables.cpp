#include "tenants/tables.hpp"

#include "tenants/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view slug_columns[] = {"slug"};
constexpr EntityIndex tenant_indexes[] = {
    {.name = "tenants_slug", .columns = slug_columns, .unique = true, .code = &tenants::slug_taken}};

}  // namespace

const Entity Stored<tenants::Tenant>::entity{.id = 10,
                                             .name = "tenants",
                                             .meaning = "the directory of tenants; on the platform only",
                                             .type = &type_of<tenants::Tenant>,
                                             .indexes = tenant_indexes};
const Entity Stored<settings::SettingsRow>::entity{
    .id = 12, .name = "settings", .meaning = "the settings in force", .type = &type_of<settings::SettingsRow>};
const Entity Stored<settings::PastSettings>::entity{.id = 13,
                                                    .name = "settings_history",
                                                    .meaning = "the settings as they were",
                                                    .type = &type_of<settings::PastSettings>};
const Entity Stored<platforms::RecoveryRow>::entity{.id = 40,
                                                    .name = "recovery",
                                                    .meaning = "to whom copies of key stores are sealed",
                                                    .type = &type_of<platforms::RecoveryRow>};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::tenants {

std::span<const storage::Table* const> tenant_tables() {
  static const storage::Table* const tables[] = {&storage::layout_of<facilities::Facility>().table(),
                                                 &storage::layout_of<settings::SettingsRow>().table(),
                                                 &storage::layout_of<settings::PastSettings>().table()};
  return tables;
}

std::span<const storage::Table* const> platform_tables() {
  static const storage::Table* const tables[] = {&storage::layout_of<Tenant>().table(),
                                                 &storage::layout_of<platforms::RecoveryRow>().table()};
  return tables;
}

}  // namespace medflow::inline v1::tenants
