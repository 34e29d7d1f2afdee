#include "prices/lookup.hpp"

#include <utility>

#include "prices/entities.hpp"

namespace medflow::inline v1::prices {

using kernel::Rows;
using kernel::Work;
using tax_codes::TaxCode;

namespace {

std::optional<TaxCode> tax_code_of(Work& work, std::string_view code) {
  std::optional<TaxCode> found;
  const storage::Cell equal[] = {storage::Cell::text(code)};
  Rows<TaxCode>(work).scan({.index = "tax_codes_code", .equal = equal, .limit = 1}, [&](TaxCode row) {
    if (row.active) found = std::move(row);
    return false;
  });
  return found;
}

bool holds_on(const fee_rules::FeeRule& rule, Date day) {
  return rule.active && (!rule.valid_from || *rule.valid_from <= day) && (!rule.valid_to || day <= *rule.valid_to);
}

}  // namespace

std::optional<Item> item_of(Work& work, const PriceItemId& id) { return Rows<Item>(work).find_unchecked(id, 0); }

std::optional<std::int64_t> price_on(const Item& item, std::string_view list, const Currency& currency, Date day) {
  const Price* last = nullptr;
  for (const Price& price : item.prices)
    if (price.list == list && price.currency == currency && price.valid_from <= day &&
        (last == nullptr || last->valid_from < price.valid_from))
      last = &price;
  if (last == nullptr || (last->valid_to && *last->valid_to < day)) return std::nullopt;
  return last->price_micro;
}

std::optional<std::uint32_t> rate_on(Work& work, std::string_view tax_code, Date day) {
  const auto code = tax_code_of(work, tax_code);
  if (!code) return std::nullopt;
  std::uint32_t rate = 0;
  for (const tax_codes::Rate& each : code->rates)
    if (each.valid_from <= day) rate = each.rate_micro;
  return rate;
}

bool is_known_tax_code(Work& work, std::string_view tax_code) { return tax_code_of(work, tax_code).has_value(); }

std::vector<fee_rules::FeeRule> rules_in_force(Work& work, Date day) {
  std::vector<fee_rules::FeeRule> rules;
  Rows<fee_rules::FeeRule>(work).scan({}, [&](fee_rules::FeeRule rule) {
    if (holds_on(rule, day)) rules.push_back(std::move(rule));
    return true;
  });
  return rules;
}

std::vector<fee_rules::FeeRule> follow_up_rules(Work& work) {
  std::vector<fee_rules::FeeRule> rules;
  Rows<fee_rules::FeeRule>(work).scan({}, [&](fee_rules::FeeRule rule) {
    if (rule.kind == fee_rules::RuleKind::follow_up) rules.push_back(std::move(rule));
    return true;
  });
  return rules;
}

}  // namespace medflow::inline v1::prices
