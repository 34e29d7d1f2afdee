#include "series/tables.hpp"

#include "series/entities.hpp"

namespace medflow::inline v1::storage {

const Entity Stored<series::Series>::entity{
    .id = 60, .name = "series", .meaning = "visits that come again by a rule", .type = &type_of<series::Series>};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::series {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<Series>().table()};
  return all;
}

}  // namespace medflow::inline v1::series
