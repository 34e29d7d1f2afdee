// What is kept of a paper when it is issued: the SHA-256 of its text, in hexadecimal. A reprint has the same.
#pragma once

#include <string>
#include <string_view>

#include "kernel/work.hpp"
#include "printing/paper.hpp"

namespace medflow::inline v1::printing {

/// Writes down how who issues it, the patient and its payers are called now, whatever the caller may see: so a reprint is the same when one of
/// them is called otherwise. It has its shares by then.
void keep_names(kernel::Work& work, invoices::Invoice& invoice);
void keep_names(kernel::Work& work, credit_notes::CreditNote& note);

/// What is printed around it, as it was written down then and as far as it was opened.
Around around_kept(kernel::Work& work, const invoices::Invoice& invoice);
Around around_kept(kernel::Work& work, const credit_notes::CreditNote& note, const invoices::Invoice& invoice);

/// Of the invoice as it is printed once it is issued: it has its number, dates, lines, amounts and names by then. Voiding it changes nothing.
std::string hash_of_print(const invoices::Invoice& invoice, const Around& around);
std::string hash_of_print(const credit_notes::CreditNote& note, std::string_view invoice_number, const Around& around);

}  // namespace medflow::inline v1::printing
