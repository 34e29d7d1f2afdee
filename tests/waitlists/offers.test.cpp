#include <doctest/doctest.h>

#include "medflow/testing/counting_engine.hpp"
#include "tests/support/damaged_rows.hpp"
#include "tests/support/events.hpp"
#include "tests/support/staff.hpp"
#include "tests/waitlists/house.hpp"

using namespace medflow;
using namespace medflow::testing;

TEST_CASE("APT-14: a freed slot is held for 15 minutes for whoever is first by priority, then by when they came") {
  for (const std::string_view name : engine_names) {
    CAPTURE(name);
    const TestEngine engine(name);
    WaitingRoom room(engine);
    const auto booked = room.fill();
    const auto routine = room.join(0);
    const auto as_needed = room.join(1, Priority::as_needed);
    const auto late = room.join(2, Priority::urgent);
    const auto later = room.join(3, Priority::urgent);
    const auto emergency = room.join(4, Priority::emergency);
    room.tick();
    CHECK(room.told().empty());

    std::vector<waitlists::Entry> order{emergency, late, later, routine, as_needed};
    for (std::size_t i = 0; i < booked.size(); ++i) {
      room.cancel(booked[i]);
      CHECK(room.state(order[i]) == WaitState::waiting);
      room.tick();
      const auto held = room.offered(order[i]);
      CHECK(held.status == AppointmentStatus::held);
      CHECK(held.start == booked[i].start);
      CHECK(held.hold_expires_at == room.clinic.now().plus_s(15 * 60));
      CHECK(room.state(order[i + 1]) == WaitState::waiting);
      room.tick();
      CHECK(room.told() == "wanda" + std::string(1, "42301"[i]) + "@example.org");
    }
    CHECK(room.intact());
  }
}

TEST_CASE("APT-14: those who wait are listed in the order in which they are served, page by page") {
  const TestEngine engine("memory");
  WaitingRoom room(engine);
  room.fill();
  const auto routine = room.join(0);
  const auto urgent = room.join(1, Priority::urgent);
  const auto emergency = room.join(2, Priority::emergency);
  std::vector<WaitlistEntryId> found;
  waitlists::List request{.service = room.clinic.service.id, .state = WaitState::waiting, .limit = 1};
  do {
    const auto page = must(room.clinic.desk().call(request));
    for (const auto& one : page.data) found.push_back(one.id);
    request.cursor = page.page.next.value_or("");
  } while (!request.cursor.empty());
  CHECK(found == std::vector{emergency.id, urgent.id, routine.id});
  CHECK(must(room.clinic.desk().call(waitlists::List{.patient = room.people[1].id})).data.size() == 1);
  CHECK(must(room.clinic.desk().call(waitlists::List{.service = room.clinic.service.id})).data.size() == 3);
  CHECK(code_of(room.clinic.desk().call(waitlists::List{})) == "query.too_broad");
}

TEST_CASE("APT-14: accepting books what was held, without its token") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    WaitingRoom room(engine);
    const auto booked = room.fill();
    const auto entry = room.join(0);
    CHECK(code_of(room.clinic.desk().call(waitlists::Accept{.id = entry.id})) == "transition.illegal");
    room.cancel(booked[1]);
    room.tick();
    const auto visit = must(room.clinic.desk().call(waitlists::Accept{.id = entry.id}));
    CHECK(visit.status == AppointmentStatus::booked);
    CHECK(visit.start == booked[1].start);
    CHECK(visit.patient_id == room.people[0].id);
    CHECK(!visit.hold_by);
    const auto after = room.entry(entry);
    CHECK(after.state == WaitState::booked);
    CHECK(after.offers.back().answer == waitlists::OfferAnswer::accepted);
    CHECK(code_of(room.clinic.desk().call(waitlists::Accept{.id = entry.id})) == "transition.illegal");
    room.clinic.hospital.clock->advance_s(16 * 60);
    room.tick();
    CHECK(room.visit(visit.id).status == AppointmentStatus::booked);
    CHECK(room.intact());
  }
}

