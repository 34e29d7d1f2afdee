// A clinic with one doctor who works on one morning only, so that each slot of it is known, and with people who wait.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "medflow/testing/messages.hpp"
#include "tests/support/clinic.hpp"

namespace medflow::testing {

using appointments::AppointmentStatus;
using appointments::Priority;
using waitlists::WaitState;

/// On Monday 2026-11-23, from 09:00 to 11:00: four visits. It is noon on the day before. The patients have addresses.
class WaitingRoom {
 public:
  explicit WaitingRoom(std::shared_ptr<storage::Engine> engine, services::Create rules = {})
      : clinic(make(std::move(engine))) {
    clinic.service = clinic.add_service("waited", std::move(rules));
    open("09:00", "11:00");
    for (int i = 0; i < 6; ++i) add_person();
    clinic.go_to("2026-11-22T12:00:00Z");
  }

  void add_person() {
    const std::string number = std::to_string(people.size());
    people.push_back(
        must(clinic.desk().call(patients::Register{.names = {{.family = "Waits" + number, .given = {"Wanda"}}},
                                                   .sex_admin = patients::Sex::unknown,
                                                   .emails = {"wanda" + number + "@example.org"}})));
  }

  void open(std::string_view from, std::string_view to) {
    clinic.set_schedule(clinic.doctor.id.uuid, {{.weekday = Weekday::mon,
                                                 .start = clock_time(from),
                                                 .end = clock_time(to),
                                                 .facility_id = clinic.hospital.home,
                                                 .valid_to = day("2026-11-23")}});
  }
  /// Nothing is free any more.
  std::vector<appointments::Appointment> fill() {
    std::vector<appointments::Appointment> booked;
    for (const char* time : {"09:00", "09:30", "10:00", "10:30"})
      booked.push_back(clinic.book("2026-11-23T" + std::string(time) + ":00Z", booked.size()));
    return booked;
  }
  void cancel(const appointments::Appointment& visit) {
    must(clinic.desk().call(appointments::Cancel{.id = visit.id, .reason_code = "patient_request"}));
  }

  waitlists::Join joining(std::size_t person) const {
    return {.patient_id = people.at(person).id,
            .service_id = clinic.service.id,
            .earliest = day("2026-11-22"),
            .latest = day("2026-12-31")};
  }
  waitlists::Entry join(std::size_t person, Priority priority = Priority::routine) {
    waitlists::Join request = joining(person);
    request.priority = priority;
    return join(request);
  }
  waitlists::Entry join(const waitlists::Join& request) {
    clinic.hospital.clock->advance_s(1);
    return must(clinic.desk().call(request));
  }
  waitlists::Entry entry(const waitlists::Entry& one) { return must(clinic.desk().call(waitlists::Get{.id = one.id})); }
  WaitState state(const waitlists::Entry& one) { return entry(one).state; }
  appointments::Appointment visit(AppointmentId id) { return must(clinic.desk().call(appointments::Get{.id = id})); }
  /// What is offered to an entry at this moment.
  appointments::Appointment offered(const waitlists::Entry& one) {
    const auto now = entry(one);
    if (now.state != WaitState::offered) throw std::runtime_error("nothing is offered");
    return visit(now.offers.back().appointment_id);
  }

  void tick() {
    for (const auto& trouble : clinic.hospital.platform.tick(clinic.now()))
      throw std::runtime_error(trouble.task + " " + std::string(trouble.error.code.name) + " " + trouble.error.detail);
  }
  /// What went wrong in a tick, in words.
  std::string troubles() {
    std::string words;
    for (const auto& trouble : clinic.hospital.platform.tick(clinic.now()))
      words += trouble.task + " " + std::string(trouble.error.code.name);
    return words;
  }
  /// Who was told of an offer since the last time.
  std::string told() {
    std::string who;
    for (const Message& message : std::exchange(sender->messages, {}))
      if (message.kind == "appointment.offer") who += (who.empty() ? "" : " ") + message.to;
    return who;
  }
  bool intact() { return must(clinic.admin().call(audit::Verify{})).intact; }

  std::shared_ptr<RecordingSender> sender = std::make_shared<RecordingSender>();
  Clinic clinic;
  std::vector<patients::Patient> people{};

 private:
  Hospital make(std::shared_ptr<storage::Engine> engine) const {
    auto clock = std::make_shared<FakeClock>();
    PlatformOptions options = test_options(std::move(engine), clock);
    options.messages = sender;
    options.link_base = "https://clinic.example";
    return Hospital(std::move(options), std::move(clock));
  }
};

}  // namespace medflow::testing
