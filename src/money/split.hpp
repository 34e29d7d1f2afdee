// Who pays an invoice (BIL-10): a pure function of its total and the patient's coverages.
#pragma once

#include <vector>

#include "medflow/invoices.hpp"
#include "medflow/payers.hpp"
#include "money/amounts.hpp"

namespace medflow::inline v1::money {

struct Split {
  std::vector<invoices::PayerShare> shares{};  ///< by rank; only those above 0
  std::int64_t patient = 0;
};

/// The days of an invoice's services, the first and the last.
struct Days {
  Days(Date one) : first(one), last(one) {}  // NOLINT(google-explicit-constructor): most have one day
  Days(Date from, Date to) : first(from), last(to) {}
  Date first;
  Date last;
};

/// Shares a total among coverages that are active and valid on all days of the services, or, where none is and they have several, on that of the
/// issue; of its currency, by rank, then id. Each payer's share is
/// reckoned on the whole total by its own terms: less what is left of its deductible for the year of issue, less its copay, at most its limits; and
/// at most what those before it have left. `deductible_used`, `paid_in_year` and `used_year` of the coverages are brought up to date.
Split split(std::int64_t total, const Currency& currency, const Days& served, Date issued,
            std::vector<coverages::Coverage>& coverages, Rounding mode);

}  // namespace medflow::inline v1::money
