// Sequences at the edges: years, voids, write-offs, references and facilities.
#include <doctest/doctest.h>

#include "tests/support/till.hpp"

using namespace medflow;
using namespace medflow::testing;
using payments::PaymentState;

namespace {

coverages::Coverage cover(Till& till, std::int64_t deductible, coverages::Limits limits = {}) {
  return must(till.clerk().call(coverages::Create{.patient_id = till.patient.id,
                                                  .payer_id = till.payer.id,
                                                  .valid_from = day("2020-01-01"),
                                                  .limits = limits,
                                                  .deductible = deductible}));
}

invoices::Invoice issue_on(Till& till, const invoices::Invoice& draft, std::string_view date) {
  return must(
      keyed(till.clerk(), invoices::Issue{.id = draft.id, .revision = draft.revision, .issue_date = day(date)}));
}

void void_it(Till& till, const invoices::Invoice& invoice) {
  must(till.clerk().call(
      invoices::Void{.id = invoice.id, .revision = invoice.revision, .reason = "made out by mistake"}));
}

}  // namespace

TEST_CASE(
    "BIL-10: a void gives back just what the invoice used of a deductible, whatever was said by hand or changed "
    "since") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const auto coverage = cover(till, 5'000);
    // Said by hand, so it uses nothing of the deductible.
    till.issue(till.draft({medflow::testing::Till::line(till.visit, 2)},
                          {.shares = {{.payer_id = till.payer.id, .coverage_id = coverage.id, .amount = 10'000}}}));
    const auto second = till.issued();
    CHECK(second.patient_share == 5'000);
    const auto now = [&] { return must(till.clerk().call(coverages::Get{.id = coverage.id})); };
    CHECK(now().deductible_used == 5'000);
    CHECK(now().paid_in_year == 10'000);
    must(till.clerk().call(coverages::Update{
        .id = coverage.id, .revision = now().revision, .valid_from = day("2020-01-01"), .deductible = 7'000}));
    void_it(till, second);
    CHECK(now().deductible_used == 0);
    CHECK(now().paid_in_year == 10'000);
    CHECK(till.issued(2).patient_share == 7'000);
  }
}

TEST_CASE(
    "BIL-10, BIL-6: credit notes give back what their part of an invoice used of a coverage, in all just what it "
    "used") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const auto coverage = cover(till, 3'000, {.per_year = 20'000});
    const auto used = [&] {
      const auto now = must(till.clerk().call(coverages::Get{.id = coverage.id}));
      return std::pair(now.deductible_used, now.paid_in_year);
    };
    using Used = std::pair<std::int64_t, std::int64_t>;
    const auto credit = [&](const InvoiceId& invoice, std::vector<credit_notes::CreditLine> lines,
                            std::optional<CreditNoteId> id = {}) {
      return must(
          keyed(till.clerk(),
                credit_notes::Issue{
                    .id = id, .invoice_id = invoice, .lines = std::move(lines), .reason = "charged by mistake"}));
    };
    const auto invoice = till.issued(2);
    REQUIRE(invoice.patient_share == 3'000);
    till.issued();  // all the payer's
    CHECK(used() == Used{3'000, 12'000});
    // 4,000 of 10,000: two fifths of each share, and of what the patient paid of the deductible.
    CHECK(credit(invoice.id, {{.line = 1, .net = 4'000}}).shares.at(0).amount == 2'800);
    CHECK(used() == Used{1'800, 9'200});
    const CreditNoteId mine{Uuid{{9}}};
    CHECK(credit(invoice.id, {{.line = 1, .net = 3'333}}, mine).shares.at(0).amount == 2'333);
    CHECK(used() == Used{800, 6'867});
    credit(invoice.id, {{.line = 1, .net = 3'333}}, mine);  // the same note again
    CHECK(used() == Used{800, 6'867});
    credit(invoice.id, {});
    CHECK(used() == Used{0, 5'000});  // the other invoice's
    CHECK(code_of(till.clerk().call(invoices::Void{
              .id = invoice.id, .revision = invoice.revision, .reason = "made out by mistake"})) == "invoice.settled");
    CHECK(used() == Used{0, 5'000});
    // What is given back is there to be used.
    const auto next = till.issued(4);
    CHECK(next.patient_share == 5'000);  // the deductible, and what is above the limit
    CHECK(used() == Used{3'000, 20'000});
    credit(next.id, {});
    CHECK(used() == Used{0, 5'000});

    // A share that was said by hand has used the limit alone.
    const auto by_hand =
        till.issue(till.draft({medflow::testing::Till::line(till.visit, 2)},
                              {.shares = {{.payer_id = till.payer.id, .coverage_id = coverage.id, .amount = 8'000}}}));
    CHECK(used() == Used{0, 13'000});
    credit(by_hand.id, {{.line = 1, .net = 5'000}});
    CHECK(used() == Used{0, 9'000});
    credit(by_hand.id, {});
    CHECK(used() == Used{0, 5'000});
    CHECK(must(till.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("BIL-10: each of two coverages gets back its own, also the deductible that the other one paid") {
  Till till{TestEngine("memory")};
  const auto second = must(till.admin().call(payers::Create{.code = "TK", .name = "Another fund"}));
  const auto first = cover(till, 4'000);
  const auto rest = must(till.clerk().call(coverages::Create{
      .patient_id = till.patient.id, .payer_id = second.id, .rank = 2, .valid_from = day("2020-01-01")}));
  const auto invoice = till.issued(2);
  CHECK(invoice.patient_share == 0);
  const auto now = [&](const coverages::Coverage& which) {
    return must(till.clerk().call(coverages::Get{.id = which.id}));
  };
  CHECK(now(first).deductible_used == 4'000);
  CHECK(now(rest).paid_in_year == 4'000);
  must(keyed(till.clerk(),
             credit_notes::Issue{
                 .invoice_id = invoice.id, .lines = {{.line = 1, .net = 2'500}}, .reason = "charged by mistake"}));
  CHECK(now(first).deductible_used == 3'000);
  CHECK(now(first).paid_in_year == 4'500);
  CHECK(now(rest).paid_in_year == 3'000);
  CHECK(now(rest).deductible_used == 0);
}

TEST_CASE("BIL-10: a credit note of this year gives back to the year of its invoice") {
  Till till{TestEngine("memory")};
  const auto coverage = cover(till, 1'000, {.per_year = 6'000});
  till.go_to("2026-12-31T10:00:00Z");
  const auto old = till.issued(2);
  CHECK(old.shares.at(0).amount == 6'000);
  const auto late = till.draft({medflow::testing::Till::line(till.visit)});
  till.go_to("2027-01-03T10:00:00Z");
  CHECK(till.issued().shares.at(0).amount == 4'000);
  must(keyed(till.clerk(), credit_notes::Issue{.invoice_id = old.id, .reason = "charged by mistake"}));
  const auto now = must(till.clerk().call(coverages::Get{.id = coverage.id}));
  CHECK(now.used_year == 2027);
  CHECK(now.paid_in_year == 4'000);
  CHECK(now.deductible_used == 1'000);
  CHECK(issue_on(till, late, "2026-12-31").shares.at(0).amount == 4'000);  // the old year is as if nothing had been
  CHECK(till.issued().shares.at(0).amount == 2'000);
}

TEST_CASE("BIL-10: limits and deductibles of a year hold for invoices of that year, also when the next one has begun") {
  Till till{TestEngine("memory")};
  cover(till, 1'000, {.per_year = 6'000});
  till.go_to("2026-12-31T10:00:00Z");
  CHECK(till.issued().shares.at(0).amount == 4'000);
  const auto late = till.draft({medflow::testing::Till::line(till.visit)});
  const auto later = till.draft({medflow::testing::Till::line(till.visit)});
  till.go_to("2027-01-03T10:00:00Z");
  CHECK(till.issued().shares.at(0).amount == 4'000);  // a new year
  const auto first = issue_on(till, late, "2026-12-31");
  CHECK(first.patient_share == 3'000);  // 2,000 are left of the limit, and the deductible was paid
  CHECK(issue_on(till, later, "2026-12-31").patient_share == 5'000);
  CHECK(till.issued().shares.at(0).amount == 2'000);
}

TEST_CASE("BIL-8: what a credit note took back of a write-off is no part of what was paid") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const auto invoice = till.issued(2);
    const auto paid = till.pay(6'000, {{.invoice_id = invoice.id, .amount = 6'000}});
    const auto asked = must(till.clerk().call(
        write_offs::Request{.invoice_id = invoice.id, .amount = 4'000, .reason = "cannot be collected"}));
    must(till.admin().call(write_offs::Approve{.id = asked.id, .revision = asked.revision}));
    must(keyed(till.clerk(),
               credit_notes::Issue{
                   .invoice_id = invoice.id, .lines = {{.line = 1, .net = 4'000}}, .reason = "charged by mistake"}));
    CHECK(keyed(till.clerk(),
                refunds::Request{
                    .payment_id = paid.id, .invoice_id = invoice.id, .amount = 6'000, .reason = "it is all to go back"})
              .ok());
    const auto moved = must(till.clerk().call(payments::Get{.id = paid.id}));
    CHECK(code_of(till.clerk().call(payments::Allocate{.id = paid.id, .revision = moved.revision})) == "invalid");
  }
}

TEST_CASE("BIL-6: who may not read the patient does not see who an invoice was issued to") {
  Till till{TestEngine("memory")};
  const auto invoice = till.issued();
  CHECK(invoice.issued_to.find(till.patient.names.at(0).family) != std::string::npos);
  // An administrator of another facility reads invoices of the whole tenant, and the patients of their own place.
  const auto invited = must(till.admin().call(users::Invite{.email = "annex@example.org",
                                                            .display_name = "Annex",
                                                            .roles = {Role::tenant_admin},
                                                            .facilities = {till.hospital.away}}));
  must(till.hospital.complete_invitation(invited.token));
  const Session annex =
      must(till.hospital.platform.authenticate(must(till.hospital.sign_in("annex@example.org")).access_token));
  const auto seen = must(annex.call(invoices::Get{.id = invoice.id}));
  CHECK(seen.total == invoice.total);
  CHECK_FALSE(seen.patient);
  CHECK(seen.issued_to.empty());
}

TEST_CASE("BIL-11: money that was said to come and comes is booked under its reference, once") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    auto notice = till.paying(5'000);
    notice.external_ref = "tx-1";
    notice.pending = true;
    const auto said = must(keyed(till.clerk(), notice));
    CHECK(said.state == PaymentState::pending);
    notice.pending = false;
    const auto come = must(keyed(till.clerk(), notice));
    CHECK(come.id == said.id);
    CHECK(come.state == PaymentState::succeeded);
    CHECK(come.unallocated == 5'000);
    CHECK(must(keyed(till.clerk(), notice)).revision == come.revision);
    notice.external_ref = "tx-2";
    notice.pending = true;
    const auto lost = must(keyed(till.clerk(), notice));
    must(till.clerk().call(payments::Resolve{.id = lost.id, .state = PaymentState::failed}));
    notice.pending = false;
    CHECK(code_of(keyed(till.clerk(), notice)) == "payment.reference_used");
  }
}

TEST_CASE("BIL-3: a receptionist does not get round the price list by another list or tax code") {
  Till till{TestEngine("memory")};
  invoices::Create request{.patient_id = till.patient.id, .facility_id = till.hospital.home, .price_list = "NONE"};
  request.lines = {medflow::testing::Till::line(till.pill)};
  request.lines[0].price_micro = 1;
  CHECK(fields_of(till.desk().call(request)) == "/price_list:price.limit /lines/0/price_micro:price.limit");
  request.price_list = {};
  request.lines[0].price_micro.reset();
  request.lines[0].tax_code = "Z";
  CHECK(fields_of(till.desk().call(request)) == "/lines/0/tax_code:price.limit");
  CHECK(till.clerk().call(request).ok());
}

TEST_CASE("BIL-3: nor by a cheaper list: whoever is held to a limit charges by the hospital's, or by the draft's own") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    must(till.admin().call(prices::SetPrice{.id = till.visit.id,
                                            .revision = till.visit.revision,
                                            .list = "friends",
                                            .price_micro = 10'000'000,
                                            .valid_from = day("2020-01-01")}));
    invoices::Create request{.patient_id = till.patient.id, .facility_id = till.hospital.home, .price_list = "friends"};
    request.lines = {medflow::testing::Till::line(till.visit)};
    CHECK(fields_of(till.desk().call(request)) == "/price_list:price.limit");
    CHECK(fields_of(till.hospital.as(Role::pharmacist).call(request)) == "/price_list:price.limit");
    const auto change = [&](const invoices::Invoice& draft, std::string list) {
      return till.desk().call(invoices::Update{
          .id = draft.id, .revision = draft.revision, .price_list = std::move(list), .lines = request.lines});
    };
    const auto theirs = must(till.clerk().call(request));
    CHECK(theirs.total == 1'000);
    const auto kept = must(change(theirs, "friends"));
    CHECK(kept.total == 1'000);
    const auto usual = must(change(kept, "standard"));
    CHECK(usual.total == 5'000);
    CHECK(fields_of(change(usual, "friends")) == "/price_list:price.limit");
    request.price_list = "standard";
    CHECK(must(till.desk().call(request)).total == 5'000);
  }
}

TEST_CASE("BIL-3: nor by lines of their own words: whoever is held to a limit charges what is on the price list") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    invoices::Create request{.patient_id = till.patient.id, .facility_id = till.hospital.home};
    request.lines = {medflow::testing::Till::line(till.visit),
                     {.description = "A visit among friends", .price_micro = 1'000'000}};
    CHECK(fields_of(till.desk().call(request)) == "/lines/1/item_id:price.limit");
    const Session dispensary = till.hospital.as(Role::pharmacist);
    CHECK(fields_of(dispensary.call(request)) == "/lines/1/item_id:price.limit");
    const auto draft = must(till.clerk().call(request));
    CHECK(draft.total == 5'100);
    const invoices::Update change{.id = draft.id, .revision = draft.revision, .lines = request.lines};
    CHECK(fields_of(till.desk().call(change)) == "/lines/1/item_id:price.limit");
    CHECK(till.again(draft.id).revision == draft.revision);
    request.lines = {medflow::testing::Till::line(till.visit)};
    request.lines[0].description = "A first visit";  // words of their own, at the list's price
    const auto theirs = must(till.desk().call(request));
    CHECK(theirs.total == 5'000);
    CHECK(theirs.lines.at(0).description == "A first visit");
  }
}

TEST_CASE("BIL-12: a visit is charged once, by an invoice or by a line, and where it was") {
  Till till{TestEngine("memory")};
  const auto visit = till.book("2026-11-23T10:00:00Z");
  auto line = medflow::testing::Till::line(till.visit);
  line.appointment_id = visit.id;
  till.draft({line});
  const auto again = [&](invoices::Create request, bool by_line) {
    request.patient_id = till.patient.id;
    if (!request.facility_id) request.facility_id = till.hospital.home;
    request.lines = {medflow::testing::Till::line(till.visit)};
    if (by_line) request.lines[0].appointment_id = visit.id;
    return till.clerk().call(request);
  };
  CHECK(code_of(again({}, true)) == "invoice.charged");
  CHECK(code_of(again({.appointment_id = visit.id}, false)) == "invoice.charged");
  const auto other = till.book("2026-11-23T11:00:00Z");
  CHECK(fields_of(again({.facility_id = till.hospital.away, .appointment_id = other.id}, false)) ==
        "/facility_id:facility.unknown");
  CHECK(again({.appointment_id = other.id}, false).ok());
}

TEST_CASE("BIL-12: nor is a visit charged twice by a draft that is changed") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const auto change = [&](const invoices::Invoice& draft, const invoices::NewLine& line) {
      return till.clerk().call(invoices::Update{.id = draft.id, .revision = draft.revision, .lines = {line}});
    };
    auto line = medflow::testing::Till::line(till.visit);
    line.appointment_id = till.book("2026-11-23T10:00:00Z").id;
    const auto first = till.draft({line});
    const auto second = till.draft({medflow::testing::Till::line(till.pill)});
    CHECK(code_of(change(second, line)) == "invoice.charged");
    CHECK(till.again(second.id).revision == second.revision);
    // Its own visit it goes on charging.
    line.quantity *= 2;
    const auto changed = must(change(first, line));
    CHECK(changed.total == 10'000);
    const auto issued = till.issue(changed);
    CHECK(code_of(change(second, line)) == "invoice.charged");
    must(till.clerk().call(
        invoices::Void{.id = issued.id, .revision = issued.revision, .reason = "made out by mistake"}));
    CHECK(must(change(second, line)).total == 10'000);
    // As a whole it is charged as well.
    const auto whole = till.book("2026-11-23T11:00:00Z");
    till.draft({medflow::testing::Till::line(till.visit)}, {.appointment_id = whole.id});
    line.appointment_id = whole.id;
    CHECK(code_of(change(till.again(second.id), line)) == "invoice.charged");
  }
}

TEST_CASE("PAT-13, TEN-7: a patient with a deposit is not deleted, and imports keep their prefix") {
  Till till{TestEngine("memory")};
  till.pay(1'000);
  const auto patient = must(till.desk().call(patients::Get{.id = till.patient.id}));
  const auto deleted = till.admin().call(
      patients::Delete{.id = patient.id, .revision = patient.revision, .reason = "registered twice by mistake"});
  CHECK(code_of(deleted) == "patient.has_invoices");
  const auto settings = must(till.admin().call(settings::Get{}));
  CHECK(fields_of(till.admin().call(settings::Update{
            .revision = settings.revision, .invoice_prefix = std::string("IMP")})) == "/invoice_prefix:prefix.taken");
}
