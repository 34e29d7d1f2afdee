#include "schedules/rules.hpp"

#include <doctest/doctest.h>

#include "tests/schedules/house.hpp"

using namespace medflow;
using namespace medflow::testing;
using schedules::RuleOrigin;

TEST_CASE("PRV-4: a rule is the service's, unless the calendar has one for all, or for this service") {
  const services::Service service{.id = {Uuid{{1}}}, .duration_min = 30, .capacity = 1, .min_lead_min = 60};
  const auto own = schedules::rules_in_force(service, nullptr);
  CHECK(own.duration_min == 30);
  CHECK(own.step_min == 30);
  CHECK(own.origins.step_min == RuleOrigin::service);
  CHECK(own.reminders_min == service.reminders_min);
  schedules::Schedule schedule;
  schedule.rules = {{.service_id = service.id, .capacity = 4},
                    {.duration_min = 20, .capacity = 2, .approval = true},
                    {.service_id = ServiceId{Uuid{{2}}}, .min_lead_min = 0}};
  const auto rules = schedules::rules_in_force(service, &schedule);
  CHECK(rules.duration_min == 20);
  CHECK(rules.origins.duration_min == RuleOrigin::schedule);
  // Nobody says a step: it is the duration in force.
  CHECK(rules.step_min == 20);
  CHECK(rules.origins.step_min == RuleOrigin::schedule);
  CHECK(rules.capacity == 4);
  CHECK(rules.origins.capacity == RuleOrigin::schedule_service);
  CHECK(rules.approval);
  CHECK(rules.min_lead_min == 60);
  CHECK(rules.origins.min_lead_min == RuleOrigin::service);
  services::Service stepping = service;
  stepping.step_min = 10;
  CHECK(schedules::rules_in_force(stepping, &schedule).step_min == 10);
}

TEST_CASE("PRV-4: the rules in force are told with their origin, each by its name") {
  CalendarHouse house;
  const auto effective = [&](const std::string& name) {
    const auto rules =
        must(house.hospital.as(Role::receptionist)
                 .call(schedules::GetEffective{.id = house.doctor.id.uuid, .service_id = house.service.id}))
            .rules;
    for (const auto& rule : rules)
      if (rule.name == name) return std::to_string(rule.value) + " " + std::to_string(static_cast<int>(rule.origin));
    return std::string("none");
  };
  CHECK(effective("duration_min") == "30 0");  // there is no calendar yet
  must(house.set({.rules = {{.duration_min = 20}, {.service_id = house.service.id, .buffer_outside = true}}}));
  CHECK(effective("duration_min") == "20 1");
  CHECK(effective("buffer_outside") == "1 2");
  CHECK(effective("step_min") == "20 1");
  CHECK(effective("waitlist") == "1 0");
  CHECK(effective("reminders_min") == "1440 0");
  CHECK(code_of(house.admin.call(schedules::GetEffective{.id = house.doctor.id.uuid, .service_id = {Uuid{{9}}}})) ==
        "not_found");
  CHECK(code_of(house.admin.call(schedules::GetEffective{.id = Uuid{{9}}, .service_id = house.service.id})) ==
        "not_found");
}
