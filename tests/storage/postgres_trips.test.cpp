// How often the work waits for PostgreSQL's answer: what was foreseen comes together, and what is written goes along.
#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "medflow/conformance/harness.hpp"
#include "medflow/testing/hospital.hpp"
#include "medflow/testing/storage_steps.hpp"
#include "tests/support/postgres_server.hpp"

using namespace medflow;
using namespace medflow::storage;
using medflow::conformance::entry;
using medflow::conformance::Line;
using medflow::conformance::person;
using medflow::conformance::rows;
using medflow::testing::must;

namespace entries = medflow::conformance::entries;
namespace people = medflow::conformance::people;

namespace {

using Trips = std::atomic<std::uint64_t>;

struct Store {
  Store() {
    auto options = there.options();
    options.round_trips = &trips;
    engine = make_postgres_engine(options);
    database = engine->create({.tenant = "north"}, {.schema = &conformance::schema});
  }
  /// A transaction whose writes go along, and how many round trips it took.
  template <class Body_>
  std::uint64_t write(Body_ body) {
    const auto before = trips.load();
    database->write([&](Transaction& transaction) {
      transaction.defer_conflicts();
      body(transaction);
    });
    return trips - before;
  }

  testing::PostgresDatabase there{};
  Trips trips{0};
  std::unique_ptr<Engine> engine{};
  std::unique_ptr<Database> database{};
};

std::optional<Line> get(Transaction& transaction, std::string_view id) {
  return conformance::get(transaction, people::table, {Cell::bytes(id)});
}

const Scan by_number{.table = &people::table, .index = "by_number"};

void foresee(Transaction& transaction, std::initializer_list<std::string_view> ids) {
  transaction.foresee([&](Foresight& foresight) {
    for (const auto id : ids) {
      const Cell cells[] = {Cell::bytes(id)};
      const Key keys[] = {cells};
      foresight.get(people::table, keys);
    }
    foresight.scan(by_number);
  });
}

/// Holds the first transaction of a hospital's data at its first step until it is let go.
class Gate {
 public:
  void pass(const testing::StorageStep& step) {
    if (step.call != testing::StorageCall::get || step.table == nullptr || step.table->name != "audit_head") return;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return open_; });
  }
  void set(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_{};
  std::condition_variable changed_{};
  bool open_ = true;
};

/// A hospital whose calls can be gathered into batches.
struct Busy {
  static constexpr std::size_t calls = 64;

  template <class Op>
  std::uint64_t trips_of(std::vector<Op> requests) {
    const Session desk = hospital.as(Role::receptionist);
    const auto before = trips.load();
    gate->set(false);
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t answered = 0;
    std::string failed;
    for (Op& request : requests) {
      desk.submit(std::move(request), [&](auto result) {
        const std::lock_guard lock(mutex);
        if (!result.ok()) failed = testing::code_of(result);
        if (result.ok()) take(*result);
        ++answered;
        changed.notify_all();
      });
    }
    gate->set(true);
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return answered == calls; });
    CHECK(failed.empty());
    return trips - before;
  }
  void take(const patients::Patient& patient) { ids.push_back(patient.id); }

  std::uint64_t registrations(std::size_t from) {
    std::vector<patients::Register> all;
    for (std::size_t i = from; i < from + calls; ++i) {
      all.push_back({.names = {{.family = "Trips"}},
                     .sex_admin = patients::Sex::female,
                     .identifiers = {{.system = "urn:test:trips", .value = "T-" + std::to_string(i)}}});
    }
    return trips_of(std::move(all));
  }

  testing::PostgresDatabase there{};
  Trips trips{0};
  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  testing::Hospital hospital{testing::test_options(engine(), clock), clock};
  std::vector<PatientId> ids{};

 private:
  std::shared_ptr<Engine> engine() {
    auto options = there.options();
    options.round_trips = &trips;
    return std::make_shared<testing::SteppedEngine>(
        make_postgres_engine(options), [gate = gate](const testing::StorageStep& step) { gate->pass(step); });
  }
};

}  // namespace

