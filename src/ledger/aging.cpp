#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "invoices/entities.hpp"
#include "kernel/handler.hpp"
#include "ledger/balances.hpp"
#include "ledger/lines.hpp"
#include "ledger/posting.hpp"
#include "money/amounts.hpp"

namespace medflow::inline v1::reports {

using kernel::Rows;
using kernel::Work;
using storage::Cell;
using storage::RowView;

namespace {

constexpr std::size_t rows_max = 10'000;
constexpr std::size_t invoices_at_once = 500;

/// What one party owed of one invoice.
struct Owed {
  Uuid party{};
  Currency currency{};
  Uuid invoice{};
  std::int64_t amount = 0;
};

/// By party, currency and invoice. Settled ones are forgotten as the days go by, so that what stays is what was open at once.
std::vector<Owed> owed_on(Work& work, ledger::Account account, Date as_of) {
  std::unordered_map<std::string, std::int64_t> open;
  const bool payers = account == ledger::Account::receivable_payer;
  const Cell equal[] = {Cell::text(word_of(account))};
  const std::string to = ledger::end_of(as_of);
  std::string key;
  work.transaction().scan({.table = &ledger::postings_table, .equal = equal, .to = Cell::text(to)}, [&](RowView row) {
    key.assign(ledger::uuid_in(row[payers ? ledger::posting_payer : ledger::posting_patient]).view())
        .append(ledger::uuid_in(row[ledger::posting_invoice]).view())
        .append(row[ledger::posting_currency].data);
    const auto place = open.try_emplace(key, 0).first;
    place->second = money::sum(place->second, row[ledger::posting_debit].integer - row[ledger::posting_credit].integer);
    if (place->second == 0) open.erase(place);
    return true;
  });
  std::vector<Owed> owed;
  owed.reserve(open.size());
  for (const auto& [packed, amount] : open) {
    const std::string_view view = packed;
    const auto currency = Currency::parse(view.substr(32));
    if (!currency) throw Failure(codes::integrity);
    owed.push_back({.party = ledger::uuid_in(Cell::bytes(view.substr(0, 16))),
                    .currency = *currency,
                    .invoice = ledger::uuid_in(Cell::bytes(view.substr(16, 16))),
                    .amount = amount});
  }
  std::sort(owed.begin(), owed.end(), [](const Owed& a, const Owed& b) {
    return std::tie(a.party, a.currency, a.invoice) < std::tie(b.party, b.currency, b.invoice);
  });
  return owed;
}

/// How many days invoices are overdue on a day; 0 of those that are not.
std::unordered_map<std::string, std::int32_t> days_overdue(Work& work, const std::vector<Owed>& owed, Date as_of) {
  std::unordered_map<std::string, std::int32_t> days;
  std::vector<InvoiceId> ids;
  const auto fetch = [&] {
    for (const invoices::Invoice& one : Rows<invoices::Invoice>(work).get_many_unchecked(ids, 0))
      days[std::string(one.id.uuid.view())] = one.due_date ? std::max(0, as_of.days() - one.due_date->days()) : 0;
    ids.clear();
  };
  for (const Owed& one : owed) {
    if (!days.try_emplace(std::string(one.invoice.view()), 0).second) continue;
    ids.push_back({one.invoice});
    if (ids.size() == invoices_at_once) fetch();
  }
  fetch();
  return days;
}

std::int64_t& bucket(AgingRow& row, std::int32_t days) {
  if (days <= 0) return row.not_due;
  if (days <= 30) return row.days_1_30;
  if (days <= 60) return row.days_31_60;
  return days <= 90 ? row.days_61_90 : row.days_over_90;
}

void add(Work& work, ledger::Account account, AgingReport& report) {
  std::vector<Owed> owed = owed_on(work, account, report.as_of);
  const auto same = [](const Owed& a, const Owed& b) { return a.party == b.party && a.currency == b.currency; };
  // Parties beyond the most that is shown are counted only.
  std::size_t shown = 0;
  std::size_t parties = report.rows.size();
  for (std::size_t i = 0; i < owed.size(); ++i) {
    if (i == 0 || !same(owed[i - 1], owed[i])) ++parties;
    if (parties <= rows_max) shown = i + 1;
  }
  if (parties > rows_max)
    report.left_out += static_cast<std::int64_t>(parties - std::max(rows_max, report.rows.size()));
  owed.resize(shown);
  const auto overdue = days_overdue(work, owed, report.as_of);
  for (std::size_t i = 0; i < owed.size(); ++i) {
    const Owed& one = owed[i];
    if (i == 0 || !same(owed[i - 1], one)) {
      AgingRow& row = report.rows.emplace_back(AgingRow{.currency = one.currency});
      if (account == ledger::Account::receivable_payer)
        row.payer_id = PayerId{one.party};
      else
        row.patient_id = PatientId{one.party};
    }
    AgingRow& row = report.rows.back();
    std::int64_t& part = bucket(row, overdue.at(std::string(one.invoice.view())));
    part = money::sum(part, one.amount);
    row.total = money::sum(row.total, one.amount);
  }
}

}  // namespace

AgingReport aging_of(Work& work, const Aging& request) {
  AgingReport report{.as_of = request.as_of ? *request.as_of : ledger::business_day(work)};
  add(work, ledger::Account::receivable_payer, report);
  add(work, ledger::Account::receivable_patient, report);
  for (const AgingRow& row : report.rows)
    if (row.patient_id) work.concerns(*row.patient_id);
  work.event().count = static_cast<std::uint32_t>(report.rows.size());
  return report;
}

AgingReport handle(Work& work, const Aging& request) { return aging_of(work, request); }

}  // namespace medflow::inline v1::reports

MEDFLOW_HANDLE(medflow::reports::Aging);
