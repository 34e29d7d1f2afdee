#include <doctest/doctest.h>

#include "tests/support/clinic.hpp"
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
