// APT-14: never one slot to two, never two to one, whatever happens at once, and whoever dies in between.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <map>
#include <thread>

#include "appointments/due.hpp"
#include "tests/jobs/house.hpp"
#include "tests/waitlists/house.hpp"
#include "waitlists/offering.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// Every offer that waits for an answer has its hold, every hold its offer, and no two visits that take time are at one time.
void require_sound(WaitingRoom& room, const std::vector<waitlists::Entry>& entries) {
  std::map<AppointmentId, int> pending;
  for (const auto& one : entries) {
    const auto now = room.entry(one);
    int open = 0;
    for (const auto& offer : now.offers) {
      if (offer.answer != waitlists::OfferAnswer::pending) continue;
      ++open;
      ++pending[offer.appointment_id];
      CHECK(room.visit(offer.appointment_id).status == AppointmentStatus::held);
    }
    CHECK(open == (now.state == WaitState::offered ? 1 : 0));
  }
  std::map<Instant, int> taken;
  const auto page = must(
      room.clinic.desk().call(appointments::List{.resource = room.clinic.doctor.id.uuid, .limit = page_limit_max}));
  for (const auto& visit : page.data) {
    if (visit.status == AppointmentStatus::held) CHECK(pending[visit.id] == 1);
    if (visit.status == AppointmentStatus::held || visit.status == AppointmentStatus::booked) ++taken[visit.start];
  }
  for (const auto& [start, count] : taken) {
    const std::string at = start.text();
    CAPTURE(at);
    CHECK(count == 1);
  }
}

}  // namespace

TEST_CASE("APT-14: eight threads cancel, accept, decline and tick at once, and no slot is offered to two") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    WaitingRoom room(engine);
    room.open("09:00", "17:00");
    std::vector<waitlists::Entry> entries;
    std::vector<appointments::Appointment> booked;
    for (std::size_t i = 0; i < 16; ++i)
      booked.push_back(room.clinic.book(
          Instant{at("2026-11-23T09:00:00Z").us + static_cast<std::int64_t>(i) * 1'800'000'000}.text(), i % 4));
    while (room.people.size() < 18) room.add_person();
    for (std::size_t i = 0; i < room.people.size(); ++i) {
      auto request = room.joining(i);
      request.latest = day("2026-11-23");
      entries.push_back(room.join(request));
    }

    std::vector<std::thread> threads;
    std::array<std::atomic<int>, 4> done{};
    for (std::size_t thread = 0; thread < 8; ++thread)
      threads.emplace_back([&, thread, session = room.clinic.desk()] {
        for (std::size_t turn = 0; turn < 40; ++turn) {
          const std::size_t n = thread * 40 + turn;
          if (thread < 2 && turn < 8) {
            const auto& visit = booked[thread * 8 + turn];
            if (session.call(appointments::Cancel{.id = visit.id, .reason_code = "patient_request"}).ok()) ++done[0];
          }
          const WaitlistEntryId id = entries[n * 7 % entries.size()].id;
          if (turn % 3 == 0) {
            if (session.call(waitlists::Accept{.id = id}).ok()) ++done[1];
          } else if (turn % 3 == 1) {
            if (session.call(waitlists::Decline{.id = id}).ok()) ++done[2];
          }
          if (!room.clinic.hospital.platform.tick(room.clinic.now()).empty()) ++done[3];
        }
      });
    for (auto& thread : threads) thread.join();
    CHECK(done[0] == 16);
    CHECK(done[3] == 0);
    for (int i = 0; i < 8; ++i) room.tick();
    require_sound(room, entries);
    CHECK(done[1] + done[2] > 0);
    CHECK(room.intact());
  }
}

namespace {

/// The step of the sweep is done, and the process dies before it is kept.
constexpr bool dies = true;
jobs::Next deadly_step(kernel::Work& work, jobs::Progress& progress) {
  const jobs::Next next = waitlists::offer_sweep.step(work, progress);
  if (dies) die_now();
  return next;
}

}  // namespace

TEST_CASE("APT-14, NOT-1: who dies within a step leaves nothing half done, and the next tick goes on") {
  for (const std::string_view name : {"sqlite", "sqlcipher"}) {
    CAPTURE(name);
    const EngineHome home(name);
    const auto clock = std::make_shared<FakeClock>();
    WaitlistEntryId id;
    TenantId tenant;
    {
      WaitingRoom room(home.engine());
      const auto booked = room.fill();
      id = room.join(0).id;
      room.cancel(booked[0]);
      tenant = room.clinic.hospital.tenant.id;
      clock->advance_s((room.clinic.now().us - clock->now().us) / 1'000'000);
    }
    const jobs::JobKind deadly{.row = waitlists::offer_sweep.row, .step = deadly_step, .recurs = jobs::Recurs::sweep};
    const int end = in_child([&] {
      const jobs::JobKind* kinds[] = {&appointments::due_sweep, &deadly};
      const Builder house(home.engine(), clock, kinds);
      if (house.store(tenant) == nullptr) return 1;
      static_cast<void>(house.tick());
      return 2;
    });
    REQUIRE(end == child_killed);
    const Builder house(home.engine(), clock, jobs::job_kinds());
    const Session inside = house.inside(tenant);
    CHECK(must(inside.call(waitlists::Get{.id = id})).state == WaitState::waiting);
    CHECK(house.tick().empty());  // the lease is not over
    CHECK(must(inside.call(waitlists::Get{.id = id})).state == WaitState::waiting);
    clock->advance_s(jobs::lease_s);
    for (int i = 0; i < 2; ++i) CHECK(house.tick().empty());
    const auto entry = must(inside.call(waitlists::Get{.id = id}));
    CHECK(entry.state == WaitState::offered);
    REQUIRE(entry.offers.size() == 1);
    CHECK(must(inside.call(appointments::Get{.id = entry.offers[0].appointment_id})).status == AppointmentStatus::held);
    CHECK(must(inside.call(audit::Verify{})).intact);
  }
}
