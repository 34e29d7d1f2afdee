// Very many tenants of one platform: how long one takes to make, and that the memory, files and connections of the process are
// bounded by how many may be open, not by how many there are.
//
//   campaign_many_tenants [--size TENANTS] [--engine sqlcipher|sqlite|postgresql] [--open MAX] [--touches N] [--seed N]
//                         [--state DIR] [--plant leak]
//
// With --state the file engines keep their tenants there, and making them goes on where it was broken off. With --plant nothing is ever
// closed, and the campaign fails unless the oracle finds it.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel/background.hpp"
#include "kernel/platform_state.hpp"
#include "tests/campaigns/process.hpp"
#include "tests/support/platform.hpp"
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
#include "tests/support/postgres_server.hpp"
#endif
#include "users/sessions.hpp"

namespace medflow::campaign {
namespace {

using testing::must;
using Time = std::chrono::steady_clock;

constexpr std::string_view issuer = "https://campaign.example";
constexpr double mib_per_open_file = 3;      ///< of a tenant's open store: the page caches of its connections
constexpr double mib_per_open_server = 1.2;  ///< the same where the pages are the server's
constexpr double mib_growth = 16;            ///< once as many are open as may be, whoever is touched
constexpr double mib_per_thousand = 3;       ///< of the directory, for a thousand tenants
constexpr double mib_slack = 24;             ///< what malloc keeps and the engine's first uses take
constexpr std::size_t files_per_open = 12;   ///< two databases with their logs, and readers of them
constexpr std::size_t files_slack = 40;
constexpr std::size_t connections_max = 16;

double ms_since(Time::time_point start) {
  return std::chrono::duration<double, std::milli>(Time::now() - start).count();
}

/// The most that this process has had of the machine's memory.
double peak_mib() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1'024;
  return 0;
}

std::size_t open_files() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

/// Where the campaign's stores lie.
class Ground {
 public:
  Ground(std::string engine, std::string folder) : engine_(std::move(engine)), folder_(std::move(folder)) {
    if (folder_.empty()) folder_ = temporary_.path();
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
    if (engine_ == "postgresql") server_.emplace(testing::Disk::synced), database_.emplace(*server_);
#endif
  }

  std::shared_ptr<storage::Engine> engine() const {
    if (engine_ == "sqlite") return storage::sqlite_engine(folder_ + "/data");
    if (engine_ == "sqlcipher") return storage::sqlcipher_engine(folder_ + "/data");
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
    if (engine_ == "postgresql")
      return storage::postgres_engine(database_->app(), database_->migrator(), connections_max);
#endif
    throw std::runtime_error("there is no engine " + engine_);
  }
  std::string key() const { return folder_ + "/root.key"; }
  bool has_server() const { return engine_ == "postgresql"; }
  /// Of this process and the migrator.
  std::size_t connections() const {
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
    if (database_) {
      const auto rows = storage::postgres::Link({.url = database_->admin()})
                            .ask("SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = $1", {database_->name()});
      return std::stoul(std::string(storage::postgres::text_at(rows, 0, 0)));
    }
#endif
    return 0;
  }

