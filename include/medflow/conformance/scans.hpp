// Conformance: a scan visits the rows of one index, in its order, within its bounds, from a position on, either way.
#pragma once

#include <algorithm>

#include "medflow/conformance/harness.hpp"

namespace medflow::conformance {

inline void integers_in_order(Harness& harness) {
  const auto database = harness.create();
  insert(*database, entries::table,
         {entry(5, 0, ""), entry(-3, 1, ""), entry(INT64_MAX, 0, ""), entry(0, 1, ""), entry(INT64_MIN, 0, "")});
  const Texts up{"-9223372036854775808", "-3", "0", "5", "9223372036854775807"};
  MEDFLOW_CHECK(firsts(*database, {.table = &entries::table}) == up);
  MEDFLOW_CHECK(firsts(*database, {.table = &entries::table, .backwards = true}) == Texts{up.rbegin(), up.rend()});
  MEDFLOW_CHECK(firsts(*database, {.table = &entries::table, .index = "by_kind"}) ==
                Texts{"-9223372036854775808", "5", "9223372036854775807", "-3", "0"});
  MEDFLOW_CHECK(firsts(*database, {.table = &entries::table, .from = Cell::of(-3), .to = Cell::of(5)}) ==
                Texts{"-3", "0"});
  MEDFLOW_CHECK(firsts(*database, {.table = &entries::table, .to = Cell::of(0), .backwards = true}) ==
                Texts{"-3", "-9223372036854775808"});
  const Cell kind = Cell::of(0);
  MEDFLOW_CHECK(
      firsts(*database, {.table = &entries::table, .index = "by_kind", .equal = {&kind, 1}, .from = Cell::of(0)}) ==
      Texts{"5", "9223372036854775807"});
}

inline void text_in_byte_order(Harness& harness) {
  const std::string null_byte{"a\0b", 3};
  const Texts sorted{"", "A", "Z", "a", null_byte, "a\x01", "aa", "b", "\xC3\xA9", "\xE4\xB8\x80", "\xF0\x9F\x98\x80"};
  std::vector<Line> lines;
  for (std::size_t i = sorted.size(); i-- > 0;)
    lines.push_back(person(std::to_string(i), static_cast<std::int64_t>(i), sorted[i]));
  const auto database = harness.create();
  insert(*database, people::table, lines);
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table, .index = "by_name"}, people::name) == sorted);
  const Cell equal = Cell::text(null_byte);
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table, .index = "by_name", .equal = {&equal, 1}}, people::name) ==
                Texts{null_byte});
  MEDFLOW_CHECK(firsts(*database,
                       {.table = &people::table, .index = "by_name", .from = Cell::text("a"), .to = Cell::text("b")},
                       people::name) == Texts{"a", null_byte, "a\x01", "aa"});
}

inline void bytes_in_byte_order(Harness& harness) {
  using namespace std::string_literals;
  const Texts sorted{""s, "\0"s, "\0\0"s, "\0\xFF"s, "\x01"s, "a"s, "a\0"s, "a\0\x01"s, "ab"s, "\xFF"s, "\xFF\0"s};
  std::vector<Line> lines;
  for (std::size_t i = sorted.size(); i-- > 0;) lines.push_back(person(sorted[i], static_cast<std::int64_t>(i), "n"));
  const auto database = harness.create();
  insert(*database, people::table, lines);
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table}) == sorted);
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table, .from = Cell::bytes("\0"s), .to = Cell::bytes("a\0"s)}) ==
                Texts{sorted.begin() + 1, sorted.begin() + 6});
}

inline void nulls_in_order(Harness& harness) {
  const auto database = harness.create();
  insert(*database, people::table,
         {person("a", {}, "x"), person("b", 1, {}), person("c", -1, "x"), person("d", {}, {})});
  const Table* table = &people::table;
  MEDFLOW_CHECK(firsts(*database, {.table = table, .index = "by_number"}) == Texts{"a", "d", "c", "b"});
  MEDFLOW_CHECK(firsts(*database, {.table = table, .index = "by_number", .backwards = true}) ==
                Texts{"b", "c", "d", "a"});
  MEDFLOW_CHECK(firsts(*database, {.table = table, .index = "by_number", .to = Cell::of(5)}) == Texts{"c", "b"});
  MEDFLOW_CHECK(
      firsts(*database, {.table = table, .index = "by_number", .from = Cell::of(INT64_MIN), .backwards = true}) ==
      Texts{"b", "c"});
  const Cell null = Cell::null();
  MEDFLOW_CHECK(firsts(*database, {.table = table, .index = "by_number", .equal = {&null, 1}}) == Texts{"a", "d"});
  MEDFLOW_CHECK(firsts(*database, {.table = table, .index = "by_name", .equal = {&null, 1}}) == Texts{"d", "b"});
}

