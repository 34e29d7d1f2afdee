#include "payments/recording.hpp"

#include <algorithm>

#include "invoices/entities.hpp"
#include "invoices/unchecked.hpp"
#include "kernel/aside.hpp"
#include "kernel/lists.hpp"
#include "kernel/steps.hpp"
#include "ledger/entities.hpp"
#include "ledger/lines.hpp"

namespace medflow::inline v1::payments {

using kernel::Rows;
using kernel::Work;
using ledger::Account;
using ledger::EntryKind;
using ledger::Posting;
using storage::Cell;

namespace {

constexpr std::size_t allocations_max = 200;

/// What credit notes say that this party need not pay of an invoice.
std::int64_t credited_to(Work& work, const InvoiceId& invoice, const ledger::Party& party) {
  std::int64_t credited = 0;
  const Cell equal[] = {Cell::bytes(invoice.uuid.view())};
  invoices::scan_unchecked<credit_notes::CreditNote>(work, {.index = "credit_notes_invoice", .equal = equal},
                                                     [&](const credit_notes::CreditNote& note) {
                                                       if (party.patient_id) credited += note.patient_share;
                                                       for (const invoices::PayerShare& share : note.shares)
                                                         if (share.payer_id == party.payer_id) credited += share.amount;
                                                       return true;
                                                     });
  return credited;
}

/// What one payment holds of an invoice: no more than is left of the payment.
std::int64_t held_by(Work& work, const Payment& payment, const InvoiceId& invoice) {
  std::int64_t held = 0;
  std::int64_t left = payment.amount;
  for (const Allocation& each : payment.allocations)
    if (each.invoice_id == invoice) held = each.amount;
  for (const refunds::Refund& refund : refunds_of(work, payment.id)) {
    if (refund.state == refunds::RefundState::requested) continue;  // it lies there still
    left -= refund.amount;
    if (refund.invoice_id == invoice) held -= refund.amount;
  }
  return std::max<std::int64_t>(0, std::min(held, left));
}

/// Which payments of this party were ever allocated to an invoice: told by the journal.
std::vector<PaymentId> payments_to(Work& work, const InvoiceId& invoice, const ledger::Party& party) {
  std::vector<JournalEntryId> entries;
  const std::string_view account =
      ledger::word_of(party.payer_id ? Account::receivable_payer : Account::receivable_patient);
  const Cell equal[] = {Cell::bytes(invoice.uuid.view())};
  work.transaction().scan(
      {.table = &ledger::postings_table, .index = "postings_invoice", .equal = equal}, [&](storage::RowView row) {
        const auto kind = ledger::from_word<EntryKind>(row[ledger::posting_kind].data);
        const bool paid = kind == EntryKind::payment || kind == EntryKind::allocation;
        const bool theirs = row[ledger::posting_account].data == account &&
                            (!party.payer_id || ledger::id_in<PayerId>(row[ledger::posting_payer]) == party.payer_id);
        if (paid && theirs && row[ledger::posting_credit].integer > 0)
          entries.push_back(JournalEntryId{ledger::uuid_in(row[ledger::posting_entry])});
        return true;
      });
  std::vector<PaymentId> payments;
  for (const ledger::Entry& entry : Rows<ledger::Entry>(work).get_many_unchecked(entries, 0))
    payments.push_back(PaymentId{entry.ref_id});
  return kernel::without_repeats(payments);
}

}  // namespace

std::string next_number(Work& work) {
  std::string digits = std::to_string(work.next_number("payments"));
  if (digits.size() < 8) digits.insert(0, 8 - digits.size(), '0');
  return "RCP-" + digits;
}

std::int64_t allocated(const Payment& payment) {
  std::int64_t sum = 0;
  for (const Allocation& each : payment.allocations) sum += each.amount;
  return sum;
}

void store(Work& work, Payment& payment, std::optional<Date> day) {
  payment.number = next_number(work);
  Rows<Payment>(work).insert(payment);
  if (payment.state == PaymentState::succeeded) post(work, payment, day);
}

void post(Work& work, const Payment& payment, std::optional<Date> day) {
  const kernel::Aside aside(work);
  ledger::Entry entry{.day = day ? *day : ledger::business_day(work),
                      .kind = EntryKind::payment,
                      .currency = payment.currency,
                      .facility_id = payment.facility_id,
                      .ref_id = payment.id.uuid};
  Posting in{.account = ledger::account_of(payment.method), .debit = payment.amount};
  if (in.account == Account::deposits) {
    in.patient_id = payment.patient_id;
    in.payer_id = payment.payer_id;
  }
  entry.postings.push_back(in);
  for (const Allocation& each : payment.allocations)
    entry.postings.push_back({.account = payment.payer_id ? Account::receivable_payer : Account::receivable_patient,
                              .credit = each.amount,
                              .patient_id = payment.patient_id,
                              .payer_id = payment.payer_id,
                              .invoice_id = each.invoice_id});
  entry.postings.push_back({.account = Account::deposits,
                            .credit = payment.amount - allocated(payment),
                            .patient_id = payment.patient_id,
                            .payer_id = payment.payer_id});
  ledger::post(work, entry);
}

std::vector<Allocation> oldest_due_first(Work& work, const PatientId& patient, const Currency& currency,
                                         std::int64_t amount) {
  std::vector<Allocation> allocations;
  Rows<invoices::Invoice> rows(work);
  for (const auto& [id, owed] : ledger::owed_by(work, patient, currency)) {
    if (amount == 0 || allocations.size() == allocations_max) break;
    const auto invoice = rows.find_unchecked(id, 0);
    if (!invoice || !kernel::Reach<invoices::Invoice>::reaches(work, *invoice)) continue;
    const std::int64_t part = std::min(amount, owed);
    allocations.push_back({.invoice_id = id, .amount = part});
    amount -= part;
  }
  return allocations;
}

std::int64_t paid_by(Work& work, const InvoiceId& invoice, const ledger::Party& party) {
  std::int64_t paid = 0;
  std::int64_t credited = 0;
  const std::string_view account =
      ledger::word_of(party.payer_id ? Account::receivable_payer : Account::receivable_patient);
  const Cell equal[] = {Cell::bytes(invoice.uuid.view())};
  work.transaction().scan(
      {.table = &ledger::postings_table, .index = "postings_invoice", .equal = equal}, [&](storage::RowView row) {
        const bool given_up = row[ledger::posting_account].data == ledger::word_of(Account::write_offs);
        if (row[ledger::posting_account].data != account && !given_up) return true;
        if (given_up && !party.payer_id && !row[ledger::posting_payer].is_null()) return true;
        if (given_up && party.payer_id && row[ledger::posting_payer].is_null()) return true;
        if (party.payer_id && ledger::id_in<PayerId>(row[ledger::posting_payer]) != party.payer_id) return true;
        const std::int64_t change = row[ledger::posting_credit].integer - row[ledger::posting_debit].integer;
        const auto kind = ledger::from_word<EntryKind>(row[ledger::posting_kind].data);
        if (kind == EntryKind::credit_note) credited += change;
        if (given_up) return true;
        if (kind == EntryKind::payment || kind == EntryKind::allocation || kind == EntryKind::refund_approved)
          paid += change;
        return true;
      });
  const std::int64_t became_deposit = credited_to(work, invoice, party) - credited;
  return std::max<std::int64_t>(0, paid - std::max<std::int64_t>(0, became_deposit));
}

std::int64_t held_of(Work& work, const InvoiceId& invoice, const Payment& changed) {
  std::int64_t held = held_by(work, changed, invoice);
  std::vector<PaymentId> others = payments_to(work, invoice, party_of(changed));
  std::erase(others, changed.id);
  for (const Payment& other : Rows<Payment>(work).get_many_unchecked(others, 0)) held += held_by(work, other, invoice);
  return held;
}

std::vector<refunds::Refund> refunds_of(Work& work, const PaymentId& payment) {
  std::vector<refunds::Refund> found;
  const Cell equal[] = {Cell::bytes(payment.uuid.view())};
  invoices::scan_unchecked<refunds::Refund>(work, {.index = "refunds_payment", .equal = equal},
                                            [&](refunds::Refund refund) {
                                              if (refund.state != refunds::RefundState::rejected)
                                                found.push_back(std::move(refund));
                                              return true;
                                            });
  return found;
}

std::vector<refunds::Refund> waiting_refunds_of(Work& work, const PatientId& patient) {
  std::vector<refunds::Refund> found;
  const Cell equal[] = {Cell::bytes(patient.uuid.view())};
  invoices::scan_unchecked<refunds::Refund>(work, {.index = "refunds_patient", .equal = equal},
                                            [&](refunds::Refund refund) {
                                              if (refund.state == refunds::RefundState::requested)
                                                found.push_back(std::move(refund));
                                              return true;
                                            });
  return found;
}

bool is_under_way(Work& work, const PatientId& patient) {
  bool pending = false;
  const Cell equal[] = {Cell::bytes(patient.uuid.view())};
  invoices::scan_unchecked<Payment>(work, {.index = "payments_patient", .equal = equal}, [&](const Payment& payment) {
    pending = payment.state == PaymentState::pending;
    return !pending;
  });
  return pending || !waiting_refunds_of(work, patient).empty() || ledger::has_balance(work, patient, Account::refunds);
}

void illegal_step(PaymentState from, std::string_view to) {
  static constexpr PaymentState of_pending[] = {PaymentState::succeeded, PaymentState::failed, PaymentState::cancelled};
  if (from == PaymentState::pending) kernel::refuse_step(from, to, of_pending);
  kernel::refuse_step(from, to, {});
}

void show_computed(Work& work, Payment& payment) {
  payment.refunded = 0;
  for (const refunds::Refund& refund : refunds_of(work, payment.id)) payment.refunded += refund.amount;
  const bool counts = payment.state == PaymentState::succeeded || payment.state == PaymentState::pending;
  payment.unallocated = counts ? payment.amount - allocated(payment) : 0;
}

std::optional<cash_shifts::CashShift> open_shift(Work& work, const FacilityId& facility, const Currency& currency) {
  std::vector<cash_shifts::CashShift> open;
  const Cell equal[] = {Cell::bytes(work.actor().user.uuid.view()),
                        Cell::text(ledger::word_of(cash_shifts::ShiftStatus::open))};
  invoices::scan_unchecked<cash_shifts::CashShift>(
      work, {.index = "cash_shifts_cashier", .equal = equal}, [&](const cash_shifts::CashShift& shift) {
        const bool here = shift.facility_id == facility;
        if (shift.currency == currency && (here || kernel::Reach<cash_shifts::CashShift>::reaches(work, shift)))
          open.push_back(shift);
        return true;
      });
  const auto here =
      std::find_if(open.begin(), open.end(), [&](const auto& shift) { return shift.facility_id == facility; });
  if (here != open.end()) return *here;
  return open.size() == 1 ? std::optional(open.front()) : std::nullopt;
}

}  // namespace medflow::inline v1::payments
