#include "tests/campaigns/numbers/oracle.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "invoices/entities.hpp"
#include "medflow/testing/hospital.hpp"

namespace medflow::campaign {
namespace {

using invoices::Invoice;
using invoices::InvoiceStatus;
using testing::must;

std::string place_of(const std::string& series, std::uint64_t number) {
  return series + ", number " + std::to_string(number) + ": ";
}

}  // namespace

struct Oracle::Stored {
  std::vector<Invoice> rows{};
  std::vector<invoices::Series> series{};
  bool there = false;
};

Oracle::Stored Oracle::read() const {
  Stored stored;
  bool readable = true;
  const auto take = [&readable]<class T>(storage::Transaction& transaction, std::vector<T>& all) {
    const storage::Layout& layout = storage::layout_of<T>();
    all.clear();
    transaction.scan({.table = &layout.table()}, [&](storage::RowView row) {
      readable = layout.read_plain(row, &all.emplace_back()) && readable;
      return true;
    });
  };
  stored.there = peephole_.read([&](storage::Transaction& transaction) {
    take(transaction, stored.rows);
    take(transaction, stored.series);
  });
  shared_.expect(readable, "a row that cannot be read");
  return stored;
}

/// 1 to n in each series, n its last; the day never goes back; only what is issued has a number.
void Oracle::check_numbers(const Stored& stored) const {
  std::map<std::string, std::map<std::uint64_t, const Invoice*>> numbered;
  for (const Invoice& one : stored.rows) {
    if (one.status != InvoiceStatus::issued) {
      shared_.expect(one.sequence == 0 && !one.number, "an invoice that is not issued has a number");
      continue;
    }
    const bool first = numbered[one.series].emplace(one.sequence, &one).second;
    shared_.expect(first, place_of(one.series, one.sequence) + "given twice");
  }
  for (const invoices::Series& series : stored.series) {
    const auto& numbers = numbered[series.name];
    std::uint64_t expected = 1;
    const Invoice* before = nullptr;
    for (const auto& [number, invoice] : numbers) {
      for (; expected < number; ++expected) shared_.find(place_of(series.name, expected) + "missing");
      if (before != nullptr)
        shared_.expect(before->issue_date <= invoice->issue_date,
                       place_of(series.name, number) + "of an earlier day than the number before");
      before = invoice;
      ++expected;
    }
    shared_.expect(series.last + 1 == expected, series.name + " ends with " + std::to_string(expected - 1) +
                                                    " and says " + std::to_string(series.last));
  }
  shared_.expect(numbered.size() == stored.series.size(), "numbers of a series that is not there");
}

/// What was acknowledged is stored as it was, and nothing else is issued.
void Oracle::check_known(const Stored& stored) const {
  std::map<Uuid, const Final*> known;
  for (std::uint64_t i = 0; i < shared_.finals_count; ++i) {
    const Final& final = shared_.finals()[i];
    if (final.whole) known[final.id] = &final;
  }
  std::size_t there = 0;
  for (const Invoice& one : stored.rows) {
    const auto found = known.find(one.id.uuid);
    if (found == known.end()) {
      shared_.expect(one.status != InvoiceStatus::issued, "an invoice is issued that nobody was told of");
      continue;
    }
    ++there;
    const Final& final = *found->second;
    shared_.expect((one.status == InvoiceStatus::issued) == (final.sequence != 0) && one.sequence == final.sequence,
                   "an invoice has not the number that was acknowledged: " + std::to_string(one.sequence) +
                       " instead of " + std::to_string(final.sequence));
    shared_.expect(final.sequence == 0 || one.total == final.amount, "an invoice has another total");
  }
  shared_.expect(there == known.size(), "invoices that were acknowledged are gone");
}

/// What was answered before another was asked for has the lower number.
void Oracle::check_order() const {
  std::map<std::pair<std::uint64_t, std::uint64_t>, const Final*> by_number;
  for (std::uint64_t i = 0; i < shared_.finals_count; ++i) {
    const Final& final = shared_.finals()[i];
    if (!final.whole || final.sequence == 0) continue;
    const auto [place, fresh] = by_number.emplace(std::pair(final.place, final.sequence), &final);
    shared_.expect(fresh || place->second->id == final.id, "a number was acknowledged twice");
    if (!fresh && final.ended < place->second->ended) place->second = &final;
  }
  std::uint64_t place = places, latest = 0;
  for (const auto& [number, final] : by_number) {
    if (number.first != place) latest = 0;
    place = number.first;
    shared_.expect(final->ended > latest,
                   "number " + std::to_string(number.second) + " was answered before a lower one was asked for");
    latest = std::max(latest, final->begun);
  }
}

void Oracle::check_books(const Session& admin) const {
  const auto report = must(admin.call(invoices::VerifySequence{}));
  shared_.expect(report.gaps.empty(), "invoices.verify_sequence finds " + std::to_string(report.gaps.size()) + " gaps");
  std::set<Uuid> seen;
  std::int64_t sum = 0;
  for (std::uint64_t i = 0; i < shared_.finals_count; ++i) {
    const Final& final = shared_.finals()[i];
    if (final.whole && final.sequence != 0 && seen.insert(final.id).second) sum += final.amount;
  }
  shared_.expect(report.numbers == seen.size(), "invoices.verify_sequence counts " + std::to_string(report.numbers) +
                                                    " numbers of " + std::to_string(seen.size()));
  const auto balances = must(admin.call(ledger::TrialBalance{}));
  shared_.expect(balances.balanced, "debits and credits differ");
  for (const auto& one : balances.accounts)
    if (one.account == ledger::Account::revenue)
      shared_.expect(one.balance == -sum,
                     "the revenue is " + std::to_string(-one.balance) + " instead of " + std::to_string(sum));
  shared_.expect(must(admin.call(ledger::Verify{})).sound, "the ledger is not sound");
  shared_.expect(must(admin.call(audit::Verify{})).intact, "the audit log is not intact");
}

void Oracle::glance() {
  const Stored stored = read();
  if (!stored.there) return;
  check_numbers(stored);
  ++shared_.counters.snapshots;
}

void Oracle::check_all(const Session& admin) {
  const Stored stored = read();
  if (!stored.there) throw std::runtime_error("the hospital is not open");
  check_numbers(stored);
  check_known(stored);
  check_order();
  check_books(admin);
}

}  // namespace medflow::campaign
