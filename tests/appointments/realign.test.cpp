// Where the rules of a zone have changed, visits keep the time that the clock on the wall shows (R3).
#include <doctest/doctest.h>

#include "appointments/claims.hpp"
#include "appointments/due.hpp"
#include "appointments/reminders.hpp"
#include "messages/outbox.hpp"
#include "tests/jobs/house.hpp"
#include "tests/support/clinic.hpp"
#include "tests/support/events.hpp"

using namespace medflow;
using namespace medflow::testing;
using appointments::Appointment;

namespace {

/// Before: what a clinic has booked. After: the same data, in which a test writes what another version of the zones would have.
class After {
 public:
  After(const TestEngine& engine, const std::shared_ptr<FakeClock>& clock, TenantId tenant)
      : clock_(clock), builder_(engine, clock, jobs::job_kinds()), tenant_(tenant) {}

  Appointment now(const Appointment& visit) const {
    std::optional<Appointment> row;
    builder_.write(tenant_, [&](kernel::Work& work) {
      work.open_classes(clinical);
      row = kernel::Rows<Appointment>(work).find(visit.id);
    });
    return row.value();
  }
  /// The visit as it was booked by rules under which the clocks stood so far apart from those of now.
  void shift(const Appointment& visit, std::int64_t seconds) const {
    builder_.write(tenant_, [&](kernel::Work& work) {
      work.open_classes(block_flags);
      kernel::Rows<Appointment> rows(work);
      auto row = rows.find(visit.id).value();
      appointments::drop_reminders(work, row);
      appointments::remove(work, row);
      row.start = row.start.plus_s(seconds);
      row.end = row.end.plus_s(seconds);
      row.due_at = row.due_at->plus_s(seconds);
      appointments::enter(work, row, true);
      static constexpr std::uint32_t hour_before[] = {60};
      appointments::plan_reminders(work, row, hour_before);
      rows.update(row, row.revision);
    });
  }
  /// The visit as if another time had been agreed on.
  void say(const Appointment& visit, const LocalDateTime& wall) const {
    builder_.write(tenant_, [&](kernel::Work& work) {
      work.open_classes(block_flags);
      kernel::Rows<Appointment> rows(work);
      auto row = rows.find(visit.id).value();
      row.wall_start = wall;
      rows.update(row, row.revision);
    });
  }
  /// When reminders of the visit are to be sent.
  std::vector<Instant> reminders(const Appointment& visit) const {
    std::vector<Instant> due;
    builder_.write(tenant_, [&](kernel::Work& work) {
      due.clear();
      kernel::Rows<messages::StoredMessage>(work).scan({}, [&](const messages::StoredMessage& message) {
        if (message.appointment_id == visit.id && message.state == messages::MessageState::queued)
          due.push_back(message.next_at.value());
        return true;
      });
    });
    return due;
  }
  void go_to(std::string_view instant) const {
    clock_->advance_s((at(instant).us - clock_->now().us) / 1'000'000);
    CHECK(builder_.tick() == "");
  }

 private:
  std::shared_ptr<FakeClock> clock_;
  Builder builder_;
  TenantId tenant_;
};

struct Before {
  explicit Before(std::string_view engine_name) : engine(engine_name) {
    clinic = std::make_unique<Clinic>(Hospital(test_options(engine, clock), clock));
    clinic->service = clinic->add_service("reminded", {.reminders_min = {60}});
    clinic->go_to("2026-11-23T12:00:00Z");  // a Monday
    CHECK(clinic->hospital.platform.tick(clock->now()).empty());
  }
  After close() {
    tenant = clinic->hospital.tenant.id;
    clinic.reset();
    return {engine, clock, tenant};
  }

  TestEngine engine;
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::unique_ptr<Clinic> clinic{};
  TenantId tenant{};
};

}  // namespace