inline void sparse_indexes(Harness& harness) {
  const auto database = harness.engine().create(Harness::store, harness.options(sparse::schema));
  for (const Table* table : {&sparse::narrow, &sparse::wide}) {
    const auto row = [&](std::string_view id, std::optional<std::int64_t> ward, std::optional<std::string_view> bed,
                         std::int64_t revision = 1) {
      std::vector<Cell> cells{Cell::bytes(id), ward ? Cell::of(*ward) : Cell::null(),
                              bed ? Cell::text(*bed) : Cell::null(), Cell::of(revision)};
      cells.resize(table->columns.size(), Cell::null());
      return Line{RowView{cells}};
    };
    insert(*database, *table,
           {row("a", 1, "2"), row("b", {}, "1"), row("c", 1, {}), row("d", 2, "1"), row("e", {}, {})});
    const auto of_ward = [&](std::int64_t ward) {
      const Cell equal = Cell::of(ward);
      return firsts(*database, {.table = table, .index = "by_ward", .equal = {&equal, 1}});
    };
    const auto from = [&](std::int64_t ward, bool backwards) {
      return firsts(*database, {.table = table, .index = "by_ward", .from = Cell::of(ward), .backwards = backwards});
    };
    MEDFLOW_CHECK(of_ward(1) == Texts{"c", "a"});
    MEDFLOW_CHECK(from(INT64_MIN, false) == Texts{"c", "a", "d"});
    MEDFLOW_CHECK(from(1, true) == Texts{"d", "a", "c"});
    MEDFLOW_CHECK(firsts(*database, {.table = table, .index = "by_ward", .to = Cell::of(2)}) == Texts{"c", "a"});
    const Cell ward = Cell::of(1);
    const Cell bed = Cell::text("1");
    const Cell equal[] = {ward, bed};
    MEDFLOW_CHECK(firsts(*database, {.table = table, .index = "by_ward", .equal = equal}).empty());
    const Cell after[] = {Cell::null(), Cell::bytes("c")};
    MEDFLOW_CHECK(firsts(*database, {.table = table, .index = "by_ward", .equal = {&ward, 1}, .after = after}) ==
                  Texts{"a"});
    // What gets a value comes into it, and what loses its own leaves it.
    database->write([&](Transaction& transaction) {
      update(transaction, *table, row("b", 1, "1", 2), 1);
      update(transaction, *table, row("a", {}, "2", 2), 1);
      erase(transaction, *table, row("d", 2, "1"));
      erase(transaction, *table, row("e", {}, {}));
    });
    MEDFLOW_CHECK(from(INT64_MIN, false) == Texts{"c", "b"});
    MEDFLOW_CHECK(of_ward(2).empty());
    MEDFLOW_CHECK(firsts(*database, {.table = table}) == Texts{"a", "b", "c"});
  }
}

inline void limits_and_stops(Harness& harness) {
  const auto database = harness.create();
  insert(*database, entries::table, {entry(1, 0, ""), entry(2, 0, ""), entry(3, 0, "")});
  MEDFLOW_CHECK(firsts(*database, {.table = &entries::table, .limit = 2}) == Texts{"1", "2"});
  MEDFLOW_CHECK(firsts(*database, {.table = &entries::table, .limit = 0}).empty());
  int visits = 0;
  database->read([&](Transaction& transaction) {
    transaction.scan({.table = &entries::table}, [&](RowView) { return ++visits < 2; });
  });
  MEDFLOW_CHECK(visits == 2);
}

// The cells of a position: those of the index's order that a scan leaves open.
inline std::vector<Cell> position(const Line& line, const std::vector<std::size_t>& order, std::size_t equal) {
  std::vector<Cell> cells;
  const auto all = line.cells();
  for (std::size_t i = equal; i < order.size(); ++i)
    cells.push_back({all[order[i]].kind, all[order[i]].integer, line[order[i]].data});
  return cells;
}

// Walks a scan row by row, beginning anew after each, and page by page.
inline std::vector<Line> walk(Transaction& transaction, Scan scan, const std::vector<std::size_t>& order,
                              std::size_t page) {
  std::vector<Line> all;
  std::vector<Cell> after;
  scan.limit = page;
  for (bool more = true; more && all.size() < 1'000;) {
    scan.after = after;
    auto part = rows(transaction, scan);
    more = part.size() == page;
    all.insert(all.end(), part.begin(), part.end());
    if (!all.empty()) after = position(all.back(), order, scan.equal.size());
  }
  return all;
}

