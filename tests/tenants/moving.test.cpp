// TEN-3: a tenant moves from placement to placement, and nothing of it changes on the way.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "keys/key_store.hpp"
#include "medflow/testing.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/storage_dump.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

struct Pair {
  std::string_view from;
  std::string_view to;
};

// Another engine is one more line.
constexpr Pair pairs[] = {
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
    {"sqlcipher", "postgresql"}, {"postgresql", "sqlcipher"},
#endif
    {"memory", "sqlite"},        {"sqlite", "sqlcipher"},     {"sqlcipher", "sqlite"}, {"sqlite", "memory"}};

using Wrap = std::function<std::shared_ptr<storage::Engine>(std::shared_ptr<storage::Engine>)>;

/// A hospital in one engine, and another engine that it can move to; each can be made to fail.
class Place {
 public:
  explicit Place(Pair pair, Wrap wrap = {})
      : home_(pair.from),
        there_(pair.to),
        home_dump_(std::make_shared<DumpingEngine>(home_)),
        there_dump_(std::make_shared<DumpingEngine>(there_)),
        wrap_(std::move(wrap)),
        hospital_(options(), clock_) {
    // What a first tick writes down, such as when jobs run by the clock, is there before anything is compared.
    if (!hospital_.platform.tick(clock_->now()).empty()) throw std::runtime_error("a background task failed");
  }

  PlatformOptions options() const {
    PlatformOptions options = test_options(std::make_shared<FaultyEngine>(home_dump_, faults_), clock_);
    const std::shared_ptr<storage::Engine> there = wrap_ ? wrap_(there_dump_) : there_dump_;
    options.placements["there"] = std::make_shared<FaultyEngine>(there, faults_);
    return options;
  }
  Hospital& hospital() { return hospital_; }
  Faults& faults() { return *faults_; }
  TenantId id() const { return hospital_.tenant.id; }
  tenants::Tenant row() const { return must(hospital_.root().call(tenants::Get{.id = id()})); }

  Result<tenants::Tenant> move(std::string_view placement) const {
    return hospital_.root().call(tenants::Move{.id = id(), .placement = std::string(placement), .alone = true});
  }
  void reopen() {
    { const Platform closed = std::move(hospital_.platform); }
    hospital_.platform = must(Platform::open(options()));
  }

  /// Where something of the tenant lies.
  std::set<std::string> places() const {
    std::set<std::string> found;
    for (const auto& store : home_dump_->list())
      if (store.tenant == id().text()) found.insert("default");
    for (const auto& store : there_dump_->list())
      if (store.tenant == id().text()) found.insert("there");
    return found;
  }

  /// Its rows but for those of the audit log, which reads go on to write, and what counts them.
  Dump rows() const {
    Dump rows;
    for (const auto& engine : {home_dump_, there_dump_})
      for (auto& [name, lines] : engine->dump())
        if (name.starts_with(id().text()) && name.find("/audit_") == std::string::npos) rows[name] = std::move(lines);
    return rows;
  }

 private:
  TestEngine home_;
  TestEngine there_;
  std::shared_ptr<DumpingEngine> home_dump_;
  std::shared_ptr<DumpingEngine> there_dump_;
  std::shared_ptr<Faults> faults_ = std::make_shared<Faults>();
  std::shared_ptr<FakeClock> clock_ = std::make_shared<FakeClock>();
  Wrap wrap_;
  Hospital hospital_;
};

/// Every patient is found by identifier and by name, and the log is whole.
void check_whole(Hospital& hospital, const std::vector<patients::Patient>& all) {
  const Session desk = hospital.as(Role::receptionist);
  for (const auto& patient : all) {
    const auto by_number = must(desk.call(patients::List{.identifier = patient.identifiers.at(0).value}));
    REQUIRE(by_number.data.size() == 1);
    CHECK(by_number.data[0].id == patient.id);
    CHECK(by_number.data[0].names == patient.names);
    CHECK(by_number.data[0].phones == patient.phones);
  }
  std::map<std::string, std::set<PatientId>> by_name;
  for (const auto& patient : all) by_name[patient.names.at(0).family].insert(patient.id);
  for (const auto& [family, ids] : by_name) {
    std::set<PatientId> found;
    patients::List query{.name = family, .limit = page_limit_max};
    for (bool more = true; more;) {
      const auto page = must(desk.call(query));
      for (const auto& patient : page.data) found.insert(patient.id);
      more = page.page.next.has_value();
      if (more) query.cursor = *page.page.next;
    }
    CHECK(found == ids);
  }
  const auto verified = must(hospital.as(Role::tenant_admin).call(audit::Verify{}));
  for (const auto& finding : verified.findings) FAIL_CHECK(finding.kind, " ", finding.object);
  CHECK(verified.intact);
}

