// Paper as HTML and text: pure functions, the same bytes for the same paper.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "medflow/invoices.hpp"
#include "medflow/ledger.hpp"
#include "medflow/ports.hpp"

namespace medflow::inline v1::printing {

std::string as_html(const Paper& paper);
std::string as_text(const Paper& paper);

/// What is known around an invoice.
struct Around {
  std::string issuer{};    ///< the tenant's name and the facility
  std::string language{};  ///< of what is printed here; values are in any
  std::string patient{};   ///< name and MRN
  Zone zone{};             ///< the tenant's: papers have the days of its books
  /// The names of payers, and the numbers of invoices, that are on it.
  std::vector<std::pair<PayerId, std::string>> payers{};
  std::vector<std::pair<InvoiceId, std::string>> invoices{};
  std::vector<std::string> lines{};  ///< of a credit note: what the lines of its invoice say
  std::int64_t paid_back = 0;        ///< of a receipt: what of its money went out again
};

/// The invoice as it was issued: what follows from the journal is not on it, so that a reprint is the same.
Paper paper_of(const invoices::Invoice& invoice, const Around& around);
Paper paper_of(const credit_notes::CreditNote& note, std::string_view invoice_number, const Around& around);
Paper paper_of(const payments::Payment& payment, const Around& around);
Paper paper_of(const reports::PatientStatement& statement, const Around& around, std::optional<Date> from = {},
               std::optional<Date> to = {});

}  // namespace medflow::inline v1::printing
