#include "codes/file.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "patients/csv.hpp"
#include "patients/entities.hpp"
#include "text/utf8.hpp"

namespace medflow::inline v1::code_systems {
namespace {

constexpr std::size_t code_max = 100;  // as the field's rules have it
constexpr std::size_t display_max = 2'000;
constexpr std::size_t icd10cm_min = 3;
constexpr std::size_t icd10cm_max = 7;

struct Names {
  std::string_view code{};
  std::string_view display{};
  std::string_view selectable{};
  bool selectable_needed = false;
};

constexpr Names names_of(Format format) {
  if (format == Format::icd10cm)
    return {.code = "code", .display = "long_description", .selectable = "billable", .selectable_needed = true};
  return {.code = "code", .display = "display", .selectable = "selectable"};
}

[[noreturn]] void refuse(std::string_view column, std::string_view code, std::string_view message) {
  throw Failure(codes::invalid, std::string(column), std::string(code), std::string(message));
}

/// A text of one line in NFC.
std::string text_in_cell(std::string cell, std::string_view column, std::size_t max) {
  if (cell.empty()) refuse(column, "required", "this is empty");
  switch (text::check(cell, text::Use::line)) {
    case text::TextFault::invalid_utf8:
      refuse(column, "text.invalid_utf8", "no UTF-8");
    case text::TextFault::control_character:
    case text::TextFault::bidi_override:
      refuse(column, "text.control_character", "a control character");
    case text::TextFault::none:
      break;
  }
  text::make_nfc(cell);
  if (text::code_points(cell) > max) refuse(column, "text.too_long", "at most " + std::to_string(max) + " characters");
  return cell;
}

/// "A000" is A00.0.
std::string icd10cm_code(std::string code) {
  const bool plain =
      std::all_of(code.begin(), code.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
  if (!plain || code.size() < icd10cm_min || code.size() > icd10cm_max)
    refuse("code", "code.malformed", "three to seven capital letters and digits");
  if (code.size() > icd10cm_min) code.insert(icd10cm_min, 1, '.');
  return code;
}

bool flag_in_cell(std::string_view cell, std::string_view column) {
  if (cell == "1") return true;
  if (cell == "0") return false;
  refuse(column, "type.mismatch", "1 or 0");
}

}  // namespace

Piece read_piece(const Content& content, Format format, std::uint64_t first_line) {
  auto text = content.read_all(imports::bytes_max);
  if (!text.ok()) throw Failure(text.error());
  imports::CsvReader reader(*text, first_line);
  std::vector<std::string> cells;
  if (!reader.next(cells)) throw Failure(imports::layout_unknown);
  const std::size_t width = cells.size();
  const auto place_of = [&](std::string_view name) -> std::optional<std::size_t> {
    const auto found = std::find(cells.begin(), cells.end(), name);
    if (found == cells.end()) return std::nullopt;
    return static_cast<std::size_t>(found - cells.begin());
  };
  const Names names = names_of(format);
  const auto code = place_of(names.code);
  const auto display = place_of(names.display);
  const auto selectable = place_of(names.selectable);
  if (!code || !display || (names.selectable_needed && !selectable)) throw Failure(imports::layout_unknown);

  Piece piece;
  std::unordered_set<std::string> seen;
  for (std::size_t count = 0; reader.next(cells); ++count) {
    if (count == imports::rows_max) throw Failure(codes::too_large, "at most 500 rows in one call");
    if (cells.size() != width) {
      imports::fail(piece.report, reader.line(), "", "csv.columns", "not as many cells as the header has");
      continue;
    }
    try {
      Line line{.number = reader.line(), .code = text_in_cell(std::move(cells[*code]), names.code, code_max)};
      if (format == Format::icd10cm) line.code = icd10cm_code(std::move(line.code));
      if (line.code.front() == ' ' || line.code.back() == ' ')
        refuse(names.code, "code.malformed", "a space at an end");
      line.display = text_in_cell(std::move(cells[*display]), names.display, display_max);
      if (selectable) line.selectable = flag_in_cell(cells[*selectable], names.selectable);
      if (!seen.insert(line.code).second) refuse(names.code, "code.twice", "the code is there already");
      piece.lines.push_back(std::move(line));
    } catch (const Failure& failure) {
      imports::fail(piece.report, reader.line(), failure);
    }
  }
  if (reader.malformed())
    throw Failure(imports::layout_unknown, "a quoted cell does not end, or goes on after its end");
  return piece;
}

}  // namespace medflow::inline v1::code_systems
