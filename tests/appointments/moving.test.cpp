// Visits that are booked in a leave are moved out of it (PRV-3).
#include <doctest/doctest.h>

#include <algorithm>

#include "medflow/testing/messages.hpp"
#include "tests/support/clinic.hpp"

using namespace medflow;
using namespace medflow::testing;
using appointments::AppointmentStatus;

namespace {

/// A clinic whose patients have addresses, and whose messages a test reads.
class Posting {
 public:
  explicit Posting(std::string_view engine_name) : engine(engine_name), clinic(make()) {
    for (std::size_t i = 0; i < clinic.patients.size(); ++i)
      must(clinic.desk().call(
          patients::Patch{.id = clinic.patients[i].id,
                          .revision = clinic.patients[i].revision,
                          .emails = std::vector<std::string>{"patient" + std::to_string(i) + "@example.org"}}));
    tick();
  }

  /// What is due is done and sent; what was sent by that: "kind to", sorted.
  std::vector<std::string> tick() {
    for (const auto& trouble : clinic.hospital.platform.tick(clinic.now())) FAIL(trouble.task);
    std::vector<std::string> sent;
    for (const Message& message : std::exchange(sender->messages, {})) sent.push_back(message.kind + " " + message.to);
    std::sort(sent.begin(), sent.end());
    return sent;
  }
  /// Until the job has ended.
  std::vector<std::string> finish(const JobId& id) {
    std::vector<std::string> sent;
    for (int ticks = 0; ticks < 20; ++ticks) {
      for (std::string& one : tick()) sent.push_back(std::move(one));
      const auto job = must(clinic.admin().call(jobs::Get{.id = id}));
      if (job.state == JobState::queued || job.state == JobState::running) continue;
      for (std::string& one : tick()) sent.push_back(std::move(one));  // of its last step
      return sent;
    }
    FAIL("a job without an end");
    return sent;
  }

  leaves::WithVisits leave(std::string_view from, std::string_view to) {
    return must(clinic.admin().call(leaves::Add{.resource_id = clinic.doctor.id.uuid,
                                                .from = at(from),
                                                .to = at(to),
                                                .on_affected = leaves::OnAffected::move}));
  }
  appointments::Appointment now(const appointments::Appointment& visit) {
    return must(clinic.desk().call(appointments::Get{.id = visit.id}));
  }
  std::vector<leaves::Affected> left_in(const leaves::Leave& leave) {
    return must(clinic.admin().call(leaves::Get{.id = leave.id})).affected;
  }

  TestEngine engine;
  std::shared_ptr<RecordingSender> sender = std::make_shared<RecordingSender>();
  Clinic clinic;

 private:
  Hospital make() const {
    auto clock = std::make_shared<FakeClock>();
    PlatformOptions options = test_options(engine, clock);
    options.messages = sender;
    return Hospital(std::move(options), std::move(clock));
  }
};

}  // namespace

TEST_CASE(
    "PRV-3: a leave moves the visits in it to the next free starts of the same doctor, and tells their patients") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Posting posting(name);
    Clinic& clinic = posting.clinic;
    const auto before = clinic.book("2026-11-23T09:30:00Z", 3);
    const auto first = clinic.book("2026-11-23T10:00:00Z", 0);
    const auto second = clinic.book("2026-11-23T10:30:00Z", 1);
    const auto taken = clinic.book("2026-11-23T12:30:00Z", 2);
    const auto added = posting.leave("2026-11-23T10:00:00Z", "2026-11-23T12:00:00Z");
    REQUIRE(added.affected.size() == 2);
    REQUIRE(added.leave.job_id);
    const auto job = must(clinic.admin().call(jobs::Get{.id = *added.leave.job_id}));
    CHECK(job.state == JobState::queued);
    CHECK(job.total == 2);
    CHECK(job.done == 0);

    CHECK(posting.finish(*added.leave.job_id) ==
          std::vector<std::string>{"appointment.moved patient0@example.org", "appointment.moved patient1@example.org"});
    const auto ended = must(clinic.admin().call(jobs::Get{.id = *added.leave.job_id}));
    CHECK(ended.state == JobState::succeeded);
    CHECK(ended.done == 2);
    CHECK(posting.now(first).start == at("2026-11-23T12:00:00Z"));
    CHECK(posting.now(second).start == at("2026-11-23T13:00:00Z"));
    for (const auto& moved : {posting.now(first), posting.now(second)}) {
      CHECK(moved.status == AppointmentStatus::booked);
      CHECK(moved.resources.front().id == clinic.doctor.id.uuid);
      REQUIRE(moved.moves.size() == 1);
      CHECK(moved.moves[0].by == clinic.hospital.member(Role::tenant_admin).id);
    }
    CHECK(posting.now(first).moves[0].start == first.start);
    CHECK(posting.now(before).start == before.start);
    CHECK(posting.now(taken).start == taken.start);
    CHECK(posting.left_in(added.leave).empty());
    // Nobody else gets the times that they have now, and the doctor has no other visits.
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-23T12:00:00Z", 3))) == "slot.taken");
    CHECK(times_of(clinic.free_slots("2026-11-23T00:00:00Z", "2026-11-23T14:00:00Z")) == "09:00 13:30");
    CHECK(must(clinic.admin().call(audit::Verify{})).intact);
  }
}

