#include "imports/table.hpp"

#include <algorithm>

#include "patients/csv.hpp"
#include "patients/entities.hpp"

namespace medflow::inline v1::imports {

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
    Line line{.number = reader.line()};
    for (const std::size_t place : places) line.cells.push_back(cells[place]);
    table.lines.push_back(std::move(line));
  }
  if (reader.malformed()) throw Failure(layout_unknown, "a quoted cell does not end, or goes on after its end");
  return table;
}

void fail(Report& report, std::uint64_t line, std::string_view column, std::string_view code,
          std::string_view message) {
  ++report.failed;
  report.rows.push_back({.line = line,
                         .outcome = RowOutcome::failed,
                         .column = std::string(column),
                         .code = std::string(code),
                         .message = std::string(message)});
}

void fail(Report& report, std::uint64_t line, const Failure& failure) {
  const Error& error = failure.error;
  if (error.kind() != Errc::invalid && error.kind() != Errc::conflict) throw failure;
  if (error.fields.empty()) return fail(report, line, "", error.code.name, error.code.text);
  const FieldError& first = error.fields.front();
  fail(report, line, first.pointer, first.code, first.message);
}

}  // namespace medflow::inline v1::imports
