#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/clinic.hpp"
#include "tests/support/messages.hpp"
#include "tests/support/storage_dump.hpp"

using namespace medflow;
using namespace medflow::testing;
using appointments::AppointmentStatus;

namespace {

/// The first patient's own session, as a host vouches for it.
Session patient_session(Clinic& clinic) {
  clinic.hospital.configure({.trusted_issuers = std::vector<std::string>{"https://host.example"}});
  return must(clinic.hospital.platform.session(clinic.hospital.slug(), {.issuer = "https://host.example",
                                                                        .subject = "the patient",
                                                                        .display_name = "Ada",
                                                                        .roles = {Role::patient},
                                                                        .patient_id = clinic.patients[0].id}));
}

facilities::Update as_it_is(const facilities::Facility& place) {
  return {.id = place.id, .revision = place.revision, .name = place.name, .zone = place.zone};
}

/// How many reminders the outbox holds in this state.
int reminders(const DumpingEngine& engine, std::string_view state) {
  int count = 0;
  for (const auto& [table, rows] : engine.dump())
    for (const std::string& row : rows)
      if (row.find("appointment.reminder") != std::string::npos && row.find(state) != std::string::npos) ++count;
  return count;
}

}  // namespace

TEST_CASE("PRV-1: nobody is booked with a doctor whose licence has expired by then") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    must(clinic.admin().call(
        doctors::Update{.id = clinic.doctor.id,
                        .revision = clinic.doctor.revision,
                        .name = clinic.doctor.name,
                        .registrations = {{.authority = "GMC", .number = "1234567", .valid_to = day("2026-11-24")}},
                        .facilities = {clinic.hospital.home}}));
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-24T16:30:00Z"))) == "ok");
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-25T09:00:00Z"))) == "licence.expired");
    CHECK(clinic.free_slots("2026-11-25T00:00:00Z", "2026-12-25T00:00:00Z").empty());
  }
}

TEST_CASE("PRV-5: a holiday closes the facility's windows, unless an override opens the day") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    auto update = as_it_is(must(clinic.admin().call(facilities::Get{.id = clinic.hospital.home})));
    update.holidays = {{.date = day("2026-11-24"), .label = "Founders' day"},
                       {.date = day("2026-11-25"), .label = "The day after"}};
    must(clinic.admin().call(update));
    schedules::Set request;
    request.overrides = {
        {.date = day("2026-11-25"),
         .windows = {{.start = clock_time("10:00"), .end = clock_time("11:00"), .facility_id = clinic.hospital.home}}}};
    clinic.set_schedule(clinic.doctor.id.uuid, clinic.weekdays("09:00", "17:00"), request);
    CHECK(clinic.free_slots("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z").empty());
    CHECK(times_of(clinic.free_slots("2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z")) == "10:00 10:30");
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-24T10:00:00Z"))) == "slot.closed");
  }
}

TEST_CASE("PRV-3: an override replaces the day's windows, and its own start anchors the slots") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    schedules::Set request;
    request.overrides = {
        {.date = day("2026-11-23"),
         .windows = {{.start = clock_time("09:15"), .end = clock_time("09:45"), .facility_id = clinic.hospital.home}}},
        {.date = day("2026-11-24"), .reason = "closed for cleaning"}};
    clinic.set_schedule(clinic.doctor.id.uuid, clinic.weekdays("09:00", "10:00"), request);
    CHECK(times_of(clinic.free_slots("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z")) == "09:15");
    CHECK(clinic.free_slots("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z").empty());
    CHECK(times_of(clinic.free_slots("2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z")) == "09:00 09:30");
  }
}

TEST_CASE("PRV-3: a leave closes its time, names the visits in it, tells their patients if asked, and drops none") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto before = clinic.book("2026-11-23T09:30:00Z");
    const auto within = clinic.book("2026-11-23T10:00:00Z", 1);
    const auto added = must(clinic.admin().call(leaves::Add{.resource_id = clinic.doctor.id.uuid,
                                                            .from = at("2026-11-23T10:00:00Z"),
                                                            .to = at("2026-11-23T12:00:00Z"),
                                                            .reason = "at the dentist",
                                                            .on_affected = leaves::OnAffected::notify}));
    REQUIRE(added.affected.size() == 1);
    CHECK_FALSE(added.more);
    CHECK(added.affected[0].appointment_id == within.id);
    CHECK(added.affected[0].notified);
    CHECK(must(clinic.desk().call(appointments::Get{.id = within.id})).status == AppointmentStatus::booked);
    CHECK(must(clinic.desk().call(appointments::Get{.id = before.id})).status == AppointmentStatus::booked);
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-23T11:00:00Z", 2))) == "slot.closed");
    CHECK(times_of(clinic.free_slots("2026-11-23T00:00:00Z", "2026-11-23T13:00:00Z")) == "09:00 12:00 12:30");
  }
}

