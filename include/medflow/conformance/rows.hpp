// Conformance: rows come back as they went in, and the rules of a table hold.
#pragma once

#include "medflow/conformance/harness.hpp"

namespace medflow::conformance {

inline void cells_come_back(Harness& harness) {
  const std::string zeros{"\0a\0\0b", 5};
  const std::string high{"\xFF\x00\x80", 3};
  const auto full = person(zeros, INT64_MIN, zeros, high);
  const auto bare = person("", {}, {}, {});
  const auto empty = person(high, INT64_MAX, "", "");
  const auto database = harness.create();
  insert(*database, people::table, {full, bare, empty});
  database->read([&](Transaction& transaction) {
    MEDFLOW_CHECK(get(transaction, people::table, {Cell::bytes(zeros)}) == full);
    MEDFLOW_CHECK(get(transaction, people::table, {Cell::bytes("")}) == bare);
    MEDFLOW_CHECK(get(transaction, people::table, {Cell::bytes(high)}) == empty);
    MEDFLOW_CHECK_NOT(get(transaction, people::table, {Cell::bytes("nobody")}));
  });
}

inline void many_keys_at_once(Harness& harness) {
  const auto database = harness.create();
  insert(*database, people::table, {person("a", 1, "A"), person("b", 2, "B"), person("c", 3, "C")});
  const Cell c = Cell::bytes("c"), x = Cell::bytes("x"), a = Cell::bytes("a");
  const Key keys[] = {Key{&c, 1}, Key{&x, 1}, Key{&a, 1}, Key{&c, 1}};
  std::vector<std::pair<std::size_t, std::string>> seen;
  database->read([&](Transaction& transaction) {
    transaction.get(people::table, keys,
                    [&](std::size_t at, RowView row) { seen.emplace_back(at, row[people::name].data); });
  });
  MEDFLOW_CHECK(seen == std::vector<std::pair<std::size_t, std::string>>{{0, "C"}, {2, "A"}, {3, "C"}});
}

inline void large_cells(Harness& harness) {
  std::string large(std::size_t{1} << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 2654435761U >> 13);
  const auto database = harness.create();
  const auto line = person("large", 1, large, large);
  insert(*database, people::table, {line});
  database->read([&](Transaction& transaction) {
    MEDFLOW_CHECK(get(transaction, people::table, {Cell::bytes("large")}) == line);
  });
}

inline void visitors_may_read(Harness& harness) {
  const auto database = harness.create();
  insert(*database, people::table, {person("a", 1, "A"), person("b", 2, "B"), person("c", 3, "C")});
  std::string seen;
  database->write([&](Transaction& transaction) {
    transaction.scan({.table = &people::table}, [&](RowView outer) {
      transaction.scan({.table = &people::table}, [&](RowView inner) {
        seen += outer[people::name].data;
        seen += get(transaction, people::table, {inner[people::id]})->cells()[people::name].data;
        return true;
      });
      return true;
    });
    MEDFLOW_CHECK_FAULT_KIND(misuse, transaction.scan({.table = &people::table}, [&](RowView) {
      insert(transaction, people::table, person("d", 4, "D"));
      return true;
    }));
  });
  MEDFLOW_CHECK(seen == "AAABACBABBBCCACBCC");
}

inline void unique_indexes(Harness& harness) {
  const auto database = harness.create();
  insert(*database, people::table, {person("a", 1, "A"), person("b", 2, "B")});
  MEDFLOW_CHECK_FAULT(unique, "key", insert(*database, people::table, {person("a", 3, "C")}));
  MEDFLOW_CHECK_FAULT(unique, "by_number", insert(*database, people::table, {person("c", 2, "C")}));
  MEDFLOW_CHECK_FAULT(unique, "by_number", database->write([&](Transaction& transaction) {
    update(transaction, people::table, person("a", 2, "A", {}, 2), 1);
  }));
  insert(*database, people::table, {person("n1", {}, "N"), person("n2", {}, "N")});  // null is nobody's number
  database->write(
      [&](Transaction& transaction) { update(transaction, people::table, person("a", 1, "AA", {}, 2), 1); });
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table}) == Texts{"a", "b", "n1", "n2"});
}

