#include "invoices/coverage_use.hpp"

#include <algorithm>

#include "invoices/entities.hpp"
#include "invoices/unchecked.hpp"
#include "kernel/aside.hpp"
#include "money/split.hpp"
#include "payers/entities.hpp"
#include "payers/lookup.hpp"

namespace medflow::inline v1::invoices {

using coverages::Coverage;
using kernel::Rows;
using kernel::Work;
using storage::Cell;

namespace {

/// Whether its shares were said by hand and name no coverage: then none is used.
bool uses_none(const Invoice& invoice) {
  return !invoice.shares.empty() && std::none_of(invoice.shares.begin(), invoice.shares.end(),
                                                 [](const PayerShare& share) { return share.coverage_id.has_value(); });
}

/// What a coverage says of a year.
struct Counted {
  std::uint32_t year = 0;
  std::int64_t deductible = 0;
  std::int64_t paid = 0;
};

Counted counted(const Coverage& coverage) {
  return {.year = coverage.used_year, .deductible = coverage.deductible_used, .paid = coverage.paid_in_year};
}

void count(Coverage& coverage, const Counted& counted) {
  coverage.used_year = counted.year;
  coverage.deductible_used = counted.deductible;
  coverage.paid_in_year = counted.paid;
}

/// The same from what each invoice used.
Counted uses_in(Work& work, const CoverageId& coverage, std::uint32_t year) {
  Counted found{.year = year};
  const Cell equal[] = {Cell::bytes(coverage.uuid.view()), Cell::of(std::int64_t{year})};
  scan_unchecked<coverages::Use>(work, {.index = "coverage_uses_year", .equal = equal}, [&](const coverages::Use& use) {
    found.deductible = money::sum(found.deductible, use.deductible);
    found.paid = money::sum(found.paid, use.paid);
    return true;
  });
  return found;
}

/// The days on which a coverage has to be valid: those of the services.
money::Days served_on(const Invoice& invoice) {
  if (invoice.lines.empty()) return *invoice.issue_date;
  const auto [first, last] =
      std::minmax_element(invoice.lines.begin(), invoice.lines.end(),
                          [](const Line& a, const Line& b) { return a.service_date < b.service_date; });
  return {first->service_date, last->service_date};
}

void add_said(std::vector<Coverage>& coverages, const Invoice& invoice) {
  for (const PayerShare& share : invoice.shares)
    for (Coverage& coverage : coverages)
      if (coverage.id == share.coverage_id) coverage.paid_in_year = money::sum(coverage.paid_in_year, share.amount);
}

/// Changes what an invoice used; what its coverages show of that year follows.
template <class Change>
void change_uses(Work& work, const Invoice& invoice, Change change) {
  std::vector<coverages::Use> uses;
  const Cell equal[] = {Cell::bytes(invoice.id.uuid.view())};
  scan_unchecked<coverages::Use>(work, {.index = "coverage_uses_invoice", .equal = equal},
                                 [&](const coverages::Use& use) {
                                   uses.push_back(use);
                                   return true;
                                 });
  if (uses.empty()) return;
  const kernel::Aside aside(work);
  std::vector<Coverage> coverages = payers::coverages_of(work, invoice.patient_id);
  for (coverages::Use& use : uses) {
    change(use);
    Rows<coverages::Use>(work).update(use, use.revision);
    for (Coverage& coverage : coverages) {
      if (coverage.id != use.coverage_id || coverage.used_year != use.year) continue;
      count(coverage, uses_in(work, coverage.id, use.year));
      Rows<Coverage>(work).update(coverage, coverage.revision);
    }
  }
}

}  // namespace

void use_coverages(Work& work, Invoice& invoice) {
  if (uses_none(invoice)) return;
  std::vector<Coverage> coverages = payers::coverages_of(work, invoice.patient_id);
  const auto year = static_cast<std::uint32_t>(invoice.issue_date->year);
  std::vector<Counted> kept;
  std::vector<Counted> before;
  for (Coverage& coverage : coverages) {
    kept.push_back(counted(coverage));
    before.push_back(uses_in(work, coverage.id, year));
    count(coverage, before.back());
  }
  if (invoice.shares.empty())
    invoice.shares = money::split(invoice.total, invoice.currency, served_on(invoice), *invoice.issue_date, coverages,
                                  invoice.rounding_mode)
                         .shares;
  else
    add_said(coverages, invoice);
  const kernel::Aside aside(work);
  for (std::size_t i = 0; i < coverages.size(); ++i) {
    Coverage& coverage = coverages[i];
    coverages::Use use{.id = work.new_id(),
                       .coverage_id = coverage.id,
                       .invoice_id = invoice.id,
                       .year = year,
                       .deductible = coverage.deductible_used - before[i].deductible,
                       .paid = coverage.paid_in_year - before[i].paid};
    if (use.deductible == 0 && use.paid == 0) continue;
    Rows<coverages::Use>(work).insert(use);
    if (year < kept[i].year) continue;  // the coverage itself shows its last year
    Rows<Coverage>(work).update(coverage, coverage.revision);
  }
}

void release_coverages(Work& work, const Invoice& voided) {
  change_uses(work, voided, [](coverages::Use& use) { use.deductible = use.paid = 0; });
}

void give_back(Work& work, const Invoice& invoice, const credit_notes::CreditNote& note, std::int64_t credited_before) {
  const std::int64_t left = invoice.total - credited_before;
  if (left == 0) return;  // all of it has come back
  change_uses(work, invoice, [&](coverages::Use& use) {
    for (const PayerShare& share : note.shares)
      if (share.coverage_id == use.coverage_id) use.paid -= share.amount;
    use.deductible = money::quotient(money::Wide{use.deductible} * (left - note.total), left, invoice.rounding_mode);
  });
}

}  // namespace medflow::inline v1::invoices
