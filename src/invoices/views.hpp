// Invoices as they are answered.
#pragma once

#include <vector>

#include "invoices/entities.hpp"

namespace medflow::inline v1::invoices {

/// With what the journal says of them and their patients' labels, without what the caller may not see, however much was opened to work on it. The
/// event names the patients.
void show(kernel::Work& work, std::vector<Invoice>& page);
Invoice shown(kernel::Work& work, Invoice invoice);

/// Whether the caller sees what is sealed in an invoice, a credit note or a write-off.
bool sees_billing(const kernel::Work& work);
/// Whether the caller may read who this patient is.
bool may_name(kernel::Work& work, const PatientId& patient);

/// The invoice, whole, if the caller may do this to it. Throws Failure `forbidden` for who may see it but not do this, `not_found` for everybody
/// else.
Invoice to_change(kernel::Work& work, const InvoiceId& id);

/// Throws Failure `transition.illegal`, naming both and what may follow.
[[noreturn]] void illegal_step(InvoiceStatus from, std::string_view to);

}  // namespace medflow::inline v1::invoices
