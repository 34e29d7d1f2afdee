#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "adapters/cli/commands/commands.hpp"
#include "adapters/cli/connection.hpp"
#include "adapters/cli/deployment.hpp"
#include "adapters/cli/recovery.hpp"
#include "adapters/json/codec.hpp"
#include "medflow/fields.hpp"

namespace medflow::cli {

struct InitOutput {
  std::string place{};
  std::string root_key_file{};
  bool root_key_made = false;
  std::string tenant{};
  std::string email{};
  std::optional<std::string> invitation{};
  std::optional<Instant> expires_at{};
  std::string recovery_file{};
  std::string recovery_fingerprint{};
  bool recovery_in_force = false;
};

}  // namespace medflow::cli

namespace medflow::inline v1 {

template <>
struct Described<cli::InitOutput> {
  using T = cli::InitOutput;
  static constexpr std::string_view name = "InitOutput";
  static constexpr Field fields[] = {field<&T::place>(1, "place"),
                                     field<&T::root_key_file>(2, "root_key_file"),
                                     field<&T::root_key_made>(3, "root_key_made"),
                                     field<&T::tenant>(4, "tenant"),
                                     field<&T::email>(5, "email"),
                                     field<&T::invitation>(6, "invitation"),
                                     field<&T::expires_at>(7, "expires_at"),
                                     field<&T::recovery_file>(8, "recovery_file"),
                                     field<&T::recovery_fingerprint>(9, "recovery_fingerprint"),
                                     field<&T::recovery_in_force>(10, "recovery_in_force")};
};

}  // namespace medflow::inline v1

namespace medflow::cli {
namespace {

struct Arguments {
  Hospital hospital{.zone = "UTC", .currency = "USD", .locale = "en"};
  std::string email{};
  std::string display_name{};
  RecoveryWish recovery{};
};

void print_lines(const InitOutput& made, const RecoveryDone& recovery) {
  std::printf("data      %s\nroot key  %s (%s)\ntenant    %s\n", made.place.c_str(), made.root_key_file.c_str(),
              made.root_key_made ? "new: keep a copy of it elsewhere; without it the data is lost" : "as it was",
              made.tenant.c_str());
  print_lines(recovery);
  if (!made.invitation) {
    std::printf("The tenant has its administrator already.\n");
    return;
  }
  std::printf("\n%s completes the account by %s with this one-time token, which is shown once:\n\n  %s\n\n",
              made.email.c_str(), made.expires_at->text().c_str(), made.invitation->c_str());
  std::printf(
      "  medflow auth register --data-dir %s --tenant %s --invitation-file FILE --password-file FILE --display-name "
      "NAME\n",
      made.place.c_str(), made.tenant.c_str());
}

void init(const Globals& globals, const Arguments& arguments) {
  Hospital hospital = arguments.hospital;
  hospital.slug = globals.tenant;
  if (hospital.slug.empty()) throw usage("name the first tenant with --tenant");
  const config::Settings settings = load_settings(globals);
  print_warnings(settings);
  const bool made_key = ensure_root_key(settings);
  const Platform platform = open_deployment(settings, true);
  const tenants::Tenant tenant = ensure_tenant(platform, hospital);
  const RecoveryDone recovery = ensure_recovery(platform, settings, arguments.recovery);
  const auto invitation = invite_administrator(platform, tenant, arguments.email, arguments.display_name);

  InitOutput made{.place = local_place(settings),
                  .root_key_file = settings.text("root_key_file"),
                  .root_key_made = made_key,
                  .tenant = tenant.slug,
                  .email = arguments.email,
                  .recovery_file = recovery.file,
                  .recovery_fingerprint = recovery.fingerprint,
                  .recovery_in_force = recovery.in_force};
  if (invitation) {
    made.invitation = invitation->token;
    made.expires_at = invitation->expires_at;
  }
  if (!globals.json) return print_lines(made, recovery);
  std::string text;
  json::encode(type_of<InitOutput>, &made, text);
  std::fputs((text + '\n').c_str(), stdout);
}

}  // namespace

void add_init(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand(
      "init", "Make the root key, the data, the recovery file and the first tenant; what is there already is kept");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--data", globals.data_dir, "the same as --data-dir")->type_name("DIR");
  command->add_option("--email", arguments->email, "the administrator's address")->required();
  command->add_option("--display-name", arguments->display_name,
                      "the administrator's name; the address where not said");
  command->add_option("--name", arguments->hospital.name, "the tenant's name; its slug where not said");
  command->add_option("--facility", arguments->hospital.facility,
                      "the first facility's name; the tenant's where not said");
  command->add_option("--zone", arguments->hospital.zone, "the tenant's time zone")->capture_default_str();
  command->add_option("--currency", arguments->hospital.currency, "the tenant's currency")->capture_default_str();
  command->add_option("--locale", arguments->hospital.locale, "the tenant's language (BCP 47)")->capture_default_str();
  command
      ->add_option("--recovery-file", arguments->recovery.file,
                   "the recovery file, to which copies of keys will be sealed; made where it is not there yet")
      ->type_name("FILE");
  command->add_flag("--confirm-recovery", arguments->recovery.confirmed,
                    "the recovery file will be kept offline: do not ask for its fingerprint");
  command->callback([&globals, arguments] { init(globals, *arguments); });
}

}  // namespace medflow::cli
