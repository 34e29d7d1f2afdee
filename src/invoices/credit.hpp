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

/// What the note takes back of the discount of each line, of which `posted` says what was posted: in the proportion in which it credits the line's
/// net, so that notes over all of a line take back all of its discount. A line whose net is 0 cannot be credited and keeps it. The parts of notes
/// before are theirs, also of those that by an earlier version took nothing back: a later note makes up for none.
std::vector<std::int64_t> discounts_taken_back(const invoices::Invoice& invoice,
                                               const std::vector<std::int64_t>& posted,
                                               const std::vector<CreditNote>& before, const CreditNote& note);

}  // namespace medflow::inline v1::credit_notes
