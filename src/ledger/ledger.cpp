#include <map>

#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "ledger/balances.hpp"
#include "ledger/lines.hpp"
#include "money/amounts.hpp"

namespace medflow::inline v1::ledger {

using kernel::Work;
using storage::Cell;
using storage::RowView;

namespace {

constexpr std::size_t looked_at_max = 10'000;  ///< for one page; then it is short and has a cursor

/// Debits and credits of a currency.
struct Sums {
  std::int64_t debit = 0;
  std::int64_t credit = 0;
};

}  // namespace

Balances balances_of(Work& work, const TrialBalance& request) {
  require_order(request.from, request.to);
  const std::string from = request.from ? request.from->text() : std::string();
  const std::string to = request.to ? request.to->text() : std::string();
  std::map<std::pair<Account, Currency>, AccountBalance> accounts;
  AccountBalance* last = nullptr;  // rows of one account and currency lie together
  work.scan_sums(balances_table, [&](RowView row) {
    const std::string_view day = row[balance_day].data;
    if (day < from || (!to.empty() && day > to)) return true;
    if (last == nullptr || word_of(last->account) != row[balance_account].data ||
        last->currency.code() != row[balance_currency].data) {
      const auto account = from_word<Account>(row[balance_account].data);
      const auto currency = Currency::parse(row[balance_currency].data);
      if (!account || !currency) throw Failure(codes::integrity);
      last = &accounts[{*account, *currency}];
      last->account = *account;
      last->currency = *currency;
    }
    last->debit = money::sum(last->debit, row[balance_debit].integer);
    last->credit = money::sum(last->credit, row[balance_credit].integer);
    return true;
  });
  Balances found;
  std::map<Currency, Sums> all;
  for (auto& [key, one] : accounts) {
    one.balance = one.debit - one.credit;
    Sums& sums = all[one.currency];
    sums.debit = money::sum(sums.debit, one.debit);
    sums.credit = money::sum(sums.credit, one.credit);
    found.accounts.push_back(one);
  }
  for (const auto& [currency, sums] : all) found.balanced = found.balanced && sums.debit == sums.credit;
  return found;
}

Page<Entry> handle(Work& work, const ListEntries& request) {
  const std::string query = (request.ref_id ? request.ref_id->text() : std::string()) + ' ' +
                            (request.kind ? std::string(word_of(*request.kind)) : std::string());
  storage::Scan scan;
  std::optional<Cell> equal;
  if (request.ref_id) {
    equal = Cell::bytes(request.ref_id->view());
    scan = {.index = "journal_entries_ref", .equal = std::span(&*equal, 1)};
  }
  return kernel::page_by_id<Entry>(work, request.limit, request.cursor, query,
                                   [&](const Entry& entry) { return !request.kind || entry.kind == *request.kind; },
                                   {.backwards = true, .looked_at_max = looked_at_max, .scan = scan});
}

Balances handle(Work& work, const TrialBalance& request) { return balances_of(work, request); }

}  // namespace medflow::inline v1::ledger

MEDFLOW_HANDLE(medflow::ledger::ListEntries);
MEDFLOW_HANDLE(medflow::ledger::TrialBalance);
