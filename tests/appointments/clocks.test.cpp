#include <doctest/doctest.h>

#include "tests/support/clinic.hpp"
#include "tests/support/shared_memory.hpp"

using namespace medflow;
using namespace medflow::testing;

TEST_CASE("APT-3: a hold that is over by another server's clock is not confirmed over who has booked since") {
  const auto server = SharedMemory::make();
  Clinic clinic{server->process()};
  const auto ahead = std::make_shared<FakeClock>();
  ahead->advance_s(61);
  const Platform other = must(Platform::open(test_options(server->process(), ahead)));
  const auto held = must(clinic.desk().call(appointments::Hold{.patient_id = clinic.patients[0].id,
                                                               .service_id = clinic.service.id,
                                                               .resources = {Clinic::taking_part(clinic.doctor)},
                                                               .start = at("2026-11-23T10:00:00Z"),
                                                               .minutes = 1}));
  const Session there = must(other.authenticate(clinic.hospital.member(Role::receptionist).tokens.access_token));
  must(there.call(clinic.booking("2026-11-23T10:00:00Z", 1)));
  CHECK(code_of(clinic.desk().call(appointments::Confirm{.id = held.appointment.id, .token = held.token})) ==
        "hold.expired");
}
