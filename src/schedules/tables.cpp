#include "schedules/tables.hpp"

#include "schedules/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

// A leave is never longer than `leave_days_max`, so those that reach into a time begin not long before it.
constexpr std::string_view leave_columns[] = {"resource_id", "from"};
constexpr EntityIndex leave_indexes[] = {{.name = "leaves_from", .columns = leave_columns}};

}  // namespace

const Entity Stored<schedules::Schedule>::entity{.id = 53,
                                                 .name = "schedules",
                                                 .meaning = "when somebody or something can be booked",
                                                 .type = &type_of<schedules::Schedule>};
const Entity Stored<leaves::Leave>::entity{.id = 54,
                                           .name = "leaves",
                                           .meaning = "when doctors, rooms and devices are away",
                                           .type = &type_of<leaves::Leave>,
                                           .indexes = leave_indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::schedules {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<Schedule>().table(),
                                              &storage::layout_of<leaves::Leave>().table()};
  return all;
}

}  // namespace medflow::inline v1::schedules
