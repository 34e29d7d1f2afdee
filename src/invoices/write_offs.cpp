// What is owed and given up: asked for by one, agreed to by another.
#include "invoices/entities.hpp"
#include "invoices/unchecked.hpp"
#include "invoices/views.hpp"
#include "kernel/expected.hpp"
#include "kernel/field_errors.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "kernel/steps.hpp"
#include "ledger/posting.hpp"
#include "patients/registry.hpp"

namespace medflow::inline v1::write_offs {

using invoices::Invoice;
using kernel::Rows;
using kernel::Work;
using S = WriteOffStatus;

namespace {

constexpr std::size_t looked_at_max = 2'000;

WriteOff shown(Work& work, WriteOff write_off) {
  if (!invoices::sees_billing(work)) write_off.reason.clear();
  work.concerns(write_off.patient_id);
  return write_off;
}

WriteOff to_decide(Work& work, const WriteOffId& id) {
  work.open_classes(billing);  // what is written anew has to be whole
  return Rows<WriteOff>(work).get(id);
}

void require_requested(const WriteOff& write_off, S to) {
  static constexpr S of_requested[] = {S::approved, S::rejected};
  const bool waits = write_off.status == S::requested;
  kernel::require_step(write_off.status, to, waits ? std::span(of_requested) : std::span<const S>());
}

WriteOff decide(Work& work, WriteOff write_off, std::optional<std::uint64_t> revision, S as) {
  kernel::require_named(revision);
  kernel::require_revision(write_off.revision, revision);
  write_off.status = as;
  write_off.decided_by = work.actor().user;
  write_off.decided_at = work.now();
  Rows<WriteOff>(work).update(write_off, revision);
  return write_off;
}

bool is_said(const Request& request, const WriteOff& there) {
  return request.invoice_id == there.invoice_id && request.payer_id == there.payer_id &&
         request.amount == there.amount && request.reason == there.reason;
}

}  // namespace

WriteOff handle(Work& work, const Request& request) {
  const Invoice invoice = Rows<Invoice>(work).get(request.invoice_id);
  WriteOff write_off{.id = request.id ? *request.id : work.make_id<WriteOffId>(),
                     .invoice_id = invoice.id,
                     .patient_id = invoice.patient_id,
                     .payer_id = request.payer_id,
                     .amount = request.amount,
                     .currency = invoice.currency,
                     .reason = request.reason,
                     .requested_by = work.actor().user};
  work.about(write_off.id.uuid);
  Rows<WriteOff> rows(work);
  if (request.id) {
    if (auto there = rows.find_unchecked(*request.id, billing)) {
      if (!is_said(request, *there)) throw Failure(codes::id_reused);
      return shown(work, std::move(*there));
    }
  }
  if (invoice.status != invoices::InvoiceStatus::issued) invoices::illegal_step(invoice.status, "written_off");
  if (ledger::standing_of(work, invoice.id).balance_of(request.payer_id) < request.amount)
    throw Failure(codes::invalid, "/amount", "amount.exceeds", "not so much is owed");
  const auto known = patients::known(work, invoice.patient_id, 0);
  if (!known) throw Failure(codes::not_found);
  rows.insert_for(known->subject, write_off);
  return shown(work, std::move(write_off));
}

Page<WriteOff> handle(Work& work, const List& request) {
  const std::string query = request.status ? std::to_string(static_cast<int>(*request.status)) : "-";
  auto page = kernel::page_by_id<WriteOff>(
      work, request.limit, request.cursor, query,
      [&](const WriteOff& each) { return !request.status || each.status == *request.status; },
      {.backwards = true, .looked_at_max = looked_at_max});
  for (WriteOff& each : page.data) each = shown(work, std::move(each));
  return page;
}

WriteOff handle(Work& work, const Approve& request) {
  WriteOff write_off = to_decide(work, request.id);
  if (write_off.requested_by == work.actor().user) throw Failure(codes::forbidden);
  require_requested(write_off, S::approved);
  const auto invoice = Rows<Invoice>(work).find_unchecked(write_off.invoice_id, 0);
  if (!invoice || invoice->status != invoices::InvoiceStatus::issued ||
      ledger::standing_of(work, write_off.invoice_id).balance_of(write_off.payer_id) < write_off.amount)
    throw Failure(invoices::settled);
  write_off = decide(work, std::move(write_off), request.revision, S::approved);
  const bool of_payer = write_off.payer_id.has_value();
  ledger::Entry entry{.kind = ledger::EntryKind::write_off,
                      .currency = write_off.currency,
                      .facility_id = invoice->facility_id,
                      .ref_id = write_off.id.uuid};
  ledger::Posting side{.account = ledger::Account::write_offs,
                       .debit = write_off.amount,
                       .patient_id = of_payer ? std::nullopt : std::optional(write_off.patient_id),
                       .payer_id = write_off.payer_id,
                       .invoice_id = write_off.invoice_id};
  entry.postings.push_back(side);
  side.account = of_payer ? ledger::Account::receivable_payer : ledger::Account::receivable_patient;
  std::swap(side.debit, side.credit);
  entry.postings.push_back(side);
  ledger::post(work, entry);
  return shown(work, std::move(write_off));
}

WriteOff handle(Work& work, const Reject& request) {
  WriteOff write_off = to_decide(work, request.id);
  require_requested(write_off, S::rejected);
  return shown(work, decide(work, std::move(write_off), request.revision, S::rejected));
}

}  // namespace medflow::inline v1::write_offs

MEDFLOW_HANDLE(medflow::write_offs::Request);
MEDFLOW_HANDLE(medflow::write_offs::List);
MEDFLOW_HANDLE(medflow::write_offs::Approve);
MEDFLOW_HANDLE(medflow::write_offs::Reject);
