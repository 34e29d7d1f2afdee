// What a completed visit is charged, and what open money forbids.
#include <doctest/doctest.h>

#include <thread>

#include "tests/support/till.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// A hospital whose service is charged: 50.00 until the end of 2026-11-23, and 60.00 from the next day on.
class Practice : public Till {
 public:
  explicit Practice(std::shared_ptr<storage::Engine> engine) : Till(std::move(engine)) {
    visit = must(admin().call(prices::SetPrice{
        .id = visit.id, .revision = visit.revision, .price_micro = 60'000'000, .valid_from = day("2026-11-24")}));
    charge(service, visit.id);
  }

  void charge(services::Service& which, std::optional<PriceItemId> item) {
    which = must(admin().call(services::Update{
        .id = which.id, .revision = which.revision, .code = which.code, .name = which.name, .price_item_id = item}));
  }

  Session nurse() { return hospital.as(Role::nurse); }

  /// A visit that is under way, at a time that is not before now.
  appointments::Appointment begun(std::string_view start, std::size_t who = 0) {
    const auto booked = book(start, who);
    go_to(start);
    must(desk().call(appointments::CheckIn{.id = booked.id}));
    return must(nurse().call(appointments::Start{.id = booked.id}));
  }
  appointments::Appointment completed(std::string_view start, std::size_t who = 0) {
    const auto under_way = begun(start, who);
    return must(nurse().call(appointments::Complete{.id = under_way.id}));
  }

  std::vector<invoices::Invoice> of_patient(std::size_t who = 0) {
    return must(clerk().call(invoices::List{.patient_id = patients.at(who).id})).data;
  }
  /// The one draft of a visit.
  invoices::Invoice charge_of(const appointments::Appointment& of) {
    std::vector<invoices::Invoice> found;
    for (auto& each : must(clerk().call(invoices::List{.patient_id = of.patient_id})).data)
      if (each.appointment_id == of.id) found.push_back(std::move(each));
    REQUIRE(found.size() == 1);
    return found.front();
  }
};

}  // namespace

