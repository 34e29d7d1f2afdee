#include "money/totals.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace medflow::inline v1::money {
namespace {

constexpr std::int64_t whole = whole_micro;

void require_reason(const Discount& discount, const std::string& pointer, kernel::FieldErrors& errors) {
  if (discount.reason.empty()) errors.add(pointer, "discount.reason", "say why something is taken off");
}

void refuse_too_large(const std::string& pointer, kernel::FieldErrors& errors) {
  errors.add(pointer, "discount.too_large", "more is taken off than there is");
}

/// What was taken off before anything was rounded, in millionths of `line_denominator` parts of a minor unit, and of what.
struct TakenOff {
  Wide gross = 0;
  Wide taken = 0;

  std::int64_t rate() const {
    if (gross == 0) return 0;
    return static_cast<std::int64_t>(std::min((taken + gross - 1) / gross, Wide{whole}));
  }
};

/// The line's amount after its own discount, rounded once.
std::int64_t amount_of(invoices::Line& line, const std::string& pointer, const Terms& terms, TakenOff& off,
                       kernel::FieldErrors& errors) {
  const Wide product = line_product(line.quantity, line.price_micro, terms.currency);
  line.gross = quotient(product, line_denominator, terms.rounding);
  off.gross += product;
  if (!line.discount) return line.gross;
  const Discount& discount = *line.discount;
  require_reason(discount, pointer, errors);
  const bool percent = discount.kind == DiscountKind::percent;
  if (discount.value > (percent ? whole : line.gross)) {
    refuse_too_large(pointer, errors);
    return line.gross;
  }
  if (percent) {
    off.taken += product * discount.value;
    return quotient(product * (whole - discount.value), Wide{line_denominator} * whole, terms.rounding);
  }
  // A discount as high as the rounded amount may be above the exact one.
  const Wide taken = std::min(Wide{discount.value} * line_denominator, product);
  off.taken += taken * whole;
  return quotient(product - taken, line_denominator, terms.rounding);
}

std::int64_t bill_discount(const Discount& discount, std::int64_t all, const Terms& terms, TakenOff& off,
                           Totals& totals, kernel::FieldErrors& errors) {
  require_reason(discount, "/discount", errors);
  const bool percent = discount.kind == DiscountKind::percent;
  if (discount.value > (percent ? whole : all)) {
    refuse_too_large("/discount", errors);
    return 0;
  }
  if (!percent) {
    off.taken += Wide{discount.value} * line_denominator * whole;
    totals.discount_micro = off.rate();
    return discount.value;
  }
  totals.discount_micro = whole - (whole - off.rate()) * (whole - discount.value) / whole;
  return part_of(all, discount.value, terms.rounding);
}

/// The lines of one tax code and rate.
struct Group {
  std::string_view tax_code{};
  std::uint32_t rate_micro = 0;
  std::vector<std::size_t> lines{};
};

std::vector<Group> groups_of(const std::vector<invoices::Line>& lines) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const invoices::Line& line = lines[i];
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& each) {
      return each.tax_code == line.tax_code && each.rate_micro == line.rate_micro;
    });
    if (group == groups.end()) group = groups.insert(group, {.tax_code = line.tax_code, .rate_micro = line.rate_micro});
    group->lines.push_back(i);
  }
  std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return std::tie(a.tax_code, a.rate_micro) < std::tie(b.tax_code, b.rate_micro);
  });
  return groups;
}

/// Takes the tax out of amounts that hold it; `net` of the group's lines becomes what remains.
invoices::Tax tax_within(const Group& group, std::vector<invoices::Line>& lines, const Terms& terms) {
  std::vector<std::int64_t> amounts;
  std::int64_t all = 0;
  for (const std::size_t i : group.lines) {
    amounts.push_back(lines[i].net);
    all = sum(all, lines[i].net);
  }
  const std::int64_t tax = quotient(Wide{all} * group.rate_micro, whole + group.rate_micro, terms.rounding);
  const std::vector<std::int64_t> nets = distribute(all - tax, amounts);
  for (std::size_t i = 0; i < nets.size(); ++i) lines[group.lines[i]].net = nets[i];
  return {.tax_code = std::string(group.tax_code), .rate_micro = group.rate_micro, .base = all - tax, .amount = tax};
}

invoices::Tax tax_on(const Group& group, const std::vector<invoices::Line>& lines, const Terms& terms) {
  std::int64_t base = 0;
  for (const std::size_t i : group.lines) base = sum(base, lines[i].net);
  return {.tax_code = std::string(group.tax_code),
          .rate_micro = group.rate_micro,
          .base = base,
          .amount = part_of(base, group.rate_micro, terms.rounding)};
}

}  // namespace

Totals add_up(std::vector<invoices::Line>& lines, const std::optional<Discount>& discount, const Terms& terms,
              kernel::FieldErrors& errors) {
  Totals totals;
  TakenOff off;
  std::vector<std::int64_t> amounts;
  amounts.reserve(lines.size());
  std::int64_t all = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    amounts.push_back(amount_of(lines[i], kernel::item_pointer("/lines", i, "discount"), terms, off, errors));
    all = sum(all, amounts.back());
    totals.gross = sum(totals.gross, lines[i].gross);
  }
  totals.discount_micro = off.rate();
  std::vector<std::int64_t> parts(lines.size());
  if (discount) parts = distribute(bill_discount(*discount, all, terms, off, totals, errors), amounts);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    lines[i].net = amounts[i] - parts[i];
    lines[i].discount_amount = lines[i].gross - lines[i].net;
    totals.discounts += lines[i].discount_amount;
  }
  for (const Group& group : groups_of(lines)) {
    invoices::Tax tax =
        terms.tax_mode == TaxMode::inclusive ? tax_within(group, lines, terms) : tax_on(group, lines, terms);
    totals.net = sum(totals.net, tax.base);
    totals.tax = sum(totals.tax, tax.amount);
    // What has no tax code is not taxed, which is no tax to be shown.
    if (!tax.tax_code.empty() || tax.rate_micro != 0) totals.taxes.push_back(std::move(tax));
  }
  const std::int64_t exact = sum(totals.net, totals.tax);
  totals.total = terms.cash_rounding == 0 ? exact : to_multiple(exact, terms.cash_rounding, terms.rounding);
  totals.rounding = totals.total - exact;
  return totals;
}

void check_discounts(const std::vector<invoices::Line>& lines, const std::optional<Discount>& discount,
                     kernel::FieldErrors& errors) {
  const auto check = [&](const Discount& one, const std::string& pointer) {
    require_reason(one, pointer, errors);
    if (one.kind == DiscountKind::percent && one.value > whole) refuse_too_large(pointer, errors);
  };
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].discount) check(*lines[i].discount, kernel::item_pointer("/lines", i, "discount"));
  if (discount) check(*discount, "/discount");
}

std::int64_t untaxed_discount(const invoices::Line& line, TaxMode tax_mode, Rounding rounding) {
  if (tax_mode == TaxMode::exclusive) return line.discount_amount;
  return quotient(Wide{line.discount_amount} * whole, whole + line.rate_micro, rounding);
}

std::int64_t discount_rate(const Totals& totals) { return totals.discount_micro; }

}  // namespace medflow::inline v1::money
