#include "doctors/tables.hpp"

#include "doctors/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view user_columns[] = {"user_id"};
constexpr EntityIndex doctor_indexes[] = {
    {.name = "doctors_user", .columns = user_columns, .unique = true, .code = &doctors::user_taken}};

}  // namespace

const Entity Stored<doctors::Doctor>::entity{.id = 50,
                                             .name = "doctors",
                                             .meaning = "who sees patients",
                                             .type = &type_of<doctors::Doctor>,
                                             .indexes = doctor_indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::doctors {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<Doctor>().table()};
  return all;
}

}  // namespace medflow::inline v1::doctors
