// What a credit note comes to: a pure function of its invoice and of what was credited before.
#pragma once

#include <vector>

#include "kernel/field_errors.hpp"
#include "medflow/invoices.hpp"

namespace medflow::inline v1::credit_notes {

/// Fills in lines, taxes, amounts and shares. Of each tax the notes together have the part that their lines are of its base, so that
/// notes over all lines have just the invoice's tax; the shares fall in the proportion of what is left of them. No note is below 0 and all
/// together are never above the invoice: of a total that was rounded down the last notes are less. Without `lines` all that is left is credited.
/// What is wrong is added to `errors`.
void reckon(const invoices::Invoice& invoice, const std::vector<CreditNote>& before,
            const std::vector<CreditLine>& lines, CreditNote& note, kernel::FieldErrors& errors);

}  // namespace medflow::inline v1::credit_notes
