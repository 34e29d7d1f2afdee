#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "adapters/cli/client.hpp"
#include "adapters/cli/commands/commands.hpp"
#include "adapters/cli/connection.hpp"
#include "adapters/cli/files.hpp"
#include "adapters/cli/trouble.hpp"

namespace medflow::cli {
namespace {

struct Arguments {
  std::string email{};
  std::string password_file{};
};

void login(const Globals& globals, const Arguments& arguments) {
  if (globals.tenant.empty()) throw usage("name the tenant with --tenant");
  if (!globals.server.empty() && !globals.data_dir.empty()) throw usage("--server and --data exclude each other");
  SessionFile file(config::config_folder(globals.environment));  // first: there must be somewhere to keep it
  const config::Settings settings = load_settings(globals);
  auto connection =
      globals.server.empty() ? connect_here(settings) : connect_to(globals.server, settings.text("api_version"));
  Secret password = arguments.password_file.empty() ? ask_secret("Password of " + arguments.email, "--password-file")
                                                    : secret_from_file(arguments.password_file);
  StoredSession session = sign_in(*connection, globals.tenant, arguments.email, std::move(password));
  if (globals.server.empty()) session.root_key_file = settings.text("root_key_file");
  file.keep(session);
  std::fprintf(stderr, "Signed in to %s at %s as %s.\n", session.tenant.c_str(), session.place.c_str(),
               session.email.c_str());
}

}  // namespace

void add_login(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand("login", "Sign in and keep the session for the commands that follow");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--data", globals.data_dir, "the same as --data-dir")->type_name("DIR");
  command->add_option("--email", arguments->email, "whose account")->required();
  command
      ->add_option("--password-file", arguments->password_file,
                   "a file whose first line is the password, - for standard input")
      ->type_name("FILE");
  command->callback([&globals, arguments] { login(globals, *arguments); });
}

}  // namespace medflow::cli
