// The HTTP server under load. Without arguments it runs compare.py, which starts this program again as a server and drives it with wrk,
// in turn with the peers. As a server it is what `medflow serve` is, over a hospital that it has just filled:
//   bench_http --serve ENGINE PATIENTS FOLDER THREADS [--as-peers]
// prints one line "PORT TOKEN IDS NAMES" (two files: the patients' ids and surnames, one a line) and serves until SIGTERM. The engine
// "postgresql" works on the server that MEDFLOW_TEST_POSTGRES names, else on one of its own whose commits wait for the disk. With
// --as-peers the patients have such surnames as the peers' have, and the names are beginnings of these as their clients seek them.
//   bench_http --nothing | --bare
// serves the no-op route, or what a bare Beast server answers, and prints its port.
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "adapters/http/router.hpp"
#include "adapters/http/server.hpp"
#include "tests/bench/http/edge.hpp"
#include "tests/bench/in_process/flight.hpp"
#include "tests/bench/in_process/support.hpp"
#include "tests/support/postgres_server.hpp"

namespace medflow::bench {
namespace {

constexpr std::size_t fill_in_flight = 256;

std::string percent_encoded(const std::string& text) {
  std::string out;
  for (const char c : text) {
    std::array<char, 4> hex{};
    std::snprintf(hex.data(), hex.size(), "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += hex.data();
  }
  return out;
}

/// The surnames of the peers' patients: twenty, each with two letters behind it; and a beginning that one letter tells apart.
struct PeersNames {
  static constexpr std::array<std::string_view, 20> stems = {
      "Andersen", "Baptiste",  "Castillo", "Dimitrov", "Eriksson", "Fischer", "Garcia", "Hakimi", "Ivanova", "Johnson",
      "Kowalski", "Lindqvist", "Moreau",   "Nakamura", "Okafor",   "Petrov",  "Quinn",  "Rossi",  "Schmidt", "Tanaka"};

  std::mt19937 chance{12345};

  char letter() { return static_cast<char>('a' + chance() % 26); }
  std::string beginning() { return std::string(stems[chance() % stems.size()]) + letter(); }
  std::string surname() { return beginning() + letter(); }
};

/// Fills the hospital; the files "ids" and "names" in its folder say with whom.
void fill(const Session& session, const std::string& folder, std::size_t patients, bool as_peers) {
  const generator::Population population(7);
  PeersNames peers;
  std::vector<patients::Register> requests;
  std::ofstream names(folder + "/names");
  for (std::size_t i = 0; i < patients; ++i) {
    requests.push_back(registration(population, i));
    std::string& family = requests.back().names.front().family;
    if (as_peers) {
      family = peers.surname();
      names << peers.beginning() << '\n';
    } else if (seekable(family) && i % 10 == 0) {
      names << percent_encoded(family) << '\n';
    }
  }
  std::ofstream ids(folder + "/ids");
  Flight<patients::Register> flight(session, std::move(requests));
  flight.run(fill_in_flight, [&](patients::Patient&& patient) { ids << patient.id.text() << '\n'; });
}

/// Doctors who work around the clock, and what is booked with them by the quarter of an hour; the files "doctors" and "service" name them.
void open_calendars(const Session& admin, const std::string& folder, FacilityId place) {
  constexpr int doctors_count = 400;
  std::vector<schedules::Window> windows;
  for (int weekday = 0; weekday < 7; ++weekday)
    windows.push_back({.weekday = static_cast<Weekday>(weekday), .facility_id = place});
  std::ofstream names(folder + "/doctors");
  for (int i = 0; i < doctors_count; ++i) {
    const auto doctor =
        testing::must(admin.call(doctors::Create{.name = "Doctor " + std::to_string(i), .facilities = {place}}));
    testing::must(admin.call(schedules::Set{.id = doctor.id.uuid, .windows = windows}));
    names << doctor.id.text() << '\n';
  }
  const auto service = testing::must(admin.call(
      services::Create{.code = "quarter", .name = "Quarter of an hour", .duration_min = 15, .max_horizon_d = 730}));
  std::ofstream(folder + "/service") << service.id.text() << '\n';
}

/// A database of PostgreSQL, dropped at the end.
class Database {
 public:
  explicit Database(Plan& plan) {
    const bool named = std::getenv("MEDFLOW_TEST_POSTGRES") != nullptr;
    if (!named) own_ = std::make_unique<testing::PostgresServer>(testing::Disk::synced);
    database_ = std::make_unique<testing::PostgresDatabase>(named ? testing::PostgresServer::shared() : *own_);
    plan.engine = "postgres";
    plan.url = database_->app();
    plan.direct_url = database_->migrator();
  }

 private:
  std::unique_ptr<testing::PostgresServer> own_{};
  std::unique_ptr<testing::PostgresDatabase> database_{};
};

int serve(Plan plan, std::uint32_t threads, bool as_peers) {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);  // threads inherit it: the signals come to the wait below alone

  std::unique_ptr<Database> database;
  if (plan.engine == "postgresql") database = std::make_unique<Database>(plan);
  const auto commits = std::make_shared<http::ServingThreads>();
  PlatformOptions options = options_of(plan);
  options.commits = commits;
  testing::Hospital hospital(std::move(options), nullptr);
  fill(hospital.as(Role::receptionist), plan.folder, plan.patients, as_peers);
  if (!as_peers) open_calendars(hospital.as(Role::tenant_admin), plan.folder, hospital.home);
  // Who holds everybody's invoices prices lines in words of their own.
  std::ofstream(plan.folder + "/clerk") << hospital.member(Role::billing_clerk).tokens.access_token << '\n';
  ::malloc_trim(0);  // what filling took is not the server's
  http::Router router(http::platform_backend(hospital.platform), operations(), {.base_path = "/api/v1"});
  http::Server server({.port = 0, .threads = threads, .keeps_processors = true, .commits = commits}, router);
  std::thread running([&] { server.run(); });
  std::printf("%u %s %s/ids %s/names\n", static_cast<unsigned>(server.port()),
              hospital.member(Role::receptionist).tokens.access_token.c_str(), plan.folder.c_str(),
              plan.folder.c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ending, &signal);
  router.set_ready(false);
  server.stop();
  running.join();
  return 0;
}

int compare(int count, char** values) {
  static const std::string script = std::string(MEDFLOW_SOURCE_DIR) + "/tests/bench/http/compare.py";
  std::vector<std::string> words{"python3", script, "--program", MEDFLOW_PROGRAM, "--server", "/proc/self/exe"};
  std::array<char, 4096> self{};
  if (const auto size = ::readlink("/proc/self/exe", self.data(), self.size() - 1); size > 0)
    words.back() = self.data();
  for (int i = 1; i < count; ++i) words.emplace_back(values[i]);
  std::vector<char*> raw;
  for (std::string& word : words) raw.push_back(word.data());
  raw.push_back(nullptr);
  ::execvp(raw[0], raw.data());
  std::perror("bench_http: python3");
  return 1;
}

}  // namespace
}  // namespace medflow::bench

int main(int count, char** values) {
  using namespace medflow;
  if (count == 2 && std::string(values[1]) == "--nothing") return bench::serve_nothing();
  if (count == 2 && std::string(values[1]) == "--bare") return bench::serve_bare_beast();
  const bool as_peers = count == 7 && std::string(values[6]) == "--as-peers";
  if ((count != 6 && !as_peers) || std::string(values[1]) != "--serve") return bench::compare(count, values);
  try {
    return bench::serve({.engine = values[2], .folder = values[4], .patients = std::stoul(values[3])},
                        static_cast<std::uint32_t>(std::stoul(values[5])), as_peers);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_http: %s\n", failure.what());
    return 1;
  }
}
