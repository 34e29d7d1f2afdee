// Corrections of issued invoices.
#include <algorithm>
#include <map>

#include "invoices/coverage_use.hpp"
#include "invoices/credit.hpp"
#include "invoices/entities.hpp"
#include "invoices/invoicing.hpp"
#include "invoices/unchecked.hpp"
#include "invoices/views.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "ledger/posting.hpp"
#include "money/amounts.hpp"
#include "money/totals.hpp"
#include "patients/registry.hpp"
#include "printing/hash.hpp"

namespace medflow::inline v1::credit_notes {

using invoices::Invoice;
using kernel::FieldErrors;
using kernel::Rows;
using kernel::Work;
using ledger::Account;
using ledger::Posting;

namespace {

CreditNote shown(Work& work, CreditNote note) {
  if (!invoices::sees_billing(work)) {
    note.reason.clear();
    note.doc_hash.clear();
  }
  if (!invoices::may_name(work, note.patient_id)) note.issued_to.clear();
  work.concerns(note.patient_id);
  return note;
}

std::vector<CreditNote> notes_of(Work& work, const InvoiceId& invoice) {
  std::vector<CreditNote> notes;
  const storage::Cell equal[] = {storage::Cell::bytes(invoice.uuid.view())};
  invoices::scan_unchecked<CreditNote>(work, {.index = "credit_notes_invoice", .equal = equal}, [&](CreditNote note) {
    notes.push_back(std::move(note));
    return true;
  });
  std::sort(notes.begin(), notes.end(), [](const CreditNote& a, const CreditNote& b) {
    return std::tie(a.created_at, a.sequence) < std::tie(b.created_at, b.sequence);
  });
  return notes;
}

/// Takes back what a party owes, as far as they owe it, then what was given up of it; the rest was paid, and is theirs to be used or paid back.
class Crediting {
 public:
  Crediting(Work& work, const Invoice& invoice, ledger::Entry& entry)
      : work_(work), standing_(ledger::standing_of(work, invoice.id)), invoice_(invoice), entry_(entry) {}

  void credit(const std::optional<PayerId>& payer, std::int64_t amount) {
    Party& party = party_of(payer);
    const auto take = [&](std::int64_t& from) {
      const std::int64_t taken = std::min(amount, from);
      from -= taken;
      amount -= taken;
      return taken;
    };
    Posting posting{.payer_id = payer, .invoice_id = invoice_.id};
    if (!payer) posting.patient_id = invoice_.patient_id;
    const auto post = [&](Account account, std::int64_t credit) {
      posting.account = account;
      posting.credit = credit;
      entry_.postings.push_back(posting);
    };
    post(payer ? Account::receivable_payer : Account::receivable_patient, take(party.owed));
    post(Account::write_offs, take(party.given_up));
    posting.invoice_id.reset();
    post(Account::deposits, amount);
  }

 private:
  struct Party {
    std::int64_t owed = 0;
    std::int64_t given_up = 0;
  };

  Party& party_of(const std::optional<PayerId>& payer) {
    const auto found = parties_.find(payer);
    if (found != parties_.end()) return found->second;
    return parties_[payer] = {.owed = std::max<std::int64_t>(standing_.balance_of(payer), 0),
                              .given_up = ledger::given_up_of(work_, invoice_.id, payer)};
  }

