#include "adapters/cli/code_import.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace medflow::cli {
namespace {

constexpr std::size_t kept_rows_max = 10'000;  // of a report

// The URIs are HL7's.
constexpr KnownSystem systems[] = {
    {"atc", "http://www.whocc.no/atc", "ATC"},
    {"cvx", "http://hl7.org/fhir/sid/cvx", "CVX"},
    {"icd-10", "http://hl7.org/fhir/sid/icd-10", "ICD-10"},
    {"icd-10-cm", "http://hl7.org/fhir/sid/icd-10-cm", "ICD-10-CM"},
    {"loinc", "http://loinc.org", "LOINC"},
    {"rxnorm", "http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm"},
    {"snomed-ct", "http://snomed.info/sct", "SNOMED CT"},
};

// Columns of the order file: number 1-5, code 7-13, header or valid 15, short description 17-76, long description from 78 on.
constexpr std::size_t code_at = 6;
constexpr std::size_t code_size = 7;
constexpr std::size_t valid_at = 14;
constexpr std::size_t long_at = 77;

std::string trimmed(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \r\n");
  return std::string(text.substr(0, end == std::string_view::npos ? 0 : end + 1));
}

bool is_order_line(std::string_view line) {
  return line.size() > long_at &&
         std::all_of(line.begin(), line.begin() + 5, [](char c) { return c >= '0' && c <= '9'; }) && line[5] == ' ' &&
         line[13] == ' ' && (line[valid_at] == '0' || line[valid_at] == '1') && line[15] == ' ';
}

std::string quoted(const std::string& text) {
  std::string cell = "\"";
  for (const char c : text) cell.append(c == '"' ? 2 : 1, c);
  return cell + '"';
}

/// Each line one row, so that lines are counted alike.
std::string csv_of_order_file(std::istream& in) {
  std::string text = "code,billable,long_description\n";
  std::string line;
  for (std::uint64_t number = 1; std::getline(in, line); ++number) {
    if (trimmed(line).empty()) {
      text += '\n';
      continue;
    }
    if (!is_order_line(line)) throw CsvError(number, "not in the columns of an order file");
    text += trimmed(std::string_view(line).substr(code_at, code_size)) + ',' + line[valid_at] + ',' +
            quoted(trimmed(std::string_view(line).substr(long_at))) + '\n';
  }
  return text;
}

}  // namespace

const KnownSystem* known_system(std::string_view word) {
  const auto* found = std::find_if(std::begin(systems), std::end(systems),
                                   [&](const KnownSystem& known) { return known.word == word; });
  return found == std::end(systems) ? nullptr : found;
}

std::string known_systems() {
  std::string words;
  for (const KnownSystem& known : systems) words.append(words.empty() ? "" : ", ") += known.word;
  return words;
}

CodeFile read_code_file(std::istream& in) {
  CodeFile file;
  std::string line;
  std::getline(in, line);
  in.clear();
  in.seekg(0);
  if (is_order_line(line)) {
    file.format = code_systems::Format::icd10cm;
    file.lines_before = 1;
    file.text = csv_of_order_file(in);
  } else if (line.find("long_description") != std::string::npos && line.find("billable") != std::string::npos) {
    file.format = code_systems::Format::icd10cm;
  }
  return file;
}

code_systems::Imported import_codes(std::istream& in, const code_systems::Import& request, const SendCodes& send,
                                    const std::function<void(std::uint64_t bytes, std::uint64_t rows)>& progress) {
  CsvPieces pieces(in);
  code_systems::Imported sum;
  std::string header;
  const auto send_piece = [&](CsvPiece piece, std::optional<std::uint64_t> total) {
    code_systems::Import next{.system = request.system,
                              .version = request.version,
                              .name = request.name,
                              .format = request.format,
                              .first_line = piece.first_line,
                              .total = total,
                              .activate = request.activate};
    if (!sum.system.id.is_nil()) next.id = sum.system.id;
    next.content = Content::of("text/csv", std::move(piece.text));
    code_systems::Imported part = send(std::move(next));
    sum.system = std::move(part.system);
    sum.created += part.created;
    sum.unchanged += part.unchanged;
    sum.failed += part.failed;
    for (auto& row : part.rows)
      if (sum.rows.size() < kept_rows_max) sum.rows.push_back(std::move(row));
    progress(pieces.bytes_done(), sum.created + sum.unchanged + sum.failed);
  };
  while (auto piece = pieces.next()) {
    if (header.empty()) header = piece->text.substr(0, piece->text.find('\n') + 1);
    send_piece(std::move(*piece), std::nullopt);
  }
  const std::uint64_t total = sum.created + sum.unchanged;
  if (sum.failed == 0 && total > 0) send_piece({.text = std::move(header)}, total);
  return sum;
}

}  // namespace medflow::cli
