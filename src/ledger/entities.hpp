// What is stored of the journal: entries, which are the truth; their postings and the balances of each account and day, which follow from them.
#pragma once

#include <array>

#include "kernel/rows.hpp"
#include "ledger/ledger.fields.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::ledger {

/// Plain columns, so that a report can be made of them in SQL. They name no person.
inline constexpr std::array posting_columns{
    storage::Column{"account", storage::CellKind::text, false, "the account"},
    storage::Column{"day", storage::CellKind::text, false, "the business day, YYYY-MM-DD"},
    storage::Column{"entry_id", storage::CellKind::bytes, false, "the journal entry"},
    storage::Column{"line", storage::CellKind::integer, false, "its place in the entry, from 1"},
    storage::Column{"kind", storage::CellKind::text, false, "what the entry tells"},
    storage::Column{"currency", storage::CellKind::text, false, "ISO 4217"},
    storage::Column{"debit", storage::CellKind::integer, false, "in minor units"},
    storage::Column{"credit", storage::CellKind::integer, false, "in minor units"},
    storage::Column{"facility_id", storage::CellKind::bytes, false, "the facility"},
    storage::Column{"patient_id", storage::CellKind::bytes, true, "whose receivable or deposit it is"},
    storage::Column{"payer_id", storage::CellKind::bytes, true, "the same of a payer"},
    storage::Column{"invoice_id", storage::CellKind::bytes, true, "which receivable"},
    storage::Column{"practitioner_id", storage::CellKind::bytes, true, "whose service was charged"},
    storage::Column{"item_id", storage::CellKind::bytes, true, "which item was charged"},
};
inline constexpr std::array<std::uint8_t, 1> postings_invoice_columns{11};
inline constexpr std::array<std::uint8_t, 2> postings_party_columns{9, 0};
inline constexpr std::array<std::uint8_t, 2> postings_payer_columns{10, 0};
inline constexpr std::array posting_indexes{
    storage::Index{.name = "postings_invoice", .columns = postings_invoice_columns, .sparse = true},
    storage::Index{.name = "postings_patient", .columns = postings_party_columns, .sparse = true},
    storage::Index{.name = "postings_payer", .columns = postings_payer_columns, .sparse = true},
};
inline constexpr storage::Table postings_table{.id = 91,
                                               .name = "postings",
                                               .meaning = "the sides of journal entries; the truth is in the entries",
                                               .columns = posting_columns,
                                               .key_columns = 4,
                                               .indexes = posting_indexes,
                                               .append_only = true};

inline constexpr std::array balance_columns{
    storage::Column{"account", storage::CellKind::text, false, "the account"},
    storage::Column{"currency", storage::CellKind::text, false, "ISO 4217"},
    storage::Column{"day", storage::CellKind::text, false, "the business day, YYYY-MM-DD"},
    storage::Column{"revision", storage::CellKind::integer, false, "counts the changes, from 1"},
    storage::Column{"debit", storage::CellKind::integer, false, "all debits of that day, in minor units"},
    storage::Column{"credit", storage::CellKind::integer, false, "all credits of that day, in minor units"},
};
inline constexpr storage::Table balances_table{.id = 92,
                                               .name = "balances",
                                               .meaning = "what moved on each account on each day",
                                               .columns = balance_columns,
                                               .key_columns = 3,
                                               .revision = std::uint8_t{3}};

}  // namespace medflow::inline v1::ledger

namespace medflow::inline v1::storage {

template <>
struct Stored<ledger::Entry> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
