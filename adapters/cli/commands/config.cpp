#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "adapters/cli/commands/commands.hpp"
#include "adapters/cli/text.hpp"
#include "adapters/json/codec.hpp"
#include "medflow/fields.hpp"

namespace medflow::cli {

struct ShownSetting {
  std::string name{};
  std::string value{};
  std::string origin{};
};

struct ShownSettings {
  std::vector<ShownSetting> settings{};
};

}  // namespace medflow::cli

namespace medflow::inline v1 {

template <>
struct Described<cli::ShownSetting> {
  using T = cli::ShownSetting;
  static constexpr std::string_view name = "Setting";
  static constexpr Field fields[] = {field<&T::name>(1, "name"), field<&T::value>(2, "value"),
                                     field<&T::origin>(3, "origin")};
};

template <>
struct Described<cli::ShownSettings> {
  static constexpr std::string_view name = "Settings";
  static constexpr Field fields[] = {field<&cli::ShownSettings::settings>(1, "settings")};
};

}  // namespace medflow::inline v1

namespace medflow::cli {
namespace {

ShownSettings shown(const config::Settings& settings) {
  ShownSettings all;
  for (const config::Setting& setting : settings.all()) {
    if (setting.row->fate == config::Fate::unused && setting.origin == config::Origin::standard) continue;
    all.settings.push_back({.name = std::string(setting.row->environment),
                            .value = config::masked(*setting.row, setting.value),
                            .origin = std::string(config::origin_name(setting.origin))});
  }
  return all;
}

void print_lines(const ShownSettings& all) {
  std::size_t names = 0;
  std::size_t values = 0;
  for (const ShownSetting& one : all.settings) {
    names = std::max(names, one.name.size());
    values = std::max(values, std::min<std::size_t>(width(one.value), 48));
  }
  for (const ShownSetting& one : all.settings) {
    const std::string gap(values > width(one.value) ? values - width(one.value) : 0, ' ');
    std::printf("%-*s  %s%s  (%s)\n", static_cast<int>(names), one.name.c_str(), harmless(one.value).c_str(),
                gap.c_str(), one.origin.c_str());
  }
}

}  // namespace

void add_config(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand("config", "Print the settings in force and where each came from");
  auto example = std::make_shared<bool>(false);
  command->add_flag("--example", *example, "print every name with its default, in the form of an env file");
  command->callback([&globals, example] {
    if (*example) {
      std::fputs(config::example().c_str(), stdout);
      return;
    }
    const config::Settings settings = load_settings(globals);
    print_warnings(settings);
    const ShownSettings all = shown(settings);
    if (!globals.json) return print_lines(all);
    std::string text;
    json::encode(type_of<ShownSettings>, &all, text);
    std::fputs((text + '\n').c_str(), stdout);
  });
}

}  // namespace medflow::cli
