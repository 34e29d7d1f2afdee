// What an invoice comes to (R7): a pure function of its lines and terms.
#pragma once

#include <optional>
#include <vector>

#include "kernel/field_errors.hpp"
#include "medflow/invoices.hpp"
#include "money/amounts.hpp"

namespace medflow::inline v1::money {

struct Terms {
  Currency currency{};
  TaxMode tax_mode = TaxMode::exclusive;
  Rounding rounding = Rounding::half_up;
  std::uint32_t cash_rounding = 0;
};

struct Totals {
  std::vector<invoices::Tax> taxes{};  ///< by tax code and rate
  std::int64_t gross = 0;              ///< Σ gross of lines
  std::int64_t discounts = 0;          ///< Σ discounts of lines
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t rounding = 0;
  std::int64_t total = 0;
  std::int64_t discount_micro = 0;  ///< what `discount_rate` says
};

/// Fills in what lines come to (gross, discount_amount, net) and adds them up. In `inclusive` mode gross and discount hold their tax, net does not.
/// A discount that has no reason, is above its line or above the whole is added to `errors` at its pointer (`/lines/0/discount`, `/discount`).
/// Throws Failure `money.overflow`.
Totals add_up(std::vector<invoices::Line>& lines, const std::optional<Discount>& discount, const Terms& terms,
              kernel::FieldErrors& errors);

/// What is wrong with discounts whatever they are taken off, as `add_up` says it: for lines that cannot be added up.
void check_discounts(const std::vector<invoices::Line>& lines, const std::optional<Discount>& discount,
                     kernel::FieldErrors& errors);

/// What is taken off a line that was added up, without its tax: in `inclusive` mode `discount_amount` holds it.
std::int64_t untaxed_discount(const invoices::Line& line, TaxMode tax_mode, Rounding rounding);

/// What part of the whole's gross was taken off, in parts of a million rounded up. It is reckoned before anything is rounded, so that 10 % off is
/// never more than 10 %, however small the amounts are.
std::int64_t discount_rate(const Totals& totals);

}  // namespace medflow::inline v1::money
