// The table of exact-match tokens.
#pragma once

#include <array>

#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::patients {

inline constexpr std::array token_columns{
    storage::Column{"token", storage::CellKind::bytes, false, "the exact-match token"},
    storage::Column{"patient_id", storage::CellKind::bytes, false, "who has it"},
};
inline constexpr storage::Table tokens_table{
    .id = 21,
    .name = "patient_tokens",
    .meaning =
        "exact-match tokens of record numbers, identifiers, phones and e-mail addresses; those of the patients "
        "that changed last, after the counter patient_tokens.mark, may still be missing",
    .columns = token_columns,
    .key_columns = 2};

}  // namespace medflow::inline v1::patients
