#include <doctest/doctest.h>

#include <algorithm>

#include "doctors/entities.hpp"
#include "ledger/csv.hpp"
#include "payments/entities.hpp"
#include "prices/entities.hpp"
#include "tests/ledger/book.hpp"

using namespace medflow;
using namespace medflow::testing;
using reports::RevenueBy;

namespace {

/// "2026-11 GBP 100-10=90" by row.
std::string words_of(const reports::RevenueReport& report, bool with_names = false) {
  std::string text;
  for (const auto& row : report.rows) {
    text += (text.empty() ? "" : "; ") + (with_names ? row.name : row.key) + " " + std::string(row.currency.code()) +
            " " + std::to_string(row.gross) + "-" + std::to_string(row.discounts) + "=" + std::to_string(row.net);
  }
  return text;
}

std::string buckets_of(const reports::AgingRow& row) {
  std::string text(row.currency.code());
  for (const std::int64_t amount :
       {row.not_due, row.days_1_30, row.days_31_60, row.days_61_90, row.days_over_90, row.total})
    text += " " + std::to_string(amount);
  return text;
}

/// "invoice INV-1 +100-0=100" by row.
std::string words_of(const reports::PatientStatement& statement) {
  std::string text;
  for (const auto& row : statement.rows)
    text += (text.empty() ? "" : "; ") + row.day.text().substr(8) + " " + std::string(ledger::word_of(row.kind)) + " " +
            row.number + " +" + std::to_string(row.debit) + "-" + std::to_string(row.credit) + "=" +
            std::to_string(row.balance);
  return text;
}

std::string words_of(const std::vector<Money>& sums) {
  std::string text;
  for (const Money& one : sums)
    text += (text.empty() ? "" : "; ") + std::string(one.currency.code()) + " " + std::to_string(one.minor);
  return text;
}

void charge(const Book& book, const PatientId& patient, const invoices::Invoice& invoice, std::int64_t amount,
            std::string_view on = "2026-06-01", std::string_view in = "GBP") {
  Entry entry =
      book.entry(EntryKind::invoice, on,
                 {debit(Account::receivable_patient, amount, {.patient_id = patient, .invoice_id = invoice.id}),
                  credit(Account::revenue, amount)},
                 in);
  entry.ref_id = invoice.id.uuid;
  book.post(entry);
}

// NOLINTNEXTLINE(readability-function-size): each check is dozens of statements
void check_aging(std::string_view name) {
  CAPTURE(name);
  Book book{TestEngine(name)};
  const PatientId patient = book.add_patient();
  const auto due = [](std::int32_t days) { return Date::from_days(day("2026-11-22").days() - days).text(); };
  std::int64_t amount = 1;
  for (const std::int32_t days : {-1, 0, 1, 30, 31, 60, 61, 90, 91}) {
    charge(book, patient, book.add_invoice(patient, due(days)), amount);
    amount *= 10;
  }
  charge(book, patient, book.add_invoice(patient, due(5), 7, "JPY"), 7, "2026-06-01", "JPY");
  const auto paid = book.add_invoice(patient, due(100));
  charge(book, patient, paid, 9);
  book.post(book.entry(EntryKind::payment, "2026-11-22",
                       {debit(Account::cash, 9),
                        credit(Account::receivable_patient, 9, {.patient_id = patient, .invoice_id = paid.id})}));
  const PayerId payer{{{7}}};
  const auto insured = book.add_invoice(patient, due(45));
  book.post(book.entry(EntryKind::invoice, "2026-06-01",
                       {debit(Account::receivable_payer, 50, {.payer_id = payer, .invoice_id = insured.id}),
                        credit(Account::revenue, 50)}));

  const auto report = must(book.session().call(reports::Aging{}));
  CHECK(report.as_of == day("2026-11-22"));
  CHECK(report.left_out == 0);
  REQUIRE(report.rows.size() == 3);
  CHECK(report.rows[0].payer_id == payer);
  CHECK(!report.rows[0].patient_id);
  CHECK(buckets_of(report.rows[0]) == "GBP 0 0 50 0 0 50");
  CHECK(report.rows[1].patient_id == patient);
  CHECK(!report.rows[1].payer_id);
  CHECK(buckets_of(report.rows[1]) == "GBP 11 1100 110000 11000000 100000000 111111111");
  CHECK(buckets_of(report.rows[2]) == "JPY 0 7 0 0 0 7");

  // The day before, what was paid then is owed still, and all else is a day younger.
  const auto before = must(book.session().call(reports::Aging{.as_of = day("2026-11-21")}));
  REQUIRE(before.rows.size() == 3);
  CHECK(buckets_of(before.rows[1]) == "GBP 111 11000 1100000 110000000 9 111111120");
  CHECK(must(book.session().call(reports::Aging{.as_of = day("2026-05-31")})).rows.empty());
}

}  // namespace