TEST_CASE("PRV-3: a visit that finds no place within 30 days stays, is listed, and its patient is told to call, once") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Posting posting(name);
    Clinic& clinic = posting.clinic;
    const auto stays = clinic.book("2026-11-23T10:00:00Z", 0);
    const auto moves = clinic.book("2026-12-18T10:00:00Z", 1);
    const auto added = posting.leave("2026-11-23T00:00:00Z", "2027-01-01T00:00:00Z");
    CHECK(posting.finish(*added.leave.job_id) == std::vector<std::string>{"appointment.moved patient1@example.org",
                                                                          "appointment.notice patient0@example.org"});
    CHECK(must(clinic.admin().call(jobs::Get{.id = *added.leave.job_id})).done == 2);
    CHECK(posting.now(moves).start == at("2027-01-01T09:00:00Z"));
    CHECK(posting.now(stays).start == stays.start);
    CHECK(posting.now(stays).status == AppointmentStatus::booked);
    const auto left = posting.left_in(added.leave);
    REQUIRE(left.size() == 1);
    CHECK(left[0].appointment_id == stays.id);
    CHECK(left[0].notified);
    CHECK(posting.tick().empty());
  }
}

TEST_CASE("PRV-3: many visits at one start are moved each, whether they stay or go") {
  Posting posting("memory");
  Clinic& clinic = posting.clinic;
  clinic.service = clinic.add_service("group", {.capacity = 3});
  std::vector<appointments::Appointment> visits;
  for (std::size_t i = 0; i < 3; ++i) visits.push_back(clinic.book("2026-11-23T10:00:00Z", i));
  // One of them has been moved as often as it may be.
  for (int i = 0; i < 10; ++i) {
    const bool even = i % 2 == 0;
    const auto now = posting.now(visits[1]);
    must(clinic.desk().call(appointments::Reschedule{
        .id = now.id, .revision = now.revision, .start = at(even ? "2026-11-23T11:00:00Z" : "2026-11-23T10:00:00Z")}));
  }
  const auto added = posting.leave("2026-11-23T10:00:00Z", "2026-11-23T10:30:00Z");
  posting.finish(*added.leave.job_id);
  CHECK(posting.now(visits[0]).start == at("2026-11-23T10:30:00Z"));
  CHECK(posting.now(visits[1]).start == at("2026-11-23T10:00:00Z"));
  CHECK(posting.now(visits[2]).start == at("2026-11-23T10:30:00Z"));
  CHECK(posting.left_in(added.leave).size() == 1);
  CHECK(must(clinic.admin().call(jobs::Get{.id = *added.leave.job_id})).done == 3);
}

TEST_CASE("PRV-3: a patient is not moved to where they have another visit, and no visit to another place") {
  Posting posting("memory");
  Clinic& clinic = posting.clinic;
  const auto other = clinic.add_doctor("Dr Green");
  // From noon on Dr Grey works elsewhere.
  auto windows = clinic.weekdays("09:00", "12:00");
  for (auto window : clinic.weekdays("12:00", "17:00")) {
    window.facility_id = clinic.hospital.away;
    windows.push_back(window);
  }
  clinic.set_schedule(clinic.doctor.id.uuid, windows);
  const auto visit = clinic.book("2026-11-23T10:00:00Z", 0);
  auto elsewhere = clinic.booking("2026-11-23T10:30:00Z", 0);
  elsewhere.resources = {Clinic::taking_part(other)};
  must(clinic.desk().call(elsewhere));
  clinic.book("2026-11-23T11:00:00Z", 1);
  clinic.book("2026-11-23T11:30:00Z", 2);
  const auto added = posting.leave("2026-11-23T10:00:00Z", "2026-11-23T10:30:00Z");
  posting.finish(*added.leave.job_id);
  CHECK(posting.now(visit).start == at("2026-11-24T09:00:00Z"));
  CHECK(posting.now(visit).facility_id == clinic.hospital.home);
}

