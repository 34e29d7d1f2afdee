// Numbers of invoices: threads or processes issue at once, one call in ten has to fail, commits fail, processes are killed; and an oracle that
// reads the stored rows says whether the numbers of each series run from 1 without gap and without repeat, in the order of issue (BIL-5, R11).
//
//   campaign_numbers [--size ATTEMPTS] [--engine memory|sqlite|sqlcipher|postgresql] [--threads N | --processes N] [--kills K]
//                    [--faults COMMITS] [--seed N] [--state DIR] [--plant gap|forgotten-key]
//
// Each attempt drafts an invoice and issues it, or asks for what must fail: another revision, a day before the last one of the series, a draft
// that was discarded. With --faults each so many-th step of a commit fails (without processes and kills: 11 where it is not said, 0 for none).
// With --processes the file engines have one server, asked over HTTP, and PostgreSQL an engine in each process. With --kills the process that
// has the engine open (of several, any) is killed so often, and started again; attempts go on until then. With --state a campaign on a file
// engine goes on where it was broken off. With --plant a bug is built in, and the campaign fails unless it is found.
#include <chrono>
#include <filesystem>
#include <functional>
#include <iomanip>
#include <iostream>
#include <optional>

#include "adapters/http/router.hpp"
#include "medflow/operations.hpp"
#include "medflow/testing/hospital.hpp"
#include "tests/adapters/http/raw_client.hpp"
#include "tests/campaigns/forked.hpp"
#include "tests/campaigns/numbers/desk.hpp"
#include "tests/campaigns/numbers/engines.hpp"
#include "tests/campaigns/numbers/hand.hpp"
#include "tests/campaigns/numbers/oracle.hpp"
#include "tests/campaigns/numbers/place.hpp"
#include "tests/campaigns/process.hpp"
#include "tests/support/temporary_folder.hpp"
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
#include "storage/postgres/options.hpp"
#include "tests/support/postgres_server.hpp"
#endif

namespace medflow::campaign {
namespace {

using Time = std::chrono::steady_clock;
using testing::must;

constexpr std::size_t hands_of_process = 8;
constexpr std::size_t connections_of_process = 8;
constexpr std::int64_t behind_each_us = 1'000;  ///< the clocks of several machines are never the same
constexpr unsigned wait_us = 20'000;

struct Plan {
  std::string engine{};
  std::string plant{};
  std::size_t processes = 0;  ///< 0: threads of one
  std::uint64_t kills = 0;
  std::uint64_t faults = 0;
  std::string folder{};
  std::function<std::shared_ptr<storage::Engine>()> open{};

  bool served() const { return processes > 0 && engine != "postgresql"; }
};

/// Looks at what is stored while invoices are issued, and when all is done.
void keep(Shared& shared, const Platform& platform, const Peephole& peephole) {
  Oracle oracle(shared, peephole);
  const auto all_finished = [&] {
    for (std::size_t i = 0; i < shared.hands; ++i)
      if (!shared.hand.at(i).finished) return false;
    return true;
  };
  while (!all_finished()) {
    const auto start = Time::now();
    oracle.glance();
    // It is not to take the machine from those who issue.
    const auto until = Time::now() + 10 * (Time::now() - start) + std::chrono::milliseconds(50);
    while (Time::now() < until && !all_finished()) ::usleep(wait_us);
  }
  shared.failing = false;
  oracle.check_all(admin_of(platform));
  shared.finished = true;
}

/// Takes "hand-N" for the token of that hand.
class HandsOnly final : public http::Backend {
 public:
  HandsOnly(Platform& platform, const Shared& shared) : inner_(http::platform_backend(platform)) {
    for (std::size_t i = 0; i < shared.hands; ++i) sessions_.push_back(clerk_of(platform, shared, i));
  }
  Session visit(std::string_view tenant) override { return inner_->visit(tenant); }
  Result<Session> authenticate(std::string_view token) override {
    return sessions_.at(things::number_in(token.substr(std::min(token.size(), std::string_view("hand-").size()))));
  }
  void submit(const Session& session, const OperationRow& row, Value request,
              std::function<void(Result<medflow::Reply>)> done, CallContext context) override {
    inner_->submit(session, row, std::move(request), std::move(done), std::move(context));
  }

