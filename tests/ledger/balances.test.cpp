#include "ledger/balances.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <thread>
#include <tuple>

#include "tests/ledger/book.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

using Sums = std::map<std::pair<Account, Currency>, std::pair<std::int64_t, std::int64_t>>;

/// What the trial balance should say, from the entries alone.
Sums sums_of(const std::vector<Entry>& entries, std::optional<Date> from, std::optional<Date> to) {
  Sums sums;
  for (const Entry& entry : entries) {
    if ((from && entry.day < *from) || (to && entry.day > *to)) continue;
    for (const Posting& posting : entry.postings) {
      auto& [debits, credits] = sums[{posting.account, entry.currency}];
      debits += posting.debit;
      credits += posting.credit;
    }
  }
  return sums;
}

Sums sums_of(const ledger::Balances& balances) {
  Sums sums;
  std::pair<Account, Currency> last{};
  for (const auto& one : balances.accounts) {
    const std::pair key{one.account, one.currency};
    CHECK((sums.empty() || last < key));
    last = key;
    CHECK(one.balance == one.debit - one.credit);
    sums[key] = {one.debit, one.credit};
  }
  return sums;
}

std::vector<Entry> all_entries(const Book& book, std::optional<Uuid> ref = {}, std::optional<EntryKind> kind = {}) {
  std::vector<Entry> all;
  ledger::ListEntries request{.ref_id = ref, .kind = kind, .limit = 60};
  do {
    auto page = must(book.session().call(request));
    for (Entry& entry : page.data) all.push_back(std::move(entry));
    request.cursor = page.page.next.value_or("");
  } while (!request.cursor.empty());
  return all;
}

/// Makes entries, some in each transaction; some transactions fail at their end.
std::vector<Entry> make_entries(const Book& book, Dice& dice, std::size_t count) {
  std::vector<Entry> posted;
  while (posted.size() < count) {
    std::vector<Entry> these;
    for (std::size_t i = 1 + dice.below(12); i > 0; --i) these.push_back(random_entry(book, dice));
    const bool fails = dice.one_in(5);
    try {
      book.write([&](kernel::Work& work) {
        for (Entry& entry : these) ledger::post(work, entry);
        if (fails) throw Failure(codes::invalid);
      });
      for (Entry& entry : these)
        if (entry.id != JournalEntryId{}) posted.push_back(std::move(entry));
    } catch (const Failure&) {
      REQUIRE(fails);
    }
  }
  return posted;
}

// NOLINTNEXTLINE(readability-function-size): each check is dozens of statements
void check_random(std::string_view name, std::uint64_t seed, std::size_t count) {
  CAPTURE(name);
  CAPTURE(seed);
  const Book book{TestEngine(name)};
  Dice dice(seed);
  const std::vector<Entry> posted = make_entries(book, dice, count);
  std::size_t postings = 0;
  for (const Entry& entry : posted) postings += entry.postings.size();

  const auto balances = book.trial();
  CHECK(balances.balanced);
  CHECK(sums_of(balances) == sums_of(posted, {}, {}));
  for (int i = 0; i < 10; ++i) {
    const auto some_day = [&] {
      return Date::from_days(day("2026-10-19").days() + static_cast<std::int32_t>(dice.below(44)));
    };
    std::optional<Date> from, to;
    if (dice.below(4) != 0) from = some_day();
    if (dice.below(4) != 0) to = some_day();
    if (from && to && *to < *from) std::swap(from, to);
    CHECK(sums_of(book.trial(from, to)) == sums_of(posted, from, to));
  }

  const auto report = book.verify();
  CHECK(report.sound);
  CHECK(report.entries == posted.size());
  CHECK(report.postings == postings);

  const auto listed = all_entries(book);
  REQUIRE(listed.size() == posted.size());
  for (std::size_t i = 0; i < listed.size(); ++i) {
    std::int64_t left = 0;
    for (const Posting& posting : listed[i].postings) left += posting.debit - posting.credit;
    CHECK(left == 0);
    CHECK((i == 0 || listed[i].id < listed[i - 1].id));
  }
  const Uuid ref = posted.back().ref_id;
  const auto counted = [&](std::optional<Uuid> about, std::optional<EntryKind> kind) {
    std::size_t found = 0;
    for (const Entry& entry : posted)
      if ((!about || entry.ref_id == *about) && (!kind || entry.kind == *kind)) ++found;
    return found;
  };
  CHECK(all_entries(book, ref).size() == counted(ref, {}));
  CHECK(all_entries(book, {}, EntryKind::payment).size() == counted({}, EntryKind::payment));
  CHECK(all_entries(book, ref, EntryKind::payment).size() == counted(ref, EntryKind::payment));
}

}  // namespace

TEST_CASE("BIL-9: after random entries, some of them undone, the trial balance is the sum of what stayed") {
  check_random("memory", 1, 1'000);
  for (const auto name : durable_engine_names) check_random(name, 2, 150);
}

TEST_CASE("BIL-9: a trial balance whose days are the wrong way round is refused") {
  const Book book{TestEngine("memory")};
  const auto answer = book.session().call(ledger::TrialBalance{.from = day("2026-11-22"), .to = day("2026-11-21")});
  CHECK(code_of(answer) == "invalid");
  CHECK(fields_of(answer) == "/to:date.order");
  CHECK(book.trial(day("2026-11-22"), day("2026-11-22")).accounts.empty());
  CHECK(book.trial().balanced);
}

TEST_CASE("BIL-9: what a batch has posted is in a trial balance before the batch ends") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    Dice dice(3);
    const Book book{TestEngine(name)};
    std::vector<Entry> posted;
    for (int i = 0; i < 3; ++i) {  // on top of what is stored, too
      const ledger::Balances within = book.look([&](kernel::Work& work) {
        std::vector<Entry> these{random_entry(book, dice), random_entry(book, dice)};
        for (Entry& entry : these) ledger::post(work, entry);
        posted.insert(posted.end(), these.begin(), these.end());
        return ledger::balances_of(work, {});
      });
      CHECK(sums_of(within) == sums_of(posted, {}, {}));
    }
    CHECK(sums_of(book.trial()) == sums_of(posted, {}, {}));
    CHECK(book.verify().sound);
  }
}

TEST_CASE(
    "BIL-9: where calls share a batch, what one has posted stays when another fails after it has posted, and the "
    "ledger is sound at each moment") {
  constexpr std::size_t threads = 6;
  constexpr std::size_t each = 40;
  for (const auto name : engine_names) {
    CAPTURE(name);
    const TestEngine home(name);  // threads open its files anew
    const Book book{home};
    std::vector<std::vector<Entry>> posted(threads);
    std::atomic<std::size_t> at_work{threads};
    std::size_t looked = 0;
    std::size_t unsound = 0;
    std::vector<std::thread> running;
    for (std::size_t t = 0; t < threads; ++t)
      running.emplace_back([&, t] {
        Dice dice(100 + t);
        posted[t] = make_entries(book, dice, each);
        --at_work;
      });
    while (at_work != 0) {
      unsound += book.verify().sound && book.trial().balanced ? 0U : 1U;
      ++looked;
    }
    for (std::thread& thread : running) thread.join();
    CHECK(looked > 0);
    CHECK(unsound == 0);
    std::vector<Entry> all;
    for (const auto& some : posted) all.insert(all.end(), some.begin(), some.end());
    CHECK(sums_of(book.trial()) == sums_of(all, {}, {}));
    CHECK(book.verify().sound);
  }
}
