// How to try each operation on prices, payers and what is charged, paid and reported.
#include "tests/access/world.hpp"

namespace medflow::testing {
namespace {

constexpr Relation none = Relation::none;
constexpr Relation home = Relation::own_facility;
constexpr Relation away = Relation::other_facility;
constexpr Relation own = Relation::own;
constexpr Relation foreign = Relation::foreign;

constexpr Date day{.year = 2020, .month = 1, .day = 1};
constexpr std::int64_t price = 10'000'000;  ///< of a line: 10.00

/// Under a key that nobody has used, where the operation needs one.
template <class Op>
Result<typename Op::Output> send(World& world, const Session& session, Op op) {
  if constexpr (Op::operation.key_required) return session.call(std::move(op), {.idempotency_key = world.fresh_word()});
  return session.call(std::move(op));
}

template <class Op>
auto simple(Op op = {}) {
  return [op](World& world, const Session& caller, Relation) { return outcome(send(world, caller, op)); };
}

/// A call on what `find` gives: the object and its revision.
template <class Op, class Find>
auto on(Find find, Op op = {}) {
  return [find, op](World& world, const Session& caller, Relation relation) {
    const auto it = find(world, caller, relation);
    Op request = op;
    request.id = it.id;
    if constexpr (requires { request.revision; }) request.revision = it.revision;
    return outcome(send(world, caller, std::move(request)));
  };
}

tax_codes::TaxCode tax_code(World& world, const Session&, Relation relation) {
  if (relation == foreign) return {.id = TaxCodeId{world.nowhere}, .revision = 1};
  return must(world.admin.call(tax_codes::Create{.code = world.fresh_word(), .name = "Standard"}));
}

prices::Item item(World& world, const Session&, Relation relation) {
  if (relation == foreign) return {.id = PriceItemId{world.nowhere}, .revision = 1};
  return must(world.admin.call(prices::Create{.code = world.fresh_word(), .name = "Visit"}));
}

fee_rules::FeeRule fee_rule(World& world, const Session&, Relation relation) {
  if (relation == foreign) return {.id = FeeRuleId{world.nowhere}, .revision = 1};
  return must(
      world.admin.call(fee_rules::Create{.name = "Children", .kind = fee_rules::RuleKind::exemption, .age_below = 6}));
}

payers::Payer payer(World& world, const Session&, Relation relation) {
  if (relation == foreign) return {.id = PayerId{world.nowhere}, .revision = 1};
  return world.new_payer();
}

coverages::Coverage coverage(World& world, const Session&, Relation relation) { return world.coverage(relation); }

invoices::Invoice draft(World& world, const Session& caller, Relation relation) {
  return world.invoice(caller, relation, true);
}

invoices::Invoice issued(World& world, const Session& caller, Relation relation) {
  return world.invoice(caller, relation);
}

credit_notes::CreditNote credit_note(World& world, const Session& caller, Relation relation) {
  return world.credit_note(caller, relation);
}

write_offs::WriteOff write_off(World& world, const Session& caller, Relation relation) {
  return world.write_off(caller, relation);
}

payments::Payment payment(World& world, const Session& caller, Relation relation) {
  return world.payment(caller, relation);
}

payments::Payment pending(World& world, const Session& caller, Relation relation) {
  return world.payment(caller, relation, true);
}

refunds::Refund requested(World& world, const Session& caller, Relation relation) {
  return world.refund(caller, relation);
}

/// By somebody else, whatever the caller is.
refunds::Refund of_others(World& world, const Session&, Relation relation) {
  return world.refund(world.hospital.visitor(), relation);
}

refunds::Refund approved(World& world, const Session& caller, Relation relation) {
  return world.refund(caller, relation, true);
}

cash_shifts::CashShift shift(World& world, const Session&, Relation relation) { return world.cash_shift(relation); }

std::string create_coverage(World& world, const Session& caller, Relation relation) {
  return outcome(caller.call(coverages::Create{
      .patient_id = world.patient(relation), .payer_id = world.new_payer().id, .valid_from = day, .valid_to = day}));
}

std::string create_invoice(World& world, const Session& caller, Relation relation) {
  const auto made = caller.call(invoices::Create{.patient_id = world.patient(relation),
                                                 .facility_id = world.facility(relation),
                                                 .lines = {{.item_id = world.dressing()}}});
  if (made.ok()) world.made(made->id);
  return outcome(made);
}

std::string bill_invoice(World& world, const Session& caller, Relation relation) {
  const auto made = send(world, caller,
                         invoices::Bill{.patient_id = world.patient(relation),
                                        .facility_id = world.facility(relation),
                                        .lines = {{.item_id = world.dressing()}}});
  if (made.ok()) world.made(made->id);
  return outcome(made);
}

std::string update_invoice(World& world, const Session& caller, Relation relation) {
  const auto it = draft(world, caller, relation);
  return outcome(caller.call(invoices::Update{
      .id = it.id, .revision = it.revision, .lines = {{.item_id = world.dressing(), .quantity = 20'000}}}));
}

std::string record_payment(World& world, const Session& caller, Relation relation) {
  return outcome(send(world, caller,
                      payments::RecordPayment{.patient_id = world.patient(relation),
                                              .facility_id = world.facility(relation),
                                              .method = payments::PaymentMethod::card,
                                              .amount = 100,
                                              .keep_as_deposit = true}));
}

std::string open_shift(World& world, const Session& caller, Relation relation) {
  const auto opened = caller.call(cash_shifts::Open{.facility_id = world.facility(relation)});
  if (opened.ok()) must(caller.call(cash_shifts::Close{.id = opened->id, .revision = opened->revision, .counted = 0}));
  return outcome(opened);
}

template <class Op>
std::string of_invoice(World& world, const Session& caller, Relation relation, Op op) {
  op.invoice_id = world.invoice(caller, relation).id;
  return outcome(send(world, caller, std::move(op)));
}

std::string ask_back(World& world, const Session& caller, Relation relation) {
  return outcome(
      send(world, caller,
           refunds::Request{
               .payment_id = world.payment(caller, relation).id, .amount = 100, .reason = "paid twice by mistake"}));
}

template <class Op>
auto of_patient(Op op = {}) {
  return [op](World& world, const Session& caller, Relation relation) {
    Op request = op;
    request.patient_id = world.patient(relation);
    return outcome(caller.call(request));
  };
}

template <class Op>
auto importing(std::string_view table) {
  return [table](World&, const Session& caller, Relation) {
    return outcome(caller.call(Op{.content = Content::of("text/csv", std::string(table))}));
  };
}

}  // namespace

Session World::biller(const Session& caller, Relation relation) {
  std::string who = "biller";
  if (relation == own && !caller.user_id().is_nil()) {
    const auto role = role_of(caller);
    if (role == Role::pharmacist) who = word(*role);
    // Whoever holds everything drafts it alone: no other claims come between.
    if (!role && holder_ == "holder of everything") return caller;
    if (!role && caller.user_id() == holder_id_) who = holder_;
  }
  return host(who, {Role::billing_clerk}, {hospital.home, hospital.away});
}

void World::end_billing(const Session& caller, Relation relation) {
  if (relation != own || caller.user_id().is_nil()) return;
  const auto role = role_of(caller);
  if (role == Role::pharmacist) as(*role);
  if (!role && caller.user_id() == holder_id_ && holder_ != "holder of everything")
    holding(holder_.substr(std::string_view("holder of ").size()));
}

PriceItemId World::dressing() {
  if (!dressing_) {
    const auto made = must(admin.call(prices::Create{.code = fresh_word(), .name = "Dressing"}));
    must(admin.call(
        prices::SetPrice{.id = made.id, .revision = made.revision, .price_micro = price, .valid_from = day}));
    dressing_ = made.id;
  }
  return *dressing_;
}

payers::Payer World::new_payer() {
  return must(admin.call(payers::Create{.code = fresh_word(), .name = "Sickness Fund"}));
}

coverages::Coverage World::coverage(Relation relation) {
  if (relation == foreign) return {.id = CoverageId{nowhere}, .revision = 1};
  // One's own is what one has proposed; it pays for nothing by now.
  const Session hand = relation == own ? as(Role::patient) : registrar(facility(relation));
  return must(hand.call(coverages::Create{
      .patient_id = patient(relation), .payer_id = new_payer().id, .valid_from = day, .valid_to = day}));
}

invoices::Invoice World::invoice(const Session& caller, Relation relation, bool draft) {
  if (relation == foreign) return {.id = InvoiceId{nowhere}, .revision = 1};
  const PatientId whose = patient(relation);
  const Session hand = biller(caller, relation);
  invoices::NewLine line{.description = "a dressing", .price_micro = price};
  if (relation == own) line.practitioner_id = own_doctor.id;
  auto made = must(
      hand.call(invoices::Create{.patient_id = whose, .facility_id = facility(relation), .lines = {std::move(line)}}));
  if (!draft)
    made =
        must(hand.call(invoices::Issue{.id = made.id, .revision = made.revision}, {.idempotency_key = fresh_word()}));
  if (relation == own) bills_.push_back(made.id);
  end_billing(caller, relation);
  return made;
}

credit_notes::CreditNote World::credit_note(const Session& caller, Relation relation) {
  if (relation == foreign) return {.id = CreditNoteId{nowhere}, .revision = 1};
  const auto of = invoice(caller, relation);
  return must(biller(caller, Relation::none)
                  .call(credit_notes::Issue{.invoice_id = of.id, .reason = "it was not used at all"},
                        {.idempotency_key = fresh_word()}));
}

write_offs::WriteOff World::write_off(const Session& caller, Relation relation) {
  if (relation == foreign) return {.id = WriteOffId{nowhere}, .revision = 1};
  const auto of = invoice(caller, relation);
  return must(biller(caller, Relation::none)
                  .call(write_offs::Request{.invoice_id = of.id, .amount = 100, .reason = "less than the postage"}));
}

payments::Payment World::payment(const Session& caller, Relation relation, bool pending) {
  if (relation == foreign) return {.id = PaymentId{nowhere}, .revision = 1};
  const PatientId whose = patient(relation);
  auto made = must(biller(caller, relation)
                       .call(payments::RecordPayment{.patient_id = whose,
                                                     .facility_id = facility(relation),
                                                     .method = payments::PaymentMethod::card,
                                                     .amount = 1'000,
                                                     .keep_as_deposit = true,
                                                     .pending = pending},
                             {.idempotency_key = fresh_word()}));
  end_billing(caller, relation);
  return made;
}

refunds::Refund World::refund(const Session& caller, Relation relation, bool approved) {
  if (relation == foreign) return {.id = RefundId{nowhere}, .revision = 1};
  const auto of = payment(caller, relation);
  auto made = must(biller(caller, relation)
                       .call(refunds::Request{.payment_id = of.id, .amount = 100, .reason = "paid twice by mistake"},
                             {.idempotency_key = fresh_word()}));
  if (approved) made = must(admin.call(refunds::Approve{.id = made.id, .revision = made.revision}));
  end_billing(caller, relation);
  return made;
}

cash_shifts::CashShift World::cash_shift(Relation relation) {
  if (relation == foreign) return {.id = CashShiftId{nowhere}, .revision = 1};
  // Nobody has two open at one place.
  const FacilityId place = facility(relation);
  const Session cashier = host("cashier " + std::to_string(++count_), {Role::receptionist}, {place});
  return must(cashier.call(cash_shifts::Open{.facility_id = place}));
}

namespace {

/// Who has something on deposit is not deleted: it is spent.
void use_deposit(const Session& hand, const PatientId& patient) {
  const auto deposits = must(hand.call(reports::Statement{.patient_id = patient})).deposits;
  for (const Money& each : deposits) {
    if (each.minor <= 0) continue;
    const auto draft = must(hand.call(invoices::Create{
        .patient_id = patient, .lines = {{.description = "What is on deposit", .price_micro = each.minor * 10'000}}}));
    static int calls = 0;
    const auto key = [] { return CallContext{.idempotency_key = "deposit-" + std::to_string(++calls)}; };
    const auto invoice = must(hand.call(invoices::Issue{.id = draft.id, .revision = draft.revision}, key()));
    must(hand.call(payments::RecordPayment{.patient_id = patient,
                                           .method = payments::PaymentMethod::deposit,
                                           .amount = each.minor,
                                           .allocations = {{.invoice_id = invoice.id, .amount = each.minor}}},
                   key()));
  }
}

}  // namespace

void World::clear_bills() {
  const Session hand = biller(hospital.visitor(), Relation::none);
  for (const InvoiceId& id : bills_) {
    const auto now = must(hand.call(invoices::Get{.id = id}));
    if (now.status == invoices::InvoiceStatus::draft)
      must(hand.call(invoices::DiscardDraft{.id = id, .revision = now.revision, .reason = "for the next trial"}));
    if (now.status != invoices::InvoiceStatus::issued || now.balance == 0) continue;
    must(hand.call(credit_notes::Issue{.invoice_id = id, .reason = "for the next trial"},
                   {.idempotency_key = fresh_word()}));
  }
  bills_.clear();
  for (const auto& waiting :
       must(hand.call(refunds::List{.state = refunds::RefundState::requested, .limit = page_limit_max})).data)
    must(admin.call(refunds::Reject{.id = waiting.id, .revision = waiting.revision}));
  for (const auto& agreed :
       must(hand.call(refunds::List{.state = refunds::RefundState::approved, .limit = page_limit_max})).data)
    must(hand.call(refunds::Complete{.id = agreed.id, .revision = agreed.revision}, {.idempotency_key = fresh_word()}));
  for (const Relation whose : {home, away, own}) {
    const payments::List coming{.patient_id = patient(whose), .state = payments::PaymentState::pending};
    for (const auto& payment : must(hand.call(coming)).data)
      must(hand.call(payments::Resolve{.id = payment.id, .state = payments::PaymentState::cancelled}));
    use_deposit(hand, patient(whose));
  }
}

// NOLINTNEXTLINE(readability-function-size): a table
std::vector<Trial> money_trials() {
  const std::vector<Relation> directory{home, foreign};
  const std::vector<Relation> all{home, away, own, foreign};
  const std::vector<Relation> placed{home, away, foreign};
  const Date last{.year = 2029, .month = 12, .day = 31};
  return {
      {"tax_codes.list", {none}, simple<tax_codes::List>()},
      {"tax_codes.create",
       {none},
       [](World& w, const Session& s, Relation) {
         return outcome(s.call(tax_codes::Create{.code = w.fresh_word(), .name = "New"}));
       }},
      {"tax_codes.update", directory, on<tax_codes::Update>(tax_code, {.name = "Renamed"})},
      {"prices.list", {none}, simple<prices::List>()},
      {"prices.get", directory, on<prices::Get>(item)},
      {"prices.create",
       {none},
       [](World& w, const Session& s, Relation) {
         return outcome(s.call(prices::Create{.code = w.fresh_word(), .name = "New"}));
       }},
      {"prices.update", directory, on<prices::Update>(item, {.name = "Renamed"})},
      {"prices.set", directory, on<prices::SetPrice>(item, {.price_micro = price, .valid_from = day})},
      {"fee_rules.list", {none}, simple<fee_rules::List>()},
      {"fee_rules.create",
       {none},
       simple(fee_rules::Create{.name = "New", .kind = fee_rules::RuleKind::exemption, .age_below = 6})},
      {"fee_rules.update", directory, on<fee_rules::Update>(fee_rule, {.name = "Renamed"})},
      {"payers.list", {none}, simple<payers::List>()},
      {"payers.get", directory, on<payers::Get>(payer)},
      {"payers.create",
       {none},
       [](World& w, const Session& s, Relation) {
         return outcome(s.call(payers::Create{.code = w.fresh_word(), .name = "New"}));
       }},
      {"payers.update", directory, on<payers::Update>(payer, {.name = "Renamed"})},
      {"coverages.list", all, of_patient<coverages::List>()},
      {"coverages.get", all, on<coverages::Get>(coverage)},
      {"coverages.create", all, create_coverage},
      {"coverages.update", all, on<coverages::Update>(coverage, {.valid_from = day, .valid_to = day})},
      {"invoices.create", all, create_invoice},
      {"invoices.list", {none}, simple<invoices::List>()},
      {"invoices.get", all, on<invoices::Get>(issued)},
      {.operation = "invoices.get", .relations = all, .run = on<invoices::Get>(draft), .kind = "draft invoice"},
      {.operation = "invoices.update", .relations = all, .run = update_invoice, .kind = "draft invoice"},
      {.operation = "invoices.discard",
       .relations = all,
       .run = on<invoices::DiscardDraft>(draft, {.reason = "it is not wanted"}),
       .kind = "draft invoice"},
      {.operation = "invoices.issue", .relations = all, .run = on<invoices::Issue>(draft), .kind = "draft invoice"},
      {"invoices.bill", all, bill_invoice},
      {"invoices.void", all, on<invoices::Void>(issued, {.reason = "it was for somebody else"})},
      {"invoices.print", all, on<invoices::Print>(issued, {.format = PrintFormat::text})},
      {.operation = "invoices.print",
       .relations = all,
       .run = on<invoices::Print>(draft, {.format = PrintFormat::text}),
       .kind = "draft invoice"},
      {"invoices.verify_sequence", {none}, simple<invoices::VerifySequence>()},
      {"credit_notes.issue", all,
       [](World& w, const Session& s, Relation r) {
         return of_invoice(w, s, r, credit_notes::Issue{.reason = "it was not used at all"});
       }},
      {"credit_notes.list", all,
       [](World& w, const Session& s, Relation r) { return of_invoice(w, s, r, credit_notes::List{}); }},
      {"credit_notes.print", all, on<credit_notes::Print>(credit_note, {.format = PrintFormat::text})},
      {"write_offs.request", all,
       [](World& w, const Session& s, Relation r) {
         return of_invoice(w, s, r, write_offs::Request{.amount = 100, .reason = "less than the postage"});
       }},
      {"write_offs.list", {none}, simple<write_offs::List>()},
      {"write_offs.approve", all, on<write_offs::Approve>(write_off)},
      {"write_offs.reject", all, on<write_offs::Reject>(write_off)},
      {"payments.record", all, record_payment},
      {"payments.list", {none}, simple<payments::List>()},
      {"payments.get", all, on<payments::Get>(payment)},
      {"payments.resolve", all, on<payments::Resolve>(pending)},
      {"payments.allocate", all, on<payments::Allocate>(payment)},
      {"payments.print", all, on<payments::Print>(payment, {.format = PrintFormat::text})},
      {"refunds.request", all, ask_back},
      {"refunds.list", {none}, simple<refunds::List>()},
      {"refunds.get", all, on<refunds::Get>(requested)},
      {"refunds.approve", all, on<refunds::Approve>(of_others)},
      {"refunds.reject", all, on<refunds::Reject>(of_others)},
      {"refunds.complete", all, on<refunds::Complete>(approved)},
      {"cash_shifts.open", placed, open_shift},
      {"cash_shifts.list", {none}, simple<cash_shifts::List>()},
      {"cash_shifts.get", placed, on<cash_shifts::Get>(shift)},
      {"cash_shifts.close", placed, on<cash_shifts::Close>(shift)},
      {"ledger.list_entries", {none}, simple<ledger::ListEntries>()},
      {"ledger.trial_balance", {none}, simple<ledger::TrialBalance>()},
      {"ledger.verify", {none}, simple<ledger::Verify>()},
      {"reports.revenue",
       {none},
       simple(reports::Revenue{.from = Date{.year = 2026, .month = 1, .day = 1}, .to = last})},
      {"reports.aging", {none}, simple<reports::Aging>()},
      {"reports.export", {none}, simple<reports::Export>()},
      {"reports.statement", all, of_patient<reports::Statement>()},
      {"reports.print_statement", all, of_patient<reports::PrintStatement>({.format = PrintFormat::text})},
      {"imports.payers", {none}, importing<imports::Payers>("Id,NAME,ADDRESS,CITY,STATE_HEADQUARTERED,ZIP,PHONE\n")},
      {"imports.coverages",
       {none},
       importing<imports::Coverages>(
           "PATIENT,MEMBERID,START_YEAR,END_YEAR,PAYER,SECONDARY_PAYER,OWNERSHIP,OWNERNAME\n")},
      {"imports.charges",
       {none},
       importing<imports::Charges>(
           "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,DESCRIPTION,BASE_ENCOUNTER_COST,"
           "TOTAL_CLAIM_COST,PAYER_COVERAGE\n")},
  };
}

}  // namespace medflow::testing
