// Moves a tenant between two engines with the built program, which is killed at moments spread over the move. After each kill the
// next start must find the tenant whole, in one place, with nothing left in the other; then the move is made to its end.
//
//   campaign_move_kill [--size PATIENTS] [--kills N] [--seed N] [--to sqlcipher|postgresql]
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "kernel/platform_state.hpp"
#include "medflow/medflow.hpp"
#include "medflow/testing/hospital.hpp"
#include "storage/stream.hpp"
#include "tests/adapters/cli/process.hpp"
#include "tests/campaigns/process.hpp"
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
#include "tests/support/postgres_server.hpp"
#endif

namespace medflow::campaign {
namespace {

using tests::Home;
using tests::Ran;
using Words = std::vector<std::string>;
using Time = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr const char* password = "seven quiet herons wade at dawn";
constexpr const char* slug = "northfield";
constexpr std::string_view issuer = "https://campaign.example";

using testing::must;

constexpr std::size_t sought_max = 1'000;  ///< by their identifiers, after each kill; all are listed

/// Where the hospital can be moved to: "vault", which is SQLCipher or PostgreSQL.
class Vault {
 public:
  Vault(const Home& home, const std::string& engine) : folder_(home / "vault") {
    if (engine == "sqlcipher") return;
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
    if (engine == "postgresql") {
      server_.emplace(testing::Disk::synced);
      database_.emplace(*server_);
      return;
    }
#endif
    throw std::runtime_error("no such engine: " + engine);
  }

  void add_to(tests::Environment& environment) const {
    environment["MEDFLOW_PLACEMENTS"] = "vault=sqlcipher:" + folder_;
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
    if (!database_) return;
    environment["MEDFLOW_PLACEMENTS"] = "vault=" + database_->app();
    environment["MEDFLOW_PLACEMENTS_DIRECT"] = "vault=" + database_->migrator();
#endif
  }
  std::shared_ptr<storage::Engine> engine() const {
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
    if (database_) return storage::postgres_engine(database_->app(), database_->migrator());
#endif
    return storage::sqlcipher_engine(folder_);
  }
  /// Whether it holds anything of the tenant, half-made or not.
  bool holds(const std::string& tenant) const {
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
    if (database_) {
      const auto stores = engine()->list();
      return std::any_of(stores.begin(), stores.end(), [&](const auto& store) { return store.tenant == tenant; });
    }
#endif
    return std::filesystem::exists(folder_ + "/" + tenant);
  }

 private:
  std::string folder_;
#ifdef MEDFLOW_TEST_ON_POSTGRESQL
  std::optional<testing::PostgresServer> server_{};
  std::optional<testing::PostgresDatabase> database_{};
#endif
};

/// A hospital that lies in "default" (SQLite) or "vault".
class Hospital {
 public:
  Hospital(std::uint64_t size, const std::string& engine) : vault_(home_, engine) {
    create_root_key_file(key_, *system_rng());
    const Platform platform = open(true);
    const Session root = platform.local_operator("campaign");
    id_ = must(root.call(tenants::Provision{.slug = slug,
                                            .name = "Northfield",
                                            .default_zone = {"Europe/London"},
                                            .currency = *Currency::parse("GBP")}))
              .id;
    const auto invitation =
        must(root.call(users::InviteFirstAdmin{.id = id_, .email = "head@north.example", .display_name = "Head"}));
    must(platform.visit(slug).call(
        auth::Register{.invitation = Secret(invitation.token), .password = Secret(std::string(password))}));
    const Session head = signed_in(platform);
    const auto settings = must(head.call(settings::Get{}));
    must(head.call(settings::Update{.revision = settings.revision,
                                    .trusted_issuers = std::vector<std::string>{std::string(issuer)}}));
    const auto facilities = must(head.call(facilities::List{})).data;
    const Session desk = of_host(platform, Role::receptionist, facilities.at(0).id);
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::string number = std::to_string(100'000 + i);
      const auto made = must(desk.call(
          patients::Register{.names = {{.family = "Family" + std::to_string(i % 50), .given = {"Given" + number}}},
                             .sex_admin = patients::Sex::unknown,
                             .identifiers = {{.system = "urn:example:number", .value = number}}}));
      wanted_[number] = made.id;
    }
    facility_ = facilities.at(0).id;
    must(head.call(auth::Logout{}));
  }

