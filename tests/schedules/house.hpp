// A hospital with a doctor, a room and a service, for tests of calendars.
#pragma once

#include <string_view>

#include "tests/support/platform.hpp"
#include "tests/support/staff.hpp"

namespace medflow::testing {

inline TimeOfDay at(std::string_view time) { return *TimeOfDay::parse(time); }
inline Date day(std::string_view date) { return *Date::parse(date); }

class CalendarHouse {
 public:
  explicit CalendarHouse(std::string_view engine_name = "memory") : engine(engine_name) {}

  schedules::Window window(Weekday weekday, std::string_view start, std::string_view end) const {
    return {.weekday = weekday, .start = at(start), .end = at(end), .facility_id = hospital.home};
  }
  schedules::DayWindow hours(std::string_view start, std::string_view end) const {
    return {.start = at(start), .end = at(end), .facility_id = hospital.home};
  }
  /// Sets the doctor's calendar, whatever it was.
  Result<schedules::Schedule> set(const Session& session, schedules::Set request) {
    request.id = doctor.id.uuid;
    if (const auto now = admin.call(schedules::Get{.id = request.id}); now.ok()) request.revision = now->revision;
    return session.call(std::move(request));
  }
  Result<schedules::Schedule> set(schedules::Set request) { return set(admin, std::move(request)); }
  leaves::Leave add_leave(const Session& session, std::string_view from, std::string_view to, std::string reason = {}) {
    return must(session.call(leaves::Add{.resource_id = doctor.id.uuid,
                                         .from = *Instant::parse(from),
                                         .to = *Instant::parse(to),
                                         .reason = std::move(reason)}))
        .leave;
  }
  Session self() { return staff(hospital, "dana", Role::doctor, {hospital.home}, doctor.id); }

  TestEngine engine;
  Hospital hospital = make_platform(engine);
  Session admin = hospital.as(Role::tenant_admin);
  doctors::Doctor doctor = must(admin.call(doctors::Create{.name = "Dana Doyle", .facilities = {hospital.home}}));
  resources::Resource room = must(admin.call(resources::Create{.name = "Room", .facility_id = hospital.home}));
  services::Service service = must(admin.call(services::Create{.code = "CONSULT", .name = "Consultation"}));
};

}  // namespace medflow::testing
