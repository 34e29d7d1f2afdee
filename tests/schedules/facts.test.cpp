// What is kept of doctors, services and calendars from call to call is never older than their rows.
#include "kernel/facts.hpp"

#include <doctest/doctest.h>

#include "tests/schedules/house.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

std::int64_t duration(CalendarHouse& house) {
  return must(house.admin.call(schedules::GetEffective{.id = house.doctor.id.uuid, .service_id = house.service.id}))
      .rules.at(0)
      .value;
}

services::Update lasting(const services::Service& service, std::uint32_t minutes) {
  return {.id = service.id,
          .revision = service.revision,
          .code = service.code,
          .name = service.name,
          .duration_min = minutes};
}

}  // namespace

TEST_CASE("PRV-4: what is kept of a service or a calendar is forgotten when it changes, and when a change is undone") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    CalendarHouse house(engine);
    CHECK(duration(house) == 30);
    house.service = must(house.admin.call(lasting(house.service, 45)));
    CHECK(duration(house) == 45);
    // A change that is refused after it was looked at leaves nothing behind.
    auto stale = lasting(house.service, 50);
    stale.revision = 1;
    CHECK(code_of(house.admin.call(stale)) == "conflict.revision");
    CHECK(duration(house) == 45);
    must(house.set({.rules = {{.duration_min = 60}}}));
    CHECK(duration(house) == 60);
    must(house.set({}));
    CHECK(duration(house) == 45);
    // Unique codes are refused when the row is written: by then it is known under its new rules.
    must(house.admin.call(services::Create{.code = "TAKEN", .name = "Other"}));
    auto taken = lasting(house.service, 55);
    taken.code = "TAKEN";
    CHECK(code_of(house.admin.call(taken)) == "service.code_taken");
    CHECK(duration(house) == 45);
  }
}

TEST_CASE("PRV-2: who may set a calendar follows where the doctor works") {
  CalendarHouse house;
  const Session desk = staff(house.hospital, "desk", Role::receptionist, {house.hospital.home});
  CHECK(code_of(house.set(desk, {})) == "ok");
  must(house.admin.call(doctors::Update{.id = house.doctor.id,
                                        .revision = house.doctor.revision,
                                        .name = house.doctor.name,
                                        .facilities = {house.hospital.away}}));
  CHECK(code_of(house.set(desk, {})) == "forbidden");
}

TEST_CASE("what is kept is bounded, and stays where it is until many others came") {
  kernel::Kept<int, std::string> kept;
  const std::string* first = kept.keep(-1, "first");
  for (int i = 0; i < 499; ++i) kept.keep(i, std::to_string(i));
  CHECK(kept.find(-1) == first);
  CHECK(*first == "first");
  for (int i = 499; i < 5'000; ++i) {
    kept.keep(i, std::to_string(i));
    REQUIRE(kept.size() <= 1'000);
    REQUIRE(*kept.find(i) == std::to_string(i));
    if (i % 100 == 0) kept.find(7);  // what is asked for again and again stays
  }
  CHECK(kept.find(-1) == nullptr);
  CHECK(*kept.find(7) == "7");
}