patients::Register somebody() {
  return {.names = {{.family = "Field", .given = {"Finn"}}}, .sex_admin = patients::Sex::unknown};
}

/// Fails at the n-th step, or from there on. The rows that are written into one table, one after the other, are one step: there are
/// more of them with each round.
StorageHook fails_at(std::uint64_t n, bool for_good) {
  return [n, for_good, step = std::uint64_t{0},
          last = static_cast<const storage::Table*>(nullptr)](const StorageStep& at) mutable {
    const bool again = at.call == StorageCall::insert && at.table == last;
    if (at.call == StorageCall::insert) last = at.table;
    if (!again) ++step;
    if (for_good ? step < n : step != n || again) return;
    throw storage::Fault{
        at.call == StorageCall::committed ? storage::FaultKind::unknown_outcome : storage::FaultKind::unavailable,
        "key", "made to fail"};
  };
}

/// Loses one row in a hundred, and says nothing.
std::shared_ptr<storage::Engine> losing_engine(std::shared_ptr<storage::Engine> inner) {
  class Losing final : public WrappedTransaction {
   public:
    Losing(storage::Transaction& inner, int& count) : WrappedTransaction(inner), count_(count) {}
    void insert(const storage::Table& table, storage::RowView row) override {
      if (++count_ % 100 != 0) WrappedTransaction::insert(table, row);
    }

   private:
    int& count_;
  };
  class LosingDatabase final : public WrappedDatabase {
   public:
    using WrappedDatabase::WrappedDatabase;
    void write(storage::Body body) override {
      WrappedDatabase::write([&](storage::Transaction& transaction) {
        Losing losing(transaction, count_);
        body(losing);
      });
    }

   private:
    int count_ = 0;
  };
  class LosingEngine final : public WrappedEngine {
   public:
    using WrappedEngine::WrappedEngine;

   protected:
    std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> database,
                                            const storage::StoreName&) override {
      return std::make_unique<LosingDatabase>(std::move(database));
    }
  };
  return std::make_shared<LosingEngine>(std::move(inner));
}

/// Says that there is nothing, as before somebody else has made it.
std::shared_ptr<storage::Engine> blind_engine(std::shared_ptr<storage::Engine> inner) {
  class Blind final : public WrappedEngine {
   public:
    using WrappedEngine::WrappedEngine;
    std::vector<storage::StoreName> list() override { return {}; }
  };
  return std::make_shared<Blind>(std::move(inner));
}

}  // namespace

TEST_CASE(
    "TEN-3: a hospital moves to another engine and back: the same rows, the same patients, an audit log that "
    "verifies") {
  for (const Pair& pair : pairs) {
    CAPTURE(pair.from);
    CAPTURE(pair.to);
    Place place(pair);
    Hospital& hospital = place.hospital();
    auto all = hospital.add_patients(300);
    check_whole(hospital, all);
    const std::string token = hospital.member(Role::nurse).tokens.access_token;
    REQUIRE(hospital.platform.authenticate(token).ok());
    REQUIRE(place.row().placement == "default");
    for (const std::string_view to : {"there", "default"}) {
      CAPTURE(to);
      const Dump before = place.rows();
      {
        const Session held = hospital.as(Role::receptionist);
        const auto moved = must(place.move(to));
        CHECK(moved.placement == to);
        CHECK(moved.engine == (to == "there" ? pair.to : pair.from));
        // What a host holds ends; what a token stands for does not.
        CHECK(code_of(held.call(patients::List{})) == "unauthenticated");
      }
      CHECK(hospital.platform.authenticate(token).ok());
      CHECK(hospital.platform.tick(hospital.clock->now()).empty());
      CHECK(place.places() == std::set<std::string>{std::string(to)});
      check_whole(hospital, all);
      CHECK(differences(before, place.rows()).empty());
      CHECK(code_of(hospital.as(Role::receptionist).call(somebody())) == "ok");
    }
  }
}

