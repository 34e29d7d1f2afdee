#include <doctest/doctest.h>

#include "tests/schedules/house.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

std::vector<std::string> begins(const Page<leaves::Leave>& page) {
  std::vector<std::string> from;
  for (const auto& leave : page.data) from.push_back(leave.from.text());
  return from;
}

}  // namespace

TEST_CASE("PRV-3: leave is listed by its beginning, from the one that ends after a time") {
  for (const std::string_view engine : engine_names) {
    CAPTURE(engine);
    CalendarHouse house(engine);
    house.add_leave(house.admin, "2026-03-01T00:00:00Z", "2026-03-10T00:00:00Z");
    house.add_leave(house.admin, "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z");  // the longest that reaches furthest
    house.add_leave(house.admin, "2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z");
    const auto last = house.add_leave(house.admin, "2027-02-01T00:00:00Z", "2027-02-02T00:00:00Z");
    must(house.admin.call(
        leaves::Add{.resource_id = house.room.id.uuid, .from = last.from, .to = last.to}));  // another calendar's
    const Uuid id = house.doctor.id.uuid;
    const auto all = must(house.admin.call(leaves::List{.resource_id = id}));
    CHECK(begins(all) == std::vector<std::string>{"2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z",
                                                  "2026-03-01T00:00:00Z", "2027-02-01T00:00:00Z"});
    const auto since = Instant::parse("2026-03-10T00:00:00Z");
    CHECK(begins(must(house.admin.call(leaves::List{.resource_id = id, .since = since}))) ==
          std::vector<std::string>{"2026-01-01T00:00:00Z", "2027-02-01T00:00:00Z"});
    const auto first = must(house.admin.call(leaves::List{.resource_id = id, .limit = 3}));
    const auto second = must(house.admin.call(leaves::List{.resource_id = id, .limit = 3, .cursor = *first.page.next}));
    CHECK(begins(second) == std::vector<std::string>{"2027-02-01T00:00:00Z"});
    CHECK(begins(must(house.admin.call(leaves::List{.resource_id = id, .limit = 3, .cursor = *second.page.prev}))) ==
          begins(first));
    const leaves::List recent{.resource_id = id, .since = since, .limit = 1};
    auto next = recent;
    next.cursor = *must(house.admin.call(recent)).page.next;
    auto prev = recent;
    prev.cursor = *must(house.admin.call(next)).page.prev;
    const auto back = must(house.admin.call(prev));
    CHECK(begins(back) == std::vector<std::string>{"2026-01-01T00:00:00Z"});
    CHECK_FALSE(back.page.prev);
    must(house.admin.call(leaves::Remove{.id = last.id}));
    CHECK(code_of(house.admin.call(leaves::Remove{.id = last.id})) == "not_found");
    CHECK(must(house.admin.call(leaves::List{.resource_id = id})).data.size() == 3);
    CHECK(must(house.admin.call(audit::Verify{})).intact);
  }
}

TEST_CASE("PRV-3: a leave ends after it begins, and is not longer than 366 days") {
  CalendarHouse house;
  const Instant from = *Instant::parse("2026-01-01T00:00:00Z");
  leaves::Add request{.resource_id = house.doctor.id.uuid, .from = from, .to = from};
  CHECK(fields_of(house.admin.call(request)) == "/to:time.order");
  request.to = from.plus_s(366LL * 86'400);
  CHECK(code_of(house.admin.call(request)) == "ok");
  request.to.us += 1;
  CHECK(code_of(house.admin.call(request)) == "leave.too_long");
  CHECK(fields_of(house.admin.call(request)) == "/to:leave.too_long");
  request.resource_id = Uuid{{9}};
  CHECK(code_of(house.admin.call(request)) == "not_found");
}

TEST_CASE("PRV-3: why somebody is away is shown to those who manage that calendar") {
  for (const std::string_view engine : engine_kinds) {
    CAPTURE(engine);
    CalendarHouse house(engine);
    Hospital& hospital = house.hospital;
    const auto leave = house.add_leave(house.self(), "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "an operation");
    CHECK(leave.reason == "an operation");
    const auto seen = [&](const Session& session) {
      return must(session.call(leaves::List{.resource_id = house.doctor.id.uuid})).data.at(0).reason;
    };
    CHECK(seen(house.admin) == "an operation");
    CHECK(seen(house.self()) == "an operation");
    CHECK(seen(staff(hospital, "desk", Role::receptionist, {hospital.home})) == "an operation");
    CHECK(seen(staff(hospital, "other desk", Role::receptionist, {hospital.away})).empty());
    CHECK(seen(staff(hospital, "colleague", Role::doctor, {hospital.home})).empty());
    CHECK(seen(hospital.as(Role::nurse)).empty());
    const Session other_desk = staff(hospital, "other desk", Role::receptionist, {hospital.away});
    CHECK(code_of(other_desk.call(leaves::Remove{.id = leave.id})) == "forbidden");
    CHECK(code_of(hospital.as(Role::nurse).call(leaves::Remove{.id = leave.id})) == "forbidden");
    CHECK(code_of(house.self().call(leaves::Remove{.id = leave.id})) == "ok");
  }
}

TEST_CASE("PRV-3, R1: adding a leave again under the same id makes no second one") {
  CalendarHouse house;
  const Instant from = *Instant::parse("2026-01-01T00:00:00Z");
  leaves::Add request{.id = LeaveId{Uuid{{5}}},
                      .resource_id = house.doctor.id.uuid,
                      .from = from,
                      .to = from.plus_s(60),
                      .reason = "holiday"};
  must(house.admin.call(request));
  CHECK(must(house.admin.call(request)).leave.revision == 1);
  CHECK(must(house.admin.call(leaves::List{.resource_id = request.resource_id})).data.size() == 1);
  request.reason = "illness";
  CHECK(code_of(house.admin.call(request)) == "conflict.id_reused");
}
