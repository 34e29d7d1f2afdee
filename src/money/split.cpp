#include "money/split.hpp"

#include <algorithm>
#include <tuple>

namespace medflow::inline v1::money {
namespace {

using coverages::CopayKind;
using coverages::Coverage;

bool applies(const Coverage& coverage, const Currency& currency, const Days& days) {
  return coverage.status == coverages::CoverageStatus::active && coverage.currency == currency &&
         coverage.valid_from <= days.first && (!coverage.valid_to || days.last <= *coverage.valid_to);
}

std::vector<Coverage*> those_of(std::vector<Coverage>& coverages, const Currency& currency, const Days& days) {
  std::vector<Coverage*> found;
  for (Coverage& coverage : coverages)
    if (applies(coverage, currency, days)) found.push_back(&coverage);
  return found;
}

/// Takes `amount` out of what is left, as far as that goes.
std::int64_t take(std::int64_t& left, std::int64_t amount) {
  const std::int64_t taken = std::clamp<std::int64_t>(amount, 0, left);
  left -= taken;
  return taken;
}

/// What has been used of a coverage in the year of an invoice.
struct Use {
  std::int64_t deductible = 0;
  std::int64_t paid = 0;
};

/// What the coverage pays of the total by its own terms.
std::int64_t own_share(const Coverage& coverage, std::int64_t total, Use& use, Rounding mode) {
  std::int64_t left = total;
  use.deductible += take(left, coverage.deductible - use.deductible);
  if (coverage.copay.kind == CopayKind::fixed) take(left, coverage.copay.value);
  if (coverage.copay.kind == CopayKind::percent) take(left, part_of(left, coverage.copay.value, mode));
  if (coverage.limits.per_visit) left = std::min(left, *coverage.limits.per_visit);
  if (coverage.limits.per_year) left = std::min(left, std::max<std::int64_t>(*coverage.limits.per_year - use.paid, 0));
  return left;
}

}  // namespace

Split split(std::int64_t total, const Currency& currency, const Days& served, Date issued,
            std::vector<Coverage>& coverages, Rounding mode) {
  auto payers = those_of(coverages, currency, served);
  if (payers.empty() && served.first != served.last) payers = those_of(coverages, currency, issued);
  std::sort(payers.begin(), payers.end(),
            [](const Coverage* a, const Coverage* b) { return std::tie(a->rank, a->id) < std::tie(b->rank, b->id); });

  const auto year = static_cast<std::uint32_t>(issued.year);
  Split result{.patient = total};
  for (Coverage* coverage : payers) {
    Use use;
    if (coverage->used_year == year) use = {.deductible = coverage->deductible_used, .paid = coverage->paid_in_year};
    const std::int64_t share = take(result.patient, own_share(*coverage, total, use, mode));
    use.paid = sum(use.paid, share);
    // One year is kept: an invoice of a year that is over leaves the count of the year since alone.
    if (year >= coverage->used_year) {
      coverage->used_year = year;
      coverage->deductible_used = use.deductible;
      coverage->paid_in_year = use.paid;
    }
    if (share > 0)
      result.shares.push_back({.payer_id = coverage->payer_id, .coverage_id = coverage->id, .amount = share});
  }
  return result;
}

}  // namespace medflow::inline v1::money
