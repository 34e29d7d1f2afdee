// What open money forbids to patients and to visits.
#pragma once

#include "kernel/work.hpp"
#include "medflow/id.hpp"

namespace medflow::inline v1::invoices {

inline constexpr Code patient_owes{"patient.has_invoices", Errc::conflict,
                                   "The patient has drafts of invoices, or invoices that are not settled."};
inline constexpr Code visit_invoiced{"appointment.invoiced", Errc::conflict, "An issued invoice charges this visit."};

/// Throws Failure `patient.has_invoices`, naming them, where a draft is there, something of an invoice is owed, something is on deposit, or money is
/// under way (PAT-13).
void require_nothing_open(kernel::Work& work, const PatientId& patient);

/// Throws Failure `appointment.invoiced`, naming the issued invoices that charge the patient's visit, as a whole or by a line.
void require_nothing_issued(kernel::Work& work, const AppointmentId& visit, const PatientId& patient);

}  // namespace medflow::inline v1::invoices
