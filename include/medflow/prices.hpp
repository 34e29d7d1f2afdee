// What is charged: tax codes and their rates, price lists with their history, and rules by which something is cheaper.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/operation.hpp"

namespace medflow::inline v1 {

/// Parts of a million: 10 % is 100,000. Of taxes, discounts and shares; never more than the whole.
inline constexpr std::int64_t whole_micro = 1'000'000;

}  // namespace medflow::inline v1

namespace medflow::inline v1::tax_codes {

/// A rate, from a day on until the next one begins.
struct Rate {
  Date valid_from{};
  std::uint32_t rate_micro = 0;  ///< parts of a million: 20 % is 200,000
};

/// A kind of tax (UNCL 5305: S, Z, E …, or the tenant's own word) and its rates.
struct TaxCode {
  TaxCodeId id{};
  std::uint64_t revision = 0;
  std::string code{};  ///< unique in the tenant, at most 20 visible ASCII characters
  std::string name{};
  std::vector<Rate> rates{};  ///< by their first days, at most 50; before the first one nothing is taxed by this code
  bool active = true;         ///< whether new lines may have it
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// All tax codes, by id.
/// Fails: forbidden.
struct List {
  using Output = Page<TaxCode>;
  std::optional<bool> active{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "tax_codes.list",
                                       .method = Method::get,
                                       .path = "/tax_codes",
                                       .permission = Permission::catalog_read,
                                       .summary = "List tax codes",
                                       .object = "tax_code"};
};

/// Adds a tax code. With `id`, the same call again answers what there is.
/// Fails, first match wins: forbidden; invalid (two rates from one day); conflict `conflict.id_reused`, `tax_code.taken`.
struct Create {
  using Output = TaxCode;
  std::optional<TaxCodeId> id{};
  std::string code{};
  std::string name{};
  std::vector<Rate> rates{};

  static constexpr Operation operation{.name = "tax_codes.create",
                                       .method = Method::post,
                                       .path = "/tax_codes",
                                       .permission = Permission::catalog_manage,
                                       .effect = Effect::write,
                                       .summary = "Add a tax code",
                                       .object = "tax_code",
                                       .status = 201};
};

/// Changes a tax code. Rates that hold today or held before stay as they are; later ones may be added and changed.
/// Fails, first match wins: forbidden; not_found; invalid; conflict `tax_code.history`; `conflict.revision`.
struct Update {
  using Output = TaxCode;
  TaxCodeId id{};
  std::optional<std::uint64_t> revision{};
  std::string name{};
  std::vector<Rate> rates{};
  std::optional<bool> active{};  ///< as it is where it is not said

  static constexpr Operation operation{.name = "tax_codes.update",
                                       .method = Method::put,
                                       .path = "/tax_codes/{id}",
                                       .permission = Permission::catalog_manage,
                                       .effect = Effect::write,
                                       .summary = "Change a tax code",
                                       .object = "tax_code"};
};

}  // namespace medflow::inline v1::tax_codes

namespace medflow::inline v1::prices {

/// A price of a list in one currency, from a day on.
struct Price {
  std::string list{};  ///< at most 40 visible ASCII characters
  Currency currency{};
  std::int64_t price_micro = 0;    ///< in millionths of the currency's unit: 12.50 is 12,500,000; at most 10^15
  Date valid_from{};               ///< the first day
  std::optional<Date> valid_to{};  ///< the last day
};

/// Something that is charged (FHIR ChargeItemDefinition), and what it costs and did cost.
struct Item {
  PriceItemId id{};
  std::uint64_t revision = 0;
  std::string code{};  ///< unique in the tenant, at most 40 visible ASCII characters
  std::string name{};
  std::string tax_code{};       ///< by which it is taxed; empty for none
  std::string category{};       ///< at most 40 characters, the tenant's own
  std::vector<Price> prices{};  ///< by list, currency and first day; at most 1,000
  bool active = true;           ///< whether new lines may have it
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// All items, by id.
/// Fails: forbidden.
struct List {
  using Output = Page<Item>;
  std::optional<bool> active{};
  std::string category{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "prices.list",
                                       .method = Method::get,
                                       .path = "/prices",
                                       .permission = Permission::catalog_read,
                                       .summary = "List what is charged",
                                       .object = "price_item"};
};

/// One item with all its prices.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Item;
  PriceItemId id{};

  static constexpr Operation operation{.name = "prices.get",
                                       .method = Method::get,
                                       .path = "/prices/{id}",
                                       .permission = Permission::catalog_read,
                                       .summary = "Read an item and its prices",
                                       .object = "price_item"};
};

/// Adds an item, without a price. With `id`, the same call again answers what there is.
/// Fails, first match wins: forbidden; invalid (an unknown tax code); conflict `conflict.id_reused`, `price.code_taken`.
struct Create {
  using Output = Item;
  std::optional<PriceItemId> id{};
  std::string code{};
  std::string name{};
  std::string tax_code{};
  std::string category{};

