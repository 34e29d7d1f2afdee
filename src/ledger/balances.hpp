// What operations, exports and prints answer with.
#pragma once

#include <optional>

#include "kernel/work.hpp"
#include "medflow/ledger.hpp"

namespace medflow::inline v1::ledger {

/// Throws Failure `invalid` where `to` is before `from`.
inline void require_order(const std::optional<Date>& from, const std::optional<Date>& to) {
  if (from && to && *to < *from) throw Failure(codes::invalid, "/to", "date.order", "it cannot be before from");
}

Balances balances_of(kernel::Work& work, const TrialBalance& request);

}  // namespace medflow::inline v1::ledger

namespace medflow::inline v1::reports {

RevenueReport revenue_of(kernel::Work& work, const Revenue& request);
AgingReport aging_of(kernel::Work& work, const Aging& request);
/// Of a patient within reach.
PatientStatement statement_of(kernel::Work& work, const Statement& request);

}  // namespace medflow::inline v1::reports
