#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "adapters/cli/client.hpp"
#include "adapters/cli/commands/commands.hpp"
#include "adapters/cli/demo_billing.hpp"
#include "adapters/cli/demo_hospital.hpp"
#include "adapters/cli/deployment.hpp"
#include "adapters/cli/files.hpp"
#include "adapters/cli/generator/population.hpp"
#include "adapters/cli/recovery.hpp"
#include "adapters/cli/serving.hpp"
#include "adapters/cli/trouble.hpp"
#include "adapters/json/codec.hpp"
#include "medflow/fields.hpp"

namespace medflow::cli {

/// What a demonstration prints, and what one that is kept keeps beside its data.
struct DemoOutput {
  std::string url{};
  std::string tenant{};
  std::string email{};
  std::string password{};
  std::int64_t pid = 0;
  std::vector<std::string> others{};  ///< the addresses of all other staff, who have the same password
};

struct DemoState {
  std::string password{};
  std::uint64_t patients = 0;  ///< that have been filled in
};

}  // namespace medflow::cli

namespace medflow::inline v1 {

template <>
struct Described<cli::DemoOutput> {
  using T = cli::DemoOutput;
  static constexpr std::string_view name = "DemoOutput";
  static constexpr Field fields[] = {field<&T::url>(1, "url"),     field<&T::tenant>(2, "tenant"),
                                     field<&T::email>(3, "email"), field<&T::password>(4, "password"),
                                     field<&T::pid>(5, "pid"),     field<&T::others>(6, "others")};
};

template <>
struct Described<cli::DemoState> {
  using T = cli::DemoState;
  static constexpr std::string_view name = "DemoState";
  static constexpr Field fields[] = {field<&T::password>(1, "password"), field<&T::patients>(2, "patients")};
};

}  // namespace medflow::inline v1

namespace medflow::cli {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::string data{};
  std::uint64_t patients = 1000;
  bool once = false;
};

