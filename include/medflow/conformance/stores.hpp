// Conformance: databases are made, found again, brought up to date and removed.
#pragma once

#include <algorithm>

#include "medflow/conformance/harness.hpp"

namespace medflow::conformance {

inline Texts names(Engine& engine) {
  Texts out;
  for (const auto& name : engine.list()) out.push_back(name.tenant + (name.part == Part::data ? "/data" : "/keys"));
  std::sort(out.begin(), out.end());
  return out;
}

inline void closed_and_opened_again(Harness& harness) {
  insert(*harness.create(), people::table, {person("a", 1, "A")});
  MEDFLOW_CHECK(firsts(*harness.open(), {.table = &people::table}) == Texts{"a"});
  harness.restart();
  const auto database = harness.open();
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table}) == Texts{"a"});
  insert(*database, people::table, {person("b", 2, "B")});
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table}) == Texts{"a", "b"});
}

inline void made_once(Harness& harness) {
  MEDFLOW_CHECK_FAULT_KIND(missing, harness.open());
  insert(*harness.create(), people::table, {person("a", 1, "A")});
  MEDFLOW_CHECK_FAULT_KIND(exists, harness.create());
  const auto database = harness.open();
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table}) == Texts{"a"});
  MEDFLOW_CHECK_FAULT_KIND(in_use, harness.open());
  MEDFLOW_CHECK_FAULT_KIND(in_use, harness.engine().drop(Harness::store));
}

inline void listed_and_dropped(Harness& harness) {
  auto& engine = harness.engine();
  const StoreName keys{.tenant = "north", .part = Part::keys};
  const StoreName south{.tenant = "south", .part = Part::data};
  MEDFLOW_CHECK(names(engine).empty());
  engine.drop(south);
  harness.create();
  const OpenOptions plain{.schema = &schema};
  engine.create(keys, plain);
  engine.create(south, harness.options());
  MEDFLOW_CHECK(names(engine) == Texts{"north/data", "north/keys", "south/data"});
  engine.drop(Harness::store);
  MEDFLOW_CHECK(names(engine) == Texts{"north/keys", "south/data"});
  MEDFLOW_CHECK_FAULT_KIND(missing, harness.open());
  insert(*engine.open(keys, plain), people::table, {person("k", 1, "K")});
  engine.drop(keys);
  harness.restart();
  MEDFLOW_CHECK(names(harness.engine()) == Texts{"south/data"});
  MEDFLOW_CHECK(firsts(*harness.create(), {.table = &people::table}).empty());
}

inline void names_are_names(Harness& harness) {
  const std::string longest(64, 'a');
  for (const std::string& bad :
       {std::string{}, std::string{".."}, std::string{"a/b"}, std::string{"a b"}, longest + "a"}) {
    MEDFLOW_NOTE(bad);
    MEDFLOW_CHECK_FAULT_KIND(misuse, harness.engine().create({.tenant = bad}, harness.options()));
  }
  harness.engine().create({.tenant = longest}, harness.options());
}

inline void brought_up_to_date(Harness& harness) {
  {
    const auto database = harness.engine().create(Harness::store, harness.options(older_schema));
    insert(*database, people::table, {person("a", 1, "A"), person("b", 2, {})});
  }
  MEDFLOW_CHECK_FAULT_KIND(schema_outdated, harness.engine().open(Harness::store, harness.options(schema, false)));
  insert(*harness.open(), claims::table, {claim("room", 1, 1, 0, 10)});
  harness.restart();
  MEDFLOW_CHECK(harness.engine().open(Harness::store, harness.options(schema, false)));

  const auto database = harness.engine().open(Harness::store, harness.options(grown::schema));
  const Line line = person("b", 2, "B", {}, 2);  // the cells borrow from it
  auto moved = line.cells();
  moved.push_back(Cell::of(7));
  database->write([&](Transaction& transaction) { transaction.update(grown::table, moved, 1); });
  MEDFLOW_CHECK(firsts(*database, {.table = &grown::table}) == Texts{"a", "b"});
  MEDFLOW_CHECK(firsts(*database, {.table = &grown::table, .index = "by_ward", .from = Cell::of(0)}) == Texts{"b"});
  MEDFLOW_CHECK(firsts(*database, {.table = &grown::table, .index = "by_name"}) == Texts{"a", "b"});
  MEDFLOW_CHECK(firsts(*database, {.table = &claims::table}) == Texts{"room"});
}

inline void made_at_its_newest(Harness& harness) {
  {
    const auto database = harness.engine().create(Harness::store, harness.options(grown::schema));
    const Line line = person("a", 1, "A");  // the cells borrow from it
    auto cells = line.cells();
    cells.push_back(Cell::of(3));
    database->write([&](Transaction& transaction) { transaction.insert(grown::table, cells); });
    MEDFLOW_CHECK(firsts(*database, {.table = &grown::table, .index = "by_ward"}, 5) == Texts{"3"});
  }
  harness.restart();
  MEDFLOW_CHECK(harness.engine().open(Harness::store, harness.options(grown::schema, false)));
}

inline void newer_is_refused(Harness& harness) {
  harness.engine().create(Harness::store, harness.options(grown::schema));
  MEDFLOW_CHECK_FAULT_KIND(schema_newer, harness.open());
  static constexpr Migration renamed[] = {{.number = 1, .name = "something else", .changes = first_changes}};
  static constexpr Schema other{.name = "conformance", .migrations = renamed};
  MEDFLOW_CHECK_FAULT_KIND(schema_newer, harness.engine().open(Harness::store, harness.options(other)));
  MEDFLOW_CHECK(harness.engine().open(Harness::store, harness.options(grown::schema)));
}

inline void a_migration_that_fails_changes_nothing(Harness& harness) {
  insert(*harness.create(), people::table, {person("a", 1, "same"), person("b", 2, "same")});
  MEDFLOW_CHECK_FAULT(unique, "by_name_alone", harness.engine().open(Harness::store, harness.options(strict::schema)));
  const auto database = harness.engine().open(Harness::store, harness.options(schema, false));
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table}) == Texts{"a", "b"});
}

}  // namespace medflow::conformance
