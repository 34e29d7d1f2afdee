// A database that is one migration behind, shown as its schema has it now.
#include "storage/earlier.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "medflow/conformance/harness.hpp"
#include "storage/entity.hpp"
#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::storage;
using medflow::testing::engine_names;
using medflow::testing::TestEngine;

namespace {

// What the second migration brings: a column, two indexes, one of them before another, and a table.
namespace beds {
enum : std::uint8_t { id, ward, number, revision, note };
constexpr Column columns[] = {{.name = "id", .kind = CellKind::integer},
                              {.name = "ward", .kind = CellKind::text},
                              {.name = "number", .kind = CellKind::integer, .nullable = true},
                              {.name = "revision", .kind = CellKind::integer},
                              {.name = "note", .kind = CellKind::text, .nullable = true}};
constexpr std::uint8_t by_ward[] = {ward};
constexpr std::uint8_t by_number[] = {number, ward};
constexpr std::uint8_t by_note[] = {note};
constexpr Index indexes[] = {{.name = "by_number", .columns = by_number},
                             {.name = "by_ward", .columns = by_ward},
                             {.name = "by_note", .columns = by_note}};
constexpr Table table{.id = 71, .name = "beds", .columns = columns, .revision = revision, .indexes = indexes};
}  // namespace beds

namespace rooms {
constexpr Column columns[] = {{.name = "id", .kind = CellKind::integer}};
constexpr Table table{.id = 72, .name = "rooms", .columns = columns};
}  // namespace rooms

constexpr SchemaChange first_changes[] = {{.table = &beds::table}};
constexpr SchemaChange second_changes[] = {{.table = &beds::table, .add_column = beds::note},
                                           {.table = &beds::table, .add_index = std::uint8_t{0}},
                                           {.table = &beds::table, .add_index = std::uint8_t{2}},
                                           {.table = &rooms::table}};
constexpr Migration migrations[] = {{.number = 1, .name = "beds", .changes = first_changes},
                                    {.number = 2, .name = "notes and rooms", .changes = second_changes},
                                    {.number = 3, .name = "nothing"}};
constexpr std::span<const Migration> all{migrations};
constexpr Schema three{.name = "earlier", .migrations = all};
constexpr Schema two{.name = "earlier", .migrations = all.first(2)};
const StoreName store{.tenant = "north", .part = Part::keys};  // which takes no page key

using Lines = std::vector<std::string>;

std::string line_of(RowView row) {
  std::string line;
  for (const Cell& cell : row)
    line += (cell.is_null()                   ? std::string("-")
             : cell.kind == CellKind::integer ? std::to_string(cell.integer)
                                              : std::string(cell.data)) +
            ' ';
  return line;
}

Lines scanned(Database& database, const Scan& scan) {
  Lines lines;
  database.read([&](Transaction& transaction) {
    lines.clear();
    transaction.scan(scan, [&](RowView row) {
      lines.push_back(line_of(row));
      return true;
    });
  });
  return lines;
}

/// As the first migration has the table.
void fill(Engine& engine) {
  const EarlierSchema one(three, 1);
  const auto database =
      as_of_now(std::make_unique<const EarlierSchema>(three, 1), engine.create(store, {.schema = &one.schema()}));
  std::mt19937 random(7);
  database->write([&](Transaction& transaction) {
    for (int i = 0; i < 60; ++i) {
      const std::string ward = "w" + std::to_string(random() % 4);
      const Cell number = random() % 7 == 0 ? Cell::null() : Cell::of(static_cast<std::int64_t>(random() % 9));
      const Cell row[] = {Cell::of(i), Cell::text(ward), number, Cell::of(1), Cell::null()};
      transaction.insert(beds::table, row);
    }
  });
}

/// Every kind of walk: along what is there and what is not, both ways, from places, between bounds.
std::vector<Scan> walks(const std::vector<Cell>& cells, const std::vector<std::vector<Cell>>& places) {
  std::vector<Scan> walks;
  for (const bool backwards : {false, true})
    for (const std::size_t limit : {std::size_t{5}, SIZE_MAX}) {
      for (const std::string_view index : {"key", "by_ward", "by_number", "by_note"})
        walks.push_back({.table = &beds::table, .index = index, .backwards = backwards, .limit = limit});
      walks.push_back({.table = &beds::table,
                       .index = "by_number",
                       .from = Cell::of(3),
                       .to = Cell::of(6),
                       .backwards = backwards,
                       .limit = limit});
      walks.push_back({.table = &beds::table,
                       .index = "by_number",
                       .equal = std::span(cells).first(1),
                       .backwards = backwards,
                       .limit = limit});
      walks.push_back({.table = &beds::table,
                       .index = "by_number",
                       .equal = cells,
                       .after = places[0],
                       .backwards = backwards,
                       .limit = limit});
      walks.push_back(
          {.table = &beds::table, .index = "by_number", .after = places[1], .backwards = backwards, .limit = limit});
      walks.push_back(
          {.table = &beds::table, .index = "by_ward", .after = places[2], .backwards = backwards, .limit = limit});
    }
  return walks;
}

}  // namespace

