#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "adapters/cli/client.hpp"
#include "adapters/cli/commands/commands.hpp"
#include "adapters/cli/trouble.hpp"

namespace medflow::cli {
namespace {

void logout(const Globals& globals) {
  Client client = Client::open(globals);
  if (!client.session()) throw Trouble(describe(Errc::unauthenticated).exit_code, "no such session is stored");
  const StoredSession session = *client.session();
  bool ended = true;
  try {
    client.call(auth::Logout{});
  } catch (const Trouble& trouble) {
    if (trouble.exit() != describe(Errc::unauthenticated).exit_code) throw;
    ended = false;  // it was over already; what is stored of it is of no use
  }
  SessionFile(config::config_folder(globals.environment))
      .forget({.place = session.place, .tenant = session.tenant, .email = session.email});
  std::fprintf(stderr, "%s %s at %s.\n", ended ? "Signed out" : "Forgot the session of", session.email.c_str(),
               session.tenant.c_str());
}

}  // namespace

void add_logout(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand("logout", "End the stored session, here and where it was signed in");
  command->add_option("--data", globals.data_dir, "the same as --data-dir")->type_name("DIR");
  command->callback([&globals] { logout(globals); });
}

}  // namespace medflow::cli
