// Tables of many columns are kept another way by SQLite; their rows come in the same order as from memory.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "medflow/conformance/harness.hpp"
#include "storage/sqlite/options.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace medflow::storage;
using medflow::conformance::Line;

namespace {

constexpr std::array<Column, 12> columns = [] {
  std::array<Column, 12> all{Column{"id", CellKind::bytes, false, "the key"},
                             Column{"revision", CellKind::integer, false, "counts"},
                             Column{"ward", CellKind::text, true, "equal for many"},
                             Column{"number", CellKind::integer, false, "one of its own"}};
  constexpr std::string_view rest[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
  for (std::size_t i = 4; i < all.size(); ++i) all[i] = {rest[i - 4], CellKind::bytes, true, "filling"};
  return all;
}();
constexpr std::array<std::uint8_t, 1> by_ward{2};
constexpr std::array<std::uint8_t, 1> by_number{3};
constexpr std::array<std::uint8_t, 1> by_badge{4};
constexpr std::array indexes{Index{.name = "ward", .columns = by_ward},
                             Index{.name = "number", .columns = by_number, .unique = true},
                             Index{.name = "badge", .columns = by_badge, .unique = true}};
constexpr Table table{.id = 1, .name = "wide", .columns = columns, .revision = std::uint8_t{1}, .indexes = indexes};
constexpr SchemaChange changes[] = {{.table = &table}};
constexpr Migration migrations[] = {{.number = 1, .name = "wide", .changes = changes}};
constexpr Schema schema{.name = "wide", .migrations = migrations};

constexpr std::array<std::byte, 48> page_key{std::byte{0x5A}, std::byte{0x01}};

std::vector<Line> all_rows() {
  std::mt19937 random(1);
  std::vector<Line> rows;
  for (int i = 0; i < 60; ++i) {
    const std::string id(1, static_cast<char>(i * 37 % 256));  // not in the order in which they come
    std::vector<Cell> cells(columns.size(), Cell::null());
    cells[0] = Cell::bytes(id);
    cells[1] = Cell::of(1);
    if (i % 7 != 0) cells[2] = Cell::text(i % 3 == 0 ? "north" : "south");
    cells[3] = Cell::of(static_cast<std::int64_t>(random()));
    const std::string badge = "badge" + std::to_string(i);
    if (i % 4 == 0) cells[4] = Cell::bytes(badge);  // none but a few have one, which nobody else has
    rows.emplace_back(RowView(cells));
  }
  return rows;
}

/// What every way of asking gives, one after the other.
std::vector<std::vector<Line>> answers(Engine& engine) {
  const auto database = engine.create(medflow::conformance::Harness::store, {.schema = &schema, .page_key = page_key});
  std::vector<std::vector<Line>> all;
  const auto rows = all_rows();
  database->write([&](Transaction& transaction) {
    for (const Line& row : rows) medflow::conformance::insert(transaction, table, row);
  });
  database->read([&](Transaction& transaction) {
    for (const std::string_view index : {"key", "ward", "number", "badge"}) {
      for (const bool backwards : {false, true}) {
        Scan scan{.table = &table, .index = index, .backwards = backwards};
        const auto whole = medflow::conformance::rows(transaction, scan);
        all.push_back(whole);
        // From any place on, and never a row twice.
        for (const Line& from : whole) {
          const auto cells = from.cells();
          std::vector<Cell> after;
          if (index == "ward") after.push_back(cells[2]);
          if (index == "number") after.push_back(cells[3]);
          if (index == "badge") after.push_back(cells[4]);
          after.push_back(cells[0]);
          scan.after = after;
          all.push_back(medflow::conformance::rows(transaction, scan));
        }
      }
    }
    const Cell south[] = {Cell::text("south")};
    const Cell nobody[] = {Cell::null()};
    for (const auto& equal : {south, nobody})
      for (const bool backwards : {false, true})
        all.push_back(medflow::conformance::rows(
            transaction, {.table = &table, .index = "ward", .equal = {equal, 1}, .backwards = backwards}));
  });
  return all;
}

}  // namespace

TEST_CASE("wide rows come in the same order from every engine, by every index, both ways, from any row on") {
  const auto wanted = answers(*memory_engine());
  CHECK(wanted.size() == 8 + 8 * 60 + 4);
  for (const bool encrypted : {false, true}) {
    CAPTURE(encrypted);
    const medflow::testing::TemporaryFolder folder;
    const auto engine = make_sqlite_engine({.folder = folder / "data", .encrypted = encrypted});
    CHECK(answers(*engine) == wanted);
  }
}

TEST_CASE("of a row that breaks a rule nothing is left, neither of the row nor in an index") {
  const auto row = [](std::string_view id, std::int64_t number, std::string_view badge) {
    std::vector<Cell> cells(columns.size(), Cell::null());
    cells[0] = Cell::bytes(id);
    cells[1] = Cell::of(1);
    cells[2] = Cell::text("north");
    cells[3] = Cell::of(number);
    if (!badge.empty()) cells[4] = Cell::bytes(badge);
    return cells;
  };
  for (const int which : {0, 1, 2}) {
    CAPTURE(which);
    const medflow::testing::TemporaryFolder folder;
    const auto engine =
        which == 0 ? memory_engine() : make_sqlite_engine({.folder = folder / "data", .encrypted = which == 2});
    const auto database =
        engine->create(medflow::conformance::Harness::store, {.schema = &schema, .page_key = page_key});
    const auto refused_by = [](const auto& body) -> std::string {
      try {
        body();
        return "nothing";
      } catch (const Fault& fault) {
        return fault.kind == FaultKind::unique ? fault.name : "something else";
      }
    };
    database->write([&](Transaction& transaction) {
      transaction.insert(table, row("a", 1, "x"));
      transaction.insert(table, row("b", 2, ""));
      transaction.insert(table, row("c", 3, ""));
      CHECK(refused_by([&] { transaction.insert(table, row("d", 4, "x")); }) == "badge");
      CHECK(refused_by([&] { transaction.insert(table, row("d", 2, "y")); }) == "number");
      CHECK(refused_by([&] { transaction.insert(table, row("a", 4, "y")); }) == "key");
      CHECK(refused_by([&] { transaction.update(table, row("b", 5, "x"), 1); }) == "badge");
      CHECK(refused_by([&] { transaction.update(table, row("b", 3, "y"), 1); }) == "number");
      transaction.insert(table, row("d", 4, "y"));
      transaction.update(table, row("c", 5, "z"), 1);
    });
    database->read([&](Transaction& transaction) {
      const auto count = [&](std::string_view index) {
        return medflow::conformance::rows(transaction, {.table = &table, .index = index}).size();
      };
      for (const std::string_view index : {"key", "ward", "number", "badge"}) CHECK(count(index) == 4);
      const auto found = medflow::conformance::rows(transaction, {.table = &table, .index = "badge"});
      std::string order;
      for (const Line& line : found) order.append(line.cells()[0].data);
      CHECK(order == "badc");
    });
  }
}