TEST_CASE("APT-14: what is declined is offered to the next, and never again to the same") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    WaitingRoom room(engine);
    const auto booked = room.fill();
    const auto first = room.join(0);
    const auto second = room.join(1);
    room.cancel(booked[0]);
    room.tick();
    const auto held = room.offered(first);
    const auto after = must(room.clinic.desk().call(waitlists::Decline{.id = first.id}));
    CHECK(after.state == WaitState::waiting);
    CHECK(after.offers.back().answer == waitlists::OfferAnswer::declined);
    CHECK(room.visit(held.id).status == AppointmentStatus::cancelled);
    CHECK(room.visit(held.id).cancel_code == "declined");
    room.tick();
    CHECK(room.offered(second).start == held.start);
    must(room.clinic.desk().call(waitlists::Decline{.id = second.id}));
    room.tick();
    CHECK(room.state(first) == WaitState::waiting);
    CHECK(room.state(second) == WaitState::waiting);
    CHECK(room.intact());
  }
}

TEST_CASE("APT-14: what nobody answers in time is offered to the next") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    WaitingRoom room(engine);
    const auto booked = room.fill();
    const auto first = room.join(0);
    const auto second = room.join(1);
    room.cancel(booked[0]);
    room.tick();
    const auto held = room.offered(first);
    room.clinic.hospital.clock->advance_s(15 * 60);
    CHECK(code_of(room.clinic.desk().call(waitlists::Accept{.id = first.id})) == "hold.expired");
    room.tick();
    room.tick();
    CHECK(room.visit(held.id).status == AppointmentStatus::cancelled);
    CHECK(room.entry(first).offers.back().answer == waitlists::OfferAnswer::expired);
    CHECK(room.state(first) == WaitState::waiting);
    CHECK(room.offered(second).start == held.start);
    CHECK(room.intact());
  }
}

TEST_CASE("APT-14: after three offers that were not taken an entry ends") {
  const TestEngine engine("memory");
  WaitingRoom room(engine);
  const auto booked = room.fill();
  const auto declines = room.join(0);
  for (std::size_t i = 0; i < 3; ++i) {
    room.cancel(booked[i]);
    room.tick();
    CHECK(room.offered(declines).start == booked[i].start);
    must(room.clinic.desk().call(waitlists::Decline{.id = declines.id}));
  }
  CHECK(room.state(declines) == WaitState::declined);
  const auto ignores = room.join(1);
  for (int i = 0; i < 3; ++i) {
    room.tick();
    CHECK(room.state(ignores) == WaitState::offered);
    room.tick();  // the message goes out
    room.clinic.hospital.clock->advance_s(15 * 60);
    room.tick();
  }
  CHECK(room.state(ignores) == WaitState::expired);
  room.tick();
  CHECK(room.entry(ignores).offers.size() == 3);
  CHECK(room.intact());
}

TEST_CASE("APT-14: only what suits the days, the times, the doctor and the facility is offered") {
  const TestEngine engine("memory");
  WaitingRoom room(engine);
  const auto booked = room.fill();
  const auto other = room.clinic.add_doctor("Dr Other", false);
  auto request = room.joining(0);
  request.latest = day("2026-11-22");
  const auto no_day = room.join(request);
  request = room.joining(1);
  request.resources_any = {other.id.uuid};
  const auto no_doctor = room.join(request);
  request = room.joining(2);
  request.facility_id = room.clinic.hospital.away;
  const auto no_place = must(room.clinic.admin().call(request));
  request = room.joining(3);
  request.preferences = {{.weekdays = {Weekday::tue}}, {.start = clock_time("10:00"), .end = clock_time("10:30")}};
  const auto picky = room.join(request);
  for (const auto& visit : booked) room.cancel(visit);
  room.tick();
  CHECK(room.state(no_day) == WaitState::waiting);
  CHECK(room.state(no_doctor) == WaitState::waiting);
  CHECK(must(room.clinic.admin().call(waitlists::Get{.id = no_place.id})).state == WaitState::waiting);
  CHECK(room.offered(picky).wall_start.time == clock_time("10:00"));
}

