#include <algorithm>

#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "kernel/validate.hpp"
#include "patients/content.hpp"
#include "patients/csv.hpp"
#include "patients/enrol.hpp"
#include "patients/entities.hpp"
#include "patients/registry.hpp"
#include "patients/synthea.hpp"

namespace medflow::inline v1::imports {

using kernel::Outside;
using kernel::Work;

namespace {

constexpr std::size_t rows_max = 500;
constexpr std::size_t bytes_max = std::size_t{1} << 20;

/// One line, and what its cells and the rules of fields say about it.
struct Row {
  std::uint64_t line = 0;
  patients::Register registration{};
  std::vector<FieldError> errors{};  ///< by column
  bool sound = true;                 ///< no rule of a field is broken
};

struct Parsed {
  std::vector<Row> rows{};
};

/// Puts the column in the place of each pointer. Of one column everything is said once, however many fields were made of it.
void add_by_column(std::vector<FieldError> fields, const patients::Register& registration,
                   std::vector<FieldError>& errors) {
  for (FieldError& field : fields) {
    field.pointer = SyntheaColumns::column_of(field.pointer, registration);
    const auto said = [&](const FieldError& each) { return each.pointer == field.pointer && each.code == field.code; };
    if (std::none_of(errors.begin(), errors.end(), said)) errors.push_back(std::move(field));
  }
}

void failed(Report& report, const Row& row) {
  ++report.failed;
  for (const FieldError& error : row.errors)
    report.rows.push_back({.line = row.line,
                           .outcome = RowOutcome::failed,
                           .column = error.pointer,
                           .code = error.code,
                           .message = error.message});
}

Row parse_row(const SyntheaColumns& columns, std::span<const std::string> cells, std::uint64_t line) {
  Row row{.line = line};
  if (cells.size() != columns.count()) {
    row.errors.push_back({.code = "csv.columns", .message = "not as many cells as the header has"});
    row.sound = false;
    return row;
  }
  row.registration = columns.registration(cells, row.errors);
  std::vector<FieldError> broken;
  kernel::validate(type_of<patients::Register>, &row.registration, broken);
  row.sound = broken.empty();
  add_by_column(std::move(broken), row.registration, row.errors);
  return row;
}

/// What else there is to say of a line that fails anyway, so that all of it is told at once.
std::vector<FieldError> further_errors(Work& work, const patients::Register& registration) {
  patients::Patient patient;
  patients::copy_content(registration, patient);
  const Zone zone =
      registration.facilities.empty() ? work.store().zone() : patients::zone_of(work, registration.facilities.front());
  auto unknown = patients::unmask(patient.identifiers, {});
  return patients::content_errors(patient, date_in(zone, work.now()), std::move(unknown));
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
    parsed.rows.push_back(parse_row(*columns, cells, reader.line()));
  }
  if (reader.malformed()) throw Failure(layout_unknown, "a quoted cell does not end, or goes on after its end");
  return parsed;
}

Report handle(Work& work, const Patients& request, const Parsed& parsed) {
  work.open_classes(block_flags);
  Report report;
  for (Row row : parsed.rows) {
    patients::Register& registration = row.registration;
    work.event() = {};  // each row tells of itself alone
    if (request.facility) registration.facilities = {*request.facility};
    if (!row.errors.empty()) {
      if (row.sound) add_by_column(further_errors(work, registration), registration, row.errors);
      failed(report, row);
      continue;
    }
    try {
      // Everything is checked before the first write, so a row that is refused leaves nothing behind.
      const bool created = patients::enrol(work, registration).created;
      ++(created ? report.created : report.unchanged);
      if (created) work.part("patients.import");
    } catch (const Failure& failure) {
      const Errc kind = failure.error.kind();
      if (kind != Errc::invalid && kind != Errc::conflict) throw;
      add_by_column(failure.error.fields, registration, row.errors);
      if (row.errors.empty())
        row.errors.push_back(
            {.code = std::string(failure.error.code.name), .message = std::string(failure.error.code.text)});
      failed(report, row);
    }
  }
  work.event() = {};
  work.event().table = kernel::Rows<patients::Patient>::layout().table().id;
  work.event().count = static_cast<std::uint32_t>(report.created);
  return report;
}

}  // namespace medflow::inline v1::imports

MEDFLOW_HANDLE(medflow::imports::Patients);