TEST_CASE("PRV-3: a job that is stopped leaves the rest where it is; without the leave there is nothing to move") {
  Posting posting("memory");
  Clinic& clinic = posting.clinic;
  clinic.service = clinic.add_service("short", {.duration_min = 10, .step_min = 10, .capacity = 4});
  for (const char* start : {"2026-11-23T10:00:00Z", "2026-11-23T10:10:00Z", "2026-11-23T10:20:00Z"})
    for (std::size_t i = 0; i < 4; ++i) clinic.book(start, i);
  const auto added = posting.leave("2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z");
  posting.tick();
  const auto stopped = must(clinic.admin().call(jobs::Cancel{.id = *added.leave.job_id}));
  CHECK(stopped.state == JobState::cancelled);
  CHECK(stopped.total == 12);
  CHECK(stopped.done > 0);
  CHECK(stopped.done < 12);
  posting.tick();
  CHECK(posting.left_in(added.leave).size() == 12 - stopped.done);
  must(clinic.admin().call(leaves::Remove{.id = added.leave.id}));

  const auto again = posting.leave("2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z");
  must(clinic.admin().call(leaves::Remove{.id = again.leave.id}));
  CHECK(posting.finish(*again.leave.job_id).empty());
}

TEST_CASE("PRV-3: the same leave said again is the same one, and starts no second job") {
  Posting posting("memory");
  Clinic& clinic = posting.clinic;
  leaves::Add request{.id = LeaveId{Uuid{{5}}},
                      .resource_id = clinic.doctor.id.uuid,
                      .from = at("2026-11-23T10:00:00Z"),
                      .to = at("2026-11-23T12:00:00Z"),
                      .on_affected = leaves::OnAffected::move};
  const auto first = must(clinic.admin().call(request));
  CHECK(must(clinic.admin().call(request)).leave.job_id == first.leave.job_id);
  request.on_affected = leaves::OnAffected::keep;
  CHECK(code_of(clinic.admin().call(request)) == "conflict.id_reused");
}

TEST_CASE(
    "PRV-3: however many visits are booked in a leave, all their patients are told, and the list says that it is cut") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Posting posting(name);
    Clinic& clinic = posting.clinic;
    std::vector<schedules::Window> daily;
    for (int weekday = 0; weekday < 7; ++weekday)
      daily.push_back({.weekday = static_cast<Weekday>(weekday),
                       .start = clock_time("09:00"),
                       .end = clock_time("17:00"),
                       .facility_id = clinic.hospital.home});
    clinic.set_schedule(clinic.doctor.id.uuid, daily);
    constexpr std::size_t booked = 5 * 104;
    std::size_t patient = 0;
    for (const char* time : {"09:00", "09:30", "10:00", "10:30", "11:00"})
      must(clinic.desk().call(series::Book{.patient_id = clinic.patients[patient++ % clinic.patients.size()].id,
                                           .service_id = clinic.service.id,
                                           .resources = {Clinic::taking_part(clinic.doctor)},
                                           .wall_start = LocalDateTime{day("2026-11-24"), clock_time(time)},
                                           .rrule = "FREQ=DAILY;COUNT=104"}));
    const auto added = must(clinic.admin().call(leaves::Add{.resource_id = clinic.doctor.id.uuid,
                                                            .from = at("2026-11-24T00:00:00Z"),
                                                            .to = at("2027-03-20T00:00:00Z"),
                                                            .on_affected = leaves::OnAffected::notify}));
    CHECK(added.affected.size() == 500);
    CHECK(added.more);
    std::size_t told = 0;
    for (int ticks = 0; ticks < 20; ++ticks)
      for (const std::string& sent : posting.tick()) told += sent.starts_with("appointment.notice ") ? 1 : 0;
    CHECK(told == booked);
    const auto read = must(clinic.admin().call(leaves::Get{.id = added.leave.id}));
    CHECK(read.affected.size() == 500);
    CHECK(read.more);
    CHECK(std::all_of(read.affected.begin(), read.affected.end(), [](const auto& one) { return one.notified; }));
  }
}