TEST_CASE("APT-14: a service that needs a room as well is offered with one that is free") {
  const TestEngine engine("memory");
  WaitingRoom room(engine, {.resources_needed = {ResourceKind::room, ResourceKind::practitioner}});
  const auto add_room = [&](const char* name) {
    return must(room.clinic.admin().call(resources::Create{.name = name, .facility_id = room.clinic.hospital.home}));
  };
  const auto busy = add_room("One");
  const auto free = add_room("Two");
  must(room.clinic.admin().call(
      leaves::Add{.resource_id = busy.id.uuid, .from = at("2026-11-22T00:00:00Z"), .to = at("2027-11-22T00:00:00Z")}));
  const auto entry = room.join(0);
  room.tick();
  const auto held = room.offered(entry);
  REQUIRE(held.resources.size() == 2);
  CHECK(held.resources[0].id == room.clinic.doctor.id.uuid);
  CHECK(held.resources[1].id == free.id.uuid);
}

TEST_CASE("APT-14: nothing is offered that begins sooner than the service's notice, or while its waitlist is off") {
  const TestEngine engine("memory");
  WaitingRoom room(engine, {.waitlist_notice_min = 60});
  const auto booked = room.fill();
  auto request = room.joining(0);
  request.latest = day("2026-11-23");
  const auto entry = room.join(request);
  room.clinic.go_to("2026-11-23T08:30:01Z");
  room.cancel(booked[0]);
  room.cancel(booked[1]);
  room.tick();
  CHECK(room.state(entry) == WaitState::waiting);
  room.cancel(booked[2]);
  room.tick();
  CHECK(room.offered(entry).start == booked[2].start);

  const auto service = must(room.clinic.admin().call(services::Get{.id = room.clinic.service.id}));
  must(room.clinic.admin().call(services::Update{
      .id = service.id, .revision = service.revision, .code = service.code, .name = service.name, .waitlist = false}));
  must(room.clinic.desk().call(waitlists::Decline{.id = entry.id}));
  room.cancel(booked[3]);
  room.tick();
  CHECK(room.state(entry) == WaitState::waiting);
  CHECK(fields_of(room.clinic.desk().call(room.joining(1))) == "/service_id:waitlist.off");
}

TEST_CASE("APT-14: time that is freed in any other way is offered as well") {
  const TestEngine engine("memory");
  WaitingRoom room(engine);
  const auto booked = room.fill();
  auto request = room.joining(0);
  request.latest = day("2026-11-23");
  auto entry = room.join(request);
  const auto leave = [&] { must(room.clinic.desk().call(waitlists::Leave{.id = entry.id})); };
  SUBCASE("a visit that is moved") {
    room.open("09:00", "11:30");
    must(room.clinic.desk().call(
        appointments::Reschedule{.id = booked[0].id, .revision = 1, .start = at("2026-11-23T11:00:00Z")}));
    room.tick();
    CHECK(room.offered(entry).start == booked[0].start);
  }
  SUBCASE("a hold that expires") {
    leave();
    room.open("09:00", "11:30");
    must(room.clinic.desk().call(appointments::Hold{.patient_id = room.people[1].id,
                                                    .service_id = room.clinic.service.id,
                                                    .resources = {Clinic::taking_part(room.clinic.doctor)},
                                                    .start = at("2026-11-23T11:00:00Z")}));
    entry = room.join(request);
    room.tick();
    CHECK(room.state(entry) == WaitState::waiting);
    room.clinic.hospital.clock->advance_s(600);
    room.tick();
    room.tick();
    CHECK(room.offered(entry).start == at("2026-11-23T11:00:00Z"));
  }
  SUBCASE("opening hours that are longer") {
    room.tick();
    room.open("09:00", "11:30");
    room.tick();
    CHECK(room.offered(entry).start == at("2026-11-23T11:00:00Z"));
  }
  SUBCASE("a leave that is removed") {
    leave();
    const auto away = must(room.clinic.admin().call(leaves::Add{.resource_id = room.clinic.doctor.id.uuid,
                                                                .from = at("2026-11-23T11:00:00Z"),
                                                                .to = at("2026-11-23T12:00:00Z")}))
                          .leave;
    room.open("09:00", "11:30");
    entry = room.join(request);
    room.tick();
    CHECK(room.state(entry) == WaitState::waiting);
    must(room.clinic.admin().call(leaves::Remove{.id = away.id}));
    room.tick();
    CHECK(room.offered(entry).start == at("2026-11-23T11:00:00Z"));
  }
}

