// The kernel's own tables: counters, the change feed and kept answers. Their ids and columns are frozen.
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

inline constexpr std::array answer_columns{
    storage::Column{"key", storage::CellKind::bytes, false, "keyed hash of caller, operation and idempotency key"},
    storage::Column{"created_at", storage::CellKind::integer, false, "when the effect took place; kept for 24 hours"},
    storage::Column{"subject_id", storage::CellKind::bytes, true, "the patient whose key seals the answer"},
    storage::Column{"key_slot", storage::CellKind::integer, true, "that key's slot; null: the tenant's key"},
    storage::Column{"answer", storage::CellKind::bytes, false, "sealed: hash of the request, and the answer"},
};
inline constexpr std::array<std::uint8_t, 1> answer_age_columns{1};
inline constexpr std::array answer_indexes{storage::Index{.name = "answers_age", .columns = answer_age_columns}};
inline constexpr storage::Table answers_table{.id = 6,
                                              .name = "answers",
                                              .meaning = "answers to calls with an idempotency key (R11)",
                                              .columns = answer_columns,
                                              .indexes = answer_indexes};

}  // namespace medflow::kernel
