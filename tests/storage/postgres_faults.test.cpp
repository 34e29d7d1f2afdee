// PostgreSQL from afar: conflicts that are told late, connections that are lost, servers that die, two processes at once.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <deque>
#include <functional>
#include <random>
#include <stdexcept>
#include <thread>

#include "medflow/conformance/harness.hpp"
#include "storage/committer.hpp"
#include "storage/postgres/link.hpp"
#include "storage/postgres/registry.hpp"
#include "tests/support/postgres_server.hpp"

using namespace medflow;
using namespace medflow::storage;
using medflow::conformance::fault_of;
using medflow::conformance::firsts;
using medflow::conformance::insert;
using medflow::conformance::person;
using medflow::conformance::Texts;
using medflow::conformance::update;
using medflow::storage::postgres::Link;

namespace claims = medflow::conformance::claims;
namespace people = medflow::conformance::people;

namespace {

const StoreName north{.tenant = "north"};

class Store {
 public:
  explicit Store(testing::PostgresServer& server = testing::PostgresServer::shared()) : there(server) {
    engine = make_postgres_engine(there.options());
    database = engine->create(north, options());
  }

  static OpenOptions options(const Schema& schema = conformance::schema, bool migrate = true) {
    return {.schema = &schema, .migrate = migrate};
  }
  Texts ids() const { return firsts(*database, {.table = &people::table}); }

  /// Ends every session of the role that works, as an administrator or a firewall does.
  void cut() const {
    Link{{.url = there.server().admin()}}.ask(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'medflow_test_app' AND datname "
        "= $1",
        {postgres::database_of(there.app())});
  }

  testing::PostgresDatabase there;
  std::unique_ptr<Engine> engine{};
  std::unique_ptr<Database> database{};
};

/// Ends this process's connections over TCP, of which the server learns nothing before it answers. The administrator's are not
/// among them.
void cut_network() {
  constexpr int descriptors_max = 1'024;
  for (int descriptor = 3; descriptor < descriptors_max; ++descriptor) {
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &length) == 0 && peer.sin_family == AF_INET)
      ::shutdown(descriptor, SHUT_RD);
  }
}

using Outcome = std::optional<std::pair<FaultKind, std::string>>;

template <class Body_>
Outcome written(Database& database, Body_ body) {
  return fault_of([&] {
    database.write([&](Transaction& transaction) {
      transaction.defer_conflicts();
      body(transaction);
    });
  });
}

}  // namespace

TEST_CASE("TEN-3: a conflict that is told late names its index and leaves nothing") {
  Store store;
  insert(*store.database, people::table, {person("a", 1, "A")});
  insert(*store.database, claims::table, {conformance::claim("room", 1, 1, 0, 10)});
  const auto told = [&](FaultKind kind, std::string_view name, auto body) {
    CHECK(written(*store.database, body) == conformance::fault(kind, name));
    CHECK(written(*store.database, [&](Transaction& transaction) {
            body(transaction);
            insert(transaction, people::table, person("b", 2, "B"));  // follows on, and is not run
            firsts(transaction, {.table = &people::table});
            CHECK(false);  // the reading tells of it
          }) == conformance::fault(kind, name));
    CHECK(store.ids() == Texts{"a"});
  };
  told(FaultKind::unique, "key", [](Transaction& t) { insert(t, people::table, person("a", 7, "Z")); });
  told(FaultKind::unique, "by_number", [](Transaction& t) { insert(t, people::table, person("z", 1, "Z")); });
  told(FaultKind::exclusion, "no_overlap",
       [](Transaction& t) { insert(t, claims::table, conformance::claim("room", 2, 1, 5, 6)); });
  told(FaultKind::revision, "people", [](Transaction& t) { update(t, people::table, person("a", 1, "Z", {}, 3), 2); });
  told(FaultKind::revision, "people", [](Transaction& t) { update(t, people::table, person("z", 8, "Z", {}, 2), 1); });
}

TEST_CASE("TEN-3: after a conflict that was told late nothing more is run") {
  Store store;
  bool alive = true;
  CHECK(written(*store.database, [&](Transaction& transaction) {
          insert(transaction, people::table, person("a", 1, "A"));
          insert(transaction, people::table, person("b", 1, "B"));
          for (int i = 0; i < 2; ++i)
            CHECK(fault_of([&] { firsts(transaction, {.table = &people::table}); }) ==
                  conformance::fault(FaultKind::unique, "by_number"));
          alive = transaction.alive();
        }) == conformance::fault(FaultKind::unique, "by_number"));
  CHECK_FALSE(alive);
  CHECK(store.ids().empty());
}

