// Two processes commit into one store, and things go wrong between them: commits whose outcome nobody knows, a process that dies,
// the same request at both.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "crypto/keytree.hpp"
#include "kernel/store.hpp"
#include "keys/key_store.hpp"
#include "medflow/testing/faulty_engine.hpp"
#include "medflow/testing/messages.hpp"
#include "patients/entities.hpp"
#include "tests/processes/house.hpp"
#include "tests/support/events.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

bool is_refused(const Platform& platform) {
  const auto words = platform.degradations();
  return std::find(words.begin(), words.end(), "checkpoint.refused") != words.end();
}

struct Answered {
  std::string code{};
  bool replayed = false;
  PatientId patient{};
};

Answered send(const Session& session, patients::Register request, std::string key) {
  const OperationRow& row = *find_operation("patients.register");
  auto reply = session.call(row, Value::of(*row.request, std::move(request)), {.idempotency_key = std::move(key)});
  if (!reply.ok()) return {.code = std::string(reply.error().code.name)};
  return {
      .code = "ok", .replayed = reply->replayed, .patient = static_cast<patients::Patient*>(reply->output.data())->id};
}

/// Runs `body` once, at the next step of this kind in the hospital's data.
class Once {
 public:
  void at(StorageCall call, std::function<void()> body) {
    call_ = call;
    body_ = std::move(body);
  }
  EnginePtr engine(const EnginePtr& inner) {
    return std::make_shared<SteppedEngine>(inner, [this](const StorageStep& step) {
      const bool data =
          step.store != nullptr && step.store->tenant != "platform" && step.store->part == storage::Part::data;
      if (!body_ || step.call != call_ || !data) return;
      std::exchange(body_, nullptr)();
    });
  }

 private:
  StorageCall call_{};
  std::function<void()> body_{};
};

[[noreturn]] void lose() { throw storage::Fault{storage::FaultKind::unknown_outcome, "", "the connection is gone"}; }

/// The slots of all patients that are stored.
std::vector<std::int64_t> slots_of(House& house) {
  const auto& layout = storage::layout_of<patients::Patient>();
  std::vector<std::int64_t> slots;
  const auto database =
      house.server->process()->open({.tenant = house.hospital.tenant.id.text(), .part = storage::Part::data},
                                    {.schema = &kernel::data_schema(Realm::tenant), .migrate = false});
  database->read([&](storage::Transaction& transaction) {
    transaction.scan({.table = &layout.table()}, [&](storage::RowView row) {
      slots.push_back(row[*layout.key_slot()].integer);
      return true;
    });
  });
  std::sort(slots.begin(), slots.end());
  return slots;
}

bool all_once(const std::vector<std::int64_t>& slots) {
  return std::adjacent_find(slots.begin(), slots.end()) == slots.end();
}

}  // namespace

TEST_CASE("R11: the same key at two processes at once has one effect, and both are given its answer") {
  House house;
  Once once;
  const Platform other = house.join(once.engine(house.server->process()));
  const Session here = house.hospital.as(Role::receptionist);
  const Session there = house.on(other, Role::receptionist);
  Answered first;
  once.at(StorageCall::write, [&] { first = send(here, person("Twice"), "key-1"); });
  const Answered second = send(there, person("Twice"), "key-1");
  CHECK(first.code == "ok");
  CHECK(second.code == "ok");
  CHECK(second.replayed);
  CHECK(second.patient == first.patient);
  CHECK(found_by_name(here, "twice") == 1);

  once.at(StorageCall::write, [&] { first = send(here, person("Other"), "key-2"); });
  CHECK(send(there, person("Another"), "key-2").code == "idempotency.mismatch");
  CHECK(found_by_name(here, "another") == 0);
}

TEST_CASE("REL-2: a commit of unknown outcome that took place is answered so, whatever others have appended since") {
  House house;
  Once once;
  const Platform other = house.join(once.engine(house.server->process()));
  const Session here = house.hospital.as(Role::receptionist);
  const Session there = house.on(other, Role::receptionist);
  must(there.call(person("Before")));
  once.at(StorageCall::committed, [&] {
    must(here.call(person("Between")));
    lose();
  });
  CHECK(code_of(there.call(person("Lost", "L-1"))) == "ok");
  CHECK(code_of(there.call(person("After"))) == "ok");
  CHECK(found_by_identifier(here, "L-1") == 1);
  CHECK(all_once(slots_of(house)));
  CHECK(must(house.on(other, Role::tenant_admin).call(audit::Verify{})).intact);
}

