// NOT-1, NOT-4: what happens to a message between the outbox and the sender, where one of them is slow, dies or does not open.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "messages/outbox.hpp"
#include "patients/entities.hpp"
#include "tests/messages/house.hpp"
#include "tests/support/events.hpp"
#include "tests/support/shared_memory.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

constexpr std::string_view reminder = "appointment.reminder";

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "NOT-1, APT-15: a reminder that was being handed over when the process died is sent again only by a sender that "
    "knows it again") {
  for (const bool knows : {false, true}) {
    CAPTURE(knows);
    const TestEngine engine("sqlite");
    Outgoing out(engine);
    out.clinic.book("2026-11-24T10:00:00Z");
    out.clinic.go_to("2026-11-23T10:00:00Z");
    const TemporaryFolder wreck;
    out.sender->answer = [&](const Message&) {
      // What would be found if it ended here.
      std::filesystem::copy(engine.folder() / "data", wreck / "data", std::filesystem::copy_options::recursive);
      return Delivery::sent;
    };
    out.tick();
    REQUIRE(out.sender->messages.size() == 1);

    const auto found = std::make_shared<DumpingEngine>(storage::sqlite_engine(wreck / "data"));
    const auto sender = std::make_shared<RecordingSender>();
    sender->knows_again = knows;
    PlatformOptions options = test_options(found, out.clinic.hospital.clock);
    options.messages = sender;
    const Platform platform = must(Platform::open(std::move(options)));
    static_cast<void>(platform.visit(out.clinic.hospital.slug()));
    CHECK(platform.tick(out.clinic.now()).empty());
    CHECK(sender->messages.empty());  // whoever has it may still be at it
    CHECK(stored(*found, reminder, "sending") == 1);
    out.clock().advance_s(5 * 60);
    for (int ticks = 0; ticks < 3; ++ticks) {
      CHECK(platform.tick(out.clinic.now()).empty());
      out.clock().advance_s(60 * 60);
    }
    REQUIRE(sender->messages.size() == (knows ? 1U : 0U));
    if (knows) CHECK(sender->messages[0].id == out.sender->messages[0].id);
    CHECK(stored(*found, reminder, "unknown") == (knows ? 0 : 1));
    CHECK(stored(*found, reminder, "sent") == (knows ? 1 : 0));
  }
}

TEST_CASE("APT-15: a reminder at which the sender is longer than anybody waits for it is sent by no other process") {
  const auto server = SharedMemory::make();
  const auto engine = std::make_shared<DumpingEngine>(server->process());
  Outgoing out(engine);
  const auto other = std::make_shared<RecordingSender>();
  PlatformOptions options = test_options(server->process(), out.clinic.hospital.clock);
  options.messages = other;
  const Platform platform = must(Platform::open(std::move(options)));
  static_cast<void>(platform.visit(out.clinic.hospital.slug()));
  out.clinic.book("2026-11-24T10:00:00Z");
  out.clinic.go_to("2026-11-23T10:00:00Z");
  int unknown = 0;
  out.sender->answer = [&](const Message&) {
    out.clock().advance_s(6 * 60);
    static_cast<void>(platform.tick(out.clinic.now()));
    unknown = stored(*engine, reminder, "unknown");
    return Delivery::sent;
  };
  out.tick();
  CHECK(out.told() == Texts{Outgoing::address(0)});
  CHECK(other->messages.empty());
  CHECK(unknown == 1);
  CHECK(stored(*engine, reminder, "sent") == 1);  // better late than never
}

TEST_CASE("NOT-4: the wait for the next try begins when the sender has answered, however long that took") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    Outgoing out(engine);
    out.clinic.book("2026-11-24T10:00:00Z");
    out.clinic.go_to("2026-11-23T10:00:00Z");
    out.sender->answer = [&](const Message&) {
      out.clock().advance_s(60);
      return Delivery::later;
    };
    out.tick();
    CHECK(out.told().size() == 1);
    out.tick();
    CHECK(out.told().empty());
    out.clock().advance_s(30);
    out.tick();
    CHECK(out.told().size() == 1);
  }
}

TEST_CASE("NOT-4: what has become too old while the sender was at another message is not sent") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    Outgoing out(engine);
    const Session admin = out.clinic.admin();
    for (const Role role : {Role::nurse, Role::doctor})
      must(admin.call(users::StartReset{.id = out.clinic.hospital.member(role).id}));
    out.sender->answer = [&](const Message&) {
      out.clock().advance_s(31 * 60);
      return Delivery::sent;
    };
    for (int ticks = 0; ticks < 3; ++ticks) out.tick();
    CHECK(out.told().size() == 1);
  }
}

TEST_CASE("NOT-4: the eighth failure is the last, and the message is kept as dead") {
  const auto engine = std::make_shared<DumpingEngine>(storage::memory_engine());
  Outgoing out(engine);
  out.clinic.book("2026-11-24T10:00:00Z");
  out.clinic.go_to("2026-11-23T10:00:00Z");  // it is of use for a day
  out.sender->answer = [](const Message&) { return Delivery::later; };
  std::size_t tries = 0;
  for (int ticks = 0; ticks < 400 && tries < 8; ++ticks) {
    out.tick();
    tries += out.told().size();
    CHECK(stored(*engine, reminder, "dead") == (tries < 8 ? 0 : 1));
    out.clock().advance_s(30);
  }
  CHECK(tries == 8);
  for (int hours = 0; hours < 12; ++hours) {
    out.clock().advance_s(60 * 60);
    out.tick();
    CHECK(out.told().empty());
  }
}

