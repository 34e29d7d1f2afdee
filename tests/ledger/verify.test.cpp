#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/ledger/book.hpp"
#include "tests/support/planted_engines.hpp"
#include "tests/support/scanned.hpp"

using namespace medflow;
using namespace medflow::testing;
using storage::Cell;

namespace {

/// Writes of one table as a bug would have them, while it is at work.
struct Bug {
  bool works = false;
  std::function<void(storage::Transaction&, const storage::Table&, storage::RowView)> insert{};
  bool loses_updates = false;  ///< of balances
};

class Buggy final : public WrappedDatabase {
 public:
  Buggy(std::unique_ptr<storage::Database> inner, std::shared_ptr<Bug> bug)
      : WrappedDatabase(std::move(inner)), bug_(std::move(bug)) {}
  void write(storage::Body body) override {
    WrappedDatabase::write([&](storage::Transaction& inner) {
      Writing transaction(inner, *bug_);
      body(transaction);
    });
  }

 private:
  class Writing final : public WrappedTransaction {
   public:
    Writing(storage::Transaction& inner, const Bug& bug) : WrappedTransaction(inner), inner_(inner), bug_(bug) {}
    void insert(const storage::Table& table, storage::RowView row) override {
      if (bug_.works && bug_.insert && table.id == ledger::postings_table.id) return bug_.insert(inner_, table, row);
      WrappedTransaction::insert(table, row);
    }
    void update(const storage::Table& table, storage::RowView row, storage::Revision expected) override {
      if (bug_.works && bug_.loses_updates && table.id == ledger::balances_table.id) return;
      WrappedTransaction::update(table, row, expected);
    }

   private:
    storage::Transaction& inner_;
    const Bug& bug_;
  };

  std::shared_ptr<Bug> bug_;
};

/// A journal on an engine with a bug that can be turned on.
struct Planted {
  explicit Planted(std::string_view name) : home(name), book(planted(home, bug)) {}

  static std::shared_ptr<storage::Engine> planted(const EngineHome& home, const std::shared_ptr<Bug>& bug) {
    auto make = [bug](std::unique_ptr<storage::Database> data) -> std::unique_ptr<storage::Database> {
      return std::make_unique<Buggy>(std::move(data), bug);
    };
    return std::make_shared<PlantedEngine<decltype(make)>>(home.engine(), make);
  }
  Entry pay(std::int64_t amount) const {
    return book.post(book.entry(EntryKind::payment, "2026-11-22",
                                {debit(Account::cash, amount), credit(Account::deposits, amount)}));
  }
  /// Pays while the bug is at work.
  Entry pay_badly(std::int64_t amount) const {
    bug->works = true;
    const Entry entry = pay(amount);
    bug->works = false;
    return entry;
  }

