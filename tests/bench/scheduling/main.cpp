// What scheduling costs in process, audited and on a file engine as a hospital has it (performance.md 8, APT-2, APT-11, APT-20): the free slots of a
// doctor, the first one among many, the board of a day, a booking; and the same with many visits past.
//   bench_scheduling [--engine sqlite|sqlcipher] [--past N] [--rounds N]
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "storage/sqlite/options.hpp"
#include "tests/bench/in_process/arguments.hpp"
#include "tests/bench/in_process/flight.hpp"
#include "tests/bench/in_process/measure.hpp"
#include "tests/support/clinic.hpp"
#include "tests/support/temporary_folder.hpp"

namespace medflow::bench {
namespace {

using testing::at;
using testing::Clinic;
using testing::must;

constexpr std::size_t crowd = 500;  ///< doctors among whom the first free one is sought

struct Arguments {
  std::string engine = "sqlcipher";
  std::size_t past = 10'000;
  std::size_t rounds = 200;
};

/// A clinic of doctors who work around the clock, and services that are booked by the quarter of an hour.
class Bench {
 public:
  explicit Bench(const Arguments& arguments)
      : clinic(storage::make_sqlite_engine(
            {.folder = folder_ / "data", .encrypted = arguments.engine == "sqlcipher", .cache_kib = 64 * 1024})) {
    quarter = clinic.add_service("quarter", {.duration_min = 15, .max_horizon_d = 730, .reminders_min = {}});
    people = clinic.hospital.add_patients(1'000);
  }

  std::vector<schedules::Window> around_the_clock() const {
    std::vector<schedules::Window> windows;
    for (int weekday = 0; weekday < 7; ++weekday)
      windows.push_back({.weekday = static_cast<Weekday>(weekday), .facility_id = clinic.hospital.home});
    return windows;
  }
  doctors::Doctor add(const std::string& name, bool around) {
    auto doctor = clinic.add_doctor(name, !around);
    if (around) clinic.set_schedule(doctor.id.uuid, around_the_clock());
    return doctor;
  }
  appointments::Book booking(const doctors::Doctor& doctor, Instant start, std::size_t person) const {
    return {.patient_id = people[person % people.size()].id,
            .service_id = quarter.id,
            .resources = {Clinic::taking_part(doctor)},
            .start = start,
            .reason = "Follow-up visit"};
  }
  /// Quarters of an hour from `from` on, at as many of `doctors` at once as there are; nobody is at two of them.
  void fill(const std::vector<doctors::Doctor>& doctors, Instant from, std::size_t count) {
    std::vector<appointments::Book> requests;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t slot = i / doctors.size();
      requests.push_back(booking(doctors[i % doctors.size()], from.plus_s(900 * static_cast<std::int64_t>(slot)), i));
    }
    Flight<appointments::Book>(clinic.desk(), std::move(requests), clinic.hospital.clock).run(64);
  }

 private:
  testing::TemporaryFolder folder_{};

