// What invoices use of a patient's coverages: deductibles and yearly limits.
#pragma once

#include "kernel/work.hpp"
#include "medflow/invoices.hpp"

namespace medflow::inline v1::invoices {

/// Gives an invoice that is being issued its payers' shares: those that were said by hand, else by the patient's coverages. What it uses of them
/// is counted.
void use_coverages(kernel::Work& work, Invoice& invoice);

/// An invoice was voided: its coverages get back just what it used.
void release_coverages(kernel::Work& work, const Invoice& invoice);

/// A part of an invoice was credited. Limits get back the payers' credited shares. A deductible gets back what the note is of what was left of the
/// total: the shares fall in that proportion, so what remains was paid by whoever had to pay it. `credited_before` is the total of all notes before.
void give_back(kernel::Work& work, const Invoice& invoice, const credit_notes::CreditNote& note,
               std::int64_t credited_before);

}  // namespace medflow::inline v1::invoices
