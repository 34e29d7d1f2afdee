#include "ledger/posting.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "invoices/entities.hpp"
#include "ledger/entities.hpp"
#include "ledger/lines.hpp"
#include "money/amounts.hpp"

namespace medflow::inline v1::ledger {
namespace {

using kernel::Work;
using storage::Cell;
using storage::RowView;

void require_balance(const Entry& entry) {
  std::int64_t debit = 0;
  std::int64_t credit = 0;
  for (const Posting& posting : entry.postings) {
    if (posting.debit < 0 || posting.credit < 0 || (posting.debit != 0 && posting.credit != 0))
      throw std::logic_error("a posting is below 0 or has two sides");
    debit = money::sum(debit, posting.debit);
    credit = money::sum(credit, posting.credit);
  }
  if (debit != credit) throw std::logic_error("debits and credits differ");
}

void add_to_balances(Work& work, const Entry& entry, std::string_view day) {
  std::vector<std::array<Cell, balances_table.key_columns>> keys;
  std::vector<std::array<std::int64_t, 2>> amounts;
  keys.reserve(entry.postings.size());  // what is borrowed below must not move
  amounts.reserve(entry.postings.size());
  std::vector<kernel::Sums::Addition> additions;
  for (const Posting& posting : entry.postings)
    additions.push_back({.key = keys.emplace_back(std::array{Cell::text(word_of(posting.account)),
                                                             Cell::text(entry.currency.code()), Cell::text(day)}),
                         .amounts = amounts.emplace_back(std::array{posting.debit, posting.credit})});
  if (!work.add_to_sums(balances_table, additions)) throw Failure(money::overflow);
}

/// What one party owes of an invoice: moves, and what remains.
struct Receivable {
  std::int64_t debit = 0;
  std::int64_t credit = 0;
  std::int64_t balance() const { return debit - credit; }
};

void add(std::int64_t& to, std::int64_t amount) { to = money::sum(to, amount); }

Standing standing(Work& work, const InvoiceId& invoice, const std::string* until) {
  Standing found;
  std::map<PayerId, Receivable> payers;
  Receivable patient;
  const Cell equal[] = {Cell::bytes(invoice.uuid.view())};
  work.transaction().scan({.table = &postings_table, .index = "postings_invoice", .equal = equal}, [&](RowView row) {
    const std::string_view account = row[posting_account].data;
    const bool of_payer = account == word_of(Account::receivable_payer);
    if (!of_payer && account != word_of(Account::receivable_patient)) return true;
    if (until != nullptr && row[posting_day].data > *until) return true;
    const std::int64_t debit = row[posting_debit].integer;
    const std::int64_t credit = row[posting_credit].integer;
    Receivable& party = of_payer ? payers[PayerId{uuid_in(row[posting_payer])}] : patient;
    add(party.debit, debit);
    add(party.credit, credit);
    const auto kind = from_word<EntryKind>(row[posting_kind].data);
    if (!kind) throw Failure(codes::integrity);
    switch (*kind) {
      case EntryKind::invoice:
        add(found.charged, debit);
        add(found.charged, -credit);
        break;
      case EntryKind::invoice_void:
      case EntryKind::credit_note:
        add(found.credited, credit);
        add(found.credited, -debit);
        break;
      case EntryKind::write_off:
        add(found.written_off, credit);
        add(found.written_off, -debit);
        break;
      default:
        add(found.paid, credit);
        add(found.paid, -debit);
    }
    return true;
  });
  found.patient_balance = patient.balance();
  found.balance = patient.balance();
  for (const auto& [payer, one] : payers) {
    found.payer_balances.emplace_back(payer, one.balance());
    add(found.balance, one.balance());
  }
  return found;
}

invoices::Settlement settlement_of(const invoices::Invoice& invoice, const Standing& standing) {
  using S = invoices::Settlement;
  if (invoice.status != invoices::InvoiceStatus::issued) return S::none;
  if (standing.balance != 0) return standing.balance == standing.charged ? S::unpaid : S::partially_paid;
  if (standing.charged == 0) return S::paid;
  if (standing.written_off != 0) return S::written_off;
  return standing.credited == standing.charged ? S::credited : S::paid;
}

/// The patient's invoices of which they owe something in this currency, as plain rows, oldest due date first, with what they owe.
std::vector<std::pair<invoices::Invoice, std::int64_t>> owing(Work& work, const PatientId& patient,
                                                              const Currency& currency) {
  std::map<InvoiceId, std::int64_t> owed;
  const Cell equal[] = {Cell::bytes(patient.uuid.view()), Cell::text(word_of(Account::receivable_patient))};
  work.transaction().scan({.table = &postings_table, .index = "postings_patient", .equal = equal}, [&](RowView row) {
    if (row[posting_currency].data != currency.code() || row[posting_invoice].is_null()) return true;
    std::int64_t& balance = owed[InvoiceId{uuid_in(row[posting_invoice])}];
    add(balance, row[posting_debit].integer);
    add(balance, -row[posting_credit].integer);
    return true;
  });
  std::vector<InvoiceId> ids;
  for (const auto& [id, balance] : owed)
    if (balance > 0) ids.push_back(id);
  // Whoever pays for the patient may not reach every invoice; nothing but days and ids is looked at.
  std::vector<invoices::Invoice> invoices = kernel::Rows<invoices::Invoice>(work).get_many_unchecked(ids, 0);
  std::stable_sort(invoices.begin(), invoices.end(),
                   [](const auto& a, const auto& b) { return a.due_date < b.due_date; });
  std::vector<std::pair<invoices::Invoice, std::int64_t>> found;
  found.reserve(invoices.size());
  for (invoices::Invoice& one : invoices) {
    const std::int64_t balance = owed.at(one.id);
    found.emplace_back(std::move(one), balance);
  }
  return found;
}

}  // namespace

Date business_day(Work& work) { return date_in(work.store().zone(), work.now()); }

Account account_of(payments::PaymentMethod method) {
  using M = payments::PaymentMethod;
  switch (method) {
    case M::cash:
      return Account::cash;
    case M::card:
      return Account::card;
    case M::bank:
      return Account::bank;
    case M::mobile:
      return Account::mobile;
    case M::payer:
      return Account::payer_remittance;
    case M::deposit:
      break;
  }
  return Account::deposits;
}

void post(Work& work, Entry& entry) {
  require_balance(entry);
  entry.postings.erase(std::remove_if(entry.postings.begin(), entry.postings.end(),
                                      [](const Posting& one) { return one.debit == 0 && one.credit == 0; }),
                       entry.postings.end());
  if (entry.postings.empty()) return;
  entry.id = work.make_id<JournalEntryId>();
  entry.at = work.now();
  entry.created_by = work.actor().user;
  if (entry.day == Date{}) entry.day = business_day(work);
  kernel::Rows<Entry>(work).insert(entry);
  const std::string day = entry.day.text();
  std::size_t line = 0;
  for (const Posting& posting : entry.postings) work.insert_plain(postings_table, row_of(entry, day, ++line, posting));
  add_to_balances(work, entry, day);
}

std::vector<Entry> entries_about(Work& work, const Uuid& ref) {
  std::vector<Entry> entries;
  const Cell equal[] = {Cell::bytes(ref.view())};
  kernel::Rows<Entry>(work).scan({.index = "journal_entries_ref", .equal = equal}, [&](Entry entry) {
    entries.push_back(std::move(entry));
    return true;
  });
  // Ids of one millisecond have no order; a reversal comes after what it takes back.
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.at, a.reverses.has_value()) < std::pair(b.at, b.reverses.has_value());
  });
  return entries;
}