  Work& work_;
  ledger::Standing standing_;
  const Invoice& invoice_;
  ledger::Entry& entry_;
  std::map<std::optional<PayerId>, Party> parties_{};
};

/// What the invoice posted as the discount of each line. Those of earlier versions left the tax in it.
std::vector<std::int64_t> discounts_posted(Work& work, const Invoice& invoice) {
  std::vector<std::int64_t> discounts;
  std::int64_t untaxed = 0;
  for (const invoices::Line& line : invoice.lines) {
    discounts.push_back(money::untaxed_discount(line, invoice.tax_mode, invoice.rounding_mode));
    untaxed += discounts.back();
  }
  if (invoice.tax_mode == TaxMode::exclusive) return discounts;
  std::int64_t posted = 0;
  for (const ledger::Entry& entry : ledger::entries_about(work, invoice.id.uuid)) {
    if (entry.kind != ledger::EntryKind::invoice) continue;
    for (const Posting& each : entry.postings)
      if (each.account == Account::discounts) posted += each.debit;
  }
  if (posted != untaxed)
    for (std::size_t i = 0; i < discounts.size(); ++i) discounts[i] = invoice.lines[i].discount_amount;
  return discounts;
}

void post(Work& work, const Invoice& invoice, const std::vector<CreditNote>& before, const CreditNote& note) {
  ledger::Entry entry{.day = note.issue_date,
                      .kind = ledger::EntryKind::credit_note,
                      .currency = note.currency,
                      .facility_id = note.facility_id,
                      .ref_id = note.id.uuid};
  std::map<invoices::Earning, invoices::Earned> earned;
  const auto sums_of = [&](const invoices::Line& line) -> invoices::Earned& {
    return earned[{line.practitioner_id, line.item_id}];
  };
  for (const CreditLine& line : note.lines) sums_of(invoice.lines[line.line - 1]).net += line.net;
  const auto discounts = discounts_taken_back(invoice, discounts_posted(work, invoice), before, note);
  for (std::size_t i = 0; i < discounts.size(); ++i) sums_of(invoice.lines[i]).discounts += discounts[i];
  for (const auto& [whose, sums] : earned) {
    entry.postings.push_back({.account = Account::revenue,
                              .debit = money::sum(sums.net, sums.discounts),
                              .practitioner_id = whose.first,
                              .item_id = whose.second});
    entry.postings.push_back({.account = Account::discounts,
                              .credit = sums.discounts,
                              .practitioner_id = whose.first,
                              .item_id = whose.second});
  }
  entry.postings.push_back({.account = Account::tax, .debit = note.tax});
  entry.postings.push_back({.account = Account::rounding,
                            .debit = std::max<std::int64_t>(note.rounding, 0),
                            .credit = std::max<std::int64_t>(-note.rounding, 0)});
  Crediting parties(work, invoice, entry);
  for (const invoices::PayerShare& share : note.shares) parties.credit(share.payer_id, share.amount);
  parties.credit(std::nullopt, note.patient_share);
  ledger::post(work, entry);
}

bool is_said(const Issue& request, const CreditNote& note) {
  const auto same = [](const CreditLine& a, const CreditLine& b) { return a.line == b.line && a.net == b.net; };
  return request.invoice_id == note.invoice_id && request.reason == note.reason &&
         (request.lines.empty() ||
          std::equal(request.lines.begin(), request.lines.end(), note.lines.begin(), note.lines.end(), same));
}

}  // namespace

CreditNote handle(Work& work, const Issue& request) {
  work.open_classes(identity | billing);
  const Invoice invoice = Rows<Invoice>(work).get(request.invoice_id);
  Rows<CreditNote> rows(work);
  CreditNote note{.id = request.id ? *request.id : work.make_id<CreditNoteId>(),
                  .invoice_id = invoice.id,
                  .patient_id = invoice.patient_id,
                  .facility_id = invoice.facility_id,
                  .currency = invoice.currency,
                  .issue_date = ledger::business_day(work),
                  .reason = request.reason,
                  .created_at = work.now()};
  work.about(note.id.uuid);
  if (request.id) {
    if (auto there = rows.find_unchecked(*request.id, identity | billing)) {
      if (!is_said(request, *there)) throw Failure(codes::id_reused);
      return shown(work, std::move(*there));
    }
  }
  if (invoice.status != invoices::InvoiceStatus::issued) invoices::illegal_step(invoice.status, "credited");
  FieldErrors errors;
  const std::vector<CreditNote> before = notes_of(work, invoice.id);
  reckon(invoice, before, request.lines, note, errors);
  errors.refuse();
  note.series = invoices::series_of(work, note.facility_id, note.issue_date, true);
  invoices::Number next = invoices::next_number(work, note.series, note.issue_date, true);
  note.number = std::move(next.number);
  note.sequence = next.sequence;
  printing::keep_names(work, note);
  note.doc_hash = printing::hash_of_print(note, *invoice.number, printing::around_kept(work, note, invoice));
  const auto known = patients::known(work, invoice.patient_id, 0);
  if (!known) throw Failure(codes::not_found);
  rows.insert_for(known->subject, note);
  post(work, invoice, before, note);
  std::int64_t credited_before = 0;
  for (const CreditNote& each : before) credited_before += each.total;
  invoices::give_back(work, invoice, note, credited_before);
  return shown(work, std::move(note));
}

Page<CreditNote> handle(Work& work, const List& request) {
  const Invoice invoice = Rows<Invoice>(work).get(request.invoice_id);
  const storage::Cell equal[] = {storage::Cell::bytes(invoice.id.uuid.view())};
  auto page = kernel::page_by_id<CreditNote>(work, request.limit, request.cursor, invoice.id.text(),
                                             [](const CreditNote&) { return true; },
                                             {.scan = {.index = "credit_notes_invoice", .equal = equal}});
  for (CreditNote& note : page.data) note = shown(work, std::move(note));
  return page;
}

}  // namespace medflow::inline v1::credit_notes

MEDFLOW_HANDLE(medflow::credit_notes::Issue);
MEDFLOW_HANDLE(medflow::credit_notes::List);