TEST_CASE("BIL-14: what is owed falls into 0, 30, 60 and 90 days at their edges, as of any day") {
  for (const auto name : engine_names) check_aging(name);
}

TEST_CASE("BIL-14: aging shows ten thousand parties and counts the others") {
  Book book{TestEngine("memory")};
  const auto invoice = book.add_invoice(book.add_patient(), "2026-11-21");
  std::vector<Posting> postings;
  const auto uuid = [](std::size_t n) {
    Uuid id{{3}};
    id.bytes[14] = static_cast<std::uint8_t>(n >> 8U);
    id.bytes[15] = static_cast<std::uint8_t>(n);
    return id;
  };
  for (std::size_t i = 0; i < 10'007; ++i)
    postings.push_back(
        i < 9'000 ? debit(Account::receivable_patient, 1, {.patient_id = PatientId{uuid(i)}, .invoice_id = invoice.id})
                  : debit(Account::receivable_payer, 1, {.payer_id = PayerId{uuid(i)}, .invoice_id = invoice.id}));
  postings.push_back(credit(Account::revenue, 10'007));
  book.post(book.entry(EntryKind::invoice, "2026-11-21", postings));
  const auto report = must(book.session().call(reports::Aging{}));
  REQUIRE(report.rows.size() == 10'000);
  CHECK(report.left_out == 7);
  CHECK(report.rows[1'006].payer_id == PayerId{uuid(10'006)});
  CHECK(report.rows[1'007].patient_id == PatientId{uuid(0)});
  CHECK(report.rows.back().patient_id == PatientId{uuid(8'992)});
}

TEST_CASE("BIL-9: revenue is added up by day, month, doctor, item and facility, with their names") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    Book book{TestEngine(name)};
    const auto doctor = must(book.session().call(doctors::Create{.name = "Dr Grey", .facilities = {book.home}}));
    const prices::Item item = book.look([&](kernel::Work& work) {
      prices::Item one{.id = work.make_id<PriceItemId>(), .code = "X", .name = "=Scan"};
      kernel::Rows<prices::Item>(work).insert(one);
      return one;
    });
    const Posting of_both{.practitioner_id = doctor.id, .item_id = item.id};
    const auto earn = [&](std::string_view on, std::int64_t gross, std::int64_t off, const Posting& whose,
                          std::string_view in = "GBP") {
      book.post(book.entry(EntryKind::invoice, on,
                           {debit(Account::receivable_patient, gross - off), debit(Account::discounts, off, whose),
                            credit(Account::revenue, gross, whose)},
                           in));
    };
    earn("2026-10-31", 100, 10, of_both);
    earn("2026-11-01", 200, 0, {});
    earn("2026-11-02", 300, 0, of_both, "JPY");
    earn("2026-11-02", 400, 0, of_both);
    book.post(book.entry(EntryKind::credit_note, "2026-11-02",
                         {debit(Account::revenue, 50, of_both), credit(Account::receivable_patient, 50)}));
    const auto revenue = [&](RevenueBy by, std::string_view from = "2026-10-31", std::string_view to = "2026-11-02") {
      return must(book.session().call(reports::Revenue{.by = by, .from = day(from), .to = day(to)}));
    };
    CHECK(words_of(revenue(RevenueBy::day)) ==
          "2026-10-31 GBP 100-10=90; 2026-11-01 GBP 200-0=200; 2026-11-02 GBP 350-0=350; 2026-11-02 JPY 300-0=300");
    CHECK(words_of(revenue(RevenueBy::month)) == "2026-10 GBP 100-10=90; 2026-11 GBP 550-0=550; 2026-11 JPY 300-0=300");
    CHECK(words_of(revenue(RevenueBy::practitioner), true) ==
          " GBP 200-0=200; Dr Grey GBP 450-10=440; Dr Grey JPY 300-0=300");
    CHECK(revenue(RevenueBy::practitioner).rows.at(1).key == doctor.id.uuid.text());
    CHECK(words_of(revenue(RevenueBy::item), true) == " GBP 200-0=200; =Scan GBP 450-10=440; =Scan JPY 300-0=300");
    const auto facilities = revenue(RevenueBy::facility);
    REQUIRE(facilities.rows.size() == 2);
    CHECK(facilities.rows[0].key == book.home.uuid.text());
    CHECK(!facilities.rows[0].name.empty());
    CHECK(facilities.rows[0].net == 640);
    CHECK(words_of(revenue(RevenueBy::month, "2026-11-01", "2026-11-01")) == "2026-11 GBP 200-0=200");
    CHECK(revenue(RevenueBy::month, "2026-11-03", "2026-12-31").rows.empty());
  }
}

TEST_CASE("BIL-9: revenue of no time at all, or of more than ten years, is refused") {
  const Book book{TestEngine("memory")};
  const auto fields = [&](std::string_view from, std::string_view to) {
    return fields_of(book.session().call(reports::Revenue{.from = day(from), .to = day(to)}));
  };
  CHECK(fields("2026-11-02", "2026-11-01") == "/to:date.order");
  CHECK(fields("2016-01-01", "2026-01-08") == "/to:range.too_long");  // 3,661 days
  CHECK(fields("2016-01-01", "2026-01-07").empty());
}

TEST_CASE("BIL-7: a statement tells a patient's charges and payments in order, with what was before them") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    Book book{TestEngine(name)};
    const PatientId patient = book.add_patient();
    const PatientId other = book.add_patient();
    const auto first = book.add_invoice(patient, "2026-12-01");
    const auto second = book.add_invoice(patient, "2026-12-01");
    charge(book, other, book.add_invoice(other, "2026-12-01"), 77, "2026-11-01");
    const auto of = [&](const invoices::Invoice& invoice) {
      return Posting{.patient_id = patient, .invoice_id = invoice.id};
    };
    Entry issued =
        book.entry(EntryKind::invoice, "2026-11-01",
                   {debit(Account::receivable_patient, 100, of(first)),
                    debit(Account::receivable_payer, 900, {.payer_id = PayerId{{{7}}}, .invoice_id = first.id}),
                    credit(Account::revenue, 1'000)});
    issued.ref_id = first.id.uuid;
    book.post(issued);
    charge(book, patient, second, 50, "2026-11-03");
    charge(book, patient, book.add_invoice(patient, "2026-12-01", 8, "JPY"), 8, "2026-11-03", "JPY");
    const payments::Payment payment = book.look([&](kernel::Work& work) {
      payments::Payment one{.id = work.make_id<PaymentId>(),
                            .number = "RCP-00000001",
                            .patient_id = patient,
                            .facility_id = book.home,
                            .currency = currency("GBP")};
      kernel::Rows<payments::Payment>(work).insert(one);
      return one;
    });
    Entry paid = book.entry(
        EntryKind::payment, "2026-11-05",
        {debit(Account::cash, 170), credit(Account::receivable_patient, 100, of(first)),
         credit(Account::receivable_patient, 50, of(second)), credit(Account::deposits, 20, {.patient_id = patient})});
    paid.ref_id = payment.id.uuid;
    book.post(paid);
    const auto statement = [&](std::optional<Date> from = {}, std::optional<Date> to = {}) {
      return must(book.session().call(reports::Statement{.patient_id = patient, .from = from, .to = to}));
    };
    const auto whole = statement();
    CHECK(words_of(whole) ==
          "01 invoice INV-2026-1 +100-0=100; 03 invoice INV-2026-2 +50-0=150; 03 invoice INV-2026-4 +8-0=8; 05 payment "
          "RCP-00000001 +0-170=-20");
    CHECK(whole.rows.at(0).invoice_id == first.id);
    CHECK(!whole.rows.at(3).invoice_id);  // of two invoices
    CHECK(words_of(whole.balances) == "GBP -20; JPY 8");
    CHECK(words_of(whole.deposits) == "GBP 20");
    CHECK(words_of(statement(day("2026-11-02"), day("2026-11-04"))) ==
          "03 invoice INV-2026-2 +50-0=150; 03 invoice INV-2026-4 +8-0=8");
    const auto later = statement(day("2026-11-06"));
    CHECK(later.rows.empty());
    CHECK(words_of(later.balances) == "GBP -20; JPY 8");
    CHECK(words_of(statement({}, day("2026-11-04")).balances) == "GBP 150; JPY 8");
    CHECK(statement({}, day("2026-11-04")).deposits.empty());
    CHECK(reports::statement_csv(whole).find(
              "\r\n,balance,,,GBP,,,-0.20\r\n,balance,,,JPY,,,8\r\n,deposit,,,GBP,,,0.20\r\n") != std::string::npos);
    const auto nobody = book.session().call(reports::Statement{.patient_id = PatientId{{{9}}}});
    CHECK(code_of(nobody) == "not_found");
    CHECK(fields_of(book.session().call(reports::Statement{
              .patient_id = patient, .from = day("2026-11-02"), .to = day("2026-11-01")})) == "/to:date.order");
  }
}

TEST_CASE("BIL-9: no cell of a report is a formula, and numbers stay numbers") {
  using reports::csv_cell;
  for (const std::string text :
       {"=1+1", "+1", "@SUM(A1)", "\tx", "-1+cmd|' /C calc'!A0", "-", "-.5", "-1.", "\uFF1D1"}) {
    CAPTURE(text);
    CHECK(csv_cell(text).starts_with("'"));
  }
  CHECK(csv_cell("\r=1") == "\"'\r=1\"");
  CHECK(csv_cell("=HYPERLINK(\"x\",1)") == "\"'=HYPERLINK(\"\"x\"\",1)\"");
  for (const std::string text : {"-12.50", "-7", "0", "Dr Grey", "a=b", "'=1", ""}) CHECK(csv_cell(text) == text);
  CHECK(csv_cell("Grey, \"Dr\"\n") == "\"Grey, \"\"Dr\"\"\n\"");
}

TEST_CASE("BIL-9: reports are exported as CSV with decimal amounts of their currency") {
  Book book{TestEngine("memory")};
  const auto doctor = must(book.session().call(doctors::Create{.name = "=Dr \"X\", Grey", .facilities = {book.home}}));
  const Posting whose{.practitioner_id = doctor.id};
  for (const auto& [in, amount] : {std::pair{"GBP", 1'205}, {"JPY", 1'200}, {"TND", 5}})
    book.post(book.entry(
        EntryKind::invoice, "2026-11-02",
        {debit(Account::receivable_payer, amount, {.payer_id = PayerId{{{7}}}, .invoice_id = InvoiceId{{{8}}}}),
         credit(Account::revenue, amount, whose)},
        in));
  CHECK(book.csv({.report = reports::ReportKind::trial_balance}) ==
        "account,currency,debit,credit,balance\r\n"
        "receivable_payer,GBP,12.05,0.00,12.05\r\n"
        "receivable_payer,JPY,1200,0,1200\r\n"
        "receivable_payer,TND,0.005,0.000,0.005\r\n"
        "revenue,GBP,0.00,12.05,-12.05\r\n"
        "revenue,JPY,0,1200,-1200\r\n"
        "revenue,TND,0.000,0.005,-0.005\r\n");
  const std::string id = doctor.id.uuid.text();
  CHECK(book.csv({.report = reports::ReportKind::revenue,
                  .from = day("2026-11-01"),
                  .to = day("2026-11-30"),
                  .by = RevenueBy::practitioner}) == "key,name,currency,gross,discounts,net\r\n" + id +
                                                         ",\"'=Dr \"\"X\"\", Grey\",GBP,12.05,0.00,12.05\r\n" + id +
                                                         ",\"'=Dr \"\"X\"\", Grey\",JPY,1200,0,1200\r\n" + id +
                                                         ",\"'=Dr \"\"X\"\", Grey\",TND,0.005,0.000,0.005\r\n");
  CHECK(book.csv({.report = reports::ReportKind::aging, .to = day("2026-11-01")}) ==
        "payer_id,patient_id,currency,not_due,days_1_30,days_31_60,days_61_90,days_over_90,total\r\n");
  CHECK(book.csv({.report = reports::ReportKind::aging}).find(PayerId{{{7}}}.uuid.text() + ",,GBP,12.05,") !=
        std::string::npos);
  const auto without_days = book.session().call(reports::Export{.report = reports::ReportKind::revenue});
  CHECK(code_of(without_days) == "invalid");
  CHECK(fields_of(without_days) == "/from:required /to:required");
}