inline void composite_keys(Harness& harness) {
  const auto database = harness.create();
  insert(*database, claims::table, {claim("room", 1, 1, 0, 10), claim("hall", 2, 1, 0, 10)});
  MEDFLOW_CHECK_FAULT(unique, "key", insert(*database, claims::table, {claim("room", 1, 2, 0, 10)}));
  MEDFLOW_CHECK_FAULT(unique, "by_id", insert(*database, claims::table, {claim("room", 2, 1, 20, 30)}));
  database->read([&](Transaction& transaction) {
    MEDFLOW_CHECK(get(transaction, claims::table, {Cell::text("room"), Cell::of(1)}));
    MEDFLOW_CHECK_NOT(get(transaction, claims::table, {Cell::text("hall"), Cell::of(1)}));
  });
}

inline void a_conflict_leaves_the_rest(Harness& harness) {
  const auto database = harness.create();
  database->write([&](Transaction& transaction) {
    insert(transaction, people::table, person("a", 1, "A"));
    MEDFLOW_CHECK_FAULT(unique, "by_number", insert(transaction, people::table, person("b", 1, "B")));
    MEDFLOW_CHECK(transaction.alive());
    insert(transaction, people::table, person("c", 3, "C"));
  });
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table}) == Texts{"a", "c"});
}

inline void exclusions(Harness& harness) {
  const auto database = harness.create();
  insert(*database, claims::table, {claim("room", 1, 1, 100, 200), claim("room", 2, 1, 300, 400)});
  const auto booking = [&](std::int64_t from, std::int64_t to, std::int64_t lane = 1) {
    return fault_of([&] { insert(*database, claims::table, {claim("room", 1000 + from * 7 + to, lane, from, to)}); });
  };
  const auto overlap = fault(FaultKind::exclusion, "no_overlap");
  MEDFLOW_CHECK(booking(150, 160) == overlap);  // within
  MEDFLOW_CHECK(booking(50, 101) == overlap);   // into the beginning
  MEDFLOW_CHECK(booking(199, 250) == overlap);  // into the end
  MEDFLOW_CHECK(booking(50, 450) == overlap);   // over both
  MEDFLOW_CHECK(booking(100, 200) == overlap);  // the same
  MEDFLOW_CHECK_NOT(booking(200, 300));         // between, touching both: ranges are half open
  MEDFLOW_CHECK(booking(250, 260) == overlap);
  MEDFLOW_CHECK_NOT(booking(100, 200, 2));                            // another lane
  insert(*database, claims::table, {claim("hall", 9, 1, 100, 200)});  // another resource
}

inline void exclusion_and_nulls(Harness& harness) {
  const auto database = harness.create();
  insert(*database, claims::table,
         {claim("room", 1, {}, 0, 100), claim("room", 2, {}, 0, 100), claim("room", 3, 1, 0, {}),
          claim("room", 4, 1, 50, 60)});
  insert(*database, claims::table, {claim("room", 5, 1, 10, 20), claim("room", 6, 1, 15, {})});
  MEDFLOW_CHECK_FAULT(exclusion, "no_overlap", insert(*database, claims::table, {claim("room", 7, 1, 19, 30)}));
}

inline void exclusion_of_updates(Harness& harness) {
  const auto database = harness.create();
  insert(*database, claims::table, {claim("room", 1, 1, 0, 10), claim("room", 2, 1, 20, 30)});
  const auto move = [&](const Line& to, Revision expected) {
    return fault_of(
        [&] { database->write([&](Transaction& transaction) { update(transaction, claims::table, to, expected); }); });
  };
  MEDFLOW_CHECK(move(claim("room", 1, 1, 5, 25, 2), 1) == fault(FaultKind::exclusion, "no_overlap"));
  MEDFLOW_CHECK_NOT(move(claim("room", 1, 1, 5, 20, 2), 1));  // overlaps only where it was itself
  MEDFLOW_CHECK_NOT(move(claim("room", 2, 2, 20, 30, 2), 1));
  MEDFLOW_CHECK_NOT(move(claim("room", 1, 1, 5, 30, 3), 2));
  database->write([&](Transaction& transaction) { erase(transaction, claims::table, claim("room", 1, {}, 0, {})); });
  insert(*database, claims::table, {claim("room", 3, 1, 0, 100)});
}

