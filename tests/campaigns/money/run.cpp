#include "tests/campaigns/money/run.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "tests/campaigns/money/model.hpp"
#include "tests/support/clinic.hpp"
#include "tests/support/dice.hpp"

namespace medflow::campaign {
namespace {

using naive::Amount;
using naive::none;
using naive::Party;
using testing::code_of;
using testing::Dice;
using testing::must;

constexpr int patients_count = 12;
constexpr int payers_count = 3;
constexpr std::string_view issuer = "https://campaign.example";
constexpr std::string_view currency_codes[naive::currencies] = {"GBP", "KWD"};
constexpr std::string_view tax_codes_known[] = {"", "R", "S"};
constexpr std::string_view settlement_words[] = {"none", "unpaid", "partially_paid", "paid", "credited", "written_off"};
/// By ledger::Account.
constexpr std::string_view account_words[] = {
    "receivable_patient", "receivable_payer", "cash",         "card", "bank",    "mobile",
    "payer_remittance",   "deposits",         "refunds",      "tax",  "revenue", "discounts",
    "write_offs",         "rounding",         "cash_variance"};

/// A thing that must not be.
struct Wrong : std::runtime_error {
  using std::runtime_error::runtime_error;
};
void expect(bool holds, const std::string& what) {
  if (!holds) throw Wrong(what);
}
template <class T>
void expect_equal(T found, T expected, const std::string& what) {
  if (found == expected) return;
  throw Wrong(what + " is " + std::to_string(found) + " instead of " + std::to_string(expected));
}

naive::Terms terms_of(std::uint64_t seed) {
  return {.inclusive = seed % 2 == 1, .half_even = seed / 2 % 2 == 1, .cash_rounding = seed / 4 % 3 == 0 ? 5 : 0};
}

class Run {
 public:
  explicit Run(const RunPlan& plan)
      : plan_(plan),
        dice_(plan.seed),
        terms_(terms_of(plan.seed)),
        model_(terms_, plan.plant),
        engine_(plan.engine),
        hospital_(testing::make_platform(engine_)),
        is_quick_(plan.engine == "memory") {
    const Session admin = hospital_.as(Role::tenant_admin);
    settings::Update update{.trusted_issuers = std::vector<std::string>{std::string(issuer)}};
    update.tax_mode = terms_.inclusive ? TaxMode::inclusive : TaxMode::exclusive;
    update.money_rounding = terms_.half_even ? Rounding::half_even : Rounding::half_up;
    update.cash_rounding = static_cast<std::uint32_t>(terms_.cash_rounding);
    hospital_.configure(std::move(update));
    for (std::size_t i = 1; i < std::size(tax_codes_known); ++i)
      must(admin.call(tax_codes::Create{.code = std::string(tax_codes_known[i]),
                                        .name = "Rate",
                                        .rates = {{.valid_from = *Date::parse("2020-01-01"),
                                                   .rate_micro = static_cast<std::uint32_t>(naive::rates.at(i))}}}));
    for (int i = 0; i < payers_count; ++i)
      payers_.push_back(
          must(admin.call(payers::Create{.code = "payer-" + std::to_string(i), .name = "Fund " + std::to_string(i)}))
              .id);
    for (const auto& patient : hospital_.add_patients(patients_count)) patients_.push_back(patient.id);
    day_us_ = hospital_.clock->now().us;
    begin_day();
  }

