// Races for slots: threads or processes book, hold, confirm, move and cancel the same few hundred slots, and an oracle that reads the
// stored rows says whether anything was ever booked twice, lost, or refused for no reason (APT-3).
//
//   campaign_booking [--size ATTEMPTS] [--engine memory|sqlite|sqlcipher|postgresql] [--threads N | --processes N] [--kills K]
//                    [--seed N] [--state DIR] [--plant read-then-insert|second-line|lost-cancel]
//
// A day has up to 200 slots. All race for each of them at once; then each does what it likes to its own visits, on slots that all want;
// then the oracle compares the day with what the makers know, and the next day begins. With --processes the file engines have one server,
// asked over HTTP, and PostgreSQL an engine in each process. With --kills the process that has the engine open (of several, any) is killed
// so often, and started again. With --state a campaign on a file engine goes on where it was broken off. With --plant a bug is built in, and
// the campaign fails unless it is found; "second-line" is a bug that the table's exclusion makes harmless.
#include <sys/resource.h>

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
#include "tests/campaigns/booking/desk.hpp"
#include "tests/campaigns/booking/engines.hpp"
#include "tests/campaigns/booking/hand.hpp"
#include "tests/campaigns/booking/oracle.hpp"
#include "tests/campaigns/booking/place.hpp"
#include "tests/campaigns/forked.hpp"
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

constexpr std::uint64_t attempts_of_day = 25'000;
constexpr std::size_t hands_of_process = 2;
constexpr std::size_t connections_of_process = 8;
constexpr std::int64_t behind_each_us = 100'000;  ///< the clocks of several machines are never the same
constexpr unsigned wait_us = 20'000;

struct Plan {
  std::string engine{};
  std::string plant{};
  std::size_t processes = 0;  ///< 0: threads of one
  std::uint64_t kills = 0;
  std::string folder{};
  std::function<std::shared_ptr<storage::Engine>()> open{};

  bool served() const { return processes > 0 && engine != "postgresql"; }
  bool stale() const { return plant == "read-then-insert" || plant == "second-line"; }
};

/// Looks at what is stored while it is booked, and when a day is over.
class Keeper {
 public:
  Keeper(Shared& shared, const Platform& platform, const Peephole& peephole)
      : shared_(shared), platform_(platform), oracle_(shared, peephole) {}

  void run() {
    while (!shared_.finished) {
      const auto start = Time::now();
      const std::uint64_t day = shared_.checked_days;
      if (is_over(day)) {
        oracle_.check_day(day);
        // Hands have each the same number of attempts.
        if (shared_.counters.attempts + shared_.hands >= shared_.size && shared_.kills_left == 0)
          shared_.last_day = day;
        if (shared_.last_day <= day) end();
        shared_.checked_days = day + 1;
        continue;
      }
      for (const BackgroundTrouble& trouble : platform_.tick({shared_.clock_us}))
        shared_.find("the background work " + trouble.task + " fails");
      oracle_.glance(day);
      // It is not to take the machine from those who book.
      const auto until = Time::now() + 10 * (Time::now() - start) + std::chrono::milliseconds(50);
      while (Time::now() < until && !is_over(day)) ::usleep(wait_us);
    }
  }

 private:
  bool is_over(std::uint64_t day) const {
    const std::uint64_t point = (day + 1) * (shared_.slots + 3);
    for (std::size_t i = 0; i < shared_.hands; ++i)
      if (shared_.hand.at(i).arrived < point) return false;
    return true;
  }

  void end() {
    oracle_.check_all();
    const auto found = must(admin_of(platform_).call(audit::Verify{}));
    shared_.expect(found.intact, "the audit log is not intact");
    shared_.finished = true;
  }

  Shared& shared_;
  const Platform& platform_;
  Oracle oracle_;
};

