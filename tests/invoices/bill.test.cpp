// Invoices that are drafted and issued in one step: the same as in two, or nothing at all.
#include <doctest/doctest.h>

#include "crypto/codec.hpp"
#include "crypto/hash.hpp"
#include "tests/support/events.hpp"
#include "tests/support/streams.hpp"
#include "tests/support/till.hpp"

using namespace medflow;
using namespace medflow::testing;
using invoices::InvoiceStatus;

namespace {

invoices::Bill asking(const Till& till, std::vector<invoices::NewLine> lines) {
  return {.patient_id = till.patient.id, .facility_id = till.hospital.home, .lines = std::move(lines)};
}

/// What the hospital has: numbers that were given, journal entries, invoices of any state; and whether all of it, and its log, adds up.
struct Books {
  std::uint64_t numbers = 0;
  std::uint64_t entries = 0;
  std::size_t invoices = 0;
  bool sound = false;

  friend bool operator==(const Books&, const Books&) = default;
};

Books books_of(Till& till) {
  const auto sequence = must(till.admin().call(invoices::VerifySequence{}));
  const auto ledger = must(till.admin().call(ledger::Verify{}));
  return {.numbers = sequence.numbers,
          .entries = ledger.entries,
          .invoices = must(till.clerk().call(invoices::List{.limit = 200})).data.size(),
          .sound = ledger.sound && sequence.gaps.empty() && must(till.admin().call(audit::Verify{})).intact};
}

}  // namespace

TEST_CASE("BIL-5, BIL-6, BIL-10: what is billed in one step is what is drafted and issued in two") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session clerk = till.clerk();
    must(till.desk().call(coverages::Create{.patient_id = till.patient.id,
                                            .payer_id = till.payer.id,
                                            .valid_from = day("2020-01-01"),
                                            .copay = {.kind = coverages::CopayKind::fixed, .value = 1'000}}));
    auto request = asking(till, {Till::line(till.visit), Till::line(till.pill, 10)});
    request.discount = Discount{.kind = DiscountKind::fixed, .value = 500, .reason = "for waiting so long"};
    const auto two = till.issue(till.draft(request.lines, {.discount = request.discount}));
    const auto one = must(keyed(clerk, request));
    std::vector<std::string> told;
    const auto log = events(till.hospital.as(Role::auditor));
    for (const ReadEvent& event : log)
      if (event.event.object == one.id.uuid) told.push_back(event.text());
    CHECK(told == std::vector<std::string>{"invoices.bill ok"});

    CHECK(one.status == InvoiceStatus::issued);
    CHECK(two.number == "INV-2026-000001");
    CHECK(one.number == "INV-2026-000002");
    CHECK(one.revision == 1);
    CHECK(one.total == two.total);
    CHECK(one.tax == two.tax);
    CHECK(one.issue_date == two.issue_date);
    CHECK(one.due_date == two.due_date);
    CHECK(one.issuer == two.issuer);
    CHECK(one.issued_to == two.issued_to);
    REQUIRE(one.shares.size() == 1);
    CHECK(one.shares.at(0).amount == two.shares.at(0).amount);
    CHECK(one.shares.at(0).name == two.shares.at(0).name);
    CHECK(one.balance == one.total);
    CHECK(one.patient_balance == 1'000);
    CHECK(one.settlement == two.settlement);
    CHECK(one.doc_hash.size() == 64);
    const auto read = till.again(one.id);
    CHECK(crypto::hex(crypto::sha256(
              read_all(must(clerk.call(invoices::Print{.id = one.id, .format = PrintFormat::text}))))) == one.doc_hash);
    CHECK(read.lines.size() == 2);
    CHECK(read.balance == one.balance);
    // It is paid as any other, and as immutable.
    till.pay(1'000, {{.invoice_id = one.id, .amount = 1'000}});
    CHECK(till.again(one.id).patient_balance == 0);
    CHECK(code_of(clerk.call(invoices::Update{.id = one.id, .revision = 1, .lines = request.lines})) ==
          "invoice.immutable");
    CHECK(books_of(till) == Books{.numbers = 2, .entries = 3, .invoices = 2, .sound = true});
  }
}

TEST_CASE("BIL-5, BIL-9: what cannot be billed leaves no draft, no number and no entry") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session clerk = till.clerk();
    till.issued();
    const auto visit = till.book("2026-11-23T10:00:00Z");
    till.draft({Till::line(till.visit)}, {.appointment_id = visit.id});
    const Books before = books_of(till);

    const auto good = asking(till, {Till::line(till.visit)});
    CHECK(code_of(clerk.call(good)) == "idempotency.required");
    const auto refused = [&](const Session& who, auto&& spoil) {
      auto request = good;
      spoil(request);
      const auto result = keyed(who, std::move(request));
      const std::string fields = fields_of(result);
      return fields.empty() ? code_of(result) : fields;
    };
    using B = invoices::Bill;
    CHECK(refused(clerk, [](B& bill) { bill.lines.clear(); }) == "/lines:required");
    CHECK(refused(clerk, [](B& bill) { bill.lines[0].quantity = 0; }) == "/lines/0/quantity:number.out_of_range");
    CHECK(refused(clerk, [](B& bill) { bill.issue_date = day("2026-11-23"); }) == "/issue_date:date.future");
    CHECK(refused(clerk, [](B& bill) { bill.due_date = day("2026-11-21"); }) == "/due_date:date.order");
    CHECK(refused(clerk, [](B& bill) { bill.patient_id = PatientId{Uuid{{1}}}; }) == "/patient_id:patient.unknown");
    CHECK(refused(clerk, [](B& bill) { bill.issue_date = day("2026-11-21"); }) == "invoice.date_order");
    CHECK(refused(clerk, [&](B& bill) { bill.appointment_id = visit.id; }) == "invoice.charged");
    CHECK(refused(clerk, [](B& bill) {
            bill.lines = {{.description = "Gold", .quantity = 10'000'000'000, .price_micro = 1'000'000'000'000'000}};
          }) == "/lines/0:number.out_of_range");
    CHECK(refused(till.desk(), [&](B& bill) { bill.facility_id = till.hospital.away; }) == "forbidden");
    CHECK(refused(till.desk(), [](B& bill) { bill.lines[0].price_micro = 1'000'000; }) ==
          "/lines/0/price_micro:price.limit");
    CHECK(refused(till.hospital.as(Role::pharmacist), [](B&) {}) == "forbidden");  // who drafts and does not issue
    CHECK(books_of(till) == before);
    std::size_t told = 0;
    const auto log = events(till.hospital.as(Role::auditor));
    for (const ReadEvent& event : log) told += event.event.action == "invoices.bill" ? 1U : 0U;
    CHECK(last_of(log, "invoices.bill")->text() == "invoices.bill denied forbidden");
    CHECK(told == 10);  // whoever broke a rule of a field never got so far
  }
}

