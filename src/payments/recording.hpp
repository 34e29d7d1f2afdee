// Storing and posting payments, and what is asked of them and of refunds whoever asks: rows are read here without asking what the caller reaches.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/work.hpp"
#include "ledger/posting.hpp"
#include "payments/entities.hpp"

namespace medflow::inline v1::payments {

/// "RCP-" and at least 8 digits. Those of calls that fail are lost.
std::string next_number(kernel::Work& work);

/// Whose money it is.
inline ledger::Party party_of(const Payment& payment) {
  return {.patient_id = payment.patient_id, .payer_id = payment.payer_id};
}

/// What goes to invoices.
std::int64_t allocated(const Payment& payment);

/// Stores a new payment whose content is checked, an import's as well as a caller's, and posts it if it has come: on `day`, today where none is said.
void store(kernel::Work& work, Payment& payment, std::optional<Date> day = {});

/// Posts a payment that has come: to its invoices, and what is left to a deposit.
void post(kernel::Work& work, const Payment& payment, std::optional<Date> day = {});

/// Gives the patient's invoices that are due first what they are owed, as far as this amount goes: those that the caller reaches.
std::vector<Allocation> oldest_due_first(kernel::Work& work, const PatientId& patient, const Currency& currency,
                                         std::int64_t amount);

/// What of an invoice this party has paid and can still be given back or allocated elsewhere: less what went back, and less what a credit note
/// has made a deposit.
std::int64_t paid_by(kernel::Work& work, const InvoiceId& invoice, const ledger::Party& party);

/// What payments hold of an invoice by what they are allocated to it, this one as it is here: less what went back, which they do not hold any more.
/// Where a credit note has made a deposit of a part, it is more than what lies there.
std::int64_t held_of(kernel::Work& work, const InvoiceId& invoice, const Payment& changed);

/// The refunds of a payment that were not rejected, and those of a patient that wait for a decision, as plain rows.
std::vector<refunds::Refund> refunds_of(kernel::Work& work, const PaymentId& payment);
std::vector<refunds::Refund> waiting_refunds_of(kernel::Work& work, const PatientId& patient);

/// Whether money of the patient is under way: a payment that has not come yet, a refund that waits for a decision, or one that is not paid out.
bool is_under_way(kernel::Work& work, const PatientId& patient);

/// Throws Failure `transition.illegal`, naming both and what may follow.
[[noreturn]] void illegal_step(PaymentState from, std::string_view to);

/// Fills in what is computed.
void show_computed(kernel::Work& work, Payment& payment);

/// The shift that the caller has open in this currency: the one at this facility, else the only one. Cash is taken and paid out by the drawer that
/// somebody sits at, wherever it is said to belong.
std::optional<cash_shifts::CashShift> open_shift(kernel::Work& work, const FacilityId& facility,
                                                 const Currency& currency);

}  // namespace medflow::inline v1::payments
