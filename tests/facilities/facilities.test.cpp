#include <doctest/doctest.h>

#include "tests/support/platform.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

facilities::Create ward() {
  return {.name = "Ward",
          .zone = {"Europe/London"},
          .address = patients::Address{.lines = {"1 Mill Road"}, .city = "Leeds", .country = "GB"},
          .phone = "+442071234567",
          .open_hours = {{.weekday = Weekday::mon, .start = {480}, .end = {1080}},
                         {.weekday = Weekday::sat, .start = {1320}, .end = {360}}},
          .holidays = {{.date = *Date::parse("2026-12-25"), .label = "Christmas Day"}}};
}

facilities::Update update_of(const facilities::Facility& facility) {
  return {.id = facility.id,
          .revision = facility.revision,
          .name = facility.name,
          .zone = facility.zone,
          .parent_id = facility.parent_id,
          .address = facility.address,
          .phone = facility.phone,
          .open_hours = facility.open_hours,
          .holidays = facility.holidays};
}

}  // namespace

TEST_CASE("TEN-9: a facility is stored with its address, hours and holidays, and replaced as a whole") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    auto request = ward();
    request.parent_id = hospital.home;
    const auto made = must(admin.call(request));
    const auto read = must(hospital.as(Role::patient).call(facilities::Get{.id = made.id}));
    CHECK(read.parent_id == hospital.home);
    CHECK(read.address == request.address);
    CHECK(read.phone == request.phone);
    CHECK(read.open_hours == request.open_hours);
    CHECK(read.holidays == request.holidays);
    const auto bare = must(admin.call(
        facilities::Update{.id = made.id, .revision = made.revision, .name = "Ward", .zone = {"Europe/London"}}));
    CHECK_FALSE(bare.parent_id);
    CHECK_FALSE(bare.address);
    CHECK(bare.holidays.empty());
    CHECK(must(admin.call(audit::Verify{})).intact);
  }
}

TEST_CASE("TEN-9: facilities are a tree of five levels at most, without a circle") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    Hospital hospital = make_platform(TestEngine(engine));
    const Session admin = hospital.as(Role::tenant_admin);
    std::vector<facilities::Facility> line;
    const auto add = [&](std::optional<FacilityId> parent) {
      return admin.call(facilities::Create{.name = "Place", .zone = {"Europe/London"}, .parent_id = parent});
    };
    for (int level = 0; level < 5; ++level)
      line.push_back(must(add(line.empty() ? std::nullopt : std::optional(line.back().id))));
    CHECK(fields_of(add(line.back().id)) == "/parent_id:facility.too_deep");
    CHECK(fields_of(add(FacilityId{Uuid{{9}}})) == "/parent_id:facility.unknown");
    // A place takes along what lies in it.
    auto top = update_of(line.front());
    top.parent_id = hospital.home;
    CHECK(fields_of(admin.call(top)) == "/parent_id:facility.too_deep");
    for (const auto& under : {line[0], line[1], line[4]}) {
      top.parent_id = under.id;
      CHECK(fields_of(admin.call(top)) == "/parent_id:facility.cycle");
    }
    auto second = update_of(line[1]);
    second.parent_id = hospital.home;
    must(admin.call(second));
    top.parent_id = line[4].id;  // no circle any more, but too long
    CHECK(fields_of(admin.call(top)) == "/parent_id:facility.too_deep");
    top.parent_id = line[3].id;
    CHECK(code_of(admin.call(top)) == "ok");
  }
}

TEST_CASE("TEN-9, R9: all that is wrong with a facility is told at once") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const Session admin = hospital.as(Role::tenant_admin);
  auto request = ward();
  request.parent_id = FacilityId{Uuid{{9}}};
  request.address->country = "gb";
  request.phone = "020 7123 4567";
  request.holidays.push_back({.date = *Date::parse("2026-12-26")});
  request.holidays.push_back({.date = *Date::parse("2026-12-25")});
  CHECK(fields_of(admin.call(request)) ==
        "/parent_id:facility.unknown /address/country:format.country /phone:format.e164 "
        "/holidays/2/date:holiday.repeated");
  request = ward();
  request.holidays[0].date.day = 32;
  request.open_hours[0].end.minutes = 1440;
  CHECK(fields_of(admin.call(request)) == "/open_hours/0/end:time.invalid /holidays/0/date:date.invalid");
  // As it is dialled there, where the tenant's country is known.
  hospital.configure({.country = std::string("GB")});
  request = ward();
  request.phone = "020 7123 4567";
  request.id = FacilityId{Uuid{{5}}};
  const auto made = must(admin.call(request));
  CHECK(made.phone == "+442071234567");
  CHECK(must(admin.call(request)).revision == 1);
  request.holidays.clear();
  CHECK(code_of(admin.call(request)) == "conflict.id_reused");
}
