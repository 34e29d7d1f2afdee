// A place with random opening hours, holidays, leave and rules, where visits are checked, booked and offered; and what its minutes allow.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/calendar_oracle.hpp"
#include "tests/support/clinic.hpp"

namespace medflow::campaign {

struct Tally {
  std::uint64_t checks = 0;
  std::uint64_t bookable = 0;
  std::uint64_t offers = 0;  ///< starts that were booked as they were offered, or refused as they were not
  std::uint64_t offered = 0;
  std::uint64_t differences = 0;
};

/// Everything follows from its number.
class Ground {
 public:
  /// `late`: checks are asked about another time than is booked, which has to be found.
  Ground(testing::Clinic& clinic, const std::vector<PatientId>& patients, std::uint64_t seed, std::uint64_t number,
         bool late);

  void check_and_book(Tally& tally);
  /// The slots of two days are those that a patient without other visits can book.
  void offer(Tally& tally);
  /// The patients have no visits any more.
  void leave();

  static constexpr std::size_t checks = 40;
  static constexpr std::size_t offers = 8;

 private:
  struct Rules {
    ServiceId id{};
    appointments::Terms terms{};
  };

  Session desk() const;
  void add_service(std::size_t n);
  void add_calendar(std::size_t n);
  std::vector<schedules::DayWindow> any_windows();
  std::vector<appointments::Opening> openings_of(const schedules::Set& hours) const;
  testing::Puzzle puzzle_of(const Rules& rules, std::size_t calendars, const PatientId* patient) const;
  Instant any_start(const Rules& rules);
  appointments::Book wish(const Rules& rules, std::size_t calendars, PatientId patient, Instant start) const;
  void differ(Tally& tally, const std::string& what) const;

  testing::Clinic& clinic_;
  const std::vector<PatientId>& patients_;
  const std::uint64_t number_;
  const bool late_;
  testing::Dice dice_;
  FacilityId place_{};
  std::vector<Date> holidays_{};
  std::vector<Rules> services_{};
  std::vector<appointments::Calendar> calendars_{};  ///< two doctors, and a room
  struct Stay {
    PatientId patient{};
    appointments::Taken taken{};
  };
  std::vector<Stay> stays_{};
};

}  // namespace medflow::campaign