TEST_CASE("APT-14: an entry expires when its last day is over, and by itself") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    WaitingRoom room(engine);
    room.fill();
    auto request = room.joining(0);
    request.latest = day("2026-11-24");
    const auto entry = room.join(request);
    room.tick();
    room.clinic.go_to("2026-11-24T23:59:59Z");
    room.tick();
    CHECK(room.state(entry) == WaitState::waiting);
    room.clinic.hospital.clock->advance_s(1);
    room.tick();
    CHECK(room.state(entry) == WaitState::expired);
    CHECK(fields_of(room.clinic.desk().call(request)) == "/latest:date.past");
    request.earliest = day("2026-12-24");
    CHECK(fields_of(room.clinic.desk().call(request)) == "/latest:date.order");
  }
}

TEST_CASE("APT-14, PAT-12: who has died or was deleted waits for nothing, and what was held for them is free") {
  const TestEngine engine("memory");
  WaitingRoom room(engine);
  const auto booked = room.fill();
  const auto dies = room.join(0);
  const auto goes = room.join(1);
  const auto next = room.join(2);
  room.cancel(booked[0]);
  room.tick();
  const auto held = room.offered(dies);
  must(room.clinic.hospital.as(Role::doctor)
           .call(patients::Patch{.id = room.people[0].id,
                                 .revision = room.people[0].revision,
                                 .deceased = patients::DeceasedPatch{.deceased = true}}));
  must(room.clinic.admin().call(patients::Delete{.id = room.people[1].id, .reason_code = "duplicate"}));
  CHECK(room.state(dies) == WaitState::cancelled);
  CHECK(room.state(goes) == WaitState::cancelled);
  CHECK(room.visit(held.id).status == AppointmentStatus::cancelled);
  room.tick();
  CHECK(room.offered(next).start == held.start);
  CHECK(room.intact());
}

TEST_CASE("APT-14: who leaves gives back what was offered, and cannot leave twice") {
  const TestEngine engine("memory");
  WaitingRoom room(engine);
  const auto booked = room.fill();
  const auto first = room.join(0);
  const auto second = room.join(1);
  room.cancel(booked[0]);
  room.tick();
  CHECK(must(room.clinic.desk().call(waitlists::Leave{.id = first.id})).state == WaitState::cancelled);
  room.tick();
  CHECK(room.offered(second).start == booked[0].start);
  CHECK(code_of(room.clinic.desk().call(waitlists::Leave{.id = first.id})) == "transition.illegal");
  CHECK(code_of(room.clinic.desk().call(waitlists::Decline{.id = first.id})) == "transition.illegal");
}

