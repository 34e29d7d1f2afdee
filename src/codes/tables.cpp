#include "codes/tables.hpp"

#include "codes/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view system_columns[] = {"system_id"};
constexpr EntityIndex code_indexes[] = {{.name = "codes_system", .columns = system_columns}};

}  // namespace

const Entity Stored<code_systems::CodeSystem>::entity{.id = 75,
                                                      .name = "code_systems",
                                                      .meaning = "versions of code systems that were loaded",
                                                      .type = &type_of<code_systems::CodeSystem>};
const Entity Stored<codes::ConceptRow>::entity{.id = 76,
                                               .name = "codes",
                                               .meaning = "the codes of those versions, and what they mean",
                                               .type = &type_of<codes::ConceptRow>,
                                               .indexes = code_indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::code_systems {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<CodeSystem>().table(),
                                              &storage::layout_of<codes::ConceptRow>().table()};
  return all;
}

}  // namespace medflow::inline v1::code_systems
