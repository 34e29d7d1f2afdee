#include "prices/tables.hpp"

#include "prices/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view tax_codes_code_columns[] = {"code"};
constexpr EntityIndex tax_codes_indexes[] = {
    {.name = "tax_codes_code", .columns = tax_codes_code_columns, .unique = true, .code = &tax_codes::code_taken}};
constexpr std::string_view price_items_code_columns[] = {"code"};
constexpr EntityIndex price_items_indexes[] = {
    {.name = "price_items_code", .columns = price_items_code_columns, .unique = true, .code = &prices::code_taken}};

}  // namespace

const Entity Stored<tax_codes::TaxCode>::entity{.id = 80,
                                                .name = "tax_codes",
                                                .meaning = "kinds of tax and their rates",
                                                .type = &type_of<tax_codes::TaxCode>,
                                                .indexes = tax_codes_indexes};
const Entity Stored<prices::Item>::entity{.id = 81,
                                          .name = "price_items",
                                          .meaning = "what is charged, with the history of its prices",
                                          .type = &type_of<prices::Item>,
                                          .indexes = price_items_indexes};
const Entity Stored<fee_rules::FeeRule>::entity{.id = 82,
                                                .name = "fee_rules",
                                                .meaning = "rules by which visits are cheaper",
                                                .type = &type_of<fee_rules::FeeRule>};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::prices {

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<tax_codes::TaxCode>().table(),
                                              &storage::layout_of<prices::Item>().table(),
                                              &storage::layout_of<fee_rules::FeeRule>().table()};
  return all;
}

}  // namespace medflow::inline v1::prices
