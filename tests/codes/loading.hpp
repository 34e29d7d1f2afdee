// Loading versions of code systems, as a client does it.
#pragma once

#include <cstdio>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "adapters/cli/code_import.hpp"
#include "tests/support/platform.hpp"
#include "tests/support/shared_data.hpp"

namespace medflow::testing {

inline const std::string icd = "http://hl7.org/fhir/sid/icd-10-cm";

/// A piece of CSV with `code` and `display`.
inline std::string csv_of(const std::vector<std::pair<std::string, std::string>>& codes) {
  std::string text = "code,display\n";
  for (const auto& [code, display] : codes) text += code + ",\"" + display + "\"\n";
  return text;
}

inline code_systems::Import piece_of(std::string version, std::string text) {
  return {.system = icd, .version = std::move(version), .content = Content::of("text/csv", std::move(text))};
}

/// A whole version in one piece.
inline code_systems::Imported load(const Session& admin, std::string version,
                                   const std::vector<std::pair<std::string, std::string>>& codes,
                                   bool activate = true) {
  auto request = piece_of(std::move(version), csv_of(codes));
  request.total = codes.size();
  request.activate = activate;
  return must(admin.call(std::move(request)));
}

inline std::vector<std::string> codes_of(const codes::Found& found) {
  std::vector<std::string> codes;
  for (const auto& one : found.codes) codes.push_back(one.code);
  return codes;
}

inline std::vector<std::string> search(const Session& session, std::string q, std::uint32_t limit = 20) {
  return codes_of(must(session.call(codes::Search{.system = icd, .q = std::move(q), .limit = limit})));
}

/// All of ICD-10-CM 2019 as CSV; empty where the data is not there.
inline std::string icd10cm_2019() {
  const std::string file = shared_data("codes/icd10cm_2019.csv.xz");
  std::string text;
  if (file.empty()) return text;
  std::FILE* pipe = ::popen(("xz -dc '" + file + "'").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("xz cannot be run");
  char buffer[65'536];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, count);
  if (::pclose(pipe) != 0) throw std::runtime_error("xz failed");
  return text;
}

/// Loads a file as the program does.
inline code_systems::Imported load_file(const Session& admin, const std::string& text, std::string version) {
  std::istringstream in(text);
  const cli::CodeFile file = cli::read_code_file(in);
  return cli::import_codes(
      in, {.system = icd, .version = std::move(version), .name = "ICD-10-CM", .format = file.format},
      [&](code_systems::Import piece) { return must(admin.call(std::move(piece))); },
      [](std::uint64_t, std::uint64_t) {});
}

}  // namespace medflow::testing
