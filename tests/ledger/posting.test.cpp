#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>

#include "tests/ledger/book.hpp"

using namespace medflow;
using namespace medflow::testing;
using medflow::invoices::InvoiceStatus;
using medflow::invoices::Settlement;
using storage::Cell;

namespace {

std::int64_t balance_of(const Book& book, Account account) {
  for (const auto& one : book.trial().accounts)
    if (one.account == account) return one.balance;
  return 0;
}

/// A patient, a payer and an invoice of 100, of which the payer owes 60.
struct Bill {
  explicit Bill(Book& owner) : book(owner) {
    patient = book.add_patient();
    invoice = book.add_invoice(patient, "2026-11-21");
    issued =
        post(EntryKind::invoice, {debit(Account::receivable_payer, 60, of_payer()),
                                  debit(Account::receivable_patient, 40, of_patient()), credit(Account::revenue, 100)});
  }

  Posting of_patient() const { return {.patient_id = patient, .invoice_id = invoice.id}; }
  Posting of_payer() const { return {.payer_id = payer, .invoice_id = invoice.id}; }
  Entry post(EntryKind kind, std::vector<Posting> postings, std::string_view on = "2026-11-22") const {
    return book.post(book.entry(kind, on, std::move(postings)));
  }
  invoices::Invoice shown(InvoiceStatus status = InvoiceStatus::issued) const {
    return book.look([&](kernel::Work& work) {
      invoices::Invoice one = invoice;
      one.status = status;
      ledger::show_standing(work, one);
      return one;
    });
  }

  Book& book;
  PatientId patient{};
  PayerId payer{{{7}}};
  invoices::Invoice invoice{};
  Entry issued{};
};

}  // namespace

TEST_CASE("BIL-9: an entry that does not balance is refused, and nothing of it is posted") {
  const Book book{TestEngine("memory")};
  const auto refused = [&](std::vector<Posting> postings) {
    return book.look([&](kernel::Work& work) {
      Entry entry = book.entry(EntryKind::payment, "2026-11-22", postings);
      try {
        ledger::post(work, entry);
      } catch (const std::logic_error&) {
        return true;
      }
      return false;
    });
  };
  CHECK(refused({debit(Account::cash, 100)}));
  CHECK(refused({debit(Account::cash, 100), credit(Account::deposits, 99)}));
  CHECK(refused({debit(Account::cash, -100), credit(Account::deposits, -100)}));
  CHECK(refused({{.account = Account::cash, .debit = 100, .credit = 100}}));
  CHECK(book.trial().accounts.empty());
  CHECK(book.verify().entries == 0);
  CHECK(!refused({debit(Account::cash, 100), credit(Account::deposits, 100)}));
}

TEST_CASE("BIL-9: postings of nothing are left out, and an entry of nothing is none") {
  const Book book{TestEngine("memory")};
  const Entry some = book.post(
      book.entry(EntryKind::payment, "2026-11-22",
                 {debit(Account::card, 5), credit(Account::deposits, 0), credit(Account::receivable_patient, 5)}));
  CHECK(some.postings.size() == 2);
  const Entry none = book.post(book.entry(EntryKind::payment, "2026-11-22", {debit(Account::card, 0)}));
  CHECK(none.id == JournalEntryId{});
  const auto report = book.verify();
  CHECK(report.entries == 1);
  CHECK(report.postings == 2);
  CHECK(report.balances == 2);
}

