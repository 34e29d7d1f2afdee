#include "adapters/cli/demo_billing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "medflow/operations.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/streams.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// A hospital whose clock stands at 2026-11-22, with the books of the demonstration.
struct Demo {
  explicit Demo(std::size_t count) {
    patients = hospital.add_patients(count);
    consultation = cli::price_list(hospital.as(Role::tenant_admin));
    fill();
  }
  void fill() { cli::fill_the_books(hospital.as(Role::tenant_admin), clerk(), patients, today); }
  Session clerk() { return hospital.as(Role::billing_clerk); }
  std::vector<invoices::Invoice> all() { return must(clerk().call(invoices::List{.limit = page_limit_max})).data; }

  static constexpr Date today{2026, 11, 22};
  Hospital hospital = make_platform(TestEngine("memory"));
  std::vector<patients::Patient> patients{};
  PriceItemId consultation{};
};

}  // namespace

TEST_CASE(
    "CLI-2: the billing clerk of the demo sees invoices in every state, accounts, what is owed by its age, and "
    "revenue") {
  Demo demo(12);
  const auto all = demo.all();
  CHECK(all.size() == 13);
  std::set<invoices::Settlement> settled;
  std::int64_t overdue = 0;
  std::int64_t drafts = 0;
  std::int64_t owed = 0;
  for (const auto& one : all) {
    settled.insert(one.settlement);
    overdue += one.overdue ? 1 : 0;
    drafts += one.status == invoices::InvoiceStatus::draft ? 1 : 0;
    owed += one.status == invoices::InvoiceStatus::issued ? one.balance : 0;
  }
  CHECK(settled == std::set{invoices::Settlement::none, invoices::Settlement::unpaid,
                            invoices::Settlement::partially_paid, invoices::Settlement::paid});
  CHECK(overdue == 5);
  CHECK(drafts == 1);

  const Session clerk = demo.clerk();
  const auto aging = must(clerk.call(reports::Aging{}));
  reports::AgingRow sums;
  for (const auto& row : aging.rows) {
    sums.not_due += row.not_due;
    sums.days_1_30 += row.days_1_30;
    sums.days_31_60 += row.days_31_60;
    sums.days_61_90 += row.days_61_90;
    sums.days_over_90 += row.days_over_90;
    sums.total += row.total;
  }
  for (const std::int64_t bucket : {sums.not_due, sums.days_1_30, sums.days_31_60, sums.days_61_90, sums.days_over_90})
    CHECK(bucket > 0);
  CHECK(sums.total == owed);
  CHECK(aging.rows.front().payer_id.has_value());

  const auto months =
      must(clerk.call(reports::Revenue{.by = reports::RevenueBy::month, .from = {2026, 1, 1}, .to = Demo::today}));
  CHECK(months.rows.size() >= 4);
  const auto account = must(clerk.call(reports::Statement{.patient_id = demo.patients[1].id}));
  CHECK(account.rows.size() == 4);
  CHECK(account.balances.front().minor == 0);
  CHECK(must(clerk.call(ledger::TrialBalance{})).balanced);
  CHECK(must(clerk.call(ledger::Verify{})).sound);

  const auto payments = must(clerk.call(payments::List{.limit = page_limit_max})).data;
  CHECK(payments.size() == 9);
  CHECK(std::ranges::count_if(payments, [](const auto& one) { return one.unallocated > 0; }) == 1);
  CHECK(read_all(must(clerk.call(payments::Print{.id = payments.front().id}))).find(payments.front().number) !=
        std::string::npos);
  CHECK(read_all(must(clerk.call(invoices::Print{.id = all[1].id}))).find(*all[1].number) != std::string::npos);
}

TEST_CASE("CLI-2: a demo that is filled again stays as it is, and few patients are enough") {
  Demo demo(1);
  CHECK(demo.all().size() == 13);
  demo.fill();
  CHECK(demo.all().size() == 13);
  CHECK(cli::price_list(demo.hospital.as(Role::tenant_admin)) == demo.consultation);
  CHECK(must(demo.clerk().call(ledger::TrialBalance{})).balanced);
}
