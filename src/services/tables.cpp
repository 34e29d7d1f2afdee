#include "services/tables.hpp"

#include "services/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view code_columns[] = {"code"};
constexpr EntityIndex service_indexes[] = {
    {.name = "services_code", .columns = code_columns, .unique = true, .code = &services::code_taken}};
constexpr std::string_view facility_columns[] = {"facility_id"};
constexpr EntityIndex resource_indexes[] = {{.name = "resources_facility", .columns = facility_columns}};

}  // namespace

const Entity Stored<services::Service>::entity{.id = 51,
                                               .name = "services",
                                               .meaning = "what can be booked, and by which rules",
                                               .type = &type_of<services::Service>,
                                               .indexes = service_indexes};
const Entity Stored<resources::Resource>::entity{.id = 52,
                                                 .name = "resources",
                                                 .meaning = "rooms and devices that have calendars",
                                                 .type = &type_of<resources::Resource>,
                                                 .indexes = resource_indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::services {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<Service>().table(),
                                              &storage::layout_of<resources::Resource>().table()};
  return all;
}

}  // namespace medflow::inline v1::services
