// Drafts and issued invoices: what they come to, who pays, what is refused, and that nothing changes once it is issued.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/till.hpp"

using namespace medflow;
using namespace medflow::testing;
using invoices::InvoiceStatus;
using invoices::Settlement;

namespace {

Discount percent_off(std::int64_t micro, std::string reason = "goodwill") {
  return {.kind = DiscountKind::percent, .value = micro, .reason = std::move(reason)};
}
Discount fixed_off(std::int64_t amount, std::string reason = "goodwill") {
  return {.kind = DiscountKind::fixed, .value = amount, .reason = std::move(reason)};
}

invoices::NewLine priced(std::int64_t price_micro) { return {.description = "Something", .price_micro = price_micro}; }

invoices::Create asking(const Till& till, std::vector<invoices::NewLine> lines) {
  return {.patient_id = till.patient.id, .facility_id = till.hospital.home, .lines = std::move(lines)};
}

std::uint64_t entries(Till& till) { return must(till.admin().call(ledger::Verify{})).entries; }

std::int64_t balance_of(Till& till, ledger::Account account) {
  std::int64_t balance = 0;
  for (const auto& each : must(till.admin().call(ledger::TrialBalance{})).accounts)
    if (each.account == account) balance += each.balance;
  return balance;
}

}  // namespace