Entry reversal_of(const Entry& entry, EntryKind kind) {
  Entry reversal{.kind = kind,
                 .currency = entry.currency,
                 .facility_id = entry.facility_id,
                 .ref_id = entry.ref_id,
                 .reverses = entry.id,
                 .postings = entry.postings};
  for (Posting& posting : reversal.postings) std::swap(posting.debit, posting.credit);
  return reversal;
}

std::int64_t Standing::balance_of(const std::optional<PayerId>& payer) const {
  if (!payer) return patient_balance;
  for (const auto& [id, amount] : payer_balances)
    if (id == *payer) return amount;
  return 0;
}

Standing standing_of(Work& work, const InvoiceId& invoice) { return standing(work, invoice, nullptr); }

Standing standing_of(Work& work, const InvoiceId& invoice, Date day) {
  const std::string until = day.text();
  return standing(work, invoice, &until);
}

std::int64_t given_up_of(Work& work, const InvoiceId& invoice, const std::optional<PayerId>& payer) {
  std::int64_t given_up = 0;
  const Cell equal[] = {Cell::bytes(invoice.uuid.view())};
  work.transaction().scan({.table = &postings_table, .index = "postings_invoice", .equal = equal}, [&](RowView row) {
    if (row[posting_account].data != word_of(Account::write_offs)) return true;
    const bool same = payer ? !row[posting_payer].is_null() && PayerId{uuid_in(row[posting_payer])} == *payer
                            : row[posting_payer].is_null();
    if (!same) return true;
    add(given_up, row[posting_debit].integer);
    add(given_up, -row[posting_credit].integer);
    return true;
  });
  return given_up;
}