TEST_CASE("BIL-9: what was posted is never changed nor taken out, whoever asks the engine for it") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    const Book book{TestEngine(name)};
    const Entry posted = book.post(
        book.entry(EntryKind::payment, "2026-11-22", {debit(Account::cash, 100), credit(Account::deposits, 100)}));
    const auto row = ledger::row_of(posted, "2026-11-22", 1, posted.postings.at(0));
    const storage::RowView key = storage::RowView(row).first(ledger::postings_table.key_columns);
    const auto& entries = kernel::Rows<Entry>::layout().table();
    const Cell id[] = {Cell::bytes(posted.id.uuid.view())};
    const auto refused = [&](storage::Body body) {
      try {
        book.spoil(body);
      } catch (const storage::Fault& fault) {
        return fault.kind == storage::FaultKind::misuse;
      }
      return false;
    };
    CHECK(refused([&](storage::Transaction& there) { there.erase(ledger::postings_table, key); }));
    CHECK(refused([&](storage::Transaction& there) { there.update(ledger::postings_table, row, 1); }));
    CHECK(refused([&](storage::Transaction& there) { there.erase(entries, id); }));
    CHECK(refused([&](storage::Transaction& there) {
      std::vector<Cell> cells;
      const storage::Key keys[] = {id};
      storage::PackedRow found;
      there.get(entries, keys, [&](std::size_t, storage::RowView one) { found = storage::PackedRow(one); });
      there.update(entries, found.cells(), 1);
    }));
    CHECK(book.findings().empty());
    CHECK(book.verify().postings == 2);
  }
}

TEST_CASE("BIL-9: no operation changes the journal by itself") {
  std::size_t seen = 0;
  for (const OperationRow& row : operations()) {
    if (row.operation->object != "journal_entry") continue;
    ++seen;
    CHECK_MESSAGE(row.operation->effect == Effect::read, row.operation->name);
  }
  CHECK(seen == 3);
}

TEST_CASE("BIL-9: a correction reverses: all accounts are where they were, and both entries stay") {
  const Book book{TestEngine("memory")};
  const Entry first = book.post(book.entry(EntryKind::invoice, "2026-11-20",
                                           {debit(Account::receivable_patient, 120), debit(Account::discounts, 5),
                                            credit(Account::revenue, 105), credit(Account::tax, 20)}));
  const Entry second = book.post(ledger::reversal_of(first, EntryKind::invoice_void));
  CHECK(second.reverses == first.id);
  CHECK(second.ref_id == first.ref_id);
  CHECK(second.day == day("2026-11-22"));  // of the reversal, not of what it reverses
  for (const auto& one : book.trial().accounts) CHECK(one.balance == 0);
  const auto about = book.look([&](kernel::Work& work) { return ledger::entries_about(work, first.ref_id); });
  REQUIRE(about.size() == 2);
  CHECK(about[0].id == first.id);
  CHECK(about[1].id == second.id);
  CHECK(book.findings().empty());
}

