#include "adapters/cli/csv_pieces.hpp"

namespace medflow::cli {
namespace {

constexpr std::size_t buffer_size = 64 * 1024;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_blank(const std::string& record) { return record.find_first_not_of("\r\n") == std::string::npos; }

}  // namespace

CsvPieces::CsvPieces(std::istream& in, std::size_t rows_max, std::size_t bytes_max)
    : in_(in), rows_max_(rows_max), bytes_max_(bytes_max), buffer_(buffer_size) {
  if (!read_record()) throw CsvError(1, "the file is empty");
  bytes_done_ = record_.size();
  header_ = std::move(record_);
  if (header_.starts_with(byte_order_mark)) header_.erase(0, byte_order_mark.size());
  if (is_blank(header_)) throw CsvError(1, "there is no header");
  if (!header_.ends_with('\n')) header_ += '\n';
  header_lines_ = line_ - record_line_;
  if (header_lines_ == 0) header_lines_ = 1;  // the file ends without a line feed
}

bool CsvPieces::take(char& c) {
  if (at_ == end_) {
    in_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    at_ = 0;
    end_ = static_cast<std::size_t>(in_.gcount());
    if (end_ == 0) {
      if (in_.bad()) throw CsvError(line_, "the file cannot be read any further");
      return false;
    }
  }
  c = buffer_[at_++];
  return true;
}

bool CsvPieces::read_record() {
  enum class In { start, plain, quoted, quote };  // a quote within quotes ends them or, with another, is one
  In in = In::start;
  record_.clear();
  record_line_ = line_;
  char c = 0;
  while (take(c)) {
    record_ += c;
    if (record_.size() + header_.size() > bytes_max_)
      throw CsvError(record_line_, "this row is too long; is a quote left open?");
    if (c == '\n') ++line_;
    if (in == In::quoted) {
      if (c == '"') in = In::quote;
    } else if (c == '\n') {
      return true;
    } else if (c == '"' && (in == In::start || in == In::quote)) {
      in = In::quoted;
    } else if (c == ',') {
      in = In::start;
    } else if (record_ != byte_order_mark.substr(0, record_.size()) || record_line_ != 1) {
      in = In::plain;
    }
  }
  if (in == In::quoted) throw CsvError(record_line_, "a quote is left open");
  return !record_.empty();
}

std::optional<CsvPiece> CsvPieces::next() {
  CsvPiece piece{.text = header_};
  while (waiting_ || read_record()) {
    waiting_ = false;
    if (is_blank(record_)) {
      bytes_done_ += record_.size();
      if (piece.rows > 0) break;  // rows of a piece stand on lines without a gap, so that its report can number them
      continue;
    }
    if (piece.rows == rows_max_ || piece.text.size() + record_.size() > bytes_max_) {
      waiting_ = true;
      break;
    }
    if (piece.rows == 0) piece.first_line = record_line_ - header_lines_;
    if (!record_.ends_with('\n')) record_ += '\n';
    piece.text += record_;
    bytes_done_ += record_.size();
    ++piece.rows;
  }
  const bool first = !started_;
  started_ = true;
  if (piece.rows == 0 && !first) return std::nullopt;
  return piece;
}

}  // namespace medflow::cli
