#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "adapters/cli/client.hpp"
#include "adapters/cli/commands/commands.hpp"
#include "adapters/cli/csv_import.hpp"
#include "adapters/cli/csv_pieces.hpp"
#include "adapters/cli/progress.hpp"
#include "adapters/cli/text.hpp"
#include "adapters/cli/trouble.hpp"
#include "adapters/json/codec.hpp"

namespace medflow::cli {
namespace {

constexpr std::uint64_t file_limit = std::uint64_t{1} << 30U;  // R13
constexpr std::size_t lines_max = 50;

struct Arguments {
  std::string path{};
  std::string facility{};
};

std::string file_of(const std::string& path) {
  return std::filesystem::is_directory(path) ? (std::filesystem::path(path) / "patients.csv").string() : path;
}

void print_report(const imports::Report& report, bool as_json) {
  if (as_json) {
    std::string text;
    json::encode(*find_operation("imports.patients")->output, &report, text);
    std::fputs((text + '\n').c_str(), stdout);
    return;
  }
  for (std::size_t i = 0; i < std::min(report.rows.size(), lines_max); ++i) {
    const imports::RowReport& row = report.rows[i];
    const std::string where = "line " + std::to_string(row.line) + (row.column.empty() ? "" : ", " + row.column);
    std::fprintf(stderr, "%s: %s [%s]\n", harmless(where).c_str(), harmless(row.message).c_str(),
                 harmless(row.code).c_str());
  }
  if (report.failed > lines_max)
    std::fprintf(stderr, "… and %llu more; --json has up to 10,000\n",
                 static_cast<unsigned long long>(report.failed - lines_max));
  std::printf("created    %llu\nunchanged  %llu\nfailed     %llu\n", static_cast<unsigned long long>(report.created),
              static_cast<unsigned long long>(report.unchanged), static_cast<unsigned long long>(report.failed));
}

void import_patients(const Globals& globals, const Arguments& arguments) {
  std::optional<FacilityId> facility;
  if (!arguments.facility.empty() && !(facility = FacilityId::parse(arguments.facility)))
    throw usage("--facility takes an id");
  const std::string path = file_of(arguments.path);
  std::ifstream in(path, std::ios::binary);
  if (!in) throw usage(path + ": cannot be read");
  const std::uint64_t size = std::filesystem::file_size(path);
  if (size > file_limit) throw Trouble(describe(Errc::too_large).exit_code, path + ": is larger than 1 GiB");

  Client client = Client::open(globals);
  imports::Report report;
  try {
    Progress progress("import", "rows");
    report = import_csv(
        in, [&](imports::Patients piece) { return client.call(std::move(piece)); }, facility,
        [&](std::uint64_t bytes, std::uint64_t rows) { progress.show(bytes, size, rows); });
  } catch (const CsvError& error) {
    throw Trouble(exit_code::invalid, path + ": " + error.what());
  }
  print_report(report, globals.json);
  if (report.failed > 0) throw Trouble(exit_code::invalid, std::to_string(report.failed) + " rows were left out");
}

}  // namespace

void add_import(CLI::App& app, Globals& globals) {
  CLI::App* command =
      app.add_subcommand("import", "Import data from elsewhere; a second run adds only what is not there");
  command->require_subcommand(1);
  CLI::App* synthea = command->add_subcommand("synthea-csv", "Patients of a Synthea CSV set");
  auto arguments = std::make_shared<Arguments>();
  synthea->add_option("path", arguments->path, "the folder with patients.csv, or the file")
      ->required()
      ->type_name("DIR");
  synthea->add_option("--facility", arguments->facility, "put them in this facility; one's own first where not said")
      ->type_name("ID");
  synthea->callback([&globals, arguments] { import_patients(globals, *arguments); });
}

}  // namespace medflow::cli
