#include <doctest/doctest.h>

#include "tests/support/clinic.hpp"
#include "tests/support/damaged_rows.hpp"
#include "tests/support/events.hpp"
#include "tests/support/messages.hpp"

using namespace medflow;
using namespace medflow::testing;
using appointments::AppointmentStatus;

namespace {

/// A clinic whose messages go to where a test reads them, and whose ticks say what went wrong.
class Watched {
 public:
  explicit Watched(std::string_view engine_name) : engine(engine_name), clinic(engine) {}

  void tick() {
    for (const auto& trouble : clinic.hospital.platform.tick(clinic.now())) FAIL(trouble.task);
  }
  AppointmentStatus status(AppointmentId id) { return must(clinic.desk().call(appointments::Get{.id = id})).status; }

  TestEngine engine;
  Clinic clinic;
};

}  // namespace

TEST_CASE("APT-16: who does not come is marked as missed after the grace, by the tick") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    Watched watched(name);
    Clinic& clinic = watched.clinic;
    const auto missed = clinic.book("2026-11-23T10:00:00Z");
    const auto kept = clinic.book("2026-11-23T10:30:00Z", 1);
    clinic.go_to("2026-11-23T10:14:00Z");
    must(clinic.desk().call(appointments::CheckIn{.id = kept.id}));
    watched.tick();
    CHECK(watched.status(missed.id) == AppointmentStatus::booked);
    clinic.go_to("2026-11-23T10:15:00Z");
    watched.tick();
    CHECK(watched.status(missed.id) == AppointmentStatus::no_show);
    CHECK(watched.status(kept.id) == AppointmentStatus::arrived);
    // Late, but there, and nobody else has the time.
    CHECK(must(clinic.desk().call(appointments::CheckIn{.id = missed.id})).status == AppointmentStatus::arrived);
  }
}

TEST_CASE("APT-16: who comes late finds the time taken, if it was given away") {
  Watched watched("memory");
  Clinic& clinic = watched.clinic;
  clinic.service = clinic.add_service("short", {.duration_min = 60, .step_min = 30, .no_show_grace_min = 0});
  const auto missed = clinic.book("2026-11-23T10:00:00Z");
  clinic.go_to("2026-11-23T10:01:00Z");
  watched.tick();
  REQUIRE(watched.status(missed.id) == AppointmentStatus::no_show);
  clinic.book("2026-11-23T10:30:00Z", 1);
  CHECK(code_of(clinic.desk().call(appointments::CheckIn{.id = missed.id})) == "slot.taken");
}

TEST_CASE("APT-16, R9: a visit whose row does not open is told of, and the others are marked all the same") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    const auto damaging = std::make_shared<DamagingEngine>(engine);
    Clinic clinic(damaging);
    const auto damaged = clinic.book("2026-11-23T10:00:00Z");
    const auto missed = clinic.book("2026-11-23T10:30:00Z", 1);
    const auto last = clinic.book("2026-11-23T11:00:00Z", 2);
    damaging->notes.insert(damaged.id.uuid);
    const auto status = [&](const appointments::Appointment& visit) {
      return must(clinic.desk().call(appointments::Get{.id = visit.id})).status;
    };
    const auto tick_at = [&](std::string_view instant) {
      clinic.go_to(instant);
      return clinic.hospital.platform.tick(clinic.now());
    };
    const auto troubles = tick_at("2026-11-23T10:45:00Z");
    REQUIRE(troubles.size() == 1);
    CHECK(troubles[0].error.code.name == "integrity");
    CHECK(status(missed) == AppointmentStatus::no_show);
    CHECK(status(last) == AppointmentStatus::booked);
    const auto log = events(clinic.hospital.as(Role::auditor));
    CHECK(std::any_of(log.begin(), log.end(), [&](const ReadEvent& told) {
      return told.text() == "appointments.sweep error integrity" && told.event.object == damaged.id.uuid;
    }));

    damaging->notes.clear();
    CHECK(tick_at("2026-11-23T11:15:00Z").empty());
    CHECK(status(last) == AppointmentStatus::no_show);
    CHECK(status(damaged) == AppointmentStatus::no_show);
  }
}

TEST_CASE("APT-16, R9: more rows that do not open than a step looks at are gone past") {
  const auto damaging = std::make_shared<DamagingEngine>(storage::memory_engine());
  Clinic clinic(damaging);
  clinic.service = clinic.add_service("group", {.capacity = 100});
  clinic.patients = clinic.hospital.add_patients(31);
  for (std::size_t i = 0; i < 30; ++i) damaging->notes.insert(clinic.book("2026-11-23T10:00:00Z", i).id.uuid);
  const auto missed = clinic.book("2026-11-23T11:00:00Z", 30);
  clinic.go_to("2026-11-23T11:15:00Z");
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(clinic.hospital.platform.tick(clinic.now()));
    clinic.hospital.clock->advance_s(60);  // a step that met one is followed by the next a little later
  }
  CHECK(must(clinic.desk().call(appointments::Get{.id = missed.id})).status == AppointmentStatus::no_show);
}

TEST_CASE("APT-5: a hold that has expired is cancelled by the tick") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Watched watched(name);
    Clinic& clinic = watched.clinic;
    const auto held = must(clinic.desk().call(appointments::Hold{.patient_id = clinic.patients[0].id,
                                                                 .service_id = clinic.service.id,
                                                                 .resources = {Clinic::taking_part(clinic.doctor)},
                                                                 .start = at("2026-11-23T10:00:00Z")}));
    clinic.hospital.clock->advance_s(599);
    watched.tick();
    CHECK(watched.status(held.appointment.id) == AppointmentStatus::held);
    clinic.hospital.clock->advance_s(1);
    watched.tick();
    const auto after = must(clinic.desk().call(appointments::Get{.id = held.appointment.id}));
    CHECK(after.status == AppointmentStatus::cancelled);
    CHECK(after.cancel_code == "expired");
  }
}

TEST_CASE("APT-4: a request that nobody approves expires at its start") {
  Watched watched("memory");
  Clinic& clinic = watched.clinic;
  clinic.service = clinic.add_service("approved", {.approval = true});
  const auto requested = clinic.book("2026-11-23T10:00:00Z");
  clinic.go_to("2026-11-23T10:00:00Z");
  watched.tick();
  CHECK(watched.status(requested.id) == AppointmentStatus::cancelled);
}