TEST_CASE("TEN-3: nothing stays behind once nobody holds the old store") {
  Place place({"memory", "sqlite"});
  place.hospital().add_patients(5);
  CHECK(must(place.move("there")).leftover.empty());
  CHECK(place.places() == std::set<std::string>{"there"});
  CHECK(must(place.move("there")).revision == place.row().revision);  // it is there already
  {
    const Session held = place.hospital().as(Role::receptionist);
    CHECK(must(place.move("default")).leftover == "there");
    CHECK(place.places() == std::set<std::string>{"there", "default"});
    CHECK(place.hospital().platform.degradations() == std::vector<std::string>{"recovery.unset", "move.unfinished"});
    CHECK(code_of(place.move("there")) == "tenant.moving");
    const auto troubles = place.hospital().platform.tick(place.hospital().clock->now());
    REQUIRE(troubles.size() == 1);
    CHECK(troubles[0].task == "moves");
  }
  CHECK(place.hospital().platform.tick(place.hospital().clock->now()).empty());
  CHECK(place.places() == std::set<std::string>{"default"});
  CHECK(place.row().leftover.empty());
  CHECK(place.hospital().platform.degradations() == std::vector<std::string>{"recovery.unset"});
}

TEST_CASE("TEN-3: a placement that is not there, a tenant that is not there, and who may not, are told") {
  Place place({"memory", "memory"});
  CHECK(fields_of(place.move("nowhere")) == "/placement:placement.unknown");
  CHECK(code_of(place.hospital().root().call(tenants::Move{.id = {Uuid{{1}}}, .placement = "there"})) == "not_found");
  CHECK(code_of(place.hospital().as(Role::tenant_admin).call(tenants::Move{.id = place.id(), .placement = "there"})) ==
        "forbidden");
  PlatformOptions options = place.options();
  options.placements["default"] = storage::memory_engine();
  CHECK(fields_of(Platform::open(options)) == "/placements:invalid");
  options.placements.erase("default");
  options.placements["again"] = options.engine;
  CHECK(fields_of(Platform::open(options)) == "/placements:invalid");
}

TEST_CASE("TEN-3: a move to another name of the place where the tenant is, is refused, and nothing is lost") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const EngineHome home(name);
    const auto engine = home.engine();
    const auto clock = std::make_shared<FakeClock>();
    PlatformOptions options = test_options(engine, clock);
    // Two engines over one database of PostgreSQL; elsewhere no second one gets at it.
    options.placements["main"] = name == "postgresql" ? home.engine() : std::make_shared<WrappedEngine>(engine);
    Hospital hospital(options, clock);
    const auto all = hospital.add_patients(30);
    const auto move = [&] {
      return hospital.root().call(tenants::Move{.id = hospital.tenant.id, .placement = "main", .alone = true});
    };
    CHECK(fields_of(move()) == "/placement:placement.taken");
    CHECK(must(hospital.root().call(tenants::Get{.id = hospital.tenant.id})).leftover.empty());
    CHECK(hospital.platform.tick(clock->now()).empty());
    check_whole(hospital, all);
    { const Platform closed = std::move(hospital.platform); }
    hospital.platform = must(Platform::open(options));
    check_whole(hospital, all);
    CHECK(fields_of(move()) == "/placement:placement.taken");
    CHECK(code_of(hospital.as(Role::receptionist).call(somebody())) == "ok");
  }
}

TEST_CASE("TEN-3: what lies in a placement under the tenant's id, and no move has left there, is not touched") {
  for (const bool seen : {true, false}) {  // before the move begins, or only when it makes its copy
    for (const storage::Part part : {storage::Part::keys, storage::Part::data}) {
      CAPTURE(seen);
      CAPTURE(static_cast<int>(part));
      std::shared_ptr<storage::Engine> there;
      Place place({"memory", "sqlite"}, [&](std::shared_ptr<storage::Engine> inner) {
        there = inner;
        return seen ? inner : blind_engine(inner);
      });
      const auto all = place.hospital().add_patients(10);
      const storage::StoreName other{.tenant = place.id().text(), .part = part};
      there->create(other, {.schema = &keys::key_schema()});
      const auto untouched = [&] {
        const auto stores = there->list();
        return stores.size() == 1 && stores[0].tenant == other.tenant && stores[0].part == other.part;
      };
      CHECK(fields_of(place.move("there")) == "/placement:placement.taken");
      CHECK(place.row().leftover.empty());
      CHECK(place.hospital().platform.tick(place.hospital().clock->now()).empty());
      CHECK(untouched());
      place.reopen();
      CHECK(untouched());
      check_whole(place.hospital(), all);
      CHECK(code_of(place.hospital().as(Role::receptionist).call(somebody())) == "ok");
      there->drop(other);
      CHECK(must(place.move("there")).placement == "there");
      check_whole(place.hospital(), all);
    }
  }
}