TEST_CASE("TEN-5: a database that is one migration behind answers every walk as it does once it is migrated") {
  const std::vector<Cell> equal{Cell::of(4), Cell::text("w1")};
  const std::vector<std::vector<Cell>> places{
      {Cell::of(20)}, {Cell::of(4), Cell::text("w2"), Cell::of(9)}, {Cell::text("w2"), Cell::of(30)}};
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine test(name);
    Engine& engine = *std::shared_ptr<Engine>(test);
    fill(engine);
    std::vector<Lines> before;
    {
      const Opened opened = open_unmigrated(engine, store, {.schema = &two});
      CHECK(opened.behind);
      for (const Scan& walk : walks(equal, places)) before.push_back(scanned(*opened.database, walk));
      CHECK(scanned(*opened.database, {.table = &rooms::table}).empty());
    }
    const auto migrated = engine.open(store, {.schema = &two});
    const auto all_walks = walks(equal, places);
    std::size_t rows = 0;
    for (std::size_t i = 0; i < all_walks.size(); ++i) {
      CAPTURE(i);
      const Lines after = scanned(*migrated, all_walks[i]);
      for (std::size_t n = 0; n < std::max(before[i].size(), after.size()); ++n)
        CHECK((n < before[i].size() ? before[i][n] : "") == (n < after.size() ? after[n] : ""));
      rows += before[i].size();
    }
    CHECK(rows > 500);
  }
}

TEST_CASE("TEN-5: behind, what fits into the tables as they are is written; what does not is schema_outdated") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine test(name);
    Engine& engine = *std::shared_ptr<Engine>(test);
    fill(engine);
    {
      const Opened opened = open_unmigrated(engine, store, {.schema = &two});
      const Cell key[] = {Cell::of(100)};
      const Cell fits[] = {Cell::of(100), Cell::text("w9"), Cell::of(8), Cell::of(1), Cell::null()};
      const Cell changed[] = {Cell::of(100), Cell::text("w8"), Cell::of(8), Cell::of(2), Cell::null()};
      const Cell noted[] = {Cell::of(101), Cell::text("w9"), Cell::of(8), Cell::of(1), Cell::text("dry")};
      opened.database->write([&](Transaction& transaction) {
        transaction.insert(beds::table, fits);
        transaction.update(beds::table, changed, 1);
        const Key keys[] = {key};
        std::string found;
        transaction.get(beds::table, keys, [&](std::size_t, RowView row) { found = line_of(row); });
        CHECK(found == "100 w8 8 2 - ");
        transaction.erase(beds::table, key);
        transaction.erase(rooms::table, key);
      });
      CHECK(scanned(*opened.database, {.table = &beds::table}).size() == 60);
      const auto write = [&](const Table& table, RowView row) {
        opened.database->write([&](Transaction& transaction) { transaction.insert(table, row); });
      };
      MEDFLOW_CHECK_FAULT_KIND(schema_outdated, write(beds::table, noted));
      MEDFLOW_CHECK_FAULT_KIND(schema_outdated, write(rooms::table, key));
    }
    MEDFLOW_CHECK_FAULT_KIND(schema_outdated, open_unmigrated(engine, store, {.schema = &three}));  // it lacks two
    { const auto migrated = engine.open(store, {.schema = &two}); }
    CHECK(open_unmigrated(engine, store, {.schema = &three}).behind);
    CHECK_FALSE(open_unmigrated(engine, store, {.schema = &two}).behind);
  }
}
