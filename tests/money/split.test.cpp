#include "money/split.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "tests/support/clinic.hpp"
#include "tests/support/dice.hpp"

using namespace medflow;
using namespace medflow::testing;
using coverages::CopayKind;
using coverages::Coverage;
using coverages::CoverageStatus;
using money::Split;

namespace {

const Currency eur = Currency::parse("EUR").value();

Uuid numbered(std::uint8_t number) {
  Uuid id;
  id.bytes[15] = number;
  return id;
}

Coverage coverage(std::uint8_t number, std::uint32_t rank) {
  return {.id = {numbered(number)},
          .payer_id = {numbered(static_cast<std::uint8_t>(number + 100))},
          .rank = rank,
          .valid_from = day("2020-01-01"),
          .currency = eur};
}

Split of(std::int64_t total, std::vector<Coverage>& coverages, std::string_view on = "2026-11-22",
         Rounding mode = Rounding::half_up) {
  Split split = money::split(total, eur, day(on), day(on), coverages, mode);
  std::int64_t all = split.patient;
  for (const invoices::PayerShare& each : split.shares) {
    CHECK(each.amount > 0);
    all += each.amount;
  }
  CHECK(split.patient >= 0);
  CHECK(all == total);
  return split;
}
/// "1:1500000 2:1000000 | 500000": whose coverage pays what, and the patient.
std::string told(const Split& split) {
  std::string text;
  for (const invoices::PayerShare& each : split.shares)
    text += std::to_string(each.coverage_id->uuid.bytes[15]) + ":" + std::to_string(each.amount) + " ";
  return text + "| " + std::to_string(split.patient);
}
std::string told(std::int64_t total, std::vector<Coverage> coverages, std::string_view on = "2026-11-22") {
  return told(of(total, coverages, on));
}

}  // namespace

TEST_CASE("BIL-10: 3,000,000 with A up to 1,500,000 and B up to 1,000,000 leaves 500,000 to the patient") {
  std::vector<Coverage> both = {coverage(1, 1), coverage(2, 2)};
  both[0].limits.per_visit = 1'500'000;
  both[1].limits.per_visit = 1'000'000;
  const Split split = of(3'000'000, both);
  CHECK(told(split) == "1:1500000 2:1000000 | 500000");
  CHECK(split.shares[0].payer_id == both[0].payer_id);
}

