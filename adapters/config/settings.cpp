#include "adapters/config/settings.hpp"

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace medflow::config {
namespace {

using Texts = std::map<std::string, std::string, std::less<>>;

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines) all += (all.empty() ? "" : "\n") + line;
  return all;
}

/// A name of ours that nobody knows is a typing error, and silence about it would leave a default in force.
void refuse_unknown(const Texts& names, std::string_view where, std::vector<std::string>& problems) {
  for (const auto& [name, value] : names) {
    if (!name.starts_with("MEDFLOW_") || find(name) != nullptr || foreign(name)) continue;
    problems.push_back(name + " (" + std::string(where) + "): there is no such setting");
  }
}

std::string expand_home(std::string value, const Texts& environment) {
  constexpr std::string_view place = "$XDG_CONFIG_HOME/medflow";
  if (!value.starts_with(place)) return value;
  const std::string folder = config_folder(environment);
  return folder.empty() ? std::string() : folder + value.substr(place.size());
}

Setting choose(const Row& row, const Sources& sources, const Texts& file) {
  const std::string environment(row.environment);
  if (const auto it = sources.command_line.find(row.name); it != sources.command_line.end())
    return {.row = &row, .value = it->second, .origin = Origin::command_line};
  if (const auto it = sources.environment.find(environment); it != sources.environment.end() && !it->second.empty())
    return {.row = &row, .value = it->second, .origin = Origin::environment};
  if (const auto it = file.find(environment); it != file.end() && !it->second.empty())
    return {.row = &row, .value = it->second, .origin = Origin::env_file};
  const auto it = sources.defaults.find(row.name);
  const std::string standard = it != sources.defaults.end() ? it->second : std::string(row.standard);
  return {.row = &row, .value = expand_home(standard, sources.environment), .origin = Origin::standard};
}

std::string_view unquoted(std::string_view value, bool& good) {
  if (value.empty() || (value.front() != '"' && value.front() != '\'')) {
    const std::size_t comment = value.find(" #");
    value = value.substr(0, comment);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    return value;
  }
  const std::size_t end = value.find(value.front(), 1);
  if (end == std::string_view::npos) {
    good = false;
    return {};
  }
  std::string_view rest = value.substr(end + 1);
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
  good = rest.empty() || rest.front() == '#';
  return value.substr(1, end - 1);
}

/// One line of an env file into `texts`; false where it is none.
bool read_line(std::string_view line, Texts& texts) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  if (line.empty() || line.front() == '#') return true;
  if (line.starts_with("export ")) line.remove_prefix(7);
  const std::size_t equal = line.find('=');
  if (equal == std::string_view::npos || equal == 0) return false;
  const std::string_view name = line.substr(0, equal);
  const bool named = std::ranges::all_of(name, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  bool good = named;
  const std::string_view value = unquoted(line.substr(equal + 1), good);
  if (good) texts.insert_or_assign(std::string(name), std::string(value));
  return good;
}

/// Server and database of PostgreSQL, without whoever works there.
std::string_view place_of(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  const auto at = url.substr(0, url.find_first_of("/?")).rfind('@');
  return at == std::string_view::npos ? url : url.substr(at + 1);
}

/// As far as it can be told by what was written.
bool is_same_place(const EngineUrl& a, const EngineUrl& b) {
  if (a.kind == EngineKind::memory || b.kind == EngineKind::memory) return false;
  if ((a.kind == EngineKind::postgresql) != (b.kind == EngineKind::postgresql)) return false;
  if (a.kind == EngineKind::postgresql)
    return a.tenant_database == b.tenant_database && place_of(a.url) == place_of(b.url);
  const auto folder = [](const EngineUrl& url) {
    std::error_code unreadable;  // what is wrong with it, opening it says
    auto canonical = std::filesystem::weakly_canonical(url.folder + '/', unreadable);
    return unreadable ? std::filesystem::path(url.folder + '/').lexically_normal() : canonical;
  };
  return folder(a) == folder(b);
}

void check_apart(std::map<std::string, EngineUrl> engines, std::vector<std::string>& problems) {
  for (auto a = engines.begin(); a != engines.end(); ++a)
    for (auto b = std::next(a); b != engines.end(); ++b)
      if (is_same_place(a->second, b->second))
        problems.push_back("MEDFLOW_PLACEMENTS: " + a->first + " and " + b->first + " are one place");
}

void check_together(const Settings& settings, std::vector<std::string>& problems) {
  if (!settings.text("smtp_host").empty() && settings.text("from_email").empty())
    problems.emplace_back("FROM_EMAIL: is required with SMTP_HOST");
  if (settings.text("tls_certificate").empty() != settings.text("tls_key").empty())
    problems.emplace_back("MEDFLOW_TLS_CERTIFICATE, MEDFLOW_TLS_KEY: one needs the other");
  const auto placements = settings.placements();
  const auto require_postgresql = [&](std::string_view setting, const std::string& name) {
    const auto found = placements.find(name);
    const EngineKind kind = found != placements.end() ? found->second.kind : EngineKind::memory;
    if ((name == "default" ? settings.engine().kind : kind) == EngineKind::postgresql) return;
    problems.push_back(std::string(setting) + ": " + name + " is no placement in PostgreSQL");
  };
  const auto migrators = parse_engines(settings.text("placements_direct")).value_or(std::map<std::string, EngineUrl>{});
  for (const auto& [name, engine] : migrators) require_postgresql("MEDFLOW_PLACEMENTS_DIRECT", name);
  for (const auto& name : settings.list("database_per_tenant")) require_postgresql("MEDFLOW_DATABASE_PER_TENANT", name);
  auto engines = placements;
  engines.emplace("default", settings.engine());
  check_apart(std::move(engines), problems);
  if (settings.production() && settings.text("root_key_file") == "memory:")
    problems.emplace_back("MEDFLOW_ROOT_KEY_FILE: NODE_ENV=production refuses the memory root key");
}

}  // namespace

