// The kernel's own tables: counters and the change feed. Their ids and columns are frozen.
#pragma once

#include <array>

#include "medflow/storage/schema.hpp"

namespace medflow::kernel {

inline constexpr std::array counter_columns{
    storage::Column{"name", storage::CellKind::text, false, "what is counted"},
    storage::Column{"revision", storage::CellKind::integer, false, "one more with each batch that counted"},
    storage::Column{"value", storage::CellKind::integer, false, "the last number that was handed out"},
};
inline constexpr storage::Table counters_table{
    .id = 4,
    .name = "counters",
    .meaning = "numbers that are handed out once: record numbers and the like",
    .columns = counter_columns,
    .revision = std::uint8_t{1}};

inline constexpr std::array change_columns{
    storage::Column{"number", storage::CellKind::integer, false, "1, 2, 3 … in the order of the commits, without gaps"},
    storage::Column{"table_id", storage::CellKind::integer, false, "the table of the row that changed"},
    storage::Column{"id", storage::CellKind::bytes, false, "the row"},
    storage::Column{"revision", storage::CellKind::integer, false, "the row's revision after the change"},
};
inline constexpr storage::Table changes_table{.id = 5,
                                              .name = "changes",
                                              .meaning = "the change feed: which rows changed, in order",
                                              .columns = change_columns,
                                              .append_only = true};

}  // namespace medflow::kernel
