// The settings in force: each with its value and where it came from. Precedence: command line, environment, env file, default.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/config/table.hpp"
#include "adapters/config/values.hpp"

namespace medflow::config {

enum class Origin : std::uint8_t { standard, env_file, environment, command_line };

/// "default", "env file", "environment", "command line".
std::string_view origin_name(Origin origin);

/// Where values come from. The command line's keys are names of the table, the environment's are the process's own.
struct Sources {
  std::map<std::string, std::string, std::less<>> command_line{};
  std::map<std::string, std::string, std::less<>> environment{};
  std::string env_file{};                                      ///< a path; empty for none
  std::map<std::string, std::string, std::less<>> defaults{};  ///< defaults of one command that differ from the table's
};

/// What is wrong with the settings: one line each, all of them.
class Refused : public std::runtime_error {
 public:
  explicit Refused(std::vector<std::string> lines);
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
};

struct Setting {
  const Row* row = nullptr;
  std::string value{};
  Origin origin = Origin::standard;
};

class Settings {
 public:
  /// Reads all sources. Throws Refused, naming every value that does not parse and every unknown `MEDFLOW_*` name.
  static Settings load(const Sources& sources);

  const std::vector<Setting>& all() const { return settings_; }
  /// One line for each name that is set and not used.
  const std::vector<std::string>& warnings() const { return warnings_; }

  /// The setting of this name. Asserts that the table has it.
  const Setting& get(std::string_view name) const;
  const std::string& text(std::string_view name) const { return get(name).value; }
  /// Of a setting of form integer or duration (seconds).
  std::int64_t number(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const { return parse_list(text(name)); }
  /// Of a setting of form tenants.
  std::vector<std::pair<std::string, std::string>> tenants(std::string_view name) const;
  EngineUrl engine() const;
  /// Further engines, by the name of their placement.
  std::map<std::string, EngineUrl> placements() const;
  /// Whether each tenant of this placement has a database of its own.
  bool has_tenant_databases(std::string_view placement) const;
  bool production() const { return text("node_env") == "production"; }

 private:
  std::vector<Setting> settings_{};
  std::vector<std::string> warnings_{};
};

/// The names and values of an env file: `NAME=value`, `export NAME=value`, values bare or in single or double quotes, `#` comments.
/// Throws Refused, naming the line.
std::map<std::string, std::string, std::less<>> read_env_file(const std::string& path);

/// Every name with its default and a line of text, in the form of an env file: what `.env.example` holds.
std::string example();

/// The folder of a user's own settings: `$XDG_CONFIG_HOME/medflow`, or `~/.config/medflow`. Empty where neither is set.
std::string config_folder(const std::map<std::string, std::string, std::less<>>& environment);

}  // namespace medflow::config
