// One way to try each operation on prices, payers, invoices, payments, the journal and what is imported of them.
#include "tests/faults/stage.hpp"

namespace medflow::testing {
namespace {

Session admin(Stage& stage) { return stage.admin(); }
Session clerk(Stage& stage) { return stage.hospital().as(Role::billing_clerk); }

constexpr Date day{.year = 2020, .month = 1, .day = 1};
constexpr std::int64_t price = 10'000'000;  ///< of one line: 10.00

/// A call under an idempotency key of its own, which is that of its repetitions too.
template <class Make>
auto keyed(Session (*who)(Stage&), Make make) {
  return [who, make](Stage& stage) -> Call {
    return [session = who(stage), op = make(stage), key = stage.fresh("key-")] {
      return answer_of(session.call(op, {.idempotency_key = key}));
    };
  };
}

/// A call whose answer is a stream, which is read to its end.
template <class Make>
auto streamed(Session (*who)(Stage&), Make make) {
  return [who, make](Stage& stage) -> Call {
    return [session = who(stage), op = make(stage)] {
      const auto stream = session.call(op);
      if (!stream.ok()) return answer_of(stream);
      return answer_of(Content{.pull = stream->pull}.read_all(std::size_t{1} << 20U));
    };
  };
}

template <class Op>
typename Op::Output must_keyed(Stage& stage, Op op) {
  return must(clerk(stage).call(std::move(op), {.idempotency_key = stage.fresh("ready-")}));
}

/// The first of a list, or one that is made.
template <class List, class Make>
auto first_or_made(Stage& stage, Make make) {
  auto page = must(stage.admin().call(List{.limit = 1}));
  return page.data.empty() ? make() : std::move(page.data.front());
}

std::vector<tax_codes::Rate> rates() { return {{.valid_from = day, .rate_micro = 200'000}}; }

tax_codes::TaxCode tax_code(Stage& stage) {
  return first_or_made<tax_codes::List>(stage, [&] {
    return must(stage.admin().call(tax_codes::Create{.code = "S", .name = "Standard", .rates = rates()}));
  });
}

/// Something that costs 10.00 and is taxed.
prices::Item item(Stage& stage) {
  return first_or_made<prices::List>(stage, [&] {
    const auto made =
        must(stage.admin().call(prices::Create{.code = "VISIT", .name = "Visit", .tax_code = tax_code(stage).code}));
    return must(stage.admin().call(
        prices::SetPrice{.id = made.id, .revision = made.revision, .price_micro = price, .valid_from = day}));
  });
}

fee_rules::FeeRule fee_rule(Stage& stage) {
  return first_or_made<fee_rules::List>(stage, [&] {
    return must(stage.admin().call(
        fee_rules::Create{.name = "Children", .kind = fee_rules::RuleKind::exemption, .age_below = 6}));
  });
}

payers::Payer payer(Stage& stage) {
  return first_or_made<payers::List>(
      stage, [&] { return must(stage.admin().call(payers::Create{.code = "FUND", .name = "Fund"})); });
}

coverages::Create covering(Stage& stage) {
  return {
      .patient_id = stage.patient().id, .payer_id = payer(stage).id, .member_id = stage.fresh("M-"), .valid_from = day};
}

coverages::Coverage coverage(Stage& stage) {
  auto page = must(clerk(stage).call(coverages::List{.patient_id = stage.patient().id, .limit = 1}));
  return page.data.empty() ? must(clerk(stage).call(covering(stage))) : std::move(page.data.front());
}

std::vector<invoices::NewLine> one_line() { return {{.description = "a dressing", .price_micro = price}}; }

invoices::Invoice draft(Stage& stage) {
  return must(clerk(stage).call(
      invoices::Create{.patient_id = stage.patient().id, .facility_id = stage.hospital().home, .lines = one_line()}));
}

invoices::Invoice issued(Stage& stage) {
  const auto it = draft(stage);
  return must_keyed(stage, invoices::Issue{.id = it.id, .revision = it.revision});
}

/// Of 10.00 by card, which stay a deposit where they go to no invoice.
payments::RecordPayment paying(Stage& stage, const std::vector<payments::Allocation>& allocations = {}) {
  return {.patient_id = stage.patient().id,
          .facility_id = stage.hospital().home,
          .method = payments::PaymentMethod::card,
          .amount = 1'000,
          .allocations = allocations,
          .keep_as_deposit = allocations.empty()};
}

payments::Payment payment(Stage& stage, bool pending = false) {
  auto request = paying(stage);
  request.pending = pending;
  return must_keyed(stage, std::move(request));
}

refunds::Request asking_back(Stage& stage) {
  return {.payment_id = payment(stage).id, .amount = 400, .reason = "paid twice by mistake"};
}

refunds::Refund refund(Stage& stage, bool approved = false) {
  auto it = must_keyed(stage, asking_back(stage));
  if (approved) it = must(stage.admin().call(refunds::Approve{.id = it.id, .revision = it.revision}));
  return it;
}

write_offs::Request giving_up(Stage& stage) {
  return {.invoice_id = issued(stage).id, .amount = 100, .reason = "less than the postage"};
}

credit_notes::Issue crediting(Stage& stage) {
  return {.invoice_id = issued(stage).id, .lines = {{.line = 1, .net = 300}}, .reason = "a part was not used"};
}

/// Of the clerk, who has one open at a time.
cash_shifts::Open opening(Stage& stage) {
  const auto open = must(clerk(stage).call(cash_shifts::List{.status = cash_shifts::ShiftStatus::open, .limit = 200}));
  for (const auto& one : open.data)
    must(clerk(stage).call(cash_shifts::Close{.id = one.id, .revision = one.revision, .counted = one.opening}));
  return {.facility_id = stage.hospital().home, .opening = 5'000};
}

cash_shifts::CashShift shift(Stage& stage) { return must(clerk(stage).call(opening(stage))); }

/// There is something in the journal.
void earn(Stage& stage) {
  if (!must(stage.admin().call(ledger::ListEntries{.limit = 1})).data.empty()) return;
  const auto invoice = issued(stage);
  must_keyed(stage, paying(stage, {{.invoice_id = invoice.id, .amount = 600}}));
}

/// A call on reports, of which there is something to tell.
template <class Op>
auto reporting(Op op = {}) {
  return made(admin, [op](Stage& stage) {
    earn(stage);
    return op;
  });
}

template <class Op>
auto exporting(Op op = {}) {
  return streamed(admin, [op](Stage& stage) {
    earn(stage);
    Op request = op;
    if constexpr (requires { request.patient_id; }) request.patient_id = stage.patient().id;
    return request;
  });
}

template <class Op, class Find>
auto on(Session (*who)(Stage&), Find find, Op op = {}) {
  return made(who, [find, op](Stage& stage) {
    const auto it = find(stage);
    Op request = op;
    request.id = it.id;
    if constexpr (requires { request.revision; }) request.revision = it.revision;
    return request;
  });
}

std::string row_id(Stage& stage) {
  std::string number = stage.fresh("");
  return "019a0000-0000-7000-8000-" + std::string(12 - number.size(), '0') + number;
}

template <class Import>
auto importing(std::string (*table)(Stage&)) {
  return [table](Stage& stage) -> Call {
    return [session = stage.admin(), csv = table(stage)] {
      const auto report = session.call(Import{.content = Content::of("text/csv", csv)});
      if (report.ok() && report->failed > 0) return Answer{.code = "rows failed"};
      return answer_of(report);
    };
  };
}

std::string payers_csv(Stage& stage) {
  return "Id,NAME,ADDRESS,CITY,STATE_HEADQUARTERED,ZIP,PHONE\n" + row_id(stage) + stage.fresh(",Fenland Mutual ") +
         ",3 Fen Road,Ely,,CB7,\n";
}

std::string coverages_csv(Stage& stage) {
  return "PATIENT,MEMBERID,START_YEAR,END_YEAR,PAYER,SECONDARY_PAYER,OWNERSHIP,OWNERNAME\n" +
         stage.patient().id.text() + "," + row_id(stage) + ",2021-01-01T00:00:00Z,2022-01-01T00:00:00Z," +
         payer(stage).id.text() + ",,Self,Finn Field\n";
}

std::string charges_csv(Stage& stage) {
  return "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,DESCRIPTION,BASE_ENCOUNTER_COST,"
         "TOTAL_CLAIM_COST,PAYER_COVERAGE\n" +
         row_id(stage) + ",2021-08-23T03:26:50Z,2021-08-23T03:41:50Z," + stage.patient().id.text() + "," +
         stage.facility().text() + "," + stage.doctor().id.text() + "," + payer(stage).id.text() +
         ",wellness,162673000,General examination,146.76,306.55,241.22\n";
}

std::vector<Scenario> price_scenarios() {
  return {
      {"tax_codes.list", made(admin,
                              [](Stage& s) {
                                tax_code(s);
                                return tax_codes::List{.limit = 5};
                              })},
      {"tax_codes.create",
       made(admin,
            [](Stage& s) { return tax_codes::Create{.code = s.fresh("T"), .name = "Reduced", .rates = rates()}; })},
      {"tax_codes.update", on<tax_codes::Update>(admin, tax_code, {.name = "Standard rate", .rates = rates()})},
      {"prices.list", made(admin,
                           [](Stage& s) {
                             item(s);
                             return prices::List{.limit = 5};
                           })},
      {"prices.get", on<prices::Get>(admin, item)},
      {"prices.create", made(admin,
                             [](Stage& s) {
                               return prices::Create{
                                   .code = s.fresh("P"), .name = "Dressing", .tax_code = tax_code(s).code};
                             })},
      {"prices.update", on<prices::Update>(admin, item, {.name = "Long visit"})},
      {"prices.set",
       made(admin,
            [](Stage& s) {
              const auto it = must(s.admin().call(prices::Create{.code = s.fresh("P"), .name = "Dressing"}));
              return prices::SetPrice{.id = it.id, .revision = it.revision, .price_micro = price, .valid_from = day};
            })},
      {"fee_rules.list", made(admin,
                              [](Stage& s) {
                                fee_rule(s);
                                return fee_rules::List{.limit = 5};
                              })},
      {"fee_rules.create", made(admin,
                                [](Stage& s) {
                                  return fee_rules::Create{.name = "Second visit",
                                                           .service_ids = {s.service().id},
                                                           .practitioner_ids = {s.doctor().id},
                                                           .days = 14};
                                })},
      {"fee_rules.update", on<fee_rules::Update>(admin, fee_rule, {.name = "Small children"})},
      {"payers.list", made(admin,
                           [](Stage& s) {
                             payer(s);
                             return payers::List{.limit = 5};
                           })},
      {"payers.get", on<payers::Get>(admin, payer)},
      {"payers.create", made(admin, [](Stage& s) { return payers::Create{.code = s.fresh("F"), .name = "Fund"}; })},
      {"payers.update", on<payers::Update>(admin, payer, {.name = "Fund of Leeds"})},
      {"coverages.list", made(clerk,
                              [](Stage& s) {
                                coverage(s);
                                return coverages::List{.patient_id = s.patient().id, .limit = 5};
                              })},
      {"coverages.get", on<coverages::Get>(clerk, coverage)},
      {"coverages.create", made(clerk, covering)},
      {"coverages.update", on<coverages::Update>(clerk, coverage, {.member_id = "M-0", .valid_from = day})},
  };
}

std::vector<Scenario> invoice_scenarios() {
  return {
      {"invoices.create", made(clerk,
                               [](Stage& s) {
                                 return invoices::Create{
                                     .patient_id = s.patient().id,
                                     .facility_id = s.hospital().home,
                                     .lines = {{.item_id = item(s).id, .practitioner_id = s.doctor().id}},
                                     .discount = Discount{.value = 50'000, .reason = "for waiting"}};
                               })},
      {"invoices.list", made(clerk,
                             [](Stage& s) {
                               earn(s);
                               return invoices::List{.patient_id = s.patient().id, .limit = 5};
                             })},
      {"invoices.get", on<invoices::Get>(clerk, issued)},
      {"invoices.update",
       on<invoices::Update>(clerk, draft, {.lines = {{.description = "two dressings", .price_micro = 2 * price}}})},
      {"invoices.discard", on<invoices::DiscardDraft>(clerk, draft, {.reason = "it is not wanted"})},
      {"invoices.issue", keyed(clerk,
                               [](Stage& s) {
                                 coverage(s);  // of which a share follows
                                 const auto it = draft(s);
                                 return invoices::Issue{.id = it.id, .revision = it.revision};
                               })},
      {"invoices.bill", keyed(clerk,
                              [](Stage& s) {
                                coverage(s);  // of which a share follows
                                return invoices::Bill{.patient_id = s.patient().id,
                                                      .facility_id = s.hospital().home,
                                                      .lines = one_line()};
                              })},
      {"invoices.void", on<invoices::Void>(clerk, issued, {.reason = "it was for somebody else"})},
      {"invoices.print",
       streamed(clerk, [](Stage& s) { return invoices::Print{.id = issued(s).id, .format = PrintFormat::text}; })},
      {"invoices.verify_sequence", reporting<invoices::VerifySequence>()},
      {"credit_notes.issue", keyed(clerk, crediting)},
      {"credit_notes.list",
       made(clerk, [](Stage& s) { return credit_notes::List{.invoice_id = must_keyed(s, crediting(s)).invoice_id}; })},
      {"credit_notes.print", streamed(clerk,
                                      [](Stage& s) {
                                        return credit_notes::Print{.id = must_keyed(s, crediting(s)).id,
                                                                   .format = PrintFormat::text};
                                      })},
      {"write_offs.request", made(clerk, giving_up)},
      {"write_offs.list", made(admin,
                               [](Stage& s) {
                                 must(clerk(s).call(giving_up(s)));
                                 return write_offs::List{.limit = 5};
                               })},
      {"write_offs.approve",
       on<write_offs::Approve>(admin, [](Stage& s) { return must(clerk(s).call(giving_up(s))); })},
      {"write_offs.reject", on<write_offs::Reject>(admin, [](Stage& s) { return must(clerk(s).call(giving_up(s))); })},
  };
}

std::vector<Scenario> payment_scenarios() {
  return {
      {"payments.record",
       keyed(clerk, [](Stage& s) { return paying(s, {{.invoice_id = issued(s).id, .amount = 600}}); })},
      {"payments.list", made(clerk,
                             [](Stage& s) {
                               earn(s);
                               return payments::List{.patient_id = s.patient().id, .limit = 5};
                             })},
      {"payments.get", on<payments::Get>(clerk, [](Stage& s) { return payment(s); })},
      {"payments.resolve", on<payments::Resolve>(clerk, [](Stage& s) { return payment(s, true); })},
      {"payments.allocate",
       made(clerk,
            [](Stage& s) {
              const auto it = payment(s);
              return payments::Allocate{
                  .id = it.id, .revision = it.revision, .allocations = {{.invoice_id = issued(s).id, .amount = 600}}};
            })},
      {"payments.print",
       streamed(clerk, [](Stage& s) { return payments::Print{.id = payment(s).id, .format = PrintFormat::text}; })},
      {"refunds.request", keyed(clerk, asking_back)},
      {"refunds.list",
       made(clerk, [](Stage& s) { return refunds::List{.payment_id = refund(s).payment_id, .limit = 5}; })},
      {"refunds.get", on<refunds::Get>(clerk, [](Stage& s) { return refund(s); })},
      {"refunds.approve", on<refunds::Approve>(admin, [](Stage& s) { return refund(s); })},
      {"refunds.reject", on<refunds::Reject>(admin, [](Stage& s) { return refund(s); })},
      {"refunds.complete", keyed(clerk,
                                 [](Stage& s) {
                                   const auto it = refund(s, true);
                                   return refunds::Complete{.id = it.id, .revision = it.revision};
                                 })},
      {"cash_shifts.open", made(clerk, opening)},
      {"cash_shifts.list", made(clerk,
                                [](Stage& s) {
                                  shift(s);
                                  return cash_shifts::List{.limit = 5};
                                })},
      {"cash_shifts.get", on<cash_shifts::Get>(clerk, shift)},
      {"cash_shifts.close", on<cash_shifts::Close>(clerk, shift, {.counted = 4'900})},  // 1.00 is missing
  };
}

std::vector<Scenario> ledger_scenarios() {
  const Date last{.year = 2029, .month = 12, .day = 31};
  return {
      {"ledger.list_entries", reporting<ledger::ListEntries>({.limit = 5})},
      {"ledger.trial_balance", reporting<ledger::TrialBalance>()},
      {"ledger.verify", reporting<ledger::Verify>()},
      {"reports.revenue", reporting<reports::Revenue>({.by = reports::RevenueBy::month, .from = day, .to = last})},
      {"reports.aging", reporting<reports::Aging>()},
      {"reports.statement", made(clerk,
                                 [](Stage& s) {
                                   earn(s);
                                   return reports::Statement{.patient_id = s.patient().id};
                                 })},
      {"reports.export", exporting<reports::Export>()},
      {"reports.print_statement", exporting<reports::PrintStatement>({.format = PrintFormat::text})},
      {"imports.payers", importing<imports::Payers>(payers_csv)},
      {"imports.coverages", importing<imports::Coverages>(coverages_csv)},
      {"imports.charges", importing<imports::Charges>(charges_csv)},
  };
}

}  // namespace

std::vector<Scenario> money_scenarios() {
  std::vector<Scenario> all;
  for (auto part : {price_scenarios(), invoice_scenarios(), payment_scenarios(), ledger_scenarios()})
    for (Scenario& each : part) all.push_back(std::move(each));
  return all;
}

}  // namespace medflow::testing
