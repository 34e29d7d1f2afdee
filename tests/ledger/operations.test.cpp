// The journal as invoices and payments write it.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "ledger/words.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/streams.hpp"
#include "tests/support/till.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// Whatever staff may do with money, in no order; what is refused is refused.
class Doings {
 public:
  Doings(Till& till, std::uint64_t seed) : till_(till), dice_(seed) {}

  void step() {
    till_.hospital.clock->advance_s(60);
    const Session clerk = till_.clerk();
    switch (invoices_.empty() ? 0 : dice_.below(9)) {
      case 0:
      case 1:
        return issue();
      case 2:
        return pay();
      case 3: {
        const auto paid = keyed(clerk, till_.paying(amount()));
        if (paid.ok()) payments_.push_back(paid->id);
        return count(paid);
      }
      case 4:
        return count(keyed(clerk, credit_notes::Issue{.invoice_id = some(), .reason = "a mistake was made"}));
      case 5: {
        const InvoiceId id = some();
        return count(
            clerk.call(invoices::Void{.id = id, .revision = till_.again(id).revision, .reason = "a mistake was made"}));
      }
      case 6:
        return write_off();
      case 7:
        return refund();
      default:
        return allocate();
    }
  }
  std::size_t done() const { return done_; }
  const std::vector<InvoiceId>& invoices() const { return invoices_; }