 private:
  std::unique_ptr<http::Backend> inner_;
  std::vector<Session> sessions_{};
};

/// The hands of process `index`.
std::vector<std::size_t> hands_of(const Shared& shared, const Plan& plan, std::size_t index) {
  std::vector<std::size_t> hands;
  for (std::size_t h = 0; h < shared.hands; ++h)
    if (plan.processes == 0 || h % plan.processes == index) hands.push_back(h);
  return hands;
}

/// Has the engine open; issues itself, or serves those who do.
int work(Shared& shared, const Plan& plan, std::size_t index) {
  Peephole peephole;
  auto engine = with_bug(plan.open(), peephole, plan.plant);
  if (plan.faults > 0) engine = std::make_shared<FailingCommits>(std::move(engine), shared, plan.faults);
  Platform platform =
      must(Platform::open(options_of(shared, std::move(engine), static_cast<std::int64_t>(index) * behind_each_us)));
  if (!shared.made) make_hospital(platform, shared);
  const Session admin = admin_of(platform);  // it keeps the hospital open
  std::vector<std::unique_ptr<Desk>> desks;
  std::optional<http::Router> router;
  std::optional<things::RunningServer> server;
  Crew crew;
  const auto hands = hands_of(shared, plan, index);
  if (plan.served()) {
    router.emplace(std::make_unique<HandsOnly>(platform, shared), operations(), http::RouterOptions{});
    server.emplace(*router);
    shared.port = server->port();
  } else {
    for (const std::size_t h : hands) desks.push_back(desk_in_process(clerk_of(platform, shared, h)));
  }
  ++shared.ready;
  shared.failing = plan.faults > 0;
  for (std::size_t i = 0; i < desks.size(); ++i)
    crew.add([&shared, h = hands[i], desk = desks[i].get()] { Hand(shared, h, *desk).run(); });
  if (index == 0) crew.add([&] { keep(shared, platform, peephole); });
  crew.join();
  while (!shared.finished) ::usleep(wait_us);
  return 0;
}

/// Issues over HTTP.
int be_client(Shared& shared, const Plan& plan, std::size_t index) {
  while (shared.port == 0) ::usleep(wait_us);
  Crew crew;
  for (const std::size_t h : hands_of(shared, plan, index))
    crew.add([&shared, h] {
      const auto desk = desk_over_http(shared, h);
      Hand(shared, h, *desk).run();
    });
  crew.join();
  return 0;
}

class Campaign {
 public:
  explicit Campaign(const Arguments& arguments) {
    plan_.engine = arguments.text("engine", "memory");
    plan_.plant = arguments.text("plant");
    plan_.processes = arguments.number("processes", 0);
    plan_.kills = arguments.number("kills", 0);
    plan_.faults = arguments.number("faults", plan_.processes > 0 || plan_.kills > 0 ? 0 : 11);
    plan_.folder = arguments.text("state", temporary_.path());
    if (plan_.engine == "memory" && (plan_.kills > 0 || plan_.processes > 0))
      throw std::runtime_error("memory belongs to one process, and ends with it");
    if (!plan_.plant.empty() && plan_.plant != "gap" && plan_.plant != "forgotten-key")
      throw std::runtime_error("there is no plant " + plan_.plant);
    std::filesystem::create_directories(plan_.folder);
    choose_engine();
    share(arguments);
  }

  bool run() {
    std::cout << plan_.engine << ", " << shared_->size << " attempts by " << shared_->hands << " hands "
              << (plan_.processes == 0 ? std::string("in one process")
                                       : "in " + std::to_string(plan_.processes) + " processes")
              << (plan_.served() ? " over HTTP" : "")
              << (plan_.kills > 0 ? ", " + std::to_string(plan_.kills) + " kills" : "")
              << (plan_.plant.empty() ? "" : ", planted: " + plan_.plant) << std::endl;
    const auto start = Time::now();
    const bool all_ended_well = supervise();
    print(std::chrono::duration<double>(Time::now() - start).count());
    return judge(all_ended_well);
  }

