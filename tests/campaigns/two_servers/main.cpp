// Two server processes over one PostgreSQL database behind clients that take them in turn, and an oracle that compares what is stored with
// what was acknowledged.
//
//   campaign_two_servers [--size OPERATIONS] [--clients N] [--seed N] [--round OPERATIONS] [--state DIR]
//                        [--plant lost-update|blind]
//
// Every round of 100,000 operations has a database of its own; with --state those that are done are not run again. With --plant one of
// the servers has a bug, and the campaign fails unless the oracle finds it.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/campaigns/process.hpp"
#include "tests/campaigns/two_servers/oracle.hpp"
#include "tests/campaigns/two_servers/planted.hpp"
#include "tests/campaigns/two_servers/worker.hpp"
#include "tests/support/postgres_server.hpp"

namespace medflow::campaign {
namespace {

constexpr std::uint64_t round_operations = 100'000;

struct Plan {
  std::uint64_t operations = 0;
  unsigned clients = 8;
  std::uint64_t seed = 1;
  std::string plant{};
};

/// One database with its two servers.
class House {
 public:
  House(testing::PostgresServer& server, const std::string& plant)
      : database_(server), served_({{"DATABASE_URL", database_.app()}, {"DIRECT_URL", database_.migrator()}}) {
    const std::string invitation = served_.make();
    servers_[0] = served_.serve();
    servers_[1] = plant.empty() ? served_.serve()
                                : std::make_unique<tests::Process>(
                                      served_.home(), std::vector<std::string>{"--mode", "serve", "--plant", plant},
                                      served_.environment(), std::string(), own_program());
    for (std::size_t i = 0; i < servers_.size(); ++i) ports_[i] = Served::port_of(*servers_[i]);
    Caller caller(ports_[0]);
    complete(caller, invitation);
    admin_ = must_have(sign_in(caller, "head@north.example"), "access_token");
  }

  const Ports& ports() const { return ports_; }
  const std::string& admin() const { return admin_; }
  std::string admin_url() const { return database_.admin(); }
  std::string folder() const { return served_.home() / ""; }

 private:
  testing::PostgresDatabase database_;
  Served served_;
  std::array<std::unique_ptr<tests::Process>, 2> servers_{};
  Ports ports_{};
  std::string admin_{};
};

void report(const Record& record, double seconds, const Plan& plan) {
  const auto refused = record.refusals();
  std::cout << plan.operations << " operations by " << plan.clients << " clients in " << seconds << " s ("
            << static_cast<double>(plan.operations) / seconds << " a second); " << record.patients().size()
            << " patients, " << record.lost_races() << " changes refused because another came first, "
            << record.searches() << " patients sought at once at the other server, " << record.late_calls()
            << " calls answered too late\n";
  if (refused.empty()) return;
  std::cout << refused.size() << " sessions ended at one server were refused by the other after " << refused.back()
            << " s at most, " << refused[refused.size() / 2] << " s in the middle\n";
}

/// How many problems there were.
std::size_t run_round(testing::PostgresServer& server, const Plan& plan) {
  const House house(server, plan.plant);
  Record record;
  std::atomic<std::int64_t> left{static_cast<std::int64_t>(plan.operations)};
  Caller caller(house.ports()[0]);
  std::vector<std::string> emails;
  for (unsigned i = 0; i < plan.clients + 1; ++i) {
    emails.push_back("desk" + std::to_string(i) + "@north.example");
    invite(caller, house.admin(), emails.back(), "receptionist");
  }
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> clients;
  for (unsigned i = 0; i < plan.clients; ++i) {
    clients.emplace_back([&, i] {
      try {
        Worker(house.ports(), emails[i], record, left, plan.seed * 1'000 + i).run();
      } catch (const std::exception& error) {
        record.problems.add(std::string("a client ended: ") + error.what());
      }
    });
  }
  for (auto& client : clients) client.join();
  report(record, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), plan);
  const std::string reader = must_have(sign_in(caller, emails.back()), "access_token");
  check(house.ports(), house.admin_url(), house.admin(), reader, house.folder(), record);
  return record.problems.count();
}

bool run_rounds(const Plan& plan, std::uint64_t size, std::uint64_t round, const std::string& state) {
  std::filesystem::create_directories(state);
  const std::string done = state + "/two_servers-" + std::to_string(plan.seed) + ".done";
  std::uint64_t finished = 0;
  std::ifstream before(done);
  for (std::uint64_t operations = 0; before >> operations;) finished += operations;
  testing::PostgresServer server;
  for (std::uint64_t number = finished / round; finished < size; ++number) {
    Plan one = plan;
    one.operations = std::min(round, size - finished);
    one.seed = plan.seed * 1'000'003 + number;
    if (const auto problems = run_round(server, one); problems > 0) {
      std::cout << problems << " problems\n";
      return false;
    }
    finished += one.operations;
    std::ofstream(done, std::ios::app) << one.operations << '\n';
  }
  std::cout << finished << " operations, and nothing is wrong" << std::endl;
  return true;
}

int run(const Arguments& arguments) {
  Plan plan{.operations = arguments.number("size", 1'500),
            .clients = static_cast<unsigned>(arguments.number("clients", 8)),
            .seed = arguments.number("seed", 1),
            .plant = arguments.text("plant")};
  if (arguments.text("mode") == "serve") return serve_planted(plan.plant);
  const testing::TemporaryFolder own;
  if (plan.plant.empty())
    return run_rounds(plan, plan.operations, arguments.number("round", round_operations),
                      arguments.text("state", own.path()))
               ? 0
               : 1;
  testing::PostgresServer server;
  const bool found = run_round(server, plan) > 0;
  std::cout << "the planted bug " << plan.plant << (found ? " was found" : " was NOT found") << std::endl;
  return found ? 0 : 1;
}

}  // namespace
}  // namespace medflow::campaign

int main(int count, char** words) {
  return medflow::campaign::campaign_main("campaign_two_servers", count, words, medflow::campaign::run);
}
