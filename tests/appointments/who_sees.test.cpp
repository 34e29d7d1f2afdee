// Who sees what of a visit: its reason, its notes and its patient's name are for those who may know the patient, and for nobody else.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "tests/support/clinic.hpp"

using namespace medflow;
using namespace medflow::testing;
using appointments::Appointment;

namespace {

bool shows_label(const Appointment& visit) { return visit.patient.has_value(); }
bool shows_content(const Appointment& visit) {
  return !visit.reason.empty() || !visit.notes.empty() || !visit.cancel_text.empty() || !visit.extensions.empty();
}

/// One of everything: two visits of two patients with the doctor, of whom one was cancelled, and one of the first with another doctor.
class Scene : public Clinic {
 public:
  explicit Scene(std::string_view engine) : Clinic(TestEngine(engine)), other(add_doctor("Dr Other")) {
    hospital.configure({.trusted_issuers = std::vector<std::string>{"https://host.example"}});
    first = add("2026-11-23T10:00:00Z", 0, doctor);
    second = add("2026-11-23T11:00:00Z", 1, doctor);
    with_other = add("2026-11-23T12:00:00Z", 0, other);
    second = must(desk().call(appointments::Cancel{.id = second.id, .reason = "somebody is ill"}));
  }

  /// The laboratory has the other doctor's calendar, the patient is the first one.
  Session as(Role role) {
    Principal who{.issuer = "https://host.example",
                  .subject = "role " + std::to_string(static_cast<int>(role)),
                  .display_name = "Somebody",
                  .roles = {role}};
    if (role == Role::patient)
      who.patient_id = patients[0].id;
    else
      who.facilities = {hospital.home};
    if (role == Role::doctor) who.practitioner_id = doctor.id;
    if (role == Role::lab) who.practitioner_id = other.id;
    return must(hospital.platform.session(hospital.slug(), who));
  }

  doctors::Doctor other{};
  Appointment first{};
  Appointment second{};
  Appointment with_other{};

 private:
  Appointment add(std::string_view start, std::size_t patient, const doctors::Doctor& with) {
    auto request = booking(start, patient);
    request.resources = {taking_part(with)};
    request.reason = "a cough";
    request.notes = "by the side door";
    request.extensions = {{.url = "urn:example:referral", .value = "a letter"}};
    return must(desk().call(request));
  }
};

std::vector<AppointmentId> ids_of(const Page<Appointment>& page) {
  std::vector<AppointmentId> ids;
  for (const Appointment& visit : page.data) ids.push_back(visit.id);
  return ids;
}

}  // namespace

TEST_CASE("RBA-2: who has metadata only sees times and states of visits, and no name, reason, note or label") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Scene scene(engine);
    for (const Role role : {Role::tenant_admin, Role::billing_clerk}) {
      CAPTURE(static_cast<int>(role));
      const Session session = scene.as(role);
      std::vector<Appointment> seen = must(session.call(appointments::List{})).data;
      CHECK(seen.size() == 3);
      for (const AppointmentId& id : {scene.first.id, scene.second.id})
        seen.push_back(must(session.call(appointments::Get{.id = id})));
      for (auto& visit : must(session.call(appointments::List{.patient = scene.patients[0].id})).data)
        seen.push_back(std::move(visit));
      for (auto& visit : must(session.call(appointments::List{.resource = scene.doctor.id.uuid})).data)
        seen.push_back(std::move(visit));
      CHECK(seen.size() == 9);
      for (const Appointment& visit : seen) {
        CHECK_FALSE(shows_label(visit));
        CHECK_FALSE(shows_content(visit));
        CHECK(visit.number.starts_with("APT-"));
        CHECK(visit.start.us > 0);
      }
    }
    // Nor where an administrator may do something to it.
    const auto marked = must(scene.as(Role::tenant_admin)
                                 .call(appointments::MarkError{.id = scene.first.id, .reason = "entered by mistake"}));
    CHECK_FALSE(shows_label(marked));
    CHECK_FALSE(shows_content(marked));
    // It is only not shown.
    CHECK(must(scene.desk().call(appointments::Get{.id = scene.first.id})).status ==
          appointments::AppointmentStatus::entered_in_error);
    CHECK(must(scene.as(Role::doctor).call(appointments::Get{.id = scene.first.id})).reason == "a cough");
  }
}