TEST_CASE("BIL-9: a credit note takes back what its invoice posted, also where an earlier version left tax in it") {
  Book book{TestEngine("memory")};
  const PatientId patient = book.add_patient();
  // 150.00 with 20 % of tax in it, less 10 %.
  const invoices::Invoice invoice = book.look([&](kernel::Work& work) {
    const auto known = patients::known(work, patient, 0);
    invoices::Invoice one{.id = work.make_id<InvoiceId>(),
                          .number = "INV-2026-1",
                          .status = InvoiceStatus::issued,
                          .patient_id = patient,
                          .facility_id = book.home,
                          .currency = currency("GBP"),
                          .tax_mode = TaxMode::inclusive,
                          .issue_date = day("2026-11-20"),
                          .due_date = day("2026-11-20"),
                          .lines = {{.description = "Pills",
                                     .tax_code = "S",
                                     .rate_micro = 200'000,
                                     .service_date = day("2026-11-20"),
                                     .gross = 15'000,
                                     .discount_amount = 1'500,
                                     .net = 11'250}},
                          .taxes = {{.tax_code = "S", .rate_micro = 200'000, .base = 11'250, .amount = 2'250}},
                          .net = 11'250,
                          .tax = 2'250,
                          .total = 13'500,
                          .patient_share = 13'500};
    kernel::Rows<invoices::Invoice>(work).insert_for(known->subject, one);
    return one;
  });
  Entry issued =
      book.entry(EntryKind::invoice, "2026-11-20",
                 {debit(Account::receivable_patient, 13'500, {.patient_id = patient, .invoice_id = invoice.id}),
                  debit(Account::discounts, 1'500), credit(Account::revenue, 12'750), credit(Account::tax, 2'250)});
  issued.ref_id = invoice.id.uuid;
  book.post(issued);
  must(book.house.inside(book.tenant, Role::billing_clerk)
           .call(credit_notes::Issue{.invoice_id = invoice.id, .reason = "charged by mistake"},
                 {.idempotency_key = "credit"}));
  for (const auto& one : book.trial().accounts) CHECK(one.balance == 0);
  CHECK(book.findings().empty());
}

TEST_CASE("BIL-9: a day's sum that no number can hold is refused, and the balances stay as they were") {
  const Book book{TestEngine("memory")};
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() - 10;
  const auto move = [&](std::int64_t amount) {
    return book.entry(EntryKind::payment, "2026-11-22",
                      {debit(Account::cash, amount), credit(Account::deposits, amount)});
  };
  book.post(move(most));
  CHECK_THROWS_AS(book.post(move(11)), Failure);
  CHECK(balance_of(book, Account::cash) == most);
  CHECK(book.findings().empty());
  book.post(move(10));
  CHECK(balance_of(book, Account::deposits) == -most - 10);
}

TEST_CASE("BIL-4: what is settled of an invoice follows from the journal alone") {
  Book book{TestEngine("memory")};
  const Bill bill(book);
  const auto settled = [&](InvoiceStatus status = InvoiceStatus::issued) { return bill.shown(status).settlement; };
  CHECK(settled() == Settlement::unpaid);
  CHECK(bill.shown().overdue);
  CHECK(settled(InvoiceStatus::draft) == Settlement::none);
  CHECK(bill.shown(InvoiceStatus::draft).balance == 0);
  CHECK(settled(InvoiceStatus::voided) == Settlement::none);

  bill.post(EntryKind::payment, {debit(Account::card, 50), credit(Account::receivable_patient, 40, bill.of_patient()),
                                 credit(Account::deposits, 10, {.patient_id = bill.patient})});
  invoices::Invoice shown = bill.shown();
  CHECK(shown.settlement == Settlement::partially_paid);
  CHECK(shown.paid == 40);
  CHECK(shown.balance == 60);
  CHECK(shown.patient_balance == 0);
  const auto deposit = [&] {
    return book.look(
        [&](kernel::Work& work) { return ledger::deposit_of(work, {.patient_id = bill.patient}, currency("GBP")); });
  };
  CHECK(deposit() == 10);

  bill.post(EntryKind::write_off,
            {debit(Account::write_offs, 20), credit(Account::receivable_payer, 20, bill.of_payer())});
  bill.post(EntryKind::credit_note,
            {debit(Account::revenue, 30), credit(Account::receivable_payer, 30, bill.of_payer())});
  const auto standing = book.look([&](kernel::Work& work) { return ledger::standing_of(work, bill.invoice.id); });
  CHECK(standing.charged == 100);
  CHECK(standing.credited == 30);
  CHECK(standing.written_off == 20);
  CHECK(standing.balance == 10);
  CHECK(standing.balance_of(bill.payer) == 10);
  CHECK(standing.balance_of({}) == 0);
  CHECK(standing.balance_of(PayerId{{{8}}}) == 0);

  // What the patient paid goes back: it is owed again, and was paid no more.
  bill.post(EntryKind::refund_approved, {debit(Account::receivable_patient, 15, bill.of_patient()),
                                         credit(Account::refunds, 15, {.patient_id = bill.patient})});
  shown = bill.shown();
  CHECK(shown.paid == 25);
  CHECK(shown.patient_balance == 15);
  CHECK(shown.balance == 25);

  bill.post(EntryKind::payment,
            {debit(Account::payer_remittance, 10), credit(Account::receivable_payer, 10, bill.of_payer())});
  bill.post(EntryKind::allocation, {debit(Account::deposits, 10, {.patient_id = bill.patient}),
                                    credit(Account::receivable_patient, 10, bill.of_patient())});
  CHECK(deposit() == 0);
  CHECK(bill.shown().balance == 5);
  bill.post(EntryKind::payment, {debit(Account::cash, 5), credit(Account::receivable_patient, 5, bill.of_patient())});
  shown = bill.shown();
  CHECK(shown.balance == 0);
  CHECK(shown.settlement == Settlement::written_off);
  CHECK(!shown.overdue);
  CHECK(shown.paid + shown.credited + shown.written_off == 100);
}

TEST_CASE("BIL-4: an invoice is paid, or credited, when nothing of it is owed") {
  Book book{TestEngine("memory")};
  const Bill paid(book);
  paid.post(EntryKind::payment, {debit(Account::cash, 60), credit(Account::receivable_payer, 60, paid.of_payer())});
  paid.post(EntryKind::credit_note,
            {debit(Account::revenue, 40), credit(Account::receivable_patient, 40, paid.of_patient())});
  CHECK(paid.shown().settlement == Settlement::paid);
  const Bill credited(book);
  credited.post(EntryKind::credit_note,
                {debit(Account::revenue, 100), credit(Account::receivable_payer, 60, credited.of_payer()),
                 credit(Account::receivable_patient, 40, credited.of_patient())});
  CHECK(credited.shown().settlement == Settlement::credited);
  const Bill voided(book);
  book.post(ledger::reversal_of(voided.issued, EntryKind::invoice_void));
  CHECK(voided.shown(InvoiceStatus::voided).settlement == Settlement::none);
  CHECK(voided.shown(InvoiceStatus::voided).balance == 0);
  CHECK(voided.shown(InvoiceStatus::voided).credited == 100);
  invoices::Invoice free = book.add_invoice(paid.patient, "2026-11-21", 0);
  book.write([&](kernel::Work& work) { ledger::show_standing(work, free); });
  CHECK(free.settlement == Settlement::paid);
  CHECK(!free.overdue);
}

TEST_CASE("BIL-14: an invoice is overdue from the day after it was due, in the tenant's zone") {
  Book book{TestEngine("memory")};
  const PatientId patient = book.add_patient();
  const auto is_overdue = [&](std::string_view due) {
    invoices::Invoice invoice = book.add_invoice(patient, due);
    book.post(book.entry(EntryKind::invoice, "2026-11-01",
                         {debit(Account::receivable_patient, 100, {.patient_id = patient, .invoice_id = invoice.id}),
                          credit(Account::revenue, 100)}));
    book.write([&](kernel::Work& work) { ledger::show_standing(work, invoice); });
    return invoice.overdue;
  };
  CHECK(is_overdue("2026-11-21"));
  CHECK(!is_overdue("2026-11-22"));
  CHECK(!is_overdue("2026-11-23"));
}

TEST_CASE("BIL-7: what a patient owes is listed by due date, in one currency, and is what was owed on a day") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    Book book{TestEngine(name)};
    const PatientId patient = book.add_patient();
    const PatientId other = book.add_patient();
    const auto bill = [&](const PatientId& whose, std::string_view due, std::int64_t amount,
                          std::string_view in = "GBP") {
      const auto invoice = book.add_invoice(whose, due, amount, in);
      book.post(book.entry(EntryKind::invoice, "2026-11-10",
                           {debit(Account::receivable_patient, amount, {.patient_id = whose, .invoice_id = invoice.id}),
                            credit(Account::revenue, amount)},
                           in));
      return invoice.id;
    };
    const InvoiceId late = bill(patient, "2026-12-20", 30);
    const InvoiceId early = bill(patient, "2026-12-01", 20);
    const InvoiceId done = bill(patient, "2026-11-30", 10);
    bill(patient, "2026-11-01", 500, "JPY");
    bill(other, "2026-11-01", 7);
    for (const auto& [invoice, amount] : {std::pair{done, 10}, {late, 5}})
      book.post(book.entry(EntryKind::payment, "2026-11-20",
                           {debit(Account::cash, amount), credit(Account::receivable_patient, amount,
                                                                 {.patient_id = patient, .invoice_id = invoice})}));
    const auto owed = book.look([&](kernel::Work& work) { return ledger::owed_by(work, patient, currency("GBP")); });
    using Owed = std::vector<std::pair<InvoiceId, std::int64_t>>;
    CHECK(owed == Owed{{early, 20}, {late, 25}});
    const auto on = [&](std::string_view when) {
      return book.look([&](kernel::Work& work) { return ledger::standing_of(work, done, day(when)); }).balance;
    };
    CHECK(on("2026-11-09") == 0);
    CHECK(on("2026-11-10") == 10);
    CHECK(on("2026-11-19") == 10);
    CHECK(on("2026-11-20") == 0);
  }
}