TEST_CASE(
    "APT-18: a patient cancels before the cutoff, the desk after it as well, if it says why, and that is marked") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.service = clinic.add_service("cutoff", {.cancel_cutoff_min = 24 * 60});
    const auto first = clinic.book("2026-11-24T10:00:00Z");
    const auto second = clinic.book("2026-11-25T10:00:00Z");
    const auto coded = clinic.book("2026-11-24T09:00:00Z", 1);
    const Session patient = patient_session(clinic);
    clinic.hospital.clock->advance_s(34 * 3600 + 1);  // 2026-11-23T10:00:01Z
    const Session again = patient_session(clinic);
    CHECK(code_of(again.call(appointments::Cancel{.id = first.id})) == "cancel.too_late");
    CHECK(must(again.call(appointments::Cancel{.id = second.id})).cancelled_by == appointments::Party::patient);
    CHECK(code_of(again.call(appointments::Reschedule{
              .id = first.id, .revision = 1, .start = at("2026-11-26T10:00:00Z")})) == "cancel.too_late");
    for (const char* reason : {"", "too ill"})
      CHECK(fields_of(clinic.desk().call(appointments::Cancel{.id = first.id, .reason = reason})) ==
            "/reason:reason.required");
    CHECK(must(clinic.desk().call(appointments::Get{.id = first.id})).status == AppointmentStatus::booked);
    const auto cancelled = must(clinic.desk().call(appointments::Cancel{.id = first.id, .reason = "too ill to come"}));
    CHECK(cancelled.cancelled_late);
    CHECK(must(clinic.desk().call(appointments::Cancel{.id = coded.id, .reason_code = "patient_request"}))
              .cancelled_late);
    CHECK(cancelled.cancelled_by == appointments::Party::staff);
    CHECK_FALSE(must(clinic.desk().call(appointments::Get{.id = second.id})).cancelled_late);
  }
}

TEST_CASE("APT-18: after the cutoff a visit is moved by who may override policy, and says why") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.service = clinic.add_service("cutoff", {.cancel_cutoff_min = 24 * 60});
    const auto visit = clinic.book("2026-11-24T10:00:00Z");
    clinic.go_to("2026-11-23T10:00:01Z");
    appointments::Reschedule request{.id = visit.id, .revision = 1, .start = at("2026-11-24T11:00:00Z")};
    CHECK(code_of(clinic.hospital.as(Role::nurse).call(request)) == "cancel.too_late");
    CHECK(fields_of(clinic.desk().call(request)) == "/override_reason:reason.required");
    request.override_reason = "at noon";
    CHECK(fields_of(clinic.desk().call(request)) == "/override_reason:reason.required");
    request.override_reason = "the bus was late";
    CHECK(must(clinic.desk().call(request)).start == request.start);
    clinic.go_to("2026-11-23T11:00:01Z");
    appointments::Update update{.id = visit.id, .revision = 2, .start = at("2026-11-26T11:00:00Z")};
    CHECK(fields_of(clinic.desk().call(update)) == "/override_reason:reason.required");
    update.override_reason = "the bus was late again";
    CHECK(code_of(clinic.desk().call(update)) == "ok");
    // In time nobody has to say why.
    CHECK(code_of(clinic.desk().call(
              appointments::Reschedule{.id = visit.id, .revision = 3, .start = at("2026-11-27T11:00:00Z")})) == "ok");
  }
}

TEST_CASE("APT-18: a request is declined or withdrawn, and nobody gives the reasons of what happens by itself") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto booked = clinic.book("2026-11-23T09:00:00Z");
    clinic.service = clinic.add_service("approved", {.approval = true});
    const auto declined = clinic.book("2026-11-23T10:00:00Z");
    const auto withdrawn = clinic.book("2026-11-23T11:00:00Z");
    const auto coded = clinic.book("2026-11-23T12:00:00Z");
    CHECK(must(clinic.desk().call(appointments::Cancel{.id = declined.id})).cancel_code == "declined");
    CHECK(must(patient_session(clinic).call(appointments::Cancel{.id = withdrawn.id})).cancel_code == "withdrawn");
    for (const char* code : {"unspecified", "patient_request", "left_without_being_seen", "expired", "deceased"})
      CHECK(fields_of(clinic.desk().call(appointments::Cancel{.id = coded.id, .reason_code = code})) ==
            "/reason_code:enum.unknown");
    CHECK(must(clinic.desk().call(appointments::Cancel{.id = coded.id, .reason_code = "withdrawn"})).cancel_code ==
          "withdrawn");
    for (const char* code : {"expired", "deceased"}) {
      CHECK(fields_of(clinic.desk().call(appointments::Cancel{.id = booked.id, .reason_code = code})) ==
            "/reason_code:enum.unknown");
      CHECK(fields_of(clinic.desk().call(appointments::MarkError{.id = booked.id, .reason_code = code})) ==
            "/reason_code:enum.unknown");
    }
    CHECK(must(clinic.desk().call(appointments::Cancel{.id = booked.id})).cancel_code == "unspecified");
  }
}

