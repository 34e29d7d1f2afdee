// Reports as CSV (RFC 4180): amounts are decimal numbers of their currency, and no cell is a formula.
#pragma once

#include <string>
#include <string_view>

#include "medflow/ledger.hpp"

namespace medflow::inline v1::reports {

/// A text as a cell. One that a spreadsheet would take for a formula begins with an apostrophe; a number stays one.
std::string csv_cell(std::string_view text);

std::string balances_csv(const ledger::Balances& balances);
std::string revenue_csv(const RevenueReport& report);
std::string aging_csv(const AgingReport& report);
/// At its end one row `balance` for each currency, and one row `deposit` where something lies on deposit.
std::string statement_csv(const PatientStatement& statement);

}  // namespace medflow::inline v1::reports
