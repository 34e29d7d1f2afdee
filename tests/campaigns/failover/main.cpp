// Kills the primary of two PostgreSQL servers under a hospital at work, promotes its standby, goes on, and checks that nothing that was
// acknowledged is lost, nothing half done, and nothing done twice. The time without service is printed for each kill.
//
//   campaign_failover [--size KILLS] [--clients N] [--seed N] [--state DIR] [--keeper patroni] [--plant asynchronous]
//
// With --keeper patroni the servers are kept by Patroni over etcd, which notice the death and promote the standby themselves.
// With --state, kills that are done are not done again. With --plant the standby is one that nobody waits for, and is held back: the
// campaign fails unless the oracle finds what is lost.
#include <poll.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "storage/postgres/link.hpp"
#include "tests/campaigns/failover/cluster.hpp"
#include "tests/campaigns/failover/worker.hpp"
#include "tests/campaigns/process.hpp"
#include "tests/campaigns/stored_audit.hpp"

namespace medflow::campaign {
namespace {

constexpr int patience_ms = 100;
constexpr int tries_max = 1'200;  // two minutes

struct Plan {
  std::uint64_t kills = 2;
  unsigned clients = 6;
  std::uint64_t seed = 1;
  bool synchronous = true;
  bool patroni = false;
};

/// The hospital over the two servers, and its clients.
class House {
 public:
  explicit House(const Plan& plan)
      : cluster_(plan.patroni ? make_patroni_cluster() : make_plain_cluster(plan.synchronous)),
        served_({{"DATABASE_URL", cluster_->app()}, {"DIRECT_URL", cluster_->migrator()}}),
        invitation_(served_.make()),
        server_(served_.serve()),
        port_(Served::port_of(*server_)),
        random_(plan.seed) {
    Caller caller(port_);
    complete(caller, invitation_);
    admin_ = must_have(sign_in(caller, "head@north.example"), "access_token");
    invite(caller, admin_, "desk@north.example", "receptionist");
    desk_ = must_have(sign_in(caller, "desk@north.example"), "access_token");
    for (unsigned i = 0; i < plan.clients; ++i)
      clients_.emplace_back([this, seed = plan.seed * 1'000 + i] { work(seed); });
  }
  ~House() {
    record_.end();
    for (auto& client : clients_) client.join();
  }
  House(const House&) = delete;
  House& operator=(const House&) = delete;

  /// Gives the seconds without service.
  double kill_once(bool hold_back) {
    ::poll(nullptr, 0, static_cast<int>(300 + random_() % 1'200));
    if (hold_back) {
      cluster_->hold_back_standby();
      record_.wait_for_service();
    }
    record_.longest_silence();
    cluster_->kill_primary();
    cluster_->promote();
    record_.wait_for_service();
    const double seconds = record_.longest_silence();
    cluster_->rebuild_standby();
    return seconds;
  }

  /// While nobody works. Everything of the patients that have changed since the last time; of all of them where it is `whole`.
  void check(bool whole) {
    record_.pause();
    check_tables(whole);
    check_patients(whole);
    record_.resume();
  }

  Record& record() { return record_; }

 private:
  void work(std::uint64_t seed) {
    try {
      Worker(port_, desk_, record_, seed).run();
    } catch (const std::exception& error) {
      record_.problems.add(std::string("a client ended: ") + error.what());
    }
  }

  void check_tables(bool whole) {
    storage::postgres::Link link{{.url = cluster_->admin()}};
    const std::string file = served_.home() / "events.ndjson";
    const StoredAudit audit = read_audit(link, file);
    for (const std::string& finding : audit.findings) record_.problems.add(finding);
    if (whole)
      record_.problems.expect(verified_elsewhere(audit, file), "verify_export.py finds the stored events damaged");
    check_calls(audit);
    check_effects(audit, link);
  }

  void check_calls(const StoredAudit& audit) {
    const auto events = by_request(audit);
    for (const Acknowledged& call : record_.calls()) {
      const auto found = events.find(call.request);
      record_.problems.expect(found != events.end() && found->second.size() == 1 && found->second.front()->ok &&
                                  found->second.front()->action == call.operation,
                              "an acknowledged " + std::string(call.operation) + " has not one event that says so");
    }
  }

  /// Each patient was made once, each of its revisions too, and there is nobody who was not asked for.
  void check_effects(const StoredAudit& audit, storage::postgres::Link& link) {
    std::map<std::string, std::uint64_t> made;
    std::map<std::string, std::uint64_t> changed;
    for (const StoredEvent& event : audit.events) {
      if (event.ok && event.wrote && event.action == "patients.register") ++made[event.object];
      if (event.ok && event.wrote && event.action == "patients.patch") ++changed[event.object];
    }
    std::map<std::string, std::uint64_t> stored;
    const auto rows = link.ask("SELECT encode(id, 'hex')::uuid::text, revision FROM tenant.patients");
    for (int row = 0; row < PQntuples(rows.get()); ++row)
      stored[std::string(storage::postgres::text_at(rows, row, 0))] = number_at(rows, row, 1);
    const auto patients = record_.patients();
    record_.problems.expect(stored.size() == patients.size(), "there are " + std::to_string(stored.size()) +
                                                                  " patients, and " + std::to_string(patients.size()) +
                                                                  " were made");
    for (const auto& patient : patients) {
      record_.problems.expect(stored[patient->id] == patient->revision(),
                              "a patient is not at its last acknowledged revision");
      record_.problems.expect(made[patient->id] == 1, "a patient has not one event of its registration");
      record_.problems.expect(changed[patient->id] + 1 == patient->revision(),
                              "a patient has not one event per revision");
    }
  }

  /// A new standby is not always as fast as its primary: a call may be told to come again.
  template <class Ask>
  Answer insist(Ask ask) {
    Answer answer = ask();
    for (int i = 0; i < tries_max && answer.status == 503; ++i) {
      ::poll(nullptr, 0, patience_ms);
      answer = ask();
    }
    return answer;
  }

  void check_patients(bool whole) {
    Caller caller(port_);
    for (const auto& patient : record_.patients()) {
      const auto patches = patient->patches();
      if (!whole && checked_[patient->id] == patches.size() + 1) continue;
      checked_[patient->id] = patches.size() + 1;
      std::string mark{first_mark};
      std::uint64_t revision = 1;
      for (const Patched& patch : patches) {
        record_.problems.expect(patch.before == mark && patch.revision == ++revision,
                                "a change was lost or made twice");
        mark = patch.after;
      }
      const Answer answer = insist([&] { return caller.ask("GET", "/patients/" + patient->id, desk_); });
      const auto seen = seen_in(answer);
      record_.problems.expect(
          seen && seen->revision == revision && seen->mark == mark,
          "the last change of a patient is not shown: " + std::to_string(answer.status) + " " + answer.text("code"));
    }
    const Answer verified = insist([&] { return caller.ask("POST", "/audit/verify", admin_, "{}"); });
    record_.problems.expect(verified.good() && verified.body.at("intact").as_bool(),
                            "audit.verify: " + json::serialize(verified.body).substr(0, 500));
  }

  std::unique_ptr<Cluster> cluster_;
  Served served_;
  std::string invitation_;
  std::unique_ptr<tests::Process> server_;
  std::uint16_t port_;
  std::mt19937_64 random_;
  std::string admin_{};
  std::string desk_{};
  std::map<std::string, std::size_t> checked_{};  ///< by patient, how many of its states
  Record record_{};
  std::vector<std::thread> clients_{};
};

void report(std::vector<double> outages) {
  std::sort(outages.begin(), outages.end());
  std::cout << outages.size() << " kills, nothing lost; seconds without service: " << outages[outages.size() / 2]
            << " in the middle, " << outages.back() << " at most" << std::endl;
}

/// One line for each kill that was done before.
std::vector<double> done_before(const std::string& file) {
  std::vector<double> outages;
  std::ifstream in(file);
  for (double seconds = 0; in >> seconds;) outages.push_back(seconds);
  return outages;
}

bool run_kills(const Plan& plan, const std::string& state) {
  std::filesystem::create_directories(state);
  const std::string done = state + "/failover-" + std::to_string(plan.seed) + ".done";
  auto outages = done_before(done);
  if (outages.size() < plan.kills) {
    House house(plan);
    while (outages.size() < plan.kills) {
      const double seconds = house.kill_once(false);
      house.check(outages.size() + 1 == plan.kills);
      if (house.record().problems.count() > 0) return false;
      outages.push_back(seconds);
      std::ofstream(done, std::ios::app) << seconds << '\n';
      std::cout << "kill " << outages.size() << ": " << seconds << " s without service; "
                << house.record().calls().size() << " calls acknowledged and " << house.record().refusals()
                << " turned away by now, " << house.record().patients().size() << " patients" << std::endl;
    }
  }
  report(std::move(outages));
  return true;
}

/// Whether the oracle finds what a standby that nobody waits for has lost.
bool run_plant(Plan plan) {
  plan.synchronous = false;
  House house(plan);
  for (std::uint64_t kill = 1; kill <= plan.kills; ++kill) {
    house.kill_once(true);
    house.check(false);
    if (house.record().problems.count() == 0) continue;
    std::cout << "the planted bug asynchronous was found at kill " << kill << std::endl;
    return true;
  }
  std::cout << "the planted bug asynchronous was NOT found in " << plan.kills << " kills" << std::endl;
  return false;
}

int run(const Arguments& arguments) {
  const Plan plan{.kills = arguments.number("size", 2),
                  .clients = static_cast<unsigned>(arguments.number("clients", 6)),
                  .seed = arguments.number("seed", 1),
                  .patroni = arguments.text("keeper") == "patroni"};
  const std::string plant = arguments.text("plant");
  if (!plan.patroni && !arguments.text("keeper").empty()) throw std::runtime_error("--keeper can be patroni");
  if (!plant.empty() && plant != "asynchronous") throw std::runtime_error("no such bug: " + plant);
  const testing::TemporaryFolder own;
  const bool well = plant.empty() ? run_kills(plan, arguments.text("state", own.path())) : run_plant(plan);
  return well ? 0 : 1;
}

}  // namespace
}  // namespace medflow::campaign

int main(int count, char** words) {
  return medflow::campaign::campaign_main("campaign_failover", count, words, medflow::campaign::run);
}
