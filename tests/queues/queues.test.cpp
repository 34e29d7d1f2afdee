#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "tests/support/clinic.hpp"
#include "tests/support/staff.hpp"

using namespace medflow;
using namespace medflow::testing;
using appointments::AppointmentStatus;
using appointments::Priority;
using queues::TokenState;

namespace {

/// The clinic on Monday at half past eight; the first visit begins at nine.
class Counter {
 public:
  explicit Counter(std::shared_ptr<storage::Engine> engine) : clinic(std::move(engine)) {
    clinic.go_to("2026-11-23T08:30:00Z");
  }

  appointments::Appointment book(std::string_view time, std::size_t patient = 0) {
    return clinic.book("2026-11-23T" + std::string(time) + ":00Z", patient);
  }
  std::uint32_t check_in(const appointments::Appointment& visit) {
    return must(clinic.desk().call(appointments::CheckIn{.id = visit.id})).token_no.value_or(0);
  }
  queues::WalkIn walking_in(std::size_t patient, Priority priority = Priority::routine) const {
    return {.patient_id = clinic.patients.at(patient).id,
            .service_id = clinic.service.id,
            .resources = {Clinic::taking_part(clinic.doctor)},
            .priority = priority};
  }
  appointments::Appointment walk_in(std::size_t patient, Priority priority = Priority::routine) {
    return must(clinic.desk().call(walking_in(patient, priority)));
  }
  std::uint32_t call() {
    return must(clinic.desk().call(queues::CallNext{.resource_id = clinic.doctor.id.uuid})).number;
  }
  /// "1 waiting, 2 served"
  std::string queue() {
    static constexpr std::string_view words[] = {"waiting", "called", "skipped", "served", "reserved"};
    std::string text;
    for (const auto& token : must(clinic.desk().call(queues::Get{.resource_id = clinic.doctor.id.uuid})).tokens)
      text += (text.empty() ? "" : ", ") + std::to_string(token.number) + " " +
              std::string(words[static_cast<std::size_t>(token.state)]);
    return text;
  }
  queues::Display display() {
    return must(clinic.desk().call(queues::GetDisplay{.resource_id = clinic.doctor.id.uuid}));
  }

  Clinic clinic;
};

}  // namespace

TEST_CASE("APT-17: the day of a queue is that of where the doctor's hours are") {
  Counter counter(storage::memory_engine());
  Clinic& clinic = counter.clinic;
  const auto far = must(clinic.admin().call(facilities::Create{.name = "Overseas", .zone = {"America/New_York"}}));
  const auto doctor =
      must(clinic.admin().call(doctors::Create{.name = "Dr Far", .facilities = {clinic.hospital.home, far.id}}));
  auto windows = clinic.weekdays("15:00", "22:00");
  for (auto& window : windows) window.facility_id = far.id;
  clinic.set_schedule(doctor.id.uuid, windows);
  clinic.doctor = doctor;
  clinic.hospital.configure({.trusted_issuers = std::vector<std::string>{"https://host.example"}});
  const auto walk_in = [&](std::string_view instant, std::size_t patient) {
    clinic.go_to(instant);
    const Session desk =
        must(clinic.hospital.platform.session(clinic.hospital.slug(), {.issuer = "https://host.example",
                                                                       .subject = "desk",
                                                                       .display_name = "The desk there",
                                                                       .roles = {Role::receptionist},
                                                                       .facilities = {clinic.hospital.home, far.id}}));
    return must(desk.call(counter.walking_in(patient))).token_no;
  };
  CHECK(walk_in("2026-11-23T20:30:00Z", 0) == 1);
  CHECK(walk_in("2026-11-24T00:30:00Z", 1) == 2);  // the next day in London, still the evening there
}

