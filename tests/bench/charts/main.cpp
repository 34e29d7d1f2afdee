// What charts cost in process, audited and on a file engine as a hospital has it (performance.md 8): a record written and signed, a chart of 1,000
// entries read in pages, the same as it was, a record's versions; and the import of Synthea's observations, where the data is there.
//   bench_charts [--engine sqlite|sqlcipher] [--entries N] [--rounds N]
#include <cstdio>
#include <string>
#include <vector>

#include "storage/sqlite/options.hpp"
#include "tests/bench/in_process/arguments.hpp"
#include "tests/bench/in_process/flight.hpp"
#include "tests/bench/in_process/measure.hpp"
#include "tests/support/california.hpp"
#include "tests/support/chart.hpp"
#include "tests/support/streams.hpp"
#include "tests/support/temporary_folder.hpp"

namespace medflow::bench {
namespace {

using testing::Charted;
using testing::must;

struct Arguments {
  std::string engine = "sqlcipher";
  std::size_t entries = 1'000;
  std::size_t rounds = 100;
};

/// A chart as clinics have them: notes mostly, and vitals.
std::vector<records::Create> entries_of(PatientId patient, std::size_t count) {
  std::vector<records::Create> requests;
  for (std::size_t i = 0; i < count; ++i)
    requests.push_back({.patient_id = patient,
                        .content = testing::note_content("Seen on the round. " + std::string(200, 'x')),
                        .sign = true});
  return requests;
}

std::size_t read_chart(const Session& doctor, PatientId patient, std::optional<Instant> as_of) {
  records::List list{.patient_id = patient, .as_of = as_of, .limit = page_limit_max};
  std::size_t seen = 0;
  do {
    const auto page = must(doctor.call(list));
    seen += page.data.size();
    list.cursor = page.page.next.value_or("");
  } while (!list.cursor.empty());
  return seen;
}

void import_observations(const std::shared_ptr<storage::Engine>& engine) {
  const auto texts = testing::california({"patients", "organizations", "providers", "encounters", "observations"});
  if (texts.empty()) {
    std::printf("\nNo " MEDFLOW_SHARED_DATA "/fhir/synthea-ca-csv.tar.xz: the import is not measured.\n");
    return;
  }
  testing::Hospital hospital = testing::make_platform(engine);
  const Session admin = hospital.as(Role::tenant_admin);
  testing::import <imports::Patients>(admin, texts.at("patients"));
  testing::import <imports::Facilities>(admin, texts.at("organizations"));
  testing::import <imports::Doctors>(admin, texts.at("providers"));
  testing::import <imports::Encounters>(admin, texts.at("encounters"));
  const Stopwatch watch;
  const auto report =
      testing::import(admin, texts.at("observations"), imports::Records{.table = imports::ClinicalTable::observations});
  std::printf("\nimport of observations.csv: %llu records in %.2f s, %.0f a second (goal 5,000)\n",
              static_cast<unsigned long long>(report.created), watch.wall_seconds(),
              static_cast<double>(report.created) / watch.wall_seconds());
}

std::shared_ptr<storage::Engine> engine_in(const testing::TemporaryFolder& folder, const std::string& name) {
  return storage::make_sqlite_engine(
      {.folder = folder / "data", .encrypted = name == "sqlcipher", .cache_kib = 64 * 1024});
}

int run(const Arguments& arguments) {
  const testing::TemporaryFolder folder;
  Charted ward{engine_in(folder, arguments.engine)};
  const Session doctor = ward.doctor();
  const Cost cost =
      Flight<records::Create>(doctor, entries_of(ward.patient.id, arguments.entries - 1), ward.hospital.clock).run(64);
  const auto note = ward.note("to be looked at", true);
  std::printf(
      "\n%s, a chart of %zu entries, %zu runs\n\n| measure | median ms | p95 ms | goal ms |\n| --- | --- | --- | --- "
      "|\n",
      arguments.engine.c_str(), arguments.entries, arguments.rounds);
  const auto whole = [&](std::optional<Instant> as_of) {
    if (read_chart(doctor, ward.patient.id, as_of) != arguments.entries)
      throw std::runtime_error("the chart does not show all of it");
  };
  print("the chart, in pages of 200, read for the first time", timed(1, [&] { whole({}); }), 5);
  print("the same, read again", timed(arguments.rounds, [&] { whole({}); }), 5);
  print("its first page",
        timed(arguments.rounds,
              [&] { must(doctor.call(records::List{.patient_id = ward.patient.id, .limit = page_limit_max})); }),
        0);
  print("the chart as of now, in pages of 200",
        timed(arguments.rounds / 10 + 1, [&] { whole(ward.hospital.clock->now()); }), 0);
  std::size_t bytes = 0;
  print("its export, every version and who has looked (5,000 records: 2,000 ms)",
        timed(5,
              [&] {
                bytes = testing::read_all(
                            must(doctor.call(patients::Export{.id = ward.patient.id, .reason = "the patient asked"})))
                            .size();
              }),
        2'000);
  std::printf("| bytes of it: %zu | | | |\n", bytes);
  print("one record", timed(arguments.rounds, [&] { must(doctor.call(records::Get{.id = note.id})); }), 0);
  print("a record written and signed, one caller who waits", timed(arguments.rounds, [&] { ward.note("x", true); }), 0);
  std::printf("| the same, 64 in flight: %.0f a second, CPU us %.1f | %.3f | | |\n", cost.per_second(), cost.cpu_us,
              cost.wall_us / 1e3);
  const testing::TemporaryFolder other;
  import_observations(engine_in(other, arguments.engine));
  return 0;
}

}  // namespace
}  // namespace medflow::bench

int main(int count, char** values) {
  medflow::bench::Arguments arguments;
  return medflow::bench::Takes()
      .text("--engine", arguments.engine)
      .number("--entries", arguments.entries)
      .number("--rounds", arguments.rounds)
      .main(count, values, "bench_charts [--engine sqlite|sqlcipher] [--entries N] [--rounds N]",
            [&] { return medflow::bench::run(arguments); });
}