 public:
  Clinic clinic;
  services::Service quarter{};
  std::vector<patients::Patient> people{};
};

/// A doctor with 20 visits a day for 30 days, and two leaves.
void busy_month(Bench& bench, doctors::Doctor& doctor, Instant monday) {
  doctor = bench.add("Dr Busy", true);
  std::vector<appointments::Book> requests;
  for (std::int64_t day = 0; day < 30; ++day)
    for (std::int64_t visit = 0; visit < 20; ++visit)
      requests.push_back(bench.booking(doctor, monday.plus_s(day * 86'400 + (32 + 2 * visit) * 900),
                                       static_cast<std::size_t>(day * 20 + visit)));
  Flight<appointments::Book>(bench.clinic.desk(), std::move(requests), bench.clinic.hospital.clock).run(64);
  for (const std::int64_t day : {5, 12})
    must(bench.clinic.admin().call(leaves::Add{.resource_id = doctor.id.uuid,
                                               .from = monday.plus_s(day * 86'400),
                                               .to = monday.plus_s(day * 86'400 + 20'000)}));
}

int run(const Arguments& arguments) {
  Bench bench(arguments);
  Clinic& clinic = bench.clinic;
  std::vector<doctors::Doctor> past_doctors;
  for (int i = 0; i < 40; ++i) past_doctors.push_back(bench.add("Dr Past " + std::to_string(i), true));
  constexpr std::size_t piece = 50'000;
  Instant reached = at("2026-11-23T00:00:00Z");
  for (std::size_t made = 0; made < arguments.past; made += piece) {
    const std::size_t count = std::min(piece, arguments.past - made);
    bench.fill(past_doctors, reached, count);
    reached = reached.plus_s(900 * static_cast<std::int64_t>((count + past_doctors.size() - 1) / past_doctors.size()));
  }
  const std::int64_t days = (reached.us - clinic.now().us) / 86'400'000'000 + 2;
  clinic.hospital.clock->advance_s(days * 86'400);
  const Instant now = clinic.now();
  const std::int64_t today = now.us / 86'400'000'000;
  const Instant monday{86'400'000'000 * (today + 7 - (today + 3) % 7)};

  doctors::Doctor busy;
  busy_month(bench, busy, monday);
  std::vector<doctors::Doctor> many;
  for (std::size_t i = 0; i < crowd; ++i) many.push_back(bench.add("Dr " + std::to_string(i), false));
  // A day with 500 visits at the facility.
  const Instant board_day = monday.plus_s(40 * 86'400);
  bench.fill(past_doctors, board_day, 500);

  std::printf("\n%s, %zu visits past, the middle and the 95th of %zu runs\n\n", arguments.engine.c_str(),
              arguments.past, arguments.rounds);
  std::printf("| measure | median ms | p95 ms | goal ms |\n| --- | --- | --- | --- |\n");
  Session desk = clinic.desk();
  const auto slots = [&] {
    must(desk.call(slots::List{.service_id = bench.quarter.id,
                               .resource_id = busy.id.uuid,
                               .from = monday,
                               .to = monday.plus_s(30 * 86'400),
                               .limit = 10'000}));
  };
  print("free slots of a doctor, 30 days, 20 visits a day, two leaves", timed(arguments.rounds, slots), 1);
  std::vector<PractitionerId> ids;
  for (const auto& doctor : many) ids.push_back(doctor.id);
  print("first three free slots among 500 doctors",
        timed(std::max<std::size_t>(arguments.rounds / 10, 5),
              [&] { must(desk.call(slots::FindFirst{.service_id = bench.quarter.id, .doctors = ids, .from = now})); }),
        100);
  print("board of a day, 500 visits in pages of 200",
        timed(arguments.rounds / 4 + 1,
              [&] {
                appointments::List list{
                    .facility = clinic.hospital.home, .from = board_day, .to = board_day.plus_s(86'400), .limit = 200};
                std::size_t seen = 0;
                do {
                  const auto page = must(desk.call(list));
                  seen += page.data.size();
                  list.cursor = page.page.next.value_or("");
                } while (!list.cursor.empty());
                if (seen != 500) throw std::runtime_error("the board shows " + std::to_string(seen));
              }),
        10);
  std::size_t quarter = 0;
  print("booking, one caller who waits",
        timed(arguments.rounds,
              [&] {
                must(desk.call(bench.booking(past_doctors[quarter % past_doctors.size()],
                                             board_day.plus_s(86'400 + 900 * static_cast<std::int64_t>(quarter / 40)),
                                             quarter)));
                ++quarter;
              }),
        0);
  std::vector<appointments::Book> requests;
  for (std::size_t i = 0; i < 8'000; ++i)
    requests.push_back(bench.booking(past_doctors[i % 40],
                                     board_day.plus_s(10 * 86'400 + 900 * static_cast<std::int64_t>(i / 40)), i));
  const Cost cost = Flight<appointments::Book>(desk, std::move(requests)).run(64);
  std::printf("| booking, 64 in flight: %.0f a second, CPU us %.1f | %.3f | | |\n", cost.per_second(), cost.cpu_us,
              cost.wall_us / 1e3);
  return 0;
}

}  // namespace
}  // namespace medflow::bench

int main(int count, char** values) {
  medflow::bench::Arguments arguments;
  return medflow::bench::Takes()
      .text("--engine", arguments.engine)
      .number("--past", arguments.past)
      .number("--rounds", arguments.rounds)
      .main(count, values, "bench_scheduling [--engine sqlite|sqlcipher] [--past N] [--rounds N]",
            [&] { return medflow::bench::run(arguments); });
}