void show_standing(Work& work, invoices::Invoice& invoice) {
  using S = invoices::InvoiceStatus;
  const bool posted = invoice.status == S::issued || invoice.status == S::voided;
  const Standing now = posted ? standing_of(work, invoice.id) : Standing{};
  invoice.paid = now.paid;
  invoice.credited = now.credited;
  invoice.written_off = now.written_off;
  invoice.balance = now.balance;
  invoice.patient_balance = now.patient_balance;
  invoice.settlement = settlement_of(invoice, now);
  invoice.overdue =
      invoice.status == S::issued && now.balance > 0 && invoice.due_date && *invoice.due_date < business_day(work);
}

std::vector<std::pair<InvoiceId, std::int64_t>> owed_by(Work& work, const PatientId& patient,
                                                        const Currency& currency) {
  std::vector<std::pair<InvoiceId, std::int64_t>> found;
  for (const auto& [invoice, owed] : owing(work, patient, currency)) found.emplace_back(invoice.id, owed);
  return found;
}

bool has_enough_for_overdue(Work& work, const PatientId& patient, const Currency& currency) {
  const Date today = business_day(work);
  std::int64_t overdue = 0;
  for (const auto& [invoice, owed] : owing(work, patient, currency))
    if (invoice.due_date && *invoice.due_date < today) add(overdue, owed);
  return deposit_of(work, {.patient_id = patient}, currency) >= overdue;
}

bool has_balance(Work& work, const PatientId& patient, Account account) {
  std::map<std::string, std::int64_t, std::less<>> balances;
  const Cell equal[] = {Cell::bytes(patient.uuid.view()), Cell::text(word_of(account))};
  work.transaction().scan({.table = &postings_table, .index = "postings_patient", .equal = equal}, [&](RowView row) {
    std::int64_t& balance = balances[std::string(row[posting_currency].data)];
    add(balance, row[posting_debit].integer);
    add(balance, -row[posting_credit].integer);
    return true;
  });
  return std::any_of(balances.begin(), balances.end(), [](const auto& each) { return each.second != 0; });
}

std::int64_t deposit_of(Work& work, const Party& party, const Currency& currency) {
  if (party.patient_id.has_value() == party.payer_id.has_value()) return 0;
  const Uuid& whose = party.patient_id ? party.patient_id->uuid : party.payer_id->uuid;
  const Cell equal[] = {Cell::bytes(whose.view()), Cell::text(word_of(Account::deposits))};
  std::int64_t deposit = 0;
  work.transaction().scan(
      {.table = &postings_table, .index = party.patient_id ? "postings_patient" : "postings_payer", .equal = equal},
      [&](RowView row) {
        if (row[posting_currency].data != currency.code()) return true;
        add(deposit, row[posting_credit].integer);
        add(deposit, -row[posting_debit].integer);
        return true;
      });
  return deposit;
}

}  // namespace medflow::inline v1::ledger
