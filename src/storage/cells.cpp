#include "storage/cells.hpp"

#include <bit>
#include <cstring>

#include "storage/tables.hpp"

namespace medflow::inline v1::storage {
namespace {

[[noreturn]] void refuse(std::string_view table, const char* what) {
  throw Fault{FaultKind::corrupt, std::string(table), what};
}

}  // namespace

void put_number(std::string& out, std::uint64_t value, std::size_t bytes) {
  static_assert(std::endian::native == std::endian::little);
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  out.append(raw, bytes);
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size(), 4);
  out += text;
}

void put_cells(std::string& out, std::span<const Cell> cells) {
  for (const Cell& cell : cells) {
    out.push_back(static_cast<char>(cell.kind));
    if (cell.kind == CellKind::integer) put_number(out, static_cast<std::uint64_t>(cell.integer), 8);
    if (cell.kind == CellKind::text || cell.kind == CellKind::bytes) put_text(out, cell.data);
  }
}

std::string_view Reading::take(std::size_t size) {
  if (!whole_ || bytes_.size() - at_ < size) {
    whole_ = false;
    return {};
  }
  at_ += size;
  return bytes_.substr(at_ - size, size);
}

std::uint64_t Reading::number(std::size_t size) {
  std::uint64_t value = 0;
  const std::string_view bytes = take(size);
  if (!bytes.empty()) std::memcpy(&value, bytes.data(), bytes.size());
  return value;
}

std::string_view Reading::text(std::string_view table, std::size_t max) {
  const std::uint64_t size = number(4);
  if (size > max) refuse(table, "a length that cannot be");
  return take(size);
}

bool read_cells(std::string_view table, std::size_t count, Reading& in, std::vector<Cell>& cells) {
  cells.clear();
  while (cells.size() < count && in.whole()) {
    Cell cell{.kind = static_cast<CellKind>(in.number(1))};
    if (cell.kind > CellKind::bytes) refuse(table, "a cell of no kind");
    if (cell.kind == CellKind::integer) cell.integer = static_cast<std::int64_t>(in.number(8));
    if (cell.kind == CellKind::text || cell.kind == CellKind::bytes) cell.data = in.text(table, cell_bytes_max);
    cells.push_back(cell);
  }
  return in.whole();
}

}  // namespace medflow::inline v1::storage