 private:
  std::string engine_;
  testing::TemporaryFolder temporary_{};
  std::string folder_;
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
  std::optional<testing::PostgresServer> server_{};
  std::optional<testing::PostgresDatabase> database_{};
#endif
};

class Campaign {
 public:
  explicit Campaign(const Arguments& arguments)
      : engine_(arguments.text("engine", "sqlcipher")),
        size_(arguments.number("size", 2'000)),
        open_(arguments.number("open", 64)),
        touches_(arguments.number("touches", 2 * size_)),
        leak_(arguments.text("plant") == "leak"),
        random_(arguments.number("seed", 1)),
        ground_(engine_, arguments.text("state")) {
    if (!std::filesystem::exists(ground_.key())) create_root_key_file(ground_.key(), *system_rng());
    open_platform();
  }
  ~Campaign() { state_->close(); }
  Campaign(const Campaign&) = delete;

  bool run() {
    std::cout << engine_ << ", " << size_ << " tenants, at most " << open_ << " open"
              << (leak_ ? ", planted: leak" : "") << std::endl;
    state("at the start");
    provision();
    reopen();
    touch();
    state_->close();
    state_.reset();
    open_platform();
    check_some();
    if (leak_) {
      std::cout << (found_ ? "the planted bug was found" : "FAILED: the planted bug was not found") << std::endl;
      return found_;
    }
    std::cout << (found_ ? "FAILED" : "all as it should be") << std::endl;
    return !found_;
  }

 private:
  void open_platform() {
    PlatformOptions options{.engine = ground_.engine(),
                            .root_key = file_root_key(ground_.key()),
                            .create = true,
                            .open_tenants_max = leak_ ? std::size_t{1'000'000} : static_cast<std::size_t>(open_),
                            .password_memory_kib = 19 * 1024,
                            .password_passes = 2};
    state_ = std::make_shared<kernel::PlatformState>(std::move(options));
    state_->open();
  }

  void find(const std::string& what) {
    found_ = true;
    std::cout << "found: " << what << std::endl;
  }

  std::size_t open_tenants() const { return state_->open_stores().size() - 1; }

  void state(std::string_view when) {
    std::cout << "  " << when << ": " << std::fixed << std::setprecision(1) << resident_mib() << " MiB (peak "
              << peak_mib() << "), " << open_files() << " files, " << open_tenants() << " tenants open";
    if (ground_.has_server()) std::cout << ", " << ground_.connections() << " connections";
    std::cout << std::endl;
  }

  /// `base_mib` is what the process had with as many tenants, of which none was open.
  void look(double base_mib) {
    if (open_tenants() > open_) find(std::to_string(open_tenants()) + " tenants are open");
    if (ground_.has_server() && ground_.connections() > connections_max + 1)
      find(std::to_string(ground_.connections()) + " connections");
    const std::size_t files_max = files_slack + (ground_.has_server() ? 0 : open_ * files_per_open);
    if (open_files() > files_max) find(std::to_string(open_files()) + " files are open");
    const double mib_max = base_mib + mib_slack + mib_per_open() * static_cast<double>(open_) +
                           mib_per_thousand * static_cast<double>(size_) / 1'000;
    if (resident_mib() > mib_max)
      find(std::to_string(resident_mib()) + " MiB, where " + std::to_string(mib_max) + " would do");
  }

  double mib_per_open() const { return ground_.has_server() ? mib_per_open_server : mib_per_open_file; }

  std::string slug(std::size_t tenant) const { return "tenant-" + std::to_string(tenant); }

  void provision() {
    const double before = resident_mib();
    const Session root(state_->operator_session("campaign"));
    std::vector<double> times;
    const auto start = Time::now();
    for (std::size_t i = 0; i < size_; ++i) {
      const auto one = Time::now();
      must(root.call(tenants::Provision{
          .slug = slug(i), .name = slug(i), .default_zone = {"Europe/London"}, .currency = *Currency::parse("GBP")}));
      times.push_back(ms_since(one));
      if ((i + 1) % std::max<std::uint64_t>(1, size_ / 10) == 0)
        state(std::to_string(i + 1) + " made, the last in " + std::to_string(static_cast<int>(times.back())) + " ms");
    }
    const double whole = ms_since(start);
    const auto tenth = static_cast<std::ptrdiff_t>(times.size() / 10 + 1);
    const auto mean = [](auto first, auto last) {
      return std::accumulate(first, last, 0.0) / static_cast<double>(last - first);
    };
    const double early = mean(times.begin(), times.begin() + tenth), late = mean(times.end() - tenth, times.end());
    std::sort(times.begin(), times.end());
    std::cout << "made in " << whole / 1'000 << " s: median " << times[times.size() / 2] << " ms, p99 "
              << times[times.size() * 99 / 100] << " ms; the first tenth " << early << " ms each, the last " << late
              << " ms" << std::endl;
    look(before);
  }

  /// What the directory costs at the start.
  void reopen() {
    state_->close();
    state_.reset();
    const auto start = Time::now();
    open_platform();
    std::cout << "opened again in " << ms_since(start) << " ms" << std::endl;
    state("with the directory");
  }

  std::shared_ptr<kernel::Store> store(std::size_t tenant) const { return state_->store(slug(tenant)); }

  Session desk(std::size_t tenant) {
    const Principal somebody{.issuer = std::string(issuer),
                             .subject = "desk",
                             .display_name = "Desk",
                             .roles = {Role::receptionist},
                             .facilities = {facility(tenant)}};
    return Session(users::host_session(state_, store(tenant), somebody));
  }

  FacilityId facility(std::size_t tenant) {
    const Session system(state_->system_session(store(tenant), "campaign"));
    const auto settings = must(system.call(settings::Get{}));
    if (settings.trusted_issuers.empty())
      must(system.call(settings::Update{.revision = settings.revision,
                                        .trusted_issuers = std::vector<std::string>{std::string(issuer)}}));
    return must(system.call(facilities::List{})).data.at(0).id;
  }

  /// Registers somebody in a tenant by chance, and finds all who were registered there, by name and one by one.
  void touch() {
    const double before = resident_mib();
    double full = 0;  // with as many open as may be
    std::vector<double> times;
    patients_.assign(size_, 0);
    for (std::uint64_t i = 0; i < touches_; ++i) {
      const std::size_t tenant = random_() % size_;
      const auto start = Time::now();
      const Session session = desk(tenant);
      const std::string family = "Family" + std::to_string(tenant);
      must(session.call(
          patients::Register{.names = {{.family = family, .given = {"Ada"}}}, .sex_admin = patients::Sex::female}));
      ++patients_[tenant];
      const auto found = must(session.call(patients::List{.name = family, .limit = page_limit_max})).data.size();
      if (found < patients_[tenant])
        find("of " + std::to_string(patients_[tenant]) + " patients " + std::to_string(found) + " are found");
      times.push_back(ms_since(start));
      if (i % 50 == 0) tick();
      if ((i + 1) % std::max<std::uint64_t>(1, touches_ / 5) == 0) {
        state(std::to_string(i + 1) + " touched");
        look(before);
        if (full > 0 && resident_mib() > full + mib_growth) find("memory grows with what was touched");
        if (full == 0 && open_tenants() >= std::min<std::uint64_t>(open_, size_)) full = resident_mib();
      }
    }
    std::sort(times.begin(), times.end());
    std::cout << "touched: median " << times[times.size() / 2] << " ms, p99 " << times[times.size() * 99 / 100]
              << " ms, with the opening where it was closed" << std::endl;
  }

  void tick() {
    for (const auto& trouble : kernel::run_background(*state_, state_->clock().now()))
      find("a tick: " + trouble.task + ' ' + std::string(trouble.error.code.name));
  }

  void check_some() {
    const Session root(state_->operator_session("campaign"));
    if (must(root.call(platforms::GetStatus{})).tenants < size_) find("tenants are missing");
    for (int i = 0; i < 20; ++i) {
      const std::size_t tenant = random_() % size_;
      const auto found = must(desk(tenant).call(patients::List{.limit = page_limit_max})).data.size();
      if (found < patients_[tenant]) find(slug(tenant) + " has lost patients");
      const Session system(state_->system_session(store(tenant), "campaign"));
      if (!must(system.call(audit::Verify{})).intact) find(slug(tenant) + ": audit.verify finds damage");
    }
  }

  const std::string engine_;
  const std::uint64_t size_;
  const std::uint64_t open_;
  const std::uint64_t touches_;
  const bool leak_;
  std::mt19937_64 random_;
  Ground ground_;
  std::shared_ptr<kernel::PlatformState> state_{};
  std::vector<std::size_t> patients_{};
  bool found_ = false;
};

}  // namespace
}  // namespace medflow::campaign

int main(int count, char** words) {
  return medflow::campaign::campaign_main<medflow::campaign::Campaign>("campaign_many_tenants", count, words);
}
