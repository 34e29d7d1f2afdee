// Money as tests work it out a second time: written from the rules R6 and R7, with fractions and no rounding but one, and nothing of src/money
// in it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "medflow/invoices.hpp"

namespace medflow::testing {

__extension__ using Exact = __int128;

/// n/d to the nearest whole number, of fractions that are not below 0: by trying the one below and the one above.
inline Exact nearest(Exact n, Exact d, Rounding mode) {
  const Exact below = n / d;
  const Exact to_below = n - below * d;
  const Exact to_above = (below + 1) * d - n;
  if (to_below != to_above) return to_below < to_above ? below : below + 1;
  if (mode == Rounding::half_up) return below + 1;
  return below % 2 == 0 ? below : below + 1;
}

inline Exact power_of_ten(int exponent) {
  Exact power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

/// Hands out one unit after the other to the part that is furthest below what it is due.
inline std::vector<Exact> handed_out(Exact amount, const std::vector<Exact>& weights) {
  Exact all = 0;
  for (const Exact weight : weights) all += weight;
  std::vector<Exact> parts(weights.size(), 0);
  if (all == 0) return parts;
  Exact left = amount;
  for (std::size_t i = 0; i < weights.size(); ++i) left -= parts[i] = amount * weights[i] / all;
  std::vector<bool> served(weights.size(), false);
  for (; left > 0; --left) {
    std::size_t furthest = weights.size();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (served[i]) continue;
      const auto behind = [&](std::size_t at) { return amount * weights[at] - (amount * weights[at] / all) * all; };
      if (furthest == weights.size() || behind(i) > behind(furthest)) furthest = i;
    }
    served[furthest] = true;
    ++parts[furthest];
  }
  return parts;
}

/// What an invoice comes to.
struct Expected {
  std::vector<Exact> nets{};
  Exact net = 0;
  Exact tax = 0;
  Exact rounding = 0;
  Exact total = 0;
};

struct Asked {
  int exponent = 2;
  bool inclusive = false;
  Rounding mode = Rounding::half_up;
  std::int64_t cash_rounding = 0;
};

/// Of an invoice whose discounts are not above what they are taken off.
inline Expected worked_out(const std::vector<invoices::Line>& lines, const std::optional<Discount>& discount,
                           const Asked& asked) {
  const Exact million = 1'000'000;
  const Exact parts_of_minor = power_of_ten(16);  // of 10^-4 × 10^-6 × 10^-6
  std::vector<Exact> amounts;
  Exact all = 0;
  for (const invoices::Line& line : lines) {
    Exact exact = Exact{line.quantity} * line.price_micro * power_of_ten(asked.exponent) * million;
    if (line.discount && line.discount->kind == DiscountKind::percent) exact -= exact / million * line.discount->value;
    if (line.discount && line.discount->kind == DiscountKind::fixed) exact -= line.discount->value * parts_of_minor;
    if (exact < 0) exact = 0;
    amounts.push_back(nearest(exact, parts_of_minor, asked.mode));
    all += amounts.back();
  }
  Exact off = 0;
  if (discount)
    off = discount->kind == DiscountKind::fixed ? Exact{discount->value}
                                                : nearest(all * discount->value, million, asked.mode);
  const std::vector<Exact> parts = handed_out(off, amounts);
  Expected expected;
  std::map<std::pair<std::string, std::uint32_t>, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    expected.nets.push_back(amounts[i] - parts[i]);
    groups[{lines[i].tax_code, lines[i].rate_micro}].push_back(i);
  }
  for (const auto& [key, members] : groups) {
    const Exact rate = key.second;
    Exact sum = 0;
    std::vector<Exact> weights;
    for (const std::size_t i : members) {
      sum += expected.nets[i];
      weights.push_back(expected.nets[i]);
    }
    if (!asked.inclusive) {
      expected.net += sum;
      expected.tax += nearest(sum * rate, million, asked.mode);
      continue;
    }
    const Exact tax = nearest(sum * rate, million + rate, asked.mode);
    expected.tax += tax;
    expected.net += sum - tax;
    const std::vector<Exact> nets = handed_out(sum - tax, weights);
    for (std::size_t i = 0; i < members.size(); ++i) expected.nets[members[i]] = nets[i];
  }
  const Exact exact = expected.net + expected.tax;
  expected.total = exact;
  if (asked.cash_rounding > 0) expected.total = nearest(exact, asked.cash_rounding, asked.mode) * asked.cash_rounding;
  expected.rounding = expected.total - exact;
  return expected;
}

}  // namespace medflow::testing
