#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "adapters/cli/commands/commands.hpp"
#include "medflow/platform.hpp"
#include "medflow/time.hpp"

namespace medflow::cli {

void add_version(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand("version", "Print the versions of the program and of its time zones");
  command->callback([&globals] {
    const std::string own(medflow::version());
    const std::string zones = tz_version();
    if (globals.json) {
      std::printf("{\"version\":\"%s\",\"tz_version\":\"%s\"}\n", own.c_str(), zones.c_str());
    } else {
      std::printf("medflow %s\ntime zones %s\n", own.c_str(), zones.c_str());
    }
  });
}

}  // namespace medflow::cli
