// Series as tests ask for them and read them.
#pragma once

#include <string>
#include <utility>

#include "tests/support/clinic.hpp"

namespace medflow::testing {

inline LocalDateTime wall(std::string_view text) {
  const auto local = LocalDateTime::parse(text);
  if (!local) throw std::runtime_error("no wall time: " + std::string(text));
  return *local;
}

inline series::Book course(const Clinic& clinic, std::string_view start, std::string rrule, std::size_t patient = 0) {
  return {.patient_id = clinic.patients.at(patient).id,
          .service_id = clinic.service.id,
          .resources = {Clinic::taking_part(clinic.doctor)},
          .wall_start = wall(start),
          .rrule = std::move(rrule)};
}

/// "1 2026-11-23T10:00:00Z", and so on.
inline std::string starts_of(const series::SeriesReport& report) {
  std::string text;
  for (const auto& one : report.occurrences)
    text += (text.empty() ? "" : " ") + std::to_string(one.index) + " " + one.start.text();
  return text;
}

/// All free slots of the doctor from now on, for 90 days.
inline std::string all_slots(Clinic& clinic) {
  std::string text;
  for (const auto& slot : must(clinic.desk().call(slots::List{.service_id = clinic.service.id,
                          .resource_id = clinic.doctor.id.uuid,
                          .from = clinic.now(),
                          .to = clinic.now().plus_s(90 * 86'400),
                          .limit = 10'000}))
                              .slots)
    text += slot.start.text() + "\n";
  return text;
}

}  // namespace medflow::testing