TEST_CASE("RBA-2: a patient sees their own visits, and nobody else's") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Scene scene(engine);
    const Session patient = scene.as(Role::patient);
    const std::vector<AppointmentId> own{scene.first.id, scene.with_other.id};
    CHECK(ids_of(must(patient.call(appointments::List{}))) == own);
    CHECK(ids_of(must(patient.call(appointments::List{.patient = scene.patients[0].id}))) == own);
    CHECK(ids_of(must(patient.call(appointments::List{.facility = scene.hospital.home}))) == own);
    CHECK(ids_of(must(patient.call(appointments::List{.resource = scene.doctor.id.uuid}))) ==
          std::vector{scene.first.id});
    CHECK(must(patient.call(appointments::List{.patient = scene.patients[1].id})).data.empty());
    CHECK(code_of(patient.call(appointments::Get{.id = scene.second.id})) == "not_found");
    CHECK(code_of(patient.call(appointments::Cancel{.id = scene.second.id})) == "not_found");
    CHECK(shows_label(must(patient.call(appointments::Get{.id = scene.first.id}))));
    // Whose visit is in the way is nobody's business.
    const auto verdict = must(patient.call(appointments::Check{.patient_id = scene.patients[0].id,
                                                               .service_id = scene.service.id,
                                                               .resources = {Clinic::taking_part(scene.doctor)},
                                                               .start = at("2026-11-23T10:00:00Z")}));
    CHECK_FALSE(verdict.bookable);
    auto again = scene.booking("2026-11-23T11:00:00Z", 2);
    must(scene.desk().call(again));
    const auto taken = must(patient.call(appointments::Check{.patient_id = scene.patients[0].id,
                                                             .service_id = scene.service.id,
                                                             .resources = {Clinic::taking_part(scene.doctor)},
                                                             .start = at("2026-11-23T11:00:00Z")}));
    REQUIRE(taken.conflicts.size() == 1);
    CHECK_FALSE(taken.conflicts[0].object_id);
  }
}

TEST_CASE("RBA-2, RBA-5: a second role, as a patient, shows no more of other patients' visits than the first") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Scene scene(engine);
    auto request = scene.booking("2026-11-23T14:00:00Z", 1);
    request.reason = "a rash";
    const Appointment others = must(scene.desk().call(request));
    const Session both =
        must(scene.hospital.platform.session(scene.hospital.slug(), {.issuer = "https://host.example",
                                                                     .subject = "desk and patient",
                                                                     .display_name = "Somebody",
                                                                     .roles = {Role::receptionist, Role::patient},
                                                                     .facilities = {scene.hospital.home},
                                                                     .patient_id = scene.patients[0].id}));
    CHECK(shows_content(must(both.call(appointments::Get{.id = scene.first.id}))));
    for (const AppointmentId& id : {scene.second.id, others.id}) {
      const Appointment seen = must(both.call(appointments::Get{.id = id}));
      CHECK(shows_label(seen));
      CHECK_FALSE(shows_content(seen));
    }
    for (const Appointment& seen : must(both.call(appointments::List{.facility = scene.hospital.home})).data)
      CHECK(shows_content(seen) == (seen.patient_id == scene.patients[0].id));
    // What they do not see they do not empty either.
    const appointments::Update change{
        .id = others.id, .revision = others.revision, .priority = appointments::Priority::urgent};
    CHECK_FALSE(shows_content(must(both.call(change))));
    CHECK(must(scene.as(Role::doctor).call(appointments::Get{.id = others.id})).reason == "a rash");
  }
}