  Outcome outcome() {
    try {
      const std::uint64_t check_each = std::max<std::uint64_t>(plan_.size / 6, 50);
      const std::uint64_t day_each = std::max<std::uint64_t>(plan_.size / 20, 25);
      for (std::uint64_t i = 1; i <= plan_.size; ++i) {
        act();
        ++outcome_.acts;
        if (is_quick_ || i % 10 == 0) check_balances();
        if (i % check_each == 0) check_journal();
        if (i % day_each == 0) {
          hospital_.clock->advance_s(86'400);
          begin_day();
        }
      }
      check_journal();
      check_end();
    } catch (const std::exception& wrong) {
      outcome_.finding = "seed " + std::to_string(plan_.seed) + ", act " + std::to_string(outcome_.acts + 1) + ", " +
                         act_ + ": " + wrong.what();
    }
    return outcome_;
  }

 private:
  // ---- Who and what ---------------------------------------------------------------------------------------------------

  void begin_day() {
    day_ = static_cast<int>((hospital_.clock->now().us - day_us_) / 86'400'000'000);
    clerk_ = member("clerk", Role::billing_clerk);
    admin_ = member("head", Role::tenant_admin);
  }
  Session member(std::string subject, Role role) const {
    return must(hospital_.platform.session(hospital_.slug(), {.issuer = std::string(issuer),
                                                              .subject = std::move(subject),
                                                              .display_name = "Somebody",
                                                              .roles = {role},
                                                              .facilities = {hospital_.home}}));
  }

  template <class Op>
  Result<typename Op::Output> keyed(Op request) {
    return clerk_->call(std::move(request), {.idempotency_key = "k" + std::to_string(++keys_)});
  }
  template <class I>
  I new_id() {
    Uuid id;
    for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(dice_.next());
    return I{id};
  }
  static Currency currency_of(naive::Currency which) { return *Currency::parse(currency_codes[which]); }

  /// Mostly one that `suits`; none where there is nothing at all.
  template <class T, class Suits>
  std::size_t pick(const std::vector<T>& all, Suits suits) {
    if (all.empty()) return none;
    for (int tries = 0; tries < 12; ++tries) {
      // What is new has more before it.
      const std::size_t among = dice_.one_in(2) ? all.size() : std::min<std::size_t>(all.size(), 40);
      const std::size_t at = all.size() - 1 - dice_.below(among);
      if (suits(all[at]) || dice_.one_in(30)) return at;
    }
    return dice_.below(all.size());
  }
  std::uint64_t maybe_stale(std::uint64_t revision) { return dice_.one_in(25) ? revision + 1 : revision; }
  /// Mostly within what there is, sometimes all of it, sometimes more.
  Amount part_of(Amount all) {
    if (all <= 0 || dice_.one_in(15)) return all + 1 + static_cast<Amount>(dice_.below(1'000));
    if (dice_.one_in(3)) return all;
    return 1 + static_cast<Amount>(dice_.next() % static_cast<std::uint64_t>(all));
  }

  void answers(const std::string& found, const std::string& expected) {
    if (expected != "ok") ++outcome_.refused;
    ++outcome_.answers[act_ + ": " + expected];
    expect(found == expected, "answers " + found + " instead of " + expected);
  }

  // ---- Acts -----------------------------------------------------------------------------------------------------------

  void act() {
    const std::size_t dice = dice_.below(100);
    if (dice < 13 || model_.invoices.empty()) return draft();
    if (dice < 20) return bill();
    if (dice < 23) return change();
    if (dice < 25) return discard();
    if (dice < 42) return issue();
    if (dice < 46) return void_one();
    if (dice < 53) return credit();
    if (dice < 71) return pay();
    if (dice < 98 && model_.payments.empty()) return pay();
    if (dice < 74) return resolve();
    if (dice < 81) return allocate();
    if (dice < 86) return ask_refund();
    if (dice < 90) return decide_refund();
    if (dice < 93) return complete_refund();
    if (dice < 96) return ask_write_off();
    if (dice < 98) return decide_write_off();
    shift();
  }

  std::optional<naive::Off> any_off(std::size_t one_in, Amount fixed_max) {
    if (!dice_.one_in(one_in)) return std::nullopt;
    if (dice_.one_in(2)) return naive::Off{.percent = true, .value = static_cast<Amount>(dice_.below(1'000'001))};
    return naive::Off{.percent = false, .value = static_cast<Amount>(dice_.below(static_cast<std::size_t>(fixed_max)))};
  }

  naive::AskedInvoice any_invoice() {
    naive::AskedInvoice asked{.patient = static_cast<int>(dice_.below(patients_count)),
                              .currency = dice_.one_in(4) ? 1 : 0};
    for (std::size_t i = 0, count = 1 + dice_.below(5); i < count; ++i) {
      naive::AskedLine line{.quantity = static_cast<Amount>(1 + dice_.below(dice_.one_in(3) ? 35'000 : 3)),
                            .price = static_cast<Amount>(dice_.below(90'000'000)),
                            .tax = static_cast<int>(dice_.below(3))};
      if (line.quantity <= 3) line.quantity *= 10'000;
      line.off = any_off(4, 400);
      asked.lines.push_back(line);
    }
    asked.off = any_off(5, 600);
    if (dice_.one_in(3)) return asked;
    for (int payer = 0; payer < payers_count; ++payer)
      if (dice_.one_in(3))
        asked.shares.emplace_back(naive::payer_party(payer), static_cast<Amount>(1 + dice_.below(4'000)));
    return asked;
  }

  static std::optional<Discount> discount_of(const std::optional<naive::Off>& off) {
    if (!off) return std::nullopt;
    return Discount{.kind = off->percent ? DiscountKind::percent : DiscountKind::fixed,
                    .value = off->value,
                    .reason = "Agreed with the patient"};
  }
  template <class Request>
  void fill(Request& request, const naive::AskedInvoice& asked) const {
    for (const naive::AskedLine& line : asked.lines)
      request.lines.push_back({.description = "Service",
                               .quantity = line.quantity,
                               .price_micro = line.price,
                               .discount = discount_of(line.off),
                               .tax_code = std::string(tax_codes_known[line.tax])});
    request.discount = discount_of(asked.off);
    for (const auto& [party, amount] : asked.shares)
      request.shares.push_back({.payer_id = payers_.at(static_cast<std::size_t>(-1 - party)), .amount = amount});
  }

  void draft() {
    act_ = "draft";
    const naive::AskedInvoice asked = any_invoice();
    const auto id = new_id<InvoiceId>();
    invoices::Create request{.id = id,
                             .patient_id = patients_.at(static_cast<std::size_t>(asked.patient)),
                             .facility_id = hospital_.home,
                             .currency = currency_of(asked.currency)};
    fill(request, asked);
    const auto result = clerk_->call(std::move(request));
    answers(code_of(result), model_.draft(asked));
    if (result.ok()) note(id, *result);
  }

  /// Drafted and issued in one step.
  void bill() {
    act_ = "bill";
    const naive::AskedInvoice asked = any_invoice();
    const auto id = new_id<InvoiceId>();
    invoices::Bill request{.id = id,
                           .patient_id = patients_.at(static_cast<std::size_t>(asked.patient)),
                           .facility_id = hospital_.home,
                           .currency = currency_of(asked.currency)};
    fill(request, asked);
    const auto result = keyed(std::move(request));
    answers(code_of(result), model_.bill(asked, day_));
    if (!result.ok()) return;
    note(id, *result);
    check_invoice(invoice_ids_.size() - 1);
  }

  void note(const InvoiceId& id, const invoices::Invoice& made) {
    invoice_ids_.push_back(id);
    model_.named(invoice_ids_.size() - 1, id.text());
    check_content(made, model_.invoices.back());
  }

  void change() {
    act_ = "change";
    const std::size_t at = pick(model_.invoices, [](const auto& one) { return one.status == naive::Status::draft; });
    naive::AskedInvoice asked = any_invoice();
    asked.patient = model_.invoices[at].asked.patient;
    asked.currency = model_.invoices[at].asked.currency;
    const std::uint64_t revision = maybe_stale(model_.invoices[at].revision);
    invoices::Update request{.id = invoice_ids_[at], .revision = revision};
    fill(request, asked);
    const auto result = clerk_->call(std::move(request));
    answers(code_of(result), model_.change(at, revision, asked));
    if (result.ok()) check_content(*result, model_.invoices[at]);
  }

  void discard() {
    act_ = "discard";
    const std::size_t at = pick(model_.invoices, [](const auto& one) { return one.status == naive::Status::draft; });
    const std::uint64_t revision = maybe_stale(model_.invoices[at].revision);
    const auto result = clerk_->call(
        invoices::DiscardDraft{.id = invoice_ids_[at], .revision = revision, .reason = "It was a mistake"});
    answers(code_of(result), model_.discard(at, revision));
    check_invoice(at);
  }

  void issue() {
    act_ = "issue";
    const std::size_t at = pick(model_.invoices, [](const auto& one) { return one.status == naive::Status::draft; });
    const std::uint64_t revision = maybe_stale(model_.invoices[at].revision);
    const auto result = keyed(invoices::Issue{.id = invoice_ids_[at], .revision = revision});
    answers(code_of(result), model_.issue(at, revision, day_));
    if (result.ok()) check_content(*result, model_.invoices[at]);
    check_invoice(at);
  }

  void void_one() {
    act_ = "void";
    const std::size_t at = pick(model_.invoices, [](const auto& one) {
      return one.status == naive::Status::issued && one.balance() == one.total;
    });
    const std::uint64_t revision = maybe_stale(model_.invoices[at].revision);
    const auto result = clerk_->call(
        invoices::Void{.id = invoice_ids_[at], .revision = revision, .reason = "It was a mistake of ours"});
    answers(code_of(result), model_.void_it(at, revision));
    check_invoice(at);
  }

  void credit() {
    act_ = "credit";
    const std::size_t at = pick(
        model_.invoices, [](const auto& one) { return one.status == naive::Status::issued && one.notes.size() < 3; });
    std::vector<std::pair<std::size_t, Amount>> lines;
    if (!dice_.one_in(4))
      for (std::size_t i = 0; i < model_.invoices[at].nets.size(); ++i)
        if (dice_.one_in(2) && model_.invoices[at].nets[i] > 0)
          lines.emplace_back(i, std::max<Amount>(1, part_of(model_.invoices[at].nets[i]) / 2));
    credit_notes::Issue request{.invoice_id = invoice_ids_[at], .reason = "It was not done in the end"};
    for (const auto& [line, net] : lines)
      request.lines.push_back({.line = static_cast<std::uint32_t>(line + 1), .net = net});
    const auto result = keyed(std::move(request));
    answers(code_of(result), model_.credit(at, lines));
    if (result.ok()) {
      const naive::Note& note = model_.invoices[at].notes.back();
      expect_equal(result->net, note.net, "a credit note's net");
      expect_equal(result->tax, note.tax, "a credit note's tax");
      expect_equal(result->total, note.total, "a credit note's total");
      Amount parts = result->patient_share;
      for (const auto& share : result->shares) parts += share.amount;
      expect_equal(parts, note.total, "the sum of a credit note's shares");
      expect_equal(result->patient_share, note.parts.back().second, "a credit note's patient share");
    }
    check_invoice(at);
  }

  std::vector<std::pair<std::size_t, Amount>> any_allocations(Party party, naive::Currency currency, Amount amount) {
    std::vector<std::pair<std::size_t, Amount>> allocations;
    for (std::size_t tries = 0; tries < 30 && allocations.size() < 3 && amount > 0; ++tries) {
      const std::size_t at =
          model_.invoices.size() - 1 - dice_.below(std::min<std::size_t>(model_.invoices.size(), 200));
      const naive::Invoice& invoice = model_.invoices[at];
      const bool suits =
          invoice.asked.currency == currency && invoice.owed(party) > 0 &&
          std::none_of(allocations.begin(), allocations.end(), [&](const auto& one) { return one.first == at; });
      if (!suits && !dice_.one_in(150)) continue;
      const Amount part = dice_.one_in(40) ? part_of(invoice.owed(party)) : std::min(invoice.owed(party), amount);
      if (part <= 0) continue;
      allocations.emplace_back(at, part);
      amount -= part;
    }
    return allocations;
  }
  std::vector<payments::Allocation> named(const std::vector<std::pair<std::size_t, Amount>>& allocations) const {
    std::vector<payments::Allocation> all;
    for (const auto& [at, part] : allocations) all.push_back({.invoice_id = invoice_ids_[at], .amount = part});
    return all;
  }

  void pay() {
    act_ = "pay";
    naive::Payment payment{.currency = dice_.one_in(4) ? 1 : 0};
    const bool of_patient = !dice_.one_in(3);
    payment.party = of_patient ? static_cast<int>(dice_.below(patients_count))
                               : naive::payer_party(static_cast<int>(dice_.below(payers_count)));
    constexpr naive::Method of_patients[] = {naive::Method::cash,   naive::Method::card,    naive::Method::bank,
                                             naive::Method::mobile, naive::Method::deposit, naive::Method::deposit};
    constexpr naive::Method of_payers[] = {naive::Method::payer, naive::Method::payer, naive::Method::bank,
                                           naive::Method::deposit};
    payment.method = of_patient ? dice_.of(of_patients) : dice_.of(of_payers);
    if (dice_.one_in(60)) payment.method = dice_.of(of_payers);
    if (dice_.one_in(8)) payment.state = naive::State::pending;
    payment.amount = 1 + static_cast<Amount>(dice_.below(20'000));
    if (payment.method == naive::Method::deposit && model_.deposit(payment.party, payment.currency) > 0)
      payment.amount = part_of(model_.deposit(payment.party, payment.currency));
    if (!of_patient || dice_.one_in(2)) {
      payment.allocations = any_allocations(payment.party, payment.currency, payment.amount);
      // Remittances, and what is taken from a deposit, go to invoices wholly.
      const bool whole = payment.method == naive::Method::payer || payment.method == naive::Method::deposit;
      if (whole && payment.allocated() > 0 && !dice_.one_in(10)) payment.amount = payment.allocated();
    }
    const bool keep = of_patient && payment.allocations.empty() && dice_.one_in(3);
    const auto id = new_id<PaymentId>();
    payments::RecordPayment request{.id = id,
                                    .facility_id = hospital_.home,
                                    .method = static_cast<payments::PaymentMethod>(payment.method),
                                    .amount = payment.amount,
                                    .currency = currency_of(payment.currency),
                                    .allocations = named(payment.allocations),
                                    .keep_as_deposit = keep,
                                    .pending = payment.state == naive::State::pending};
    if (of_patient)
      request.patient_id = patients_.at(static_cast<std::size_t>(payment.party));
    else
      request.payer_id = payers_.at(static_cast<std::size_t>(-1 - payment.party));
    const auto result = keyed(std::move(request));
    answers(code_of(result), model_.pay(payment, keep));
    if (!result.ok()) return;
    payment_ids_.push_back(id);
    check_payment(model_.payments.size() - 1);
  }

  void resolve() {
    act_ = "resolve";
    const std::size_t at = pick(model_.payments, [](const auto& one) { return one.state == naive::State::pending; });
    const auto state = static_cast<naive::State>(dice_.one_in(3) ? 2 + dice_.below(2) : 1);
    const auto result =
        clerk_->call(payments::Resolve{.id = payment_ids_[at], .state = static_cast<payments::PaymentState>(state)});
    answers(code_of(result), model_.resolve(at, state));
    check_payment(at);
  }

  void allocate() {
    act_ = "allocate";
    const std::size_t at = pick(model_.payments, [](const auto& one) { return one.state == naive::State::succeeded; });
    const naive::Payment payment = model_.payments[at];
    std::vector<std::pair<std::size_t, Amount>> allocations;
    for (const auto& [invoice, part] : payment.allocations) {
      const std::size_t dice = dice_.below(4);
      if (dice == 0) continue;
      allocations.emplace_back(invoice, dice == 1 ? std::max<Amount>(1, part / 2) : part);
    }
    Amount left = payment.amount;
    for (const auto& [invoice, part] : allocations) left -= part;
    for (const auto& one : any_allocations(payment.party, payment.currency, left))
      if (std::none_of(allocations.begin(), allocations.end(), [&](const auto& old) { return old.first == one.first; }))
        allocations.push_back(one);
    const std::uint64_t revision = maybe_stale(payment.revision);
    const auto result = clerk_->call(
        payments::Allocate{.id = payment_ids_[at], .revision = revision, .allocations = named(allocations)});
    answers(code_of(result), model_.allocate(at, revision, allocations));
    check_payment(at);
    for (const auto& [invoice, part] : payment.allocations) check_invoice(invoice);
  }

  void ask_refund() {
    act_ = "ask for a refund";
    const std::size_t at = pick(model_.payments, [](const auto& one) {
      return one.state == naive::State::succeeded && naive::is_patient(one.party) &&
             one.method != naive::Method::deposit;
    });
    const naive::Payment& payment = model_.payments[at];
    naive::Refund refund{.payment = at};
    if (!payment.allocations.empty() && !dice_.one_in(3)) refund.invoice = dice_.of(payment.allocations).first;
    if (dice_.one_in(40)) refund.invoice = dice_.below(model_.invoices.size());
    refund.amount = part_of(refund.invoice == none ? payment.amount - payment.allocated() : payment.to(refund.invoice));
    refund.method = dice_.one_in(4) ? naive::Method::cash : payment.method;
    const auto id = new_id<RefundId>();
    refunds::Request request{.id = id,
                             .payment_id = payment_ids_[at],
                             .amount = refund.amount,
                             .method = static_cast<payments::PaymentMethod>(refund.method),
                             .reason = "It was paid twice by mistake"};
    if (refund.invoice != none) request.invoice_id = invoice_ids_[refund.invoice];
    const auto result = keyed(std::move(request));
    answers(code_of(result), model_.ask_refund(refund));
    if (result.ok()) refund_ids_.push_back(id);
    check_payment(at);
  }

  void decide_refund() {
    act_ = "approve a refund";
    const std::size_t at = pick(model_.refunds, [](const auto& one) {
      return one.state == naive::RefundState::requested || one.state == naive::RefundState::failed;
    });
    if (at == none) return;
    const std::uint64_t revision = maybe_stale(model_.refunds[at].revision);
    if (dice_.one_in(5)) {
      act_ = "reject a refund";
      const auto result = admin_->call(refunds::Reject{.id = refund_ids_[at], .revision = revision});
      answers(code_of(result), model_.reject_refund(at, revision));
    } else {
      const auto result = admin_->call(refunds::Approve{.id = refund_ids_[at], .revision = revision});
      answers(code_of(result), model_.approve_refund(at, revision));
    }
    check_payment(model_.refunds[at].payment);
    if (model_.refunds[at].invoice != none) check_invoice(model_.refunds[at].invoice);
  }

  void complete_refund() {
    act_ = "complete a refund";
    const std::size_t at =
        pick(model_.refunds, [](const auto& one) { return one.state == naive::RefundState::approved; });
    if (at == none) return;
    const std::uint64_t revision = maybe_stale(model_.refunds[at].revision);
    const bool failed = dice_.one_in(5);
    const auto result = keyed(refunds::Complete{.id = refund_ids_[at], .revision = revision, .failed = failed});
    answers(code_of(result), model_.complete_refund(at, revision, failed));
  }

  void ask_write_off() {
    act_ = "ask for a write-off";
    const std::size_t at = pick(model_.invoices, [](const auto& one) { return one.balance() > 0; });
    const naive::Invoice& invoice = model_.invoices[at];
    naive::WriteOff write_off{.invoice = at, .party = invoice.asked.patient};
    if (!invoice.asked.shares.empty() && dice_.one_in(2)) write_off.party = dice_.of(invoice.asked.shares).first;
    write_off.amount = part_of(invoice.owed(write_off.party));
    const auto id = new_id<WriteOffId>();
    write_offs::Request request{
        .id = id, .invoice_id = invoice_ids_[at], .amount = write_off.amount, .reason = "They cannot pay it any more"};
    if (!naive::is_patient(write_off.party))
      request.payer_id = payers_.at(static_cast<std::size_t>(-1 - write_off.party));
    const auto result = clerk_->call(std::move(request));
    answers(code_of(result), model_.ask_write_off(write_off));
    if (result.ok()) write_off_ids_.push_back(id);
  }

  void decide_write_off() {
    act_ = "decide about a write-off";
    const std::size_t at =
        pick(model_.write_offs, [](const auto& one) { return one.state == naive::WriteOffState::requested; });
    if (at == none) return;
    const std::uint64_t revision = maybe_stale(model_.write_offs[at].revision);
    const bool agree = !dice_.one_in(4);
    const std::string code =
        agree ? code_of(admin_->call(write_offs::Approve{.id = write_off_ids_[at], .revision = revision}))
              : code_of(admin_->call(write_offs::Reject{.id = write_off_ids_[at], .revision = revision}));
    answers(code, model_.decide_write_off(at, revision, agree));
    check_invoice(model_.write_offs[at].invoice);
  }

  void shift() {
    act_ = "close a shift";
    const std::size_t at = pick(model_.shifts, [](const auto& one) { return one.open; });
    if (at == none || dice_.one_in(2)) {
      const naive::Currency currency = dice_.one_in(4) ? 1 : 0;
      const auto opening = static_cast<Amount>(dice_.below(10'000));
      const auto id = new_id<CashShiftId>();
      const auto result = clerk_->call(cash_shifts::Open{
          .id = id, .facility_id = hospital_.home, .currency = currency_of(currency), .opening = opening});
      act_ = "open a shift";
      answers(code_of(result), model_.open_shift(currency, opening));
      if (result.ok()) shift_ids_.push_back(id);
      return;
    }
    const Amount expected = model_.shifts[at].open ? model_.expected(at) : model_.shifts[at].expected;
    expect_equal(must(clerk_->call(cash_shifts::Get{.id = shift_ids_[at]})).expected, expected,
                 "what a drawer should hold");
    const Amount counted = std::max<Amount>(0, expected + static_cast<Amount>(dice_.below(200)) - 100);
    const std::uint64_t revision = maybe_stale(model_.shifts[at].revision);
    const auto result =
        clerk_->call(cash_shifts::Close{.id = shift_ids_[at], .revision = revision, .counted = counted});
    answers(code_of(result), model_.close_shift(at, revision, counted));
    if (result.ok()) expect_equal(result->variance, model_.shifts[at].variance, "a variance");
  }

  // ---- Checks ---------------------------------------------------------------------------------------------------------

  static void check_content(const invoices::Invoice& found, const naive::Invoice& expected) {
    expect_equal(found.revision, expected.revision, "an invoice's revision");
    expect_equal(found.net, expected.net, "an invoice's net");
    expect_equal(found.tax, expected.tax, "an invoice's tax");
    expect_equal(found.rounding, expected.rounding, "an invoice's rounding");
    expect_equal(found.total, expected.total, "an invoice's total");
    expect_equal(found.patient_share, expected.patient_share(), "a patient's share");
    Amount nets = 0, taxes = 0, bases = 0, parts = found.patient_share;
    for (std::size_t i = 0; i < found.lines.size(); ++i) {
      expect_equal(found.lines[i].net, expected.nets.at(i), "a line's net");
      expect(found.lines[i].net >= 0 && found.lines[i].discount_amount >= 0, "a line below 0");
      nets += found.lines[i].net;
    }
    for (const auto& tax : found.taxes) {
      taxes += tax.amount;
      bases += tax.base;
    }
    for (const auto& share : found.shares) parts += share.amount;
    expect_equal(nets, found.net, "the sum of lines");
    expect_equal(taxes, found.tax, "the sum of taxes");
    expect(bases <= found.net, "taxes on more than there is");
    expect_equal(found.net + found.tax + found.rounding, found.total, "net, tax and rounding together");
    expect_equal(parts, found.total, "the sum of shares");
  }

  void check_invoice(std::size_t at) {
    const auto found = must(clerk_->call(invoices::Get{.id = invoice_ids_[at]}));
    const naive::Invoice& expected = model_.invoices[at];
    expect_equal(static_cast<int>(found.status), static_cast<int>(expected.status), "an invoice's status");
    expect_equal(found.paid, expected.sum(&naive::Standing::paid), "what is paid");
    expect_equal(found.credited, expected.sum(&naive::Standing::credited), "what is credited");
    expect_equal(found.written_off, expected.sum(&naive::Standing::written_off), "what is written off");
    expect_equal(found.balance, expected.balance(), "what is owed");
    expect_equal(found.patient_balance, expected.owed(expected.asked.patient), "what the patient owes");
    const std::string settlement(settlement_words[static_cast<std::size_t>(found.settlement)]);
    expect(settlement == expected.settlement(), "settled " + settlement + " instead of " + expected.settlement());
    if (expected.status == naive::Status::issued || expected.status == naive::Status::voided)
      expect_equal(found.paid + found.credited + found.written_off + found.balance, found.total,
                   "paid, credited, written off and due together");
    expect(found.paid >= 0 && found.credited >= 0 && found.written_off >= 0 && found.balance >= 0 &&
               found.patient_balance >= 0,
           "something of an invoice is below 0");
  }

  void check_payment(std::size_t at) {
    const auto found = must(clerk_->call(payments::Get{.id = payment_ids_[at]}));
    const naive::Payment& expected = model_.payments[at];
    expect_equal(static_cast<int>(found.state), static_cast<int>(expected.state), "a payment's state");
    expect_equal(found.refunded, model_.refunded(at), "what is refunded");
    expect(found.refunded <= found.amount, "more is refunded than was paid");
    const bool counts = expected.state == naive::State::pending || expected.state == naive::State::succeeded;
    expect_equal(found.unallocated, counts ? expected.amount - expected.allocated() : 0, "what goes to no invoice");
    expect_equal(found.allocations.size(), expected.allocations.size(), "how many invoices a payment goes to");
    for (const auto& one : found.allocations) {
      const auto which = std::find(invoice_ids_.begin(), invoice_ids_.end(), one.invoice_id);
      const auto index = static_cast<std::size_t>(which - invoice_ids_.begin());
      expect_equal(one.amount, expected.to(index), "what of a payment goes to an invoice");
      if (is_quick_) check_invoice(index);
    }
  }

  /// The trial balance, and the model's own accounts.
  void check_balances() {
    const auto found = must(admin_->call(ledger::TrialBalance{}));
    expect(found.balanced, "debits and credits differ");
    std::map<std::pair<std::string, naive::Currency>, Amount> accounts;
    std::map<naive::Currency, Amount> sums;
    for (const auto& one : found.accounts) {
      const naive::Currency currency = one.currency.code() == currency_codes[0] ? 0 : 1;
      accounts[{std::string(account_words[static_cast<std::size_t>(one.account)]), currency}] += one.balance;
      sums[currency] += one.debit - one.credit;
      expect(one.debit >= 0 && one.credit >= 0, "a turnover below 0");
    }
    for (const auto& [currency, sum] : sums) expect_equal(sum, Amount{0}, "debits less credits");
    for (const auto& [account, balance] : model_.accounts)
      expect_equal(accounts[account], balance, "the balance of " + account.first);
    for (const auto& [account, balance] : accounts)
      expect_equal(balance, model_.accounts[account], "the balance of " + account.first);
    for (const auto& [party, amount] : model_.deposits) expect(amount >= 0, "a deposit is below 0");
  }

  /// Every invoice's standing made anew of the journal's entries.
  void check_journal() {
    std::map<InvoiceId, naive::Standing> standings;
    ledger::ListEntries list{.limit = page_limit_max};
    outcome_.entries = 0;
    do {
      const auto page = must(admin_->call(list));
      for (const ledger::Entry& entry : page.data) {
        ++outcome_.entries;
        Amount difference = 0;
        for (const ledger::Posting& posting : entry.postings) {
          expect(posting.debit >= 0 && posting.credit >= 0 && (posting.debit == 0) != (posting.credit == 0),
                 "a posting has not one side");
          difference += posting.debit - posting.credit;
          if (!posting.invoice_id || posting.account == ledger::Account::write_offs) continue;
          naive::Standing& standing = standings[*posting.invoice_id];
          const Amount change = posting.credit - posting.debit;
          using K = ledger::EntryKind;
          if (entry.kind == K::invoice)
            standing.charged -= change;
          else if (entry.kind == K::invoice_void || entry.kind == K::credit_note)
            standing.credited += change;
          else if (entry.kind == K::write_off)
            standing.written_off += change;
          else
            standing.paid += change;
        }
        expect_equal(difference, Amount{0}, "the difference of an entry's sides");
      }
      list.cursor = page.page.next.value_or("");
    } while (!list.cursor.empty());
    for (std::size_t i = 0; i < invoice_ids_.size(); ++i) {
      const naive::Standing& standing = standings[invoice_ids_[i]];
      const naive::Invoice& expected = model_.invoices[i];
      expect_equal(standing.paid, expected.sum(&naive::Standing::paid), "what is paid, by the journal");
      expect_equal(standing.credited, expected.sum(&naive::Standing::credited), "what is credited, by the journal");
      expect_equal(standing.written_off, expected.sum(&naive::Standing::written_off),
                   "what is written off, by the journal");
      expect_equal(standing.owed(), expected.balance(), "what is owed, by the journal");
    }
  }

  void check_end() {
    act_ = "the end";
    check_balances();
    for (std::size_t i = 0; i < invoice_ids_.size(); ++i) check_invoice(i);
    const auto verified = must(admin_->call(ledger::Verify{}));
    expect(verified.sound, "ledger.verify finds " + std::to_string(verified.findings.size()) + " errors");
    const auto numbers = must(admin_->call(invoices::VerifySequence{}));
    expect(numbers.gaps.empty(), "invoices.verify_sequence finds " + std::to_string(numbers.gaps.size()) + " gaps");
    expect(must(admin_->call(audit::Verify{})).intact, "the audit log is not intact");
  }

  RunPlan plan_;
  Dice dice_;
  naive::Terms terms_;
  naive::Model model_;
  testing::TestEngine engine_;
  testing::Hospital hospital_;
  bool is_quick_;
  std::vector<PayerId> payers_{};
  std::vector<PatientId> patients_{};
  std::optional<Session> clerk_{};
  std::optional<Session> admin_{};
  std::vector<InvoiceId> invoice_ids_{};
  std::vector<PaymentId> payment_ids_{};
  std::vector<RefundId> refund_ids_{};
  std::vector<WriteOffId> write_off_ids_{};
  std::vector<CashShiftId> shift_ids_{};
  std::int64_t day_us_ = 0;
  int day_ = 0;
  std::uint64_t keys_ = 0;
  std::string act_ = "begin";
  Outcome outcome_{};
};

}  // namespace

Outcome run_of(const RunPlan& plan) { return Run(plan).outcome(); }

}  // namespace medflow::campaign