TEST_CASE("APT-18: who has missed too many visits is booked only if somebody insists") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    clinic.hospital.configure({.no_show_block = 2});
    clinic.book("2026-11-23T10:00:00Z");
    clinic.book("2026-11-23T11:00:00Z");
    clinic.go_to("2026-11-23T12:00:00Z");
    for (const auto& trouble : clinic.hospital.platform.tick(clinic.now())) FAIL(trouble.task);
    auto request = clinic.booking("2026-11-24T10:00:00Z");
    CHECK(code_of(clinic.desk().call(request)) == "slot.policy");
    CHECK(code_of(clinic.desk().call(clinic.booking("2026-11-24T10:00:00Z", 1))) == "ok");
    request.start = at("2026-11-24T11:00:00Z");
    request.override = true;
    request.override_reason = "has promised to come this time";
    CHECK(code_of(clinic.desk().call(request)) == "ok");
  }
}

TEST_CASE("APT-6: doctor, room and device are booked together or not at all") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto room = must(clinic.admin().call(
        resources::Create{.kind = ResourceKind::room, .name = "Room 1", .facility_id = clinic.hospital.home}));
    const auto scanner = must(clinic.admin().call(
        resources::Create{.kind = ResourceKind::device, .name = "Scanner", .facility_id = clinic.hospital.home}));
    clinic.service = clinic.add_service(
        "scan", {.resources_needed = {ResourceKind::practitioner, ResourceKind::room, ResourceKind::device}});
    auto request = clinic.booking("2026-11-23T10:00:00Z");
    CHECK(fields_of(clinic.desk().call(request)) == "/resources:resource.required");
    request.resources.push_back({.kind = ResourceKind::room, .id = room.id.uuid});
    request.resources.push_back({.kind = ResourceKind::device, .id = scanner.id.uuid});
    CHECK(code_of(clinic.desk().call(request)) == "ok");
    const auto other = clinic.add_doctor("Dr Other");
    request.patient_id = clinic.patients[1].id;
    request.resources[0] = Clinic::taking_part(other);
    CHECK(code_of(clinic.desk().call(request)) == "slot.taken");
    // The other doctor is still free then.
    clinic.doctor = other;
    CHECK(clinic.desk()
              .call(slots::List{.service_id = clinic.service.id,
                                .resource_id = other.id.uuid,
                                .from = at("2026-11-23T10:00:00Z"),
                                .to = at("2026-11-23T10:30:00Z")})
              .ok() == false);
    clinic.service = clinic.add_service("plain");
    CHECK(times_of(clinic.free_slots("2026-11-23T10:00:00Z", "2026-11-23T10:30:00Z")) == "10:00");
  }
}

