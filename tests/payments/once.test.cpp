// Money moves once, however often it is asked for (BIL-11, R11).
#include <doctest/doctest.h>

#include "tests/payments/desk.hpp"

using namespace medflow;
using namespace medflow::testing;
using payments::PaymentMethod;
using payments::PaymentState;

TEST_CASE("BIL-11, R11: the same key ten times is one payment; another request under it is refused") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto invoice = desk.issued(2);
    const Session clerk = desk.clerk();
    const auto request = desk.paying(3'000, {{.invoice_id = invoice.id, .amount = 3'000}});
    CHECK(code_of(clerk.call(request)) == "idempotency.required");
    const auto first = must(keyed(clerk, request, "morning-1"));
    for (int times = 0; times < 9; ++times) {
      const auto again = must(keyed(clerk, request, "morning-1"));
      CHECK(again.id == first.id);
      CHECK(again.number == first.number);
    }
    auto other = request;
    other.amount = 3'001;
    CHECK(code_of(keyed(clerk, other, "morning-1")) == "idempotency.mismatch");
    CHECK(desk.payments_there() == 1);
    CHECK(desk.again(invoice.id).paid == 3'000);
    CHECK(desk.books() == "receivable_patient 7000 card 3000 revenue -10000");
    // The money of a refund as well.
    const auto refund = must(desk.ask_back(first, 1'000, invoice.id));
    const auto agreed = must(desk.approve(refund));
    const refunds::Complete complete{.id = refund.id, .revision = agreed.revision};
    CHECK(code_of(clerk.call(complete)) == "idempotency.required");
    for (int times = 0; times < 10; ++times) CHECK(must(keyed(clerk, complete, "out-1")).revision == 3);
    CHECK(desk.books() == "receivable_patient 8000 card 2000 revenue -10000");
  }
}

TEST_CASE("BIL-11: the same notice of a provider ten times at once is one payment") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    const TestEngine home(engine);  // its files are opened again
    Desk desk{home};
    const auto invoice = desk.issued(2);
    const Session clerk = desk.clerk();
    auto request = desk.paying(4'000, {{.invoice_id = invoice.id, .amount = 4'000}});
    request.external_ref = "ch_3QK5";
    std::vector<PaymentId> ids(10);
    const auto codes = at_once(ids.size(), [&](std::size_t i) {
      const auto answer = keyed(clerk, request);
      if (answer.ok()) ids[i] = answer->id;
      return code_of(answer);
    });
    CHECK(how_many(codes, "ok") == 10);
    for (const PaymentId& id : ids) CHECK(id == ids.front());
    CHECK(desk.payments_there() == 1);
    CHECK(desk.again(invoice.id).paid == 4'000);
    CHECK(desk.entries_about(ids.front().uuid).size() == 1);
    // Other money under the same reference is refused; the reference is the method's own.
    auto more = request;
    more.amount = 4'001;
    const std::string before = desk.books();
    CHECK(code_of(keyed(clerk, more)) == "payment.reference_used");
    auto elses = desk.paying(4'000);
    elses.external_ref = request.external_ref;
    elses.patient_id = desk.patients.at(1).id;
    CHECK(code_of(keyed(clerk, elses)) == "payment.reference_used");
    CHECK(desk.books() == before);
    request.method = PaymentMethod::mobile;
    CHECK(must(keyed(clerk, request)).id != ids.front());
    // Without a reference each is money of its own.
    CHECK(must(keyed(clerk, desk.paying(10))).id != must(keyed(clerk, desk.paying(10))).id);
  }
}

TEST_CASE("BIL-11, R1: under an id of the caller's own a payment is made once") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto invoice = desk.issued(2);
    auto request = desk.paying(4'000, {{.invoice_id = invoice.id, .amount = 4'000}});
    request.id = PaymentId{*Uuid::parse("01890000-0000-7000-8000-00000000cafe")};
    const auto first = must(keyed(desk.clerk(), request));
    CHECK(first.id == *request.id);
    CHECK(must(keyed(desk.clerk(), request)).number == first.number);
    CHECK(desk.again(invoice.id).paid == 4'000);
    request.allocations[0].amount = 3'999;
    CHECK(code_of(keyed(desk.clerk(), request)) == "conflict.id_reused");
    request.allocations[0].amount = 4'000;
    request.method = PaymentMethod::cash;
    CHECK(code_of(keyed(desk.clerk(), request)) == "conflict.id_reused");
    CHECK(desk.payments_there() == 1);
  }
}

TEST_CASE("BIL-11, R1: money that was said to come under an id of the caller's own, and comes, is booked once") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto invoice = desk.issued(1);
    auto request = desk.paying(5'000, {{.invoice_id = invoice.id, .amount = 5'000}});
    request.id = PaymentId{*Uuid::parse("01890000-0000-7000-8000-00000000cafe")};
    request.external_ref = "tx-1";
    request.pending = true;
    CHECK(must(keyed(desk.clerk(), request)).state == PaymentState::pending);
    CHECK(must(keyed(desk.clerk(), request)).state == PaymentState::pending);
    CHECK(desk.again(invoice.id).paid == 0);
    auto come = request;
    come.pending = false;
    const auto first = must(keyed(desk.clerk(), come));
    CHECK(first.state == PaymentState::succeeded);
    CHECK(first.resolved_at);
    // What was said before is still the same request.
    for (const auto& each : {come, request}) {
      const auto again = must(keyed(desk.clerk(), each));
      CHECK(again.state == PaymentState::succeeded);
      CHECK(again.revision == first.revision);
    }
    CHECK(desk.again(invoice.id).paid == 5'000);
    CHECK(desk.entries_about(first.id.uuid) ==
          std::vector<std::string>{"payment: card +5000 receivable_patient -5000"});
    CHECK(desk.payments_there() == 1);
    // Of what did not come it is not said that it is there.
    request.id = PaymentId{*Uuid::parse("01890000-0000-7000-8000-00000000beef")};
    request.allocations = {};
    request.external_ref = {};
    const auto lost = must(keyed(desk.clerk(), request));
    must(desk.clerk().call(payments::Resolve{.id = lost.id, .state = PaymentState::failed}));
    CHECK(must(keyed(desk.clerk(), request)).state == PaymentState::failed);
    request.pending = false;
    CHECK(code_of(keyed(desk.clerk(), request)) == "conflict.id_reused");
  }
}
