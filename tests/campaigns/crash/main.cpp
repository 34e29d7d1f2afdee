// Kills a hospital at work, again and again, and checks after each kill that what was acknowledged is there and that
// nothing is half done. Every other kill is a power cut: what was not synced is gone.
//
//   campaign_crash [--size KILLS] [--engine sqlite|sqlcipher|both] [--seed N] [--threads N] [--state DIR]
//                  [--plant synchronous-off|sync-skipped|audit-outside]
//
// With --state the campaign goes on where it was broken off. With --plant a bug is built in, and the campaign fails
// unless the oracle finds it.
#include <poll.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <random>

#include "tests/campaigns/crash/deployment.hpp"
#include "tests/campaigns/crash/engines.hpp"
#include "tests/campaigns/crash/record.hpp"
#include "tests/campaigns/process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace medflow::campaign {
namespace {

using Time = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr unsigned kills_of_deployment = 25;  ///< then a new one is made, so that the checks stay short

struct Totals {
  std::uint64_t kills = 0;
  std::uint64_t power_cuts = 0;
  std::uint64_t in_body = 0;
  std::uint64_t in_commit = 0;
  std::uint64_t acknowledged = 0;

  void add(const Totals& more) {
    kills += more.kills;
    power_cuts += more.power_cuts;
    in_body += more.in_body;
    in_commit += more.in_commit;
    acknowledged += more.acknowledged;
  }
  void print(std::string_view engine) const {
    const std::uint64_t open = in_body + in_commit;
    std::cout << engine << ": " << kills << " kills (" << power_cuts << " power cuts), " << open
              << " with a transaction open (" << (kills == 0 ? 0 : 100 * open / kills) << " %; " << in_body
              << " in its body, " << in_commit << " in its commit), " << acknowledged << " calls acknowledged ("
              << (kills == 0 ? 0 : acknowledged / kills) << " per kill)" << std::endl;
  }
};

struct Plan {
  bool encrypted = false;
  unsigned threads = 8;
  std::string plant{};
  std::string engine() const { return encrypted ? "sqlcipher" : "sqlite"; }
};

/// One deployment and the kills that it goes through.
class Life {
 public:
  Life(Place place, Plan plan, std::uint64_t seed) : place_(std::move(place)), plan_(std::move(plan)), random_(seed) {
    std::filesystem::remove_all(place_.folder);
    std::filesystem::create_directories(place_.folder);
    if (Child(words("make"), "").wait() != 0) throw std::runtime_error("the deployment could not be made");
  }

  /// False where the oracle found something; what it said has been printed then.
  bool kill_once(bool power_cut, bool whole) {
    const std::size_t since = lines_;
    work_and_kill(power_cut);
    ++totals_.kills;
    totals_.power_cuts += power_cut ? 1U : 0U;
    const std::string said = place_.folder + "/said";
    auto call = words("check");
    for (const auto& [name, value] :
         {std::pair{"--since", since}, std::pair{"--kills", static_cast<std::size_t>(totals_.kills)},
          std::pair{"--whole", static_cast<std::size_t>(whole)}}) {
      call.emplace_back(name);
      call.push_back(std::to_string(value));
    }
    if (Child(call, said).wait() == 0 && failure_.empty()) return true;
    std::cout << plan_.engine() << ", kill " << totals_.kills << (power_cut ? " (power cut)" : "") << ":\n"
              << failure_ << text_of_file(said) << std::flush;
    return false;
  }

  const Totals& totals() const { return totals_; }

 private:
  std::vector<std::string> words(const std::string& mode) const {
    return {own_program(),  "--mode",      mode,
            "--folder",     place_.folder, "--engine",
            plan_.engine(), "--threads",   std::to_string(plan_.threads)};
  }

