// What other modules ask about prices, taxes and fee rules. Nothing here asks whether the caller may read it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "kernel/work.hpp"
#include "medflow/prices.hpp"

namespace medflow::inline v1::prices {

std::optional<Item> item_of(kernel::Work& work, const PriceItemId& id);

/// What the item costs in a list on a day, in millionths of the currency's unit; none where it has no price then.
std::optional<std::int64_t> price_on(const Item& item, std::string_view list, const Currency& currency, Date day);

/// The rate of a tax code on a day, in parts of a million: 0 before its first one. None where there is no such code in use.
std::optional<std::uint32_t> rate_on(kernel::Work& work, std::string_view tax_code, Date day);

/// Whether there is such a code in use.
bool is_known_tax_code(kernel::Work& work, std::string_view tax_code);

/// The rules that are in use and hold on this day, by id.
std::vector<fee_rules::FeeRule> rules_in_force(kernel::Work& work, Date day);

/// All follow-up rules there ever were, by id.
std::vector<fee_rules::FeeRule> follow_up_rules(kernel::Work& work);

}  // namespace medflow::inline v1::prices
