#include "adapters/cli/commands/import.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// What became of one table, named as its file.
void print_report(const std::string& table, const imports::Report& report, bool as_json) {
  if (as_json) {
    std::string text;
    json::encode(*find_operation("imports.patients")->output, &report, text);
    std::fputs((text + '\n').c_str(), stdout);
    return;
  }
  print_failed(table, report.failed, report.rows);
  // Rows that need nothing, by why: times without insurance.
  std::map<std::string, std::uint64_t> passed;
  for (const imports::RowReport& row : report.rows)
    if (row.outcome == imports::RowOutcome::unchanged) ++passed[row.message];
  std::printf("%s\ncreated    %llu\nunchanged  %llu\nfailed     %llu\n", table.c_str(),
              static_cast<unsigned long long>(report.created), static_cast<unsigned long long>(report.unchanged),
              static_cast<unsigned long long>(report.failed));
  for (const auto& [why, count] : passed)
    std::printf("passed     %llu (%s)\n", static_cast<unsigned long long>(count), harmless(why).c_str());
}

/// Imports one file; how many rows were left out. `what` tells two imports of one file apart.
std::uint64_t import_file(const std::string& path, const SendPiece& send, bool as_json, std::string_view what = {}) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw usage(path + ": cannot be read");
  const std::uint64_t size = std::filesystem::file_size(path);
  if (size > file_limit) throw Trouble(describe(Errc::too_large).exit_code, path + ": is larger than 1 GiB");
  imports::Report report;
  try {
    Progress progress("import", "rows");
    report = import_csv(in, send, [&](std::uint64_t bytes, std::uint64_t rows) { progress.show(bytes, size, rows); });
  } catch (const CsvError& error) {
    throw Trouble(exit_code::invalid, path + ": " + error.what());
  }
  const std::string table = std::filesystem::path(path).stem().string();
  print_report(what.empty() ? table : table + " (" + std::string(what) + ")", report, as_json);
  return report.failed;
}

/// The tables of charts, by the names of their files.
constexpr std::pair<std::string_view, imports::ClinicalTable> clinical_tables[] = {
    {"conditions", imports::ClinicalTable::conditions},   {"allergies", imports::ClinicalTable::allergies},
    {"medications", imports::ClinicalTable::medications}, {"observations", imports::ClinicalTable::observations},
    {"procedures", imports::ClinicalTable::procedures},   {"immunizations", imports::ClinicalTable::immunizations}};

/// Encounters once more, as what charts are made of, and then what belongs to them.
std::uint64_t import_charts(Client& client, const std::filesystem::path& folder, bool as_json) {
  std::uint64_t failed = 0;
  if (const auto path = folder / "encounters.csv"; std::filesystem::exists(path))
    failed += import_file(
        path.string(), [&](CsvPiece piece) { return client.call(request_of<imports::Encounters>(std::move(piece))); },
        as_json);
  for (const auto& [name, table] : clinical_tables) {
    const auto path = folder / (std::string(name) + ".csv");
    if (!std::filesystem::exists(path)) continue;
    failed += import_file(
        path.string(),
        [&, which = table](CsvPiece piece) {
          auto request = request_of<imports::Records>(std::move(piece));
          request.table = which;
          return client.call(std::move(request));
        },
        as_json);
  }
  return failed;
}

/// Who pays, for whom, and what was charged. Without payers nothing of it can be.
std::uint64_t import_money(Client& client, const std::filesystem::path& folder, bool as_json) {
  if (!std::filesystem::exists(folder / "payers.csv")) return 0;
  const auto charges = [&client](imports::MoneyTable table) {
    return [&client, table](CsvPiece piece) {
      auto request = request_of<imports::Charges>(std::move(piece));
      request.table = table;
      return client.call(std::move(request));
    };
  };
  const std::pair<std::string_view, SendPiece> tables[] = {
      {"payers.csv", [&](CsvPiece piece) { return client.call(request_of<imports::Payers>(std::move(piece))); }},
      {"payer_transitions.csv",
       [&](CsvPiece piece) { return client.call(request_of<imports::Coverages>(std::move(piece))); }},
      {"encounters.csv", charges(imports::MoneyTable::encounters)},
      {"medications.csv", charges(imports::MoneyTable::medications)}};
  std::uint64_t failed = 0;
  for (const auto& [name, send] : tables)
    if (std::filesystem::exists(folder / name)) failed += import_file((folder / name).string(), send, as_json, "money");
  return failed;
}