 private:
  void choose_engine() {
    const std::string data = plan_.folder + "/data";
    if (plan_.engine == "memory") plan_.open = [] { return std::shared_ptr(storage::memory_engine()); };
    if (plan_.engine == "sqlite") plan_.open = [data] { return std::shared_ptr(storage::sqlite_engine(data)); };
    if (plan_.engine == "sqlcipher") plan_.open = [data] { return std::shared_ptr(storage::sqlcipher_engine(data)); };
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
    if (plan_.engine == "postgresql") {
      database_.emplace();
      auto options = database_->options();
      if (plan_.processes > 0) options.connections_max = connections_of_process;
      plan_.open = [options] { return std::shared_ptr(storage::make_postgres_engine(options)); };
    }
#endif
    if (!plan_.open) throw std::runtime_error("there is no engine " + plan_.engine);
  }

  void share(const Arguments& arguments) {
    const std::uint64_t size = arguments.number("size", 3'200);
    const bool is_kept = !arguments.text("state").empty() && plan_.engine != "memory" && plan_.engine != "postgresql";
    // With kills the attempts go on until all of them are done.
    const std::uint64_t room = size + 100'000 + plan_.kills * 10'000;
    shared_ = &Shared::map(room, is_kept ? plan_.folder + "/shared" : std::string());
    Shared& shared = *shared_;
    attempts_before_ = shared.counters.attempts;
    shared.size = size;
    shared.kills_left = plan_.kills;
    shared.ready = 0;
    shared.port = 0;
    shared.failing = false;
    shared.finished = false;
    for (HandRecord& hand : shared.hand) hand.finished = false;
    if (!shared.made) {
      shared.seed = arguments.number("seed", 1);
      shared.hands = plan_.processes > 0 ? hands_of_process * plan_.processes : arguments.number("threads", hands_max);
      if (shared.hands == 0 || shared.hands > hands_max)
        throw std::runtime_error("1 to 64 threads, or an eighth as many processes");
    }
    shared.each = (size + shared.hands - 1) / shared.hands;
  }

  bool supervise() {
    const std::size_t engines = plan_.engine == "postgresql" && plan_.processes > 0 ? plan_.processes : 1;
    if (!workers_.open(engines)) return false;
    if (plan_.served())
      for (std::size_t i = 0; i < plan_.processes; ++i) {
        Shared& shared = *shared_;
        const Plan& plan = plan_;
        clients_.emplace_back([&shared, &plan, i] { return be_client(shared, plan, i); });
      }
    return workers_.supervise(clients_, shared_->kills_left, shared_->seed);
  }

  void print(double seconds) const {
    const Counters& c = shared_->counters;
    std::cout << "issued: " << c.issued << "; refused as they had to be: " << c.stale << " of another revision, "
              << c.early << " of an earlier day, " << c.discarded << " discarded drafts\n"
              << "asked again with the same key: " << c.replayed << "; not answered at first: " << c.unanswered << ", "
              << c.faults << " commits failed\n";
    if (plan_.kills > 0)
      std::cout << workers_.kills() << " kills; of the issues that were not answered " << c.settled_there
                << " were there, " << c.settled_absent << " were not\n";
    std::cout << "oracle: " << c.snapshots << " snapshots meanwhile\n"
              << plan_.engine << ": " << c.attempts << " attempts, " << shared_->findings << " findings, " << std::fixed
              << std::setprecision(1) << seconds << " s, " << std::setprecision(0)
              << static_cast<double>(c.attempts - attempts_before_) / seconds << " attempts/s" << std::endl;
  }

  bool judge(bool all_ended_well) const {
    const bool found = shared_->findings > 0;
    if (plan_.plant.empty()) {
      std::cout << (found || !all_ended_well ? "FAILED" : "all as it should be") << std::endl;
      return !found && all_ended_well;
    }
    std::cout << (found ? "the planted bug was found" : "FAILED: the planted bug was not found") << std::endl;
    return found;
  }

  testing::TemporaryFolder temporary_{};
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
  std::optional<testing::PostgresDatabase> database_{};
#endif
  Plan plan_{};
  Shared* shared_ = nullptr;
  Workers workers_{[this] { return shared_->ready.load(); },
                   [this](std::size_t index) {
                     return Forked([&shared = *shared_, &plan = plan_, index] { return work(shared, plan, index); });
                   }};
  std::vector<Forked> clients_{};
  std::uint64_t attempts_before_ = 0;
};

}  // namespace
}  // namespace medflow::campaign

int main(int argc, char** argv) {
  return medflow::campaign::campaign_main<medflow::campaign::Campaign>("campaign_numbers", argc, argv);
}
