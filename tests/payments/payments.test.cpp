// Payments: what they settle, what is left over, and to which invoices they go (BIL-7).
#include <doctest/doctest.h>

#include "tests/payments/desk.hpp"
#include "tests/support/staff.hpp"

using namespace medflow;
using namespace medflow::testing;
using invoices::Settlement;
using payments::PaymentMethod;
using payments::PaymentState;

namespace {

using Texts = std::vector<std::string>;

payments::Allocation to(const invoices::Invoice& invoice, std::int64_t amount) {
  return {.invoice_id = invoice.id, .amount = amount};
}

std::string text_of(const std::vector<payments::Allocation>& allocations, const std::vector<InvoiceId>& names) {
  std::string text;
  for (const auto& each : allocations) {
    const auto at = std::find(names.begin(), names.end(), each.invoice_id) - names.begin();
    text += (text.empty() ? "" : " ") + std::string(1, static_cast<char>('A' + at)) + std::to_string(each.amount);
  }
  return text;
}

}  // namespace

TEST_CASE("BIL-7: an invoice is paid in parts, each a payment that stays") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto invoice = desk.issued(2);
    CHECK(desk.again(invoice.id).balance == 10'000);
    const auto first = desk.pay(3'000, {to(invoice, 3'000)});
    CHECK(first.number == "RCP-00000001");
    CHECK(first.state == PaymentState::succeeded);
    CHECK(first.unallocated == 0);
    CHECK(first.received_at == desk.now());
    CHECK(desk.entries_about(first.id.uuid) == Texts{"payment: card +3000 receivable_patient -3000"});
    auto now = desk.again(invoice.id);
    CHECK(now.paid == 3'000);
    CHECK(now.balance == 7'000);
    CHECK(now.settlement == Settlement::partially_paid);
    std::int64_t paid = 3'000;
    for (const auto method : {PaymentMethod::cash, PaymentMethod::bank, PaymentMethod::mobile}) {
      auto request = desk.paying(1'000, {to(invoice, 1'000)});
      request.method = method;
      const auto payment = must(keyed(desk.desk(), request));
      CHECK(payment.method == method);
      paid += 1'000;
      now = desk.again(invoice.id);
      CHECK(now.paid == paid);
      CHECK(now.paid + now.balance == now.total);
    }
    CHECK(desk.pay(4'000).allocations.size() == 1);
    now = desk.again(invoice.id);
    CHECK(now.balance == 0);
    CHECK(now.settlement == Settlement::paid);
    CHECK(desk.books() == "cash 1000 card 7000 bank 1000 mobile 1000 revenue -10000");
    CHECK(must(desk.admin().call(ledger::Verify{})).sound);
    CHECK(must(desk.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("BIL-7: one payment over many invoices, as it is said or the oldest due first; the surplus is a deposit") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto a = desk.issued_due(1, "2026-12-30");
    const auto b = desk.issued_due(2, "2026-12-10");
    const auto c = desk.issued_due(1, "2026-12-20");
    const std::vector<InvoiceId> names{a.id, b.id, c.id};
    const auto said = desk.pay(3'000, {to(a, 1'000), to(c, 2'000)});
    CHECK(text_of(said.allocations, names) == "A1000 C2000");
    const auto found = desk.pay(12'000);
    CHECK(text_of(found.allocations, names) == "B10000 C2000");
    CHECK(desk.again(c.id).balance == 1'000);
    const auto over = desk.pay(7'000);
    CHECK(text_of(over.allocations, names) == "C1000 A4000");
    CHECK(over.unallocated == 2'000);
    CHECK(desk.entries_about(over.id.uuid) ==
          Texts{"payment: card +7000 receivable_patient -1000 receivable_patient -4000 deposits -2000"});
    for (const InvoiceId& id : names) CHECK(desk.again(id).settlement == Settlement::paid);
    CHECK(desk.books() == "card 22000 deposits -2000 revenue -20000");
    // Said to be kept, it goes to no invoice; less than all of it may be said.
    const auto d = desk.issued();
    CHECK(desk.deposit(500).unallocated == 500);
    const auto part = desk.pay(1'000, {to(d, 400)});
    CHECK(part.unallocated == 600);
    CHECK(desk.again(d.id).balance == 4'600);
    CHECK(desk.on_deposit() == 3'100);
  }
}

TEST_CASE("BIL-7: to which invoices a payment goes changes by a new entry, which takes back what was") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto a = desk.issued(2);
    const auto b = desk.issued(1);
    const auto first = desk.pay(10'000, {to(a, 10'000)});
    const auto moved = must(desk.allocate(first, {to(b, 5'000), to(a, 2'000)}));
    CHECK(moved.revision == 2);
    CHECK(moved.unallocated == 3'000);
    CHECK(desk.entries_about(first.id.uuid) ==
          Texts{"payment: card +10000 receivable_patient -10000",
                "allocation: receivable_patient +8000 receivable_patient -5000 deposits -3000"});
    CHECK(desk.again(a.id).balance == 8'000);
    CHECK(desk.again(b.id).settlement == Settlement::paid);
    CHECK(desk.on_deposit() == 3'000);
    // Back, out of the deposit.
    CHECK(code_of(desk.allocate(first, {to(a, 10'000)})) == "conflict.revision");
    const auto back = must(desk.allocate(moved, {to(a, 10'000)}));
    CHECK(back.unallocated == 0);
    CHECK(desk.again(a.id).settlement == Settlement::paid);
    CHECK(desk.again(b.id).balance == 5'000);
    CHECK(desk.books() == "receivable_patient 5000 card 10000 revenue -15000");
    // The same again posts nothing.
    CHECK(must(desk.allocate(back, {to(a, 10'000)})).revision == 4);
    CHECK(desk.entries_about(first.id.uuid).size() == 3);
    CHECK(must(desk.admin().call(ledger::Verify{})).sound);
  }
}

TEST_CASE("BIL-7: what of a payment went to a deposit and was used there goes to no invoice any more") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto a = desk.issued(2);
    const auto b = desk.issued(1);
    const auto kept = desk.deposit(8'000);
    auto use = desk.paying(5'000, {to(b, 5'000)});
    use.method = PaymentMethod::deposit;
    must(keyed(desk.clerk(), use));
    const std::string books = desk.books();
    CHECK(code_of(desk.allocate(kept, {to(a, 4'000)})) == "payment.deposit_used");
    CHECK(desk.books() == books);
    CHECK(must(desk.allocate(kept, {to(a, 3'000)})).unallocated == 5'000);
    CHECK(desk.on_deposit() == 0);
    // Of others' money on the same deposit it takes nothing.
    const auto other = desk.deposit(5'000);
    const auto refund = must(desk.ask_back(other, 5'000));
    must(desk.complete(must(desk.approve(refund))));
    CHECK(code_of(desk.allocate(other, {to(a, 1)})) == "payment.deposit_used");
    CHECK(fields_of(desk.allocate(kept, {to(a, 8'001)})).find("/allocations:allocation.exceeds") != std::string::npos);
  }
}

TEST_CASE("BIL-7, BIL-10: a payer's remittance goes to its shares, wholly, and changes nobody else's") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto second = must(desk.admin().call(payers::Create{.code = "TK", .name = "Another fund"}));
    invoices::Create request;
    request.shares = {{.payer_id = desk.payer.id, .amount = 4'000}, {.payer_id = second.id, .amount = 3'000}};
    const auto invoice = desk.issue(desk.draft({Desk::line(desk.visit, 2)}, request));
    CHECK(invoice.patient_share == 3'000);
    const auto remit = [&](std::int64_t amount, std::vector<payments::Allocation> where,
                           PaymentMethod method = PaymentMethod::payer) {
      return keyed(desk.clerk(), payments::RecordPayment{.payer_id = desk.payer.id,
                                                         .facility_id = desk.hospital.home,
                                                         .method = method,
                                                         .amount = amount,
                                                         .allocations = std::move(where)});
    };
    const std::string before = desk.books();
    CHECK(fields_of(remit(4'001, {to(invoice, 4'001)})) == "/allocations/0/amount:allocation.exceeds");
    CHECK(fields_of(remit(4'000, {to(invoice, 3'000)})) == "/allocations:payment.unallocated");
    CHECK(fields_of(remit(4'000, {})) == "/allocations:payment.unallocated");
    const auto of_patient = desk.issued();
    CHECK(fields_of(remit(1'000, {to(of_patient, 1'000)})) == "/allocations/0/invoice_id:invoice.unknown");
    CHECK(desk.books() != before);  // by the invoice alone
    const auto payment = must(remit(4'000, {to(invoice, 4'000)}));
    CHECK_FALSE(payment.patient_id);
    auto now = desk.again(invoice.id);
    CHECK(now.paid == 4'000);
    CHECK(now.balance == 6'000);
    CHECK(now.patient_balance == 3'000);
    // The patient pays their share and no more of it.
    CHECK(fields_of(keyed(desk.clerk(), desk.paying(3'001, {to(invoice, 3'001)}))) ==
          "/allocations/0/amount:allocation.exceeds");
    must(keyed(desk.clerk(), desk.paying(3'000, {to(invoice, 3'000)})));
    CHECK(desk.again(invoice.id).balance == 3'000);
    // What a payer sends by bank may be more: the rest is its own deposit, which no patient can use.
    must(remit(500, {}, PaymentMethod::bank));
    auto use = desk.paying(500, {to(of_patient, 500)});
    use.method = PaymentMethod::deposit;
    CHECK(fields_of(keyed(desk.clerk(), use)) == "/amount:deposit.short");
    CHECK(fields_of(remit(1'000, {to(invoice, 1'000)}, PaymentMethod::card)) ==
          "/method:payment.method /allocations/0/amount:allocation.exceeds");
    CHECK(must(desk.admin().call(ledger::Verify{})).sound);
  }
}

TEST_CASE("BIL-7: a payment that is pending posts nothing until it is said what became of it") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto a = desk.issued(2);
    const std::string before = desk.books();
    auto request = desk.paying(10'000, {to(a, 10'000)});
    request.pending = true;
    const auto first = must(keyed(desk.clerk(), request));
    const auto second = must(keyed(desk.clerk(), request));
    const auto third = must(keyed(desk.clerk(), request));
    CHECK(first.state == PaymentState::pending);
    CHECK(desk.books() == before);
    CHECK(code_of(desk.ask_back(first, 1)) == "transition.illegal");
    CHECK(code_of(desk.allocate(first, {})) == "transition.illegal");
    CHECK(fields_of(desk.clerk().call(payments::Resolve{.id = first.id, .state = PaymentState::pending})) ==
          "/state:enum.unknown");
    // Failed and cancelled ones post nothing at all.
    CHECK(must(desk.clerk().call(payments::Resolve{.id = third.id, .state = PaymentState::failed})).unallocated == 0);
    CHECK(code_of(desk.clerk().call(payments::Resolve{.id = third.id})) == "transition.illegal");
    CHECK(desk.books() == before);
    // Of two that come for the same the second becomes a deposit, as far as nothing is owed any more.
    desk.pay(2'000, {to(a, 2'000)});
    desk.hospital.clock->advance_s(60);
    const auto done = must(desk.clerk().call(payments::Resolve{.id = first.id}));
    CHECK(done.state == PaymentState::succeeded);
    CHECK(done.received_at == desk.now());
    CHECK(done.unallocated == 2'000);
    CHECK(must(desk.clerk().call(payments::Resolve{.id = first.id})).revision == done.revision);
    CHECK(must(desk.clerk().call(payments::Resolve{.id = second.id})).allocations.empty());
    CHECK(desk.again(a.id).settlement == Settlement::paid);
    CHECK(desk.books() == "card 22000 deposits -12000 revenue -10000");
  }
}

TEST_CASE("BIL-7: what a patient says to have paid is pending until staff say that it came") {
  Desk desk{TestEngine("memory")};
  const auto own = desk.issued();
  const auto others = must(desk.clerk().call(invoices::Create{
      .patient_id = desk.patients.at(1).id, .facility_id = desk.hospital.home, .lines = {Desk::line(desk.visit)}}));
  const auto other = desk.issue(others);
  const UserId account = desk.hospital.member(Role::patient).id;
  must(desk.admin().call(users::SetPatient{.id = account,
                                           .revision = must(desk.admin().call(users::Get{.id = account})).revision,
                                           .patient_id = desk.patient.id}));
  const Session patient = desk.hospital.as(Role::patient);
  const std::string before = desk.books();
  const auto say = [&](payments::RecordPayment request) { return keyed(patient, std::move(request)); };
  auto request = desk.paying(2'000, {to(own, 2'000)});
  request.patient_id.reset();
  request.facility_id.reset();
  const auto payment = must(say(request));
  CHECK(payment.state == PaymentState::pending);
  CHECK(payment.patient_id == desk.patient.id);
  CHECK(desk.books() == before);
  CHECK(code_of(patient.call(payments::Resolve{.id = payment.id})) == "forbidden");
  CHECK(code_of(patient.call(payments::Allocate{.id = payment.id, .revision = 1})) == "forbidden");
  CHECK(must(patient.call(payments::Get{.id = payment.id})).amount == 2'000);
  CHECK(must(patient.call(payments::List{})).data.size() == 1);
  request.method = PaymentMethod::cash;
  CHECK(fields_of(say(request)).find("/method:payment.method") != std::string::npos);
  request.method = PaymentMethod::card;
  request.allocations = {to(other, 100)};
  CHECK(fields_of(say(request)) == "/allocations/0/invoice_id:invoice.unknown");
  CHECK(fields_of(say(desk.paying(100))).empty());
  auto elses = desk.paying(100);
  elses.patient_id = desk.patients.at(1).id;
  CHECK(fields_of(say(elses)) == "/patient_id:patient.unknown");
  CHECK(code_of(say({.payer_id = desk.payer.id,
                     .facility_id = desk.hospital.home,
                     .method = PaymentMethod::bank,
                     .amount = 1})) == "forbidden");
  const auto theirs = must(keyed(desk.clerk(), elses));
  CHECK(code_of(patient.call(payments::Get{.id = theirs.id})) == "not_found");
  must(desk.desk().call(payments::Resolve{.id = payment.id}));
  CHECK(desk.again(own.id).paid == 2'000);
}

TEST_CASE("BIL-7, R9: what is wrong with a payment is told by field, and nothing is posted") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto invoice = desk.issued(2);
    const auto draft = desk.draft({Desk::line(desk.visit)});
    const auto of_other = desk.issue(must(desk.clerk().call(invoices::Create{
        .patient_id = desk.patients.at(1).id, .facility_id = desk.hospital.home, .lines = {Desk::line(desk.visit)}})));
    const std::string before = desk.books();
    const auto wrong = [&](auto&& spoil) {
      auto request = desk.paying(3'000, {to(invoice, 3'000)});
      spoil(request);
      return fields_of(keyed(desk.clerk(), std::move(request)));
    };
    using R = payments::RecordPayment;
    CHECK(wrong([](R& r) { r.amount = 0; }) == "/amount:number.out_of_range");
    CHECK(wrong([](R& r) { r.amount = -3'000; }) == "/amount:number.out_of_range");
    CHECK(wrong([](R& r) { r.amount = INT64_MAX; }) == "/amount:number.out_of_range");
    CHECK(wrong([](R& r) { r.amount = 2'999; }) == "/allocations:allocation.exceeds");
    CHECK(wrong([](R& r) { r.allocations[0].amount = 0; }) == "/allocations/0/amount:number.out_of_range");
    CHECK(wrong([](R& r) { r.amount = r.allocations[0].amount = 10'001; }) ==
          "/allocations/0/amount:allocation.exceeds");
    CHECK(wrong([&](R& r) {
            r.allocations = {to(invoice, 1), to(invoice, 2)};
          }) == "/allocations/1/invoice_id:invoice.repeated");
    CHECK(wrong([&](R& r) { r.allocations = {to(draft, 1)}; }) == "/allocations/0/amount:allocation.exceeds");
    CHECK(wrong([&](R& r) { r.allocations = {to(of_other, 1)}; }) == "/allocations/0/invoice_id:invoice.unknown");
    CHECK(wrong([](R& r) { r.allocations[0].invoice_id = {*Uuid::parse("00000000-0000-7000-8000-000000000001")}; }) ==
          "/allocations/0/invoice_id:invoice.unknown");
    CHECK(wrong([](R& r) { r.currency = *Currency::parse("EUR"); }) == "/allocations/0/invoice_id:currency.mismatch");
    CHECK(wrong([](R& r) { r.patient_id.reset(); }).find("/patient_id:required") == 0);
    CHECK(wrong([&](R& r) { r.payer_id = desk.payer.id; }) == "/payer_id:payment.parties");
    CHECK(wrong([](R& r) {
            r.patient_id = {*Uuid::parse("00000000-0000-7000-8000-000000000001")};
          }).find("/patient_id:patient.unknown") == 0);
    CHECK(wrong([](R& r) {
            r.facility_id = {*Uuid::parse("00000000-0000-7000-8000-000000000001")};
          }).find("/facility_id:facility.unknown") == 0);
    CHECK(wrong([](R& r) { r.method = PaymentMethod::payer; }).find("/payer_id:required") == 0);
    CHECK(wrong([](R& r) { r.method = PaymentMethod::deposit; }) == "/amount:deposit.short");
    CHECK(wrong([](R& r) {
            r.method = PaymentMethod::cash;
            r.pending = true;
          }) == "/pending:payment.method");
    CHECK(wrong([](R& r) { r.external_ref = "caf\xc3\xa9"; }).find("/external_ref:") == 0);
    CHECK(desk.books() == before);
    CHECK(desk.payments_there() == 0);
    CHECK(desk.again(invoice.id).balance == 10'000);
  }
}

TEST_CASE("BIL-7: a cashier takes payments where they work, of invoices there") {
  Desk desk{TestEngine("memory")};
  const auto here = desk.issued();
  const Session away = staff(desk.hospital, "away", Role::receptionist, {desk.hospital.away});
  CHECK(code_of(keyed(away, desk.paying(100, {to(here, 100)}))) == "forbidden");
  auto elsewhere = desk.paying(100, {to(here, 100)});
  elsewhere.facility_id.reset();
  CHECK(fields_of(keyed(away, elsewhere)).find("/allocations/0/invoice_id:invoice.unknown") != std::string::npos);
  const auto payment = desk.pay(100, {to(here, 100)});
  CHECK(code_of(away.call(payments::Get{.id = payment.id})) == "not_found");
  CHECK(code_of(away.call(payments::Resolve{.id = payment.id})) == "not_found");
  CHECK(must(away.call(payments::List{})).data.empty());
  // Nor do they take one off an invoice elsewhere, wherever it was paid.
  auto at_away = desk.paying(200, {to(here, 200)});
  at_away.facility_id = desk.hospital.away;
  const auto taken = must(keyed(desk.clerk(), at_away));
  const auto move = [&](std::vector<payments::Allocation> where) {
    return away.call(payments::Allocate{.id = taken.id, .revision = taken.revision, .allocations = std::move(where)});
  };
  CHECK(fields_of(move({})) == "/allocations:invoice.unknown");
  CHECK(fields_of(move({to(here, 100)})).find("/allocations") == 0);
  CHECK(desk.again(here.id).paid == 300);
  const auto same = must(move({to(here, 200)}));  // what stays where it is may be said again
  CHECK(must(desk.allocate(same, {})).unallocated == 200);
  CHECK(code_of(keyed(desk.hospital.as(Role::doctor), desk.paying(100))) == "forbidden");
  CHECK(code_of(keyed(desk.admin(), desk.paying(100))) == "forbidden");
}

TEST_CASE("BIL-7, R10: payments are listed, the newest first, by patient, payer and state") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    std::vector<PaymentId> made;
    for (int i = 0; i < 7; ++i) {
      desk.hospital.clock->advance_s(1);
      auto request = desk.paying(100 + i);
      request.patient_id = desk.patients.at(static_cast<std::size_t>(i % 2)).id;
      request.pending = i == 6;
      made.push_back(must(keyed(desk.clerk(), request)).id);
    }
    std::vector<PaymentId> seen;
    std::string cursor;
    do {
      const auto page = must(desk.clerk().call(payments::List{.limit = 3, .cursor = cursor}));
      for (const auto& each : page.data) seen.push_back(each.id);
      cursor = page.page.next.value_or("");
    } while (!cursor.empty());
    std::reverse(seen.begin(), seen.end());
    CHECK(seen == made);
    CHECK(must(desk.clerk().call(payments::List{.patient_id = desk.patients.at(1).id})).data.size() == 3);
    CHECK(must(desk.clerk().call(payments::List{.payer_id = desk.payer.id})).data.empty());
    CHECK(must(desk.clerk().call(payments::List{.state = PaymentState::pending})).data.at(0).id == made.back());
  }
}

TEST_CASE(
    "BIL-7, BIL-6: what a credit note gave back comes off first; other payments still pay what is left of the "
    "invoice") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto halve = [&](const invoices::Invoice& invoice) {
      must(keyed(desk.clerk(), credit_notes::Issue{.invoice_id = invoice.id,
                                                   .lines = {{.line = 1, .net = 5'000}},
                                                   .reason = "The second visit did not take place"}));
    };
    const auto first = desk.issued(2);
    auto a = desk.pay(6'000, {to(first, 6'000)});
    const auto b = desk.pay(4'000, {to(first, 4'000)});
    halve(first);
    CHECK(desk.on_deposit() == 5'000);
    // Without `a` the patient owes what `b` does not pay; what `a` brought is on deposit, no more and no less.
    a = must(desk.allocate(a, {}));
    CHECK(a.unallocated == 6'000);
    CHECK(desk.again(first.id).balance == 1'000);
    CHECK(desk.on_deposit() == 6'000);
    CHECK(code_of(desk.ask_back(b, 4'001, first.id)) == "refund.exceeds");
    const auto asked = must(desk.ask_back(b, 4'000, first.id));
    must(desk.admin().call(refunds::Reject{.id = asked.id, .revision = asked.revision}));
    a = must(desk.allocate(a, {to(first, 1'000)}));
    CHECK(desk.again(first.id).balance == 0);
    CHECK(desk.on_deposit() == 5'000);
    must(desk.complete(must(desk.approve(must(desk.ask_back(a, 5'000))))));
    CHECK(desk.on_deposit() == 0);

    // The other one goes: what is left is paid still, by the greater one.
    const auto second = desk.issued(2);
    const auto c = desk.pay(6'000, {to(second, 6'000)});
    const auto d = desk.pay(4'000, {to(second, 4'000)});
    halve(second);
    must(desk.allocate(d, {}));
    CHECK(desk.again(second.id).balance == 0);
    CHECK(desk.on_deposit() == 5'000);
    must(desk.allocate(c, {to(second, 2'000)}));
    CHECK(desk.again(second.id).balance == 3'000);
    CHECK(desk.on_deposit() == 8'000);
    must(desk.complete(must(desk.approve(must(desk.ask_back(c, 4'000))))));
    must(desk.complete(must(desk.approve(must(desk.ask_back(d, 4'000))))));

    // What was refunded out of the deposit pays nothing any more.
    const auto third = desk.issued(2);
    const auto e = desk.pay(6'000, {to(third, 6'000)});
    const auto f = desk.pay(4'000, {to(third, 4'000)});
    halve(third);
    must(desk.complete(must(desk.approve(must(desk.ask_back(e, 5'000))))));
    must(desk.allocate(f, {}));
    CHECK(desk.again(third.id).balance == 4'000);
    CHECK(desk.on_deposit() == 4'000);
    CHECK(must(desk.admin().call(ledger::Verify{})).sound);
  }
}

TEST_CASE("BIL-7, BIL-10: the same of a payer's payments, beside which the patient's stay as they are") {
  Desk desk{TestEngine("memory")};
  invoices::Create request;
  request.shares = {{.payer_id = desk.payer.id, .amount = 10'000}};
  const auto invoice = desk.issue(desk.draft({Desk::line(desk.visit, 4)}, request));
  desk.pay(10'000, {to(invoice, 10'000)});
  const auto remit = [&](std::int64_t amount) {
    return must(keyed(desk.clerk(), payments::RecordPayment{.payer_id = desk.payer.id,
                                                            .facility_id = desk.hospital.home,
                                                            .method = PaymentMethod::bank,
                                                            .amount = amount,
                                                            .allocations = {to(invoice, amount)}}));
  };
  const auto a = remit(6'000);
  const auto b = remit(4'000);
  must(keyed(desk.clerk(), credit_notes::Issue{.invoice_id = invoice.id,
                                               .lines = {{.line = 1, .net = 10'000}},
                                               .reason = "Two visits did not take place"}));
  CHECK(desk.on_deposit() == 10'000);  // half of it the payer's
  must(desk.allocate(b, {}));
  CHECK(desk.again(invoice.id).balance == 0);
  must(desk.allocate(a, {to(invoice, 1'000)}));
  const auto now = desk.again(invoice.id);
  CHECK(now.balance == 4'000);
  CHECK(now.patient_balance == 0);
  CHECK(desk.on_deposit() == 14'000);
}
