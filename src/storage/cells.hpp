// Cells as bytes and back: for row streams and for the redo logs of the file engines. Numbers are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage {

void put_number(std::string& out, std::uint64_t value, std::size_t bytes);

/// Its length in four bytes, and the text.
void put_text(std::string& out, std::string_view text);

/// Each cell's kind, and its value.
void put_cells(std::string& out, std::span<const Cell> cells);

/// Reads items from the front of some bytes; once there are too few, `whole` is false and all that is read is empty.
class Reading {
 public:
  explicit Reading(std::string_view bytes) : bytes_(bytes) {}

  std::string_view take(std::size_t size);
  std::uint64_t number(std::size_t size);
  /// Fault `corrupt` naming the table where it is longer than `max`.
  std::string_view text(std::string_view table, std::size_t max = 1'024);
  bool whole() const { return whole_; }
  std::size_t at() const { return at_; }
  /// What has been read; 0 where it is not whole.
  std::size_t size() const { return whole_ ? at_ : 0; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool whole_ = true;
};

/// Fills in `count` cells, which point into the bytes. False where they are not whole. Fault `corrupt` naming the table where they are no cells.
bool read_cells(std::string_view table, std::size_t count, Reading& in, std::vector<Cell>& cells);

}  // namespace medflow::inline v1::storage