TEST_CASE("NOT-1, APT-14: the message is there if and only if the hold is") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    WaitingRoom room(engine);
    const auto booked = room.fill();
    const auto entry = room.join(0);
    room.sender->answer = [](const Message&) { return Delivery::later; };
    room.cancel(booked[0]);
    room.tick();
    room.told();
    // It is tried again as long as the slot is held, and no longer.
    room.sender->answer = {};
    SUBCASE("held") {
      room.clinic.hospital.clock->advance_s(60);
      room.tick();
      CHECK(room.told() == "wanda0@example.org");
    }
    SUBCASE("declined") {
      must(room.clinic.desk().call(waitlists::Decline{.id = entry.id}));
      room.clinic.hospital.clock->advance_s(60);
      room.tick();
      CHECK(room.told().empty());
    }
    SUBCASE("cancelled by staff") {
      must(room.clinic.desk().call(appointments::Cancel{.id = room.offered(entry).id, .reason_code = "staff_request"}));
      CHECK(room.state(entry) == WaitState::waiting);
      CHECK(room.entry(entry).offers.back().answer == waitlists::OfferAnswer::declined);
      room.clinic.hospital.clock->advance_s(60);
      room.tick();
      CHECK(room.told().empty());
    }
  }
}

TEST_CASE("APT-14: an offer counts against nobody's three holds") {
  const TestEngine engine("memory");
  WaitingRoom room(engine);
  room.join(0);
  room.tick();
  const auto hold = [&](const char* start) {
    return code_of(room.clinic.desk().call(appointments::Hold{.patient_id = room.people[5].id,
                                                              .service_id = room.clinic.service.id,
                                                              .resources = {Clinic::taking_part(room.clinic.doctor)},
                                                              .start = at(start)}));
  };
  CHECK(hold("2026-11-23T09:00:00Z") == "slot.taken");
  room.open("09:00", "12:00");
  for (const char* start : {"2026-11-23T09:30:00Z", "2026-11-23T10:00:00Z", "2026-11-23T10:30:00Z"})
    CHECK(hold(start) == "ok");
  CHECK(hold("2026-11-23T11:00:00Z") == "hold.too_many");
}

TEST_CASE("APT-14, RBA-4: staff of other facilities and doctors who are not named know of no entry") {
  const TestEngine engine("memory");
  WaitingRoom room(engine);
  room.fill();
  auto request = room.joining(0);
  request.facility_id = room.clinic.hospital.home;
  request.resources_any = {room.clinic.doctor.id.uuid};
  const auto entry = room.join(request);
  const auto other = room.clinic.add_doctor("Dr Other", false);
  Hospital& hospital = room.clinic.hospital;
  const Session far = staff(hospital, "far", Role::receptionist, {hospital.away});
  const Session stranger = staff(hospital, "stranger", Role::doctor, {hospital.home}, other.id);
  const Session named = staff(hospital, "named", Role::doctor, {hospital.home}, room.clinic.doctor.id);
  for (const Session* session : {&far, &stranger}) {
    CHECK(code_of(session->call(waitlists::Get{.id = entry.id})) == "not_found");
    CHECK(code_of(session->call(waitlists::Leave{.id = entry.id})) == "not_found");
    CHECK(must(session->call(waitlists::List{.service = room.clinic.service.id})).data.empty());
  }
  CHECK(code_of(far.call(request)) == "forbidden");
  CHECK(code_of(stranger.call(request)) == "forbidden");
  CHECK(code_of(named.call(waitlists::Get{.id = entry.id})) == "ok");
  CHECK(must(named.call(waitlists::List{.service = room.clinic.service.id})).data.size() == 1);
}

TEST_CASE("APT-14, PRV-3: an offer is not taken where somebody is away by then; the patient waits on") {
  for (const std::string_view name : engine_kinds) {
    for (const bool stays : {false, true}) {
      CAPTURE(name);
      CAPTURE(stays);
      const TestEngine engine(name);
      WaitingRoom room(engine);
      const auto booked = room.fill();
      const auto entry = room.join(0);
      room.cancel(booked[1]);
      room.tick();
      const auto held = room.offered(entry);
      const auto leave = must(room.clinic.admin().call(leaves::Add{.resource_id = room.clinic.doctor.id.uuid,
                                                                   .from = held.start,
                                                                   .to = held.end,
                                                                   .on_affected = leaves::OnAffected::notify}))
                             .leave;
      CHECK(code_of(room.clinic.desk().call(waitlists::Accept{.id = entry.id})) == "slot.closed");
      CHECK(room.offered(entry).id == held.id);
      CHECK(room.visit(held.id).status == AppointmentStatus::held);
      if (stays) {
        room.clinic.hospital.clock->advance_s(15 * 60);
        room.tick();
        room.tick();
        CHECK(room.visit(held.id).status == AppointmentStatus::cancelled);
        CHECK(room.state(entry) == WaitState::waiting);
      } else {
        must(room.clinic.admin().call(leaves::Remove{.id = leave.id}));
        CHECK(must(room.clinic.desk().call(waitlists::Accept{.id = entry.id})).status == AppointmentStatus::booked);
        CHECK(room.state(entry) == WaitState::booked);
      }
      CHECK(room.intact());
    }
  }
}

