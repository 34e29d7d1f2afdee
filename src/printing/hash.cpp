#include "printing/hash.hpp"

#include "crypto/codec.hpp"
#include "crypto/hash.hpp"

namespace medflow::inline v1::printing {
namespace {

std::string hash_of(const Paper& paper) { return crypto::hex(crypto::sha256(as_text(paper))); }

}  // namespace

std::string hash_of_print(const invoices::Invoice& invoice, const Around& around) {
  if (invoice.status == invoices::InvoiceStatus::issued) return hash_of(paper_of(invoice, around));
  invoices::Invoice issued = invoice;
  issued.status = invoices::InvoiceStatus::issued;
  return hash_of(paper_of(issued, around));
}

std::string hash_of_print(const credit_notes::CreditNote& note, std::string_view invoice_number, const Around& around) {
  return hash_of(paper_of(note, invoice_number, around));
}

}  // namespace medflow::inline v1::printing
