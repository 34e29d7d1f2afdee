// Conformance: what happens together happens whole or not at all, and nobody sees the half of it.
#pragma once

#include <stdexcept>
#include <thread>

#include "medflow/conformance/harness.hpp"

namespace medflow::conformance {

inline void a_throw_undoes_all(Harness& harness) {
  const auto database = harness.create();
  insert(*database, people::table, {person("a", 1, "A"), person("b", 2, "B")});
  MEDFLOW_CHECK_THROWS(database->write([&](Transaction& transaction) {
    insert(transaction, people::table, person("c", 3, "C"));
    update(transaction, people::table, person("a", 9, "Z", {}, 2), 1);
    erase(transaction, people::table, person("b", {}, {}));
    MEDFLOW_CHECK(firsts(transaction, {.table = &people::table}) == Texts{"a", "c"});
    throw std::runtime_error{"no"};
  }),
                       std::runtime_error);
  database->read([&](Transaction& transaction) {
    MEDFLOW_CHECK(rows(transaction, {.table = &people::table, .index = "by_number"}) ==
                  std::vector{person("a", 1, "A"), person("b", 2, "B")});
  });
}

inline void a_failed_attempt_undoes_itself(Harness& harness) {
  const auto database = harness.create();
  database->write([&](Transaction& transaction) {
    insert(transaction, people::table, person("a", 1, "A"));
    MEDFLOW_CHECK_THROWS(transaction.attempt([&] {
      insert(transaction, people::table, person("b", 2, "B"));
      update(transaction, people::table, person("a", 7, "Z", {}, 2), 1);
      throw std::runtime_error{"no"};
    }),
                         std::runtime_error);
    MEDFLOW_CHECK(rows(transaction, {.table = &people::table}) == std::vector{person("a", 1, "A")});
    transaction.attempt([&] {
      insert(transaction, people::table, person("c", 2, "C"));
      MEDFLOW_CHECK_THROWS(transaction.attempt([&] {
        erase(transaction, people::table, person("c", {}, {}));
        throw std::runtime_error{"no"};
      }),
                           std::runtime_error);
    });
  });
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table, .index = "by_number"}) == Texts{"a", "c"});
}

inline void readers_see_what_is_committed(Harness& harness) {
  const auto database = harness.create();
  insert(*database, people::table, {person("a", 1, "A")});
  const auto seen_elsewhere = [&] {
    Texts seen;
    std::thread reader{[&] { seen = firsts(*database, {.table = &people::table}); }};
    reader.join();
    return seen;
  };
  database->write([&](Transaction& transaction) {
    insert(transaction, people::table, person("b", 2, "B"));
    MEDFLOW_CHECK(firsts(transaction, {.table = &people::table}) == Texts{"a", "b"});
    MEDFLOW_CHECK(seen_elsewhere() == Texts{"a"});
  });
  MEDFLOW_CHECK(seen_elsewhere() == Texts{"a", "b"});
}

inline void a_reader_keeps_its_snapshot(Harness& harness) {
  const auto database = harness.create();
  insert(*database, people::table, {person("a", 1, "A")});
  database->read([&](Transaction& transaction) {
    MEDFLOW_CHECK(firsts(transaction, {.table = &people::table}) == Texts{"a"});
    std::thread writer{[&] { insert(*database, people::table, {person("b", 2, "B")}); }};
    writer.join();
    database->maintain(true);
    MEDFLOW_CHECK(firsts(transaction, {.table = &people::table, .index = "by_number"}) == Texts{"a"});
  });
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table}) == Texts{"a", "b"});
}

inline void a_throwing_reader_harms_nothing(Harness& harness) {
  const auto database = harness.create();
  for (int i = 0; i < 10; ++i) {
    MEDFLOW_CHECK_THROWS(database->read([&](Transaction& transaction) {
      transaction.scan({.table = &people::table}, [](RowView) { return true; });
      throw std::runtime_error{"no"};
    }),
                         std::runtime_error);
  }
  insert(*database, people::table, {person("a", 1, "A")});
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table}) == Texts{"a"});
}

inline void writers_are_serial(Harness& harness) {
  constexpr int threads = 4, rounds = 50;
  const auto database = harness.create();
  insert(*database, people::table, {person("counter", 0, {})});
  std::vector<std::thread> writers;
  for (int i = 0; i < threads; ++i) {
    writers.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        database->write([&](Transaction& transaction) {
          auto line = *get(transaction, people::table, {Cell::bytes("counter")});
          const auto revision = static_cast<Revision>(line[people::revision].integer);
          ++line[people::number].integer;
          ++line[people::revision].integer;
          update(transaction, people::table, line, revision);
        });
      }
    });
  }
  for (auto& writer : writers) writer.join();
  database->read([&](Transaction& transaction) {
    MEDFLOW_CHECK(get(transaction, people::table, {Cell::bytes("counter")}) ==
                  person("counter", threads * rounds, {}, {}, threads * rounds + 1));
  });
}

inline void readers_beside_writers(Harness& harness) {
  constexpr int rounds = 100;
  const auto database = harness.create();
  insert(*database, people::table, {person("left", 0, {}), person("right", 1'000, {})});
  std::thread writer{[&] {
    for (int i = 1; i <= rounds; ++i) {
      database->write([&](Transaction& transaction) {
        update(transaction, people::table, person("left", i, {}, {}, i + 1), static_cast<Revision>(i));
        update(transaction, people::table, person("right", 1'000 - i, {}, {}, i + 1), static_cast<Revision>(i));
      });
      database->maintain(i % 10 == 0);
    }
  }};
  int torn = 0;
  std::vector<std::thread> readers;
  std::mutex mutex;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      for (int i = 0; i < rounds; ++i) {
        database->read([&](Transaction& transaction) {
          const auto left = get(transaction, people::table, {Cell::bytes("left")});
          const auto right = get(transaction, people::table, {Cell::bytes("right")});
          const std::lock_guard lock{mutex};
          torn += (*left)[people::number].integer + (*right)[people::number].integer == 1'000 ? 0 : 1;
        });
      }
    });
  }
  writer.join();
  for (auto& reader : readers) reader.join();
  MEDFLOW_CHECK(torn == 0);
}

inline void scrubbing_keeps_the_rest(Harness& harness) {
  const auto database = harness.create();
  insert(*database, people::table, {person("a", 1, "A"), person("b", 2, "B")});
  database->write([&](Transaction& transaction) { erase(transaction, people::table, person("a", {}, {})); });
  database->scrub();
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table}) == Texts{"b"});
  insert(*database, people::table, {person("c", 3, "C")});
  MEDFLOW_CHECK(firsts(*database, {.table = &people::table}) == Texts{"b", "c"});
}

}  // namespace medflow::conformance