TEST_CASE("APT-17: who checks in gets the next number of the doctor's day") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    Counter counter(engine);
    const auto first = counter.book("09:00");
    const auto second = counter.book("09:30", 1);
    const auto tomorrow = counter.clinic.book("2026-11-24T09:00:00Z");
    CHECK(counter.check_in(second) == 1);
    CHECK(counter.check_in(first) == 2);
    CHECK(counter.queue() == "1 waiting, 2 waiting");
    counter.clinic.go_to("2026-11-24T08:30:00Z");
    CHECK(counter.check_in(tomorrow) == 1);
    CHECK(counter.queue() == "1 waiting");
    CHECK(must(counter.clinic.desk().call(
                   queues::Get{.resource_id = counter.clinic.doctor.id.uuid, .day = day("2026-11-23")}))
              .tokens.size() == 2);
    CHECK(must(counter.clinic.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("APT-17: a number stays reserved where a check-in is taken back, and is nobody else's") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    Counter counter(engine);
    const auto first = counter.book("09:00");
    const auto second = counter.book("09:30", 1);
    CHECK(counter.check_in(first) == 1);
    must(counter.clinic.desk().call(appointments::UndoCheckIn{.id = first.id, .reason = "clicked the wrong one"}));
    CHECK(counter.queue() == "1 reserved");
    CHECK(code_of(counter.clinic.desk().call(queues::CallNext{.resource_id = counter.clinic.doctor.id.uuid})) ==
          "queue.empty");
    CHECK(counter.check_in(second) == 2);
    CHECK(counter.check_in(first) == 1);
    CHECK(counter.queue() == "1 waiting, 2 waiting");
  }
}

TEST_CASE("APT-17: the next is called by priority, then by number; who does not come is skipped and can be recalled") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    Counter counter(engine);
    const Uuid doctor = counter.clinic.doctor.id.uuid;
    counter.check_in(counter.book("09:00"));
    counter.check_in(counter.book("09:30", 1));
    counter.walk_in(2, Priority::emergency);
    CHECK(counter.display().waiting == std::vector<std::uint32_t>{3, 1, 2});
    CHECK(counter.call() == 3);
    CHECK(counter.call() == 1);
    CHECK(counter.queue() == "1 called, 2 waiting, 3 called");
    const Session desk = counter.clinic.desk();
    CHECK(code_of(desk.call(queues::Skip{.resource_id = doctor, .number = 2})) == "transition.illegal");
    CHECK(code_of(desk.call(queues::Skip{.resource_id = doctor, .number = 9})) == "not_found");
    CHECK(must(desk.call(queues::Skip{.resource_id = doctor, .number = 1})).state == TokenState::skipped);
    CHECK(counter.call() == 2);
    CHECK(code_of(desk.call(queues::CallNext{.resource_id = doctor})) == "queue.empty");
    counter.clinic.hospital.clock->advance_s(60);
    const auto again = must(desk.call(queues::Recall{.resource_id = doctor, .number = 1}));
    CHECK(again.state == TokenState::called);
    CHECK(again.calls == 2);
    CHECK(counter.display().called.front() == 1);
    CHECK(counter.display().waiting.empty());
  }
}

TEST_CASE("APT-17: a visit that has begun is served; one that is left is not called") {
  const TestEngine engine("memory");
  Counter counter(engine);
  const auto first = counter.book("09:00");
  const auto second = counter.book("09:30", 1);
  counter.check_in(first);
  counter.check_in(second);
  CHECK(counter.call() == 1);
  const Session nurse = counter.clinic.hospital.as(Role::nurse);
  must(nurse.call(appointments::Start{.id = first.id}));
  CHECK(counter.queue() == "1 served, 2 waiting");
  must(nurse.call(appointments::UndoStart{.id = first.id, .reason = "clicked the wrong one"}));
  CHECK(counter.queue() == "1 called, 2 waiting");
  must(nurse.call(appointments::Start{.id = first.id}));
  must(nurse.call(appointments::Complete{.id = first.id}));
  must(counter.clinic.desk().call(appointments::Cancel{.id = second.id, .reason_code = "left_without_being_seen"}));
  CHECK(counter.queue() == "1 served, 2 reserved");
  CHECK(counter.display().called.empty());
  CHECK(counter.display().waiting.empty());
}

