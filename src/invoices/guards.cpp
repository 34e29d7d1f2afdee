#include "invoices/guards.hpp"

#include "invoices/unchecked.hpp"
#include "ledger/posting.hpp"

namespace medflow::inline v1::invoices {

using kernel::Work;

void require_nothing_open(Work& work, const PatientId& patient) {
  Error error{.code = patient_owes};
  std::vector<InvoiceId> issued;
  of_patient(work, patient, [&](const Invoice& invoice) {
    if (invoice.status == InvoiceStatus::draft) error.ids.push_back(invoice.id.text());
    if (invoice.status == InvoiceStatus::issued) issued.push_back(invoice.id);
    return true;
  });
  for (const InvoiceId& id : issued)
    if (ledger::standing_of(work, id).balance > 0) error.ids.push_back(id.text());
  if (ledger::has_deposit(work, patient)) error.detail = "something is on deposit";
  if (!error.ids.empty() || !error.detail.empty()) throw Failure(std::move(error));
}

void require_nothing_issued(Work& work, const AppointmentId& visit) {
  of_visit(work, visit, [&](const Invoice& invoice) {
    if (invoice.status != InvoiceStatus::issued) return true;
    Error error{.code = visit_invoiced};
    error.ids.push_back(invoice.id.text());
    throw Failure(std::move(error));
  });
}

}  // namespace medflow::inline v1::invoices
