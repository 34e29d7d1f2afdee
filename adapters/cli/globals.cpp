#include "adapters/cli/globals.hpp"

#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "adapters/cli/trouble.hpp"

namespace medflow::cli {

void add_globals(CLI::App& app, Globals& globals) {
  const std::string place = "Where";
  app.add_option("--data-dir", globals.data_dir, "data on this machine: a folder (SQLCipher), or sqlite:DIR")
      ->group(place);
  app.add_option("--server", globals.server, "a running server, such as http://127.0.0.1:3001")
      ->group(place)
      ->excludes("--data-dir");
  app.add_option("--tenant", globals.tenant, "the tenant's slug")->group(place);
  app.add_option("--as", globals.as, "use the stored session of this address")->group(place);
  app.add_option("--env-file", globals.env_file, "read settings from this file too")->group(place);
  app.add_flag("--json", globals.json, "print JSON as the API has it")->group("Output");
  for (const config::Row& row : config::table()) {
    if (row.secret || row.fate == config::Fate::unused) continue;
    std::string flag = "--" + std::string(row.name);
    std::ranges::replace(flag, '_', '-');
    const std::string name(row.name);
    app.add_option_function<std::string>(
           flag, [&globals, name](const std::string& value) { globals.flags[name] = value; },
           std::string(row.meaning) + " [" + std::string(row.environment) + "]")
        ->group("Settings");
  }
}

std::string engine_url(std::string_view folder) {
  for (const std::string_view scheme : {"memory:", "sqlite:", "sqlcipher:", "postgresql:", "postgres:"})
    if (folder.starts_with(scheme)) return std::string(folder);
  return "sqlcipher:" + std::string(folder);
}

config::Settings load_settings(const Globals& globals,
                               const std::map<std::string, std::string, std::less<>>& defaults) {
  config::Sources sources{.command_line = globals.flags,
                          .environment = globals.environment,
                          .env_file = globals.env_file,
                          .defaults = defaults};
  if (!globals.data_dir.empty()) {
    if (sources.command_line.contains("database_url"))
      throw usage("--data-dir and --database-url say the same: give one");
    sources.command_line["database_url"] = engine_url(globals.data_dir);
  }
  for (const auto& [name, value] : sources.command_line)
    if (config::masked(*config::find(name), value) != value)
      throw usage("a password on the command line can be seen by others: use the environment or --env-file");
  return config::Settings::load(sources);
}

void print_warnings(const config::Settings& settings) {
  for (const std::string& line : settings.warnings()) std::fprintf(stderr, "medflow: warning: %s\n", line.c_str());
}

}  // namespace medflow::cli
