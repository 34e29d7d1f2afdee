// Credit notes and write-offs: what takes back what was charged.
#include <doctest/doctest.h>

#include "invoices/credit.hpp"
#include "money/totals.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/till.hpp"

using namespace medflow;
using namespace medflow::testing;
using credit_notes::CreditLine;
using credit_notes::CreditNote;

namespace {

CreditNote credit(Till& till, const InvoiceId& invoice, std::vector<CreditLine> lines = {}) {
  return must(
      keyed(till.clerk(),
            credit_notes::Issue{.invoice_id = invoice, .lines = std::move(lines), .reason = "charged by mistake"}));
}

std::int64_t balance_of(Till& till, ledger::Account account) {
  std::int64_t balance = 0;
  for (const auto& each : must(till.admin().call(ledger::TrialBalance{})).accounts)
    if (each.account == account) balance += each.balance;
  return balance;
}

}  // namespace

TEST_CASE("BIL-6: parts are credited until nothing is left, and come to just what was charged") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    // 7 pills at 1.50: 10.50 and 2.10 of tax, beside a visit.
    const auto invoice =
        till.issue(till.draft({medflow::testing::Till::line(till.pill, 7), medflow::testing::Till::line(till.visit)},
                              {.shares = {{.payer_id = till.payer.id, .amount = 2'000}}}));
    REQUIRE(invoice.total == 6'260);
    const auto first = credit(till, invoice.id, {{.line = 1, .net = 333}});
    CHECK(first.number == "CN-2026-000001");
    CHECK(first.net == 333);
    CHECK(first.tax == 67);
    CHECK(first.total == 400);
    CHECK(first.doc_hash.size() == 64);
    REQUIRE(first.shares.size() == 1);
    CHECK(first.shares[0].amount == 128);  // 400 × 2000 / 6260
    CHECK(first.patient_share == 272);
    const auto second = credit(till, invoice.id, {{.line = 1, .net = 333}});
    const auto rest = credit(till, invoice.id);
    REQUIRE(rest.lines.size() == 2);
    CHECK(rest.lines[0].net == 1'050 - 666);
    CHECK(first.tax + second.tax + rest.tax == invoice.tax);
    CHECK(first.total + second.total + rest.total == invoice.total);
    CHECK(first.shares[0].amount + second.shares[0].amount + rest.shares[0].amount == 2'000);
    const auto after = till.again(invoice.id);
    CHECK(after.balance == 0);
    CHECK(after.credited == invoice.total);
    CHECK(after.settlement == invoices::Settlement::credited);
    for (const ledger::Account account :
         {ledger::Account::revenue, ledger::Account::tax, ledger::Account::receivable_patient,
          ledger::Account::receivable_payer, ledger::Account::deposits})
      CHECK(balance_of(till, account) == 0);
    const auto refused = [&](std::vector<CreditLine> lines) {
      return fields_of(keyed(
          till.clerk(),
          credit_notes::Issue{.invoice_id = invoice.id, .lines = std::move(lines), .reason = "charged by mistake"}));
    };
    CHECK(refused({}) == "/lines:credit.exceeds");
    CHECK(refused({{.line = 1, .net = 1}}) == "/lines/0/net:credit.exceeds");
    CHECK(refused({{.line = 3, .net = 1}}) == "/lines/0/line:line.unknown");
    CHECK(must(till.clerk().call(credit_notes::List{.invoice_id = invoice.id})).data.size() == 3);
    CHECK(must(till.admin().call(ledger::Verify{})).sound);
    CHECK(must(till.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("BIL-6, BIL-9: what is credited takes its discount back, so that all of it leaves what a void leaves") {
  for (const std::string_view engine : engine_names)
    for (const TaxMode mode : {TaxMode::exclusive, TaxMode::inclusive}) {
      CAPTURE(engine);
      CAPTURE(mode);
      Till till{TestEngine(engine)};
      till.hospital.configure({.tax_mode = mode});
      auto visits = medflow::testing::Till::line(till.visit, 2);
      visits.discount = Discount{.kind = DiscountKind::fixed, .value = 1'000, .reason = "goodwill"};
      auto pills = medflow::testing::Till::line(till.pill, 100);
      pills.discount = Discount{.kind = DiscountKind::percent, .value = 100'000, .reason = "goodwill"};
      auto gift = medflow::testing::Till::line(till.visit);
      gift.discount = Discount{.kind = DiscountKind::percent, .value = 1'000'000, .reason = "goodwill"};
      const auto invoice = till.issue(till.draft({visits, pills, gift}));
      const std::int64_t of_pills = mode == TaxMode::inclusive ? 1'250 : 1'500;
      REQUIRE(balance_of(till, ledger::Account::discounts) == 1'000 + of_pills + 5'000);
      const std::int64_t revenue = balance_of(till, ledger::Account::revenue);
      credit(till, invoice.id, {{.line = 1, .net = 333}});  // 37 of 1,000, as 333 is of 9,000
      CHECK(balance_of(till, ledger::Account::discounts) == 1'000 - 37 + of_pills + 5'000);
      CHECK(balance_of(till, ledger::Account::revenue) == revenue + 333 + 37);
      credit(till, invoice.id, {{.line = 1, .net = 333}, {.line = 1, .net = 1}, {.line = 2, .net = 1}});
      CHECK(balance_of(till, ledger::Account::discounts) == 1'000 - 74 + of_pills + 5'000);
      credit(till, invoice.id);
      // What was given away is nothing that is credited.
      CHECK(balance_of(till, ledger::Account::discounts) == 5'000);
      CHECK(balance_of(till, ledger::Account::revenue) == -5'000);
      CHECK(balance_of(till, ledger::Account::tax) == 0);
      CHECK(balance_of(till, ledger::Account::receivable_patient) == 0);
      CHECK(must(till.admin().call(ledger::Verify{})).sound);
    }
}

TEST_CASE("BIL-6, BIL-9: the parts of a discount that notes take back come to all of it, and none is below 0") {
  Dice dice(20'261'205);
  for (int round = 0; round < 5'000; ++round) {
    CAPTURE(round);
    const auto net = static_cast<std::int64_t>(1 + dice.below(50));
    const auto discount = static_cast<std::int64_t>(dice.below(200));
    const invoices::Invoice invoice{.rounding_mode = dice.below(2) == 0 ? Rounding::half_up : Rounding::half_even,
                                    .lines = {{.net = net}}};
    std::vector<CreditNote> notes;
    std::int64_t taken = 0;
    for (std::int64_t open = net; open > 0;) {
      const auto part = static_cast<std::int64_t>(1 + dice.below(static_cast<std::size_t>(open)));
      CreditNote note{.lines = {{.line = 1, .net = part}}};
      const auto parts = credit_notes::discounts_taken_back(invoice, {discount}, notes, note);
      REQUIRE(parts.size() == 1);
      REQUIRE(parts[0] >= 0);
      taken += parts[0];
      open -= part;
      notes.push_back(std::move(note));
    }
    REQUIRE(taken == discount);
  }
}

TEST_CASE("BIL-6, BIL-13: what was paid already becomes a deposit of who paid it") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const auto invoice = till.issued();
    till.pay(4'000, {{.invoice_id = invoice.id, .amount = 4'000}});
    credit(till, invoice.id);
    CHECK(till.again(invoice.id).balance == 0);
    CHECK(till.again(invoice.id).credited == 1'000);
    CHECK(balance_of(till, ledger::Account::deposits) == -4'000);
    const auto statement = must(till.clerk().call(reports::Statement{.patient_id = till.patient.id}));
    REQUIRE(statement.deposits.size() == 1);
    CHECK(statement.deposits[0].minor == 4'000);
    // A credited invoice is not voided, even if the payment is taken off it again.
    CHECK(code_of(till.clerk().call(invoices::Void{
              .id = invoice.id, .revision = till.again(invoice.id).revision, .reason = "charged by mistake"})) ==
          "invoice.settled");
  }
}

TEST_CASE("BIL-6, BIL-8: what was given up becomes nobody's deposit; it is owed no more, and no loss") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const auto invoice = till.issue(till.draft({medflow::testing::Till::line(till.visit, 2)},
                                               {.shares = {{.payer_id = till.payer.id, .amount = 4'000}}}));
    till.pay(1'000, {{.invoice_id = invoice.id, .amount = 1'000}});
    for (const auto& [payer, amount] :
         {std::pair(std::optional<PayerId>(), 5'000), std::pair(std::optional(till.payer.id), 3'000)}) {
      const auto asked = must(till.clerk().call(write_offs::Request{
          .invoice_id = invoice.id, .payer_id = payer, .amount = amount, .reason = "cannot be collected"}));
      must(till.admin().call(write_offs::Approve{.id = asked.id, .revision = asked.revision}));
    }
    CHECK(till.again(invoice.id).balance == 1'000);  // the rest of the payer's
    CHECK(balance_of(till, ledger::Account::write_offs) == 8'000);
    credit(till, invoice.id, {{.line = 1, .net = 5'000}});  // 2,000 of it the payer's, 3,000 the patient's
    CHECK(balance_of(till, ledger::Account::write_offs) == 4'000);
    CHECK(balance_of(till, ledger::Account::deposits) == 0);
    credit(till, invoice.id);
    CHECK(balance_of(till, ledger::Account::write_offs) == 0);
    CHECK(balance_of(till, ledger::Account::deposits) == -1'000);  // what the patient did pay
    CHECK(till.again(invoice.id).balance == 0);
    CHECK(must(till.clerk().call(ledger::Verify{})).sound);
  }
}

TEST_CASE("BIL-6: credit notes of drafts, without a reason or a key, and made again") {
  Till till{TestEngine("memory")};
  const auto draft = till.draft({medflow::testing::Till::line(till.visit)});
  credit_notes::Issue request{.invoice_id = draft.id, .reason = "charged by mistake"};
  CHECK(code_of(keyed(till.clerk(), request)) == "transition.illegal");
  CHECK(code_of(till.clerk().call(request)) == "idempotency.required");
  const auto issued = till.issue(draft);
  request.reason = "";
  CHECK(code_of(keyed(till.clerk(), request)) == "reason.required");
  request = {.id = CreditNoteId{Uuid{{7}}},
             .invoice_id = issued.id,
             .lines = {{.line = 1, .net = 100}},
             .reason = "charged by mistake"};
  const auto made = must(keyed(till.clerk(), request));
  CHECK(must(keyed(till.clerk(), request)).number == made.number);
  request.lines[0].net = 200;
  CHECK(code_of(keyed(till.clerk(), request)) == "conflict.id_reused");
  CHECK(till.again(issued.id).credited == 100);
  request.invoice_id = InvoiceId{Uuid{{1}}};
  CHECK(code_of(keyed(till.clerk(), request)) == "not_found");
}

TEST_CASE("BIL-1, BIL-6: notes over all lines come to the invoice, whatever its tax, rounding and shares") {
  Dice dice(20'261'128);
  for (int round = 0; round < 20'000; ++round) {
    CAPTURE(round);
    invoices::Invoice invoice{.currency = *Currency::parse("EUR"),
                              .tax_mode = dice.below(2) == 0 ? TaxMode::exclusive : TaxMode::inclusive,
                              .rounding_mode = dice.below(2) == 0 ? Rounding::half_up : Rounding::half_even};
    const std::uint32_t steps[] = {0, 5, 100};
    invoice.cash_rounding = steps[dice.below(3)];
    const std::uint32_t rates[] = {0, 70'000, 195'000};
    for (std::size_t i = 0, lines = 1 + dice.below(4); i < lines; ++i) {
      const std::size_t rate = dice.below(3);
      invoice.lines.push_back({.quantity = static_cast<std::int64_t>(1 + dice.below(30'000)),
                               .price_micro = static_cast<std::int64_t>(dice.below(3'000'000)),
                               .tax_code = std::string(1, static_cast<char>('A' + rate)),
                               .rate_micro = rates[rate]});
    }
    kernel::FieldErrors errors;
    const money::Totals totals = money::add_up(invoice.lines, {},
                                               {.currency = invoice.currency,
                                                .tax_mode = invoice.tax_mode,
                                                .rounding = invoice.rounding_mode,
                                                .cash_rounding = invoice.cash_rounding},
                                               errors);
    invoice.taxes = totals.taxes;
    invoice.tax = totals.tax;
    invoice.total = totals.total;
    std::int64_t left = invoice.total;
    for (std::size_t i = 0, payers = dice.below(3); i < payers; ++i) {
      const auto amount = static_cast<std::int64_t>(dice.below(static_cast<std::size_t>(left) + 1));
      invoice.shares.push_back({.payer_id = PayerId{Uuid{{static_cast<std::uint8_t>(i + 1)}}}, .amount = amount});
      left -= amount;
    }
    invoice.patient_share = left;

    std::vector<CreditNote> notes;
    std::vector<std::int64_t> open;
    for (const invoices::Line& line : invoice.lines) open.push_back(line.net);
    for (int part = 0; part < 5; ++part) {
      std::vector<CreditLine> lines;
      for (std::size_t i = 0; i < open.size(); ++i) {
        const auto net =
            part == 4 ? open[i] : static_cast<std::int64_t>(dice.below(static_cast<std::size_t>(open[i]) + 1));
        if (net == 0) continue;
        open[i] -= net;
        lines.push_back({.line = static_cast<std::uint32_t>(i + 1), .net = net});
      }
      if (lines.empty()) continue;
      CreditNote note;
      credit_notes::reckon(invoice, notes, lines, note, errors);
      REQUIRE(note.total == note.net + note.tax + note.rounding);
      REQUIRE(note.total >= 0);
      REQUIRE(note.patient_share >= 0);
      std::int64_t shared = note.patient_share;
      for (const auto& share : note.shares) {
        REQUIRE(share.amount >= 0);
        shared += share.amount;
      }
      REQUIRE(shared == note.total);
      notes.push_back(std::move(note));
    }
    REQUIRE_NOTHROW(errors.refuse());
    if (notes.empty()) continue;  // nothing of it cost anything
    std::int64_t tax = 0;
    std::int64_t total = 0;
    std::int64_t patient = 0;
    std::vector<std::int64_t> payers(invoice.shares.size());
    for (const CreditNote& note : notes) {
      tax += note.tax;
      total += note.total;
      patient += note.patient_share;
      for (std::size_t i = 0; i < payers.size(); ++i) payers[i] += note.shares[i].amount;
    }
    REQUIRE(tax == invoice.tax);
    REQUIRE(total == invoice.total);
    REQUIRE(patient == invoice.patient_share);
    for (std::size_t i = 0; i < payers.size(); ++i) REQUIRE(payers[i] == invoice.shares[i].amount);
  }
}

TEST_CASE("BIL-8: a write-off takes two people, and no more than is owed at both times") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Till till{TestEngine(engine)};
    const Session clerk = till.clerk();
    const Session admin = till.admin();
    const auto invoice = till.issue(till.draft({medflow::testing::Till::line(till.visit)},
                                               {.shares = {{.payer_id = till.payer.id, .amount = 2'000}}}));
    const auto ask = [&](std::int64_t amount, std::optional<PayerId> payer = {}) {
      return clerk.call(write_offs::Request{
          .invoice_id = invoice.id, .payer_id = payer, .amount = amount, .reason = "cannot be collected"});
    };
    CHECK(fields_of(ask(3'001)) == "/amount:amount.exceeds");
    CHECK(fields_of(ask(2'001, till.payer.id)) == "/amount:amount.exceeds");
    CHECK(fields_of(ask(0)) == "/amount:number.out_of_range");
    const auto mine = must(ask(3'000));
    const auto theirs = must(ask(2'000, till.payer.id));
    CHECK(must(admin.call(write_offs::List{.status = write_offs::WriteOffStatus::requested})).data.size() == 2);
    // Who holds both roles does not agree with themselves.
    const auto both = must(admin.call(users::Invite{.email = "both@example.org",
                                                    .display_name = "Both",
                                                    .roles = {Role::tenant_admin, Role::billing_clerk},
                                                    .facilities = {till.hospital.home}}));
    must(till.hospital.complete_invitation(both.token));
    const Session alone =
        must(till.hospital.platform.authenticate(must(till.hospital.sign_in("both@example.org")).access_token));
    const auto own =
        must(alone.call(write_offs::Request{.invoice_id = invoice.id, .amount = 10, .reason = "cannot be collected"}));
    CHECK(code_of(alone.call(write_offs::Approve{.id = own.id, .revision = own.revision})) == "forbidden");
    CHECK(must(admin.call(write_offs::Reject{.id = own.id, .revision = own.revision})).status ==
          write_offs::WriteOffStatus::rejected);
    CHECK(code_of(clerk.call(write_offs::Approve{.id = mine.id, .revision = mine.revision})) == "forbidden");
    till.pay(1'000, {{.invoice_id = invoice.id, .amount = 1'000}});
    CHECK(code_of(admin.call(write_offs::Approve{.id = mine.id, .revision = mine.revision})) == "invoice.settled");
    CHECK(code_of(admin.call(write_offs::Approve{.id = theirs.id, .revision = theirs.revision + 1})) ==
          "conflict.revision");
    must(admin.call(write_offs::Approve{.id = theirs.id, .revision = theirs.revision}));
    CHECK(code_of(admin.call(write_offs::Reject{.id = theirs.id, .revision = theirs.revision + 1})) ==
          "transition.illegal");
    const auto after = till.again(invoice.id);
    CHECK(after.written_off == 2'000);
    CHECK(after.balance == 2'000);
    CHECK(after.patient_balance == 2'000);
    CHECK(balance_of(till, ledger::Account::write_offs) == 2'000);
    CHECK(balance_of(till, ledger::Account::receivable_payer) == 0);
    CHECK(must(till.admin().call(ledger::Verify{})).sound);
  }
}
