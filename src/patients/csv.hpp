// Comma-separated values (RFC 4180), read record by record: quotes, doubled quotes, line breaks inside quotes, CRLF or LF.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/export.hpp"

namespace medflow::inline v1::imports {

class CsvReader {
 public:
  /// A byte order mark at the beginning is passed over. `first_line` is the number of the text's first line.
  CsvReader(std::string_view text, std::uint64_t first_line);

  /// Reads the next record; false at the end. Blank lines are passed over.
  bool next(std::vector<std::string>& cells);

  /// The line on which the last record began.
  std::uint64_t line() const { return record_line_; }
  /// True where the text ended inside a quoted cell, or something followed a closing quote.
  bool malformed() const { return malformed_; }

 private:
  bool read_cell(std::string& cell);

  std::string_view text_;
  std::uint64_t line_;
  std::uint64_t record_line_ = 0;
  bool malformed_ = false;
};

}  // namespace medflow::inline v1::imports
