#include "imports/table.hpp"

#include <algorithm>

#include "kernel/field_errors.hpp"
#include "kernel/text_rules.hpp"
#include "kernel/validate.hpp"
#include "patients/csv.hpp"
#include "patients/entities.hpp"
#include "text/utf8.hpp"

namespace medflow::inline v1::imports {

namespace {

/// Turns a cell into NFC, or tells how it breaks R4; a cell may be of notes.
void make_text(std::string& cell, std::string_view column, kernel::FieldErrors& errors) {
  if (kernel::is_plain(cell)) return;
  const text::TextFault fault = text::check(cell, text::Use::notes);
  if (fault == text::TextFault::invalid_utf8)
    return errors.add(std::string(column), "text.invalid_utf8", "not valid UTF-8");
  if (fault != text::TextFault::none)
    return errors.add(std::string(column), "text.control_character", "it holds a control character");
  text::make_nfc(cell);
}

Line line_of(std::uint64_t number, std::span<const std::string> cells, std::span<const std::size_t> places,
             std::span<const std::string_view> names) {
  Line line{.number = number};
  kernel::FieldErrors errors;
  for (std::size_t i = 0; i < places.size(); ++i)
    make_text(line.cells.emplace_back(cells[places[i]]), names[i], errors);
  errors.refuse();
  return line;
}

void tell(Report& report, std::uint64_t line, std::string_view column, std::string_view code,
          std::string_view message) {
  report.rows.push_back({.line = line,
                         .outcome = RowOutcome::failed,
                         .column = std::string(column),
                         .code = std::string(code),
                         .message = std::string(message)});
}

}  // namespace

Table read_table(const Content& content, std::uint64_t first_line, std::span<const std::string_view> names) {
  auto text = content.read_all(bytes_max);
  if (!text.ok()) throw Failure(text.error());
  CsvReader reader(*text, first_line);
  std::vector<std::string> cells;
  if (!reader.next(cells)) throw Failure(layout_unknown);
  const std::size_t width = cells.size();
  std::vector<std::size_t> places;
  for (const std::string_view name : names) {
    const auto found = std::find(cells.begin(), cells.end(), name);
    if (found == cells.end()) throw Failure(layout_unknown);
    places.push_back(static_cast<std::size_t>(found - cells.begin()));
  }
  Table table;
  for (std::size_t count = 0; reader.next(cells); ++count) {
    if (count == rows_max) throw Failure(codes::too_large, "at most 500 rows in one call");
    if (cells.size() != width) {
      fail(table.report, reader.line(), "", "csv.columns", "not as many cells as the header has");
      continue;
    }
    try {
      table.lines.push_back(line_of(reader.line(), cells, places, names));
    } catch (const Failure& failure) {
      fail(table.report, reader.line(), failure);
    }
  }
  if (reader.malformed()) throw Failure(layout_unknown, "a quoted cell does not end, or goes on after its end");
  return table;
}

void fail(Report& report, std::uint64_t line, std::string_view column, std::string_view code,
          std::string_view message) {
  ++report.failed;
  tell(report, line, column, code, message);
}

void fail(Report& report, std::uint64_t line, const Failure& failure) {
  const Error& error = failure.error;
  if (error.kind() != Errc::invalid && error.kind() != Errc::conflict) throw failure;
  if (error.fields.empty()) return fail(report, line, "", error.code.name, error.code.text);
  ++report.failed;
  for (const FieldError& each : error.fields) tell(report, line, each.pointer, each.code, each.message);
}

void sort_by_line(Report& report) {
  std::stable_sort(report.rows.begin(), report.rows.end(),
                   [](const RowReport& a, const RowReport& b) { return a.line < b.line; });
}

void require_valid(const Type& type, void* object, std::initializer_list<Origin> origins) {
  std::vector<FieldError> errors;
  kernel::validate(type, object, errors);
  if (errors.empty()) return;
  for (FieldError& error : errors)
    for (const Origin& each : origins)
      if (each.pointer == error.pointer) {
        error.pointer = each.column;
        break;
      }
  throw Failure(Error{.code = codes::invalid, .fields = std::move(errors)});
}

}  // namespace medflow::inline v1::imports