 private:
  template <class T>
  void count(const Result<T>& result) {
    if (result.ok()) ++done_;
  }
  std::int64_t amount() { return static_cast<std::int64_t>(1 + dice_.below(20'000)); }
  InvoiceId some() { return dice_.of(invoices_); }

  void issue() {
    auto line = Till::line(dice_.one_in(2) ? till_.visit : till_.pill, static_cast<std::int64_t>(1 + dice_.below(4)));
    if (dice_.one_in(3)) line.discount = Discount{.kind = DiscountKind::fixed, .value = 30, .reason = "kindness"};
    line.practitioner_id = till_.doctor.id;
    invoices::Create request;
    if (dice_.one_in(3)) request.shares = {{.payer_id = till_.payer.id, .amount = 100}};
    const auto issued = till_.issue(till_.draft({line, Till::line(till_.visit)}, request));
    invoices_.push_back(issued.id);
    ++done_;
  }
  void pay() {
    const InvoiceId id = some();
    const std::int64_t owed = till_.again(id).patient_balance;
    if (owed == 0) return;
    const auto part = static_cast<std::int64_t>(1 + dice_.below(static_cast<std::size_t>(owed)));
    const auto paid = keyed(till_.clerk(), till_.paying(part, {{.invoice_id = id, .amount = part}}));
    if (paid.ok()) payments_.push_back(paid->id);
    count(paid);
  }
  void write_off() {
    const InvoiceId id = some();
    const std::int64_t owed = till_.again(id).patient_balance;
    if (owed == 0) return;
    const auto asked = till_.clerk().call(
        write_offs::Request{.invoice_id = id, .amount = dice_.one_in(2) ? owed : 1, .reason = "not worth a letter"});
    if (!asked.ok()) return;
    count(till_.admin().call(write_offs::Approve{.id = asked->id, .revision = asked->revision}));
  }
  void refund() {
    if (payments_.empty()) return;
    const auto asked = keyed(till_.clerk(), refunds::Request{.payment_id = dice_.of(payments_),
                                                             .amount = static_cast<std::int64_t>(1 + dice_.below(500)),
                                                             .reason = "paid too much"});
    if (!asked.ok()) return;
    const auto approved = till_.admin().call(refunds::Approve{.id = asked->id, .revision = asked->revision});
    count(approved);
    if (approved.ok() && dice_.one_in(2))
      count(keyed(till_.clerk(), refunds::Complete{.id = asked->id, .revision = approved->revision}));
  }
  void allocate() {
    if (payments_.empty()) return;
    const auto payment = must(till_.clerk().call(payments::Get{.id = dice_.of(payments_)}));
    const InvoiceId id = some();
    const std::int64_t most = std::min(payment.amount, till_.again(id).patient_balance);
    std::vector<payments::Allocation> allocations;
    if (most > 0) allocations.push_back({.invoice_id = id, .amount = most});
    count(till_.clerk().call(
        payments::Allocate{.id = payment.id, .revision = payment.revision, .allocations = allocations}));
  }

  Till& till_;
  Dice dice_;
  std::vector<InvoiceId> invoices_{};
  std::vector<PaymentId> payments_{};
  std::size_t done_ = 0;
};

using Sums = std::map<std::pair<ledger::Account, Currency>, std::pair<std::int64_t, std::int64_t>>;

std::vector<ledger::Entry> entries_of(Till& till) {
  std::vector<ledger::Entry> all;
  ledger::ListEntries request{.limit = 200};
  do {
    auto page = must(till.clerk().call(request));
    for (ledger::Entry& entry : page.data) all.push_back(std::move(entry));
    request.cursor = page.page.next.value_or("");
  } while (!request.cursor.empty());
  return all;
}

/// Each entry balances, and the trial balance is their sum.
void check_trial_balance(Till& till) {
  Sums expected;
  std::set<ledger::EntryKind> kinds;
  for (const ledger::Entry& entry : entries_of(till)) {
    kinds.insert(entry.kind);
    std::int64_t left = 0;
    for (const ledger::Posting& posting : entry.postings) {
      left += posting.debit - posting.credit;
      auto& sums = expected[{posting.account, entry.currency}];
      sums.first += posting.debit;
      sums.second += posting.credit;
    }
    CHECK(left == 0);
  }
  CHECK(kinds.size() >= 7);
  Sums sums;
  const auto balances = must(till.clerk().call(ledger::TrialBalance{}));
  CHECK(balances.balanced);
  for (const auto& one : balances.accounts) sums[{one.account, one.currency}] = {one.debit, one.credit};
  CHECK(sums == expected);
}

/// What reports say of the patient is what the invoices say.
void check_reports(Till& till, const std::vector<InvoiceId>& invoices) {
  std::int64_t owed = 0;
  for (const InvoiceId& id : invoices) {
    const auto invoice = till.again(id);
    CHECK(invoice.balance >= 0);
    if (invoice.status == invoices::InvoiceStatus::issued)
      CHECK(invoice.paid + invoice.credited + invoice.written_off + invoice.balance == invoice.total);
    owed += invoice.patient_balance;
  }
  const auto statement = must(till.clerk().call(reports::Statement{.patient_id = till.patient.id}));
  const std::int64_t deposit = statement.deposits.empty() ? 0 : statement.deposits[0].minor;
  std::int64_t agreed = 0;  // to go back, and not paid out
  for (const auto& one : must(till.clerk().call(ledger::TrialBalance{})).accounts)
    if (one.account == ledger::Account::refunds) agreed -= one.balance;
  REQUIRE(statement.balances.size() == 1);
  CHECK(statement.balances[0].minor == owed - deposit - agreed);
  CHECK(statement.rows.back().balance == owed - deposit - agreed);
  for (const auto& row : statement.rows) CHECK_MESSAGE(!row.number.empty(), static_cast<int>(row.kind));
  std::int64_t aged = 0;
  const auto aging = must(till.clerk().call(reports::Aging{}));
  for (const auto& row : aging.rows)
    if (row.patient_id == till.patient.id) aged += row.total;
  CHECK(aged == owed);
}

void check_doings(std::string_view name, std::uint64_t seed, int steps) {
  CAPTURE(name);
  CAPTURE(seed);
  Till till{TestEngine(name)};
  Doings doings(till, seed);
  for (int i = 0; i < steps; ++i) doings.step();
  CHECK(doings.done() > static_cast<std::size_t>(steps) / 3);
  check_trial_balance(till);
  check_reports(till, doings.invoices());
  const auto report = must(till.clerk().call(ledger::Verify{}));
  CHECK(report.sound);
  CHECK(report.entries > 0);
}

}  // namespace

TEST_CASE("BIL-9: whatever is done with money, each entry balances and the trial balance is their sum") {
  check_doings("memory", 1, 400);
  for (const auto name : durable_engine_names) check_doings(name, 2, 120);
}

TEST_CASE("BIL-7: a statement is for who reaches the patient by the patient's account") {
  Till till{TestEngine("memory")};
  till.issued(2);
  till.pay(4'000);
  const auto read = [&](const Session& session, const PatientId& id) {
    return code_of(session.call(reports::Statement{.patient_id = id}));
  };
  CHECK(read(till.clerk(), till.patient.id) == "ok");
  CHECK(read(till.desk(), till.patient.id) == "ok");
  CHECK(must(till.desk().call(reports::Statement{.patient_id = till.patient.id})).balances.at(0).minor == 6'000);
  // A doctor and a pharmacist have to do with single invoices only.
  CHECK(read(till.hospital.as(Role::doctor), till.patient.id) == "not_found");
  CHECK(read(till.hospital.as(Role::pharmacist), till.patient.id) == "not_found");
  CHECK(read(till.hospital.as(Role::nurse), till.patient.id) == "forbidden");
  CHECK(read(till.clerk(), PatientId{{{9}}}) == "not_found");
  CHECK(code_of(till.desk().call(reports::Aging{})) == "forbidden");
  CHECK(code_of(till.desk().call(ledger::Verify{})) == "forbidden");
}