Refused::Refused(std::vector<std::string> lines) : std::runtime_error(joined(lines)), lines_(std::move(lines)) {}

std::string_view origin_name(Origin origin) {
  constexpr std::string_view names[] = {"default", "env file", "environment", "command line"};
  return names[static_cast<std::size_t>(origin)];
}

Settings Settings::load(const Sources& sources) {
  Settings settings;
  std::vector<std::string> problems;
  const Texts file = sources.env_file.empty() ? Texts{} : read_env_file(sources.env_file);
  refuse_unknown(file, sources.env_file, problems);
  refuse_unknown(sources.environment, "environment", problems);

  for (const Row& row : table()) {
    Setting setting = choose(row, sources, file);
    const std::string why = complaint(row, setting.value);
    if (!why.empty()) {
      std::string problem(row.environment);
      problem.append(" (").append(origin_name(setting.origin)).append("):");
      if (!row.secret) problem.append(" \"").append(masked(row, setting.value)).append("\"");
      problems.push_back(problem.append(" ").append(why));
    } else if (row.fate == Fate::unused && setting.origin != Origin::standard) {
      settings.warnings_.push_back(std::string(row.environment) + ": " + std::string(row.meaning));
    }
    settings.settings_.push_back(std::move(setting));
  }
  if (problems.empty()) check_together(settings, problems);
  if (!problems.empty()) throw Refused(std::move(problems));
  if (!settings.text("smtp_host").empty())
    settings.warnings_.emplace_back("SMTP_HOST: nothing is sent by mail yet: messages go where MEDFLOW_MESSAGES says");
  return settings;
}

const Setting& Settings::get(std::string_view name) const {
  const auto it = std::ranges::find_if(settings_, [&](const Setting& one) { return one.row->name == name; });
  assert(it != settings_.end());
  return *it;
}

std::int64_t Settings::number(std::string_view name) const {
  const Setting& setting = get(name);
  const auto value = setting.row->form == Form::duration ? parse_duration(setting.value) : parse_integer(setting.value);
  assert(value.has_value());
  return *value;
}

std::vector<std::pair<std::string, std::string>> Settings::tenants(std::string_view name) const {
  auto tenants = parse_tenants(text(name));
  assert(tenants.has_value());
  return std::move(*tenants);
}

EngineUrl Settings::engine() const {
  auto engine = parse_engine(text("database_url"));
  assert(engine.has_value());
  if (engine->kind != EngineKind::postgresql) return *engine;
  if (text("direct_url") != text("database_url")) engine->direct_url = text("direct_url");
  engine->connections_max = static_cast<std::size_t>(number("database_connections"));
  engine->tenant_database = has_tenant_databases("default");
  return *engine;
}

bool Settings::has_tenant_databases(std::string_view placement) const {
  const auto names = list("database_per_tenant");
  return std::ranges::find(names, placement) != names.end();
}

std::map<std::string, EngineUrl> Settings::placements() const {
  auto engines = parse_engines(text("placements"));
  const auto direct = parse_engines(text("placements_direct"));
  assert(engines.has_value() && direct.has_value());
  for (auto& [name, engine] : *engines) {
    if (engine.kind != EngineKind::postgresql) continue;
    if (const auto migrator = direct->find(name); migrator != direct->end()) engine.direct_url = migrator->second.url;
    engine.connections_max = static_cast<std::size_t>(number("database_connections"));
    engine.tenant_database = has_tenant_databases(name);
  }
  return std::move(*engines);
}

std::map<std::string, std::string, std::less<>> read_env_file(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw Refused({path + ": this env file cannot be read"});
  Texts texts;
  std::vector<std::string> problems;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number)
    if (!read_line(line, texts)) problems.push_back(path + ':' + std::to_string(number) + ": must be NAME=value");
  if (!problems.empty()) throw Refused(std::move(problems));
  return texts;
}

std::string example() {
  std::string out =
      "# Every setting with its default: `medflow config --example` prints this. Take away the # to change one.\n";
  for (const Row& row : table()) {
    out += "\n# " + std::string(row.meaning) + (row.secret && row.fate == Fate::used ? " (secret)" : "") + '\n';
    out += '#' + std::string(row.environment) + '=' + std::string(row.standard) + '\n';
  }
  return out;
}

std::string config_folder(const std::map<std::string, std::string, std::less<>>& environment) {
  if (const auto it = environment.find("XDG_CONFIG_HOME"); it != environment.end() && it->second.starts_with('/'))
    return it->second + "/medflow";
  if (const auto it = environment.find("HOME"); it != environment.end() && !it->second.empty())
    return it->second + "/.config/medflow";
  return {};
}

}  // namespace medflow::config