TEST_CASE("APT-21: of a leave only who sees calendars is told more than that it lies over the visit") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Scene scene(engine);
    const auto added = must(scene.admin().call(leaves::Add{.resource_id = scene.doctor.id.uuid,
                                                           .from = at("2026-11-24T00:00:00Z"),
                                                           .to = at("2026-12-14T00:00:00Z"),
                                                           .reason = "is ill"}));
    const auto of_leave = [&](const Session& caller) {
      const auto verdict = must(caller.call(appointments::Check{.patient_id = scene.patients[0].id,
                                                                .service_id = scene.service.id,
                                                                .resources = {Clinic::taking_part(scene.doctor)},
                                                                .start = at("2026-11-25T10:00:00Z")}));
      CHECK_FALSE(verdict.bookable);
      for (const auto& conflict : verdict.conflicts)
        if (conflict.kind == appointments::ConflictKind::leave) return conflict;
      return appointments::Conflict{};
    };
    const auto told = of_leave(scene.as(Role::patient));
    CHECK(told.kind == appointments::ConflictKind::leave);
    CHECK_FALSE(told.object_id);
    CHECK(told.from == at("2026-11-25T10:00:00Z"));
    CHECK(told.to == at("2026-11-25T10:30:00Z"));
    CHECK(of_leave(scene.desk()).object_id == added.leave.id.uuid);
    CHECK(of_leave(scene.desk()).to == at("2026-12-14T00:00:00Z"));
  }
}

TEST_CASE("RBA-2: a laboratory sees the visits that are assigned to it, and books only for itself") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Scene scene(engine);
    const Session lab = scene.as(Role::lab);
    const std::vector<AppointmentId> assigned{scene.with_other.id};
    CHECK(ids_of(must(lab.call(appointments::List{}))) == assigned);
    CHECK(ids_of(must(lab.call(appointments::List{.facility = scene.hospital.home}))) == assigned);
    CHECK(ids_of(must(lab.call(appointments::List{.patient = scene.patients[0].id}))) == assigned);
    CHECK(must(lab.call(appointments::List{.resource = scene.doctor.id.uuid})).data.empty());
    CHECK(code_of(lab.call(appointments::Get{.id = scene.first.id})) == "not_found");
    auto booking = scene.booking("2026-11-23T14:00:00Z", 2);
    CHECK(code_of(lab.call(booking)) == "forbidden");
    booking.resources = {Clinic::taking_part(scene.other)};
    CHECK(code_of(lab.call(booking)) == "ok");
  }
}

TEST_CASE("PAT-19: every answer about a visit names its patient by name, birth date and record number") {
  Scene scene("memory");
  const Session desk = scene.desk();
  const patients::Patient& patient = scene.patients[0];
  const auto check = [&](const Result<Appointment>& answer) {
    const Appointment visit = must(answer);
    REQUIRE(visit.patient);
    CHECK(visit.patient->name == patient.names[0].given[0] + " " + patient.names[0].family);
    CHECK(visit.patient->birth == patient.birth->date);
    CHECK(visit.patient->mrn == patient.mrn);
    return visit;
  };
  const auto hold = must(desk.call(appointments::Hold{.patient_id = patient.id,
                                                      .service_id = scene.service.id,
                                                      .resources = {Clinic::taking_part(scene.doctor)},
                                                      .start = at("2026-11-23T15:00:00Z")}));
  check(hold.appointment);
  check(desk.call(appointments::Confirm{.id = hold.appointment.id, .token = hold.token}));
  Appointment visit = check(desk.call(scene.booking("2026-11-23T16:00:00Z")));
  for (const Appointment& listed : must(desk.call(appointments::List{.patient = patient.id})).data) check(listed);
  visit = check(desk.call(appointments::Update{.id = visit.id, .revision = visit.revision, .notes = "bring slippers"}));
  visit = check(desk.call(
      appointments::Reschedule{.id = visit.id, .revision = visit.revision, .start = at("2026-11-23T13:00:00Z")}));
  check(desk.call(appointments::Cancel{.id = visit.id}));
  check(desk.call(appointments::Restore{.id = visit.id}));
  scene.go_to("2026-11-23T12:50:00Z");
  const Session there = scene.hospital.as(Role::nurse);
  check(there.call(appointments::CheckIn{.id = visit.id}));
  check(there.call(appointments::Start{.id = visit.id}));
  check(there.call(appointments::Complete{.id = visit.id}));
}
