#include "calendars/tables.hpp"

#include "calendars/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr Column extras[] = {
    {.name = "token_hash", .kind = CellKind::bytes, .nullable = true, .meaning = "hash of the token; none once ended"}};
constexpr std::string_view token_columns[] = {"token_hash"};
constexpr std::string_view user_columns[] = {"user_id"};
constexpr EntityIndex indexes[] = {{.name = "feeds_token", .columns = token_columns, .unique = true},
                                   {.name = "feeds_user", .columns = user_columns}};

}  // namespace

const Entity Stored<calendars::Feed>::entity{.id = 61,
                                             .name = "calendar_feeds",
                                             .meaning = "feeds of somebody's own calendar",
                                             .type = &type_of<calendars::Feed>,
                                             .extras = extras,
                                             .indexes = indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::calendars {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<Feed>().table()};
  return all;
}

}  // namespace medflow::inline v1::calendars
