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

}  // namespace medflow::inline v1::invoices