inline void walking_from_a_position(Harness& harness) {
  std::vector<Line> lines;
  for (int i = 0; i < 24; ++i) {
    const auto number =
        i % 4 == 3 ? std::optional<std::int64_t>{} : std::optional<std::int64_t>{i / 2 * 2 + (i % 2) * 100};
    const auto name =
        i % 5 == 0 ? std::optional<std::string_view>{} : std::optional<std::string_view>{i % 3 == 0 ? "x" : "y"};
    lines.push_back(person(std::string(1, static_cast<char>('a' + (i * 7) % 24)), number, name));
  }
  const auto database = harness.create();
  insert(*database, people::table, lines);
  const Cell x = Cell::text("x"), null = Cell::null();
  const std::vector<std::pair<std::string_view, std::vector<std::size_t>>> indexes{
      {"key", {people::id}},
      {"by_number", {people::number, people::id}},
      {"by_name", {people::name, people::number, people::id}}};
  database->read([&](Transaction& transaction) {
    for (const auto& choice : indexes) {
      const std::string_view index = choice.first;
      const auto& order = choice.second;
      for (const bool backwards : {false, true}) {
        for (const std::size_t page : {1U, 5U, 24U}) {
          for (const Cell* equal : {static_cast<const Cell*>(nullptr), &x, &null}) {
            if (equal != nullptr && index != "by_name") continue;
            MEDFLOW_NOTE(std::string{index});
            MEDFLOW_NOTE(backwards);
            const Scan scan{.table = &people::table,
                            .index = index,
                            .equal = {equal, equal == nullptr ? 0U : 1U},
                            .backwards = backwards};
            MEDFLOW_CHECK(walk(transaction, scan, order, page) == rows(transaction, scan));
          }
        }
      }
    }
  });
}

inline void walking_within_bounds(Harness& harness) {
  std::vector<Line> lines;
  for (int i = 0; i < 10; ++i) lines.push_back(person(std::string(1, static_cast<char>('a' + i)), i * 10, "n"));
  lines.push_back(person("z", {}, "n"));
  const auto database = harness.create();
  insert(*database, people::table, lines);
  const auto from_here = [&](Cell number, std::string_view id, bool backwards) {
    const Cell after[] = {number, Cell::bytes(id)};
    return firsts(*database, {.table = &people::table,
                              .index = "by_number",
                              .after = after,
                              .from = Cell::of(30),
                              .to = Cell::of(60),
                              .backwards = backwards});
  };
  MEDFLOW_CHECK(from_here(Cell::of(40), "e", false) == Texts{"f"});
  MEDFLOW_CHECK(from_here(Cell::of(40), "d", false) == Texts{"e", "f"});
  MEDFLOW_CHECK(from_here(Cell::of(10), "b", false) == Texts{"d", "e", "f"});
  MEDFLOW_CHECK(from_here(Cell::null(), "z", false) == Texts{"d", "e", "f"});
  MEDFLOW_CHECK(from_here(Cell::of(60), "g", false).empty());
  MEDFLOW_CHECK(from_here(Cell::of(40), "e", true) == Texts{"d"});
  MEDFLOW_CHECK(from_here(Cell::of(40), "f", true) == Texts{"e", "d"});
  MEDFLOW_CHECK(from_here(Cell::of(90), "j", true) == Texts{"f", "e", "d"});
  MEDFLOW_CHECK(from_here(Cell::of(20), "c", true).empty());
  MEDFLOW_CHECK(from_here(Cell::null(), "z", true).empty());
}

inline void composite_walks(Harness& harness) {
  std::vector<Line> lines;
  std::vector<std::pair<std::string, std::int64_t>> sorted;
  for (int i = 0; i < 12; ++i) {
    const std::string resource(1, static_cast<char>('a' + i % 3));
    lines.push_back(claim(resource, i, i % 2, i * 10, i * 10 + 5));
    sorted.emplace_back(resource, i);
  }
  std::sort(sorted.begin(), sorted.end());
  Texts ids;
  for (const auto& [resource, id] : sorted) ids.push_back(std::to_string(id));
  const auto database = harness.create();
  insert(*database, claims::table, lines);
  MEDFLOW_CHECK(firsts(*database, {.table = &claims::table}, claims::id) == ids);
  const Cell b = Cell::text("b"), one = Cell::of(1);
  MEDFLOW_CHECK(firsts(*database, {.table = &claims::table, .equal = {&b, 1}, .from = Cell::of(4), .to = Cell::of(10)},
                       claims::id) == Texts{"4", "7"});
  MEDFLOW_CHECK(
      firsts(*database,
             {.table = &claims::table, .index = "by_from", .equal = {&one, 1}, .from = Cell::of(50), .limit = 2},
             claims::id) == Texts{"5", "7"});
  database->read([&](Transaction& transaction) {
    const Scan by_from{.table = &claims::table, .index = "by_from"};
    MEDFLOW_CHECK(walk(transaction, by_from, {claims::lane, claims::from, claims::resource, claims::id}, 1) ==
                  rows(transaction, by_from));
    const Scan by_id{.table = &claims::table, .index = "by_id", .backwards = true};
    MEDFLOW_CHECK(walk(transaction, by_id, {claims::id, claims::lane, claims::resource}, 2) ==
                  rows(transaction, by_id));
  });
}

}  // namespace medflow::conformance
