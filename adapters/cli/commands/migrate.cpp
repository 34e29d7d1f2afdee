// Brings tenants' tables to the version of this build, many at once (TEN-5). What is broken off at any moment is gone on with by the
// same command: each migration is a whole, and who is done is passed over.
#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include "adapters/cli/commands/commands.hpp"
#include "adapters/cli/deployment.hpp"
#include "adapters/json/codec.hpp"
#include "medflow/fields.hpp"

namespace medflow::cli {

struct MigratedTenant {
  std::string tenant{};
  std::string outcome{};  ///< "migrated", "current", "behind" (only looked at) or "failed"
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::string code{};  ///< of a failure
  std::string detail{};
};

struct MigrateOutput {
  std::uint32_t schema_version = 0;
  std::vector<MigratedTenant> tenants{};
};

}  // namespace medflow::cli

namespace medflow::inline v1 {

template <>
struct Described<cli::MigratedTenant> {
  using T = cli::MigratedTenant;
  static constexpr std::string_view name = "MigratedTenant";
  static constexpr Field fields[] = {field<&T::tenant>(1, "tenant"), field<&T::outcome>(2, "outcome"),
                                     field<&T::from>(3, "from"),     field<&T::to>(4, "to"),
                                     field<&T::code>(5, "code"),     field<&T::detail>(6, "detail")};
};

template <>
struct Described<cli::MigrateOutput> {
  using T = cli::MigrateOutput;
  static constexpr std::string_view name = "MigrateOutput";
  static constexpr Field fields[] = {field<&T::schema_version>(1, "schema_version"), field<&T::tenants>(2, "tenants")};
};

}  // namespace medflow::inline v1

namespace medflow::cli {
namespace {

struct Arguments {
  bool all = false;
  bool dry_run = false;
  unsigned jobs = 1;
};

std::vector<tenants::Tenant> chosen(const Session& root, const std::string& slug) {
  std::vector<tenants::Tenant> chosen;
  tenants::List page{.limit = page_limit_max};
  if (!slug.empty()) page.slug = slug;
  for (;;) {
    auto got = must(root.call(page));
    for (auto& tenant : got.data)
      if (tenant.status == TenantStatus::active || tenant.status == TenantStatus::suspended)
        chosen.push_back(std::move(tenant));
    if (!got.page.next) break;
    page.cursor = *got.page.next;
  }
  if (chosen.empty() && !slug.empty()) throw Trouble(exit_code::not_found, slug + ": there is no such tenant");
  return chosen;
}

/// Of one that is named the store itself is looked at, whatever the directory says.
MigratedTenant migrate_one(const Session& root, const tenants::Tenant& tenant, std::uint32_t version,
                           const Arguments& arguments) {
  MigratedTenant done{
      .tenant = tenant.slug, .outcome = "current", .from = tenant.schema_version, .to = tenant.schema_version};
  if (arguments.all && tenant.schema_version == version) return done;
  if (arguments.dry_run) {
    if (tenant.schema_version < version) done.outcome = "behind";
    return done;
  }
  const auto migrated = root.call(tenants::Migrate{.id = tenant.id});
  if (!migrated.ok()) {
    done.outcome = "failed";
    done.code = migrated.error().code.name;
    done.detail = migrated.error().detail;
    return done;
  }
  done.to = migrated->schema_version;
  if (done.from != done.to) done.outcome = "migrated";
  return done;
}

std::string line_of(const MigratedTenant& one) {
  std::string line = one.tenant + ": " + one.outcome;
  if (one.outcome == "migrated") line += " from " + std::to_string(one.from) + " to " + std::to_string(one.to);
  if (one.outcome != "migrated" && one.outcome != "failed") line += " at " + std::to_string(one.from);
  if (!one.code.empty()) line += " (" + one.code + (one.detail.empty() ? "" : ", " + one.detail) + ")";
  return line + '\n';
}

void migrate(const Globals& globals, const Arguments& arguments) {
  if (arguments.all == !globals.tenant.empty()) throw usage("say --all, or name one tenant with --tenant");
  const config::Settings settings = load_settings(globals);
  print_warnings(settings);
  const Platform platform = open_to_migrate(settings, !arguments.dry_run);
  const Session root = platform.local_operator("medflow-cli");
  const std::vector<tenants::Tenant> all = chosen(root, globals.tenant);
  MigrateOutput out{.schema_version = must(root.call(platforms::GetStatus{})).schema_version};
  out.tenants.resize(all.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < all.size(); i = next++) {
      out.tenants[i] = migrate_one(root, all[i], out.schema_version, arguments);
      if (!globals.json) std::fputs(line_of(out.tenants[i]).c_str(), stdout);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < arguments.jobs; ++i) threads.emplace_back(work);
  work();
  for (auto& thread : threads) thread.join();
  if (globals.json) {
    std::string text;
    json::encode(type_of<MigrateOutput>, &out, text);
    std::fputs((text + '\n').c_str(), stdout);
  }
  std::size_t failed = 0;
  for (const auto& one : out.tenants) failed += one.outcome == "failed" ? 1 : 0;
  if (failed > 0)
    throw Trouble(exit_code::failure, std::to_string(failed) + " of " + std::to_string(all.size()) +
                                          " tenants could not be migrated; the same command goes on with them");
}

}  // namespace

void add_migrate(CLI::App& app, Globals& globals) {
  CLI::App* command =
      app.add_subcommand("migrate", "Bring the tables of all tenants, or of one, to the version of this program");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--data", globals.data_dir, "the same as --data-dir")->type_name("DIR");
  command->add_flag("--all", arguments->all, "all tenants; who is done is passed over");
  command->add_flag("--dry-run", arguments->dry_run, "say who is behind, and change nothing");
  command->add_option("-j,--jobs", arguments->jobs, "so many tenants at once")
      ->check(CLI::Range(1U, 64U))
      ->capture_default_str();
  command->callback([&globals, arguments] { migrate(globals, *arguments); });
}

}  // namespace medflow::cli
