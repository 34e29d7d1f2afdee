#include "money/totals.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "tests/money/worked_out.hpp"
#include "tests/support/dice.hpp"

using namespace medflow;
using namespace medflow::testing;
using invoices::Line;
using money::Terms;
using money::Totals;

namespace {

constexpr std::uint32_t percent = 10'000;

Currency currency(std::string_view code) { return Currency::parse(code).value(); }
Terms terms(TaxMode mode = TaxMode::exclusive, Rounding rounding = Rounding::half_up, std::string_view code = "EUR") {
  return {.currency = currency(code), .tax_mode = mode, .rounding = rounding};
}

/// So many whole ones at a price in cents.
Line line(std::int64_t times, std::int64_t cents, std::uint32_t rate = 0, std::string tax_code = "S") {
  return {
      .quantity = times * 10'000, .price_micro = cents * 10'000, .tax_code = std::move(tax_code), .rate_micro = rate};
}
Line with(Line line, DiscountKind kind, std::int64_t value, std::string reason = "kind") {
  line.discount = Discount{.kind = kind, .value = value, .reason = std::move(reason)};
  return line;
}
Discount off(DiscountKind kind, std::int64_t value, std::string reason = "kind") {
  return {.kind = kind, .value = value, .reason = std::move(reason)};
}

/// Adds up, and shows what holds of every invoice.
Totals added(std::vector<Line>& lines, const Terms& of, const std::optional<Discount>& discount = {}) {
  kernel::FieldErrors errors;
  Totals totals = money::add_up(lines, discount, of, errors);
  errors.refuse();
  std::int64_t nets = 0;
  std::int64_t taxes = 0;
  for (const Line& each : lines) nets += each.net;
  for (const invoices::Tax& each : totals.taxes) taxes += each.amount;
  CHECK(totals.net == nets);
  CHECK(totals.tax == taxes);
  CHECK(totals.total == nets + taxes + totals.rounding);
  return totals;
}

/// "/lines/0/discount:discount.reason", as tests show what fields are wrong.
std::string refused(std::vector<Line> lines, const std::optional<Discount>& discount = {}) {
  kernel::FieldErrors errors;
  money::add_up(lines, discount, terms(), errors);
  try {
    errors.refuse();
  } catch (const Failure& failure) {
    std::string text;
    for (const FieldError& each : failure.error.fields)
      text += (text.empty() ? "" : " ") + each.pointer + ":" + each.code;
    return text;
  }
  return "";
}

constexpr Rounding both[] = {Rounding::half_up, Rounding::half_even};

}  // namespace