TEST_CASE("BIL-12: completing a visit drafts its charge once, at the price of its day") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Practice practice{TestEngine(engine)};
    const auto under_way = practice.begun("2026-11-23T09:00:00Z");
    CHECK(practice.of_patient().empty());
    must(practice.nurse().call(appointments::UndoStart{.id = under_way.id, .reason = "clicked the wrong one"}));
    must(practice.nurse().call(appointments::Start{.id = under_way.id}));
    // It ends after midnight two days later, and its price is that of the day of the visit.
    practice.go_to("2026-11-25T00:10:00Z");
    const auto visit = must(practice.nurse().call(appointments::Complete{.id = under_way.id}));
    CHECK(visit.status == appointments::AppointmentStatus::completed);
    CHECK(code_of(practice.nurse().call(appointments::Complete{.id = under_way.id})) == "transition.illegal");
    const auto draft = practice.charge_of(visit);
    CHECK(draft.status == invoices::InvoiceStatus::draft);
    CHECK(draft.total == 5'000);
    REQUIRE(draft.lines.size() == 1);
    CHECK(draft.lines[0].service_date == day("2026-11-23"));
    CHECK(draft.lines[0].practitioner_id == practice.doctor.id);
    CHECK(draft.lines[0].item_id == practice.visit.id);
    CHECK(draft.practitioner_ids == std::vector<PractitionerId>{practice.doctor.id});
    CHECK(draft.facility_id == practice.hospital.home);
    CHECK(practice.charge_of(practice.completed("2026-11-25T09:00:00Z", 1)).total == 6'000);
    // The nurse reads no invoice, neither before nor after.
    CHECK(code_of(practice.nurse().call(invoices::Get{.id = draft.id})) == "forbidden");
    CHECK(must(practice.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("BIL-12: a visit that is completed twice at once is charged once") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    const TestEngine home(engine);  // threads open its files anew
    Practice practice{home};
    const auto visit = practice.begun("2026-11-23T09:00:00Z");
    const Session nurse = practice.nurse();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] { static_cast<void>(nurse.call(appointments::Complete{.id = visit.id})); });
    for (std::thread& thread : threads) thread.join();
    CHECK(practice.charge_of(visit).total == 5'000);
  }
}

TEST_CASE("BIL-12: what is charged already, or has no price, is not drafted; the visit is completed all the same") {
  Practice practice{TestEngine("memory")};
  const auto by_hand = practice.begun("2026-11-23T09:00:00Z");
  invoices::Create request{
      .patient_id = by_hand.patient_id, .appointment_id = by_hand.id, .lines = {Till::line(practice.visit, 3)}};
  const auto drafted = must(practice.clerk().call(request));
  CHECK(drafted.facility_id == practice.hospital.home);
  CHECK(code_of(practice.clerk().call(request)) == "invoice.charged");
  must(practice.nurse().call(appointments::Complete{.id = by_hand.id}));
  CHECK(practice.charge_of(by_hand).total == 15'000);
  // Once it was dropped, another may charge the visit.
  must(practice.clerk().call(invoices::DiscardDraft{.id = drafted.id, .revision = drafted.revision}));
  must(practice.clerk().call(request));
  request.patient_id = practice.patients.at(1).id;
  CHECK(fields_of(practice.clerk().call(request)) == "/appointment_id:appointment.unknown");

  const auto unpriced = must(practice.admin().call(prices::Create{.code = "NEW", .name = "Without a price"}));
  practice.charge(practice.service, unpriced.id);
  CHECK(practice.completed("2026-11-23T10:00:00Z", 1).status == appointments::AppointmentStatus::completed);
  CHECK(practice.of_patient(1).empty());
  practice.charge(practice.service, std::nullopt);
  practice.completed("2026-11-23T11:00:00Z", 1);
  CHECK(practice.of_patient(1).empty());
}

TEST_CASE("BIL-17: a follow-up is free for so many visits and days, with the same doctor") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Practice practice{TestEngine(engine)};
    must(practice.admin().call(
        fee_rules::Create{.name = "Follow-up", .kind = fee_rules::RuleKind::follow_up, .visits = 1, .days = 7}));
    const auto total = [&](const appointments::Appointment& visit) { return practice.charge_of(visit).total; };
    CHECK(total(practice.completed("2026-11-24T09:00:00Z")) == 6'000);
    CHECK(total(practice.completed("2026-11-24T10:00:00Z", 1)) == 6'000);  // another patient
    const auto free = practice.charge_of(practice.completed("2026-12-01T09:00:00Z"));
    CHECK(free.total == 0);
    REQUIRE(free.lines.at(0).discount);
    CHECK(free.lines.at(0).discount->reason == "Follow-up");
    CHECK(free.lines.at(0).discount_amount == 6'000);
    CHECK(total(practice.completed("2026-12-01T10:00:00Z")) == 6'000);     // the one visit is used
    CHECK(total(practice.completed("2026-12-02T10:00:00Z", 1)) == 6'000);  // the eighth day
    const auto doctor = practice.doctor;
    practice.doctor = practice.add_doctor("Dr House");
    CHECK(total(practice.completed("2026-12-02T11:00:00Z")) == 6'000);  // with another doctor
    practice.doctor = doctor;
    CHECK(total(practice.completed("2026-12-03T09:00:00Z")) == 0);  // after the second that was charged
  }
}

TEST_CASE("BIL-17: a follow-up is known by its rule, whatever that is called and whatever the visit before cost") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Practice practice{TestEngine(engine)};
    const auto seniors = must(practice.admin().call(fee_rules::Create{
        .name = "Seniors", .kind = fee_rules::RuleKind::exemption, .age_from = 86U, .percent_micro = 500'000}));
    const auto rule = must(practice.admin().call(
        fee_rules::Create{.name = "Follow-up", .kind = fee_rules::RuleKind::follow_up, .visits = 1, .days = 7}));
    const auto charge = [&](std::string_view start, std::size_t who) {
      return practice.charge_of(practice.completed(start, who));
    };
    const auto redraft = [&](const invoices::Invoice& draft, std::optional<Discount> of_all) {
      const invoices::Line& line = draft.lines.at(0);
      return must(practice.clerk().call(invoices::Update{.id = draft.id,
                                                         .revision = draft.revision,
                                                         .lines = {{.item_id = line.item_id,
                                                                    .description = "Seen by the doctor",
                                                                    .discount = line.discount,
                                                                    .service_date = line.service_date,
                                                                    .practitioner_id = line.practitioner_id,
                                                                    .appointment_id = line.appointment_id}},
                                                         .discount = std::move(of_all)}));
    };
    // Who pays half the price has paid; the first of patient 2 was given away as a whole.
    const auto half = charge("2026-11-24T09:00:00Z", 0);
    CHECK(half.total == 3'000);
    CHECK(half.lines.at(0).fee_rule_id == seniors.id);
    const auto full = charge("2026-11-24T10:00:00Z", 1);
    CHECK(full.total == 6'000);
    CHECK_FALSE(full.lines.at(0).fee_rule_id);
    const auto given = redraft(charge("2026-11-24T11:00:00Z", 2),
                               Discount{.kind = DiscountKind::percent, .value = 1'000'000, .reason = "goodwill"});
    CHECK(given.total == 0);
    CHECK(charge("2026-11-25T09:00:00Z", 0).total == 0);
    const auto free = charge("2026-11-25T10:00:00Z", 1);
    CHECK(free.total == 0);
    CHECK(free.lines.at(0).fee_rule_id == rule.id);
    CHECK(charge("2026-11-25T11:00:00Z", 2).total == 6'000);
    // What stays of a draft that is changed stays the rule's.
    const auto changed = redraft(free, {});
    CHECK(changed.lines.at(0).description == "Seen by the doctor");
    CHECK(changed.lines.at(0).fee_rule_id == rule.id);
    must(practice.admin().call(fee_rules::Update{.id = rule.id, .revision = rule.revision, .name = "Second look"}));
    CHECK(charge("2026-11-26T09:00:00Z", 0).total == 3'000);
    CHECK(charge("2026-11-26T10:00:00Z", 1).total == 6'000);
    CHECK(charge("2026-11-26T11:00:00Z", 2).total == 0);
  }
}

TEST_CASE("BIL-17: a line that names no rule, as those of earlier versions, is one of the rule that its reason names") {
  Practice practice{TestEngine("memory")};
  must(practice.admin().call(
      fee_rules::Create{.name = "Follow-up", .kind = fee_rules::RuleKind::follow_up, .visits = 1, .days = 7}));
  const auto by_hand = [&](std::string_view start, std::size_t who, std::string reason) {
    const auto visit = practice.begun(start, who);
    auto line = Till::line(practice.visit);
    line.discount = Discount{.kind = DiscountKind::percent, .value = 1'000'000, .reason = std::move(reason)};
    line.practitioner_id = practice.doctor.id;
    const auto draft = must(practice.clerk().call(
        invoices::Create{.patient_id = visit.patient_id, .appointment_id = visit.id, .lines = {line}}));
    CHECK_FALSE(draft.lines.at(0).fee_rule_id);
    must(practice.nurse().call(appointments::Complete{.id = visit.id}));
  };
  const auto total = [&](std::string_view start, std::size_t who) {
    return practice.charge_of(practice.completed(start, who)).total;
  };
  CHECK(total("2026-11-24T09:00:00Z", 0) == 6'000);
  CHECK(total("2026-11-24T10:00:00Z", 1) == 6'000);
  by_hand("2026-11-25T09:00:00Z", 0, "Follow-up");
  by_hand("2026-11-25T10:00:00Z", 1, "goodwill");
  CHECK(total("2026-11-26T09:00:00Z", 0) == 6'000);  // the one visit is used
  CHECK(total("2026-11-26T10:00:00Z", 1) == 0);
}

TEST_CASE("BIL-17: of the rules that fit the one that takes most off goes") {
  Practice practice{TestEngine("memory")};
  const auto rule = [&](fee_rules::Create request) { must(practice.admin().call(std::move(request))); };
  // The patients were born on 1940-01-01, 1941-02-02 and so on.
  rule({.name = "Seniors", .kind = fee_rules::RuleKind::exemption, .age_from = 86U, .percent_micro = 500'000});
  rule({.name = "Elders", .kind = fee_rules::RuleKind::exemption, .age_from = 80U, .percent_micro = 250'000});
  rule({.name = "Children", .kind = fee_rules::RuleKind::exemption, .age_below = 18U});
  rule({.name = "Elsewhere",
        .kind = fee_rules::RuleKind::exemption,
        .service_ids = {practice.add_service("other").id},
        .age_from = 0U});
  rule({.name = "Not yet", .kind = fee_rules::RuleKind::exemption, .age_from = 0U, .valid_from = day("2026-12-01")});
  const auto first = practice.charge_of(practice.completed("2026-11-24T09:00:00Z"));
  CHECK(first.total == 3'000);
  CHECK(first.lines.at(0).discount.value_or(Discount{}).reason == "Seniors");
  CHECK(practice.charge_of(practice.completed("2026-11-24T10:00:00Z", 1)).total == 4'500);
  CHECK(practice.charge_of(practice.completed("2026-12-01T10:00:00Z", 1)).total == 0);
}

TEST_CASE("PAT-13: a patient with a draft or with something owed is not deleted; the answer names it") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const auto remove = [&] {
      const auto result = till.admin().call(patients::Delete{.id = till.patient.id, .reason_code = "patient_request"});
      return std::pair(code_of(result), result.ok() ? std::vector<std::string>{} : result.error().ids);
    };
    const auto draft = till.draft({medflow::testing::Till::line(till.visit)});
    const auto dropped = till.draft({medflow::testing::Till::line(till.visit)});
    must(till.clerk().call(invoices::DiscardDraft{.id = dropped.id, .revision = dropped.revision}));
    CHECK(remove() == std::pair(std::string("patient.has_invoices"), std::vector{draft.id.text()}));
    till.issue(draft);
    CHECK(remove() == std::pair(std::string("patient.has_invoices"), std::vector{draft.id.text()}));
    till.pay(5'000, {{.invoice_id = draft.id, .amount = 5'000}});
    CHECK(remove().first == "ok");
    // The money of who is gone stays.
    CHECK(till.again(draft.id).paid == 5'000);
  }
}

TEST_CASE("PAT-13: nor is one whose payment is pending, or whose refund is asked for or not paid out") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const auto remove = [&] {
      return till.admin().call(patients::Delete{.id = till.patient.id, .reason_code = "patient_request"});
    };
    auto coming = till.paying(700);
    coming.pending = true;
    const auto pending = must(keyed(till.clerk(), coming));
    const auto refused = remove();
    REQUIRE(code_of(refused) == "patient.has_invoices");
    CHECK(refused.error().detail == "a payment or a refund is under way");
    must(till.clerk().call(payments::Resolve{.id = pending.id, .state = payments::PaymentState::cancelled}));

    const auto invoice = till.issued();
    const auto paid = till.pay(5'000, {{.invoice_id = invoice.id, .amount = 5'000}});
    auto refund = must(keyed(
        till.clerk(),
        refunds::Request{
            .payment_id = paid.id, .invoice_id = invoice.id, .amount = 5'000, .reason = "Paid twice by mistake"}));
    CHECK(code_of(remove()) == "patient.has_invoices");
    refund = must(till.admin().call(refunds::Approve{.id = refund.id, .revision = refund.revision}));
    must(keyed(till.clerk(), credit_notes::Issue{.invoice_id = invoice.id, .reason = "charged by mistake"}));
    CHECK(code_of(remove()) == "patient.has_invoices");  // what is agreed to is not paid out
    must(keyed(till.clerk(), refunds::Complete{.id = refund.id, .revision = refund.revision}));
    CHECK(code_of(remove()) == "ok");
  }
}

TEST_CASE("BIL-12: a visit that an issued invoice charges is not said to be an error") {
  Practice practice{TestEngine("memory")};
  const auto visit = practice.completed("2026-11-24T09:00:00Z");
  const auto issued = practice.issue(practice.charge_of(visit));
  const auto retract = [&] {
    return practice.admin().call(appointments::MarkError{.id = visit.id, .reason = "it was another patient"});
  };
  const auto refused = retract();
  CHECK(code_of(refused) == "appointment.invoiced");
  CHECK(refused.error().ids == std::vector{issued.id.text()});
  must(practice.clerk().call(
      invoices::Void{.id = issued.id, .revision = issued.revision, .reason = "it was another patient"}));
  CHECK(code_of(retract()) == "ok");
}

TEST_CASE("BIL-12: a visit that never was takes the draft of its charge with it, unless somebody has worked on it") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Practice practice{TestEngine(engine)};
    const auto retract = [&](const appointments::Appointment& visit, std::string reason, std::string code = {}) {
      must(practice.admin().call(
          appointments::MarkError{.id = visit.id, .reason = std::move(reason), .reason_code = std::move(code)}));
    };
    const auto visit = practice.completed("2026-11-24T09:00:00Z");
    const auto before = practice.charge_of(visit);
    retract(visit, "it was another patient");
    const auto after = practice.charge_of(visit);
    CHECK(after.status == invoices::InvoiceStatus::discarded);
    CHECK(after.end_reason == "the visit was entered in error");  // what was said of it is not for billing
    CHECK(after.ended_by == practice.hospital.member(Role::tenant_admin).id);
    CHECK(after.total == before.total);
    REQUIRE(after.lines.size() == 1);
    CHECK(after.lines[0].description == before.lines[0].description);
    CHECK(code_of(keyed(practice.clerk(), invoices::Issue{.id = after.id, .revision = after.revision})) ==
          "transition.illegal");
    const auto coded = practice.completed("2026-11-24T10:00:00Z", 1);
    retract(coded, {}, "patient_request");
    CHECK(practice.charge_of(coded).end_reason == "the visit was entered in error: patient_request");

    // What somebody has changed, or drafted, is theirs.
    const auto changed = practice.completed("2026-11-25T09:00:00Z");
    const auto draft = practice.charge_of(changed);
    must(practice.clerk().call(
        invoices::Update{.id = draft.id, .revision = draft.revision, .lines = {Till::line(practice.pill)}}));
    retract(changed, "it was another patient");
    CHECK(practice.charge_of(changed).status == invoices::InvoiceStatus::draft);
    const auto by_hand = practice.begun("2026-11-25T10:00:00Z");
    must(practice.clerk().call(invoices::Create{
        .patient_id = by_hand.patient_id, .appointment_id = by_hand.id, .lines = {Till::line(practice.visit)}}));
    practice.hospital.clock->advance_s(60);
    must(practice.nurse().call(appointments::Complete{.id = by_hand.id}));
    retract(by_hand, "it was another patient");
    CHECK(practice.charge_of(by_hand).status == invoices::InvoiceStatus::draft);
    CHECK(must(practice.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("BIL-12: nor is one that a line of an issued invoice charges said to be an error") {
  Practice practice{TestEngine("memory")};
  practice.charge(practice.service, std::nullopt);
  const auto visit = practice.completed("2026-11-24T09:00:00Z");
  auto line = Till::line(practice.visit);
  line.appointment_id = visit.id;
  const auto issued = practice.issue(practice.draft({line}));
  const auto refused =
      practice.admin().call(appointments::MarkError{.id = visit.id, .reason = "it was another patient"});
  REQUIRE(code_of(refused) == "appointment.invoiced");
  CHECK(refused.error().ids == std::vector{issued.id.text()});
}
