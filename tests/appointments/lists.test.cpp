#include <doctest/doctest.h>

#include "medflow/testing/counting_engine.hpp"
#include "tests/support/clinic.hpp"

using namespace medflow;
using namespace medflow::testing;
using appointments::AppointmentStatus;

TEST_CASE("APT-20: the board of a day is asked for by doctor, patient, facility, state and time, and shows names") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    Clinic clinic(engine);
    const auto other = clinic.add_doctor("Dr Other");
    const auto first = clinic.book("2026-11-23T09:00:00Z");
    const auto gone = clinic.book("2026-11-23T10:00:00Z", 1);
    const auto later = clinic.book("2026-11-24T09:00:00Z", 1);
    auto elsewhere = clinic.booking("2026-11-23T09:00:00Z", 2);
    elsewhere.resources = {Clinic::taking_part(other)};
    const auto beside = must(clinic.desk().call(elsewhere));
    must(clinic.desk().call(appointments::Cancel{.id = gone.id, .reason_code = "patient_request"}));

    const auto found = [&](const appointments::List& request) {
      std::vector<AppointmentId> ids;
      for (const auto& visit : must(clinic.desk().call(request)).data) {
        CHECK(visit.patient);
        CHECK((!visit.patient || !visit.patient->name.empty()));
        ids.push_back(visit.id);
      }
      std::sort(ids.begin(), ids.end());
      return ids;
    };
    const auto ids_of = [](std::vector<AppointmentId> ids) {
      std::sort(ids.begin(), ids.end());
      return ids;
    };
    const Uuid doctor = clinic.doctor.id.uuid;
    CHECK(found({.resource = doctor}) == ids_of({first.id, gone.id, later.id}));
    CHECK(found({.patient = clinic.patients[1].id}) == ids_of({gone.id, later.id}));
    CHECK(found({.facility = clinic.hospital.home}) == ids_of({first.id, gone.id, later.id, beside.id}));
    CHECK(found({.facility = clinic.hospital.home,
                 .from = at("2026-11-23T00:00:00Z"),
                 .to = at("2026-11-24T00:00:00Z")}) == ids_of({first.id, gone.id, beside.id}));
    CHECK(found({.resource = doctor, .status = AppointmentStatus::booked}) == ids_of({first.id, later.id}));
  }
}

TEST_CASE("APT-20: a page of visits with the names of their patients costs no question more for each of them") {
  const auto counting = std::make_shared<CountingEngine>(storage::memory_engine());
  Clinic clinic(counting);
  clinic.patients = clinic.hospital.add_patients(16);
  for (std::size_t i = 0; i < clinic.patients.size(); ++i)
    clinic.book(at("2026-11-23T09:00:00Z").plus_s(static_cast<std::int64_t>(i) * 1'800).text(), i);
  const Session desk = clinic.desk();
  const auto questions = [&](std::uint32_t limit) {
    const appointments::List request{
        .facility = clinic.hospital.home, .from = at("2026-11-23T00:00:00Z"), .limit = limit};
    must(desk.call(request));  // what is kept from call to call is there by then
    counting->counts().clear();
    CHECK(must(desk.call(request)).data.size() == limit);
    return counting->counts().of(StorageCall::get) + counting->counts().of(StorageCall::scan);
  };
  const auto few = questions(4);
  CHECK(questions(16) <= few + 2);
}
