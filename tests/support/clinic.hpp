// A hospital where visits are booked: services, doctors with opening hours, a room, and patients.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/platform.hpp"

namespace medflow::testing {

inline Instant at(std::string_view text) {
  const auto instant = Instant::parse(text);
  if (!instant) throw std::runtime_error("no instant: " + std::string(text));
  return *instant;
}

inline Date day(std::string_view text) {
  const auto date = Date::parse(text);
  if (!date) throw std::runtime_error("no day: " + std::string(text));
  return *date;
}

inline TimeOfDay clock_time(std::string_view text) {
  const auto time = TimeOfDay::parse(text);
  if (!time) throw std::runtime_error("no time: " + std::string(text));
  return *time;
}

/// The clock stands at 2026-11-22, a Sunday, 00:00 in London. Doctors work from Monday to Friday, 09:00 to 17:00.
class Clinic {
 public:
  explicit Clinic(std::shared_ptr<storage::Engine> engine) : Clinic(make_platform(std::move(engine))) {}
  explicit Clinic(Hospital where) : hospital(std::move(where)) {
    service = add_service("visit");
    doctor = add_doctor("Dr Grey");
    patients = hospital.add_patients(4);
  }

  Session admin() { return hospital.as(Role::tenant_admin); }
  Session desk() { return hospital.as(Role::receptionist); }
  void go_to(std::string_view instant) {
    hospital.clock->advance_s((at(instant).us - hospital.clock->now().us) / 1'000'000);
  }
  Instant now() { return hospital.clock->now(); }

  services::Service add_service(std::string code, services::Create request = {}) {
    request.code = std::move(code);
    request.name = "Service " + request.code;
    return must(admin().call(std::move(request)));
  }

  doctors::Doctor add_doctor(std::string name, bool with_schedule = true) {
    auto added = must(admin().call(doctors::Create{.name = std::move(name), .facilities = {hospital.home}}));
    if (with_schedule) set_schedule(added.id.uuid, weekdays("09:00", "17:00"));
    return added;
  }

  std::vector<schedules::Window> weekdays(std::string_view start, std::string_view end) const {
    std::vector<schedules::Window> windows;
    for (int weekday = 0; weekday < 5; ++weekday)
      windows.push_back({.weekday = static_cast<Weekday>(weekday),
                         .start = clock_time(start),
                         .end = clock_time(end),
                         .facility_id = hospital.home});
    return windows;
  }

  schedules::Schedule set_schedule(const Uuid& id, std::vector<schedules::Window> windows,
                                   schedules::Set request = {}) {
    request.id = id;
    request.windows = std::move(windows);
    const auto there = admin().call(schedules::Get{.id = id});
    if (there.ok()) request.revision = there->revision;
    return must(admin().call(std::move(request)));
  }

  static appointments::Participant taking_part(const doctors::Doctor& who) {
    return {.kind = ResourceKind::practitioner, .id = who.id.uuid};
  }

  appointments::Book booking(std::string_view start, std::size_t patient = 0) const {
    return {.patient_id = patients.at(patient).id,
            .service_id = service.id,
            .resources = {taking_part(doctor)},
            .start = at(start)};
  }
  appointments::Appointment book(std::string_view start, std::size_t patient = 0) {
    return must(desk().call(booking(start, patient)));
  }

  std::vector<slots::Slot> free_slots(std::string_view from, std::string_view to) {
    return must(desk().call(slots::List{
                    .service_id = service.id, .resource_id = doctor.id.uuid, .from = at(from), .to = at(to)}))
        .slots;
  }

  Hospital hospital;
  services::Service service{};
  doctors::Doctor doctor{};
  std::vector<patients::Patient> patients{};
};

/// "09:00 09:30", as the clock shows it there.
inline std::string times_of(const std::vector<slots::Slot>& slots) {
  std::string text;
  for (const slots::Slot& slot : slots) text += (text.empty() ? "" : " ") + slot.wall_start.time.text();
  return text;
}

}  // namespace medflow::testing