TEST_CASE("TEN-3: while a tenant moves it is read and not written, and for the last moment neither") {
  std::function<void(const std::string& table)> meanwhile;
  Place place({"sqlite", "sqlcipher"}, [&](std::shared_ptr<storage::Engine> inner) {
    return std::make_shared<SteppedEngine>(std::move(inner), [&](const StorageStep& at) {
      if (meanwhile && at.call == StorageCall::insert && at.table != nullptr) meanwhile(std::string(at.table->name));
    });
  });
  Hospital& hospital = place.hospital();
  const auto all = hospital.add_patients(40);
  const std::string email = hospital.member(Role::nurse).email;
  std::map<std::string, std::set<std::string>> answers;
  {
    const Session desk = hospital.as(Role::receptionist);
    meanwhile = [&](const std::string& table) {
      if (table != "patients" && table != "audit_head") return;
      std::thread([&] {
        answers[table + " read"].insert(code_of(desk.call(patients::Get{.id = all[0].id})));
        answers[table + " write"].insert(code_of(desk.call(somebody())));
        answers[table + " sign in"].insert(code_of(hospital.sign_in(email)));
        answers[table + " move"].insert(code_of(place.move("there")));
      }).join();
    };
    CHECK(must(place.move("there")).placement == "there");
    meanwhile = {};
  }
  using Codes = std::set<std::string>;
  CHECK(answers["patients read"] == Codes{"ok"});
  CHECK(answers["audit_head read"] == Codes{"tenant.moving"});
  for (const char* table : {"patients", "audit_head"})
    for (const char* what : {" write", " sign in", " move"}) {
      CAPTURE(what);
      CHECK(answers[std::string(table) + what] == Codes{"tenant.moving"});
    }
  check_whole(hospital, all);
}

TEST_CASE("TEN-3: of callers who never stop while a tenant moves to and fro, nothing acknowledged is lost") {
  Place place({"sqlite", "memory"});
  Hospital& hospital = place.hospital();
  const auto all = hospital.add_patients(50);
  const std::string token = hospital.member(Role::receptionist).tokens.access_token;
  std::atomic<bool> stop{false};
  std::vector<std::vector<PatientId>> made(3);
  std::vector<std::set<std::string>> codes(3);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < made.size(); ++i)
    threads.emplace_back([&, i] {
      for (std::size_t n = 0; !stop && n < 20'000; ++n) {
        const auto desk = hospital.platform.authenticate(token);
        if (!desk.ok()) {
          codes[i].insert(code_of(desk));
          continue;
        }
        const auto read = desk->call(patients::Get{.id = all[n % all.size()].id});
        codes[i].insert(code_of(read));
        const auto written = desk->call(somebody());
        codes[i].insert(code_of(written));
        if (written.ok()) made[i].push_back(written->id);
      }
    });
  for (int n = 0; n < 6; ++n) {
    for (int tries = 0; tries < 100'000; ++tries, std::this_thread::yield()) {
      const auto moved = place.move(n % 2 == 0 ? "there" : "default");
      if (moved.ok()) break;
      CHECK(code_of(moved) == "tenant.moving");  // a call that is under way still holds the last place
    }
    CHECK(place.row().placement == std::string(n % 2 == 0 ? "there" : "default"));
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  const Session desk = must(hospital.platform.authenticate(token));
  for (std::size_t i = 0; i < made.size(); ++i) {
    for (const std::string& code : codes[i])
      CHECK_MESSAGE((code == "ok" || code == "tenant.moving" || code == "unauthenticated"), code);
    for (const PatientId& id : made[i]) REQUIRE(desk.call(patients::Get{.id = id}).ok());
  }
  check_whole(hospital, all);
}

