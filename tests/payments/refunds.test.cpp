// Refunds: two people, and never more than was paid (BIL-8).
#include <doctest/doctest.h>

#include "tests/payments/desk.hpp"

using namespace medflow;
using namespace medflow::testing;
using payments::PaymentMethod;
using payments::PaymentState;
using refunds::RefundState;

namespace {

using Texts = std::vector<std::string>;

payments::Allocation to(const invoices::Invoice& invoice, std::int64_t amount) {
  return {.invoice_id = invoice.id, .amount = amount};
}

}  // namespace

TEST_CASE("BIL-8: one person asks, another agrees, and the money goes out by the way it came") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto invoice = desk.issued(2);
    const auto payment = desk.pay(10'000, {to(invoice, 10'000)});
    const auto asked = must(desk.ask_back(payment, 4'000, invoice.id));
    CHECK(asked.state == RefundState::requested);
    CHECK(asked.method == PaymentMethod::card);
    CHECK(asked.requested_by == desk.hospital.member(Role::billing_clerk).id);
    CHECK(asked.reason == "Paid twice by mistake");
    CHECK(asked.invoice_id == invoice.id);
    const std::string paid = "card 10000 revenue -10000";
    CHECK(desk.books() == paid);  // nobody has agreed
    CHECK(code_of(desk.complete(asked)) == "transition.illegal");
    CHECK(code_of(desk.admin().call(refunds::Approve{.id = asked.id})) == "precondition.required");
    CHECK(code_of(desk.admin().call(refunds::Approve{.id = asked.id, .revision = 7})) == "conflict.revision");
    CHECK(code_of(desk.clerk().call(refunds::Approve{.id = asked.id, .revision = 1})) == "forbidden");
    const auto agreed = must(desk.approve(asked));
    CHECK(agreed.decided_by == desk.hospital.member(Role::tenant_admin).id);
    CHECK(desk.books() == "receivable_patient 4000 card 10000 refunds -4000 revenue -10000");
    CHECK(desk.again(invoice.id).balance == 4'000);
    CHECK(code_of(desk.approve(agreed)) == "transition.illegal");
    const auto out = must(desk.complete(agreed));
    CHECK(out.state == RefundState::completed);
    CHECK(out.completed_by == desk.hospital.member(Role::billing_clerk).id);
    CHECK(desk.books() == "receivable_patient 4000 card 6000 revenue -10000");
    CHECK(desk.entries_about(asked.id.uuid) == Texts{"refund_approved: receivable_patient +4000 refunds -4000",
                                                     "refund_completed: refunds +4000 card -4000"});
    CHECK(code_of(desk.complete(out)) == "transition.illegal");
    CHECK(code_of(desk.admin().call(refunds::Reject{.id = out.id, .revision = out.revision})) == "transition.illegal");
    const auto now = desk.read(payment.id);
    CHECK(now.refunded == 4'000);
    CHECK(now.amount == 10'000);
    // What was written is still there to be read: the reason was not lost by what came after it.
    CHECK(must(desk.clerk().call(refunds::Get{.id = asked.id})).reason == "Paid twice by mistake");
    CHECK(must(desk.admin().call(ledger::Verify{})).sound);
    CHECK(must(desk.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("BIL-8: who asked does not agree, whatever roles they have") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto payment = desk.pay(10'000);
    const UserId clerk = desk.hospital.member(Role::billing_clerk).id;
    const auto account = must(desk.admin().call(users::Get{.id = clerk}));
    must(desk.admin().call(users::SetRoles{
        .id = clerk, .revision = account.revision, .roles = {Role::billing_clerk, Role::tenant_admin}}));
    const auto asked = must(desk.ask_back(payment, 1'000));
    const std::string before = desk.books();
    CHECK(code_of(desk.clerk().call(refunds::Approve{.id = asked.id, .revision = 1})) == "forbidden");
    CHECK(desk.books() == before);
    const auto agreed = must(desk.approve(asked));
    const auto failed = must(desk.complete(agreed, true));
    CHECK(code_of(desk.clerk().call(refunds::Approve{.id = asked.id, .revision = failed.revision})) == "forbidden");
    CHECK(must(desk.approve(failed)).state == RefundState::approved);
  }
}

TEST_CASE("BIL-8: any number of parts, never more than the payment; what was rejected counts no more") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto invoice = desk.issued(1);
    const auto payment = desk.pay(8'000, {to(invoice, 5'000)});
    // Out of the invoice at most what is paid of it, out of the deposit at most what lies there.
    CHECK(code_of(desk.ask_back(payment, 5'001, invoice.id)) == "refund.exceeds");
    CHECK(code_of(desk.ask_back(payment, 3'001)) == "refund.exceeds");
    const auto first = must(desk.ask_back(payment, 2'000, invoice.id));
    const auto second = must(desk.ask_back(payment, 3'000, invoice.id));
    CHECK(code_of(desk.ask_back(payment, 1, invoice.id)) == "refund.exceeds");
    const auto third = must(desk.ask_back(payment, 3'000));
    CHECK(code_of(desk.ask_back(payment, 1)) == "refund.exceeds");
    CHECK(desk.read(payment.id).refunded == 8'000);
    must(desk.admin().call(refunds::Reject{.id = second.id, .revision = 1}));
    CHECK(desk.read(payment.id).refunded == 5'000);
    const auto instead = must(desk.ask_back(payment, 1'000, invoice.id));
    for (const auto& each : {first, third, instead}) must(desk.complete(must(desk.approve(each))));
    CHECK(code_of(desk.ask_back(payment, 2'001, invoice.id)) == "refund.exceeds");
    CHECK(desk.again(invoice.id).balance == 3'000);
    CHECK(desk.books() == "receivable_patient 3000 card 2000 revenue -5000");
    // What went back cannot be allocated elsewhere.
    const auto b = desk.issued(1);
    const auto now = desk.read(payment.id);
    CHECK(fields_of(desk.allocate(now, {to(b, 5'000)})) == "/allocations:allocation.refunded");
    const auto moved = must(desk.allocate(now, {to(invoice, 3'000), to(b, 2'000)}));
    CHECK(desk.again(invoice.id).paid == 0);
    CHECK(desk.again(b.id).paid == 2'000);
    CHECK(code_of(desk.ask_back(moved, 1, invoice.id)) == "refund.exceeds");
    CHECK(must(desk.admin().call(ledger::Verify{})).sound);
    CHECK(must(desk.clerk().call(refunds::List{.payment_id = payment.id})).data.size() == 4);
    CHECK(must(desk.clerk().call(refunds::List{.state = RefundState::rejected})).data.at(0).id == second.id);
  }
}

TEST_CASE("BIL-8: 50 refunds asked for and agreed to at once never exceed the payment") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    const TestEngine home(engine);  // its files are opened again
    Desk desk{home};
    const auto invoice = desk.issued(2);
    const auto payment = desk.pay(10'000, {to(invoice, 6'000)});
    desk.deposit(5'000);  // others' money lies on the same deposit
    const Session clerk = desk.clerk();
    const Session admin = desk.admin();
    std::vector<refunds::Refund> made(50);
    const auto codes = at_once(made.size(), [&](std::size_t i) {
      const auto answer =
          keyed(clerk, refunds::Request{.payment_id = payment.id,
                                        .invoice_id = i % 2 == 0 ? std::optional(invoice.id) : std::nullopt,
                                        .amount = 700,
                                        .reason = "Paid twice by mistake"});
      if (answer.ok()) made[i] = *answer;
      return code_of(answer);
    });
    // 10,000 hold fourteen parts of 700, whichever source they come from: at most eight of the invoice.
    CHECK(how_many(codes, "ok") == 14);
    CAPTURE(text_of(codes));
    CHECK(how_many(codes, "refund.exceeds") == 36);
    const auto agreed = at_once(made.size(), [&](std::size_t i) {
      if (made[i].id.is_nil()) return std::string("none");
      return code_of(admin.call(refunds::Approve{.id = made[i].id, .revision = 1}));
    });
    CHECK(how_many(agreed, "ok") == 14);
    const auto out = at_once(made.size(), [&](std::size_t i) {
      if (made[i].id.is_nil()) return std::string("none");
      return code_of(keyed(clerk, refunds::Complete{.id = made[i].id, .revision = 2}));
    });
    CHECK(how_many(out, "ok") == 14);
    CHECK(desk.read(payment.id).refunded == 9'800);
    const auto now = desk.again(invoice.id);
    CHECK(now.paid >= 400);
    CHECK(now.paid + now.balance == now.total);
    CHECK(desk.on_deposit() >= 0);
    CHECK(must(desk.admin().call(ledger::Verify{})).sound);
  }
}

TEST_CASE("BIL-8: a refund that failed stays owed, and is tried again without being posted twice") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto payment = desk.pay(5'000);
    const auto agreed = must(desk.approve(must(desk.ask_back(payment, 5'000))));
    const std::string owed = "card 5000 refunds -5000";
    CHECK(desk.books() == owed);
    const auto failed = must(desk.complete(agreed, true));
    CHECK(failed.state == RefundState::failed);
    CHECK(desk.books() == owed);
    CHECK(code_of(desk.ask_back(payment, 1)) == "refund.exceeds");  // it counts still
    CHECK(code_of(desk.complete(failed)) == "transition.illegal");
    CHECK(code_of(desk.admin().call(refunds::Reject{.id = failed.id, .revision = failed.revision})) ==
          "transition.illegal");
    const auto again = must(desk.approve(failed));
    CHECK(desk.books() == owed);
    must(desk.complete(again));
    CHECK(desk.books().empty());
    CHECK(desk.entries_about(agreed.id.uuid) ==
          Texts{"refund_approved: deposits +5000 refunds -5000", "refund_completed: refunds +5000 card -5000"});
  }
}

TEST_CASE("BIL-8, BIL-7: what is agreed to go back is the patient's on the statement until it is paid out") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto told = [&] { return must(desk.clerk().call(reports::Statement{.patient_id = desk.patient.id})); };
    const auto balance = [](const reports::PatientStatement& statement) { return statement.balances.at(0).minor; };
    const auto invoice = desk.issued(1);
    desk.hospital.clock->advance_s(1);
    const auto payment = desk.pay(8'000, {to(invoice, 5'000)});
    CHECK(balance(told()) == -3'000);

    const auto of_deposit = must(desk.approve(must(desk.ask_back(payment, 3'000))));
    CHECK(balance(told()) == -3'000);
    CHECK(told().deposits.empty());
    must(desk.complete(of_deposit));
    CHECK(balance(told()) == 0);

    const auto of_invoice = must(desk.approve(must(desk.ask_back(payment, 2'000, invoice.id))));
    CHECK(balance(told()) == 0);  // what is owed of the invoice again is owed to the patient as well
    must(desk.complete(of_invoice));
    CHECK(balance(told()) == 2'000);

    Texts rows;
    for (const auto& row : told().rows)
      rows.push_back("+" + std::to_string(row.debit) + " -" + std::to_string(row.credit) + " = " +
                     std::to_string(row.balance));
    CHECK(rows == Texts{"+5000 -0 = 5000", "+0 -8000 = -3000", "+3000 -3000 = -3000", "+3000 -0 = 0", "+2000 -2000 = 0",
                        "+2000 -0 = 2000"});
    CHECK(told().rows.at(4).invoice_id == invoice.id);
  }
}

TEST_CASE("BIL-8: what has been used, or has gone, by the time that somebody agrees is not refunded") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto invoice = desk.issued(1);
    const auto payment = desk.deposit(5'000);
    const auto asked = must(desk.ask_back(payment, 3'000));
    auto use = desk.paying(4'000, {to(invoice, 4'000)});
    use.method = PaymentMethod::deposit;
    must(keyed(desk.clerk(), use));
    const std::string before = desk.books();
    CHECK(code_of(desk.approve(asked)) == "refund.exceeds");
    CHECK(desk.books() == before);
    CHECK(must(desk.clerk().call(refunds::Get{.id = asked.id})).state == RefundState::requested);
  }
}

TEST_CASE("BIL-8: nothing is refunded of an invoice that was voided or discarded") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto invoice = desk.issued(1);
    const auto payment = desk.pay(5'000, {to(invoice, 5'000)});
    const auto kept = must(desk.allocate(payment, {}));
    const auto now = desk.again(invoice.id);
    must(desk.clerk().call(
        invoices::Void{.id = invoice.id, .revision = now.revision, .reason = "Entered for the wrong patient"}));
    const auto draft = desk.draft({Desk::line(desk.visit)});
    must(
        desk.clerk().call(invoices::DiscardDraft{.id = draft.id, .revision = draft.revision, .reason = "Twice there"}));
    const std::string before = desk.books();
    CHECK(code_of(desk.ask_back(kept, 100, invoice.id)) == "refund.invoice_ended");
    CHECK(code_of(desk.ask_back(kept, 100, draft.id)) == "refund.invoice_ended");
    const auto other = desk.issued(1);
    CHECK(code_of(desk.ask_back(kept, 100, other.id)) == "refund.exceeds");
    CHECK(desk.books() != before);  // by the other invoice
    must(desk.complete(must(desk.approve(must(desk.ask_back(kept, 5'000))))));
    CHECK(desk.books() == "receivable_patient 5000 revenue -5000");
  }
}

TEST_CASE("BIL-8: a step with money that is not legal names from, to and what may follow") {
  Desk desk{TestEngine("memory")};
  const auto told = [](const auto& result) {
    return code_of(result) == "transition.illegal" ? result.error().detail : code_of(result);
  };
  const auto draft = desk.draft({Desk::line(desk.visit)});
  const std::string of_draft = "; possible: issued, discarded";
  CHECK(told(keyed(desk.clerk(), credit_notes::Issue{.invoice_id = draft.id, .reason = "Charged by mistake"})) ==
        "from draft to credited" + of_draft);
  CHECK(told(desk.clerk().call(write_offs::Request{.invoice_id = draft.id, .amount = 1, .reason = "Cannot be paid"})) ==
        "from draft to written_off" + of_draft);
  const auto invoice = desk.issue(draft);
  CHECK(told(keyed(desk.clerk(), invoices::Issue{.id = invoice.id, .revision = invoice.revision})) ==
        "from issued to issued; possible: voided");
  const auto given_up =
      must(desk.clerk().call(write_offs::Request{.invoice_id = invoice.id, .amount = 100, .reason = "Cannot be paid"}));
  const auto decided = must(desk.admin().call(write_offs::Approve{.id = given_up.id, .revision = given_up.revision}));
  CHECK(told(desk.admin().call(write_offs::Reject{.id = decided.id, .revision = decided.revision})) ==
        "from approved to rejected; possible: nothing");

  auto request = desk.paying(1'000);
  request.pending = true;
  const auto payment = must(keyed(desk.clerk(), std::move(request)));
  const std::string of_pending = "; possible: succeeded, failed, cancelled";
  CHECK(told(desk.ask_back(payment, 1)) == "from pending to refunded" + of_pending);
  CHECK(told(desk.allocate(payment, {})) == "from pending to allocated" + of_pending);
  must(desk.clerk().call(payments::Resolve{.id = payment.id, .state = PaymentState::failed}));
  CHECK(told(desk.clerk().call(payments::Resolve{.id = payment.id})) == "from failed to succeeded; possible: nothing");

  const auto asked = must(desk.ask_back(desk.deposit(1'000), 100));
  CHECK(told(desk.complete(asked)) == "from requested to completed; possible: approved, rejected");
  const auto agreed = must(desk.approve(asked));
  CHECK(told(desk.approve(agreed)) == "from approved to approved; possible: completed, failed");
  const auto out = must(desk.complete(agreed));
  CHECK(told(desk.complete(out, true)) == "from completed to failed; possible: nothing");

  const auto shift = must(
      desk.clerk().call(cash_shifts::Open{.facility_id = desk.hospital.home, .currency = *Currency::parse("GBP")}));
  const auto closed = must(desk.clerk().call(cash_shifts::Close{.id = shift.id, .revision = shift.revision}));
  CHECK(told(desk.clerk().call(cash_shifts::Close{.id = closed.id, .revision = closed.revision})) ==
        "from closed to closed; possible: nothing");
}

TEST_CASE("RBA-3, R9: to a refund an invoice out of reach, or of somebody else, is one that is not there") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto issued_away = [&](const PatientId& patient) {
      const auto draft = must(desk.clerk().call(invoices::Create{
          .patient_id = patient, .facility_id = desk.hospital.away, .lines = {Desk::line(desk.visit)}}));
      return desk.issue(draft);
    };
    const auto voided = [&](const invoices::Invoice& invoice) {
      return must(desk.clerk().call(
          invoices::Void{.id = invoice.id, .revision = invoice.revision, .reason = "Entered for the wrong patient"}));
    };
    const PatientId other = desk.patients.at(1).id;
    const auto here = desk.issued(1);
    const auto away = issued_away(desk.patient.id);
    const auto payment = desk.pay(10'000, {to(here, 5'000), to(away, 5'000)});
    const auto ask = [&](const Session& who, const InvoiceId& invoice) {
      return keyed(
          who, refunds::Request{
                   .payment_id = payment.id, .invoice_id = invoice, .amount = 100, .reason = "Paid twice by mistake"});
    };
    const Session receptionist = desk.desk();
    const auto unknown = ask(receptionist, InvoiceId{Uuid{{1}}});
    REQUIRE(code_of(unknown) == "refund.exceeds");
    for (const InvoiceId& id : {away.id, voided(issued_away(other)).id, voided(issued_away(desk.patient.id)).id}) {
      const auto answer = ask(receptionist, id);
      CHECK(code_of(answer) == "refund.exceeds");
      CHECK(answer.error().detail == unknown.error().detail);
    }
    // Nor does who reaches it take it for the patient's.
    const auto of_other = must(desk.clerk().call(
        invoices::Create{.patient_id = other, .facility_id = desk.hospital.home, .lines = {Desk::line(desk.visit)}}));
    CHECK(code_of(ask(desk.clerk(), voided(desk.issue(of_other)).id)) == "refund.exceeds");
    CHECK(must(desk.clerk().call(refunds::List{})).data.empty());
    CHECK(ask(receptionist, here.id).ok());
    CHECK(ask(desk.clerk(), away.id).ok());
  }
}

TEST_CASE("BIL-8, BIL-6: what a credit note gave back is refunded out of the deposit, once") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto invoice = desk.issued(2);
    const auto payment = desk.pay(10'000, {to(invoice, 10'000)});
    must(keyed(desk.clerk(), credit_notes::Issue{.invoice_id = invoice.id,
                                                 .lines = {{.line = 1, .net = 6'000}},
                                                 .reason = "The second visit did not take place"}));
    CHECK(desk.on_deposit() == 6'000);
    CHECK(code_of(desk.ask_back(payment, 4'001, invoice.id)) == "refund.exceeds");
    const auto refund = must(desk.ask_back(payment, 6'000));
    must(desk.complete(must(desk.approve(refund))));
    CHECK(code_of(desk.ask_back(payment, 4'001, invoice.id)) == "refund.exceeds");
    // Moving the payment takes no more from the invoice than still lies on it.
    const auto b = desk.issued(2);
    const auto moved = must(desk.allocate(desk.read(payment.id), {to(b, 4'000)}));
    CHECK(desk.again(b.id).paid == 4'000);
    CHECK(desk.again(invoice.id).balance == 4'000);
    CHECK(desk.on_deposit() == 0);
    CHECK(must(desk.admin().call(ledger::Verify{})).sound);
  }
}

TEST_CASE("BIL-8, R9: what is wrong with a refund is told, and nothing is posted") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    invoices::Create shared;
    shared.shares = {{.payer_id = desk.payer.id, .amount = 2'000}};
    const auto invoice = desk.issue(desk.draft({Desk::line(desk.visit)}, shared));
    const auto of_payer = must(keyed(desk.clerk(), payments::RecordPayment{.payer_id = desk.payer.id,
                                                                           .facility_id = desk.hospital.home,
                                                                           .method = PaymentMethod::payer,
                                                                           .amount = 2'000,
                                                                           .allocations = {to(invoice, 2'000)}}));
    const auto payment = desk.deposit(5'000);
    auto use = desk.paying(1'000, {to(invoice, 1'000)});
    use.method = PaymentMethod::deposit;
    const auto of_deposit = must(keyed(desk.clerk(), use));
    const std::string before = desk.books();
    const auto wrong = [&](auto&& spoil) {
      refunds::Request request{.payment_id = payment.id, .amount = 100, .reason = "Paid twice by mistake"};
      spoil(request);
      const auto answer = keyed(desk.clerk(), std::move(request));
      const std::string fields = fields_of(answer);
      return fields.empty() ? code_of(answer) : fields;
    };
    using R = refunds::Request;
    CHECK(wrong([](R& r) { r.amount = 0; }) == "/amount:number.out_of_range");
    CHECK(wrong([](R& r) { r.amount = -100; }) == "/amount:number.out_of_range");
    CHECK(wrong([](R& r) { r.reason = "short"; }) == "/reason:reason.required");
    CHECK(wrong([](R& r) { r.method = PaymentMethod::deposit; }) == "/method:payment.method");
    CHECK(wrong([](R& r) { r.method = PaymentMethod::payer; }) == "/method:payment.method");
    CHECK(wrong([&](R& r) { r.payment_id = of_payer.id; }) == "/payment_id:payment.not_refundable");
    CHECK(wrong([&](R& r) { r.payment_id = of_deposit.id; }) == "/payment_id:payment.not_refundable");
    CHECK(wrong([](R& r) { r.payment_id = {*Uuid::parse("00000000-0000-7000-8000-000000000001")}; }) == "not_found");
    CHECK(wrong([](R& r) { r.amount = 4'001; }) == "refund.exceeds");
    CHECK(code_of(desk.clerk().call(R{.payment_id = payment.id, .amount = 1, .reason = "Paid twice by mistake"})) ==
          "idempotency.required");
    CHECK(desk.books() == before);
    CHECK(must(desk.clerk().call(refunds::List{})).data.empty());
    // Another way out than it came in by, where that is said.
    R request{.payment_id = payment.id, .amount = 100, .method = PaymentMethod::bank, .reason = "The card has expired"};
    request.id = RefundId{*Uuid::parse("01890000-0000-7000-8000-00000000cafe")};
    const auto asked = must(keyed(desk.clerk(), request));
    CHECK(must(keyed(desk.clerk(), request)).created_at == asked.created_at);
    request.amount = 101;
    CHECK(code_of(keyed(desk.clerk(), request)) == "conflict.id_reused");
    must(desk.complete(must(desk.approve(asked))));
    CHECK(desk.entries_about(asked.id.uuid).back() == "refund_completed: refunds +100 bank -100");
  }
}
