// What one process writes, the others know: each keeps in memory what it believes of the rows, and reads on in the change feed.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "medflow/testing/counting_engine.hpp"
#include "medflow/testing/storage_steps.hpp"
#include "medflow/testing/wrapped_engine.hpp"
#include "tests/processes/house.hpp"
#include "tests/support/events.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// An engine to which one patient's row, once it is named, is damaged.
class DamagedTransaction final : public WrappedTransaction {
 public:
  DamagedTransaction(storage::Transaction& inner, const PatientId& patient)
      : WrappedTransaction(inner), patient_(patient) {}
  void get(const storage::Table& table, std::span<const storage::Key> keys, storage::KeyVisitor visit) override {
    WrappedTransaction::get(table, keys, [&](std::size_t at, storage::RowView row) {
      if (table.name != "patients" || keys[at][0].data != patient_.uuid.view()) return visit(at, row);
      std::vector<std::string> blocks(row.size());
      std::vector<storage::Cell> cells(row.begin(), row.end());
      for (std::size_t i = 0; i < cells.size(); ++i) {
        if (cells[i].kind != storage::CellKind::bytes || cells[i].data.size() < 60) continue;
        blocks[i] = cells[i].data;
        blocks[i].back() = static_cast<char>(blocks[i].back() ^ 1);
        cells[i].data = blocks[i];
      }
      visit(at, cells);
    });
  }

 private:
  PatientId patient_;
};

class DamagedDatabase final : public WrappedDatabase {
 public:
  DamagedDatabase(std::unique_ptr<storage::Database> inner, std::shared_ptr<PatientId> patient)
      : WrappedDatabase(std::move(inner)), patient_(std::move(patient)) {}
  void read(storage::Body body) override {
    WrappedDatabase::read([&](storage::Transaction& transaction) {
      DamagedTransaction damaged(transaction, *patient_);
      body(damaged);
    });
  }
  void write(storage::Body body) override {
    WrappedDatabase::write([&](storage::Transaction& transaction) {
      DamagedTransaction damaged(transaction, *patient_);
      body(damaged);
    });
  }

 private:
  std::shared_ptr<PatientId> patient_;
};

class DamagedEngine final : public WrappedEngine {
 public:
  DamagedEngine(EnginePtr inner, std::shared_ptr<PatientId> patient)
      : WrappedEngine(std::move(inner)), patient_(std::move(patient)) {}

 private:
  std::unique_ptr<storage::Database> wrap(std::unique_ptr<storage::Database> inner,
                                          const storage::StoreName&) override {
    return std::make_unique<DamagedDatabase>(std::move(inner), patient_);
  }

  std::shared_ptr<PatientId> patient_;
};

}  // namespace

TEST_CASE("PAT-2: record numbers of two processes are one series") {
  House house;
  const Platform other = house.join();
  const Session desks[] = {house.hospital.as(Role::receptionist), house.on(other, Role::receptionist)};
  std::set<std::string> numbers;
  for (int i = 0; i < 20; ++i) numbers.insert(must(desks[i % 2].call(person("Serial"))).mrn);
  CHECK(numbers.size() == 20);
  CHECK(numbers.begin()->substr(0, 11) == "MF-00000001");
  CHECK(numbers.rbegin()->substr(0, 11) == "MF-00000020");
  CHECK(must(house.on(other, Role::tenant_admin).call(audit::Verify{})).intact);
}

TEST_CASE("PAT-3: an identifier has one holder, whichever process is asked") {
  House house;
  const Platform other = house.join();
  const Session here = house.hospital.as(Role::receptionist);
  const Session there = house.on(other, Role::receptionist);
  must(there.call(person("Early", "A-0")));  // both have read the tokens by now
  const auto patient = must(here.call(person("Held", "A-1")));
  CHECK(code_of(there.call(person("Second", "A-1"))) == "patient.duplicate");
  CHECK(found_by_identifier(there, "A-1") == 1);

  must(there.call(
      patients::Patch{.id = patient.id,
                      .revision = patient.revision,
                      .identifiers = std::vector<patients::Identifier>{{.system = "urn:test:house", .value = "A-2"}}}));
  CHECK(found_by_identifier(here, "A-1") == 0);
  CHECK(found_by_identifier(here, "A-2") == 1);
  CHECK(code_of(here.call(person("Third", "A-2"))) == "patient.duplicate");
  CHECK(code_of(here.call(person("Fourth", "A-1"))) == "ok");
  CHECK(code_of(there.call(person("Fifth", "A-1"))) == "patient.duplicate");
}