TEST_CASE("R3: where a zone's rules have changed, the weekly job keeps the wall time and moves the instant") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Before before(name);
    auto request = before.clinic->booking("2026-12-09T10:00:00Z");
    request.reason = "a lump";
    const Appointment visit = must(before.clinic->desk().call(request));
    const Appointment right = before.clinic->book("2026-12-09T15:00:00Z", 1);
    auto first = before.clinic->booking("2026-12-09T10:00:00Z", 2);
    auto second = before.clinic->booking("2026-12-09T11:00:00Z", 2);
    {
      const After after = before.close();
      after.shift(visit, 3600);
      REQUIRE(after.now(visit).start == at("2026-12-09T11:00:00Z"));
      REQUIRE(after.now(visit).wall_start == visit.wall_start);
      // The job runs in the early hours of Sunday.
      after.go_to("2026-11-29T02:59:00Z");
      CHECK(after.now(visit).start == at("2026-12-09T11:00:00Z"));
      after.go_to("2026-11-29T03:00:00Z");
      const Appointment kept = after.now(visit);
      CHECK(kept.start == at("2026-12-09T10:00:00Z"));
      CHECK(kept.end == visit.end);
      CHECK(kept.due_at == visit.due_at);
      CHECK(kept.wall_start == visit.wall_start);
      CHECK(kept.reason == "a lump");
      CHECK(kept.reschedule_count == 0);
      REQUIRE(kept.moves.size() == 1);
      CHECK(kept.moves[0].start == at("2026-12-09T11:00:00Z"));
      CHECK(after.reminders(visit) == std::vector<Instant>{at("2026-12-09T09:00:00Z")});
      CHECK(after.now(right).revision == right.revision);
      // A week later there is nothing to do.
      after.go_to("2026-12-06T03:00:00Z");
      CHECK(after.now(visit).revision == kept.revision);
    }
    const Platform platform = must(Platform::open(test_options(before.engine, before.clock)));
    const auto sign_in = [&](Role role) {
      return must(platform.authenticate(must(platform.visit("saint-mary")
                                                 .call(auth::Login{.email = Hospital::email_of(role),
                                                                   .password = Hospital::secret(Hospital::password)}))
                                            .access_token));
    };
    const Session desk = sign_in(Role::receptionist);
    CHECK(code_of(desk.call(first)) == "slot.taken");
    CHECK(code_of(desk.call(second)) == "ok");
    // It is reported, by an event of its own that names the patient.
    const Session admin = sign_in(Role::tenant_admin);
    const auto log = events(admin);
    CHECK(std::count_if(log.begin(), log.end(), [&](const ReadEvent& told) {
            return told.event.action == "appointments.realign" && told.event.object == visit.id.uuid &&
                   told.event.patients == std::vector<Uuid>{visit.patient_id.uuid};
          }) == 1);
    CHECK(must(admin.call(audit::Verify{})).intact);
  }
}

TEST_CASE("R3: more visits than one step looks at keep their wall times all the same") {
  Before before("memory");
  std::vector<Appointment> visits;
  for (int day = 0; day < 4; ++day)
    for (int slot = 0; slot < 16; ++slot)
      visits.push_back(before.clinic->book(at("2026-12-07T09:00:00Z").plus_s(day * 86'400 + slot * 1800).text(),
                                           static_cast<std::size_t>(slot % 4)));
  const After after = before.close();
  for (const Appointment& visit : visits) after.shift(visit, -3600);
  after.go_to("2026-11-29T03:00:00Z");
  for (int ticks = 0; ticks < 5; ++ticks) after.go_to("2026-11-29T03:00:01Z");
  for (const Appointment& visit : visits) CHECK(after.now(visit).start == visit.start);
}

TEST_CASE("R3: of many visits that begin at one instant each keeps its wall time") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Before before(name);
    before.clinic->service = before.clinic->add_service("group", {.capacity = 100});
    before.clinic->patients = before.clinic->hospital.add_patients(30);
    std::vector<Appointment> visits;
    for (std::size_t i = 0; i < before.clinic->patients.size(); ++i)
      visits.push_back(before.clinic->book("2026-12-09T10:00:00Z", i));
    const After after = before.close();
    for (const Appointment& visit : visits) after.shift(visit, -3600);
    after.go_to("2026-11-29T03:00:00Z");
    for (int ticks = 0; ticks < 3; ++ticks) after.go_to("2026-11-29T03:00:01Z");
    for (const Appointment& visit : visits) CHECK(after.now(visit).start == visit.start);
  }
}

TEST_CASE("R3: a wall time that the clocks now leap over is moved to the leap, once") {
  Before before("memory");
  const Appointment visit = before.clinic->book("2026-12-09T10:00:00Z");
  const After after = before.close();
  after.say(visit, {.date = day("2027-03-28"), .time = clock_time("01:30")});
  after.go_to("2026-11-29T03:00:00Z");
  const Appointment moved = after.now(visit);
  CHECK(moved.start == at("2027-03-28T01:00:00Z"));
  CHECK(moved.moves.size() == 1);
  after.go_to("2026-12-06T03:00:00Z");
  CHECK(after.now(visit).revision == moved.revision);
}