/// Where a demonstration lies: a folder of its own that is removed at the end, or one that is kept.
class DemoFolder {
 public:
  explicit DemoFolder(const std::string& kept) : kept_(!kept.empty()), path_(kept) {
    if (kept_) {
      fs::create_directories(path_);
      return;
    }
    std::string name = (fs::temp_directory_path() / "medflow-demo-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw Trouble(exit_code::failure, name + ": cannot be made");
    path_ = name;
  }
  ~DemoFolder() {
    std::error_code error;
    if (!kept_) fs::remove_all(path_, error);
  }
  DemoFolder(const DemoFolder&) = delete;
  DemoFolder& operator=(const DemoFolder&) = delete;

  bool kept() const { return kept_; }
  std::string data() const { return (path_ / "data").string(); }
  std::string root_key() const { return kept_ ? (path_ / "root.key").string() : "memory:"; }
  std::string recovery() const { return (path_ / "recovery.key").string(); }
  std::string state() const { return (path_ / "demo.json").string(); }

 private:
  bool kept_;
  fs::path path_;
};

DemoState read_state(const DemoFolder& folder) {
  DemoState state;
  const auto text = folder.kept() ? read_file(folder.state(), 4096) : std::nullopt;
  Error error{.code = codes::malformed};
  if (text && !json::decode(*text, type_of<DemoState>, &state, error))
    throw Trouble(exit_code::failure, folder.state() + ": cannot be read; remove the folder for a new demonstration");
  if (state.password.empty()) state.password = new_password();
  return state;
}

void keep_state(const DemoFolder& folder, const DemoState& state) {
  if (!folder.kept()) return;
  std::string text;
  json::encode(type_of<DemoState>, &state, text);
  write_private_file(folder.state(), text + '\n');
}

/// The surname of the first patient whose letters every terminal can show.
std::string somebody() {
  const generator::Population population(1);
  for (std::uint64_t i = 0;; ++i) {
    std::string family = population.person(i).last;
    if (family.size() > 2 && std::ranges::all_of(family, [](char c) { return c > 0; })) return family;
  }
}

Client client_of(const DemoOutput& demo, const std::string& email, std::FILE* to) {
  auto connection = connect_to(demo.url, "v1");
  StoredSession session = sign_in(*connection, demo.tenant, email, Secret(demo.password));
  std::fprintf(to, "signed in as %s\n", email.c_str());
  return {std::move(connection), std::move(session), {}};
}

/// Searches a name and reads a patient.
void visit_the_desk(const DemoOutput& demo, std::FILE* to) {
  Client client = client_of(demo, demo.email, to);
  const std::string family = somebody();
  const auto page = client.call(patients::Search{.name = family, .limit = 20});
  std::fprintf(to, "searched a name: %zu found\n", page.data.size());
  if (page.data.empty()) throw Trouble(exit_code::failure, "the search found nobody");
  const auto patient = client.call(patients::Get{.id = page.data.front().id});
  std::fprintf(to, "read patient %s, record number %s\n", patient.id.text().c_str(), patient.mrn.c_str());
  client.call(auth::Logout{});
  std::fprintf(to, "signed out\n");
}

/// Lists what is owed, prints an invoice and adds up the ledger.
void visit_the_clerk(const DemoOutput& demo, std::FILE* to) {
  Client client = client_of(demo, billing_clerk_of(demo.tenant), to);
  const auto all = client.call(invoices::List{.status = invoices::InvoiceStatus::issued, .limit = page_limit_max}).data;
  const auto overdue = std::ranges::count_if(all, [](const invoices::Invoice& one) { return one.overdue; });
  std::fprintf(to, "listed invoices: %zu issued, %td of them overdue\n", all.size(), overdue);
  if (all.empty()) throw Trouble(exit_code::failure, "there are no invoices");
  const invoices::Invoice& last = all.front();
  const OperationRow& row = operations()[Operations::index_of<invoices::Print>()];
  std::size_t bytes = 0;
  client.call(row, Value::of(*row.request, invoices::Print{.id = last.id}),
              [&](std::span<const std::byte> piece) { bytes += piece.size(); });
  std::fprintf(to, "printed invoice %s: %zu bytes\n", last.number.value_or("").c_str(), bytes);
  const auto balances = client.call(ledger::TrialBalance{});
  if (bytes == 0 || !balances.balanced) throw Trouble(exit_code::failure, "the ledger is not balanced");
  std::fprintf(to, "added up the ledger: %zu accounts, balanced\n", balances.accounts.size());
  client.call(auth::Logout{});
  std::fprintf(to, "signed out\n");
}

/// Over the server's own HTTP: proof that it works from end to end.
void round_trip(const DemoOutput& demo, std::FILE* to) {
  visit_the_desk(demo, to);
  visit_the_clerk(demo, to);
}

void print(const DemoOutput& demo, bool as_json) {
  if (as_json) {
    std::string text;
    json::encode(type_of<DemoOutput>, &demo, text);
    std::fputs((text + '\n').c_str(), stdout);
  } else {
    std::printf("address   %s\ntenant    %s\nemail     %s\npassword  %s\n", demo.url.c_str(), demo.tenant.c_str(),
                demo.email.c_str(), demo.password.c_str());
    std::printf("With the same password:");
    for (const std::string& address : demo.others) std::printf(" %s", address.c_str());
    std::printf("\n");
  }
  std::fflush(stdout);
}

config::Settings demo_settings(Globals globals, const DemoFolder& folder) {
  globals.data_dir = folder.data();
  globals.environment.erase("DATABASE_URL");  // a demonstration goes nowhere near anybody's own data
  globals.flags.erase("database_url");
  globals.flags["root_key_file"] = folder.root_key();
  // Unless somebody says otherwise this is no production; where they do, the demonstration is refused.
  config::Settings settings = load_settings(globals, {{"node_env", "development"}, {"messages", "console"}});
  if (settings.production()) throw config::Refused({"NODE_ENV: production refuses the demo"});
  return settings;
}

void demo(const Globals& globals, const Arguments& arguments) {
  const auto start = std::chrono::steady_clock::now();
  const DemoFolder folder(arguments.data);
  const config::Settings settings = demo_settings(globals, folder);
  const SignalWait signals;
  const std::string tenant_slug = globals.tenant.empty() ? "demo" : globals.tenant;
  DemoState state = read_state(folder);
  keep_state(folder, state);  // before any user has it: a run that is broken off can be followed by another
  ensure_root_key(settings);
  Platform platform = open_deployment(settings, true);
  // Beside the data, where nobody would keep a real one.
  ensure_recovery(platform, settings, {.file = folder.recovery(), .confirmed = true});
  const tenants::Tenant tenant = ensure_tenant(
      platform, {.slug = tenant_slug, .name = "Demo Hospital", .zone = "UTC", .currency = "USD", .locale = "en"});
  const Session admin = staff_the_hospital(platform, tenant, state.password);
  if (state.patients < arguments.patients) {
    fill(admin, arguments.patients);
    state.patients = arguments.patients;
    keep_state(folder, state);
  }
  const auto in_as = [&](const std::string& email) {
    return sign_in_here(platform, tenant.slug, email, state.password);
  };
  const Session desk = in_as(receptionist_of(tenant.slug));
  open_the_calendar(admin, desk, tenant, price_list(admin));
  fill_the_books(admin, in_as(billing_clerk_of(tenant.slug)), living_patients(desk),
                 date_in(tenant.default_zone, system_clock()->now()));

  Log log(true);
  const Serving serving(platform, settings, 1, log);
  const DemoOutput output{.url = serving.url(),
                          .tenant = tenant.slug,
                          .email = receptionist_of(tenant.slug),
                          .password = state.password,
                          .pid = ::getpid(),
                          .others = other_staff_of(tenant.slug)};
  print(output, globals.json);
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
  std::fprintf(stderr, "ready after %lld ms with %llu synthetic patients\n", static_cast<long long>(ms),
               static_cast<unsigned long long>(arguments.patients));
  if (arguments.once) return round_trip(output, globals.json ? stderr : stdout);
  signals.wait();
}

}  // namespace

void add_demo(CLI::App& app, Globals& globals) {
  CLI::App* command =
      app.add_subcommand("demo", "Serve a hospital with synthetic patients; prints its address and a login");
  auto arguments = std::make_shared<Arguments>();
  command
      ->add_option("--data", arguments->data,
                   "keep the demonstration here (data/, root.key, recovery.key, demo.json); else it is gone at the end")
      ->type_name("DIR");
  command->add_option("--patients", arguments->patients, "how many synthetic patients")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1'000'000}))
      ->capture_default_str();
  command->add_flag("--once", arguments->once, "sign in, search and read once over HTTP, then exit");
  command->callback([&globals, arguments] { demo(globals, *arguments); });
}

}  // namespace medflow::cli
