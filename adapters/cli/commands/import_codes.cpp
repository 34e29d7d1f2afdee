#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "adapters/cli/client.hpp"
#include "adapters/cli/code_import.hpp"
#include "adapters/cli/commands/import.hpp"
#include "adapters/cli/progress.hpp"
#include "adapters/cli/text.hpp"
#include "adapters/cli/trouble.hpp"
#include "adapters/json/codec.hpp"

namespace medflow::cli {
namespace {

constexpr std::uint64_t file_limit = std::uint64_t{256} << 20U;

struct Arguments {
  std::string path{};
  std::string system{};
  std::string version{};
  std::string name{};
  bool keep_version = false;
};

code_systems::Import request_of(const Arguments& arguments) {
  code_systems::Import request{.system = arguments.system,
                               .version = arguments.version,
                               .name = arguments.name,
                               .activate = !arguments.keep_version};
  if (const KnownSystem* known = known_system(arguments.system)) {
    request.system = known->system;
    if (request.name.empty()) request.name = known->name;
  } else if (request.system.find(':') == std::string::npos) {
    throw usage("--system takes a URI, or one of: " + known_systems());
  }
  return request;
}

void print_imported(const std::string& file, const code_systems::Imported& imported, bool as_json) {
  if (as_json) {
    std::string text;
    json::encode(*find_operation("code_systems.import")->output, &imported, text);
    std::fputs((text + '\n').c_str(), stdout);
    return;
  }
  print_failed(file, imported.failed, imported.rows);
  const bool whole = imported.system.state == code_systems::State::ready;
  std::printf("%s, version %s\ncreated    %llu\nunchanged  %llu\nfailed     %llu\nwhole      %s\nin use     %s\n",
              harmless(imported.system.system).c_str(), harmless(imported.system.version).c_str(),
              static_cast<unsigned long long>(imported.created), static_cast<unsigned long long>(imported.unchanged),
              static_cast<unsigned long long>(imported.failed), whole ? "yes" : "no",
              imported.system.in_use ? "yes" : "no");
}

void import_file(const Globals& globals, const Arguments& arguments) {
  code_systems::Import request = request_of(arguments);
  std::ifstream in(arguments.path, std::ios::binary);
  if (!in) throw usage(arguments.path + ": cannot be read");
  std::uint64_t size = std::filesystem::file_size(arguments.path);
  if (size > file_limit)
    throw Trouble(describe(Errc::too_large).exit_code, arguments.path + ": is larger than 256 MiB");
  Client client = Client::open(globals);
  code_systems::Imported imported;
  try {
    const CodeFile file = read_code_file(in);
    request.format = file.format;
    std::istringstream made(file.text);
    if (!file.text.empty()) size = file.text.size();
    Progress progress("import", "codes");
    imported = import_codes(
        file.text.empty() ? static_cast<std::istream&>(in) : made, request,
        [&](code_systems::Import piece) { return client.call(std::move(piece)); },
        [&](std::uint64_t bytes, std::uint64_t rows) { progress.show(bytes, size, rows); });
    for (auto& row : imported.rows) row.line -= file.lines_before;
  } catch (const CsvError& error) {
    throw Trouble(exit_code::invalid, arguments.path + ": " + error.what());
  }
  print_imported(std::filesystem::path(arguments.path).stem().string(), imported, globals.json);
  if (imported.failed > 0)
    throw Trouble(exit_code::invalid,
                  std::to_string(imported.failed) + " lines were left out, so the version is not whole and not seen");
  if (imported.system.state != code_systems::State::ready)
    throw Trouble(exit_code::invalid, arguments.path + ": has no codes");
}

}  // namespace

void add_import_codes(CLI::App& import, Globals& globals) {
  CLI::App* command = import.add_subcommand(
      "codes", "A version of a code system: CSV with code and display, or ICD-10-CM as CMS has it");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("file", arguments->path, "the file; begun anew where an earlier run was broken off")
      ->required()
      ->type_name("FILE");
  command->add_option("--system", arguments->system, "the system's URI, or one of: " + known_systems())
      ->required()
      ->type_name("SYSTEM");
  command->add_option("--version", arguments->version, "the version, as its publisher calls it: 2026")
      ->required()
      ->type_name("VERSION");
  command->add_option("--name", arguments->name, "what people call the system")->type_name("NAME");
  command->add_flag("--no-activate", arguments->keep_version, "leave the version in use that is in use now");
  command->callback([&globals, arguments] { import_file(globals, *arguments); });
}

}  // namespace medflow::cli
