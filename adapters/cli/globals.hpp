// What every command takes: which data or server, which tenant and session, and the settings of R16 as flags.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "adapters/config/settings.hpp"

namespace CLI {
class App;
}

namespace medflow::cli {

struct Globals {
  std::map<std::string, std::string, std::less<>> environment{};
  std::map<std::string, std::string, std::less<>>
      flags{};  ///< settings given on the command line, by their names in the table
  std::string env_file{};
  std::string data_dir{};  ///< short for --database-url: a folder is SQLCipher's, and an engine's URL is itself
  std::string server{};
  std::string tenant{};
  std::string as{};
  bool json = false;
};

/// Adds the options that stand before or after any command.
void add_globals(CLI::App& app, Globals& globals);

/// The settings in force. Throws config::Refused, and Trouble for a password on the command line.
config::Settings load_settings(const Globals& globals,
                               const std::map<std::string, std::string, std::less<>>& defaults = {});

/// One line of standard error for each setting that is given and not used.
void print_warnings(const config::Settings& settings);

/// The engine's URL that a folder, or such a URL, means.
std::string engine_url(std::string_view folder);

}  // namespace medflow::cli