TEST_CASE("PAT-3: tokens that one process brings into the table are not lost to the other, nor there twice") {
  House house;
  const Platform other = house.join();
  const Session desks[] = {house.hospital.as(Role::receptionist), house.on(other, Role::receptionist)};
  // One writes much and merges; the other has tokens in memory that are in the table by then.
  for (int i = 0; i < 240; ++i) must(desks[i % 12 == 0 ? 1 : 0].call(person("Many", "M-" + std::to_string(i))));
  for (int i = 0; i < 240; i += 7) {
    CHECK(found_by_identifier(desks[i % 2], "M-" + std::to_string(i)) == 1);
    CHECK(code_of(desks[i % 2].call(person("Again", "M-" + std::to_string(i)))) == "patient.duplicate");
  }
  CHECK(must(house.hospital.as(Role::tenant_admin).call(audit::Verify{})).intact);
  CHECK(must(house.on(other, Role::tenant_admin).call(audit::Verify{})).intact);
}

TEST_CASE("PAT-4: tokens that two processes are about to bring into the table come there once") {
  House house;
  int brought = 0;
  const Platform one =
      house.join(std::make_shared<SteppedEngine>(house.server->process(), [&](const StorageStep& step) {
        if (step.call == StorageCall::insert && step.table != nullptr && step.table->name == "patient_tokens")
          ++brought;
      }));
  const Platform two = house.join();
  const Session here = house.on(one, Role::receptionist);
  const Session there = house.on(two, Role::receptionist);
  must(there.call(person("First", "first")));
  int made = 0;
  const auto add = [&](const Session& desk) { return must(desk.call(person("Both", "B-" + std::to_string(made++)))); };
  // Each time this process has written alone for a while, and is to bring in as much as the other does just before it.
  int in_vain = 0;
  for (int round = 0; round < 4; ++round) {
    const int before = brought;
    for (int i = 0; i < 64 && brought == before; ++i) add(here);
    patients::Patient last;
    for (int i = 0; i < 31; ++i) last = add(here);
    const int first = brought;
    if (round % 2 == 0) {
      add(there);
    } else {  // what is about to be brought in is no more: it would stay there
      must(there.call(patients::Patch{
          .id = last.id, .revision = last.revision, .identifiers = std::vector<patients::Identifier>{}}));
      --made;
    }
    add(here);
    in_vain += brought - first;
  }
  CHECK(in_vain > 0);
  for (int i = 0; i < made; ++i) CHECK(found_by_identifier(i % 2 == 0 ? here : there, "B-" + std::to_string(i)) == 1);
  CHECK(code_of(here.call(person("Again", "B-40"))) == "patient.duplicate");
  CHECK(must(house.on(one, Role::tenant_admin).call(audit::Verify{})).intact);
  CHECK(must(house.on(two, Role::tenant_admin).call(audit::Verify{})).intact);
}

TEST_CASE("PAT-4: others see that tokens were brought in, though nobody called anything") {
  House house;
  const Platform other = house.join();
  const Session here = house.hospital.as(Role::receptionist);
  const Session there = house.on(other, Role::receptionist);
  house.tick(house.hospital.platform);  // what is due is done: from now on a tick calls nothing
  house.tick(other);
  std::vector<patients::Patient> made;
  const auto add = [&] { made.push_back(must(here.call(person("Quiet", "Q-" + std::to_string(made.size()))))); };
  while (made.size() < 31) add();
  CHECK(found_by_identifier(there, "Q-3") == 1);  // all of them are in memory there, from now on
  add();
  CHECK(found_by_name(there, "quiet") == 32);  // which needs no tokens
  house.tick(house.hospital.platform);         // which brings them into the table
  CHECK(found_by_identifier(there, "Q-3") == 1);
  must(there.call(patients::Patch{
      .id = made[3].id, .revision = made[3].revision, .identifiers = std::vector<patients::Identifier>{}}));
  CHECK(found_by_identifier(here, "Q-3") == 0);
  CHECK(code_of(there.call(person("Next", "Q-3"))) == "ok");
  CHECK(must(house.hospital.as(Role::tenant_admin).call(audit::Verify{})).intact);
  CHECK(must(house.on(other, Role::tenant_admin).call(audit::Verify{})).intact);
}