  Words move_to(const std::string& placement) const {
    return {"tenants", "move", "--id", id_.text(), "--placement", placement, "--json"};
  }
  tests::Environment environment() const {
    tests::Environment environment{{"DATABASE_URL", "sqlite:" + (home_ / "data")},
                                   {"MEDFLOW_ROOT_KEY_FILE", key_},
                                   {"MEDFLOW_CHECKPOINT_DIR", "none"}};
    vault_.add_to(environment);
    return environment;
  }

  /// How long the program takes.
  microseconds moves(const std::string& placement) const {
    const auto start = Time::now();
    const Ran ran = tests::Process(home_, move_to(placement), environment()).wait();
    if (ran.exit != 0) throw std::runtime_error("the move ended with " + std::to_string(ran.exit) + ": " + ran.err);
    return std::chrono::duration_cast<microseconds>(Time::now() - start);
  }

  /// False where the program had come to its end.
  bool killed_after(const std::string& placement, microseconds moment) const {
    const auto end = Time::now() + moment;
    tests::Process process(home_, move_to(placement), environment());
    siginfo_t info{};
    while (info.si_pid == 0 && Time::now() < end) {
      std::this_thread::sleep_for(microseconds(200));
      ::waitid(P_PID, static_cast<id_t>(process.pid()), &info, WEXITED | WNOHANG | WNOWAIT);
    }
    ::kill(process.pid(), SIGKILL);
    const Ran ran = process.wait();
    if (ran.exit > 0) throw std::runtime_error("the move ended with " + std::to_string(ran.exit) + ": " + ran.err);
    return ran.exit < 0;
  }

  /// Where something of the tenant lies, as the folders and the server show it.
  std::set<std::string> places() const {
    std::set<std::string> found;
    if (std::filesystem::exists(home_ / ("data/" + id_.text()))) found.insert("default");
    if (vault_.holds(id_.text())) found.insert("vault");
    return found;
  }

  /// Starts, and says where the tenant is; adds what is wrong.
  std::string checked(std::vector<std::string>& wrong) const {
    const Platform platform = open(false);
    const auto row = must(platform.local_operator("campaign").call(tenants::Get{.id = id_}));
    if (!row.leftover.empty()) wrong.emplace_back("the directory names a leftover in " + row.leftover);
    if (places() != std::set<std::string>{row.placement})
      wrong.emplace_back("files lie elsewhere than in " + row.placement);
    const Session desk = of_host(platform, Role::receptionist, facility_);
    std::set<PatientId> seen;
    for (patients::List page{.limit = page_limit_max};;) {
      const auto got = must(desk.call(page));
      for (const auto& patient : got.data) seen.insert(patient.id);
      if (!got.page.next) break;
      page.cursor = *got.page.next;
    }
    if (seen.size() != wanted_.size()) wrong.emplace_back("there are " + std::to_string(seen.size()) + " patients");
    const std::size_t step = 1 + wanted_.size() / sought_max;
    std::size_t n = 0;
    for (const auto& [number, id] : wanted_) {
      if (n++ % step != 0) continue;
      const auto found = must(desk.call(patients::List{.identifier = number}));
      if (found.data.size() != 1 || found.data[0].id != id) wrong.emplace_back("patient " + number + " is not found");
    }
    if (must(desk.call(patients::List{.name = "family7 given", .limit = page_limit_max})).data.empty() &&
        wanted_.size() > 7)
      wrong.emplace_back("nobody is found by name");
    const auto verified = must(of_host(platform, Role::auditor, facility_).call(audit::Verify{}));
    if (!verified.intact) wrong.emplace_back("audit.verify finds damage");
    return row.placement;
  }

  /// What is stored of patients and of their keys, table by table.
  std::vector<storage::TableSum> sums() const {
    const auto state = std::make_shared<kernel::PlatformState>(options(false));
    state->open();
    const auto store = state->store(id_);
    std::vector<storage::TableSum> sums;
    for (const storage::Part part : {storage::Part::data, storage::Part::keys}) {
      storage::Database& database = part == storage::Part::data ? store->data() : store->keys().database();
      storage::RowsOut out(database, store->schema(part));
      out.round([&](const storage::Table& table) {
        return part == storage::Part::keys || table.name.find("patient") != std::string_view::npos;
      });
      for (auto& sum : out.sums())
        if (sum.rows > 0) sums.push_back(std::move(sum));
    }
    state->close();
    return sums;
  }

