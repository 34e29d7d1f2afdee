// Three processes at work in one hospital at once, two threads in each; and the same script with bugs built in, which must be seen.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "medflow/testing/wrapped_engine.hpp"
#include "patients/entities.hpp"
#include "storage/entity.hpp"
#include "tenants/entities.hpp"
#include "tests/processes/house.hpp"
#include "tests/support/events.hpp"
#include "users/entities.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr std::size_t processes = 3;
constexpr std::size_t threads_each = 2;
constexpr std::size_t rounds = 20;

/// What one thread did and saw.
struct Worker {
  House& house;
  const Platform& platform;
  Session desk;
  PatientId shared{};
  std::size_t who = 0;
  std::set<std::string> numbers{};
  std::size_t changed = 0;
  std::string wrong{};

  void note(std::string what) {
    if (wrong.empty()) wrong = std::move(what);
  }
  /// A name or an identifier that this process has written, or has been told of, is found.
  void enrol(std::size_t round) {
    const std::string own = std::to_string(who) + "-" + std::to_string(round);
    auto made = desk.call(person("Busy", own));
    if (!made.ok()) return note("register " + code_of(made));
    if (!numbers.insert(made->mrn).second) note("a record number twice");
    const auto again = desk.call(person("Busy", own));
    if (code_of(again) != "patient.duplicate") note("a second holder " + code_of(again));
  }
  /// All want the same identifier; one gets it.
  void claim(std::size_t round) {
    const auto made = desk.call(person("Claim", "claim-" + std::to_string(round)));
    if (made.ok()) numbers.insert(made->mrn);
    if (!made.ok() && code_of(made) != "patient.duplicate") note("claim " + code_of(made));
  }
  void change() {
    const auto now = desk.call(patients::Get{.id = shared});
    if (!now.ok()) return note("get " + code_of(now));
    const auto result =
        desk.call(patients::Patch{.id = shared, .revision = now->revision, .language = std::string("en")});
    if (result.ok()) ++changed;
    if (!result.ok() && code_of(result) != "conflict.revision") note("patch " + code_of(result));
  }
  void search() {
    const auto found = desk.call(patients::List{.name = "busy", .limit = 200});
    if (!found.ok()) note("search " + code_of(found));
  }
  void sign_in() {
    const auto tokens = platform.visit(house.hospital.slug())
                            .call(auth::Login{.email = Hospital::email_of(Role::nurse),
                                              .password = Hospital::secret(Hospital::password)});
    if (!tokens.ok()) return note("login " + code_of(tokens));
    const auto session = platform.authenticate(tokens->access_token);
    if (!session.ok()) return note("authenticate " + code_of(session));
    if (!session->call(auth::Logout{}).ok()) note("logout");
    if (platform.authenticate(tokens->access_token).ok()) note("a session outlived its end");
  }
  void work() {
    for (std::size_t round = 0; round < rounds; ++round) {
      enrol(round);
      claim(round);
      change();
      search();
      if (round % 8 == who % 8) sign_in();
      if (round % 5 == who % 5)
        for (const auto& trouble : platform.tick(house.clock->now())) note("tick " + trouble.task);
    }
  }
};

/// Changes of these rows, or the counters, are not seen by who follows.
class Blind final : public WrappedDatabase {
 public:
  Blind(std::unique_ptr<storage::Database> inner, std::string_view bug)
      : WrappedDatabase(std::move(inner)), bug_(bug) {}
  void write(storage::Body body) override {
    WrappedDatabase::write([&](storage::Transaction& inner) {
      Blinded transaction(inner, bug_);
      body(transaction);
    });
  }

 private:
  class Blinded final : public WrappedTransaction {
   public:
    Blinded(storage::Transaction& inner, std::string_view bug) : WrappedTransaction(inner), bug_(bug) {}
    void scan(const storage::Scan& scan, storage::RowVisitor visit) override {
      if (bug_ == "counters" && scan.table->name == "counters") return;
      const bool feed = scan.table->name == "changes";
      WrappedTransaction::scan(scan, [&](storage::RowView row) {
        if (!feed || row[1].integer != hidden()) return visit(row);
        storage::Cell other[4];
        std::copy(row.begin(), row.end(), other);
        other[1] = storage::Cell::of(0);
        return visit(other);
      });
    }

   private:
    std::int64_t hidden() const {
      if (bug_ == "patients") return storage::layout_of<patients::Patient>().table().id;
      if (bug_ == "sessions") return storage::layout_of<users::StoredSession>().table().id;
      if (bug_ == "settings") return storage::layout_of<settings::SettingsRow>().table().id;
      return bug_ == "tenants" ? storage::layout_of<tenants::Tenant>().table().id : -1;
    }
    std::string_view bug_;
  };

  std::string_view bug_;
};

class BlindEngine final : public WrappedEngine {
 public:
  BlindEngine(EnginePtr inner, std::string_view bug) : WrappedEngine(std::move(inner)), bug_(bug) {}
  bool shared() const override { return bug_ != "all" && WrappedEngine::shared(); }

