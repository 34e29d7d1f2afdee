#include "facilities/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view parent_columns[] = {"parent_id"};
constexpr EntityIndex facility_indexes[] = {{.name = "facilities_parent", .columns = parent_columns}};

}  // namespace

const Entity Stored<facilities::Facility>::entity{.id = 11,
                                                  .name = "facilities",
                                                  .meaning = "places where the tenant works",
                                                  .type = &type_of<facilities::Facility>,
                                                  .indexes = facility_indexes};

}  // namespace medflow::inline v1::storage
