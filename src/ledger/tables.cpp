#include "ledger/tables.hpp"

#include "ledger/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view ref_columns[] = {"ref_id"};
constexpr EntityIndex entry_indexes[] = {{.name = "journal_entries_ref", .columns = ref_columns}};

}  // namespace

const Entity Stored<ledger::Entry>::entity{.id = 90,
                                           .name = "journal_entries",
                                           .meaning = "every movement of money, as a double entry",
                                           .type = &type_of<ledger::Entry>,
                                           .indexes = entry_indexes,
                                           .append_only = true};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::ledger {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<Entry>().table(), &postings_table, &balances_table};
  return all;
}

}  // namespace medflow::inline v1::ledger