  EngineHome home;
  std::shared_ptr<Bug> bug = std::make_shared<Bug>();
  Book book;
};

void check_balance_lost(std::string_view name) {
  const Planted there(name);
  there.pay(100);
  there.bug->loses_updates = true;
  there.pay_badly(5);
  CHECK(there.book.findings() == "balance_differs cash GBP 2026-11-22; balance_differs deposits GBP 2026-11-22");
}

void check_balance_spoiled(std::string_view name) {
  const Planted there(name);
  there.pay(100);
  const auto set = [&](std::int64_t debit, std::int64_t revision) {
    there.book.spoil([&](storage::Transaction& rows) {
      const Cell row[] = {Cell::text("cash"),     Cell::text("GBP"), Cell::text("2026-11-22"),
                          Cell::of(revision + 1), Cell::of(debit),   Cell::of(0)};
      rows.update(ledger::balances_table, row, static_cast<storage::Revision>(revision));
    });
  };
  set(101, 1);
  CHECK(there.book.findings() == "balance_differs cash GBP 2026-11-22");
  CHECK(!there.book.trial().balanced);
  set(100, 2);
  CHECK(there.book.findings().empty());
  there.book.spoil([](storage::Transaction& rows) {
    const Cell key[] = {Cell::text("deposits"), Cell::text("GBP"), Cell::text("2026-11-22")};
    rows.erase(ledger::balances_table, key);
  });
  CHECK(there.book.findings() == "balance_differs deposits GBP 2026-11-22");
}

void check_posting_missing(std::string_view name) {
  const Planted there(name);
  there.pay(100);
  there.bug->insert = [](storage::Transaction& rows, const storage::Table& table, storage::RowView row) {
    if (row[ledger::posting_line].integer != 2) rows.insert(table, row);
  };
  const Entry entry = there.pay_badly(5);
  CHECK(there.book.findings() == "posting_missing " + entry.id.uuid.text());
}

void check_posting_differs(std::string_view name) {
  const Planted there(name);
  there.pay(100);
  there.bug->insert = [](storage::Transaction& rows, const storage::Table& table, storage::RowView row) {
    std::vector<Cell> cells(row.begin(), row.end());
    if (row[ledger::posting_line].integer == 1) cells[ledger::posting_patient] = Cell::bytes("0123456789abcdef");
    rows.insert(table, cells);
  };
  const Entry first = there.pay_badly(5);
  CHECK(there.book.findings() == "posting_differs " + first.id.uuid.text());
  there.bug->insert = [](storage::Transaction& rows, const storage::Table& table, storage::RowView row) {
    std::vector<Cell> cells(row.begin(), row.end());
    cells[ledger::posting_currency] = Cell::text("EUR");
    rows.insert(table, cells);
  };
  const Entry second = there.pay_badly(6);
  const std::string found = "posting_differs " + second.id.uuid.text();
  CHECK(there.book.findings() == "posting_differs " + first.id.uuid.text() + "; " + found + "; " + found);
}

void check_posting_extra(std::string_view name) {
  const Planted there(name);
  const Entry entry = there.pay(100);
  const auto plant = [&](const Entry& whose, std::size_t line, std::int64_t amount) {
    there.book.spoil([&](storage::Transaction& rows) {
      const auto row = ledger::row_of(whose, "2026-11-22", line, debit(Account::cash, amount));
      rows.insert(ledger::postings_table, row);
    });
  };
  plant(entry, 3, 1);
  const std::string first = "posting_extra " + entry.id.uuid.text();
  CHECK(there.book.findings() == first);
  Entry stranger = entry;
  stranger.id = JournalEntryId{{{9}}};
  plant(stranger, 1, 2);
  const std::string second = "posting_extra " + stranger.id.uuid.text();
  CHECK(there.book.findings() == first + "; " + second);
}

void check_unbalanced(std::string_view name) {
  const Planted there(name);
  Entry entry = there.book.entry(EntryKind::payment, "2026-11-22", {debit(Account::cash, 3)});
  there.book.write([&](kernel::Work& work) {
    entry.id = work.make_id<JournalEntryId>();
    kernel::Rows<Entry>(work).insert(entry);
  });
  const std::string id = entry.id.uuid.text();
  CHECK(there.book.findings() == "unbalanced " + id + "; balance_differs cash GBP 2026-11-22; posting_missing " + id);
}

}  // namespace

TEST_CASE("BIL-9: verify finds a balance that is wrong or gone, and a posting that is missing or one too many") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    check_balance_spoiled(name);
    check_posting_missing(name);
    check_posting_extra(name);
  }
}

TEST_CASE("BIL-9: verify finds an update that was lost, a posting that differs and an entry that does not balance") {
  for (const auto name : {"memory", "sqlite"}) {
    CAPTURE(name);
    check_balance_lost(name);
    check_posting_differs(name);
    check_unbalanced(name);
  }
}

TEST_CASE("BIL-9: what is posted while verify is at work waits for nothing, and is no part of it, on every engine") {
  for (const auto name : engine_names) {
    CAPTURE(name);
    const TestEngine inner(name);
    const auto engine = std::make_shared<InterruptedEngine>(inner);
    const Book book{engine};
    const auto pay = [&] {
      book.post(book.entry(EntryKind::payment, "2026-11-22", {debit(Account::cash, 5), credit(Account::deposits, 5)}));
    };
    pay();
    engine->notes.set(storage::layout_of<Entry>().table().name, pay);
    const auto report = book.verify();
    CHECK(engine->notes.is_done());
    CHECK(report.sound);
    CHECK(report.entries == 1);
    CHECK(report.postings == 2);
    const auto again = book.verify();
    CHECK(again.sound);
    CHECK(again.entries == 2);
  }
}

TEST_CASE("BIL-9: verify names a thousand findings at most") {
  const Book book{TestEngine("memory")};
  book.post(book.entry(EntryKind::payment, "2026-11-22", {debit(Account::cash, 1), credit(Account::deposits, 1)}));
  book.spoil([&](storage::Transaction& rows) {
    const Entry stranger = book.entry(EntryKind::payment, "2026-11-22", {});
    for (std::size_t line = 1; line <= 1'100; ++line)
      rows.insert(ledger::postings_table, ledger::row_of(stranger, "2026-11-22", line, debit(Account::cash, 1)));
  });
  const auto report = book.verify();
  CHECK(!report.sound);
  CHECK(report.findings.size() == 1'000);
  CHECK(report.postings == 1'102);
}
