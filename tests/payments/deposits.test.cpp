// Deposits: money that came before it was owed goes in, is used and goes back through the journal (BIL-13).
#include <doctest/doctest.h>

#include "tests/payments/desk.hpp"

using namespace medflow;
using namespace medflow::testing;
using payments::PaymentMethod;

namespace {

using Texts = std::vector<std::string>;

payments::RecordPayment use_of(const Desk& desk, std::int64_t amount, std::vector<payments::Allocation> where) {
  auto request = desk.paying(amount, std::move(where));
  request.method = PaymentMethod::deposit;
  return request;
}

}  // namespace

TEST_CASE("BIL-13: a deposit is taken, used and given back, each by an entry") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const auto advance = desk.deposit(20'000);
    CHECK(advance.unallocated == 20'000);
    CHECK(desk.entries_about(advance.id.uuid) == Texts{"payment: card +20000 deposits -20000"});
    const auto a = desk.issued(2);
    const auto b = desk.issued(1);
    const auto used = must(keyed(desk.clerk(), use_of(desk, 12'000, {{a.id, 10'000}, {b.id, 2'000}})));
    CHECK(used.method == PaymentMethod::deposit);
    CHECK(desk.entries_about(used.id.uuid) ==
          Texts{"payment: deposits +12000 receivable_patient -10000 receivable_patient -2000"});
    CHECK(desk.again(a.id).balance == 0);
    CHECK(desk.on_deposit() == 8'000);
    // Without a word where to, the oldest due first.
    CHECK(must(keyed(desk.clerk(), use_of(desk, 3'000, {}))).allocations.at(0).invoice_id == b.id);
    // More than there is, or more than goes to invoices, is refused.
    const auto c = desk.issued(2);
    const std::string before = desk.books();
    CHECK(fields_of(keyed(desk.clerk(), use_of(desk, 5'001, {{c.id, 5'001}}))) == "/amount:deposit.short");
    CHECK(fields_of(keyed(desk.clerk(), use_of(desk, 4'000, {{c.id, 3'000}}))) == "/allocations:payment.unallocated");
    auto keep = use_of(desk, 4'000, {});
    keep.keep_as_deposit = true;
    CHECK(fields_of(keyed(desk.clerk(), keep)) == "/allocations:payment.unallocated");
    auto elses = use_of(desk, 100, {});
    elses.patient_id = desk.patients.at(1).id;
    CHECK(fields_of(keyed(desk.clerk(), elses)) == "/amount:deposit.short");
    auto in_euro = use_of(desk, 100, {});
    in_euro.currency = *Currency::parse("EUR");
    CHECK(fields_of(keyed(desk.clerk(), in_euro)) == "/amount:deposit.short");
    CHECK(desk.books() == before);
    // The rest goes back.
    must(desk.complete(must(desk.approve(must(desk.ask_back(advance, 5'000))))));
    CHECK(desk.on_deposit() == 0);
    CHECK(fields_of(keyed(desk.clerk(), use_of(desk, 1, {{c.id, 1}}))) == "/amount:deposit.short");
    CHECK(desk.books() == "receivable_patient 10000 card 15000 revenue -25000");
    CHECK(must(desk.admin().call(ledger::Verify{})).sound);
  }
}

TEST_CASE("BIL-13: a deposit is used once, by however many at once") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    const TestEngine home(engine);  // its files are opened again
    Desk desk{home};
    desk.deposit(10'000);
    const auto invoice = desk.issued(10);
    const Session clerk = desk.clerk();
    const auto codes = at_once(16, [&](std::size_t) {
      return code_of(keyed(clerk, use_of(desk, 1'500, {{invoice.id, 1'500}})));
    });
    CHECK(how_many(codes, "ok") == 6);
    CHECK(how_many(codes, "invalid") == 10);
    CHECK(desk.on_deposit() == 1'000);
    CHECK(desk.again(invoice.id).paid == 9'000);
  }
}
