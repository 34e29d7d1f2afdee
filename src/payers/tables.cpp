#include "payers/tables.hpp"

#include "payers/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view payers_code_columns[] = {"code"};
constexpr EntityIndex payers_indexes[] = {
    {.name = "payers_code", .columns = payers_code_columns, .unique = true, .code = &payers::code_taken}};
constexpr std::string_view coverages_patient_columns[] = {"patient_id"};
constexpr EntityIndex coverages_indexes[] = {{.name = "coverages_patient", .columns = coverages_patient_columns}};

constexpr std::string_view uses_year_columns[] = {"coverage_id", "year"};
constexpr std::string_view uses_invoice_columns[] = {"invoice_id"};
constexpr EntityIndex uses_indexes[] = {{.name = "coverage_uses_year", .columns = uses_year_columns},
                                        {.name = "coverage_uses_invoice", .columns = uses_invoice_columns}};

}  // namespace

const Entity Stored<payers::Payer>::entity{.id = 83,
                                           .name = "payers",
                                           .meaning = "who pays beside patients",
                                           .type = &type_of<payers::Payer>,
                                           .indexes = payers_indexes};
const Entity Stored<coverages::Coverage>::entity{.id = 84,
                                                 .name = "coverages",
                                                 .meaning = "which payer pays for which patient",
                                                 .type = &type_of<coverages::Coverage>,
                                                 .sealed_for = SealedFor::patient,
                                                 .indexes = coverages_indexes};

const Entity Stored<coverages::Use>::entity{.id = 95,
                                            .name = "coverage_uses",
                                            .meaning = "what issued invoices used of coverages",
                                            .type = &type_of<coverages::Use>,
                                            .indexes = uses_indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::payers {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<payers::Payer>().table(),
                                              &storage::layout_of<coverages::Coverage>().table(),
                                              &storage::layout_of<coverages::Use>().table()};
  return all;
}

}  // namespace medflow::inline v1::payers