TEST_CASE("REL-2: one that did not take place is unavailable, though another process wrote as much in its place") {
  House house;
  Once once;
  const Platform other = house.join(once.engine(house.server->process()));
  const Session here = house.hospital.as(Role::receptionist);
  const Session there = house.on(other, Role::receptionist);
  must(there.call(person("Before")));
  must(here.call(person("Before")));
  // The transaction is given up by the server; before the client asks what became of it, another one has the place in the log.
  once.at(StorageCall::commit, [&] {
    once.at(StorageCall::write, [&] { must(here.call(person("Instead", "L-1"))); });
    lose();
  });
  CHECK(code_of(there.call(person("Lost", "L-2"))) == "store.unavailable");
  CHECK(found_by_identifier(there, "L-1") == 1);
  CHECK(found_by_identifier(there, "L-2") == 0);
  CHECK(code_of(there.call(person("Lost", "L-2"))) == "ok");
  CHECK(all_once(slots_of(house)));
  CHECK(must(house.on(other, Role::tenant_admin).call(audit::Verify{})).intact);
}

TEST_CASE("REL-2: tokens that a lost commit would have brought into their table are still found") {
  for (const bool committed : {false, true}) {
    CAPTURE(committed);
    House house;
    Once once;
    const Platform other = house.join(once.engine(house.server->process()));
    const Session here = house.hospital.as(Role::receptionist);
    const Session there = house.on(other, Role::receptionist);
    house.tick(house.hospital.platform);  // what is due is done: from now on a tick calls nothing
    house.tick(other);
    must(here.call(person("Other")));
    for (int i = 0; i < 32; ++i) must(there.call(person("Lost", "L-" + std::to_string(i))));
    // So that the other process looks what there is, in a batch in which nobody calls.
    CHECK(found_by_name(here, "lost") == 32);
    once.at(committed ? StorageCall::committed : StorageCall::commit, lose);
    static_cast<void>(other.tick(house.clock->now()));
    for (int i = 0; i < 32; ++i) {
      CHECK(found_by_identifier(there, "L-" + std::to_string(i)) == 1);
      CHECK(found_by_identifier(here, "L-" + std::to_string(i)) == 1);
    }
    CHECK(must(house.on(other, Role::tenant_admin).call(audit::Verify{})).intact);
    CHECK(must(house.hospital.as(Role::tenant_admin).call(audit::Verify{})).intact);
  }
}

TEST_CASE("REL-2: where the outcome cannot be asked, the store goes on from what is there, on every engine") {
  for (const bool committed : {false, true}) {
    for (const bool shared : {false, true}) {
      CAPTURE(committed);
      CAPTURE(shared);
      Once once;
      const auto server = make_server();
      Hospital hospital = make_platform(once.engine(shared ? server->process() : storage::memory_engine()));
      const Session desk = hospital.as(Role::receptionist);
      must(desk.call(person("Before")));
      CHECK(found_by_name(desk, "lost") == 0);
      once.at(committed ? StorageCall::committed : StorageCall::commit, [&] {
        once.at(shared ? StorageCall::write : StorageCall::read, [] {
          throw storage::Fault{storage::FaultKind::unavailable, "", "still gone"};
        });
        lose();
      });
      const auto lost = desk.call(person("Lost", "L-1"));
      CHECK(code_of(lost) == "store.outcome_unknown");
      CHECK(!lost.error().retryable());
      CHECK(code_of(desk.call(person("After", "L-2"))) == "ok");
      CHECK(found_by_identifier(desk, "L-1") == (committed ? 1 : 0));
      CHECK(found_by_name(desk, "lost") == (committed ? 1 : 0));
      CHECK(code_of(desk.call(person("Again", "L-1"))) == (committed ? "patient.duplicate" : "ok"));
      CHECK(must(hospital.as(Role::tenant_admin).call(audit::Verify{})).intact);
    }
  }
}

