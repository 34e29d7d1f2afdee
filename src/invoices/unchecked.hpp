// Invoices by their indexes, whether the caller reaches them or not, with their plain fields. Nothing of them may reach the caller.
#pragma once

#include <string_view>
#include <utility>

#include "invoices/entities.hpp"

namespace medflow::inline v1::invoices {

template <class T, class Visit>
void scan_unchecked(kernel::Work& work, storage::Scan scan, Visit&& visit) {
  const storage::Layout& layout = kernel::Rows<T>::layout();
  scan.table = &layout.table();
  work.transaction().scan(scan, [&](storage::RowView row) {
    T object;
    work.read_row(layout, row, &object);
    return visit(std::move(object));
  });
}

/// The patient's, by their ids, until `visit` answers false.
template <class Visit>
void of_patient(kernel::Work& work, const PatientId& patient, Visit&& visit) {
  const storage::Cell equal[] = {storage::Cell::bytes(patient.uuid.view())};
  scan_unchecked<Invoice>(work, {.index = "invoices_patient", .equal = equal}, std::forward<Visit>(visit));
}

/// Those of a visit.
template <class Visit>
void of_visit(kernel::Work& work, const AppointmentId& visit_id, Visit&& visit) {
  const storage::Cell equal[] = {storage::Cell::bytes(visit_id.uuid.view())};
  scan_unchecked<Invoice>(work, {.index = "invoices_appointment", .equal = equal}, std::forward<Visit>(visit));
}

/// Whether a draft or an issued invoice of the patient, other than this one, charges the visit, as a whole or by a line.
inline bool is_charged(kernel::Work& work, const AppointmentId& visit, const PatientId& patient,
                       const InvoiceId& except = {}) {
  std::vector<InvoiceId> ids;
  bool found = false;
  of_patient(work, patient, [&](const Invoice& invoice) {
    if (invoice.status != InvoiceStatus::draft && invoice.status != InvoiceStatus::issued) return true;
    if (invoice.id == except) return true;
    found = invoice.appointment_id == visit;
    ids.push_back(invoice.id);
    return !found;
  });
  if (found) return true;
  for (const Invoice& invoice : kernel::Rows<Invoice>(work).get_many_unchecked(ids, billing))
    for (const Line& line : invoice.lines)
      if (line.appointment_id == visit) return true;
  return false;
}

}  // namespace medflow::inline v1::invoices
