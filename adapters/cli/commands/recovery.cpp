#include "adapters/cli/recovery.hpp"

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "adapters/cli/commands/commands.hpp"
#include "adapters/cli/deployment.hpp"
#include "adapters/json/codec.hpp"
#include "medflow/fields.hpp"

namespace medflow::inline v1 {

template <>
struct Described<cli::RecoveryDone> {
  using T = cli::RecoveryDone;
  static constexpr std::string_view name = "RecoveryOutput";
  static constexpr Field fields[] = {field<&T::file>(1, "file"), field<&T::made>(2, "made"),
                                     field<&T::fingerprint>(3, "fingerprint"), field<&T::in_force>(4, "in_force")};
};

}  // namespace medflow::inline v1

namespace medflow::cli {
namespace {

void recovery(const Globals& globals, const RecoveryWish& wish) {
  const config::Settings settings = load_settings(globals);
  print_warnings(settings);
  const Platform platform = open_deployment(settings, false);
  const RecoveryDone done = ensure_recovery(platform, settings, wish);
  if (!globals.json) return print_lines(done);
  std::string text;
  json::encode(type_of<RecoveryDone>, &done, text);
  std::fputs((text + '\n').c_str(), stdout);
}

}  // namespace

void add_recovery(CLI::App& app, Globals& globals) {
  CLI::App* command =
      app.add_subcommand("recovery", "Make a recovery file and name it to the platform, or show which one is in force");
  auto wish = std::make_shared<RecoveryWish>();
  command->add_option("--data", globals.data_dir, "the same as --data-dir")->type_name("DIR");
  command->add_option("--file", wish->file, "the recovery file; made where it is not there yet")->type_name("FILE");
  command->add_flag("--confirm-recovery", wish->confirmed,
                    "the fingerprint was compared and the file will be kept offline: do not ask");
  command->add_flag("--replace", wish->replace, "put it in the place of the recipient that is in force");
  command->callback([&globals, wish] { recovery(globals, *wish); });
}

}  // namespace medflow::cli