  static constexpr Operation operation{.name = "prices.create",
                                       .method = Method::post,
                                       .path = "/prices",
                                       .permission = Permission::catalog_manage,
                                       .effect = Effect::write,
                                       .summary = "Add an item to the price list",
                                       .object = "price_item",
                                       .status = 201};
};

/// Changes an item; its prices stay.
/// Fails, first match wins: forbidden; not_found; invalid; `conflict.revision`.
struct Update {
  using Output = Item;
  PriceItemId id{};
  std::optional<std::uint64_t> revision{};
  std::string name{};
  std::string tax_code{};
  std::string category{};
  std::optional<bool> active{};  ///< as it is where it is not said

  static constexpr Operation operation{.name = "prices.update",
                                       .method = Method::put,
                                       .path = "/prices/{id}",
                                       .permission = Permission::catalog_manage,
                                       .effect = Effect::write,
                                       .summary = "Change an item of the price list",
                                       .object = "price_item"};
};

/// Sets what an item costs in a list from a day on. The price before ends on the day before; those that there were stay to be read.
/// Fails, first match wins: forbidden; not_found; invalid (`valid_to` before `valid_from`); conflict `price.history` (not later than the first
/// day of the list's last price); `conflict.revision`.
struct SetPrice {
  using Output = Item;
  PriceItemId id{};
  std::optional<std::uint64_t> revision{};
  std::string list{};                  ///< the tenant's setting `price_list` where it is not said
  std::optional<Currency> currency{};  ///< the tenant's where it is not said
  std::int64_t price_micro = 0;
  Date valid_from{};
  std::optional<Date> valid_to{};

  static constexpr Operation operation{.name = "prices.set",
                                       .method = Method::post,
                                       .path = "/prices/{id}/prices",
                                       .permission = Permission::catalog_manage,
                                       .effect = Effect::write,
                                       .summary = "Set a price from a day on",
                                       .object = "price_item"};
};

}  // namespace medflow::inline v1::prices

namespace medflow::inline v1::fee_rules {

enum class RuleKind : std::uint8_t {
  follow_up,  ///< visits soon after one of which something was charged, by no such rule, with the same doctor
  exemption,  ///< patients of an age
};

/// A rule by which the charge of a visit is cheaper: data, not a script. Of several that fit the one that takes most off goes.
struct FeeRule {
  FeeRuleId id{};
  std::uint64_t revision = 0;
  std::string name{};  ///< it is the discount's reason on the invoice
  RuleKind kind = RuleKind::follow_up;
  std::vector<ServiceId> service_ids{};            ///< for these only; none: for all; at most 50
  std::vector<PractitionerId> practitioner_ids{};  ///< with these doctors only; none: with all; at most 50
  std::uint32_t visits = 1;                        ///< of a follow-up: how many visits after a charged one, 1 to 100
  std::uint32_t days = 0;                          ///< of a follow-up: within how many days of it, 1 to 730
  std::optional<std::uint32_t> age_from{};         ///< of an exemption: in whole years on the day of the visit
  std::optional<std::uint32_t> age_below{};        ///< the same; at least one of both
  std::uint32_t percent_micro = 1'000'000;         ///< how much is taken off, in parts of a million
  std::optional<Date> valid_from{};
  std::optional<Date> valid_to{};
  bool active = true;
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};
};

/// All rules, by id.
/// Fails: forbidden.
struct List {
  using Output = Page<FeeRule>;
  std::optional<bool> active{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "fee_rules.list",
                                       .method = Method::get,
                                       .path = "/fee_rules",
                                       .permission = Permission::catalog_read,
                                       .summary = "List the rules by which visits are cheaper",
                                       .object = "fee_rule"};
};

/// Adds a rule. With `id`, the same call again answers what there is.
/// Fails, first match wins: forbidden; invalid (an unknown service or doctor; no days; no age); conflict `conflict.id_reused`.
struct Create {
  using Output = FeeRule;
  std::optional<FeeRuleId> id{};
  std::string name{};
  RuleKind kind = RuleKind::follow_up;
  std::vector<ServiceId> service_ids{};
  std::vector<PractitionerId> practitioner_ids{};
  std::uint32_t visits = 1;
  std::uint32_t days = 0;
  std::optional<std::uint32_t> age_from{};
  std::optional<std::uint32_t> age_below{};
  std::uint32_t percent_micro = 1'000'000;
  std::optional<Date> valid_from{};
  std::optional<Date> valid_to{};

  static constexpr Operation operation{.name = "fee_rules.create",
                                       .method = Method::post,
                                       .path = "/fee_rules",
                                       .permission = Permission::catalog_manage,
                                       .effect = Effect::write,
                                       .summary = "Add a rule by which visits are cheaper",
                                       .object = "fee_rule",
                                       .status = 201};
};

/// Ends a rule, or takes it into use again, for visits that are completed from now on.
/// Fails, first match wins: forbidden; not_found; invalid; `conflict.revision`.
struct Update {
  using Output = FeeRule;
  FeeRuleId id{};
  std::optional<std::uint64_t> revision{};
  std::string name{};
  std::optional<Date> valid_to{};
  std::optional<bool> active{};  ///< as it is where it is not said

  static constexpr Operation operation{.name = "fee_rules.update",
                                       .method = Method::put,
                                       .path = "/fee_rules/{id}",
                                       .permission = Permission::catalog_manage,
                                       .effect = Effect::write,
                                       .summary = "Change a rule by which visits are cheaper",
                                       .object = "fee_rule"};
};

}  // namespace medflow::inline v1::fee_rules