TEST_CASE("AUD-2: a checkpoint whose commit was lost is made again") {
  Once once;
  const auto clock = std::make_shared<FakeClock>();
  Hospital hospital(test_options(once.engine(storage::memory_engine()), clock), clock);
  const Session admin = hospital.as(Role::tenant_admin);
  once.at(StorageCall::commit, lose);
  CHECK_FALSE(hospital.platform.tick(clock->now()).empty());
  clock->advance_s(1);
  CHECK(hospital.platform.tick(clock->now()).empty());
  CHECK_FALSE(is_refused(hospital.platform));
  CHECK(must(admin.call(audit::ListCheckpoints{})).data.size() == 1);
}

TEST_CASE("SEC-3: key slots of two processes never meet, nor those that one of them gave back") {
  const auto server = make_server();
  const auto root = memory_root_key(std::array<std::byte, 32>{std::byte{7}});
  SeededRng rng(1);
  const Uuid tenant{{1}};
  const storage::StoreName name{.tenant = "keys", .part = storage::Part::keys};
  const storage::OpenOptions options{.schema = &keys::key_schema()};
  const auto arena = crypto::KeyArena::create();
  const auto engine = server->process();
  keys::KeyStore::create(*engine->create(name, options), *root, tenant, rng);
  const auto aside = std::make_shared<QueuedExecutor>();
  std::vector<std::unique_ptr<keys::KeyStore>> stores;
  const auto open = [&] {
    return std::make_unique<keys::KeyStore>(server->process()->open(name, options), *root, tenant, arena, rng, true,
                                            aside);
  };
  stores.push_back(open());
  stores.push_back(open());
  std::set<std::uint64_t> taken;
  std::size_t kept = 0;
  for (int round = 0; round < 120; ++round) {
    auto& store = stores[static_cast<std::size_t>(round) % stores.size()];
    const auto mark = store->mark();
    std::vector<std::uint64_t> batch;
    for (int i = 0; i < 11; ++i) batch.push_back(store->take_slot());
    if (round % 7 == 3) aside->run_all();  // lots that are made ahead, or not yet
    if (round % 3 == 1) {
      store->undo(mark);  // rolled back
      continue;
    }
    if (round % 50 == 30) store = open();  // died and was opened again
    for (const auto slot : batch) CHECK(taken.insert(slot).second);
    kept += batch.size();
  }
  CHECK(taken.size() == kept);
  for (const auto slot : taken)  // each process opens what the other one made
    CHECK(
        crypto::constant_time_equal(stores[0]->patient_key(slot, {}).view(), stores[1]->patient_key(slot, {}).view()));
}

TEST_CASE("AUD-2: two processes sign one line of checkpoints, each for its own witness") {
  class Witness final : public CheckpointSink {
   public:
    void keep(std::string_view origin, std::string_view note) override {
      notes[std::string(origin)].emplace_back(note);
    }
    std::map<std::string, std::vector<std::string>> notes{};
  };
  House house;
  const auto first = std::make_shared<Witness>();
  const auto second = std::make_shared<Witness>();
  std::vector<std::string> seen;
  {
    auto options = house.options();
    options.checkpoint_sinks = {first};
    const Platform one = must(Platform::open(options));
    options = house.options();
    options.checkpoint_sinks = {second};
    const Platform two = must(Platform::open(options));
    const Session desks[] = {house.on(one, Role::receptionist), house.on(two, Role::receptionist)};
    for (int round = 0; round < 12; ++round) {
      must(desks[round % 2].call(person("Signed")));
      house.clock->advance_s(1);
      house.tick(round % 3 == 0 ? two : one);
      house.tick(round % 3 == 0 ? one : two);
    }
    CHECK_FALSE(is_refused(one));
    CHECK_FALSE(is_refused(two));
  }
  for (const auto& witness : {first, second}) {
    const auto& notes = witness->notes["medflow/local/" + house.hospital.tenant.id.text()];
    CHECK(notes.size() > 3);
    seen.insert(seen.end(), notes.begin(), notes.end());
  }
  const auto verified = must(house.hospital.as(Role::tenant_admin).call(audit::Verify{.checkpoints = seen}));
  CHECK(verified.intact);
  CHECK(verified.checkpoints >= std::set<std::string>(seen.begin(), seen.end()).size());
}