TEST_CASE("BIL-10: whatever A's terms become, B pays the same while something is left") {
  for (const std::int64_t limit : {0, 1, 1'000'000, 1'999'999, 2'000'000}) {
    std::vector<Coverage> both = {coverage(1, 1), coverage(2, 2)};
    both[0].limits.per_visit = limit;
    both[1].limits.per_visit = 1'000'000;
    both[1].deductible = 30'000;
    both[1].copay = {.kind = CopayKind::percent, .value = 100'000};
    const Split split = of(3'000'000, both);
    CHECK(split.shares.back().amount == 1'000'000);
    CHECK(split.shares.back().coverage_id == both[1].id);
    CHECK(both[1].deductible_used == 30'000);
  }
  std::vector<Coverage> both = {coverage(1, 1), coverage(2, 2)};
  both[0].limits.per_visit = 2'500'000;
  both[1].limits.per_visit = 1'000'000;
  CHECK(told(of(3'000'000, both)) == "1:2500000 2:500000 | 0");
}

TEST_CASE("BIL-10: deductible, then copay, then limits") {
  Coverage one = coverage(1, 1);
  CHECK(told(10'000, {one}) == "1:10000 | 0");
  one.deductible = 3'000;
  CHECK(told(10'000, {one}) == "1:7000 | 3000");
  one.copay = {.kind = CopayKind::percent, .value = 100'000};  // of what the deductible leaves
  CHECK(told(10'000, {one}) == "1:6300 | 3700");
  one.copay = {.kind = CopayKind::fixed, .value = 1'000};
  CHECK(told(10'000, {one}) == "1:6000 | 4000");
  one.limits.per_visit = 5'000;
  CHECK(told(10'000, {one}) == "1:5000 | 5000");
  one.limits.per_year = 4'500;
  CHECK(told(10'000, {one}) == "1:4500 | 5500");
  one.limits.per_year = 0;
  CHECK(told(10'000, {one}) == "| 10000");
  // Neither takes more than there is.
  CHECK(told(2'000, {one}) == "| 2000");
  one = coverage(1, 1);
  one.copay = {.kind = CopayKind::fixed, .value = 10'001};
  CHECK(told(10'000, {one}) == "| 10000");
  one.copay = {.kind = CopayKind::percent, .value = 1'000'000};
  CHECK(told(10'000, {one}) == "| 10000");
  CHECK(told(0, {coverage(1, 1)}) == "| 0");
}

TEST_CASE("BIL-10: a percent copay is rounded as the invoice is") {
  Coverage one = coverage(1, 1);
  one.copay = {.kind = CopayKind::percent, .value = 500'000};
  std::vector<Coverage> same = {one};
  CHECK(of(5, same, "2026-11-22", Rounding::half_up).patient == 3);
  same = {one};
  CHECK(of(5, same, "2026-11-22", Rounding::half_even).patient == 2);
}

TEST_CASE("BIL-10: deductible and limit of a year run over its invoices and begin anew with the next") {
  std::vector<Coverage> one = {coverage(1, 1)};
  one[0].deductible = 15'000;
  one[0].limits.per_year = 12'000;
  CHECK(told(of(10'000, one)) == "| 10000");
  CHECK(one[0].deductible_used == 10'000);
  CHECK(told(of(10'000, one)) == "1:5000 | 5000");
  CHECK(one[0].deductible_used == 15'000);
  CHECK(one[0].paid_in_year == 5'000);
  CHECK(one[0].used_year == 2026);
  CHECK(told(of(10'000, one)) == "1:7000 | 3000");
  CHECK(told(of(10'000, one)) == "| 10000");
  CHECK(told(of(20'000, one, "2027-01-01")) == "1:5000 | 15000");
  CHECK(one[0].used_year == 2027);
  CHECK(one[0].paid_in_year == 5'000);
  // An invoice of the year before leaves what is counted of this one.
  CHECK(told(of(16'000, one, "2026-12-31")) == "1:1000 | 15000");
  CHECK(one[0].used_year == 2027);
  CHECK(one[0].paid_in_year == 5'000);
  CHECK(one[0].deductible_used == 15'000);
}

TEST_CASE("BIL-10: terms that became stricter than what was used take nothing back") {
  std::vector<Coverage> one = {coverage(1, 1)};
  one[0].deductible = 1'000;
  one[0].deductible_used = 5'000;
  one[0].limits.per_year = 2'000;
  one[0].paid_in_year = 9'000;
  one[0].used_year = 2026;
  CHECK(told(of(10'000, one)) == "| 10000");
  CHECK(one[0].deductible_used == 5'000);
  CHECK(one[0].paid_in_year == 9'000);
}

TEST_CASE("BIL-10: payers come by rank, then by id; who does not apply pays nothing and is left as it is") {
  std::vector<Coverage> three = {coverage(3, 2), coverage(2, 2), coverage(1, 3)};
  for (Coverage& each : three) each.limits.per_visit = 4'000;
  CHECK(told(of(10'000, three)) == "2:4000 3:4000 1:2000 | 0");
  Coverage one = coverage(1, 1);
  one.status = CoverageStatus::proposed;
  CHECK(told(100, {one}) == "| 100");
  one.status = CoverageStatus::ended;
  CHECK(told(100, {one}) == "| 100");
  one = coverage(1, 1);
  one.currency = Currency::parse("USD").value();
  CHECK(told(100, {one}) == "| 100");
  one = coverage(1, 1);
  one.valid_from = day("2026-11-22");
  one.valid_to = day("2026-11-22");
  CHECK(told(100, {one}) == "1:100 | 0");
  CHECK(told(100, {one}, "2026-11-21") == "| 100");
  CHECK(told(100, {one}, "2026-11-23") == "| 100");
  std::vector<Coverage> ended = {one};
  of(100, ended, "2026-11-23");
  CHECK(ended[0].used_year == 0);
}

TEST_CASE("BIL-10: who was covered on the day of the services is, and what is paid counts for the year of issue") {
  std::vector<Coverage> both = {coverage(1, 1), coverage(2, 2)};
  both[0].valid_to = day("2026-12-31");
  both[1].valid_from = day("2027-01-01");
  for (Coverage& each : both) each.limits.per_year = 1'000;
  both[0].used_year = 2027;
  both[0].paid_in_year = 400;
  const Split split = money::split(5'000, eur, day("2026-12-30"), day("2027-01-04"), both, Rounding::half_up);
  REQUIRE(split.shares.size() == 1);
  CHECK(split.shares[0].coverage_id == both[0].id);
  CHECK(split.shares[0].amount == 600);
  CHECK(both[0].used_year == 2027);
  CHECK(both[0].paid_in_year == 1'000);
  CHECK(both[1].used_year == 0);
}

TEST_CASE("BIL-10, R6: what a payer pays in a year fits 64 bits, or the invoice is refused") {
  std::vector<Coverage> one = {coverage(1, 1)};
  one[0].used_year = 2026;
  one[0].paid_in_year = std::numeric_limits<std::int64_t>::max();
  try {
    money::split(1, eur, day("2026-11-22"), day("2026-11-22"), one, Rounding::half_up);
    FAIL("it was not refused");
  } catch (const Failure& failure) {
    CHECK(failure.error.code.name == "money.overflow");
  }
}

TEST_CASE("BIL-10: 200,000 random splits add up, and another payer's terms change no share while something is left") {
  Dice dice(10);
  const auto random_terms = [&](Coverage& each) {
    const auto amount = [&] { return static_cast<std::int64_t>(dice.below(12'000)); };
    if (dice.one_in(2)) each.limits.per_visit = amount();
    if (dice.one_in(3)) each.limits.per_year = amount() * 3;
    if (dice.one_in(2)) each.deductible = amount();
    if (dice.one_in(2)) each.copay = {.kind = CopayKind::fixed, .value = amount()};
    if (dice.one_in(3))
      each.copay = {.kind = CopayKind::percent, .value = static_cast<std::int64_t>(dice.below(1'000'001))};
    each.used_year = dice.one_in(2) ? 2026 : 2025;
    each.paid_in_year = amount();
    each.deductible_used = amount() / 4;
  };
  const auto sum_of = [](const Split& split) {
    std::int64_t all = split.patient;
    for (const auto& each : split.shares) all += each.amount;
    return all;
  };
  const Date today = day("2026-11-22");
  std::uint64_t wrong = 0;
  std::uint64_t compared = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::vector<Coverage> payers = {coverage(1, 1), coverage(2, 2), coverage(3, 3)};
    for (Coverage& each : payers) random_terms(each);
    std::vector<Coverage> others = payers;
    Coverage& changed = others[dice.below(3)];
    const Coverage fresh = coverage(changed.id.uuid.bytes[15], changed.rank);
    changed = fresh;
    random_terms(changed);
    const auto total = static_cast<std::int64_t>(dice.below(20'000));
    const Split before = money::split(total, eur, today, today, payers, Rounding::half_up);
    const Split after = money::split(total, eur, today, today, others, Rounding::half_up);
    bool right = sum_of(before) == total && sum_of(after) == total && before.patient >= 0 && after.patient >= 0;
    if (before.patient > 0 && after.patient > 0) {
      ++compared;
      const auto share = [](const Split& split, const CoverageId& id) -> std::int64_t {
        for (const auto& each : split.shares)
          if (each.coverage_id == id) return each.amount;
        return 0;
      };
      for (const Coverage& each : payers)
        if (each.id != changed.id) right = right && share(before, each.id) == share(after, each.id);
    }
    wrong += right ? 0 : 1;
  }
  CHECK(wrong == 0);
  CHECK(compared > 50'000);
}