TEST_CASE("BIL-5, BIL-6: a draft is issued, gets the next number of its series and what it comes to") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const auto draft =
        till.draft({medflow::testing::Till::line(till.visit), medflow::testing::Till::line(till.pill, 10)});
    CHECK(draft.status == InvoiceStatus::draft);
    CHECK(draft.number.value_or("") == "DRAFT-" + draft.id.text().substr(28));
    CHECK(draft.net == 6'500);
    CHECK(draft.tax == 300);
    CHECK(draft.total == 6'800);
    CHECK(draft.settlement == Settlement::none);
    CHECK(entries(till) == 0);
    const auto issued = till.issue(draft);
    CHECK(issued.number == "INV-2026-000001");
    CHECK(issued.issue_date == day("2026-11-22"));
    CHECK(issued.due_date == day("2026-12-22"));
    const auto read = till.again(issued.id);
    CHECK(read.balance == 6'800);
    CHECK(read.patient_balance == 6'800);
    CHECK(read.settlement == Settlement::unpaid);
    CHECK(read.doc_hash.size() == 64);
    CHECK(read.lines.at(1).description == "Item PILL");
    CHECK(read.patient.value_or(appointments::PatientLabel{}).mrn == till.patient.mrn);
    CHECK(balance_of(till, ledger::Account::receivable_patient) == 6'800);
    CHECK(balance_of(till, ledger::Account::revenue) == -6'500);
    CHECK(balance_of(till, ledger::Account::tax) == -300);
    CHECK(must(till.admin().call(audit::Verify{})).intact);
    CHECK(must(till.admin().call(ledger::Verify{})).sound);
  }
}

TEST_CASE("BIL-3: discounts of a line and of the whole, with a reason, and as far as the caller may") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    // 100 500 − 500 of the line = 100 000, less 10 % of the whole = 90 000.
    auto line = priced(1'005'000'000);
    line.discount = fixed_off(500);
    const auto draft = till.draft({line}, {.discount = percent_off(100'000)});
    CHECK(draft.lines.at(0).gross == 100'500);
    CHECK(draft.lines.at(0).discount_amount == 10'500);
    CHECK(draft.total == 90'000);
    till.issue(draft);
    CHECK(balance_of(till, ledger::Account::revenue) == -100'500);
    CHECK(balance_of(till, ledger::Account::discounts) == 10'500);

    const auto refused = [&](const Session& who, std::optional<Discount> of_line, std::optional<Discount> of_all) {
      auto request = asking(till, {medflow::testing::Till::line(till.visit)});
      request.lines[0].discount = std::move(of_line);
      request.discount = std::move(of_all);
      return fields_of(who.call(request));
    };
    const Session clerk = till.clerk();
    const Session desk = till.desk();
    CHECK(refused(clerk, percent_off(500'000, ""), {}) == "/lines/0/discount:discount.reason");
    CHECK(refused(clerk, {}, percent_off(500'000, "")) == "/discount:discount.reason");
    CHECK(refused(clerk, fixed_off(5'001), {}) == "/lines/0/discount:discount.too_large");
    CHECK(refused(clerk, {}, fixed_off(5'001)) == "/discount:discount.too_large");
    CHECK(refused(clerk, percent_off(1'000'001), {}) == "/lines/0/discount:discount.too_large");
    CHECK(refused(clerk, percent_off(1'000'000), {}).empty());
    // A receptionist takes off 10 % at most, in whatever way.
    CHECK(refused(desk, percent_off(100'000), {}).empty());
    CHECK(refused(desk, percent_off(100'001), {}) == "/lines/0/discount:discount.limit");
    CHECK(refused(desk, {}, fixed_off(501)) == "/discount:discount.limit");
    CHECK(refused(desk, percent_off(60'000), percent_off(60'000)) == "/discount:discount.limit");
    const auto generous = till.draft({medflow::testing::Till::line(till.visit)}, {.discount = percent_off(200'000)});
    CHECK(fields_of(desk.call(invoices::Update{.id = generous.id,
                                               .revision = generous.revision,
                                               .lines = {till.line(till.visit)},
                                               .discount = percent_off(200'000)})) == "/discount:discount.limit");
    // Nor by a price below that of the list.
    auto cheap = asking(till, {medflow::testing::Till::line(till.visit)});
    cheap.lines[0].price_micro = 40'000'000;
    CHECK(fields_of(desk.call(cheap)) == "/lines/0/price_micro:price.limit");
    CHECK(clerk.call(cheap).ok());
    cheap.lines[0].price_micro = 60'000'000;
    CHECK(desk.call(cheap).ok());
  }
}

TEST_CASE("BIL-3, R9: what is wrong with discounts is told along with what is wrong with lines, each once") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    auto request = asking(till, {medflow::testing::Till::line(till.visit), medflow::testing::Till::line(till.visit),
                                 medflow::testing::Till::line(till.visit)});
    request.lines[0].tax_code = "X";
    request.lines[1].discount = percent_off(1'000'001, "");
    request.lines[2].discount = fixed_off(1, "");
    request.discount = percent_off(1'000'001);
    const std::string of_discounts =
        "/lines/1/discount:discount.reason /lines/1/discount:discount.too_large /lines/2/discount:discount.reason "
        "/discount:discount.too_large";
    CHECK(fields_of(till.clerk().call(request)) == "/lines/0/tax_code:tax_code.unknown " + of_discounts);
    request.lines[0].tax_code.reset();
    CHECK(fields_of(till.clerk().call(request)) == of_discounts);
    // Whoever is held to a limit is told what is wrong, not what that would come to.
    auto huge = asking(till, {medflow::testing::Till::line(till.visit)});
    huge.lines[0].item_id = PriceItemId{Uuid{{1}}};
    huge.lines[0].quantity = 10'000'000'000;
    huge.lines[0].price_micro = 1'000'000'000'000'000;
    huge.lines[0].discount = percent_off(100'000, "");
    huge.lines.resize(100, huge.lines[0]);
    const auto answer = till.desk().call(huge);
    CHECK(code_of(answer) == "invalid");
    CHECK(fields_of(answer).starts_with("/lines/0/item_id:item.unknown "));
    const auto draft = till.draft({medflow::testing::Till::line(till.visit)});
    CHECK(code_of(till.desk().call(
              invoices::Update{.id = draft.id, .revision = draft.revision, .lines = huge.lines})) == "invalid");
  }
}

TEST_CASE("BIL-3, BIL-9: of prices that hold their tax neither revenue nor discounts hold any") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    till.hospital.configure({.tax_mode = TaxMode::inclusive});
    // 100 pills at 1.50, of which 20 % are tax: 150.00, with 25.00 of it.
    auto line = medflow::testing::Till::line(till.pill, 100);
    const auto plain = till.issue(till.draft({line}));
    CHECK(balance_of(till, ledger::Account::revenue) == -12'500);
    must(till.clerk().call(invoices::Void{.id = plain.id, .revision = plain.revision, .reason = "charged by mistake"}));
    line.discount = percent_off(100'000);
    const auto invoice = till.issue(till.draft({line}));
    CHECK(invoice.lines.at(0).discount_amount == 1'500);  // as it is printed
    CHECK(invoice.total == 13'500);
    CHECK(invoice.tax == 2'250);
    CHECK(balance_of(till, ledger::Account::revenue) == -12'500);
    CHECK(balance_of(till, ledger::Account::discounts) == 1'250);
    CHECK(balance_of(till, ledger::Account::tax) == -2'250);
    CHECK(balance_of(till, ledger::Account::receivable_patient) == 13'500);
    const auto report = must(till.admin().call(
        reports::Revenue{.by = reports::RevenueBy::item, .from = day("2026-11-22"), .to = day("2026-11-22")}));
    REQUIRE(report.rows.size() == 1);
    CHECK(report.rows[0].gross == 12'500);
    CHECK(report.rows[0].discounts == 1'250);
    CHECK(report.rows[0].net == invoice.net);
    must(till.clerk().call(
        invoices::Void{.id = invoice.id, .revision = invoice.revision, .reason = "charged by mistake"}));
    CHECK(balance_of(till, ledger::Account::revenue) == 0);
    CHECK(balance_of(till, ledger::Account::discounts) == 0);
    CHECK(must(till.admin().call(ledger::Verify{})).sound);
  }
}

TEST_CASE("BIL-2: what is owed in the tenant's currency is rounded to its coins, in another to the minor unit") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    till.hospital.configure({.cash_rounding = 5U});
    const auto drafted = [&](std::optional<Currency> currency) {
      return till.draft({priced(10'020'000)}, {.currency = currency});
    };
    const auto pounds = drafted({});
    CHECK(pounds.total == 1'000);
    CHECK(pounds.rounding == -2);
    CHECK(pounds.cash_rounding == 5);
    const auto euros = drafted(Currency::parse("EUR"));
    CHECK(euros.total == 1'002);
    CHECK(euros.rounding == 0);
    CHECK(euros.cash_rounding == 0);
    CHECK(till.issue(euros).patient_share == 1'002);
    // A change of the draft keeps its currency.
    const auto yen = drafted(Currency::parse("JPY"));
    CHECK(must(till.clerk().call(
                   invoices::Update{.id = yen.id, .revision = yen.revision, .lines = {priced(1'003'000'000)}}))
              .total == 1'003);
  }
}

TEST_CASE("BIL-6: an issued invoice does not change, and its hash stays") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session clerk = till.clerk();
    const auto issued = till.issued();
    const std::uint64_t before = entries(till);
    CHECK(code_of(clerk.call(
              invoices::Update{.id = issued.id, .revision = issued.revision, .lines = {till.line(till.visit, 2)}})) ==
          "invoice.immutable");
    CHECK(code_of(clerk.call(invoices::DiscardDraft{.id = issued.id, .revision = issued.revision})) ==
          "transition.illegal");
    CHECK(code_of(keyed(clerk, invoices::Issue{.id = issued.id, .revision = issued.revision})) == "transition.illegal");
    till.pay(2'000, {{.invoice_id = issued.id, .amount = 2'000}});
    must(keyed(clerk, credit_notes::Issue{
                          .invoice_id = issued.id, .lines = {{.line = 1, .net = 1'000}}, .reason = "came too late"}));
    const auto after = till.again(issued.id);
    CHECK(after.revision == issued.revision);
    CHECK(after.doc_hash == issued.doc_hash);
    CHECK(after.total == issued.total);
    CHECK(after.balance == 2'000);
    CHECK(entries(till) == before + 2);
    // What is the same but for its number has another hash.
    CHECK(till.issued().doc_hash != issued.doc_hash);
  }
}

TEST_CASE("BIL-4: what is settled follows from the journal alone") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session clerk = till.clerk();
    const auto settlement = [&](const invoices::Invoice& invoice) { return till.again(invoice.id).settlement; };
    const auto credit = [&](const invoices::Invoice& invoice, std::vector<credit_notes::CreditLine> lines) {
      must(keyed(clerk, credit_notes::Issue{
                            .invoice_id = invoice.id, .lines = std::move(lines), .reason = "charged by mistake"}));
    };
    const auto paid = till.issued();
    CHECK(settlement(paid) == Settlement::unpaid);
    till.pay(1'000, {{.invoice_id = paid.id, .amount = 1'000}});
    CHECK(settlement(paid) == Settlement::partially_paid);
    till.pay(4'000, {{.invoice_id = paid.id, .amount = 4'000}});
    CHECK(settlement(paid) == Settlement::paid);
    const auto credited = till.issued();
    credit(credited, {});
    CHECK(settlement(credited) == Settlement::credited);
    CHECK(till.again(credited.id).credited == 5'000);
    const auto given_up = till.issued();
    const auto write_off = must(
        clerk.call(write_offs::Request{.invoice_id = given_up.id, .amount = 5'000, .reason = "cannot be collected"}));
    CHECK(settlement(given_up) == Settlement::unpaid);
    must(till.admin().call(write_offs::Approve{.id = write_off.id, .revision = write_off.revision}));
    CHECK(settlement(given_up) == Settlement::written_off);
    const auto voided = till.issued();
    must(clerk.call(
        invoices::Void{.id = voided.id, .revision = voided.revision, .reason = "issued to the wrong patient"}));
    CHECK(settlement(voided) == Settlement::none);
    CHECK(till.again(voided.id).balance == 0);
    // The row of an invoice is written when it is drafted and issued, and not by what happens to its money.
    CHECK(till.again(paid.id).revision == 2);
    till.go_to("2026-12-23T00:00:00Z");
    const auto late = till.issued();
    CHECK_FALSE(till.again(late.id).overdue);
    CHECK_FALSE(till.again(paid.id).overdue);
    till.go_to("2027-01-23T00:00:00Z");
    CHECK(till.again(late.id).overdue);
    const auto list = [&](invoices::List request) { return must(till.clerk().call(std::move(request))).data.size(); };
    CHECK(list({.overdue = true}) == 1);
    CHECK(list({.open = true}) == 1);
    CHECK(list({.open = false}) == 4);
    CHECK(list({.patient_id = till.patient.id, .status = InvoiceStatus::voided}) == 1);
    CHECK(list({.patient_id = till.patients.at(1).id}) == 0);
    CHECK(must(till.admin().call(ledger::Verify{})).sound);
  }
}

TEST_CASE("BIL-10: payers pay by rank, the patient the rest, and a void gives back what was used") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session clerk = till.clerk();
    const auto other = must(till.admin().call(payers::Create{.code = "B", .name = "Another fund"}));
    coverages::Create request{
        .patient_id = till.patient.id, .payer_id = till.payer.id, .valid_from = day("2026-01-01")};
    request.limits.per_visit = 1'500'000;
    request.deductible = 10'000;
    const auto first = must(clerk.call(request));
    request = {.patient_id = till.patient.id,
               .payer_id = other.id,
               .rank = 2,
               .valid_from = day("2026-01-01"),
               .limits = {.per_visit = 1'000'000}};
    const auto second = must(clerk.call(request));
    const auto draft = till.draft({medflow::testing::Till::line(till.visit, 600)});
    CHECK(draft.total == 3'000'000);
    CHECK(draft.shares.empty());
    const auto issued = till.issue(draft);
    REQUIRE(issued.shares.size() == 2);
    CHECK(issued.shares[0].amount == 1'500'000);
    CHECK(issued.shares[1].amount == 1'000'000);
    CHECK(issued.patient_share == 500'000);
    CHECK(issued.patient_balance == 500'000);
    CHECK(issued.balance == 3'000'000);
    CHECK(balance_of(till, ledger::Account::receivable_payer) == 2'500'000);
    const auto used = [&](const coverages::Coverage& of) { return must(clerk.call(coverages::Get{.id = of.id})); };
    CHECK(used(first).deductible_used == 10'000);
    CHECK(used(first).paid_in_year == 1'500'000);
    CHECK(used(second).paid_in_year == 1'000'000);
    const auto small = till.issued();  // 50.00: the deductible is used up
    CHECK(small.patient_share == 0);
    CHECK(used(first).paid_in_year == 1'505'000);
    must(clerk.call(invoices::Void{.id = issued.id, .revision = issued.revision, .reason = "charged by mistake"}));
    CHECK(used(first).paid_in_year == 5'000);
    CHECK(used(first).deductible_used == 0);  // the small one has used nothing of it
    CHECK(used(second).paid_in_year == 0);
    // Said by hand they are as they were said.
    const auto by_hand = till.issue(
        till.draft({medflow::testing::Till::line(till.visit)}, {.shares = {{.payer_id = other.id, .amount = 1'200}}}));
    CHECK(by_hand.patient_share == 3'800);
    REQUIRE(by_hand.shares.size() == 1);
    CHECK(by_hand.shares[0].amount == 1'200);
    auto wrong = asking(till, {medflow::testing::Till::line(till.visit)});
    wrong.shares = {{.payer_id = other.id, .amount = 5'001}};
    CHECK(fields_of(clerk.call(wrong)) == "/shares:shares.exceed");
    wrong.shares = {{.payer_id = PayerId{till.visit.id.uuid}, .amount = 1}};
    CHECK(fields_of(clerk.call(wrong)) == "/shares/0/payer_id:payer.unknown");
    wrong.shares = {{.payer_id = other.id, .coverage_id = first.id, .amount = 1}};
    CHECK(fields_of(clerk.call(wrong)) == "/shares/0/coverage_id:coverage.unknown");
    CHECK(must(till.admin().call(ledger::Verify{})).sound);
    CHECK(must(till.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("BIL-1, BIL-5, R9: what cannot be drafted or issued is refused with code and field, and nothing is posted") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session clerk = till.clerk();
    const auto refused = [&](invoices::NewLine line) { return fields_of(clerk.call(asking(till, {std::move(line)}))); };
    const auto spoilt = [&](auto&& spoil) {
      invoices::NewLine line = medflow::testing::Till::line(till.visit);
      spoil(line);
      return refused(std::move(line));
    };
    using L = invoices::NewLine;
    CHECK(spoilt([](L& line) { line.item_id = PriceItemId{Uuid{{1}}}; }) == "/lines/0/item_id:item.unknown");
    CHECK(spoilt([](L& line) { line.tax_code = "X"; }) == "/lines/0/tax_code:tax_code.unknown");
    CHECK(spoilt([](L& line) { line.service_date = day("2019-12-31"); }) == "/lines/0/price_micro:price.missing");
    CHECK(spoilt([](L& line) { line.practitioner_id = PractitionerId{Uuid{{1}}}; }) ==
          "/lines/0/practitioner_id:resource.unknown");
    CHECK(spoilt([](L& line) { line.appointment_id = AppointmentId{Uuid{{1}}}; }) ==
          "/lines/0/appointment_id:appointment.unknown");
    CHECK(spoilt([](L& line) { line.record_id = RecordId{Uuid{{1}}}; }) == "/lines/0/record_id:record.unknown");
    CHECK(spoilt([](L& line) { line.quantity = 0; }) == "/lines/0/quantity:number.out_of_range");
    CHECK(spoilt([](L& line) { line.price_micro = -1; }) == "/lines/0/price_micro:number.out_of_range");
    CHECK(spoilt([](L& line) { line.discount = fixed_off(-1); }) == "/lines/0/discount/value:number.out_of_range");
    CHECK(refused({}) == "/lines/0/price_micro:price.missing /lines/0/description:required");
    CHECK(refused({.description = "Gold", .quantity = 1'000'001, .price_micro = 1'000'000}).empty());
    // More than can be paid, and more than 64 bits hold.
    auto huge = asking(till, {{.description = "Gold", .quantity = 10'000, .price_micro = 1'000'000'000'000'000}});
    huge.lines[0].quantity *= 10'000;  // 10^15 minor units, the most that there is
    CHECK(must(clerk.call(huge)).total == 1'000'000'000'000'000);
    ++huge.lines[0].quantity;
    CHECK(code_of(clerk.call(huge)) == "money.overflow");
    CHECK(fields_of(clerk.call(huge)) == "/lines/0:number.out_of_range");
    --huge.lines[0].quantity;
    huge.lines.push_back(priced(1'000'000));
    CHECK(code_of(clerk.call(huge)) == "money.overflow");
    CHECK(fields_of(clerk.call(huge)) == "/lines:number.out_of_range");  // each of them could be paid
    for (int i = 0; i < 100; ++i)
      huge.lines.push_back({.description = "Gold", .quantity = 10'000'000'000, .price_micro = 1'000'000'000'000'000});
    CHECK(code_of(clerk.call(huge)) == "money.overflow");
    // Prices of the list are in pounds; one invoice has one currency.
    auto euros = asking(till, {medflow::testing::Till::line(till.visit)});
    euros.currency = Currency::parse("EUR");
    CHECK(fields_of(clerk.call(euros)) == "/lines/0/price_micro:price.missing");
    auto request = asking(till, {medflow::testing::Till::line(till.visit)});
    request.patient_id = PatientId{Uuid{{1}}};
    CHECK(fields_of(clerk.call(request)) == "/patient_id:patient.unknown");
    request = asking(till, {medflow::testing::Till::line(till.visit)});
    request.facility_id = FacilityId{Uuid{{1}}};
    CHECK(fields_of(clerk.call(request)) == "/facility_id:facility.unknown");
    request = asking(till, {medflow::testing::Till::line(till.visit)});
    request.facility_id = till.hospital.away;
    CHECK(code_of(till.desk().call(request)) == "forbidden");

    const auto empty = till.draft({});
    CHECK(fields_of(keyed(clerk, invoices::Issue{.id = empty.id, .revision = empty.revision})) == "/lines:required");
    const auto draft = till.draft({medflow::testing::Till::line(till.visit)});
    invoices::Issue issue{.id = draft.id, .revision = draft.revision};
    CHECK(code_of(clerk.call(issue)) == "idempotency.required");
    issue.issue_date = day("2026-11-23");
    CHECK(fields_of(keyed(clerk, issue)) == "/issue_date:date.future");
    issue.issue_date = {};
    issue.due_date = day("2026-11-21");
    CHECK(fields_of(keyed(clerk, issue)) == "/due_date:date.order");
    CHECK(code_of(keyed(clerk, invoices::Issue{.id = draft.id})) == "precondition.required");
    CHECK(code_of(keyed(clerk, invoices::Issue{.id = draft.id, .revision = draft.revision + 1})) ==
          "conflict.revision");
    CHECK(entries(till) == 0);

    const auto issued = till.issue(draft);
    const auto early = till.draft({medflow::testing::Till::line(till.visit)});
    issue = {.id = early.id, .revision = early.revision, .issue_date = day("2026-11-21")};
    CHECK(code_of(keyed(clerk, issue)) == "invoice.date_order");
    till.pay(1, {{.invoice_id = issued.id, .amount = 1}});
    CHECK(code_of(clerk.call(invoices::Void{
              .id = issued.id, .revision = issued.revision, .reason = "it was paid already"})) == "invoice.settled");
    CHECK(entries(till) == 2);
    CHECK(must(till.admin().call(invoices::VerifySequence{})).gaps.empty());
  }
}

TEST_CASE("BIL-5: a draft is made once by an id of the caller's own, changed, and dropped") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session clerk = till.clerk();
    auto request = asking(till, {medflow::testing::Till::line(till.visit)});
    request.id = InvoiceId{Uuid{{9, 9, 9}}};
    const auto made = must(clerk.call(request));
    CHECK(must(clerk.call(request)).created_at == made.created_at);
    request.lines[0].quantity = 20'000;
    CHECK(code_of(clerk.call(request)) == "conflict.id_reused");
    const auto changed = must(clerk.call(invoices::Update{
        .id = made.id, .revision = made.revision, .lines = {medflow::testing::Till::line(till.pill, 2)}}));
    CHECK(changed.total == 360);
    CHECK(code_of(clerk.call(invoices::Update{.id = made.id, .revision = made.revision, .lines = {}})) ==
          "conflict.revision");
    const auto dropped = must(
        clerk.call(invoices::DiscardDraft{.id = made.id, .revision = changed.revision, .reason = "drafted twice"}));
    CHECK(dropped.status == InvoiceStatus::discarded);
    CHECK(till.again(made.id).end_reason == "drafted twice");
    CHECK(code_of(keyed(clerk, invoices::Issue{.id = made.id, .revision = dropped.revision})) == "transition.illegal");
    CHECK(code_of(clerk.call(invoices::Update{.id = made.id, .revision = dropped.revision})) == "invoice.immutable");
    CHECK(code_of(clerk.call(invoices::Get{.id = InvoiceId{Uuid{{1}}}})) == "not_found");
  }
}

TEST_CASE("BIL-6: who reaches an invoice") {
  Till till{TestEngine("memory")};
  auto elsewhere = asking(till, {medflow::testing::Till::line(till.visit)});
  elsewhere.facility_id = till.hospital.away;
  const auto there = must(till.clerk().call(elsewhere));
  const auto here = till.draft({medflow::testing::Till::line(till.visit)});
  const Session desk = till.desk();
  CHECK(must(desk.call(invoices::List{})).data.size() == 1);
  CHECK(code_of(desk.call(invoices::Get{.id = there.id})) == "not_found");
  CHECK(code_of(desk.call(invoices::DiscardDraft{.id = there.id, .revision = 1})) == "not_found");
  CHECK(must(desk.call(invoices::Get{.id = here.id})).lines.size() == 1);
  // An administrator reads invoices, and drafts none.
  CHECK(code_of(till.admin().call(invoices::DiscardDraft{.id = here.id, .revision = 1})) == "forbidden");
  // A patient sees their own, once it is issued; a doctor the services that they gave.
  till.hospital.configure({.trusted_issuers = std::vector<std::string>{"https://idp.example"}});
  const Session own = must(till.hospital.platform.session(till.hospital.slug(), {.issuer = "https://idp.example",
                                                                                 .subject = "ada",
                                                                                 .display_name = "Ada",
                                                                                 .roles = {Role::patient},
                                                                                 .patient_id = till.patient.id}));
  const Session grey = must(till.hospital.platform.session(till.hospital.slug(), {.issuer = "https://idp.example",
                                                                                  .subject = "grey",
                                                                                  .display_name = "Dr Grey",
                                                                                  .roles = {Role::doctor},
                                                                                  .facilities = {till.hospital.home},
                                                                                  .practitioner_id = till.doctor.id}));
  auto line = medflow::testing::Till::line(till.visit);
  line.practitioner_id = till.doctor.id;
  const auto served = till.draft({line});
  CHECK(must(own.call(invoices::List{})).data.empty());
  CHECK(code_of(own.call(invoices::Get{.id = served.id})) == "not_found");
  CHECK(must(grey.call(invoices::List{})).data.size() == 1);
  CHECK(must(grey.call(invoices::Get{.id = served.id})).lines.size() == 1);
  CHECK(code_of(grey.call(invoices::Get{.id = here.id})) == "not_found");
  till.issue(served);
  CHECK(must(own.call(invoices::List{})).data.size() == 1);
  CHECK(must(own.call(invoices::Get{.id = served.id})).lines.size() == 1);
  // A page at a time, the newest first.
  std::vector<InvoiceId> seen;
  for (int i = 0; i < 4; ++i) till.draft({medflow::testing::Till::line(till.visit)});
  invoices::List list{.patient_id = till.patient.id, .limit = 2};
  for (;;) {
    const auto page = must(till.clerk().call(list));
    for (const auto& each : page.data) seen.push_back(each.id);
    if (!page.page.next) break;
    list.cursor = *page.page.next;
  }
  CHECK(seen.size() == 7);
  CHECK(std::is_sorted(seen.rbegin(), seen.rend()));
}