TEST_CASE("PAT-4: tokens come into their table also where processes write in turn, each behind the other") {
  House house;
  std::atomic<int> brought = 0;
  const auto watched = [&] {
    return std::make_shared<SteppedEngine>(house.server->process(), [&](const StorageStep& step) {
      const bool is_token = step.table != nullptr && step.table->name == "patient_tokens";
      if (step.call == StorageCall::insert && is_token) ++brought;
    });
  };
  const Platform one = house.join(watched());
  const Platform two = house.join(watched());
  const Session desks[] = {house.on(one, Role::receptionist), house.on(two, Role::receptionist)};
  for (int i = 0; i < 200; ++i) must(desks[i % 2].call(person("Turn", "T-" + std::to_string(i))));
  CHECK(brought > 300);  // of two for each patient
  CHECK(brought <= 400);
  for (int i = 0; i < 200; i += 9) CHECK(found_by_identifier(desks[i % 2], "T-" + std::to_string(i)) == 1);
  CHECK(must(house.on(one, Role::tenant_admin).call(audit::Verify{})).intact);
}

TEST_CASE(
    "OPS-2: a process that has fallen far behind follows from the tree's stored hashes and from many pages of the "
    "feed") {
  House house;
  const Platform other = house.join();
  const Session here = house.hospital.as(Role::receptionist);
  const Session there = house.on(other, Role::receptionist);
  must(there.call(person("Early", "E-1")));
  CHECK(found_by_name(there, "nobody") == 0);
  for (int i = 0; i < 2'100; ++i) must(here.call(person(i == 7 ? "Seventh" : "Far", "F-" + std::to_string(i))));
  CHECK(code_of(there.call(person("Again", "F-2000"))) == "patient.duplicate");
  CHECK(found_by_name(there, "seventh") == 1);
  CHECK(found_by_identifier(there, "F-8") == 1);
  must(there.call(person("Next", "E-2")));
  CHECK(found_by_identifier(here, "E-2") == 1);
  CHECK(must(house.on(other, Role::tenant_admin).call(audit::Verify{})).intact);
}

TEST_CASE("PAT-2: a record number given by hand is taken for all processes") {
  House house;
  const Platform other = house.join();
  house.hospital.configure({.mrn_strategy = settings::MrnStrategy::manual});
  auto first = person("Hand");
  first.mrn = "X-17";
  auto second = first;
  must(house.on(other, Role::receptionist).call(std::move(first)));  // which knows of the new settings
  CHECK(code_of(house.hospital.as(Role::receptionist).call(std::move(second))) == "mrn.taken");
}

TEST_CASE("RBA-8: what a role of the tenant's own holds is known to all processes") {
  House house;
  const Platform other = house.join();
  const Session admin = house.hospital.as(Role::tenant_admin);
  const auto role =
      must(admin.call(roles::Create{.name = "Greeter", .grants = {{.permission = "patient.read", .scope = "F"}}}));
  const auto member = house.hospital.member(Role::receptionist);
  const auto user = must(admin.call(users::Get{member.id}));
  must(admin.call(users::SetRoles{.id = user.id, .revision = user.revision, .roles = {}, .custom_roles = {*role.id}}));
  const Session there = house.on(other, Role::receptionist);
  CHECK(code_of(there.call(facilities::List{})) == "forbidden");
  must(admin.call(roles::Update{
      .id = *role.id,
      .revision = role.revision,
      .name = "Greeter",
      .grants = {{.permission = "patient.read", .scope = "F"}, {.permission = "facility.read", .scope = "A"}}}));
  must(house.on(other, Role::tenant_admin).call(facilities::List{}));  // any call there looks at what has changed
  CHECK(code_of(there.call(facilities::List{})) == "unauthenticated");
  CHECK(code_of(house.on(other, Role::receptionist).call(facilities::List{})) == "ok");
}

TEST_CASE("PAT-5: a name that one process writes is found by the other's next search") {
  House house;
  const Platform other = house.join();
  const Session here = house.hospital.as(Role::receptionist);
  const Session there = house.on(other, Role::receptionist);
  CHECK(found_by_name(there, "okonkwo") == 0);  // its index is built now
  auto patient = must(here.call(person("Okonkwo")));
  CHECK(found_by_name(there, "okonkwo") == 1);
  patient = must(here.call(patients::Patch{
      .id = patient.id, .revision = patient.revision, .names = std::vector<patients::PersonName>{{.family = "Lind"}}}));
  CHECK(found_by_name(there, "okonkwo") == 0);
  CHECK(found_by_name(there, "lind") == 1);
  must(house.hospital.as(Role::tenant_admin)
           .call(patients::Delete{.id = patient.id, .revision = patient.revision, .reason_code = "entered_in_error"}));
  CHECK(found_by_name(there, "lind") == 0);
}

TEST_CASE("PRV-4: services and calendars that one process changes hold in the other") {
  House house;
  const Platform other = house.join();
  const Session here = house.hospital.as(Role::tenant_admin);
  const Session there = house.on(other, Role::tenant_admin);
  const auto doctor = must(here.call(doctors::Create{.name = "Dana Doyle", .facilities = {house.hospital.home}}));
  const auto service = must(here.call(services::Create{.code = "CONSULT", .name = "Consultation"}));
  const auto duration = [&](const Session& session) {
    return must(session.call(schedules::GetEffective{.id = doctor.id.uuid, .service_id = service.id}))
        .rules.at(0)
        .value;
  };
  CHECK(duration(here) == 30);
  CHECK(duration(there) == 30);
  must(there.call(services::Update{
      .id = service.id, .revision = 1, .code = "CONSULT", .name = "Consultation", .duration_min = 45}));
  CHECK(duration(here) == 45);
  must(here.call(schedules::Set{.id = doctor.id.uuid, .rules = {{.duration_min = 20}}}));
  CHECK(duration(there) == 20);
  must(there.call(schedules::Set{.id = doctor.id.uuid, .revision = 1}));
  CHECK(duration(here) == 45);
}

TEST_CASE("TEN-5: settings and facilities that one process changes hold in the other") {
  House house;
  const Platform other = house.join();
  const Session there = house.on(other, Role::receptionist);
  must(there.call(person("Before")));  // its facts are kept now
  house.hospital.configure({.mrn_prefix = std::string("KH")});
  CHECK(must(there.call(person("After"))).mrn.substr(0, 3) == "KH-");
}

TEST_CASE("USR-4: a session that one process ends is refused by the other with its next tick") {
  House house;
  const Platform other = house.join();
  const Session there = house.on(other, Role::nurse);
  must(there.call(profile::Get{}));
  const auto sessions = must(house.hospital.as(Role::nurse).call(sessions::List{}));
  for (const auto& session : sessions.data)
    must(house.hospital.as(Role::tenant_admin).call(sessions::Revoke{.id = session.id}));
  house.tick(other);
  CHECK(code_of(there.call(profile::Get{})) == "unauthenticated");
  CHECK(code_of(other.authenticate(house.hospital.member(Role::nurse).tokens.access_token)) == "unauthenticated");
}

TEST_CASE("USR-4: without any tick a session lives on no longer than 30 seconds, even in an idle process") {
  House house;
  const Platform other = house.join();
  const Session there = house.on(other, Role::nurse);
  const Session lead = house.on(other, Role::tenant_admin);
  must(there.call(profile::Get{}));
  must(house.hospital.as(Role::tenant_admin).call(users::Disable{.id = house.hospital.member(Role::nurse).id}));
  house.clock->advance_s(31);
  CHECK(code_of(there.call(profile::Get{})) == "unauthenticated");
  CHECK(code_of(lead.call(profile::Get{})) == "ok");
}

TEST_CASE("USR-4: other batches of the process do as well as a tick") {
  House house;
  const Platform other = house.join();
  const Session there = house.on(other, Role::nurse);
  const Session lead = house.on(other, Role::tenant_admin);
  must(house.hospital.as(Role::tenant_admin).call(users::Disable{.id = house.hospital.member(Role::nurse).id}));
  must(lead.call(profile::Get{}));
  CHECK(code_of(there.call(profile::Get{})) == "unauthenticated");
}

TEST_CASE("RBA-2: what a user may do is read anew where another process has changed it, and only then") {
  House house;
  const Platform other = house.join();
  const Session there = house.on(other, Role::receptionist);
  const Session admin = house.hospital.as(Role::tenant_admin);
  auto user = must(admin.call(users::Get{.id = house.hospital.member(Role::receptionist).id}));
  user = must(admin.call(users::Update{.id = user.id, .revision = user.revision, .display_name = "Renamed"}));
  house.tick(other);
  CHECK(code_of(there.call(person("Still"))) == "ok");  // a new name ends nobody's session
  must(admin.call(users::SetRoles{.id = user.id, .revision = user.revision, .roles = {Role::auditor}}));
  house.tick(other);
  CHECK(code_of(there.call(person("Held"))) == "unauthenticated");
  CHECK(code_of(house.on(other, Role::receptionist).call(person("Anew"))) == "forbidden");
}

TEST_CASE("USR-5: limits and uses of sessions hold across processes") {
  House house;
  const Platform other = house.join();
  const Session here = house.hospital.as(Role::nurse);
  const Session there = house.on(other, Role::nurse);
  house.hospital.configure({.staff_idle_s = 300U});
  house.tick(other);
  house.clock->advance_s(240);
  must(here.call(profile::Get{}));  // a use here is one there
  house.tick(house.hospital.platform);
  house.clock->advance_s(200);
  house.tick(other);
  CHECK(code_of(there.call(profile::Get{})) == "ok");
  house.clock->advance_s(301);
  CHECK(code_of(there.call(profile::Get{})) == "unauthenticated");
}

TEST_CASE("PAT-4, SEC-1: a row that is damaged when others read it anew keeps nobody else from being found") {
  House house;
  const auto damaged = std::make_shared<PatientId>();
  const Platform other = house.join(std::make_shared<DamagedEngine>(house.server->process(), damaged));
  const Session here = house.hospital.as(Role::receptionist);
  const Session there = house.on(other, Role::receptionist);
  const auto first = must(here.call(person("Okonkwo")));
  CHECK(found_by_name(there, "okonkwo") == 1);  // its index is built now
  *damaged = first.id;
  must(here.call(patients::Patch{
      .id = first.id, .revision = first.revision, .names = std::vector<patients::PersonName>{{.family = "Lind"}}}));
  must(here.call(person("Seventh")));
  CHECK(found_by_name(there, "seventh") == 1);
  CHECK(found_by_name(there, "lind") == 0);
  CHECK(found_by_name(there, "okonkwo") == 0);
  CHECK(code_of(there.call(patients::Get{.id = first.id})) == "integrity");
  CHECK(found_by_name(here, "lind") == 1);
}

TEST_CASE("USR-10: sessions of an issuer that one process takes away end in the other with its next tick") {
  House house;
  const Platform other = house.join();
  const std::string issuer = "https://host.example";
  house.hospital.configure({.trusted_issuers = std::vector<std::string>{issuer}});
  house.tick(other);
  const Session there =
      must(other.session(house.hospital.slug(),
                         {.issuer = issuer, .subject = "nina@host", .display_name = "Nina", .roles = {Role::nurse}}));
  must(there.call(profile::Get{}));
  house.hospital.configure({.trusted_issuers = std::vector<std::string>{}});
  house.tick(other);
  CHECK(code_of(there.call(profile::Get{})) == "unauthenticated");
}

TEST_CASE("USR-3: failed sign-ins are counted together") {
  House house;
  const Platform other = house.join();
  const std::string email = Hospital::email_of(Role::tenant_admin);
  const auto attempt = [&](const Platform& platform) {
    return code_of(platform.visit(house.hospital.slug())
                       .call(auth::Login{.email = email, .password = Hospital::secret("wrong horse battery")}));
  };
  for (int i = 0; i < 5; ++i) CHECK(attempt(i % 2 == 0 ? house.hospital.platform : other) == "auth.failed");
  CHECK(attempt(other) == "auth.throttled");
  CHECK(attempt(house.hospital.platform) == "auth.throttled");
}

TEST_CASE("OPS-2: an engine of one process is asked for nothing more, a shared one for one row a call") {
  const auto heads_read = [](const EnginePtr& inner, bool shared) {
    auto reads = std::make_shared<std::atomic<int>>(0);
    const auto engine = std::make_shared<SteppedEngine>(inner, [reads](const StorageStep& step) {
      if (step.call == StorageCall::get && step.table != nullptr && step.table->name == "audit_head") ++*reads;
    });
    Hospital hospital = make_platform(engine);
    const Session desk = hospital.as(Role::receptionist);
    const auto patient = must(desk.call(person("Cost")));
    const int before = *reads;
    must(desk.call(patients::Get{.id = patient.id}));
    CHECK(shared == engine->shared());
    return *reads - before;
  };
  CHECK(heads_read(storage::memory_engine(), false) == 0);
  CHECK(heads_read(SharedMemory::make()->process(), true) == 1);
}