/// Takes "hand-N" for the token of that hand.
class HandsOnly final : public http::Backend {
 public:
  HandsOnly(Platform& platform, const Shared& shared) : inner_(http::platform_backend(platform)) {
    for (std::size_t i = 0; i < shared.hands; ++i) sessions_.push_back(desk_of(platform, shared, i));
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

/// Has the engine open; books itself, or serves those who do.
int work(Shared& shared, const Plan& plan, std::size_t index) {
  Peephole peephole;
  Platform platform = must(Platform::open(options_of(shared, with_bug(plan.open(), peephole, plan.plant),
                                                     static_cast<std::int64_t>(index) * behind_each_us)));
  if (!shared.made) make_hospital(platform, shared);
  const Session admin = admin_of(platform);  // it keeps the hospital open
  std::vector<std::unique_ptr<Desk>> desks;
  std::optional<http::Router> router;
  std::optional<things::RunningServer> server;
  Crew crew;
  if (plan.served()) {
    router.emplace(std::make_unique<HandsOnly>(platform, shared), operations(), http::RouterOptions{});
    server.emplace(*router);
    shared.port = server->port();
  } else {
    for (const std::size_t h : hands_of(shared, plan, index))
      desks.push_back(desk_in_process(desk_of(platform, shared, h)));
  }
  ++shared.ready;
  std::size_t next = 0;
  if (!plan.served())
    for (const std::size_t h : hands_of(shared, plan, index))
      crew.add([&shared, &plan, h, desk = desks[next++].get()] { Hand(shared, h, *desk, plan.stale()).run(); });
  if (index == 0) crew.add([&] { Keeper(shared, platform, peephole).run(); });
  crew.join();
  while (!shared.finished) ::usleep(wait_us);
  return 0;
}

/// Books over HTTP.
int be_client(Shared& shared, const Plan& plan, std::size_t index) {
  while (shared.port == 0) ::usleep(wait_us);
  Crew crew;
  for (const std::size_t h : hands_of(shared, plan, index))
    crew.add([&shared, h] {
      const auto desk = desk_over_http(shared, h);
      Hand(shared, h, *desk, false).run();
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
    plan_.folder = arguments.text("state", temporary_.path());
    if (plan_.engine == "memory" && (plan_.kills > 0 || plan_.processes > 0))
      throw std::runtime_error("memory belongs to one process, and ends with it");
    if (!plan_.plant.empty() && plan_.plant != "read-then-insert" && plan_.plant != "second-line" &&
        plan_.plant != "lost-cancel")
      throw std::runtime_error("there is no plant " + plan_.plant);
    std::filesystem::create_directories(plan_.folder);
    choose_engine();
    share(arguments);
  }

  bool run() {
    std::cout << plan_.engine << ", " << shared_->size << " attempts by " << shared_->hands << " hands "
              << (plan_.processes == 0 ? std::string("in one process")
                                       : "in " + std::to_string(plan_.processes) + " processes")
              << (plan_.served() ? " over HTTP" : "") << ", " << shared_->slots << " slots a day"
              << (plan_.kills > 0 ? ", " + std::to_string(plan_.kills) + " kills" : "")
              << (plan_.plant.empty() ? "" : ", planted: " + plan_.plant) << std::endl;
    const auto start = Time::now();
    const bool all_ended_well = supervise();
    print(std::chrono::duration<double>(Time::now() - start).count());
    if (!all_ended_well) return false;
    return judge();
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
    const std::uint64_t size = arguments.number("size", 20'000);
    const bool is_kept = !arguments.text("state").empty() && plan_.engine != "memory" && plan_.engine != "postgresql";
    // With kills the days go on until all of them are done.
    const std::uint64_t room = size + 100'000 + plan_.kills * 5'000;
    shared_ = &Shared::map(room, is_kept ? plan_.folder + "/shared" : std::string());
    Shared& shared = *shared_;
    attempts_before_ = shared.counters.attempts;
    shared.size = size;
    shared.kills_left = plan_.kills;
    shared.ready = 0;
    shared.port = 0;
    shared.finished = false;
    if (shared.made) {  // it goes on; the day that was the last one is over
      if (shared.counters.attempts < size) shared.last_day = UINT64_MAX;
      return;
    }
    shared.seed = arguments.number("seed", 1);
    shared.hands = plan_.processes > 0 ? hands_of_process * plan_.processes : arguments.number("threads", hands_max);
    if (shared.hands == 0 || shared.hands > hands_max)
      throw std::runtime_error("1 to 64 threads, or half as many processes");
    if (plan_.processes > 0) shared.time_passes_each = 500;  // their clocks differ
    shared.uniform = plan_.plant == "second-line" || plan_.plant == "read-then-insert";
    const std::uint64_t day = std::min(size, attempts_of_day);
    shared.slots = std::clamp<std::size_t>(day * 2 / 3 / shared.hands, 1, slots_max);
    const std::uint64_t raced = shared.slots * shared.hands;
    shared.each_day = (day > raced ? day - raced : 0) / shared.hands;
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
    rusage use{};
    ::getrusage(RUSAGE_CHILDREN, &use);
    std::cout << "races: " << c.race_winners << " winners, " << c.race_losers << " losers\n"
              << "done: " << c.good << " (" << c.booked << " booked, " << c.held << " held, " << c.confirmed
              << " confirmed, " << c.moved << " moved, " << c.cancelled << " cancelled)\n"
              << "refused: " << c.taken << " slot.taken, " << c.overlap << " patient.overlap, " << c.expired
              << " expired, " << c.too_many << " hold.too_many, " << c.revision << " conflict.revision";
    if (plan_.stale()) std::cout << "; " << c.excluded << " by the exclusion alone";
    std::cout << "\noracle: " << c.snapshots << " snapshots while it was booked, " << c.days_checked << " days, "
              << shared_->finals_count << " visits\n";
    if (plan_.kills > 0)
      std::cout << workers_.kills() << " kills; of what was not answered " << c.settled_there << " were there, "
                << c.settled_absent << " were not\n";
    std::cout << plan_.engine << ": " << c.attempts << " attempts, " << shared_->findings << " findings, " << std::fixed
              << std::setprecision(1) << seconds << " s, " << std::setprecision(0)
              << static_cast<double>(c.attempts - attempts_before_) / seconds << " attempts/s" << std::endl;
  }

  bool judge() const {
    const bool found = shared_->findings > 0;
    if (plan_.plant.empty() || plan_.plant == "second-line") {
      const bool tried = plan_.plant.empty() || shared_->counters.excluded > 0;
      std::cout << (found || !tried ? "FAILED" : "all as it should be") << std::endl;
      return !found && tried;
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
  return medflow::campaign::campaign_main<medflow::campaign::Campaign>("campaign_booking", argc, argv);
}
