// Cuts a CSV file (RFC 4180) into pieces that can be sent one by one: each has the header and some of the rows, never half a row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace medflow::cli {

/// What keeps a file from being cut. Names the line, never what stands in it.
class CsvError : public std::runtime_error {
 public:
  CsvError(std::uint64_t line, const std::string& why)
      : std::runtime_error("line " + std::to_string(line) + ": " + why) {}
};

struct CsvPiece {
  std::uint64_t first_line =
      1;  ///< the header's line as the piece's rows count from it: its first row is the line after
  std::size_t rows = 0;
  std::string text{};  ///< the header and the rows, as they are in the file but for a byte order mark
};

/// Reads a stream piece by piece, and never holds more than one.
class CsvPieces {
 public:
  static constexpr std::size_t rows_limit = 500;
  static constexpr std::size_t bytes_limit = std::size_t{1} << 20U;

  /// Both limits are for one piece, the header included. Throws CsvError for an empty stream and a header that never ends.
  explicit CsvPieces(std::istream& in, std::size_t rows_max = rows_limit, std::size_t bytes_max = bytes_limit);

  /// The next piece; none at the end. A file of a header alone is one piece without rows, so that somebody looks at the header.
  /// Throws CsvError.
  std::optional<CsvPiece> next();

  /// How much of the stream lies in the pieces so far.
  std::uint64_t bytes_done() const { return bytes_done_; }

 private:
  /// One record with its line end into `record_`; false at the end. Counts lines.
  bool read_record();
  bool take(char& c);

  std::istream& in_;
  std::size_t rows_max_;
  std::size_t bytes_max_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::string header_{};
  std::uint64_t header_lines_ = 0;
  std::string record_{};
  std::uint64_t record_line_ = 0;  ///< where `record_` begins
  bool waiting_ = false;           ///< `record_` was read and is in no piece yet
  bool started_ = false;
  std::uint64_t line_ = 1;
  std::uint64_t bytes_done_ = 0;
};

}  // namespace medflow::cli