/// Says which tables of the set have nothing that they could become.
void print_left_out(const std::filesystem::path& folder) {
  constexpr std::string_view taken[] = {"patients",   "organizations", "providers",
                                        "encounters", "payers",        "payer_transitions"};
  std::vector<std::string> left_out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().stem().string();
    const bool is_taken = std::find(std::begin(taken), std::end(taken), name) != std::end(taken) ||
                          std::any_of(std::begin(clinical_tables), std::end(clinical_tables),
                                      [&](const auto& one) { return one.first == name; });
    if (entry.path().extension() == ".csv" && !is_taken) left_out.push_back(name);
  }
  std::sort(left_out.begin(), left_out.end());
  for (const std::string& name : left_out)
    std::printf("%s\nnot imported: there is no kind of record for it\n", name.c_str());
}

void import_tables(const Globals& globals, const Arguments& arguments) {
  std::optional<FacilityId> facility;
  if (!arguments.facility.empty() && !(facility = FacilityId::parse(arguments.facility)))
    throw usage("--facility takes an id");
  Client client = Client::open(globals);
  const SendPiece send_patients = [&](CsvPiece piece) {
    auto request = request_of<imports::Patients>(std::move(piece));
    request.facility = facility;
    return client.call(std::move(request));
  };
  std::uint64_t failed = 0;
  if (!std::filesystem::is_directory(arguments.path)) {
    failed = import_file(arguments.path, send_patients, globals.json);
  } else {
    const std::filesystem::path folder(arguments.path);
    failed = import_file((folder / "patients.csv").string(), send_patients, globals.json);
    // What else the set has that can be imported, in the order in which one table refers to another.
    const std::pair<std::string_view, SendPiece> others[] = {
        {"organizations.csv",
         [&](CsvPiece piece) { return client.call(request_of<imports::Facilities>(std::move(piece))); }},
        {"providers.csv", [&](CsvPiece piece) { return client.call(request_of<imports::Doctors>(std::move(piece))); }},
        {"encounters.csv",
         [&](CsvPiece piece) { return client.call(request_of<imports::Appointments>(std::move(piece))); }}};
    for (const auto& [name, send] : others)
      if (std::filesystem::exists(folder / name)) failed += import_file((folder / name).string(), send, globals.json);
    failed += import_charts(client, folder, globals.json);
    failed += import_money(client, folder, globals.json);
    if (!globals.json) print_left_out(folder);
  }
  if (failed > 0) throw Trouble(exit_code::invalid, std::to_string(failed) + " rows were left out");
}

}  // namespace

void print_failed(const std::string& table, std::uint64_t failed, const std::vector<imports::RowReport>& rows) {
  std::size_t shown = 0;
  std::uint64_t lines = 0;  // of the file; one may be wrong in several columns
  std::uint64_t last = 0;
  for (const imports::RowReport& row : rows) {
    if (row.outcome == imports::RowOutcome::unchanged) continue;
    if (shown++ == lines_max) break;
    if (row.line != last) ++lines;
    last = row.line;
    const std::string where =
        table + ", line " + std::to_string(row.line) + (row.column.empty() ? "" : ", " + row.column);
    std::fprintf(stderr, "%s: %s [%s]\n", harmless(where).c_str(), harmless(row.message).c_str(),
                 harmless(row.code).c_str());
  }
  if (failed > lines)
    std::fprintf(stderr, "… and %llu more; --json has up to 10,000\n", static_cast<unsigned long long>(failed - lines));
}

void add_import(CLI::App& app, Globals& globals) {
  CLI::App* command =
      app.add_subcommand("import", "Import data from elsewhere; a second run adds only what is not there");
  command->require_subcommand(1);
  CLI::App* synthea = command->add_subcommand(
      "synthea-csv", "A Synthea CSV set: patients, organizations, providers, encounters, charts and money");
  auto arguments = std::make_shared<Arguments>();
  synthea->add_option("path", arguments->path, "the folder of the set, or its patients.csv alone")
      ->required()
      ->type_name("DIR");
  synthea->add_option("--facility", arguments->facility, "put them in this facility; one's own first where not said")
      ->type_name("ID");
  synthea->callback([&globals, arguments] { import_tables(globals, *arguments); });
  add_import_codes(*command, globals);
}

}  // namespace medflow::cli