TEST_CASE("AUD-2: each process leaves its own opening and closing event, and can be told from the others") {
  House house;
  {
    const Platform other = house.join();
    must(house.on(other, Role::receptionist).call(person("Open")));
    must(house.hospital.as(Role::receptionist).call(person("Open")));
  }
  std::map<Uuid, std::string> openings;
  for (const ReadEvent& read : events(house.hospital.as(Role::auditor))) {
    if (read.event.action == "tenants.open") openings[read.event.object] += "open ";
    if (read.event.action == "tenants.close") openings[read.event.object] += "close ";
  }
  std::multiset<std::string> lives;
  for (const auto& [instance, life] : openings) lives.insert(life);
  // The one that made the tenant, the one that has just closed it, and the one that asks.
  CHECK(lives == std::multiset<std::string>{"open close ", "open close ", "open "});
}

TEST_CASE("REL-2: a process that dies leaves the others nothing to repair") {
  House house;
  auto faulty = std::make_shared<FaultyEngine>(house.server->process());
  {
    const Platform other = house.join(faulty);
    const Session there = house.on(other, Role::receptionist);
    must(there.call(person("Before", "D-1")));
    faulty->faults().die_at_step(9);  // within the batch
    CHECK(code_of(there.call(person("Dying", "D-2"))) == "store.unavailable");
  }  // closing fails as everything does
  const Session here = house.hospital.as(Role::receptionist);
  CHECK(found_by_identifier(here, "D-1") == 1);
  CHECK(found_by_identifier(here, "D-2") == 0);
  must(here.call(person("After", "D-2")));
  const Platform next = house.join();
  must(house.on(next, Role::receptionist).call(person("Next")));
  CHECK(all_once(slots_of(house)));
  CHECK(must(house.on(next, Role::tenant_admin).call(audit::Verify{})).intact);
}

TEST_CASE("NOT-1: two processes that tick at once send each message once") {
  for (int round = 0; round < 10; ++round) {
    House house;
    const auto sender = std::make_shared<RecordingSender>();
    auto options = house.options();
    options.messages = sender;
    const Platform one = must(Platform::open(options));
    options = house.options();
    options.messages = sender;
    const Platform two = must(Platform::open(options));
    for (int i = 0; i < 5; ++i)
      must(house.on(one, Role::tenant_admin)
               .call(users::Invite{.email = "guest" + std::to_string(i) + "@example.org",
                                   .display_name = "Guest",
                                   .roles = {Role::nurse},
                                   .facilities = {house.hospital.home}}));
    static_cast<void>(house.on(two, Role::tenant_admin));  // has the tenant open
    std::thread ticking([&] { house.tick(one); });
    house.tick(two);
    ticking.join();
    std::set<std::string> ids;
    for (const Message& message : sender->messages) ids.insert(message.id.text());
    CHECK(sender->messages.size() == ids.size());
    CHECK(ids.size() >= 5);
  }
}

TEST_CASE("NOT-1, APT-15: however slow the sender is, no other process sends what it was given") {
  constexpr std::size_t guests = 40;
  House house;
  const auto slow = std::make_shared<RecordingSender>();
  const auto other = std::make_shared<RecordingSender>();
  auto options = house.options();
  options.messages = slow;
  const Platform one = must(Platform::open(options));
  options = house.options();
  options.messages = other;
  const Platform two = must(Platform::open(options));
  const Session admin = house.on(one, Role::tenant_admin);
  for (std::size_t i = 0; i < guests; ++i)
    must(admin.call(users::Invite{.email = "guest" + std::to_string(i) + "@example.org",
                                  .display_name = "Guest",
                                  .roles = {Role::nurse},
                                  .facilities = {house.hospital.home}}));
  static_cast<void>(house.on(two, Role::tenant_admin));  // has the tenant open
  slow->answer = [&](const Message&) {
    house.clock->advance_s(10);
    if (slow->messages.size() == 31) house.tick(two);
    return Delivery::sent;
  };
  const auto sent = [&] { return slow->messages.size() + other->messages.size(); };
  for (std::size_t ticks = 0; ticks < 2 * guests && sent() < guests; ++ticks) house.tick(one);
  house.tick(two);
  CHECK(slow->messages.size() >= 31);
  CHECK(sent() == guests);
  std::set<std::string> ids;
  for (const auto& sender : {slow, other})
    for (const Message& message : sender->messages) ids.insert(message.id.text());
  CHECK(ids.size() == guests);
}
