// Writing the journal, and what it says about one invoice or one deposit. Nothing else writes it, and nothing changes what was written.
//
// Who posts what (Dr debit, Cr credit; a receivable names its party and invoice, a deposit its party):
//   invoice            Dr receivable_patient, receivable_payer each by its share, discounts by practitioner and item; Cr revenue (net and discount)
//                      by practitioner and item, tax; rounding on its side
//   invoice_void       the invoice's entry, reversed
//   credit_note        Dr revenue (net and discount) by practitioner and item, tax; Cr discounts; each party's receivable as far as it is owed,
//                      then its write_offs, the rest its deposits
//   payment            Dr the method's account (of `deposit` the party's deposits); Cr receivable by allocation, deposits for what is left
//   allocation         Dr receivables that the payment went to; Cr those that it goes to; the difference to or from deposits
//   refund_approved    Dr deposits, or receivable_patient of the invoice that was paid; Cr refunds (patient)
//   refund_completed   Dr refunds (patient); Cr the method's account
//   write_off          Dr write_offs; Cr receivable
//   cash_variance      cash against cash_variance
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel/work.hpp"
#include "medflow/ledger.hpp"

namespace medflow::inline v1::ledger {

/// Today in the tenant's zone.
Date business_day(kernel::Work& work);

/// The account that money of this method lies on; of `deposit` the deposits.
Account account_of(payments::PaymentMethod method);

/// Posts an entry: gives it an id, the time and its author, stores it with its postings and adds it to the balances of its day. Postings of 0 are left
/// out; one without any is not stored. Throws std::logic_error where debits and credits differ or a side is below 0: that is ours.
void post(kernel::Work& work, Entry& entry);

/// The entries about this object (invoice, payment, …), oldest first.
std::vector<Entry> entries_about(kernel::Work& work, const Uuid& ref);

/// An entry of `kind` that takes all of another back, not posted yet.
Entry reversal_of(const Entry& entry, EntryKind kind);

/// What the journal says about an issued invoice. Nothing is ever below 0.
struct Standing {
  std::int64_t charged = 0;
  std::int64_t paid = 0;      ///< less what was refunded or allocated elsewhere
  std::int64_t credited = 0;  ///< by credit notes, and by voiding it
  std::int64_t written_off = 0;
  std::int64_t balance = 0;
  std::int64_t patient_balance = 0;
  std::vector<std::pair<PayerId, std::int64_t>> payer_balances{};

  std::int64_t balance_of(const std::optional<PayerId>& payer) const;
};
Standing standing_of(kernel::Work& work, const InvoiceId& invoice);
/// The same at the end of a day.
Standing standing_of(kernel::Work& work, const InvoiceId& invoice, Date day);

/// What one party owed of an invoice and was given up, less what a credit note took back of that.
std::int64_t given_up_of(kernel::Work& work, const InvoiceId& invoice, const std::optional<PayerId>& payer);

/// Fills in what is computed of an invoice: paid … overdue.
void show_standing(kernel::Work& work, invoices::Invoice& invoice);

/// The patient's invoices of which they owe something in this currency, oldest due date first, with what they owe.
std::vector<std::pair<InvoiceId, std::int64_t>> owed_by(kernel::Work& work, const PatientId& patient,
                                                        const Currency& currency);

/// Whether what the patient has on deposit in this currency is enough for all that is overdue of theirs in it: then nothing of that has to be paid in.
bool has_enough_for_overdue(kernel::Work& work, const PatientId& patient, const Currency& currency);

/// Whether something of the patient lies on this account, in whatever currency.
bool has_balance(kernel::Work& work, const PatientId& patient, Account account);

/// What lies on deposit of a patient or of a payer.
struct Party {
  std::optional<PatientId> patient_id{};
  std::optional<PayerId> payer_id{};
};
std::int64_t deposit_of(kernel::Work& work, const Party& party, const Currency& currency);

}  // namespace medflow::inline v1::ledger