// Nobody but the calls themselves holds the sessions, so the last of them lets go of the old place, wherever it is answered.
TEST_CASE("TEN-3: calls whose caller keeps nothing are all answered, however often the tenant moves") {
  Place place({"sqlite", "memory"});
  Hospital& hospital = place.hospital();
  const auto all = hospital.add_patients(20);
  const std::string token = hospital.member(Role::receptionist).tokens.access_token;
  std::atomic<bool> stop{false};
  std::atomic<std::size_t> asked{0}, answered{0};
  const auto all_answered = [&](std::size_t but) {
    for (int i = 0; i < 60'000 && asked - answered > but; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    return asked - answered <= but;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] {
      for (std::size_t n = 0; !stop && n < 50'000; ++n) {
        auto desk = hospital.platform.authenticate(token);
        if (!desk.ok()) continue;
        ++asked;
        desk->submit(patients::Get{.id = all[n % all.size()].id}, [&answered](auto&&) { ++answered; });
        if (!all_answered(16)) return;
      }
    });
  for (int n = 0; n < 20; ++n)
    for (int tries = 0; tries < 100'000 && !place.move(n % 2 == 0 ? "there" : "default").ok(); ++tries)
      std::this_thread::yield();
  stop = true;
  for (auto& thread : threads) thread.join();
  REQUIRE(all_answered(0));
  CHECK(place.row().placement == "default");
  check_whole(hospital, all);
}

TEST_CASE("TEN-3: a suspended tenant moves and stays suspended") {
  Place place({"memory", "sqlite"});
  must(place.hospital().root().call(tenants::Suspend{.id = place.id()}));
  CHECK(must(place.move("there")).status == TenantStatus::suspended);
  CHECK(code_of(
            place.hospital().as(Role::tenant_admin).call(facilities::Create{.name = "A", .zone = {"Europe/London"}})) ==
        "tenant.suspended");
  CHECK(place.places() == std::set<std::string>{"there"});
}

TEST_CASE("TEN-3: a copy that is not the source is found by its digests, and the source stays in charge") {
  Place place({"memory", "memory"}, losing_engine);
  const auto all = place.hospital().add_patients(60);
  CHECK(code_of(place.move("there")) == "integrity");
  CHECK(place.row().placement == "default");
  CHECK(place.row().leftover.empty());
  CHECK(place.places() == std::set<std::string>{"default"});
  check_whole(place.hospital(), all);
}

TEST_CASE("TEN-3: a move that fails at any step of storage has not happened or is complete, and works when repeated") {
  Place place({"memory", "memory"});
  auto all = place.hospital().add_patients(4);
  const Dump rows = place.rows();
  int failed = 0, completed = 0;
  constexpr std::uint64_t steps_max = 1'000;
  std::uint64_t n = 1;
  for (; n < steps_max; ++n) {
    CAPTURE(n);
    const std::string from = place.row().placement, to = from == "default" ? "there" : "default";
    place.faults().script(fails_at(n, false));
    const auto moved = place.move(to);
    const bool struck = place.faults().count() > 0;
    place.faults().clear();
    if (!struck) break;
    const bool there = place.row().placement == to;
    failed += moved.ok() ? 0 : 1;
    completed += there ? 1 : 0;
    if (moved.ok()) CHECK(there);
    static_cast<void>(place.hospital().platform.tick(place.hospital().clock->now()));
    CHECK(place.row().leftover.empty());
    CHECK(place.places() == std::set<std::string>{there ? to : from});
    CHECK(place.hospital().as(Role::receptionist).call(patients::Get{.id = all[0].id}).ok());
    CHECK(must(place.move(to)).placement == to);
    if (n % 40 == 0) check_whole(place.hospital(), all);
  }
  CHECK(n < steps_max);
  CHECK(failed > 100);
  CHECK(completed > 0);
  check_whole(place.hospital(), all);
  CHECK(differences(rows, place.rows()).empty());
}

TEST_CASE("TEN-3: of a machine that dies at any step of a move, the next start finds one whole tenant in one place") {
  Place place({"memory", "memory"});
  auto all = place.hospital().add_patients(4);
  const Dump rows = place.rows();
  int stayed = 0, completed = 0;
  constexpr std::uint64_t steps_max = 1'000;
  std::uint64_t n = 1;
  for (; n < steps_max; ++n) {
    CAPTURE(n);
    const std::string from = place.row().placement, to = from == "default" ? "there" : "default";
    place.faults().script(fails_at(n, true));
    const auto moved = place.move(to);
    const bool struck = place.faults().count() > 0;
    if (struck) {
      const Platform dead = std::move(place.hospital().platform);
    }
    place.faults().clear();
    if (!struck) break;
    place.hospital().platform = must(Platform::open(place.options()));
    const bool there = place.row().placement == to;
    (there ? completed : stayed) += 1;
    CHECK(place.row().leftover.empty());
    CHECK(place.places() == std::set<std::string>{there ? to : from});
    CHECK(place.hospital().as(Role::receptionist).call(patients::Get{.id = all[0].id}).ok());
    if (n % 20 == 0) check_whole(place.hospital(), all);
  }
  CHECK(n < steps_max);
  CHECK(stayed > 50);
  CHECK(completed > 0);
  check_whole(place.hospital(), all);
  CHECK(differences(rows, place.rows()).empty());
}