TEST_CASE("TEN-3: what was foreseen is answered without a further round trip, as long as it is so") {
  Store store;
  store.write([](Transaction& transaction) {
    for (const auto& line : {person("a", 1, "A"), person("b", 2, "B"), person("c", 3, "C")})
      conformance::insert(transaction, people::table, line);
  });
  const auto trips = store.write([&](Transaction& transaction) {
    foresee(transaction, {"a", "b", "none"});
    const auto asked = store.trips.load() + 1;  // nobody waits for the answers before they are needed
    CHECK(get(transaction, "a") == person("a", 1, "A"));
    CHECK(get(transaction, "none") == std::nullopt);
    CHECK(rows(transaction, by_number).size() == 3);
    CHECK(store.trips == asked);

    conformance::update(transaction, people::table, person("a", 7, "A", {}, 2), 1);
    CHECK(get(transaction, "b") == person("b", 2, "B"));
    CHECK(store.trips == asked);
    CHECK(get(transaction, "a") == person("a", 7, "A", {}, 2));
    CHECK(conformance::firsts(transaction, by_number) == conformance::Texts{"b", "c", "a"});
    CHECK(store.trips == asked + 2);
  });
  CHECK(trips == 4);  // what was foreseen, two readings, the commit

  store.write([](Transaction& transaction) {
    foresee(transaction, {"b", "none"});
    conformance::erase(transaction, people::table, person("b", 2, "B"));
    conformance::insert(transaction, people::table, person("none", 9, "N"));
    CHECK(get(transaction, "b") == std::nullopt);
    CHECK(get(transaction, "none") == person("none", 9, "N"));
    CHECK(conformance::firsts(transaction, by_number) == conformance::Texts{"c", "a", "none"});
  });
}

TEST_CASE("TEN-3: what is written while the answers are on their way is read as it was written") {
  Store store;
  store.write([](Transaction& transaction) {
    for (const auto& line : {person("a", 1, "A"), person("b", 2, "B"), person("c", 3, "C")})
      conformance::insert(transaction, people::table, line);
  });
  const auto trips = store.write([](Transaction& transaction) {
    transaction.defer_conflicts();
    foresee(transaction, {"a", "b", "c", "none"});
    conformance::update(transaction, people::table, person("a", 7, "A", {}, 2), 1);
    conformance::erase(transaction, people::table, person("b", 2, "B"));
    conformance::insert(transaction, people::table, person("none", 9, "N"));
    CHECK(get(transaction, "c") == person("c", 3, "C"));
    CHECK(get(transaction, "a") == person("a", 7, "A", {}, 2));
    CHECK(get(transaction, "b") == std::nullopt);
    CHECK(get(transaction, "none") == person("none", 9, "N"));
    CHECK(conformance::firsts(transaction, by_number) == conformance::Texts{"c", "a", "none"});
  });
  CHECK(trips == 6);  // what was foreseen, four readings, the commit

  // Answers that nobody asks for are in nobody's way.
  CHECK(store.write([](Transaction& transaction) {
    transaction.defer_conflicts();
    foresee(transaction, {"a", "c"});
    conformance::insert(transaction, people::table, person("d", 4, "D"));
  }) == 1);
  store.write([](Transaction& transaction) {
    foresee(transaction, {"a"});
    foresee(transaction, {"d"});
    CHECK(get(transaction, "a") == person("a", 7, "A", {}, 2));
    CHECK(get(transaction, "d") == person("d", 4, "D"));
  });

  // What was sent before may have failed: who asks first is told.
  CHECK_THROWS_AS(store.write([](Transaction& transaction) {
    transaction.defer_conflicts();
    conformance::insert(transaction, people::table, person("a", 1, "A"));
    foresee(transaction, {"c"});
    CHECK_THROWS_AS(get(transaction, "c"), Fault);
    CHECK_FALSE(transaction.alive());
  }),
                  Fault);
  CHECK_THROWS_AS(store.write([](Transaction& transaction) {
    transaction.defer_conflicts();
    conformance::insert(transaction, people::table, person("a", 1, "A"));
    foresee(transaction, {"c"});
  }),
                  Fault);
}

