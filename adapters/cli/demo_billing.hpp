// The money of a demonstration: what is charged, who pays, and invoices in every state.
#pragma once

#include <vector>

#include "medflow/patients.hpp"
#include "medflow/prices.hpp"
#include "medflow/session.hpp"

namespace medflow::cli {

/// A price list with a tax code; the one that is there already stays. Answers what a consultation is charged with. Throws Trouble.
PriceItemId price_list(const Session& admin);

/// A payer, and of these patients coverages, invoices of the last months (paid, paid in part, overdue, a draft) and payments; nothing where a
/// payment is there already. `clerk` is the billing clerk's session. Throws Trouble.
void fill_the_books(const Session& admin, const Session& clerk, const std::vector<patients::Patient>& patients,
                    Date today);

}  // namespace medflow::cli