TEST_CASE("APT-14, RBA-4: who is named in an entry takes for it what is offered with another one who is named") {
  const TestEngine engine("memory");
  WaitingRoom room(engine);
  const auto other = room.clinic.add_doctor("Dr Other", false);
  auto request = room.joining(0);
  request.resources_any = {room.clinic.doctor.id.uuid, other.id.uuid};
  const auto entry = room.join(request);
  room.tick();
  CHECK(room.offered(entry).resources.front().id == room.clinic.doctor.id.uuid);
  const Session named = staff(room.clinic.hospital, "named", Role::doctor, {room.clinic.hospital.home}, other.id);
  CHECK(must(named.call(waitlists::Accept{.id = entry.id})).status == AppointmentStatus::booked);
}

TEST_CASE("APT-14: nobody waits for a room where a doctor is meant, nor for a doctor where a room is") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    WaitingRoom room(engine, {.resources_needed = {ResourceKind::room, ResourceKind::practitioner}});
    const auto place =
        must(room.clinic.admin().call(resources::Create{.name = "One", .facility_id = room.clinic.hospital.home}));
    auto request = room.joining(0);
    request.resources_any = {room.clinic.doctor.id.uuid, place.id.uuid};
    CHECK(fields_of(room.clinic.desk().call(request)) == "/resources_any/1:resource.unknown");
    request.resources_any.pop_back();
    CHECK(code_of(room.clinic.desk().call(request)) == "ok");

    request.service_id = room.clinic.add_service("bath", {.resources_needed = {ResourceKind::room}}).id;
    CHECK(fields_of(room.clinic.desk().call(request)) == "/resources_any/0:resource.unknown");
    request.resources_any = {place.id.uuid};
    CHECK(code_of(room.clinic.desk().call(request)) == "ok");
  }
}

TEST_CASE("APT-14: whom no message can reach is offered nothing by itself: the slot stays free, and they wait on") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    WaitingRoom room(engine);
    auto request = room.joining(0);
    request.patient_id = room.clinic.patients[0].id;  // has a phone, and no address
    const auto unreached = room.join(request);
    for (int i = 0; i < 3; ++i) {
      room.tick();
      CHECK(room.state(unreached) == WaitState::waiting);
      room.clinic.hospital.clock->advance_s(15 * 60);
      room.tick();
    }
    CHECK(room.entry(unreached).offers.empty());
    CHECK(room.clinic.free_slots("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z").size() == 4);
    const auto reached = room.join(1);
    room.tick();
    CHECK(room.offered(reached).start == at("2026-11-23T09:00:00Z"));
    CHECK(room.state(unreached) == WaitState::waiting);
    must(room.clinic.desk().call(patients::Patch{.id = room.clinic.patients[0].id,
                                                 .revision = room.clinic.patients[0].revision,
                                                 .emails = std::vector<std::string>{"reached@example.org"}}));
    room.tick();
    CHECK(room.offered(unreached).start == at("2026-11-23T09:30:00Z"));
    CHECK(room.intact());
  }
}