TEST_CASE("TEN-3: rows of many equal scans that were foreseen are told apart, and stay in order") {
  Store store;
  const std::string long_name(2'000, 'n');
  const std::string longer = long_name + 'x';
  store.write([&](Transaction& transaction) {
    for (const auto& line :
         {person("a", 3, "same"), person("b", 1, "same"), person("c", 2, "same"), person("d", 4, "one"),
          person("e", 5, long_name), person("f", 6, longer), person("g", 7, {})})
      conformance::insert(transaction, people::table, line);
  });
  const auto named = [](const Cell& name) {
    return Scan{.table = &people::table, .index = "by_name", .equal = std::span{&name, 1}};
  };
  store.write([&](Transaction& transaction) {
    const Cell names[] = {Cell::text("same"), Cell::text("one"),  Cell::text(long_name),
                          Cell::text(longer), Cell::text("none"), Cell::null()};
    transaction.foresee([&](Foresight& foresight) {
      for (const Cell& name : names) foresight.scan(named(name));
    });
    const auto asked = store.trips.load() + 1;
    const auto found = [&](std::size_t i) { return conformance::firsts(transaction, named(names[i])); };
    CHECK(found(0) == conformance::Texts{"b", "c", "a"});
    CHECK(found(1) == conformance::Texts{"d"});
    CHECK(found(2) == conformance::Texts{"e"});
    CHECK(found(3) == conformance::Texts{"f"});
    CHECK(found(4).empty());
    CHECK(found(5) == conformance::Texts{"g"});
    CHECK(store.trips == asked);

    // A new row is a new answer to who asks for its name, and to nobody else.
    conformance::insert(transaction, people::table, person("h", 0, "same"));
    conformance::insert(transaction, people::table, person("i", 8, longer));
    CHECK(found(1) == conformance::Texts{"d"});
    CHECK(found(2) == conformance::Texts{"e"});
    CHECK(found(4).empty());
    CHECK(store.trips == asked);
    CHECK(found(0) == conformance::Texts{"h", "b", "c", "a"});
    CHECK(found(3) == conformance::Texts{"f", "i"});
    CHECK(store.trips == asked + 2);
  });
}

TEST_CASE("TEN-3: what an attempt has undone is not taken for foreseen") {
  Store store;
  store.write([](Transaction& transaction) {
    conformance::insert(transaction, people::table, person("a", 1, "A"));
    transaction.foresee([](Foresight& foresight) { foresight.scan(by_number); });
    CHECK_THROWS_AS(transaction.attempt([&] {
      conformance::insert(transaction, people::table, person("b", 2, "B"));
      CHECK(rows(transaction, by_number).size() == 2);
      throw std::runtime_error{"no"};
    }),
                    std::runtime_error);
    CHECK(rows(transaction, by_number).size() == 1);
  });
}

TEST_CASE("TEN-3: rows that travel together arrive as they would alone, in a round trip for all of them") {
  const std::string long_text(3'000, 'x');
  const std::string odd{"\0\x01\xFF odd", 7};
  std::vector<Line> lines{person("none", {}, {}), person("empty", 1, "", ""), person(odd, 2, odd, odd),
                          person(long_text + "1", 3, long_text, long_text), person(long_text + "2", 4, "é", long_text)};
  for (int i = 0; i < 100; ++i) lines.push_back(person("p" + std::to_string(i), 100 + i, "P"));
  Store together;
  const auto trips = together.write([&](Transaction& transaction) {
    for (const auto& line : lines) {
      conformance::insert(transaction, people::table, line);
      conformance::insert(transaction, entries::table,
                          entry(static_cast<std::int64_t>(&line - lines.data()), 1, line[0].data));
    }
  });
  CHECK(trips == 1);
  Store alone;
  conformance::insert(*alone.database, people::table, lines);
  const auto all = [](Store& store, const Table& table) {
    std::vector<Line> found;
    store.database->read([&](Transaction& transaction) { found = rows(transaction, {.table = &table}); });
    return found;
  };
  CHECK(all(together, people::table) == all(alone, people::table));
  CHECK(all(together, people::table).size() == lines.size());
  CHECK(all(together, entries::table).size() == lines.size());
}

TEST_CASE("TEN-3: a batch of registrations or of reads waits for the server a few times, however many they are") {
  Busy busy;
  busy.registrations(0);  // settings, statements and the first keys are there from now on
  // Two batches at most, each with its lock, the head and what was foreseen at once, what was foreseen of those who came later, and the commit;
  // and two lots of keys.
  CHECK(busy.registrations(1'000) <= 10);
  std::vector<patients::Get> reads;
  for (std::size_t i = 0; i < Busy::calls; ++i) reads.push_back({.id = busy.ids.at(i)});
  CHECK(busy.trips_of(std::move(reads)) <= 5);
  std::vector<patients::Patch> patches;
  for (std::size_t i = 0; i < Busy::calls; ++i)
    patches.push_back({.id = busy.ids.at(i), .revision = 1, .language = std::string("en")});
  CHECK(busy.trips_of(std::move(patches)) <= 5);
  // Alone, where nobody else writes: with the lock, and for the commit.
  const Session desk = busy.hospital.as(Role::receptionist);
  must(desk.call(patients::Get{.id = busy.ids.at(0)}));
  const auto before = busy.trips.load();
  must(desk.call(patients::Get{.id = busy.ids.at(1)}));
  CHECK(busy.trips - before == 2);
  CHECK(must(busy.hospital.as(Role::tenant_admin).call(audit::Verify{})).intact);
}
