// The fields of tax codes, price items, fee rules and their operations (entities.md, "PriceItem").
#pragma once

#include "medflow/prices.hpp"
#include "money/money.fields.hpp"

namespace medflow {

template <>
struct Described<tax_codes::Rate> {
  using T = tax_codes::Rate;
  static constexpr std::string_view name = "TaxRate";
  static constexpr Field fields[] = {
      field<&T::valid_from>(1, "valid_from", required, {.meaning = "The first day."}),
      field<&T::rate_micro>(2, "rate_micro", required,
                            {.max = 1'000'000, .meaning = "The rate in parts of a million: 20 % is 200,000."})};
};

template <>
struct Described<tax_codes::TaxCode> {
  using T = tax_codes::TaxCode;
  static constexpr std::string_view name = "TaxCode";
  static constexpr std::string_view page_name = "TaxCodePage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::code>(3, "code", immutable,
                      {.max = 20, .text = TextRule::ascii, .meaning = "Its code, unique in the tenant."}),
      field<&T::name>(4, "name", none, {.max = 200, .meaning = "Its name."}),
      field<&T::rates>(5, "rates", none, {.items_max = 50, .meaning = "The rates, by their first days."}),
      field<&T::active>(6, "active", none, {.meaning = "Whether it is in use."}),
      field<&T::created_at>(7, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(8, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(9, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(10, "updated_by", none, {.meaning = "Who changed it last."})};
};

template <>
struct Described<tax_codes::List> {
  using T = tax_codes::List;
  static constexpr std::string_view name = "TaxCodesList";
  static constexpr Field fields[] = {
      field<&T::active>(1, "active", none, {.meaning = "Whether it is in use."}),
      field<&T::limit>(2, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."}),
      field<&T::cursor>(3, "cursor", none,
                        {.max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."})};
};

template <>
struct Described<tax_codes::Create> {
  using T = tax_codes::Create;
  static constexpr std::string_view name = "TaxCodesCreate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "An id of the caller's own (any UUID); makes the call repeatable."}),
      field<&T::code>(2, "code", required,
                      {.max = 20, .text = TextRule::ascii, .meaning = "Its code, unique in the tenant."}),
      field<&T::name>(3, "name", required, {.max = 200, .meaning = "Its name."}),
      field<&T::rates>(4, "rates", none, {.items_max = 50, .meaning = "The rates, by their first days."})};
};

template <>
struct Described<tax_codes::Update> {
  using T = tax_codes::Update;
  static constexpr std::string_view name = "TaxCodesUpdate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."}),
      field<&T::name>(3, "name", required, {.max = 200, .meaning = "Its name."}),
      field<&T::rates>(4, "rates", none, {.items_max = 50, .meaning = "The rates, by their first days."}),
      field<&T::active>(5, "active", none, {.meaning = "Whether it is in use."})};
};

template <>
struct Described<prices::Price> {
  using T = prices::Price;
  static constexpr std::string_view name = "Price";
  static constexpr Field fields[] = {
      field<&T::list>(1, "list", none, {.max = 40, .text = TextRule::ascii, .meaning = "The price list."}),
      field<&T::currency>(2, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::price_micro>(
          3, "price_micro", none,
          {.max = 1'000'000'000'000'000, .meaning = "The price of one, in millionths of the currency's unit."}),
      field<&T::valid_from>(4, "valid_from", none, {.meaning = "The first day."}),
      field<&T::valid_to>(5, "valid_to", none, {.meaning = "The last day; none for no end."})};
};

template <>
struct Described<prices::Item> {
  using T = prices::Item;
  static constexpr std::string_view name = "PriceItem";
  static constexpr std::string_view page_name = "PriceItemPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::code>(3, "code", none,
                      {.max = 40, .text = TextRule::ascii, .meaning = "Its code, unique in the tenant."}),
      field<&T::name>(4, "name", none, {.max = 200, .meaning = "Its name."}),
      field<&T::tax_code>(5, "tax_code", none,
                          {.max = 20, .text = TextRule::ascii, .meaning = "By which it is taxed; empty for none."}),
      field<&T::category>(6, "category", none, {.max = 40, .meaning = "Its category, the tenant's own."}),
      field<&T::prices>(7, "prices", none, {.items_max = 1000, .meaning = "Its prices, with those of before."}),
      field<&T::active>(8, "active", none, {.meaning = "Whether it is in use."}),
      field<&T::created_at>(9, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(10, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(11, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(12, "updated_by", none, {.meaning = "Who changed it last."})};
};

template <>
struct Described<prices::List> {
  using T = prices::List;
  static constexpr std::string_view name = "PricesList";
  static constexpr Field fields[] = {
      field<&T::active>(1, "active", none, {.meaning = "Whether it is in use."}),
      field<&T::category>(2, "category", none, {.max = 40, .meaning = "Its category, the tenant's own."}),
      field<&T::limit>(3, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."}),
      field<&T::cursor>(4, "cursor", none,
                        {.max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."})};
};

template <>
struct Described<prices::Get> {
  using T = prices::Get;
  static constexpr std::string_view name = "PricesGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, {.meaning = "Its id."})};
};

template <>
struct Described<prices::Create> {
  using T = prices::Create;
  static constexpr std::string_view name = "PricesCreate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "An id of the caller's own (any UUID); makes the call repeatable."}),
      field<&T::code>(2, "code", required,
                      {.max = 40, .text = TextRule::ascii, .meaning = "Its code, unique in the tenant."}),
      field<&T::name>(3, "name", required, {.max = 200, .meaning = "Its name."}),
      field<&T::tax_code>(4, "tax_code", none,
                          {.max = 20, .text = TextRule::ascii, .meaning = "By which it is taxed; empty for none."}),
      field<&T::category>(5, "category", none, {.max = 40, .meaning = "Its category, the tenant's own."})};
};

template <>
struct Described<prices::Update> {
  using T = prices::Update;
  static constexpr std::string_view name = "PricesUpdate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."}),
      field<&T::name>(3, "name", required, {.max = 200, .meaning = "Its name."}),
      field<&T::tax_code>(4, "tax_code", none,
                          {.max = 20, .text = TextRule::ascii, .meaning = "By which it is taxed; empty for none."}),
      field<&T::category>(5, "category", none, {.max = 40, .meaning = "Its category, the tenant's own."}),
      field<&T::active>(6, "active", none, {.meaning = "Whether it is in use."})};
};

template <>
struct Described<prices::SetPrice> {
  using T = prices::SetPrice;
  static constexpr std::string_view name = "PricesSet";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."}),
      field<&T::list>(3, "list", none, {.max = 40, .text = TextRule::ascii, .meaning = "The price list."}),
      field<&T::currency>(4, "currency", none, {.meaning = "Its currency (ISO 4217)."}),
      field<&T::price_micro>(
          5, "price_micro", required,
          {.max = 1'000'000'000'000'000, .meaning = "The price of one, in millionths of the currency's unit."}),
      field<&T::valid_from>(6, "valid_from", required, {.meaning = "The first day."}),
      field<&T::valid_to>(7, "valid_to", none, {.meaning = "The last day; none for no end."})};
};

template <>
struct Words<fee_rules::RuleKind> {
  static constexpr std::string_view name = "FeeRuleKind";
  static constexpr std::string_view words[] = {"follow_up", "exemption"};
};

template <>
struct Described<fee_rules::FeeRule> {
  using T = fee_rules::FeeRule;
  static constexpr std::string_view name = "FeeRule";
  static constexpr std::string_view page_name = "FeeRulePage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::name>(3, "name", none, {.max = 200, .meaning = "Its name."}),
      field<&T::kind>(4, "kind", none, {.meaning = "Of what kind it is."}),
      field<&T::service_ids>(5, "service_ids", none,
                             {.items_max = 50, .meaning = "For these services only; none: for all."}),
      field<&T::practitioner_ids>(6, "practitioner_ids", none,
                                  {.items_max = 50, .meaning = "With these doctors only; none: with all."}),
      field<&T::visits>(7, "visits", none, {.min = 1, .max = 100, .meaning = "How many visits after a charged one."}),
      field<&T::days>(8, "days", none, {.max = 730, .meaning = "Within how many days of the charged visit."}),
      field<&T::age_from>(9, "age_from", none, {.max = 150, .meaning = "From how many whole years of age."}),
      field<&T::age_below>(10, "age_below", none, {.max = 150, .meaning = "Below how many whole years of age."}),
      field<&T::percent_micro>(
          11, "percent_micro", none,
          {.min = 1, .max = 1'000'000, .meaning = "How much is taken off, in parts of a million."}),
      field<&T::valid_from>(12, "valid_from", none, {.meaning = "The first day."}),
      field<&T::valid_to>(13, "valid_to", none, {.meaning = "The last day; none for no end."}),
      field<&T::active>(14, "active", none, {.meaning = "Whether it is in use."}),
      field<&T::created_at>(15, "created_at", immutable, {.meaning = "When it was made."}),
      field<&T::created_by>(16, "created_by", immutable, {.meaning = "Who made it."}),
      field<&T::updated_at>(17, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::updated_by>(18, "updated_by", none, {.meaning = "Who changed it last."})};
};

template <>
struct Described<fee_rules::List> {
  using T = fee_rules::List;
  static constexpr std::string_view name = "FeeRulesList";
  static constexpr Field fields[] = {
      field<&T::active>(1, "active", none, {.meaning = "Whether it is in use."}),
      field<&T::limit>(2, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."}),
      field<&T::cursor>(3, "cursor", none,
                        {.max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."})};
};

template <>
struct Described<fee_rules::Create> {
  using T = fee_rules::Create;
  static constexpr std::string_view name = "FeeRulesCreate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, {.meaning = "An id of the caller's own (any UUID); makes the call repeatable."}),
      field<&T::name>(2, "name", required, {.max = 200, .meaning = "Its name."}),
      field<&T::kind>(3, "kind", none, {.meaning = "Of what kind it is."}),
      field<&T::service_ids>(4, "service_ids", none,
                             {.items_max = 50, .meaning = "For these services only; none: for all."}),
      field<&T::practitioner_ids>(5, "practitioner_ids", none,
                                  {.items_max = 50, .meaning = "With these doctors only; none: with all."}),
      field<&T::visits>(6, "visits", none, {.min = 1, .max = 100, .meaning = "How many visits after a charged one."}),
      field<&T::days>(7, "days", none, {.max = 730, .meaning = "Within how many days of the charged visit."}),
      field<&T::age_from>(8, "age_from", none, {.max = 150, .meaning = "From how many whole years of age."}),
      field<&T::age_below>(9, "age_below", none, {.max = 150, .meaning = "Below how many whole years of age."}),
      field<&T::percent_micro>(
          10, "percent_micro", none,
          {.min = 1, .max = 1'000'000, .meaning = "How much is taken off, in parts of a million."}),
      field<&T::valid_from>(11, "valid_from", none, {.meaning = "The first day."}),
      field<&T::valid_to>(12, "valid_to", none, {.meaning = "The last day; none for no end."})};
};

template <>
struct Described<fee_rules::Update> {
  using T = fee_rules::Update;
  static constexpr std::string_view name = "FeeRulesUpdate";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", required, {.meaning = "Its id."}),
      field<&T::revision>(2, "revision", none,
                          {.meaning = "The revision that this change is based on; also by If-Match."}),
      field<&T::name>(3, "name", required, {.max = 200, .meaning = "Its name."}),
      field<&T::valid_to>(4, "valid_to", none, {.meaning = "The last day; none for no end."}),
      field<&T::active>(5, "active", none, {.meaning = "Whether it is in use."})};
};

}  // namespace medflow