TEST_CASE("NOT-4: a sender that takes nothing is asked for one message of a tenant in a tick") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    Outgoing out(engine);
    const char* const times[] = {"2026-11-24T10:00:00Z", "2026-11-24T10:30:00Z", "2026-11-24T11:00:00Z"};
    for (std::size_t i = 0; i < std::size(times); ++i) out.clinic.book(times[i], i);
    out.clinic.go_to("2026-11-23T11:00:00Z");
    out.sender->answer = [](const Message&) { return Delivery::later; };
    out.tick();
    CHECK(out.told() == Texts{Outgoing::address(0)});
    out.tick();
    CHECK(out.told() == Texts{Outgoing::address(1)});  // what it did not take then is in nobody's way
    out.sender->answer = {};
    out.clock().advance_s(30);
    out.tick();
    Texts told = out.told();
    std::sort(told.begin(), told.end());
    CHECK(told == Texts{Outgoing::address(0), Outgoing::address(1), Outgoing::address(2)});
  }
}

TEST_CASE("AUD-2, NOT-4: a slow sender keeps neither checkpoints nor other tenants waiting") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto clock = std::make_shared<FakeClock>();
    const auto sender = std::make_shared<RecordingSender>();
    int notes = 0;
    std::string origin;
    PlatformOptions options = test_options(engine, clock);
    options.messages = sender;
    options.checkpoint_sinks = {
        callback_checkpoint_sink([&](std::string_view from, std::string_view) { notes += from == origin ? 1 : 0; })};
    Hospital busy(std::move(options), clock);
    const Session root = busy.root();
    for (const char* guest : {"a@example.org", "b@example.org", "c@example.org", "d@example.org"})
      must(busy.as(Role::tenant_admin)
               .call(users::Invite{
                   .email = guest, .display_name = "Guest", .roles = {Role::nurse}, .facilities = {busy.home}}));
    const auto calm = must(root.call(tenants::Provision{.slug = "calm-house",
                                                        .name = "Calm House",
                                                        .default_zone = {"Europe/London"},
                                                        .currency = *Currency::parse("GBP")}));
    must(root.call(users::InviteFirstAdmin{.id = calm.id, .email = "calm@example.org", .display_name = "Cal Admin"}));

    origin = must(busy.as(Role::tenant_admin).call(audit::GetHead{})).origin;
    int notes_at_sending = 0;
    sender->answer = [&](const Message&) {
      notes_at_sending = notes;
      clock->advance_s(10);
      return Delivery::sent;
    };
    for (std::size_t tick = 1; tick <= 5; ++tick) {
      must(busy.as(Role::tenant_admin).call(facilities::List{}));
      clock->advance_s(1);
      const Instant began = clock->now();
      const int before = notes;
      CHECK(busy.platform.tick(began).empty());
      CHECK(sender->messages.size() == tick);
      CHECK(clock->now() == began.plus_s(10));  // for no more than one message
      CHECK(notes_at_sending > before);
    }
    const auto at = std::find_if(sender->messages.begin(), sender->messages.end(),
                                 [](const Message& message) { return message.to == "calm@example.org"; });
    CHECK(at - sender->messages.begin() < 2);
  }
}

TEST_CASE("NOT-1: a patient whose row does not open keeps nobody else's message from being sent") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto damage = std::make_shared<Damage>();
    Outgoing out(std::make_shared<DamagedEngine>(engine, damage));
    const UserId nurse = out.clinic.hospital.member(Role::nurse).id;
    out.clinic.book("2026-11-24T10:00:00Z", 0);
    out.clinic.book("2026-11-24T10:30:00Z", 1);
    out.clinic.go_to("2026-11-23T10:30:00Z");
    must(out.clinic.admin().call(users::StartReset{.id = nurse}));
    damage->spoil(storage::layout_of<patients::Patient>(), out.clinic.patients[0].id.uuid);
    const auto troubles = out.clinic.hospital.platform.tick(out.clinic.now());
    REQUIRE(troubles.size() == 1);
    CHECK(troubles[0].task == "messages");
    CHECK(troubles[0].tenant == out.clinic.hospital.slug());
    CHECK(troubles[0].error.code.name == "integrity");
    CHECK(out.told() == Texts{Outgoing::address(1), Hospital::email_of(Role::nurse)});
    out.tick();  // it was put off
    CHECK(out.told().empty());
    damage->heal();
    out.clock().advance_s(60 * 60);
    out.tick();
    CHECK(out.told() == Texts{Outgoing::address(0)});
    const auto log = events(out.clinic.hospital.as(Role::auditor));
    CHECK(std::count_if(log.begin(), log.end(),
                        [](const ReadEvent& event) { return event.text() == "messages.send error integrity"; }) == 1);
    CHECK(must(out.clinic.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("NOT-1: a message that does not open keeps no other from being sent, and is told of with each tick") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto damage = std::make_shared<Damage>();
    Outgoing out(std::make_shared<DamagedEngine>(engine, damage));
    const auto visit = out.clinic.book("2026-11-24T10:00:00Z", 0);
    out.clinic.book("2026-11-24T10:30:00Z", 1);
    out.clinic.go_to("2026-11-23T10:30:00Z");
    damage->spoil(storage::layout_of<messages::StoredMessage>(), visit.id.uuid);
    for (int ticks = 0; ticks < 2; ++ticks) {
      const auto troubles = out.clinic.hospital.platform.tick(out.clinic.now());
      REQUIRE(troubles.size() == 1);
      CHECK(troubles[0].task == "messages");
      CHECK(troubles[0].error.code.name == "integrity");
      CHECK(out.told() == (ticks == 0 ? Texts{Outgoing::address(1)} : Texts{}));
    }
    damage->heal();
    out.tick();
    CHECK(out.told() == Texts{Outgoing::address(0)});
  }
}