inline void updates_and_revisions(Harness& harness) {
  const auto database = harness.create();
  insert(*database, people::table, {person("a", 1, "A", "x")});
  const auto change = [&](const Line& line, Revision expected) {
    return fault_of([&] {
      database->write([&](Transaction& transaction) { update(transaction, people::table, line, expected); });
    });
  };
  MEDFLOW_CHECK_NOT(change(person("a", 7, {}, "y", 2), 1));
  MEDFLOW_CHECK(change(person("a", 8, "Z", "z", 2), 1) == fault(FaultKind::revision, "people"));
  MEDFLOW_CHECK(change(person("b", 8, "Z", "z", 2), 1) == fault(FaultKind::revision, "people"));
  database->read([&](Transaction& transaction) {
    MEDFLOW_CHECK(rows(transaction, {.table = &people::table}) == std::vector{person("a", 7, {}, "y", 2)});
    const Cell old = Cell::of(1), now = Cell::of(7);
    MEDFLOW_CHECK(firsts(transaction, {.table = &people::table, .index = "by_number", .equal = {&old, 1}}).empty());
    MEDFLOW_CHECK(firsts(transaction, {.table = &people::table, .index = "by_number", .equal = {&now, 1}}) ==
                  Texts{"a"});
  });
}

inline void erasing(Harness& harness) {
  const auto database = harness.create();
  insert(*database, people::table, {person("a", 1, "A"), person("b", 2, "B")});
  database->write([&](Transaction& transaction) {
    erase(transaction, people::table, person("a", {}, {}));
    erase(transaction, people::table, person("nobody", {}, {}));
    insert(transaction, people::table, person("c", 1, "C"));
  });
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table, .index = "by_number"}) == Texts{"c", "b"});
}

inline void append_only_tables(Harness& harness) {
  const auto database = harness.create();
  insert(*database, entries::table, {entry(1, 0, "one")});
  MEDFLOW_CHECK_FAULT(misuse, "entries", database->write([&](Transaction& transaction) {
    erase(transaction, entries::table, entry(1, 0, ""));
  }));
  MEDFLOW_CHECK_FAULT(misuse, "entries", database->write([&](Transaction& transaction) {
    update(transaction, entries::table, entry(1, 0, ""), 1);
  }));
  database->read([&](Transaction& transaction) {
    MEDFLOW_CHECK(rows(transaction, {.table = &entries::table}) == std::vector{entry(1, 0, "one")});
  });
}

inline void rows_of_another_shape(Harness& harness) {
  const auto database = harness.create();
  static constexpr Table stranger{.id = 99, .name = "stranger", .columns = entries::columns};
  database->write([&](Transaction& transaction) {
    MEDFLOW_CHECK_FAULT_KIND(misuse, insert(transaction, people::table, entry(1, 0, "short")));
    MEDFLOW_CHECK_FAULT_KIND(misuse, insert(transaction, entries::table, {Cell::of(1), Cell::null(), Cell::bytes("")}));
    MEDFLOW_CHECK_FAULT_KIND(misuse, insert(transaction, entries::table, {Cell::null(), Cell::of(1), Cell::bytes("")}));
    MEDFLOW_CHECK_FAULT_KIND(misuse, insert(transaction, entries::table, {Cell::of(1), Cell::of(1), Cell::text("")}));
    MEDFLOW_CHECK_FAULT_KIND(misuse, insert(transaction, stranger, entry(1, 0, "")));
    MEDFLOW_CHECK_FAULT_KIND(misuse, firsts(transaction, {.table = &people::table, .index = "by_nothing"}));
    MEDFLOW_CHECK_FAULT_KIND(misuse, firsts(transaction, {.table = &people::table, .from = Cell::null()}));
    MEDFLOW_CHECK(transaction.alive());
  });
  MEDFLOW_CHECK_FAULT_KIND(
      misuse, database->read([](Transaction& transaction) { insert(transaction, entries::table, entry(1, 0, "")); }));
  MEDFLOW_CHECK(firsts(*database, {.table = &entries::table}).empty());
}

}  // namespace medflow::conformance
