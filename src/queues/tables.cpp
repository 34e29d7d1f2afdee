#include "queues/tables.hpp"

#include "queues/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view number_columns[] = {"resource_id", "day", "number"};
constexpr std::string_view appointment_columns[] = {"appointment_id"};
constexpr EntityIndex indexes[] = {{.name = "queue_tokens_number", .columns = number_columns, .unique = true},
                                   {.name = "queue_tokens_appointment", .columns = appointment_columns}};

}  // namespace

const Entity Stored<queues::StoredToken>::entity{.id = 63,
                                                 .name = "queue_tokens",
                                                 .meaning = "the numbers by which those who have arrived are called",
                                                 .type = &type_of<queues::StoredToken>,
                                                 .indexes = indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::queues {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<StoredToken>().table()};
  return all;
}

}  // namespace medflow::inline v1::queues
