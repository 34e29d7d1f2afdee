// Sums that the calls of a batch add to.
#include "kernel/sums.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "ledger/entities.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;
using storage::Cell;

namespace {

constexpr std::array creates{storage::SchemaChange{.table = &ledger::balances_table}};
constexpr std::array migrations{storage::Migration{.number = 1, .name = "balances", .changes = creates}};
constexpr storage::Schema schema{.name = "sums", .migrations = migrations};

/// "cash GBP 2026-11-22 2 500 100": account, currency, day, revision, debit and credit.
std::string line_of(storage::RowView row) {
  std::string line;
  for (const Cell& cell : row) {
    if (!line.empty()) line.push_back(' ');
    line += cell.kind == storage::CellKind::integer ? std::to_string(cell.integer) : std::string(cell.data);
  }
  return line;
}

bool add(kernel::Sums& sums, storage::Transaction& transaction, std::string_view account, std::int64_t debit,
         std::int64_t credit = 0) {
  const Cell key[] = {Cell::text(account), Cell::text("GBP"), Cell::text("2026-11-22")};
  const std::int64_t amounts[] = {debit, credit};
  const kernel::Sums::Addition addition{.key = key, .amounts = amounts};
  return sums.add(transaction, ledger::balances_table, std::span(&addition, 1));
}

using Lines = std::vector<std::string>;

Lines seen(const kernel::Sums& sums, storage::Transaction& transaction, std::size_t most = 100) {
  Lines lines;
  sums.scan(transaction, ledger::balances_table, [&](storage::RowView row) {
    lines.push_back(line_of(row));
    return lines.size() < most;
  });
  return lines;
}

}  // namespace

TEST_CASE("BIL-9: sums of a batch are written once, and are seen before they are") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    const std::array<std::byte, 48> page_key{std::byte{1}};
    const auto database =
        std::shared_ptr<storage::Engine>(engine)->create({.tenant = "sums"}, {.schema = &schema, .page_key = page_key});
    kernel::Sums sums;
    database->write([&](storage::Transaction& transaction) {
      CHECK(add(sums, transaction, "cash", 100));
      CHECK(add(sums, transaction, "tax", 0, 20));
      CHECK(add(sums, transaction, "cash", 50, 5));
      CHECK(seen(sums, transaction) == Lines{"cash GBP 2026-11-22 1 150 5", "tax GBP 2026-11-22 1 0 20"});
      sums.write(transaction);
    });
    sums.clear();
    database->write([&](storage::Transaction& transaction) {
      CHECK(seen(sums, transaction) == Lines{"cash GBP 2026-11-22 1 150 5", "tax GBP 2026-11-22 1 0 20"});
      CHECK(add(sums, transaction, "bank", 1));
      CHECK(add(sums, transaction, "tax", 7));
      CHECK(add(sums, transaction, "write_offs", 9));
      const Lines now{"bank GBP 2026-11-22 1 1 0", "cash GBP 2026-11-22 1 150 5", "tax GBP 2026-11-22 1 7 20",
                      "write_offs GBP 2026-11-22 1 9 0"};
      CHECK(seen(sums, transaction) == now);
      for (std::size_t most = 1; most <= now.size(); ++most)
        CHECK(seen(sums, transaction, most) == Lines(now.begin(), now.begin() + static_cast<std::ptrdiff_t>(most)));
      // A call that fails takes back what it has added, and nothing else.
      const std::size_t mark = sums.mark();
      CHECK(add(sums, transaction, "bank", 10));
      CHECK(add(sums, transaction, "card", 10));
      CHECK(add(sums, transaction, "bank", 10));
      sums.undo(mark);
      CHECK(seen(sums, transaction) == now);
      // Nor is a part of it added where it would be too much.
      CHECK_FALSE(add(sums, transaction, "tax", 1, std::numeric_limits<std::int64_t>::max()));
      CHECK_FALSE(add(sums, transaction, "cash", std::numeric_limits<std::int64_t>::max() - 149));
      const Cell bank[] = {Cell::text("bank"), Cell::text("GBP"), Cell::text("2026-11-22")};
      const Cell cash[] = {Cell::text("cash"), Cell::text("GBP"), Cell::text("2026-11-22")};
      const std::int64_t one[] = {1, 0}, all[] = {std::numeric_limits<std::int64_t>::max(), 0};
      const kernel::Sums::Addition twice[] = {{.key = bank, .amounts = one}, {.key = bank, .amounts = one}};
      const kernel::Sums::Addition too_much[] = {{.key = bank, .amounts = one}, {.key = cash, .amounts = all}};
      CHECK_FALSE(sums.add(transaction, ledger::balances_table, too_much));
      CHECK(seen(sums, transaction) == now);
      const std::size_t again = sums.mark();
      CHECK(sums.add(transaction, ledger::balances_table, twice));
      CHECK(seen(sums, transaction).front() == "bank GBP 2026-11-22 1 3 0");
      sums.undo(again);
      CHECK(seen(sums, transaction) == now);
      sums.write(transaction);
    });
    sums.clear();
    database->read([&](storage::Transaction& transaction) {
      CHECK(seen(sums, transaction) == Lines{"bank GBP 2026-11-22 1 1 0", "cash GBP 2026-11-22 1 150 5",
                                             "tax GBP 2026-11-22 2 7 20", "write_offs GBP 2026-11-22 1 9 0"});
    });
  }
}
