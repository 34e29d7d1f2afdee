#include "patients/csv.hpp"

namespace medflow::inline v1::imports {

CsvReader::CsvReader(std::string_view text, std::uint64_t first_line) : text_(text), line_(first_line) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
}

/// Reads one cell with what ends it; true where the record goes on.
bool CsvReader::read_cell(std::string& cell) {
  if (text_.starts_with('"')) {
    text_.remove_prefix(1);
    while (!text_.empty()) {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') {
        if (!text_.starts_with('"')) break;
        text_.remove_prefix(1);
      } else if (c == '\n') {
        ++line_;
      }
      cell.push_back(c);
      if (text_.empty()) malformed_ = true;
    }
  } else {
    const std::size_t end = std::min(text_.find_first_of(",\r\n"), text_.size());
    cell = text_.substr(0, end);
    text_.remove_prefix(end);
  }
  if (text_.starts_with(',')) {
    text_.remove_prefix(1);
    return true;
  }
  if (text_.starts_with('\r')) text_.remove_prefix(1);
  if (text_.starts_with('\n')) {
    text_.remove_prefix(1);
    ++line_;
  } else if (!text_.empty()) {
    malformed_ = true;
    text_ = {};
  }
  return false;
}

bool CsvReader::next(std::vector<std::string>& cells) {
  cells.clear();
  while (!text_.empty()) {
    record_line_ = line_;
    bool goes_on = true;
    while (goes_on) goes_on = read_cell(cells.emplace_back());
    if (cells.size() > 1 || !cells.front().empty()) return true;
    cells.clear();
  }
  return false;
}

}  // namespace medflow::inline v1::imports
