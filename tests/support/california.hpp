// The California population of Synthea, as files and as it is imported.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "adapters/cli/csv_pieces.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/shared_data.hpp"

namespace medflow::testing {

inline std::string contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// The texts of tables, by their names; none where the data is not there.
inline std::map<std::string, std::string> california(std::initializer_list<std::string_view> tables) {
  std::map<std::string, std::string> texts;
  const std::string archive = shared_data("fhir/synthea-ca-csv.tar.xz");
  if (archive.empty()) return texts;
  const TemporaryFolder folder;
  if (std::system(("tar -xJf '" + archive + "' -C '" + folder.path() + "'").c_str()) != 0)
    throw std::runtime_error("tar cannot read " + archive);
  for (const std::string_view table : tables)
    texts[std::string(table)] = contents(folder / (std::string(table) + ".csv"));
  return texts;
}

/// A second reader, as simple as the file allows: the cells of one column, and a count of each.
inline std::map<std::string, int> counts_by(const std::string& csv, std::string_view column) {
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  std::size_t place = 0;
  std::istringstream header(line);
  for (std::string name; std::getline(header, name, ',') && name != column;) ++place;
  std::map<std::string, int> counts;
  while (std::getline(lines, line)) {
    // Columns before the description, which may hold commas, are counted from the front.
    std::istringstream cells(line);
    std::string cell;
    for (std::size_t i = 0; i <= place; ++i) std::getline(cells, cell, ',');
    ++counts[cell];
  }
  return counts;
}

/// Imports a table piece by piece; `request` says what else there is to say.
template <class Op>
imports::Report import(const Session& admin, const std::string& csv, Op request = {}) {
  std::istringstream in(csv);
  cli::CsvPieces pieces(in);
  imports::Report total;
  while (auto piece = pieces.next()) {
    request.first_line = piece->first_line;
    request.content = Content::of("text/csv", std::move(piece->text));
    const auto report = must(admin.call(request));
    total.created += report.created;
    total.unchanged += report.unchanged;
    total.failed += report.failed;
    total.rows.insert(total.rows.end(), report.rows.begin(), report.rows.end());
  }
  return total;
}

}  // namespace medflow::testing