TEST_CASE("RBA-8: who issues what others draft bills nothing alone") {
  Till till{TestEngine("memory")};
  const auto role = must(till.admin().call(roles::Create{.name = "Issuer",
                                                         .grants = {{.permission = "invoice.issue", .scope = "A"},
                                                                    {.permission = "invoice.read", .scope = "A"},
                                                                    {.permission = "patient.read", .scope = "F"}}}));
  const auto invitation = must(till.admin().call(users::Invite{.email = "issuer@example.org",
                                                               .display_name = "Somebody",
                                                               .facilities = {till.hospital.home},
                                                               .custom_roles = {*role.id}}));
  must(till.hospital.complete_invitation(invitation.token));
  const Session issuer =
      must(till.hospital.platform.authenticate(must(till.hospital.sign_in("issuer@example.org")).access_token));
  const auto draft = till.draft({Till::line(till.visit)});
  auto request = asking(till, {Till::line(till.visit)});
  CHECK(code_of(keyed(issuer, request)) == "forbidden");
  request.id = InvoiceId{Uuid{{9, 9, 9}}};
  must(keyed(till.clerk(), request));
  CHECK(code_of(keyed(issuer, request)) == "forbidden");  // nor do they learn by it what others have billed
  CHECK(keyed(issuer, invoices::Issue{.id = draft.id, .revision = draft.revision}).ok());
}

TEST_CASE("R11: a bill is made once, by its key and by an id of the caller's own") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session clerk = till.clerk();
    auto request = asking(till, {Till::line(till.visit)});
    const auto keyed_once = must(keyed(clerk, request, "at-the-counter"));
    CHECK(must(keyed(clerk, request, "at-the-counter")).number == keyed_once.number);

    request.id = InvoiceId{Uuid{{9, 9, 9}}};
    const auto made = must(keyed(clerk, request));
    CHECK(must(keyed(clerk, request)).number == made.number);
    CHECK(must(keyed(clerk, request)).issued_to == made.issued_to);
    CHECK_FALSE(made.issued_to.empty());
    request.due_date = made.due_date;
    CHECK(must(keyed(clerk, request)).number == made.number);
    request.due_date = day("2027-01-31");
    CHECK(code_of(keyed(clerk, request)) == "conflict.id_reused");
    request.due_date.reset();
    request.lines[0].quantity = 20'000;
    CHECK(code_of(keyed(clerk, request)) == "conflict.id_reused");
    // A draft is not what was asked for.
    request.id = till.draft(request.lines).id;
    CHECK(code_of(keyed(clerk, request)) == "conflict.id_reused");
    CHECK(books_of(till) == Books{.numbers = 2, .entries = 2, .invoices = 3, .sound = true});
  }
}