TEST_CASE("TEN-3: an attempt answers for its own writes alone, though they are told late") {
  Store store;
  CHECK_FALSE(written(*store.database, [&](Transaction& transaction) {
    insert(transaction, people::table, person("a", 1, "A"));
    CHECK(fault_of([&] {
            transaction.attempt([&] {
              insert(transaction, people::table, person("b", 2, "B"));
              insert(transaction, people::table, person("c", 1, "C"));
            });
          }) == conformance::fault(FaultKind::unique, "by_number"));
    CHECK(transaction.alive());
    CHECK_THROWS_AS(transaction.attempt([&] {
      insert(transaction, people::table, person("d", 1, "D"));
      throw std::runtime_error{"no"};
    }),
                    std::runtime_error);
    // What was asked for beforehand belongs to the attempt as well.
    const auto foresee = [&] {
      transaction.foresee([](Foresight& foresight) { foresight.scan({.table = &people::table, .limit = 1}); });
    };
    CHECK(fault_of([&] {
            transaction.attempt([&] {
              insert(transaction, people::table, person("f", 1, "F"));
              foresee();
              insert(transaction, people::table, person("g", 7, "G"));
            });
          }) == conformance::fault(FaultKind::unique, "by_number"));
    CHECK(transaction.alive());
    foresee();
    transaction.attempt([&] {
      insert(transaction, people::table, person("e", 5, "E"));
      foresee();
    });
  }));
  CHECK(store.ids() == Texts{"a", "e"});
  CHECK(written(*store.database, [&](Transaction& transaction) {
          insert(transaction, people::table, person("a", 9, "A"));
          transaction.attempt([&] { CHECK(false); });
        }) == conformance::fault(FaultKind::unique, "key"));
}

TEST_CASE("TEN-3: of callers that share a commit only the one with the conflict hears of it") {
  Store store;
  insert(*store.database, people::table, {person("taken", 1, "T")});
  constexpr int callers = 5, clash = 2;
  std::vector<std::string> answers(callers);
  std::deque<std::function<void()>> work;  // led when all have queued, so that they are one batch
  class Later final : public Executor {
   public:
    explicit Later(std::deque<std::function<void()>>& later) : later_(later) {}
    void post(std::function<void()> todo) override { later_.push_back(std::move(todo)); }

   private:
    std::deque<std::function<void()>>& later_;
  } executor{work};
  class Adds final : public Member {
   public:
    Adds(int number, std::string& answer) : number_(number), answer_(answer) {}
    void run(Transaction& transaction, bool) override {
      firsts(transaction, {.table = &people::table, .limit = 1});  // hears of what the one before it has queued
      insert(transaction, people::table,
             person("p" + std::to_string(number_), number_ == clash ? 1 : 10 + number_, "P"));
    }
    bool wrote() const override { return true; }
    void done(std::exception_ptr failure) noexcept override {
      const auto fault = fault_of([&] {
        if (failure) std::rethrow_exception(failure);
      });
      answer_ = fault ? fault->second : "added";
    }

   private:
    int number_;
    std::string& answer_;
  };
  {
    BatchHooks hooks;
    Committer committer{*store.database, hooks, executor};
    for (int i = 0; i < callers; ++i) committer.submit(std::make_unique<Adds>(i, answers[static_cast<std::size_t>(i)]));
    for (; !work.empty(); work.pop_front()) work.front()();
  }
  CHECK(answers == std::vector<std::string>{"added", "added", "by_number", "added", "added"});
  CHECK(store.ids() == Texts{"p0", "p1", "p3", "p4", "taken"});
}

