// Refunds: asked for by one person, agreed to by another, never more than was paid.
#include <algorithm>
#include <span>

#include "invoices/entities.hpp"
#include "kernel/aside.hpp"
#include "kernel/expected.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "kernel/steps.hpp"
#include "patients/registry.hpp"
#include "payments/entities.hpp"
#include "payments/recording.hpp"

namespace medflow::inline v1::refunds {

using kernel::Rows;
using kernel::Work;
using ledger::Account;
using ledger::EntryKind;
using payments::Payment;
using payments::PaymentMethod;
using payments::PaymentState;
using storage::Cell;
using S = RefundState;

namespace {

/// After so many rows that a filter leaves out a page is short and has a cursor.
constexpr std::size_t looked_at_max = 2'000;

std::string_view word(S state) { return Words<S>::words[static_cast<std::size_t>(state)]; }

/// However much was opened to work on it.
Refund shown(Work& work, Refund refund) {
  if ((work.access().classes() & billing) == 0) refund.reason.clear();
  work.concerns(refund.patient_id);
  return refund;
}

invoices::Matter matter_of(const Refund& refund) {
  return {.patient_id = refund.patient_id, .facility_id = refund.facility_id, .created_by = refund.requested_by};
}

/// Throws Failure `forbidden` where the caller may read what they do not reach for this (R9).
void refuse_unreached(const Work& work, const invoices::Matter& matter) {
  if (invoices::reaches(work, matter, Permission::invoice_read)) throw Failure(codes::forbidden);
}

/// The refund, whole, to be written anew.
Refund to_change(Work& work, const RefundId& id) {
  work.open_classes(billing);
  Rows<Refund> rows(work);
  const auto there = rows.find_unchecked(id, 0);
  if (there && !kernel::Reach<Refund>::reaches(work, *there)) refuse_unreached(work, matter_of(*there));
  return rows.get(id);
}

std::span<const S> followers(S state) {
  static constexpr S of_requested[] = {S::approved, S::rejected};
  static constexpr S of_approved[] = {S::completed, S::failed};
  static constexpr S of_failed[] = {S::approved};
  if (state == S::requested) return of_requested;
  if (state == S::approved) return of_approved;
  if (state == S::failed) return of_failed;
  return {};
}

void require_step(const Refund& refund, S to) { kernel::require_step(refund.state, to, followers(refund.state)); }

void require_current(const Refund& refund, std::optional<std::uint64_t> revision) {
  kernel::require_named(revision);
  kernel::require_revision(refund.revision, revision);
}

/// An invoice that is not the patient's, or out of the caller's reach, is as one that is not there: nothing was paid to it (R9).
void require_invoice(Work& work, const Refund& refund) {
  using invoices::InvoiceStatus;
  const auto invoice = Rows<invoices::Invoice>(work).find_unchecked(*refund.invoice_id, 0);
  if (!invoice || invoice->patient_id != refund.patient_id ||
      !kernel::Reach<invoices::Invoice>::reaches(work, *invoice))
    throw Failure(exceeds);
  if (invoice->status == InvoiceStatus::voided || invoice->status == InvoiceStatus::discarded)
    throw Failure(invoice_ended);
}

/// What this refund may be taken out of, less what other refunds take or wait to take.
std::int64_t left_for(Work& work, const Refund& refund, const Payment& payment) {
  std::int64_t of_payment = payment.amount;
  std::int64_t of_allocation = 0;
  for (const payments::Allocation& each : payment.allocations)
    if (each.invoice_id == refund.invoice_id) of_allocation = each.amount;
  for (const Refund& other : payments::refunds_of(work, payment.id)) {
    if (other.id == refund.id) continue;
    of_payment -= other.amount;
    if (other.invoice_id == refund.invoice_id) of_allocation -= other.amount;
  }
  std::int64_t of_source = refund.invoice_id ? payments::paid_by(work, *refund.invoice_id, payments::party_of(payment))
                                             : ledger::deposit_of(work, payments::party_of(payment), payment.currency);
  for (const Refund& other : payments::waiting_refunds_of(work, refund.patient_id)) {
    const bool same_source = other.invoice_id == refund.invoice_id && other.currency == refund.currency;
    if (other.id != refund.id && same_source) of_source -= other.amount;
  }
  const std::int64_t left = std::min(of_payment, of_source);
  return refund.invoice_id ? std::min(left, of_allocation) : left;
}

void require_left(Work& work, const Refund& refund, const Payment& payment) {
  if (refund.amount > left_for(work, refund, payment)) throw Failure(exceeds);
}

ledger::Entry entry_of(const Refund& refund, EntryKind kind) {
  return {.kind = kind, .currency = refund.currency, .facility_id = refund.facility_id, .ref_id = refund.id.uuid};
}

/// From now on it is owed to the patient, and what was paid with it is not paid any more.
void post_approved(Work& work, const Refund& refund) {
  const kernel::Aside aside(work);
  ledger::Entry entry = entry_of(refund, EntryKind::refund_approved);
  entry.postings = {{.account = refund.invoice_id ? Account::receivable_patient : Account::deposits,
                     .debit = refund.amount,
                     .patient_id = refund.patient_id,
                     .invoice_id = refund.invoice_id},
                    {.account = Account::refunds, .credit = refund.amount, .patient_id = refund.patient_id}};
  ledger::post(work, entry);
}

void post_completed(Work& work, const Refund& refund) {
  const kernel::Aside aside(work);
  ledger::Entry entry = entry_of(refund, EntryKind::refund_completed);
  entry.postings = {{.account = Account::refunds, .debit = refund.amount, .patient_id = refund.patient_id},
                    {.account = ledger::account_of(refund.method), .credit = refund.amount}};
  ledger::post(work, entry);
}

bool same_content(const Refund& there, const Refund& asked) {
  return there.payment_id == asked.payment_id && there.invoice_id == asked.invoice_id && there.amount == asked.amount &&
         there.method == asked.method && there.reason == asked.reason;
}

}  // namespace

Refund handle(Work& work, const Request& request) {
  work.open_classes(billing);
  const auto payment = Rows<Payment>(work).find(request.payment_id);
  if (!payment) {
    if (const auto there = Rows<Payment>(work).find_unchecked(request.payment_id, 0))
      refuse_unreached(
          work, {.patient_id = there->patient_id, .facility_id = there->facility_id, .created_by = there->created_by});
    throw Failure(codes::not_found);
  }
  if (!payment->patient_id || payment->method == PaymentMethod::deposit)
    throw Failure(codes::invalid, "/payment_id", "payment.not_refundable",
                  "refund a patient's payment, of a deposit the one that it came from");
  if (request.method == PaymentMethod::payer || request.method == PaymentMethod::deposit)
    throw Failure(codes::invalid, "/method", "payment.method", "money goes back by cash, card, bank or mobile");
  Refund refund{.id = request.id ? *request.id : work.make_id<RefundId>(),
                .payment_id = payment->id,
                .patient_id = *payment->patient_id,
                .facility_id = payment->facility_id,
                .invoice_id = request.invoice_id,
                .method = request.method.value_or(payment->method),
                .amount = request.amount,
                .currency = payment->currency,
                .reason = request.reason,
                .requested_by = work.actor().user};
  work.about(refund.id.uuid);
  Rows<Refund> rows(work);
  if (request.id) {
    if (const auto there = rows.find_unchecked(*request.id, billing)) {
      if (kernel::Reach<Refund>::reaches(work, *there) && same_content(*there, refund)) return shown(work, *there);
      throw Failure(codes::id_reused);
    }
  }
  if (payment->state != PaymentState::succeeded) payments::illegal_step(payment->state, "refunded");
  if (refund.invoice_id) require_invoice(work, refund);
  require_left(work, refund, *payment);
  const auto patient = patients::known(work, refund.patient_id, 0);
  if (!patient) throw Failure(codes::not_found);
  rows.insert_for(patient->subject, refund);
  return shown(work, std::move(refund));
}

Page<Refund> handle(Work& work, const List& request) {
  std::string query;
  if (request.payment_id) query.append(request.payment_id->uuid.view());
  if (request.state) query.append(word(*request.state));
  storage::Scan scan;
  const Uuid whose = request.payment_id ? request.payment_id->uuid : Uuid{};
  const Cell equal[] = {Cell::bytes(whose.view())};
  if (request.payment_id) {
    scan.index = "refunds_payment";
    scan.equal = equal;
  }
  auto page =
      kernel::page_by_id<Refund>(work, request.limit, request.cursor, query,
                                 [&](const Refund& refund) { return !request.state || refund.state == *request.state; },
                                 {.backwards = true, .looked_at_max = looked_at_max, .scan = scan});
  for (Refund& each : page.data) each = shown(work, std::move(each));
  return page;
}

Refund handle(Work& work, const Get& request) { return shown(work, Rows<Refund>(work).get(request.id)); }

Refund handle(Work& work, const Approve& request) {
  Refund refund = to_change(work, request.id);
  if (refund.requested_by == work.actor().user) throw Failure(codes::forbidden);
  require_step(refund, S::approved);
  const bool is_posted = refund.state == S::failed;
  if (!is_posted) {
    const auto payment = Rows<Payment>(work).find_unchecked(refund.payment_id, 0);
    if (!payment) throw Failure(codes::integrity);
    require_left(work, refund, *payment);
  }
  require_current(refund, request.revision);
  refund.state = S::approved;
  refund.decided_by = work.actor().user;
  Rows<Refund>(work).update(refund, request.revision);
  if (!is_posted) post_approved(work, refund);
  return shown(work, std::move(refund));
}

Refund handle(Work& work, const Reject& request) {
  Refund refund = to_change(work, request.id);
  require_step(refund, S::rejected);
  require_current(refund, request.revision);
  refund.state = S::rejected;
  refund.decided_by = work.actor().user;
  Rows<Refund>(work).update(refund, request.revision);
  return shown(work, std::move(refund));
}

Refund handle(Work& work, const Complete& request) {
  Refund refund = to_change(work, request.id);
  if (invoices::only_as_patient(work, matter_of(refund), work.permission())) throw Failure(codes::forbidden);
  require_step(refund, request.failed ? S::failed : S::completed);
  require_current(refund, request.revision);
  refund.state = request.failed ? S::failed : S::completed;
  refund.completed_by = work.actor().user;
  if (!request.failed && refund.method == PaymentMethod::cash)
    if (const auto shift = payments::open_shift(work, refund.facility_id, refund.currency)) refund.shift_id = shift->id;
  Rows<Refund>(work).update(refund, request.revision);
  if (!request.failed) post_completed(work, refund);
  return shown(work, std::move(refund));
}

}  // namespace medflow::inline v1::refunds

MEDFLOW_HANDLE(medflow::refunds::Request);
MEDFLOW_HANDLE(medflow::refunds::List);
MEDFLOW_HANDLE(medflow::refunds::Get);
MEDFLOW_HANDLE(medflow::refunds::Approve);
MEDFLOW_HANDLE(medflow::refunds::Reject);
MEDFLOW_HANDLE(medflow::refunds::Complete);