TEST_CASE("APT-14: an offer of which nobody was told is none of the three that end an entry") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    WaitingRoom room(engine);
    room.sender->answer = [](const Message&) { return Delivery::later; };
    const auto entry = room.join(0);
    for (std::size_t i = 1; i <= 3; ++i) {
      room.tick();
      REQUIRE(room.state(entry) == WaitState::offered);
      room.tick();
      room.clinic.hospital.clock->advance_s(15 * 60);
      room.tick();
      const auto after = room.entry(entry);
      REQUIRE(after.offers.size() >= i);
      CHECK(after.offers[i - 1].answer == waitlists::OfferAnswer::expired);
      CHECK(after.offers[i - 1].unsent);
      CHECK(after.state != WaitState::expired);
    }
    // What is declined was known all the same.
    room.tick();
    REQUIRE(room.state(entry) == WaitState::offered);
    const auto after = must(room.clinic.desk().call(waitlists::Decline{.id = entry.id}));
    CHECK(after.state == WaitState::waiting);
    CHECK(!after.offers.back().unsent);
    CHECK(room.intact());
  }
}

TEST_CASE("APT-14, NOT-6: by night what can wait is offered at eight, and only what is urgent and soon at once") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    WaitingRoom room(engine, {.waitlist_notice_min = 0});
    room.open("08:30", "09:30");
    room.clinic.go_to("2026-11-22T23:00:00Z");
    const auto routine = room.join(0);
    room.tick();
    CHECK(room.state(routine) == WaitState::waiting);
    CHECK(room.told().empty());
    const auto urgent = room.join(1, Priority::urgent);
    const auto later = room.join(2, Priority::urgent);
    room.tick();
    CHECK(room.offered(urgent).start == at("2026-11-23T08:30:00Z"));
    CHECK(room.state(later) == WaitState::waiting);  // 09:00 can wait
    must(room.clinic.desk().call(waitlists::Accept{.id = urgent.id}));
    must(room.clinic.desk().call(waitlists::Leave{.id = later.id}));
    room.clinic.go_to("2026-11-23T07:59:59Z");
    room.tick();
    room.told();
    CHECK(room.state(routine) == WaitState::waiting);
    room.clinic.go_to("2026-11-23T08:00:00Z");
    room.tick();
    CHECK(room.offered(routine).start == at("2026-11-23T09:00:00Z"));
    room.tick();
    CHECK(room.told() == "wanda0@example.org");
    CHECK(room.intact());
  }
}

TEST_CASE("APT-14: a patient waits for a service once, and for ten at most") {
  for (const std::string_view name : engine_kinds) {
    CAPTURE(name);
    const TestEngine engine(name);
    WaitingRoom room(engine);
    const Session desk = room.clinic.desk();
    const auto first = room.join(0);
    const auto again = desk.call(room.joining(0));
    CHECK(code_of(again) == "waitlist.exists");
    REQUIRE(!again.ok());
    CHECK(again.error().ids == std::vector<std::string>{first.id.text()});
    room.tick();
    CHECK(room.state(first) == WaitState::offered);
    CHECK(code_of(desk.call(room.joining(0))) == "waitlist.exists");
    CHECK(code_of(desk.call(room.joining(1))) == "ok");
    must(desk.call(waitlists::Leave{.id = first.id}));
    const auto second = room.join(0);

    auto request = room.joining(0);
    for (int i = 1; i < 10; ++i) {
      request.service_id = room.clinic.add_service("more" + std::to_string(i)).id;
      CHECK(code_of(desk.call(request)) == "ok");
    }
    request.service_id = room.clinic.add_service("last").id;
    CHECK(code_of(desk.call(request)) == "waitlist.too_many");
    must(desk.call(waitlists::Leave{.id = second.id}));
    CHECK(code_of(desk.call(request)) == "ok");
  }
}

