#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "kernel/validate.hpp"
#include "patients/csv.hpp"
#include "patients/enrol.hpp"
#include "patients/entities.hpp"
#include "patients/synthea.hpp"

namespace medflow::inline v1::imports {

using kernel::Outside;
using kernel::Work;

namespace {

constexpr std::size_t rows_max = 500;
constexpr std::size_t bytes_max = std::size_t{1} << 20;

/// One line that can be read; what the rules of fields say about it stands in `report` already.
struct Row {
  std::uint64_t line = 0;
  patients::Register registration{};
};

struct Parsed {
  std::vector<Row> rows{};
  Report report{};
};

void failed(Report& report, std::uint64_t line, std::string_view column, std::string_view code,
            std::string_view message) {
  ++report.failed;
  report.rows.push_back({.line = line,
                         .outcome = RowOutcome::failed,
                         .column = std::string(column),
                         .code = std::string(code),
                         .message = std::string(message)});
}

void failed(Report& report, std::uint64_t line, const Error& error) {
  if (error.fields.empty()) return failed(report, line, "", error.code.name, error.code.text);
  const FieldError& first = error.fields.front();
  failed(report, line, SyntheaColumns::column_of(first.pointer), first.code, first.message);
}

void parse_row(const SyntheaColumns& columns, std::span<const std::string> cells, std::uint64_t line, Parsed& parsed) {
  if (cells.size() != columns.count())
    return failed(parsed.report, line, "", "csv.columns", "not as many cells as the header has");
  std::vector<FieldError> errors;
  Row row{.line = line, .registration = columns.registration(cells, errors)};
  if (!errors.empty())
    return failed(parsed.report, line, errors.front().pointer, errors.front().code, errors.front().message);
  kernel::validate(type_of<patients::Register>, &row.registration, errors);
  if (!errors.empty())
    return failed(parsed.report, line, SyntheaColumns::column_of(errors.front().pointer), errors.front().code,
                  errors.front().message);
  parsed.rows.push_back(std::move(row));
}

}  // namespace

Parsed prepare(Outside&, const Patients& request) {
  auto text = request.content.read_all(bytes_max);
  if (!text.ok()) throw Failure(text.error());
  CsvReader reader(*text, request.first_line);
  std::vector<std::string> cells;
  const bool has_header = reader.next(cells);
  const auto columns = has_header ? SyntheaColumns::read(cells) : std::nullopt;
  if (!columns) throw Failure(layout_unknown);
  Parsed parsed;
  for (std::size_t count = 0; reader.next(cells); ++count) {
    if (count == rows_max) throw Failure(codes::too_large, "at most 500 rows in one call");
    parse_row(*columns, cells, reader.line(), parsed);
  }
  if (reader.malformed()) throw Failure(layout_unknown, "a quoted cell does not end, or goes on after its end");
  return parsed;
}

Report handle(Work& work, const Patients& request, const Parsed& parsed) {
  work.open_classes(block_flags);
  Report report = parsed.report;
  for (const Row& row : parsed.rows) {
    patients::Register registration = row.registration;
    work.event() = {};  // each row tells of itself alone
    if (request.facility) registration.facilities = {*request.facility};
    try {
      // Everything is checked before the first write, so a row that is refused leaves nothing behind.
      const bool created = patients::enrol(work, registration).created;
      ++(created ? report.created : report.unchanged);
      if (created) work.part("patients.import");
    } catch (const Failure& failure) {
      const Errc kind = failure.error.kind();
      if (kind != Errc::invalid && kind != Errc::conflict) throw;
      failed(report, row.line, failure.error);
    }
  }
  work.event() = {};
  work.event().table = kernel::Rows<patients::Patient>::layout().table().id;
  work.event().count = static_cast<std::uint32_t>(report.created);
  return report;
}

}  // namespace medflow::inline v1::imports

MEDFLOW_HANDLE(medflow::imports::Patients);