TEST_CASE("TEN-3: long values of an index come back whole, differ where they differ, and are found") {
  Store store;
  const std::string begin(5'000, 'x');
  const std::string ones = begin + '1', twos = begin + '2', accents = std::string(511, 'y') + "\xC3\xA9" + begin;
  insert(*store.database, people::table,
         {person(ones, 1, ones), person(twos, 2, twos), person("short", 3, std::string_view{begin}.substr(0, 512)),
          person("accents", 4, accents)});
  store.database->read([&](Transaction& transaction) {
    CHECK(conformance::get(transaction, people::table, {Cell::bytes(ones)}) == person(ones, 1, ones));
    CHECK(conformance::get(transaction, people::table, {Cell::bytes(twos)}) == person(twos, 2, twos));
    CHECK_FALSE(conformance::get(transaction, people::table, {Cell::bytes(begin)}));
    for (const std::string& name : {ones, twos, accents}) {
      const Cell equal = Cell::text(name);
      const auto found =
          conformance::rows(transaction, {.table = &people::table, .index = "by_name", .equal = {&equal, 1}});
      REQUIRE(found.size() == 1);
      CHECK(found[0][people::name].data == name);
    }
  });
  CHECK(fault_of([&] { insert(*store.database, people::table, {person(ones, 9, "again")}); }) ==
        conformance::fault(FaultKind::unique, "key"));
}

TEST_CASE("APT-3: two processes write one store in turn, and no increment is lost") {
  Store store;
  insert(*store.database, people::table, {person("counter", 0, {})});
  const auto other = make_postgres_engine(store.there.options());
  const auto again = other->open(north, Store::options());
  constexpr int rounds = 100;
  const auto count = [&](Database& database) {
    for (int i = 0; i < rounds; ++i) {
      database.write([&](Transaction& transaction) {
        transaction.defer_conflicts();
        auto line = *conformance::get(transaction, people::table, {Cell::bytes("counter")});
        const auto revision = static_cast<Revision>(line[people::revision].integer);
        ++line[people::number].integer;
        ++line[people::revision].integer;
        update(transaction, people::table, line, revision);
      });
    }
  };
  std::thread there{[&] { count(*again); }};
  count(*store.database);
  there.join();
  store.database->read([&](Transaction& transaction) {
    CHECK((*conformance::get(transaction, people::table, {Cell::bytes("counter")}))[people::number].integer ==
          2 * rounds);
  });
}

TEST_CASE("TEN-3: a store that another process has dropped takes no more writes") {
  Store store;
  const auto other = make_postgres_engine(store.there.options());
  other->drop(north);
  CHECK(fault_of([&] { insert(*store.database, people::table, {person("a", 1, "A")}); })->first == FaultKind::missing);
  CHECK(store.ids().empty());
}

TEST_CASE("TEN-5: processes that migrate a store at the same time do it once") {
  testing::PostgresDatabase there;
  make_postgres_engine(there.options())->create(north, Store::options(conformance::older_schema));
  std::vector<std::thread> threads;
  std::atomic<int> opened = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto engine = make_postgres_engine(there.options());
      const auto database = engine->open(north, Store::options(conformance::grown::schema));
      opened += firsts(*database, {.table = &claims::table}).empty() ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(opened == 4);
  Link admin{{.url = there.admin()}};
  CHECK(postgres::text_at(admin.ask("SELECT string_agg(name, ', ' ORDER BY number) FROM medflow.store_migrations"), 0,
                          0) == "people and entries, claims, wards");
}

TEST_CASE("TEN-5: each store has a version of its own, over tables that are built once") {
  testing::PostgresDatabase there;
  const auto engine = make_postgres_engine(there.options());
  const StoreName south{.tenant = "south"};
  engine->create(north, Store::options(conformance::older_schema));
  engine->create(south, Store::options(conformance::grown::schema));
  insert(*engine->open(north, Store::options(conformance::older_schema, false)), people::table, {person("a", 1, "A")});
  CHECK(fault_of([&] { engine->open(north, Store::options(conformance::grown::schema, false)); })->first ==
        FaultKind::schema_outdated);
  CHECK(engine->open(south, Store::options(conformance::grown::schema, false)));
  CHECK(fault_of([&] { engine->open(south, Store::options()); })->first == FaultKind::schema_newer);
}

TEST_CASE("TEN-3: without a migrator an engine does the daily work and nothing else") {
  Store store;
  const auto engine = make_postgres_engine({.url = store.there.app()});
  const StoreName south{.tenant = "south"};
  insert(*engine->create(south, Store::options()), people::table, {person("a", 1, "A")});
  CHECK(fault_of([&] { engine->create({.tenant = "west"}, Store::options(conformance::grown::schema)); })->first ==
        FaultKind::schema_outdated);
  CHECK(engine->list().size() == 2);
  CHECK(fault_of([&] { engine->drop(south); })->first == FaultKind::unavailable);
  CHECK(firsts(*engine->open(south, Store::options()), {.table = &people::table}) == Texts{"a"});
}

TEST_CASE("TEN-3: a connection that was cut while idle is replaced without a word") {
  Store store;
  insert(*store.database, people::table, {person("a", 1, "A")});
  CHECK(store.ids() == Texts{"a"});
  store.cut();
  CHECK(store.ids() == Texts{"a"});
  store.cut();
  insert(*store.database, people::table, {person("b", 2, "B")});
  CHECK(store.ids() == Texts{"a", "b"});
}

TEST_CASE("TEN-3: a connection that is cut in a transaction takes it along, and the next one works") {
  Store store;
  insert(*store.database, people::table, {person("a", 1, "A")});
  CHECK(fault_of([&] {
          store.database->write([&](Transaction& transaction) {
            insert(transaction, people::table, person("b", 2, "B"));
            store.cut();
            firsts(transaction, {.table = &people::table});
          });
        })->first == FaultKind::unavailable);
  CHECK(fault_of([&] {
          store.database->read([&](Transaction& transaction) {
            firsts(transaction, {.table = &people::table});
            store.cut();
            firsts(transaction, {.table = &people::table});
          });
        })->first == FaultKind::unavailable);
  CHECK(written(*store.database, [&](Transaction& transaction) {
          insert(transaction, people::table, person("c", 3, "C"));
          firsts(transaction, {.table = &people::table});
          store.cut();
        })->first == FaultKind::unknown_outcome);
  CHECK(store.ids() == Texts{"a"});
  insert(*store.database, people::table, {person("d", 4, "D")});
  CHECK(store.ids() == Texts{"a", "d"});
}

TEST_CASE("TEN-3: a session that outlives its connection commits nothing after its outcome was looked at") {
  testing::PostgresServer server;
  const Store store{server};
  Link admin{{.url = store.there.admin()}};
  admin.ask("BEGIN");
  admin.ask("SELECT FROM medflow.store_locks FOR UPDATE");
  Outcome outcome;
  std::thread writer{[&] {
    outcome = written(*store.database, [](Transaction& t) { insert(t, people::table, person("a", 1, "A")); });
  }};
  Link watch{{.url = store.there.admin()}};
  const char* waits =
      "SELECT count(*) = 1 FROM pg_stat_activity WHERE usename = 'medflow_test_app' AND wait_event_type = 'Lock'";
  for (int looks = 0; looks < 5'000 && !watch.holds(waits); ++looks) watch.ask("SELECT pg_sleep(0.01)");
  REQUIRE(watch.holds(waits));
  cut_network();
  writer.join();
  CHECK(outcome->first == FaultKind::unknown_outcome);
  CHECK(watch.holds(waits));  // the server has noticed nothing, and would go on to commit
  CHECK(store.ids().empty());
  admin.ask("ROLLBACK");
  CHECK(store.ids().empty());
  insert(*store.database, people::table, {person("b", 1, "B")});
  CHECK(store.ids() == Texts{"b"});
}

TEST_CASE("TEN-3: sessions that end at random moments leave whole transactions or none") {
  Store store;
  constexpr int wanted = 150;
  std::atomic<bool> done = false;
  std::thread cutter{[&] {
    std::mt19937 chance{7};
    Link admin{{.url = store.there.server().admin()}};
    while (!done) {
      admin.ask("SELECT pg_sleep($1::float8)", {std::to_string(static_cast<double>(chance() % 8'000) / 1e6)});
      store.cut();
    }
  }};
  int known = 0, open = 0;
  for (int i = 0; i < wanted; ++i) {
    const auto outcome = written(*store.database, [&](Transaction& transaction) {
      for (int half = 0; half < 2; ++half)
        insert(transaction, people::table, person(std::to_string(i) + (half == 0 ? "a" : "b"), {}, "x"));
      if (i % 2 == 0) firsts(transaction, {.table = &people::table, .limit = 1});
    });
    known += outcome ? 0 : 1;
    open += outcome && outcome->first == FaultKind::unknown_outcome ? 1 : 0;
    if (outcome) CHECK((outcome->first == FaultKind::unavailable || outcome->first == FaultKind::unknown_outcome));
  }
  done = true;
  cutter.join();
  const auto ids = store.ids();
  CHECK(ids.size() % 2 == 0);
  for (std::size_t i = 0; i + 1 < ids.size(); i += 2)
    CHECK(ids[i].substr(0, ids[i].size() - 1) == ids[i + 1].substr(0, ids[i + 1].size() - 1));
  const auto there = static_cast<int>(ids.size() / 2);
  CHECK(there >= known);
  CHECK(there <= known + open);
}

TEST_CASE("TEN-3: what a server that dies had answered is there when it is back, and nothing half done") {
  testing::PostgresServer server{testing::Disk::synced};
  Store store{server};
  insert(*store.database, people::table, {person("a", 1, "A")});
  CHECK(fault_of([&] {
          store.database->write([&](Transaction& transaction) {
            insert(transaction, people::table, person("b", 2, "B"));
            server.kill();
            insert(transaction, people::table, person("c", 3, "C"));
          });
        })->first == FaultKind::unavailable);
  CHECK(fault_of([&] { store.ids(); })->first == FaultKind::unavailable);
  server.start();
  CHECK(store.ids() == Texts{"a"});
  insert(*store.database, people::table, {person("d", 4, "D")});
  CHECK(store.ids() == Texts{"a", "d"});
  CHECK(written(*store.database, [&](Transaction& transaction) {
          insert(transaction, people::table, person("e", 5, "E"));
          server.kill();
        })->first != FaultKind::unique);
  server.start();
  CHECK(store.ids() == Texts{"a", "d"});
}