TEST_CASE("APT-17: who walks in has arrived, moves nothing that is booked, and is in the calendar") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    Counter counter(engine);
    counter.book("09:00");
    counter.clinic.go_to("2026-11-23T09:00:00Z");
    const auto free_before = times_of(counter.clinic.free_slots("2026-11-23T09:00:00Z", "2026-11-23T17:00:00Z"));
    const auto visit = counter.walk_in(0);  // the patient has a visit at this time, and the doctor too
    CHECK(visit.status == AppointmentStatus::arrived);
    CHECK(visit.kind == appointments::VisitKind::walk_in);
    CHECK(visit.start == counter.clinic.now());
    CHECK(visit.arrived_at == counter.clinic.now());
    CHECK(visit.token_no == 1);
    CHECK(visit.facility_id == counter.clinic.hospital.home);
    CHECK(times_of(counter.clinic.free_slots("2026-11-23T09:00:00Z", "2026-11-23T17:00:00Z")) == free_before);
    CHECK(must(counter.clinic.desk().call(appointments::List{.resource = counter.clinic.doctor.id.uuid})).data.size() ==
          2);
    // Doors that are closed keep nobody out.
    counter.clinic.go_to("2026-11-28T22:00:00Z");
    CHECK(counter.walk_in(1).token_no == 1);
    CHECK(must(counter.clinic.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("APT-17: a walk-in needs a doctor whose licence holds, a patient who lives, and somebody at the desk") {
  const TestEngine engine("memory");
  Counter counter(engine);
  const auto lapsed = must(counter.clinic.admin().call(
      doctors::Create{.name = "Dr Late",
                      .registrations = {{.authority = "GMC", .number = "1", .valid_to = day("2026-11-22")}},
                      .facilities = {counter.clinic.hospital.home}}));
  auto request = counter.walking_in(0);
  request.resources = {Clinic::taking_part(lapsed)};
  CHECK(code_of(counter.clinic.desk().call(request)) == "licence.expired");
  request.resources.clear();
  CHECK(fields_of(counter.clinic.desk().call(request)) == "/resources:resource.required");
  const auto patient =
      must(counter.clinic.hospital.as(Role::doctor).call(patients::Get{.id = counter.clinic.patients[0].id}));
  must(counter.clinic.hospital.as(Role::doctor)
           .call(patients::Patch{
               .id = patient.id, .revision = patient.revision, .deceased = patients::DeceasedPatch{.deceased = true}}));
  CHECK(code_of(counter.clinic.desk().call(counter.walking_in(0))) == "slot.policy");
}

TEST_CASE("APT-17: a queue is known only where it is one's own to call") {
  const TestEngine engine("memory");
  Counter counter(engine);
  counter.check_in(counter.book("09:00"));
  Hospital& hospital = counter.clinic.hospital;
  const Uuid doctor = counter.clinic.doctor.id.uuid;
  const auto other = counter.clinic.add_doctor("Dr Other", false);
  const Session far = staff(hospital, "far", Role::receptionist, {hospital.away});
  const Session stranger = staff(hospital, "stranger", Role::doctor, {hospital.home}, other.id);
  for (const Session* session : {&far, &stranger}) {
    CHECK(code_of(session->call(queues::Get{.resource_id = doctor})) == "not_found");
    CHECK(code_of(session->call(queues::CallNext{.resource_id = doctor})) == "not_found");
    CHECK(code_of(session->call(queues::GetDisplay{.resource_id = doctor})) == "not_found");
  }
  const Session own = staff(hospital, "own", Role::doctor, {hospital.home}, counter.clinic.doctor.id);
  CHECK(must(own.call(queues::CallNext{.resource_id = doctor})).number == 1);
  CHECK(code_of(hospital.as(Role::billing_clerk).call(queues::Get{.resource_id = doctor})) == "forbidden");
}

TEST_CASE("APT-17: of 64 threads who check in at once each gets a number of its own, without gaps") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    Counter counter(engine);
    constexpr std::size_t threads_count = 64;
    counter.clinic.service = counter.clinic.add_service("group", {.duration_min = 60, .capacity = 100});
    counter.clinic.hospital.clock->advance_s(1);
    std::vector<appointments::Appointment> visits;
    const auto people = counter.clinic.hospital.add_patients(threads_count);
    for (const auto& patient : people)
      visits.push_back(
          must(counter.clinic.desk().call(appointments::Book{.patient_id = patient.id,
                                                             .service_id = counter.clinic.service.id,
                                                             .resources = {Clinic::taking_part(counter.clinic.doctor)},
                                                             .start = at("2026-11-23T10:00:00Z")})));
    std::vector<std::vector<std::uint32_t>> got(threads_count);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < threads_count; ++i)
      threads.emplace_back([&, i, desk = counter.clinic.desk()] {
        const auto arrived = desk.call(appointments::CheckIn{.id = visits[i].id});
        if (arrived.ok()) got[i].push_back(*arrived->token_no);
        for (int more = 0; more < 2; ++more) {
          queues::WalkIn request = counter.walking_in(0);
          request.patient_id = people[i].id;
          const auto walked = desk.call(request);
          if (walked.ok()) got[i].push_back(*walked->token_no);
        }
      });
    for (auto& thread : threads) thread.join();
    std::vector<std::uint32_t> numbers;
    for (const auto& some : got) numbers.insert(numbers.end(), some.begin(), some.end());
    std::sort(numbers.begin(), numbers.end());
    REQUIRE(numbers.size() == threads_count * 3);
    for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(numbers[i] == i + 1);
    CHECK(must(counter.clinic.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("APT-17: a visit that is moved to another day leaves its number there") {
  const TestEngine engine("memory");
  Counter counter(engine);
  const auto visit = counter.book("09:00");
  CHECK(counter.check_in(visit) == 1);
  const auto back =
      must(counter.clinic.desk().call(appointments::UndoCheckIn{.id = visit.id, .reason = "clicked the wrong one"}));
  const auto moved = must(counter.clinic.desk().call(
      appointments::Reschedule{.id = visit.id, .revision = back.revision, .start = at("2026-11-24T09:00:00Z")}));
  CHECK(!moved.token_no);
  counter.clinic.go_to("2026-11-24T08:30:00Z");
  counter.walk_in(1);
  CHECK(counter.check_in(visit) == 2);
}

TEST_CASE("APT-17, TEN-9: of who works at two places each desk sees, calls, skips and recalls its own numbers alone") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    Counter counter(engine);
    Clinic& clinic = counter.clinic;
    Hospital& hospital = clinic.hospital;
    clinic.doctor =
        must(clinic.admin().call(doctors::Create{.name = "Dr Both", .facilities = {hospital.home, hospital.away}}));
    const Uuid doctor = clinic.doctor.id.uuid;
    auto windows = clinic.weekdays("09:00", "12:00");
    for (auto window : clinic.weekdays("13:00", "17:00")) {
      window.facility_id = hospital.away;
      windows.push_back(window);
    }
    clinic.set_schedule(doctor, windows);
    const auto both = [&] { return staff(hospital, "both", Role::receptionist, {hospital.home, hospital.away}); };
    clinic.go_to("2026-11-23T09:00:00Z");
    CHECK(must(both().call(counter.walking_in(0))).facility_id == hospital.home);
    clinic.go_to("2026-11-23T13:30:00Z");
    CHECK(must(both().call(counter.walking_in(1))).facility_id == hospital.away);

    const Session home = staff(hospital, "home", Role::receptionist, {hospital.home});
    const Session away = staff(hospital, "away", Role::receptionist, {hospital.away});
    const Session own = staff(hospital, "own", Role::doctor, {hospital.home}, clinic.doctor.id);
    const auto numbers = [&](const Session& session) {
      std::vector<std::uint32_t> found;
      for (const auto& token : must(session.call(queues::Get{.resource_id = doctor})).tokens)
        found.push_back(token.number);
      return found;
    };
    CHECK(numbers(home) == std::vector<std::uint32_t>{1});
    CHECK(numbers(away) == std::vector<std::uint32_t>{2});
    CHECK(numbers(own) == std::vector<std::uint32_t>{1, 2});
    CHECK(numbers(both()) == std::vector<std::uint32_t>{1, 2});
    CHECK(must(away.call(queues::GetDisplay{.resource_id = doctor})).waiting == std::vector<std::uint32_t>{2});
    CHECK(must(away.call(queues::CallNext{.resource_id = doctor})).number == 2);
    CHECK(code_of(away.call(queues::CallNext{.resource_id = doctor})) == "queue.empty");
    CHECK(must(home.call(queues::CallNext{.resource_id = doctor})).number == 1);
    CHECK(must(home.call(queues::GetDisplay{.resource_id = doctor})).called == std::vector<std::uint32_t>{1});
    CHECK(code_of(away.call(queues::Skip{.resource_id = doctor, .number = 1})) == "not_found");
    CHECK(code_of(away.call(queues::Recall{.resource_id = doctor, .number = 1})) == "not_found");
    CHECK(must(home.call(queues::Skip{.resource_id = doctor, .number = 1})).state == TokenState::skipped);
  }
}