  void work_and_kill(bool power_cut) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    Shared& shared = Shared::map(place_.shared(), true);
    auto call = words("work");
    for (const std::string& word :
         {std::string("--power-cut"), std::to_string(power_cut), std::string("--plant"),
          plan_.plant.empty() ? std::string("none") : plan_.plant, std::string("--seed"),
          std::to_string(random_() % 1'000'000'000), std::string("--report"), std::to_string(ends[1])})
      call.push_back(word);
    Child worker(call, "", ends[1]);
    ::close(ends[1]);
    std::ofstream record(place_.record(), std::ios::app | std::ios::binary);
    listen(ends[0], record, Time::now() + std::chrono::seconds(60), 1);
    const auto moment = random_() % 10 == 0 ? milliseconds(300 + random_() % 700) : milliseconds(random_() % 120);
    listen(ends[0], record, Time::now() + moment, SIZE_MAX);
    aim(shared);
    worker.kill();
    if (const int code = worker.wait(); code != -SIGKILL)
      failure_ += "problem: the worker ended by itself: " + std::to_string(code) + "\n";
    const auto state = shared.state.load();
    totals_.in_body += state == Shared::open ? 1U : 0U;
    totals_.in_commit += state == Shared::committing ? 1U : 0U;
    listen(ends[0], record, Time::time_point::max(), SIZE_MAX);
    ::close(ends[0]);
    ::munmap(&shared, sizeof shared);
  }

  /// Mostly waits for a transaction to be open, half of the time for its commit; for 50 ms at most.
  void aim(const Shared& shared) {
    const auto dice = random_() % 10;
    if (dice < 2) return;
    const auto end = Time::now() + milliseconds(50);
    while (Time::now() < end) {
      const auto state = shared.state.load();
      if (dice < 6 ? state == Shared::committing : state == Shared::open) return;
    }
  }

  /// Takes down what is reported until then, or until there are so many calls, or nobody reports any more.
  void listen(int from, std::ofstream& record, Time::time_point until, std::size_t calls) {
    const bool to_the_end = until == Time::time_point::max();
    for (std::size_t heard = 0; heard < calls;) {
      const auto left = std::chrono::duration_cast<milliseconds>(until - Time::now()).count();
      if (!to_the_end && left <= 0) return;
      pollfd wanted{.fd = from, .events = POLLIN, .revents = 0};
      if (::poll(&wanted, 1, to_the_end ? -1 : static_cast<int>(left)) <= 0) continue;
      char bytes[65536];
      const ssize_t size = ::read(from, bytes, sizeof bytes);
      if (size <= 0) return;
      heard += take_down(std::string_view(bytes, static_cast<std::size_t>(size)), record);
    }
  }

  std::size_t take_down(std::string_view bytes, std::ofstream& record) {
    std::size_t calls = 0;
    for (const char c : bytes) {
      line_ += c;
      if (c != '\n') continue;
      if (line_.starts_with("E "))
        failure_ += "problem: a call failed: " + line_;
      else {
        record << line_;
        ++lines_;
        ++calls;
      }
      line_.clear();
    }
    record.flush();
    totals_.acknowledged += calls;
    return calls;
  }

  const Place place_;
  const Plan plan_;
  std::mt19937_64 random_;
  Totals totals_{};
  std::string failure_{};
  std::string line_{};  ///< a call's line so far; the kill may leave one unfinished, which nobody was told
  std::size_t lines_ = 0;
};

/// The lives that came to their end, and how they were: one line each.
std::vector<Totals> finished(const std::string& file) {
  std::vector<Totals> lives;
  std::ifstream in(file);
  for (Totals life; in >> life.kills >> life.power_cuts >> life.in_body >> life.in_commit >> life.acknowledged;)
    lives.push_back(life);
  return lives;
}

bool run_engine(const Plan& plan, const std::string& state, std::uint64_t size, std::uint64_t seed) {
  const std::string done = state + "/" + plan.engine() + "-" + std::to_string(seed) + ".done";
  Totals totals;
  std::uint64_t life = 0;
  for (const Totals& before : finished(done)) {
    totals.add(before);
    ++life;
  }
  for (; totals.kills < size; ++life) {
    const std::uint64_t kills = std::min<std::uint64_t>(kills_of_deployment, size - totals.kills);
    Life one({.folder = state + "/" + plan.engine(), .encrypted = plan.encrypted}, plan, seed * 1'000'003 + life);
    for (std::uint64_t i = 0; i < kills; ++i)
      if (!one.kill_once(i % 2 == 1, i + 1 == kills)) return false;
    totals.add(one.totals());
    const Totals& it = one.totals();
    std::ofstream(done, std::ios::app) << it.kills << ' ' << it.power_cuts << ' ' << it.in_body << ' ' << it.in_commit
                                       << ' ' << it.acknowledged << std::endl;
    totals.print(plan.engine());
  }
  const bool aimed = size < kills_of_deployment || 100 * (totals.in_body + totals.in_commit) >= 60 * totals.kills;
  if (!aimed) std::cout << plan.engine() << ": fewer than 60 % of the kills had a transaction open\n";
  return aimed;
}

/// True where the oracle finds the bug. Those of syncs show in power cuts only.
bool run_plant(const Plan& plan, const std::string& state, std::uint64_t size, std::uint64_t seed) {
  Life one({.folder = state + "/" + plan.engine() + "-" + plan.plant, .encrypted = plan.encrypted}, plan, seed);
  for (std::uint64_t i = 0; i < size; ++i) {
    const bool power_cut = plan.plant != "audit-outside" || i % 2 == 1;
    if (one.kill_once(power_cut, false)) continue;
    std::cout << plan.engine() << ": the planted bug " << plan.plant << " was found at kill " << i + 1 << std::endl;
    return true;
  }
  std::cout << plan.engine() << ": the planted bug " << plan.plant << " was NOT found in " << size << " kills"
            << std::endl;
  return false;
}

int run_mode(const Arguments& arguments) {
  const Place place{.folder = arguments.text("folder"), .encrypted = arguments.text("engine") == "sqlcipher"};
  const auto threads = static_cast<unsigned>(arguments.number("threads", 8));
  const std::string mode = arguments.text("mode");
  if (mode == "make") {
    make_deployment(place);
    return 0;
  }
  if (mode == "check")
    return check(place, arguments.number("since", 0), arguments.number("kills", 0), threads,
                 arguments.number("whole", 0) != 0);
  return work({.place = place,
               .seed = arguments.number("seed", 1),
               .threads = threads,
               .power_cut = arguments.number("power-cut", 0) != 0,
               .synchronous_off = arguments.text("plant") == "synchronous-off",
               .planted = {.audit_outside = arguments.text("plant") == "audit-outside",
                           .sync_skipped = arguments.text("plant") == "sync-skipped"},
               .report_to = static_cast<int>(arguments.number("report", 1))});
}

int run(const Arguments& arguments) {
  if (!arguments.text("mode").empty()) return run_mode(arguments);
  const std::uint64_t size = arguments.number("size", 25);
  const std::uint64_t seed = arguments.number("seed", 1);
  const std::string engine = arguments.text("engine", "both");
  const testing::TemporaryFolder own;
  const std::string state = arguments.text("state", own.path());
  std::filesystem::create_directories(state);
  bool well = true;
  for (const bool encrypted : {false, true}) {
    Plan plan{.encrypted = encrypted,
              .threads = static_cast<unsigned>(arguments.number("threads", 8)),
              .plant = arguments.text("plant")};
    if (engine != "both" && engine != plan.engine()) continue;
    well = (plan.plant.empty() ? run_engine(plan, state, size, seed) : run_plant(plan, state, size, seed)) && well;
  }
  return well ? 0 : 1;
}

}  // namespace
}  // namespace medflow::campaign

int main(int count, char** words) {
  return medflow::campaign::campaign_main("campaign_crash", count, words, medflow::campaign::run);
}
