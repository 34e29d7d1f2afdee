#include <map>
#include <set>

#include "doctors/entities.hpp"
#include "facilities/entities.hpp"
#include "kernel/handler.hpp"
#include "ledger/balances.hpp"
#include "ledger/lines.hpp"
#include "money/amounts.hpp"
#include "prices/entities.hpp"

namespace medflow::inline v1::reports {

using kernel::Rows;
using kernel::Work;
using storage::Cell;
using storage::RowView;

namespace {

constexpr std::int32_t days_max = 3'660;
constexpr std::size_t names_at_once = 500;

std::string key_of(RowView row, RevenueBy by) {
  const auto id = [&](ledger::PostingColumn column) {
    return row[column].is_null() ? std::string() : ledger::uuid_in(row[column]).text();
  };
  switch (by) {
    case RevenueBy::day:
      return std::string(row[ledger::posting_day].data);
    case RevenueBy::month:
      return std::string(row[ledger::posting_day].data.substr(0, 7));
    case RevenueBy::practitioner:
      return id(ledger::posting_practitioner);
    case RevenueBy::item:
      return id(ledger::posting_item);
    case RevenueBy::facility:
      return id(ledger::posting_facility);
  }
  return {};
}

using Groups = std::map<std::pair<std::string, Currency>, RevenueRow>;

void add(Work& work, const Revenue& request, ledger::Account account, Groups& groups) {
  const Cell equal[] = {Cell::text(word_of(account))};
  const std::string from = request.from.text();
  const std::string to = ledger::end_of(request.to);
  const storage::Scan scan{
      .table = &ledger::postings_table, .equal = equal, .from = Cell::text(from), .to = Cell::text(to)};
  work.transaction().scan(scan, [&](RowView row) {
    const auto currency = Currency::parse(row[ledger::posting_currency].data);
    if (!currency) throw Failure(codes::integrity);
    RevenueRow& group = groups[{key_of(row, request.by), *currency}];
    const std::int64_t debit = row[ledger::posting_debit].integer;
    const std::int64_t credit = row[ledger::posting_credit].integer;
    if (account == ledger::Account::revenue)
      group.gross = money::sum(group.gross, credit - debit);
    else
      group.discounts = money::sum(group.discounts, debit - credit);
    return true;
  });
}

template <class T>
std::map<std::string, std::string> names_of(Work& work, const std::set<std::string>& keys) {
  std::map<std::string, std::string> names;
  std::vector<decltype(T::id)> ids;
  const auto fetch = [&] {
    for (const T& one : Rows<T>(work).get_many_unchecked(ids, 0)) names[one.id.uuid.text()] = one.name;
    ids.clear();
  };
  for (const std::string& key : keys) {
    const auto id = Uuid::parse(key);
    if (id) ids.push_back(decltype(T::id){*id});
    if (ids.size() == names_at_once) fetch();
  }
  fetch();
  return names;
}

std::map<std::string, std::string> names_of(Work& work, RevenueBy by, const Groups& groups) {
  std::set<std::string> keys;
  for (const auto& group : groups) keys.insert(group.first.first);
  switch (by) {
    case RevenueBy::practitioner:
      return names_of<doctors::Doctor>(work, keys);
    case RevenueBy::item:
      return names_of<prices::Item>(work, keys);
    case RevenueBy::facility:
      return names_of<facilities::Facility>(work, keys);
    case RevenueBy::day:
    case RevenueBy::month:
      break;
  }
  return {};
}

}  // namespace

RevenueReport revenue_of(Work& work, const Revenue& request) {
  ledger::require_order(request.from, request.to);
  if (request.to.days() - request.from.days() >= days_max)
    throw Failure(codes::invalid, "/to", "range.too_long", "3,660 days at most at once");
  Groups groups;
  add(work, request, ledger::Account::revenue, groups);
  add(work, request, ledger::Account::discounts, groups);
  const auto names = names_of(work, request.by, groups);
  RevenueReport report;
  for (auto& [key, row] : groups) {
    row.key = key.first;
    row.currency = key.second;
    row.net = row.gross - row.discounts;
    const auto name = names.find(row.key);
    if (name != names.end()) row.name = name->second;
    report.rows.push_back(std::move(row));
  }
  work.event().count = static_cast<std::uint32_t>(report.rows.size());
  return report;
}

RevenueReport handle(Work& work, const Revenue& request) { return revenue_of(work, request); }

}  // namespace medflow::inline v1::reports

MEDFLOW_HANDLE(medflow::reports::Revenue);
