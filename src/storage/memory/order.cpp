#include "storage/memory/order.hpp"

namespace medflow::inline v1::storage::memory {
namespace {

constexpr char tag_null = '\x01';
constexpr char tag_integer = '\x02';
constexpr char tag_text = '\x03';
constexpr char tag_bytes = '\x04';

void append_integer(std::string& out, std::int64_t value) {
  const auto flipped = static_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << 63);
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>((flipped >> shift) & 0xFF));
}

// A zero byte becomes 00 FF and the end is 00 01, so that a string sorts before every longer one that begins with it.
void append_string(std::string& out, std::string_view value) {
  for (const char c : value) {
    out.push_back(c);
    if (c == '\0') out.push_back('\xFF');
  }
  out.append("\0\x01", 2);
}

}  // namespace

void append(std::string& out, const Cell& cell) {
  switch (cell.kind) {
    case CellKind::null:
      out.push_back(tag_null);
      return;
    case CellKind::integer:
      out.push_back(tag_integer);
      append_integer(out, cell.integer);
      return;
    case CellKind::text:
      out.push_back(tag_text);
      append_string(out, cell.data);
      return;
    case CellKind::bytes:
      out.push_back(tag_bytes);
      append_string(out, cell.data);
      return;
  }
}

void append(std::string& out, std::span<const Cell> cells) {
  for (const auto& cell : cells) append(out, cell);
}

std::string encode(RowView row, std::span<const std::uint8_t> columns) {
  std::string out;
  for (const auto column : columns) append(out, row[column]);
  return out;
}

}  // namespace medflow::inline v1::storage::memory
