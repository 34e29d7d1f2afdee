#include "invoices/guards.hpp"

#include <algorithm>

#include "invoices/unchecked.hpp"
#include "ledger/posting.hpp"
#include "payments/recording.hpp"

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
  if (ledger::has_balance(work, patient, ledger::Account::deposits))
    error.detail = "something is on deposit";
  else if (payments::is_under_way(work, patient))
    error.detail = "a payment or a refund is under way";
  if (!error.ids.empty() || !error.detail.empty()) throw Failure(std::move(error));
}

void require_nothing_issued(Work& work, const AppointmentId& visit, const PatientId& patient) {
  std::vector<InvoiceId> issued;
  of_patient(work, patient, [&](const Invoice& invoice) {
    if (invoice.status == InvoiceStatus::issued) issued.push_back(invoice.id);
    return true;
  });
  Error error{.code = visit_invoiced};
  for (const Invoice& invoice : kernel::Rows<Invoice>(work).get_many_unchecked(issued, billing))
    if (invoice.appointment_id == visit || std::any_of(invoice.lines.begin(), invoice.lines.end(),
                                                       [&](const Line& line) { return line.appointment_id == visit; }))
      error.ids.push_back(invoice.id.text());
  if (!error.ids.empty()) throw Failure(std::move(error));
}

}  // namespace medflow::inline v1::invoices