TEST_CASE("BIL-2: 16 × 348.35, 4 % off, 22 % tax") {
  for (const Rounding mode : both) {
    std::vector<Line> lines = {with(line(16, 34'835, 22 * percent), DiscountKind::percent, 4 * percent)};
    const Totals totals = added(lines, terms(TaxMode::exclusive, mode));
    CHECK(totals.net == 535'066);
    CHECK(totals.tax == 117'715);
    CHECK(totals.total == 652'781);
    CHECK(totals.gross == 557'360);
    CHECK(lines[0].gross == 557'360);
    CHECK(lines[0].discount_amount == 22'294);
    CHECK(totals.discounts == 22'294);
    REQUIRE(totals.taxes.size() == 1);
    CHECK(totals.taxes[0].base == 535'066);
    CHECK(totals.taxes[0].rate_micro == 220'000);
  }
}

TEST_CASE("BIL-2: tax is rounded once on the sum of its lines") {
  for (const Rounding mode : both) {
    std::vector<Line> two = {line(1, 5'555, 23 * percent), line(1, 1'111, 23 * percent)};
    CHECK(added(two, terms(TaxMode::exclusive, mode)).tax == 1'533);
    std::vector<Line> four = {line(4, 148, 21 * percent), line(1, 152, 21 * percent), line(1, 154, 21 * percent),
                              line(1, 39, 21 * percent)};
    const Totals totals = added(four, terms(TaxMode::exclusive, mode));
    CHECK(totals.net == 937);
    CHECK(totals.tax == 197);
    CHECK(totals.total == 1'134);
  }
}

TEST_CASE("BIL-2: prices that hold their tax") {
  for (const Rounding mode : both) {
    std::vector<Line> ten = {line(10, 380, 55'000)};
    const Totals totals = added(ten, terms(TaxMode::inclusive, mode));
    CHECK(totals.tax == 198);
    CHECK(totals.net == 3'602);
    CHECK(totals.gross == 3'800);
    CHECK(totals.total == 3'800);
    CHECK(ten[0].net == 3'602);
    CHECK(ten[0].gross == 3'800);
    CHECK(ten[0].discount_amount == 0);
    // The same on ten lines: the printed lines add up to the same net.
    std::vector<Line> each(10, line(1, 380, 55'000));
    const Totals apart = added(each, terms(TaxMode::inclusive, mode));
    CHECK(apart.net == 3'602);
    CHECK(apart.tax == 198);
    CHECK(each.front().net == 361);
    CHECK(each.back().net == 360);
  }
}

TEST_CASE("BIL-2: the two ways of rounding differ at halves only") {
  // 0.25 × 0.10 is 2.5 cents; 0.35 × 0.10 is 3.5.
  const auto net = [](std::int64_t quantity, Rounding mode) {
    std::vector<Line> lines = {{.quantity = quantity, .price_micro = 100'000}};
    return added(lines, terms(TaxMode::exclusive, mode)).net;
  };
  CHECK(net(2'500, Rounding::half_up) == 3);
  CHECK(net(2'500, Rounding::half_even) == 2);
  CHECK(net(3'500, Rounding::half_up) == 4);
  CHECK(net(3'500, Rounding::half_even) == 4);
  CHECK(net(2'501, Rounding::half_even) == 3);
  // 5 % of 0.10 and of 0.30.
  const auto tax = [](std::int64_t cents, Rounding mode) {
    std::vector<Line> lines = {line(1, cents, 5 * percent)};
    return added(lines, terms(TaxMode::exclusive, mode)).tax;
  };
  CHECK(tax(10, Rounding::half_up) == 1);
  CHECK(tax(10, Rounding::half_even) == 0);
  CHECK(tax(30, Rounding::half_up) == 2);
  CHECK(tax(30, Rounding::half_even) == 2);
}

TEST_CASE("BIL-3: 100,500 less 500 of a line is 100,000, less 10,000 of the bill 90,000") {
  for (const Rounding mode : both) {
    std::vector<Line> lines = {with(line(1, 60'500), DiscountKind::fixed, 500), line(1, 40'000)};
    const Totals totals = added(lines, terms(TaxMode::exclusive, mode), off(DiscountKind::fixed, 10'000));
    CHECK(totals.gross == 100'500);
    CHECK(totals.net == 90'000);
    CHECK(totals.total == 90'000);
    CHECK(totals.discounts == 10'500);
    CHECK(lines[0].net == 54'000);
    CHECK(lines[0].discount_amount == 6'500);
    CHECK(lines[1].net == 36'000);
    std::vector<Line> same = {with(line(1, 60'500), DiscountKind::fixed, 500), line(1, 40'000)};
    CHECK(added(same, terms(TaxMode::exclusive, mode), off(DiscountKind::percent, 10 * percent)).total == 90'000);
  }
}

TEST_CASE("BIL-3, BIL-2: a discount of the bill goes to its lines by largest remainder") {
  std::vector<Line> equal(3, line(1, 1'000));
  added(equal, terms(), off(DiscountKind::fixed, 1'000));
  CHECK(equal[0].discount_amount == 334);
  CHECK(equal[1].discount_amount == 333);
  CHECK(equal[2].discount_amount == 333);
  std::vector<Line> prices = {line(1, 1'999), line(1, 2'999), line(1, 4'999)};
  added(prices, terms(), off(DiscountKind::fixed, 100));
  CHECK(prices[0].discount_amount == 20);
  CHECK(prices[1].discount_amount == 30);
  CHECK(prices[2].discount_amount == 50);
}

TEST_CASE("BIL-3: a discount needs a reason and is never above what it is taken off") {
  const auto kind = DiscountKind::fixed;
  CHECK(refused({with(line(1, 100), kind, 100)}).empty());
  CHECK(refused({line(1, 100), with(line(1, 100), kind, 101)}) == "/lines/1/discount:discount.too_large");
  CHECK(refused({with(line(1, 100), DiscountKind::percent, 1'000'000)}).empty());
  CHECK(refused({with(line(1, 100), DiscountKind::percent, 1'000'001)}) == "/lines/0/discount:discount.too_large");
  CHECK(refused({with(line(1, 100), kind, 1, "")}) == "/lines/0/discount:discount.reason");
  CHECK(refused({line(1, 100), line(1, 50)}, off(kind, 150)).empty());
  CHECK(refused({line(1, 100), line(1, 50)}, off(kind, 151)) == "/discount:discount.too_large");
  CHECK(refused({line(1, 100)}, off(DiscountKind::percent, 1'000'001)) == "/discount:discount.too_large");
  CHECK(refused({line(1, 100)}, off(kind, 1, "")) == "/discount:discount.reason");
  CHECK(refused({with(line(1, 100), kind, 60)}, off(kind, 41)) == "/discount:discount.too_large");
  CHECK(refused({with(line(1, 100), kind, 101, ""), with(line(1, 10), kind, 11)}, off(kind, 300, "")) ==
        "/lines/0/discount:discount.reason /lines/0/discount:discount.too_large /lines/1/discount:discount.too_large "
        "/discount:discount.reason /discount:discount.too_large");
}

TEST_CASE("BIL-3: a discount as high as the rounded amount leaves nothing, and not less") {
  for (const Rounding mode : both) {
    // 1.5 × 0.01 is shown as 2 cents.
    std::vector<Line> lines = {{.quantity = 15'000, .price_micro = 10'000}};
    lines[0].discount = off(DiscountKind::fixed, 2);
    const Totals totals = added(lines, terms(TaxMode::exclusive, mode));
    CHECK(lines[0].gross == 2);
    CHECK(totals.total == 0);
  }
}

TEST_CASE("BIL-3: 10 % off is 10 %, however the cents fall") {
  for (const Rounding mode : both)
    for (std::int64_t cents = 1; cents <= 200; ++cents) {
      std::vector<Line> whole = {line(1, cents)};
      CHECK(money::discount_rate(added(whole, terms(TaxMode::exclusive, mode), off(DiscountKind::percent, 100'000))) ==
            100'000);
      std::vector<Line> lines(3, with(line(1, cents), DiscountKind::percent, 100'000));
      CHECK(money::discount_rate(added(lines, terms(TaxMode::inclusive, mode))) == 100'000);
    }
  const auto rate = [](std::vector<Line> lines, const std::optional<Discount>& discount = {}) {
    return money::discount_rate(added(lines, terms(), discount));
  };
  CHECK(rate({line(1, 1'000)}) == 0);
  CHECK(rate({}) == 0);
  CHECK(rate({line(1, 0)}, off(DiscountKind::fixed, 0)) == 0);
  CHECK(rate({line(1, 1'000)}, off(DiscountKind::fixed, 100)) == 100'000);
  CHECK(rate({line(1, 1'000)}, off(DiscountKind::fixed, 101)) == 101'000);
  CHECK(rate({line(1, 900)}, off(DiscountKind::fixed, 91)) == 101'112);  // 101,111.1…: never rounded down
  CHECK(rate({with(line(1, 1'000), DiscountKind::fixed, 100), line(1, 1'000)}) == 50'000);
  CHECK(rate({with(line(1, 1'000), DiscountKind::percent, 100'000)}, off(DiscountKind::percent, 100'000)) == 190'000);
  CHECK(rate({with(line(1, 1'000), DiscountKind::percent, 1'000'000)}) == 1'000'000);
}

TEST_CASE("BIL-2: each code and rate is taxed by itself; what has no code is not taxed and shows no tax") {
  std::vector<Line> lines = {line(1, 1'000, 200'000, "S"), line(1, 500, 0, ""), line(1, 700, 50'000, "R"),
                             line(1, 300, 0, "Z"), line(1, 100, 190'000, "S")};
  const Totals totals = added(lines, terms());
  REQUIRE(totals.taxes.size() == 4);
  const auto is = [&](std::size_t at, std::string_view code, std::uint32_t rate, std::int64_t base, std::int64_t tax) {
    const invoices::Tax& each = totals.taxes[at];
    CHECK(each.tax_code == code);
    CHECK(each.rate_micro == rate);
    CHECK(each.base == base);
    CHECK(each.amount == tax);
  };
  is(0, "R", 50'000, 700, 35);
  is(1, "S", 190'000, 100, 19);
  is(2, "S", 200'000, 1'000, 200);
  is(3, "Z", 0, 300, 0);
  CHECK(totals.net == 2'600);
  CHECK(totals.total == 2'854);
}

TEST_CASE("BIL-2: cash rounding is a line of its own") {
  Terms of = terms();
  of.cash_rounding = 5;
  std::vector<Line> lines = {line(1, 1'002, 100'000)};  // 11.02
  const Totals totals = added(lines, of);
  CHECK(totals.net == 1'002);
  CHECK(totals.tax == 100);
  CHECK(totals.rounding == -2);
  CHECK(totals.total == 1'100);
  lines = {line(1, 1'003)};
  CHECK(added(lines, of).rounding == 2);
}

TEST_CASE("BIL-1, R6: amounts that 64 bits do not hold are refused, wherever they come up") {
  const auto code_of = [](std::vector<Line> lines, Terms of = terms()) -> std::string {
    kernel::FieldErrors errors;
    try {
      money::add_up(lines, std::nullopt, of, errors);
    } catch (const Failure& failure) {
      return std::string(failure.error.code.name);
    }
    return "";
  };
  constexpr std::int64_t quantity_max = 10'000'000'000;
  constexpr std::int64_t price_max = 1'000'000'000'000'000;
  const auto most = [](std::int64_t quantity, std::uint32_t rate) {
    return Line{.quantity = quantity, .price_micro = price_max, .tax_code = "S", .rate_micro = rate};
  };
  CHECK(code_of({most(quantity_max, 0)}).empty());  // 10^17 cents
  CHECK(code_of(std::vector<Line>(92, most(quantity_max, 0))).empty());
  CHECK(code_of(std::vector<Line>(93, most(quantity_max, 0))) == "money.overflow");
  CHECK(code_of(std::vector<Line>(92, most(quantity_max, 1'000'000))) == "money.overflow");
  CHECK(code_of({most(quantity_max, 0)}, terms(TaxMode::exclusive, Rounding::half_up, "CLF")) == "money.overflow");
  CHECK(code_of({most(std::numeric_limits<std::int64_t>::max(), 0)}) == "money.overflow");
}

TEST_CASE("BIL-1, BIL-2, R7: a million random invoices, worked out a second time") {
  constexpr std::string_view codes[] = {"JPY", "EUR", "KWD", "CLF"};
  constexpr std::uint32_t rates[] = {0, 55'000, 70'000, 190'000, 200'000, 220'000, 333'333, 1'000'000};
  constexpr std::uint32_t steps[] = {0, 0, 0, 1, 5, 10, 50, 100};
  const std::string tax_codes[] = {"", "S", "Z"};
  Currency currencies[4];
  for (std::size_t i = 0; i < 4; ++i) currencies[i] = currency(codes[i]);
  Dice dice(2026);
  std::uint64_t wrong = 0;
  std::uint64_t rounded = 0;
  std::vector<Line> lines;
  for (int times = 0; times < 1'000'000; ++times) {
    Terms of{.currency = dice.of(currencies),
             .tax_mode = dice.one_in(2) ? TaxMode::inclusive : TaxMode::exclusive,
             .rounding = dice.one_in(2) ? Rounding::half_even : Rounding::half_up,
             .cash_rounding = dice.of(steps)};
    // Prices in whole minor units as a rule, so that halves come often; at times anything.
    const std::int64_t unit = dice.one_in(4) ? 1 : static_cast<std::int64_t>(power_of_ten(6 - of.currency.exponent));
    lines.resize(1 + dice.below(5));
    for (Line& each : lines) {
      each.quantity =
          static_cast<std::int64_t>(dice.one_in(2) ? 10'000 * (1 + dice.below(20)) : 1 + dice.below(60'000));
      each.price_micro = static_cast<std::int64_t>(dice.below(30'000)) * unit;
      each.tax_code = dice.of(tax_codes);
      each.rate_micro = each.tax_code.empty() ? 0 : dice.of(rates);
      each.discount.reset();
      if (dice.one_in(4)) {
        const Exact all = nearest(Exact{each.quantity} * each.price_micro * power_of_ten(of.currency.exponent),
                                  power_of_ten(10), of.rounding);
        const auto share = static_cast<std::int64_t>(dice.below(1'000'001));
        each.discount = dice.one_in(2) ? off(DiscountKind::percent, share / 5'000 * 5'000)
                                       : off(DiscountKind::fixed, static_cast<std::int64_t>(all * share / 1'000'000));
      }
    }
    const Asked asked{.exponent = of.currency.exponent,
                      .inclusive = of.tax_mode == TaxMode::inclusive,
                      .mode = of.rounding,
                      .cash_rounding = of.cash_rounding};
    std::optional<Discount> discount;
    if (dice.one_in(3)) {
      Exact amount = 0;
      Asked before = asked;
      before.inclusive = false;
      amount = worked_out(lines, {}, before).net;
      const auto share = static_cast<std::int64_t>(dice.below(1'000'001));
      discount = dice.one_in(2) ? off(DiscountKind::percent, share / 5'000 * 5'000)
                                : off(DiscountKind::fixed, static_cast<std::int64_t>(amount * share / 1'000'000));
    }
    const Expected expected = worked_out(lines, discount, asked);
    kernel::FieldErrors errors;
    const Totals totals = money::add_up(lines, discount, of, errors);
    errors.refuse();
    bool right = totals.net == expected.net && totals.tax == expected.tax && totals.rounding == expected.rounding &&
                 totals.total == expected.total && totals.total >= 0;
    std::int64_t nets = 0;
    std::int64_t taxes = 0;
    std::int64_t shown = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      nets += lines[i].net;
      shown += lines[i].gross - lines[i].discount_amount;
      right = right && lines[i].net == expected.nets[i] && lines[i].net >= 0 && lines[i].gross >= lines[i].net &&
              lines[i].discount_amount >= 0;
    }
    for (const invoices::Tax& tax : totals.taxes) {
      taxes += tax.amount;
      right = right && tax.amount >= 0 && tax.base >= 0;
    }
    right = right && nets == totals.net && taxes == totals.tax && nets + taxes + totals.rounding == totals.total &&
            shown == (asked.inclusive ? nets + taxes : nets) && totals.gross - totals.discounts == shown;
    wrong += right ? 0 : 1;
    rounded += totals.rounding != 0 ? 1 : 0;
    if (!right && wrong == 1) {
      CAPTURE(times);
      CHECK(totals.total == static_cast<std::int64_t>(expected.total));
      CHECK(totals.net == static_cast<std::int64_t>(expected.net));
      CHECK(totals.tax == static_cast<std::int64_t>(expected.tax));
      CHECK(right);
    }
  }
  CHECK(wrong == 0);
  CHECK(rounded > 100'000);
}
