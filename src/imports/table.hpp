// A piece of a CSV file with a header, row by row by the names of its columns, and the report about it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/work.hpp"
#include "medflow/patients.hpp"

namespace medflow::inline v1::imports {

inline constexpr std::size_t rows_max = 500;
inline constexpr std::size_t bytes_max = std::size_t{1} << 20;

/// One line, and its cells by the position of their column in the list of names: valid UTF-8 in NFC, without control characters but line feeds and tabs.
struct Line {
  std::uint64_t number = 0;
  std::vector<std::string> cells{};
};

struct Table {
  std::vector<Line> lines{};
  Report report{};  ///< lines that have not as many cells as the header, or cells that are no text
};

/// Reads a piece. Throws Failure `import.layout` where the header lacks one of `names`, or what a quote breaks off, and `too_large`.
Table read_table(const Content& content, std::uint64_t first_line, std::span<const std::string_view> names);

/// Counts a line as failed, by what is wrong with a column.
void fail(Report& report, std::uint64_t line, std::string_view column, std::string_view code, std::string_view message);
/// The same by what was thrown, of which every column is told; what is neither about its fields nor a conflict is thrown on.
void fail(Report& report, std::uint64_t line, const Failure& failure);

/// Puts the lines of a report into the order of the file.
void sort_by_line(Report& report);

/// A field of what a line becomes, and the column that it comes of.
struct Origin {
  std::string_view pointer{};
  std::string_view column{};
};

/// Holds what a line became against the rules of its type, as a request is. Throws Failure `invalid`, which names the columns of the rules that are
/// broken, or the fields where they come of none of them.
void require_valid(const Type& type, void* object, std::initializer_list<Origin> origins);

/// Runs `enter` for each line, which answers whether something is new: then it leaves an event `action` of its own. A line whose `enter` throws has
/// changed nothing. The call's own event counts.
template <class Enter>
Report enter_lines(kernel::Work& work, const Table& table, std::uint16_t table_id, std::string_view action,
                   Enter&& enter) {
  Report report = table.report;
  for (const Line& line : table.lines) {
    work.event() = {};  // each line tells of itself alone
    try {
      const bool created = enter(line);
      ++(created ? report.created : report.unchanged);
      if (created) work.part(action);
    } catch (const Failure& failure) {
      fail(report, line.number, failure);
    }
  }
  sort_by_line(report);
  work.event() = {};
  work.event().table = table_id;
  work.event().count = static_cast<std::uint32_t>(report.created);
  return report;
}

}  // namespace medflow::inline v1::imports
