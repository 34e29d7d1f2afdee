#include "money/amounts.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <numeric>
#include <regex>

#include "tests/money/worked_out.hpp"
#include "tests/support/dice.hpp"

using namespace medflow;
using namespace medflow::testing;
using money::Wide;

namespace {

constexpr Rounding both[] = {Rounding::half_up, Rounding::half_even};
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();

Currency currency(std::string_view code) { return Currency::parse(code).value(); }

template <class Call>
std::string code_thrown(Call&& call) {
  try {
    call();
  } catch (const Failure& failure) {
    return std::string(failure.error.code.name);
  }
  return "";
}

using Amounts = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("BIL-2, R7: halves go away from zero, or to the even neighbour") {
  const auto up = [](std::int64_t n, std::int64_t d) { return money::quotient(n, d, Rounding::half_up); };
  const auto even = [](std::int64_t n, std::int64_t d) { return money::quotient(n, d, Rounding::half_even); };
  CHECK(up(5, 10) == 1);
  CHECK(up(15, 10) == 2);
  CHECK(up(25, 10) == 3);
  CHECK(up(-5, 10) == -1);
  CHECK(up(-25, 10) == -3);
  CHECK(even(5, 10) == 0);
  CHECK(even(15, 10) == 2);
  CHECK(even(25, 10) == 2);
  CHECK(even(35, 10) == 4);
  CHECK(even(-5, 10) == 0);
  CHECK(even(-15, 10) == -2);
  CHECK(even(-25, 10) == -2);
  for (const Rounding mode : both) {
    CHECK(money::quotient(24, 10, mode) == 2);
    CHECK(money::quotient(26, 10, mode) == 3);
    CHECK(money::quotient(-24, 10, mode) == -2);
    CHECK(money::quotient(-26, 10, mode) == -3);
    CHECK(money::quotient(1, 3, mode) == 0);
    CHECK(money::quotient(2, 3, mode) == 1);
    CHECK(money::quotient(0, 7, mode) == 0);
  }
}

TEST_CASE("BIL-1: rounding is that of fractions, for every small one and for many large ones") {
  for (const Rounding mode : both) {
    for (std::int64_t d = 1; d <= 60; ++d)
      for (std::int64_t n = 0; n <= 600; ++n) {
        const auto expected = static_cast<std::int64_t>(nearest(n, d, mode));
        REQUIRE(money::quotient(n, d, mode) == expected);
        REQUIRE(money::quotient(-n, d, mode) == -expected);
      }
    Dice dice(7);
    for (int i = 0; i < 100'000; ++i) {
      const auto d = static_cast<std::int64_t>(dice.next() >> (2 + dice.below(60))) + 1;
      const Wide n = Wide{static_cast<std::int64_t>(dice.next() >> 1U)} * d / (1 + static_cast<Wide>(dice.below(9)));
      REQUIRE(money::quotient(n, d, mode) == static_cast<std::int64_t>(nearest(n, d, mode)));
    }
  }
}

TEST_CASE("BIL-1, R6: what is beyond 64 bits is refused, and the last that fits is not") {
  for (const Rounding mode : both) {
    CHECK(money::quotient(highest, 1, mode) == highest);
    CHECK(money::quotient(lowest, 1, mode) == lowest);
    CHECK(money::quotient(Wide{highest} * 10 + 4, 10, mode) == highest);
    CHECK(money::quotient(Wide{lowest} * 10 - 4, 10, mode) == lowest);
    CHECK(code_thrown([&] { money::quotient(Wide{highest} * 10 + 6, 10, mode); }) == "money.overflow");
    CHECK(code_thrown([&] { money::quotient(Wide{lowest} * 10 - 6, 10, mode); }) == "money.overflow");
    CHECK(code_thrown([&] { money::quotient(Wide{highest} * highest, 1, mode); }) == "money.overflow");
    CHECK(code_thrown([&] { money::to_multiple(highest, 10, mode); }) == "money.overflow");
    CHECK(money::part_of(highest, 1'000'000, mode) == highest);
  }
  CHECK(money::sum(highest, 0) == highest);
  CHECK(money::sum(highest - 1, 1) == highest);
  CHECK(money::sum(lowest, highest) == -1);
  CHECK(code_thrown([] { money::sum(highest, 1); }) == "money.overflow");
  CHECK(code_thrown([] { money::sum(lowest, -1); }) == "money.overflow");
  CHECK(code_thrown([] { money::line_product(highest, highest, currency("CLF")); }) == "money.overflow");
  // The most that fields let pass: 10^10 ten-thousandths at 10^15 millionths, in a currency of four decimals.
  CHECK(code_thrown([] { money::line_product(10'000'000'000, 1'000'000'000'000'000, currency("CLF")); }).empty());
}

TEST_CASE("BIL-1: quantity times price in currencies of 0, 2, 3 and 4 decimals") {
  const auto minor = [](std::string_view code, std::int64_t quantity, std::int64_t price) {
    return money::quotient(money::line_product(quantity, price, currency(code)), money::line_denominator,
                           Rounding::half_up);
  };
  // 1.5 × 12.3456
  CHECK(minor("JPY", 15'000, 12'345'600) == 19);
  CHECK(minor("EUR", 15'000, 12'345'600) == 1'852);
  CHECK(minor("KWD", 15'000, 12'345'600) == 18'518);
  CHECK(minor("CLF", 15'000, 12'345'600) == 185'184);
  CHECK(minor("EUR", 1, 1) == 0);
  CHECK(minor("CLF", 10'000, 100) == 1);
}

TEST_CASE("BIL-2: the cases of largest remainder") {
  const Amounts equal = {1, 1, 1};
  CHECK(money::distribute(1'000, equal) == Amounts{334, 333, 333});
  const Amounts prices = {1'999, 2'999, 4'999};
  CHECK(money::distribute(100, prices) == Amounts{20, 30, 50});
  const Amounts zero_first = {0, 5, 0, 5};
  CHECK(money::distribute(3, zero_first) == Amounts{0, 2, 0, 1});
  const Amounts zeros = {0, 0};
  CHECK(money::distribute(7, zeros) == Amounts{0, 0});
  CHECK(money::distribute(7, {}).empty());
  const Amounts one = {9};
  CHECK(money::distribute(7, one) == Amounts{7});
  const Amounts huge = {highest, highest, highest};
  CHECK(money::distribute(highest, huge) ==
        Amounts{highest / 3 + 1, highest / 3, highest / 3});  // 2^63 - 1 leaves one over
}

TEST_CASE(
    "BIL-1: whatever is distributed adds up, is nowhere below 0, and no part differs by a whole unit from its due") {
  Dice dice(11);
  for (int i = 0; i < 100'000; ++i) {
    Amounts weights(1 + dice.below(8));
    const std::size_t bits = 1 + dice.below(61);
    for (std::int64_t& weight : weights)
      weight = dice.one_in(5) ? 0 : static_cast<std::int64_t>(dice.next() >> (64 - bits));
    const auto amount = static_cast<std::int64_t>(dice.next() >> (2 + dice.below(61)));
    const Amounts parts = money::distribute(amount, weights);
    const Wide all = std::accumulate(weights.begin(), weights.end(), Wide{0});
    std::vector<Exact> same(weights.begin(), weights.end());
    const std::vector<Exact> expected = handed_out(amount, same);
    Wide sum = 0;
    for (std::size_t at = 0; at < parts.size(); ++at) {
      sum += parts[at];
      REQUIRE(parts[at] == static_cast<std::int64_t>(expected[at]));
      REQUIRE(parts[at] >= 0);
      if (weights[at] == 0) REQUIRE(parts[at] == 0);
      if (all != 0) {
        const Wide apart = Wide{parts[at]} * all - Wide{amount} * weights[at];
        REQUIRE((apart < all && apart > -all));
      }
    }
    REQUIRE(sum == (all == 0 ? Wide{0} : Wide{amount}));
  }
}

TEST_CASE("BIL-2: cash rounding goes to the next multiple") {
  for (const Rounding mode : both) {
    CHECK(money::to_multiple(1'002, 5, mode) == 1'000);
    CHECK(money::to_multiple(1'003, 5, mode) == 1'005);
    CHECK(money::to_multiple(1'005, 5, mode) == 1'005);
    CHECK(money::to_multiple(0, 5, mode) == 0);
  }
  CHECK(money::to_multiple(1'005, 10, Rounding::half_up) == 1'010);
  CHECK(money::to_multiple(1'005, 10, Rounding::half_even) == 1'000);
}

TEST_CASE("R6: an amount as a decimal number of its currency's unit") {
  CHECK(money::decimal(1'250, currency("EUR")) == "12.50");
  CHECK(money::decimal(5, currency("EUR")) == "0.05");
  CHECK(money::decimal(-5, currency("EUR")) == "-0.05");
  CHECK(money::decimal(0, currency("EUR")) == "0.00");
  CHECK(money::decimal(-123'456, currency("EUR")) == "-1234.56");
  CHECK(money::decimal(1'200, currency("JPY")) == "1200");
  CHECK(money::decimal(-1, currency("JPY")) == "-1");
  CHECK(money::decimal(1'250, currency("KWD")) == "1.250");
  CHECK(money::decimal(1, currency("CLF")) == "0.0001");
  CHECK(money::decimal(highest, currency("EUR")) == "92233720368547758.07");
  CHECK(money::decimal(lowest, currency("EUR")) == "-92233720368547758.08");
}

TEST_CASE("BIL-1, R6: no source that has to do with money knows binary fractions") {
  const std::regex type(R"(\b(float|double)\b)");
  std::size_t files = 0;
  for (const char* folder : {"money", "prices", "payers", "invoices", "payments", "ledger", "printing"})
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::filesystem::path(MEDFLOW_SOURCE_DIR) / "src" / folder)) {
      const std::string ending = entry.path().extension().string();
      if (ending != ".hpp" && ending != ".cpp") continue;
      ++files;
      std::ifstream file(entry.path());
      std::string line;
      while (std::getline(file, line)) {
        if (line.find("float") == std::string::npos && line.find("double") == std::string::npos) continue;
        // What is quoted or said in a comment computes nothing.
        const std::string code = std::regex_replace(line, std::regex(R"("([^"\\]|\\.)*"|//.*$)"), "");
        CAPTURE(entry.path().string());
        CAPTURE(line);
        CHECK_FALSE(std::regex_search(code, type));
      }
    }
  CHECK(files > 30);
}
