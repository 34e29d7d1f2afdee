// What is printed is decided in the call. It is set when it is pulled, outside every transaction: PDF takes its time.
#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>

#include "invoices/entities.hpp"
#include "invoices/views.hpp"
#include "kernel/handler.hpp"
#include "kernel/platform_state.hpp"
#include "ledger/balances.hpp"
#include "ledger/csv.hpp"
#include "ledger/entities.hpp"
#include "payments/recording.hpp"
#include "printing/around.hpp"
#include "printing/codes.hpp"
#include "printing/hash.hpp"

namespace medflow::inline v1::printing {
namespace {

using kernel::Rows;
using kernel::Work;

/// Gives out a paper, which it sets when the first piece is asked for.
class Printout {
 public:
  Printout(Paper paper, PrintFormat format, std::shared_ptr<PdfPrinter> printer)
      : paper_(std::move(paper)), format_(format), printer_(std::move(printer)) {}

  Result<std::size_t> pull(std::span<std::byte> out) {
    if (!is_set_) {
      try {
        bytes_ = set();
      } catch (...) {  // what the printer says may quote the paper
        return Error{.code = failed};
      }
      is_set_ = true;
    }
    const std::size_t n = std::min(out.size(), bytes_.size() - sent_);
    std::memcpy(out.data(), bytes_.data() + sent_, n);
    sent_ += n;
    return n;
  }

 private:
  std::string set() const {
    switch (format_) {
      case PrintFormat::text:
        return as_text(paper_);
      case PrintFormat::pdf:
        return printer_->print(paper_);
      case PrintFormat::html:
        break;
    }
    return as_html(paper_);
  }

  Paper paper_;
  PrintFormat format_;
  std::shared_ptr<PdfPrinter> printer_;
  std::string bytes_{};
  std::size_t sent_ = 0;
  bool is_set_ = false;
};

/// A number as the name of a file.
std::string file_name(std::string stem, std::string_view ending) {
  for (char& c : stem)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-') c = '-';
  return stem.append(".").append(ending);
}

Stream printed(const Work& work, PrintFormat format, std::string stem, Paper paper) {
  std::shared_ptr<PdfPrinter> printer;
  Stream stream{.media_type = "text/html; charset=utf-8", .file_name = file_name(stem, "html")};
  if (format == PrintFormat::text) {
    stream.media_type = "text/plain; charset=utf-8";
    stream.file_name = file_name(std::move(stem), "txt");
  } else if (format == PrintFormat::pdf) {
    printer = work.session().platform().options().pdf_printer;
    if (printer == nullptr) throw Failure(no_pdf);
    stream.media_type = "application/pdf";
    stream.file_name = file_name(std::move(stem), "pdf");
  }
  auto printout = std::make_shared<Printout>(std::move(paper), format, std::move(printer));
  stream.pull = [printout](std::span<std::byte> out) { return printout->pull(out); };
  return stream;
}

}  // namespace
}  // namespace medflow::inline v1::printing

namespace medflow::inline v1::invoices {

using printing::around_of;
using printing::Sight;

Stream handle(kernel::Work& work, const Print& request) {
  const Invoice invoice = kernel::Rows<Invoice>(work).get(request.id);
  work.concerns(invoice.patient_id);
  const bool issued = invoice.status == InvoiceStatus::issued || invoice.status == InvoiceStatus::voided;
  auto around = issued ? printing::around_kept(work, invoice)
                       : around_of(work, invoice.facility_id, invoice.patient_id, invoice.shares, Sight::of_caller);
  if (issued && !may_name(work, invoice.patient_id)) around.patient.clear();
  return printing::printed(work, request.format, invoice.number.value_or("DRAFT"), printing::paper_of(invoice, around));
}

}  // namespace medflow::inline v1::invoices

namespace medflow::inline v1::credit_notes {

using kernel::Rows;

/// Who reaches its invoice reaches a credit note.
Stream handle(kernel::Work& work, const Print& request) {
  work.about(request.id.uuid);
  work.event().table = Rows<CreditNote>::layout().table().id;
  const auto note = Rows<CreditNote>(work).find(request.id);
  const auto invoice = note ? Rows<invoices::Invoice>(work).find(note->invoice_id) : std::nullopt;
  if (!invoice) throw Failure(codes::not_found);
  work.event().revision = note->revision;
  work.concerns(note->patient_id);
  auto around = printing::around_kept(work, *note, *invoice);
  if (!invoices::may_name(work, note->patient_id)) around.patient.clear();
  return printing::printed(work, request.format, note->number,
                           printing::paper_of(*note, invoice->number.value_or(""), around));
}

}  // namespace medflow::inline v1::credit_notes

namespace medflow::inline v1::payments {

using kernel::Rows;

Stream handle(kernel::Work& work, const Print& request) {
  const Payment payment = Rows<Payment>(work).get(request.id);
  if (payment.patient_id) work.concerns(*payment.patient_id);
  std::vector<invoices::PayerShare> payers;
  if (payment.payer_id) payers.push_back({.payer_id = *payment.payer_id});
  auto around = printing::around_of(work, payment.facility_id, payment.patient_id, payers, printing::Sight::of_caller);
  std::vector<InvoiceId> ids;
  for (const Allocation& each : payment.allocations) ids.push_back(each.invoice_id);
  for (const auto& invoice : Rows<invoices::Invoice>(work).get_many(ids))
    if (invoice.number) around.invoices.emplace_back(invoice.id, *invoice.number);
  for (const refunds::Refund& refund : refunds_of(work, payment.id))
    if (refund.state == refunds::RefundState::completed) around.paid_back += refund.amount;
  return printing::printed(work, request.format, payment.number, printing::paper_of(payment, around));
}

}  // namespace medflow::inline v1::payments

namespace medflow::inline v1::reports {

Stream handle(kernel::Work& work, const PrintStatement& request) {
  const Statement asked{.patient_id = request.patient_id, .from = request.from, .to = request.to};
  const PatientStatement statement = statement_of(work, asked);
  work.concerns(request.patient_id);
  if (request.csv)
    return {.media_type = "text/csv; charset=utf-8",
            .file_name = "statement.csv",
            .pull = Content::of("", statement_csv(statement)).pull};
  const auto around = printing::around_of(work, {}, request.patient_id, {}, printing::Sight::of_caller);
  return printing::printed(work, request.format, "statement",
                           printing::paper_of(statement, around, request.from, request.to));
}

}  // namespace medflow::inline v1::reports

MEDFLOW_HANDLE(medflow::invoices::Print);
MEDFLOW_HANDLE(medflow::credit_notes::Print);
MEDFLOW_HANDLE(medflow::payments::Print);
MEDFLOW_HANDLE(medflow::reports::PrintStatement);
