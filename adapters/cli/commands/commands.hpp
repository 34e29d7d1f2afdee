// The program's own commands, one file each; the operations' are in operation_commands.hpp. Each function adds its command, which
// runs when the command line names it and throws Trouble, config::Refused or Failure where it cannot.
#pragma once

#include "adapters/cli/globals.hpp"

namespace CLI {
class App;
}

namespace medflow::cli {

void add_completion(CLI::App& app, Globals& globals);
void add_config(CLI::App& app, Globals& globals);
void add_demo(CLI::App& app, Globals& globals);
void add_generate(CLI::App& app, Globals& globals);
void add_import(CLI::App& app, Globals& globals);
void add_init(CLI::App& app, Globals& globals);
void add_login(CLI::App& app, Globals& globals);
void add_logout(CLI::App& app, Globals& globals);
void add_migrate(CLI::App& app, Globals& globals);
void add_recovery(CLI::App& app, Globals& globals);
void add_serve(CLI::App& app, Globals& globals);
void add_version(CLI::App& app, Globals& globals);

}  // namespace medflow::cli