 private:
  PlatformOptions options(bool create) const {
    return {.engine = storage::sqlite_engine(home_ / "data"),
            .placements = {{"vault", vault_.engine()}},
            .root_key = file_root_key(key_),
            .create = create,
            .password_memory_kib = 19 * 1024,
            .password_passes = 2};
  }
  Platform open(bool create) const { return must(Platform::open(options(create))); }
  static Session signed_in(const Platform& platform) {
    const auto tokens = must(platform.visit(slug).call(
        auth::Login{.email = "head@north.example", .password = Secret(std::string(password))}));
    return must(platform.authenticate(tokens.access_token));
  }
  static Session of_host(const Platform& platform, Role role, FacilityId facility) {
    return must(platform.session(slug, {.issuer = std::string(issuer),
                                        .subject = "somebody" + std::to_string(static_cast<int>(role)),
                                        .display_name = "Somebody",
                                        .roles = {role},
                                        .facilities = {facility}}));
  }

  Home home_{};
  Vault vault_;
  const std::string key_ = home_ / "root.key";
  TenantId id_{};
  FacilityId facility_{};
  std::map<std::string, PatientId> wanted_{};
};

class Campaign {
 public:
  explicit Campaign(const Arguments& arguments)
      : size_(arguments.number("size", 1'000)),
        kills_(arguments.number("kills", 10)),
        random_(arguments.number("seed", 1)),
        hospital_(size_, arguments.text("to", "sqlcipher")) {}

  bool run() {
    const auto sums = hospital_.sums();
    for (const auto& sum : sums) std::cout << sum.table << ": " << sum.rows << " rows" << std::endl;
    const auto took = hospital_.moves("vault");
    check("vault", "vault");
    const auto back = hospital_.moves("default");
    check("default", "default");
    if (hospital_.sums() != sums) fail("there and back, and something has changed");
    std::cout << "without a kill: there in " << took.count() / 1'000 << " ms, back in " << back.count() / 1'000 << " ms"
              << std::endl;
    for (std::uint64_t i = 0; i < kills_ && well_; ++i) kill_and_go_on(i, at_ == "default" ? took : back);
    if (hospital_.sums() != sums) fail("what is stored of patients and keys has changed");
    std::cout << size_ << " patients, " << kills_ << " kills, " << completed_
              << " of them after the switch: " << (well_ ? "nothing lost, nothing left behind" : "FAILED") << std::endl;
    return well_;
  }

 private:
  /// The n-th kill comes somewhere in the n-th part of a move.
  void kill_and_go_on(std::uint64_t n, microseconds took) {
    const std::string from = at_, to = from == "vault" ? "default" : "vault";
    const auto part = static_cast<std::uint64_t>(took.count()) / kills_ + 1;
    microseconds moment(n * part + random_() % part);
    bool killed = hospital_.killed_after(to, moment);
    const auto left = hospital_.places();
    check(from, to);
    std::cout << "kill " << n + 1 << " after " << moment.count() / 1'000 << " ms" << (killed ? "" : " (too late)")
              << ": files in " << left.size() << " places, then the tenant in " << at_ << std::endl;
    if (killed && at_ == to) ++completed_;
    hospital_.moves(to);
    check(to, to);
  }

  void fail(const std::string& what) {
    well_ = false;
    std::cout << "problem: " << what << std::endl;
  }

  void check(const std::string& one, const std::string& other) {
    std::vector<std::string> wrong;
    at_ = hospital_.checked(wrong);
    if (at_ != one && at_ != other) wrong.push_back("the tenant is in " + at_);
    for (const std::string& what : wrong) fail(what);
  }

  const std::uint64_t size_;
  const std::uint64_t kills_;
  std::mt19937_64 random_;
  Hospital hospital_;
  std::string at_ = "default";
  std::uint64_t completed_ = 0;
  bool well_ = true;
};

}  // namespace
}  // namespace medflow::campaign

int main(int count, char** words) {
  return medflow::campaign::campaign_main<medflow::campaign::Campaign>("campaign_move_kill", count, words);
}