TEST_CASE("APT-15: reminders are rows of the outbox with the visit, and are withdrawn with it") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    Posted posted(engine);
    Hospital& hospital = posted.hospital;
    const Session admin = hospital.as(Role::tenant_admin);
    const auto doctor = must(admin.call(doctors::Create{.name = "Dr Grey", .facilities = {hospital.home}}));
    std::vector<schedules::Window> windows;
    for (int weekday = 0; weekday < 7; ++weekday)
      windows.push_back({.weekday = static_cast<Weekday>(weekday), .facility_id = hospital.home});
    must(admin.call(schedules::Set{.id = doctor.id.uuid, .windows = windows}));
    const auto service = must(admin.call(services::Create{.code = "visit", .name = "Visit"}));
    const auto patient = must(hospital.as(Role::receptionist)
                                  .call(patients::Register{.names = {{.family = "Okafor", .given = {"Ada"}}},
                                                           .sex_admin = patients::Sex::female,
                                                           .emails = {"ada@example.org"}}));
    posted.post();
    const auto book = [&](std::string_view start) {
      return must(hospital.as(Role::receptionist)
                      .call(appointments::Book{.patient_id = patient.id,
                                               .service_id = service.id,
                                               .resources = {Clinic::taking_part(doctor)},
                                               .start = at(start),
                                               .reason = "a lump"}));
    };
    const auto visit = book("2026-11-24T10:00:00Z");
    const auto gone = book("2026-11-24T12:00:00Z");
    CHECK(posted.post().empty());
    must(hospital.as(Role::receptionist).call(appointments::Cancel{.id = gone.id}));
    hospital.clock->advance_s(34 * 3600);  // 2026-11-23T10:00:00Z, a day before
    auto sent = posted.post();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].kind == "appointment.reminder");
    CHECK(sent[0].to == "ada@example.org");
    // Those of new visits lie together: their ids begin as the visits' do, with the time.
    CHECK(std::equal(visit.id.uuid.bytes.begin(), visit.id.uuid.bytes.begin() + 6, sent[0].id.bytes.begin()));
    CHECK(sent[0].text.find("2026-11-24 10:00") != std::string::npos);
    CHECK(sent[0].text.find("lump") == std::string::npos);
    CHECK(sent[0].text.find("Okafor") == std::string::npos);
    CHECK(posted.post().empty());
    // Moved: the reminder of two hours before is that of the new time; the old one is withdrawn.
    must(hospital.as(Role::receptionist)
             .call(appointments::Reschedule{.id = visit.id, .revision = 1, .start = at("2026-11-24T15:00:00Z")}));
    hospital.clock->advance_s(22 * 3600);  // 08:00: two hours before the old time
    sent = posted.post();                  // a day before the new time has come meanwhile
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].text.find("2026-11-24 15:00") != std::string::npos);
    hospital.clock->advance_s(5 * 3600);  // 13:00
    sent = posted.post();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].text.find("2026-11-24 15:00") != std::string::npos);
    CHECK(posted.post().empty());
  }
}

TEST_CASE("PRV-1: a doctor who signs in has the calendar of the doctor that the account is") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    Clinic clinic{TestEngine(name)};
    const auto visit = clinic.book("2026-11-23T10:00:00Z");
    clinic.hospital.as(Role::doctor);
    CHECK(code_of(clinic.hospital.as(Role::doctor).call(appointments::Cancel{.id = visit.id})) == "forbidden");
    must(clinic.admin().call(doctors::Update{.id = clinic.doctor.id,
                                             .revision = clinic.doctor.revision,
                                             .user_id = clinic.hospital.member(Role::doctor).id,
                                             .name = clinic.doctor.name,
                                             .facilities = {clinic.hospital.home}}));
    const auto account = must(clinic.admin().call(users::Get{.id = clinic.hospital.member(Role::doctor).id}));
    CHECK(account.practitioner_id == clinic.doctor.id);
    CHECK(account.email == Hospital::email_of(Role::doctor));
    CHECK(must(clinic.hospital.as(Role::doctor).call(appointments::List{})).data.size() == 1);
    CHECK(code_of(clinic.hospital.as(Role::doctor).call(appointments::Cancel{.id = visit.id})) == "ok");
  }
}

TEST_CASE("RBA-5: who does not see why a patient comes does not empty it by a change") {
  Clinic clinic{TestEngine("memory")};
  auto request = clinic.booking("2026-11-23T10:00:00Z");
  request.reason = "a lump";
  const auto visit = must(clinic.desk().call(request));
  CHECK(visit.reason.empty());
  must(clinic.desk().call(
      appointments::Update{.id = visit.id, .revision = 1, .priority = appointments::Priority::urgent}));
  CHECK(must(clinic.hospital.as(Role::nurse).call(appointments::Get{.id = visit.id})).reason == "a lump");
}

TEST_CASE("APT-15: with the visit that is moved or cancelled its reminders are withdrawn, in the same transaction") {
  const auto engine = std::make_shared<DumpingEngine>(storage::memory_engine());
  Clinic clinic(engine);
  const auto visit = clinic.book("2026-11-24T10:00:00Z");
  CHECK(reminders(*engine, "queued") == 2);
  must(
      clinic.desk().call(appointments::Reschedule{.id = visit.id, .revision = 1, .start = at("2026-11-24T15:00:00Z")}));
  CHECK(reminders(*engine, "suppressed") == 2);
  CHECK(reminders(*engine, "queued") == 2);
  // There and back again: one message for each time before the start, not two.
  must(
      clinic.desk().call(appointments::Reschedule{.id = visit.id, .revision = 2, .start = at("2026-11-24T10:00:00Z")}));
  CHECK(reminders(*engine, "suppressed") == 2);
  CHECK(reminders(*engine, "queued") == 2);
  must(clinic.desk().call(appointments::Cancel{.id = visit.id}));
  CHECK(reminders(*engine, "queued") == 0);
  CHECK(reminders(*engine, "suppressed") == 4);
}
