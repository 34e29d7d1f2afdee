// Threads that want the same at the same moment: one gets it, and nobody waits for ever.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "tests/support/clinic.hpp"

using namespace medflow;
using namespace medflow::testing;
using appointments::AppointmentStatus;

namespace {

/// "APT-6": doctors, rooms and devices, of which a visit takes one each.
struct Theatre {
  static constexpr std::size_t of_each = 4;
  static constexpr std::size_t threads = 16;
  static constexpr std::size_t rounds = 6;

  explicit Theatre(Clinic& where) : clinic(where) {
    clinic.service = clinic.add_service(
        "operation", {.resources_needed = {ResourceKind::practitioner, ResourceKind::room, ResourceKind::device}});
    for (std::size_t i = 0; i < of_each; ++i) {
      kinds[0].push_back(Clinic::taking_part(clinic.add_doctor("Dr " + std::to_string(i))));
      kinds[1].push_back(add(ResourceKind::room, i));
      kinds[2].push_back(add(ResourceKind::device, i));
    }
    people = clinic.hospital.add_patients(threads);
  }

  /// What this thread wants in this round, in an order of its own.
  std::vector<appointments::Participant> wanted(std::size_t thread, std::size_t round) const {
    static constexpr std::size_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    const std::size_t picked[] = {thread % of_each, (thread / of_each + round) % of_each,
                                  (thread + thread / of_each + round) % of_each};
    std::vector<appointments::Participant> all;
    for (const std::size_t kind : orders[(thread + round) % std::size(orders)])
      all.push_back(kinds[kind][picked[kind]]);
    return all;
  }

  static Instant start_of(std::size_t round) {
    return at("2026-11-23T09:00:00Z").plus_s(1800 * static_cast<std::int64_t>(round));
  }
  static Instant later(Instant start) { return start.plus_s(4 * 3600); }

  appointments::Book booking(std::size_t person, Instant start,
                             std::vector<appointments::Participant> resources) const {
    return {.patient_id = people.at(person).id,
            .service_id = clinic.service.id,
            .resources = std::move(resources),
            .start = start};
  }

  Clinic& clinic;
  std::array<std::vector<appointments::Participant>, 3> kinds{};
  std::vector<patients::Patient> people{};

 private:
  appointments::Participant add(ResourceKind kind, std::size_t number) {
    const auto made = must(clinic.admin().call(resources::Create{
        .kind = kind, .name = "Number " + std::to_string(number), .facility_id = clinic.hospital.home}));
    return {.kind = kind, .id = made.id.uuid};
  }
};

/// What one thread was answered.
struct Answers {
  std::vector<appointments::Appointment> won{};  ///< as they lie in the end
  std::set<std::string> codes{};
};

/// Books in each round, and moves every second visit that it got.
void take_turns(const Theatre& theatre, const Session& desk, std::size_t thread, std::barrier<>& together,
                Answers& mine) {
  for (std::size_t round = 0; round < Theatre::rounds; ++round) {
    together.arrive_and_wait();
    auto booked = desk.call(theatre.booking(thread, Theatre::start_of(round), theatre.wanted(thread, round)));
    mine.codes.insert(code_of(booked));
    if (!booked.ok()) continue;
    if ((thread + round) % 2 == 0) {
      auto moved = desk.call(appointments::Reschedule{
          .id = booked->id, .revision = booked->revision, .start = Theatre::later(booked->start)});
      mine.codes.insert(code_of(moved));
      if (moved.ok()) booked = std::move(moved);
    }
    mine.won.push_back(*booked);
  }
}

}  // namespace

TEST_CASE("APT-4: of fifty approvals of one slot at once, one wins") {
  constexpr std::size_t count = 50;
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine home(name);  // threads open its files anew
    Clinic clinic{home};
    clinic.service = clinic.add_service("wished", {.approval = true, .requested_blocks = false});
    clinic.patients = clinic.hospital.add_patients(count);
    std::vector<AppointmentId> requests;
    for (std::size_t i = 0; i < count; ++i) requests.push_back(clinic.book("2026-11-23T10:00:00Z", i).id);
    const Session desk = clinic.desk();
    std::vector<std::string> codes(count);
    std::barrier<> together(static_cast<std::ptrdiff_t>(count));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i)
      threads.emplace_back([&, i] {
        together.arrive_and_wait();
        codes[i] = code_of(desk.call(appointments::Approve{.id = requests[i]}));
      });
    for (std::thread& thread : threads) thread.join();
    std::map<std::string, std::size_t> counted;
    for (const std::string& code : codes) ++counted[code];
    CHECK(counted == std::map<std::string, std::size_t>{{"ok", 1}, {"slot.taken", count - 1}});
    for (std::size_t i = 0; i < count; ++i)
      CHECK(must(desk.call(appointments::Get{.id = requests[i]})).status ==
            (codes[i] == "ok" ? AppointmentStatus::booked : AppointmentStatus::requested));
  }
}

TEST_CASE("APT-6: sixteen threads take doctor, room and device in any order, and none waits for another for ever") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine home(name);  // threads open its files anew
    Clinic clinic{home};
    const Theatre theatre(clinic);
    const Session desk = clinic.desk();
    std::vector<Answers> answers(Theatre::threads);
    std::barrier<> together(static_cast<std::ptrdiff_t>(Theatre::threads));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < Theatre::threads; ++i)
      threads.emplace_back([&, i] { take_turns(theatre, desk, i, together, answers[i]); });
    for (std::thread& thread : threads) thread.join();

    std::set<std::pair<Instant, Uuid>> taken;
    std::size_t won = 0;
    for (const Answers& mine : answers) {
      for (const std::string& code : mine.codes) CHECK_MESSAGE((code == "ok" || code == "slot.taken"), code);
      for (const appointments::Appointment& visit : mine.won) {
        ++won;
        CHECK(must(desk.call(appointments::Get{.id = visit.id})).start == visit.start);
        for (const auto& part : visit.resources) CHECK(taken.emplace(visit.start, part.id).second);
      }
    }
    CHECK(won >= Theatre::rounds);
    // Of what was refused nothing is kept: what nobody got is free, all of it together.
    std::size_t left = 0;
    for (std::size_t round = 0; round < Theatre::rounds; ++round) {
      for (const Instant start : {Theatre::start_of(round), Theatre::later(Theatre::start_of(round))}) {
        std::vector<appointments::Participant> free;
        for (const auto& kind : theatre.kinds) {
          const auto one = std::find_if(kind.begin(), kind.end(), [&](const auto& part) {
            return !taken.contains({start, part.id});
          });
          if (one != kind.end()) free.push_back(*one);
        }
        if (free.size() < theatre.kinds.size()) continue;
        appointments::Book request = theatre.booking(0, start, free);
        request.patient_id = clinic.patients[0].id;
        CHECK(code_of(desk.call(request)) == "ok");
        ++left;
      }
    }
    CHECK(left > 0);
  }
}