TEST_CASE("APT-14: of many doctors and rooms the last one that is free is found") {
  const TestEngine engine("memory");
  WaitingRoom room(engine, {.resources_needed = {ResourceKind::room, ResourceKind::practitioner}});
  Clinic& clinic = room.clinic;
  const auto always_away = [&](const Uuid& id) {
    must(clinic.admin().call(
        leaves::Add{.resource_id = id, .from = at("2026-11-22T00:00:00Z"), .to = at("2027-11-22T00:00:00Z")}));
  };
  Uuid free_room;
  for (int i = 0; i < 20; ++i) {
    clinic.hospital.clock->advance_s(1);  // ids in this order
    free_room = must(clinic.admin().call(
                         resources::Create{.name = "Room " + std::to_string(i), .facility_id = clinic.hospital.home}))
                    .id.uuid;
    if (i < 19) always_away(free_room);
  }
  always_away(clinic.doctor.id.uuid);
  for (int i = 0; i < 10; ++i) {
    clinic.hospital.clock->advance_s(1);
    clinic.doctor = clinic.add_doctor("Dr " + std::to_string(i), false);
    room.open("09:00", "11:00");
    if (i < 9) always_away(clinic.doctor.id.uuid);
  }
  const auto entry = room.join(0);
  for (int ticks = 0; ticks < 5 && room.state(entry) == WaitState::waiting; ++ticks) room.tick();
  const auto held = room.offered(entry);
  REQUIRE(held.resources.size() == 2);
  CHECK(held.resources[0].id == clinic.doctor.id.uuid);
  CHECK(held.resources[1].id == free_room);
}

TEST_CASE("APT-14: who can never be suited costs each step little, and keeps nobody behind them from an offer") {
  const auto counting = std::make_shared<CountingEngine>(storage::memory_engine());
  WaitingRoom room(counting);
  Clinic& clinic = room.clinic;
  for (int i = 0; i < 200; ++i) {
    const auto doctor = clinic.add_doctor("Dr " + std::to_string(i), false);
    clinic.set_schedule(doctor.id.uuid, clinic.weekdays("09:00", "11:00"));
  }
  auto request = room.joining(0);
  request.latest = day("2028-11-01");
  request.preferences = {
      {.start = clock_time("09:10"), .end = clock_time("09:20")}};  // visits begin at 09:00 and 09:30
  const auto never = room.join(request);
  const auto next = room.join(1);
  std::uint64_t worst = 0;
  for (int ticks = 0; ticks < 100 && room.state(next) == WaitState::waiting; ++ticks) {
    counting->counts().clear();
    room.tick();
    worst = std::max(worst, counting->counts().of(StorageCall::get) + counting->counts().of(StorageCall::scan));
  }
  CHECK(room.offered(next).start == at("2026-11-23T09:00:00Z"));
  CHECK(room.state(never) == WaitState::waiting);
  CHECK(worst < 4'000);  // in the steps of one tick; all calendars that far ahead are more than ten thousand scans
}

TEST_CASE(
    "APT-14, R9: whose row or whose patient's row does not open is told of, and keeps nobody else from an offer") {
  for (const std::string_view name : engine_kinds) {
    for (const bool entry_itself : {false, true}) {
      CAPTURE(name);
      CAPTURE(entry_itself);
      const TestEngine engine(name);
      const auto damaging = std::make_shared<DamagingEngine>(engine);
      WaitingRoom room(damaging);
      const auto damaged = room.join(0);
      const auto whole = room.join(1);
      damaging->notes.insert(entry_itself ? damaged.id.uuid : room.people[0].id.uuid);
      CHECK(room.troubles() == "jobs integrity");
      CHECK(room.offered(whole).start == at("2026-11-23T09:00:00Z"));
      const auto log = events(room.clinic.hospital.as(Role::auditor));
      CHECK(std::any_of(log.begin(), log.end(), [&](const ReadEvent& told) {
        return told.text() == "waitlists.offer error integrity" && told.event.object == damaged.id.uuid;
      }));

      damaging->notes.clear();
      must(room.clinic.desk().call(waitlists::Decline{.id = whole.id}));
      for (int i = 0; i < 2; ++i) room.tick();
      CHECK(room.state(damaged) == WaitState::offered);
    }
  }
}
