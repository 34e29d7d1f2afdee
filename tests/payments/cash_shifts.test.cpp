// Cash shifts: what should be in the drawer, what was counted, and the difference in the books (BIL-15).
#include <doctest/doctest.h>

#include "tests/payments/desk.hpp"
#include "tests/support/staff.hpp"

using namespace medflow;
using namespace medflow::testing;
using cash_shifts::ShiftStatus;
using payments::PaymentMethod;

namespace {

using Texts = std::vector<std::string>;

cash_shifts::CashShift close(const Session& session, const CashShiftId& id, std::int64_t counted) {
  return must(session.call(cash_shifts::Close{.id = id, .revision = 1, .counted = counted}));
}

}  // namespace

TEST_CASE("BIL-15: a shift is opened with a count and closed with one; the difference is posted") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const Session cashier = desk.desk();
    const auto cash = [&](const Session& who, std::int64_t amount) {
      auto request = desk.paying(amount);
      request.method = PaymentMethod::cash;
      return must(keyed(who, request));
    };
    CHECK_FALSE(cash(cashier, 50).shift_id);  // before
    const auto shift = must(cashier.call(cash_shifts::Open{.opening = 10'000}));
    CHECK(shift.facility_id == desk.hospital.home);
    CHECK(shift.cashier == desk.hospital.member(Role::receptionist).id);
    CHECK(code_of(cashier.call(cash_shifts::Open{.opening = 0})) == "cash_shift.open");
    const auto taken = cash(cashier, 3'000);
    CHECK(taken.shift_id == shift.id);
    CHECK_FALSE(cash(desk.clerk(), 700).shift_id);                 // of somebody else
    CHECK_FALSE(must(keyed(cashier, desk.paying(900))).shift_id);  // no cash
    const auto refund = must(desk.approve(must(desk.ask_back(taken, 1'000))));
    CHECK(must(cashier.call(cash_shifts::Get{.id = shift.id})).expected == 13'000);
    const auto out = must(keyed(cashier, refunds::Complete{.id = refund.id, .revision = refund.revision}));
    CHECK(out.shift_id == shift.id);
    CHECK(must(cashier.call(cash_shifts::Get{.id = shift.id})).expected == 12'000);
    const std::string before = desk.books();
    CHECK(before == "cash 2750 card 900 deposits -3650");
    CHECK(fields_of(cashier.call(cash_shifts::Close{.id = shift.id, .revision = 1, .counted = -1})) ==
          "/counted:number.out_of_range");
    CHECK(code_of(cashier.call(cash_shifts::Close{.id = shift.id, .counted = 1})) == "precondition.required");
    const auto closed = close(cashier, shift.id, 11'850);
    CHECK(closed.status == ShiftStatus::closed);
    CHECK(closed.expected == 12'000);
    CHECK(closed.counted == 11'850);
    CHECK(closed.variance == -150);
    CHECK(closed.closed_by == closed.cashier);
    CHECK(desk.entries_about(shift.id.uuid) == Texts{"cash_variance: cash_variance +150 cash -150"});
    CHECK(desk.books() == "cash 2600 card 900 deposits -3650 cash_variance 150");
    CHECK(code_of(cashier.call(cash_shifts::Close{.id = shift.id, .revision = 2, .counted = 1})) ==
          "transition.illegal");
    // What comes later is in the next one, and changes nothing of this.
    CHECK_FALSE(cash(cashier, 100).shift_id);
    CHECK(must(cashier.call(cash_shifts::Get{.id = shift.id})).expected == 12'000);
    const auto next = must(cashier.call(cash_shifts::Open{.opening = 500}));
    CHECK(close(cashier, next.id, 520).variance == 20);
    CHECK(desk.entries_about(next.id.uuid) == Texts{"cash_variance: cash +20 cash_variance -20"});
    // Counted right, nothing is posted.
    const auto right = must(cashier.call(cash_shifts::Open{.opening = 500}));
    CHECK(close(cashier, right.id, 500).variance == 0);
    CHECK(desk.entries_about(right.id.uuid).empty());
    CHECK(must(cashier.call(cash_shifts::List{.status = ShiftStatus::closed})).data.size() == 3);
    CHECK(must(cashier.call(cash_shifts::List{.status = ShiftStatus::open})).data.empty());
    CHECK(must(desk.admin().call(ledger::Verify{})).sound);
  }
}

TEST_CASE("BIL-15: one open shift for each cashier, place and currency") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const Session cashier = desk.desk();
    const auto at_home = must(cashier.call(cash_shifts::Open{.opening = 0}));
    const auto in_euro = must(cashier.call(cash_shifts::Open{.currency = *Currency::parse("EUR"), .opening = 0}));
    auto euro = desk.paying(100);
    euro.method = PaymentMethod::cash;
    euro.currency = *Currency::parse("EUR");
    CHECK(must(keyed(cashier, euro)).shift_id == in_euro.id);
    CHECK(code_of(cashier.call(cash_shifts::Open{.facility_id = desk.hospital.away, .opening = 0})) == "forbidden");
    CHECK(fields_of(cashier.call(cash_shifts::Open{
              .facility_id = FacilityId{*Uuid::parse("00000000-0000-7000-8000-000000000001")}, .opening = 0})) ==
          "/facility_id:facility.unknown");
    CHECK(fields_of(cashier.call(cash_shifts::Open{.opening = -1})) == "/opening:number.out_of_range");
    // Somebody else has one of their own, and whoever works elsewhere sees none of them.
    const Session clerk = desk.clerk();
    CHECK(must(clerk.call(cash_shifts::Open{.opening = 7})).cashier == desk.hospital.member(Role::billing_clerk).id);
    const Session away = staff(desk.hospital, "away", Role::receptionist, {desk.hospital.away});
    CHECK(code_of(away.call(cash_shifts::Get{.id = at_home.id})) == "not_found");
    CHECK(must(away.call(cash_shifts::List{})).data.empty());
    CHECK(code_of(desk.admin().call(cash_shifts::Open{.opening = 0})) == "forbidden");
    // Under an id of the caller's own it is opened once.
    const cash_shifts::Open open{.id = CashShiftId{*Uuid::parse("01890000-0000-7000-8000-00000000cafe")}, .opening = 5};
    must(away.call(open));
    CHECK(must(away.call(open)).opening == 5);
    auto other = open;
    other.opening = 6;
    CHECK(code_of(away.call(other)) == "conflict.id_reused");
  }
}

TEST_CASE("BIL-15: cash goes through the drawer that its cashier sits at, also where it belongs elsewhere") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Desk desk{TestEngine(engine)};
    const Session clerk = desk.clerk();
    const FacilityId home = desk.hospital.home;
    const FacilityId away = desk.hospital.away;
    const auto cash = [&](std::optional<FacilityId> where, std::int64_t amount) {
      auto request = desk.paying(amount);
      request.facility_id = where;
      request.method = PaymentMethod::cash;
      return must(keyed(clerk, request));
    };
    const auto of_home = cash(home, 3'000);
    CHECK_FALSE(of_home.shift_id);
    const auto shift = must(clerk.call(cash_shifts::Open{.facility_id = away, .opening = 5'000}));
    const auto out = must(desk.complete(must(desk.approve(must(desk.ask_back(of_home, 1'000))))));
    CHECK(out.shift_id == shift.id);
    CHECK(cash(home, 200).shift_id == shift.id);
    const auto unplaced = cash({}, 70);
    CHECK(unplaced.shift_id == shift.id);
    CHECK(unplaced.facility_id == away);
    CHECK(must(clerk.call(cash_shifts::Get{.id = shift.id})).expected == 4'270);

    // Of several the one at the place, else none: nobody knows which.
    const auto second = must(clerk.call(cash_shifts::Open{.facility_id = home, .opening = 0}));
    CHECK(code_of(clerk.call(cash_shifts::Open{.facility_id = home, .opening = 0})) == "cash_shift.open");
    CHECK(cash(home, 1).shift_id == second.id);
    CHECK(cash(away, 2).shift_id == shift.id);
    const auto annex = must(desk.admin().call(facilities::Create{.name = "Annex", .zone = {"Europe/London"}}));
    CHECK_FALSE(cash(annex.id, 4).shift_id);
    // Counted right there is nothing to post.
    CHECK(close(clerk, shift.id, 4'272).variance == 0);
    CHECK(close(clerk, second.id, 1).variance == 0);
    CHECK(desk.books() == "cash 2277 deposits -2277");
    CHECK(must(desk.admin().call(ledger::Verify{})).sound);
  }
}

TEST_CASE("BIL-15: a drawer that was left open in a house where its cashier works no more takes nothing") {
  Desk desk{TestEngine("memory")};
  desk.hospital.configure({.trusted_issuers = std::vector<std::string>{"https://host.example"}});
  const auto cashier = [&](FacilityId where) {
    return must(desk.hospital.platform.session(desk.hospital.slug(), {.issuer = "https://host.example",
                                                                      .subject = "cashier",
                                                                      .display_name = "Somebody",
                                                                      .roles = {Role::receptionist},
                                                                      .facilities = {where}}));
  };
  must(cashier(desk.hospital.away).call(cash_shifts::Open{.facility_id = desk.hospital.away, .opening = 5'000}));
  auto request = desk.paying(300);
  request.facility_id.reset();
  request.method = PaymentMethod::cash;
  const auto taken = must(keyed(cashier(desk.hospital.home), request));
  CHECK(taken.facility_id == desk.hospital.home);
  CHECK_FALSE(taken.shift_id);
}