 protected:
  std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> database,
                                          const storage::StoreName& store) override {
    if (store.part != storage::Part::data) return database;
    return std::make_unique<Blind>(std::move(database), bug_);
  }

 private:
  std::string_view bug_;
};

/// What two processes find wrong with each other; nothing where all is well.
std::set<std::string> complaints(std::string_view bug) {
  House house;
  std::set<std::string> wrong;
  const auto expect = [&](bool right, std::string_view what) {
    if (!right) wrong.emplace(what);
  };
  const Platform other = house.join(std::make_shared<BlindEngine>(house.server->process(), bug));
  const Session here = house.hospital.as(Role::receptionist);
  const Session there = house.on(other, Role::receptionist);
  const Session nurse = house.on(other, Role::nurse);
  const auto here_made = here.call(person("First", "F-1"));
  const auto there_made = there.call(person("Second", "F-2"));
  static_cast<void>(there.call(patients::List{.name = "nobody"}));
  const auto again = here.call(person("Third", "F-3"));
  const auto next = there.call(person("Fourth", "F-4"));
  expect(here_made.ok() && there_made.ok() && again.ok() && next.ok(), "a registration failed");
  if (again.ok() && next.ok()) expect(again->mrn != next->mrn, "a record number twice");
  for (int i = 0; i < 3; ++i)
    static_cast<void>(here.call(person("Ahead")));  // one number that is taken would be passed over
  expect(there.call(person("Behind")).ok(), "a registration failed");
  expect(!there.call(person("Fifth", "F-3")).ok(), "an identifier twice");
  const auto found = there.call(patients::List{.name = "third"});
  expect(found.ok() && found->data.size() == 1, "a name was not found");

  house.hospital.configure({.mrn_prefix = std::string("KH")});
  const auto prefixed = there.call(person("Sixth"));
  expect(prefixed.ok() && prefixed->mrn.substr(0, 3) == "KH-", "old settings");

  for (const auto& session : must(house.hospital.as(Role::nurse).call(sessions::List{})).data)
    must(house.hospital.as(Role::tenant_admin).call(sessions::Revoke{.id = session.id}));
  must(house.hospital.root().call(tenants::Suspend{.id = house.hospital.tenant.id}));
  static_cast<void>(other.tick(house.clock->now()));
  expect(code_of(nurse.call(profile::Get{})) == "unauthenticated", "an ended session");
  expect(code_of(there.call(person("Seventh"))) == "tenant.suspended", "a suspended tenant");
  return wrong;
}

}  // namespace

TEST_CASE("OPS-2: three processes with two threads each lose nothing and break nothing") {
  House house;
  house.hospital.member(Role::nurse);
  const Platform second = house.join();
  const Platform third = house.join();
  const Platform* platforms[processes] = {&house.hospital.platform, &second, &third};
  const PatientId shared = must(house.hospital.as(Role::receptionist).call(person("Shared"))).id;
  std::vector<Worker> workers;
  for (std::size_t i = 0; i < processes * threads_each; ++i) {
    const Platform& platform = *platforms[i % processes];
    workers.push_back({.house = house,
                       .platform = platform,
                       .desk = house.on(platform, Role::receptionist),
                       .shared = shared,
                       .who = i});
  }
  std::vector<std::thread> threads;
  for (Worker& worker : workers) threads.emplace_back([&worker] { worker.work(); });
  for (auto& thread : threads) thread.join();

  std::set<std::string> numbers;
  std::size_t given = 0;
  std::size_t changed = 0;
  for (const Worker& worker : workers) {
    CHECK_MESSAGE(worker.wrong.empty(), worker.wrong);
    numbers.insert(worker.numbers.begin(), worker.numbers.end());
    given += worker.numbers.size();
    changed += worker.changed;
  }
  CHECK(numbers.size() == given);
  CHECK(given == workers.size() * rounds + rounds);
  for (const Platform* platform : platforms) {
    const Session desk = house.on(*platform, Role::receptionist);
    CHECK(must(desk.call(patients::Get{.id = shared})).revision == changed + 1);
    CHECK(found_by_name(desk, "busy") == workers.size() * rounds);
    CHECK(found_by_name(desk, "claim") == rounds);
    CHECK(must(house.on(*platform, Role::tenant_admin).call(audit::Verify{})).intact);
  }
  std::uint64_t seq = 0;
  for (const ReadEvent& read : events(house.hospital.as(Role::auditor))) CHECK(read.event.seq == ++seq);
}

TEST_CASE("OPS-2: a process that does not follow is found out, whatever it does not follow") {
  CHECK(complaints("none") == std::set<std::string>{});
  CHECK(complaints("counters").contains("a registration failed"));
  CHECK(complaints("patients").contains("an identifier twice"));
  CHECK(complaints("patients").contains("a name was not found"));
  CHECK(complaints("settings").contains("old settings"));
  CHECK(complaints("sessions").contains("an ended session"));
  CHECK(complaints("tenants").contains("a suspended tenant"));
  CHECK_FALSE(complaints("all").empty());
}
