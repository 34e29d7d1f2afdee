#include "storage/postgres/codec.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "crypto/hash.hpp"
#include "text/utf8.hpp"

namespace medflow::inline v1::storage::postgres {
namespace {

constexpr char escape = '\x01';
constexpr std::string_view not_utf8 = "\xF4\x8F\xBF\xBF";  // U+10FFFF, which no text holds: Unicode has set it aside
constexpr std::string_view digits = "0123456789abcdef";

bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\0' || c == escape; }) &&
         (text::is_ascii(text) || (text.find(not_utf8) == std::string_view::npos && text::valid_utf8(text)));
}

// The length of the UTF-8 character that begins here; 0 where there is none, or the one that is set aside.
std::size_t character_at(std::string_view rest) {
  const auto lead = static_cast<unsigned char>(rest.front());
  if (lead < 0x80) return 1;
  const std::size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || rest.size() < length || rest.starts_with(not_utf8)) return 0;
  return text::valid_utf8(rest.substr(0, length)) ? length : 0;
}

void append_escaped(char c, std::string& out) {
  if (c == '\0' || c == escape)
    out.append({escape, c == escape ? '\x02' : '\x01'});
  else
    out.push_back(c);
}

// One byte as the character of its number.
void append_byte(char c, std::string& out) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x80) return append_escaped(c, out);
  out.push_back(static_cast<char>(0xC0U | (byte >> 6U)));
  out.push_back(static_cast<char>(0x80U | (byte & 0x3FU)));
}

std::string big_endian(std::uint64_t value, std::size_t bytes) {
  std::string out(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) out[i] = static_cast<char>(value >> (8 * (bytes - 1 - i)));
  return out;
}

std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

// Longer than any value that is not cut, so that the two are never taken for each other.
std::string cut_bytes(std::string_view bytes) {
  const auto digest = crypto::sha256(bytes);
  std::string out{bytes.substr(0, indexed_bytes_max)};
  return out.append(reinterpret_cast<const char*>(digest.data()), digest.size());
}

std::string cut_text(std::string_view kept) {
  std::size_t end = indexed_bytes_max;
  while ((static_cast<unsigned char>(kept[end]) & 0xC0U) == 0x80U) --end;
  std::string out{kept.substr(0, end)};
  for (const std::byte byte : crypto::sha256(kept)) {
    out.push_back(digits[std::to_integer<std::size_t>(byte) >> 4U]);
    out.push_back(digits[std::to_integer<std::size_t>(byte) & 0xFU]);
  }
  return out;
}

}  // namespace

std::int64_t integer_of(std::string_view bytes) { return static_cast<std::int64_t>(from_big_endian(bytes)); }

std::string_view encode_text(std::string_view text, std::string& room) {
  if (is_plain(text)) return text;
  room.clear();
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = character_at(text.substr(at));
    if (length == 0) break;
    if (length == 1)
      append_escaped(text[at], room);
    else
      room.append(text.substr(at, length));
    at += length;
  }
  if (at == text.size()) return room;
  room.append(not_utf8);
  for (const char c : text.substr(at)) append_byte(c, room);
  return room;
}

std::string_view decode_text(std::string_view kept, std::string& room) {
  const auto bad = kept.find(not_utf8);
  if (bad == std::string_view::npos && kept.find(escape) == std::string_view::npos) return kept;
  room.clear();
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (i == bad) {
      i += not_utf8.size();
      if (i == kept.size()) break;
    }
    const auto byte = static_cast<unsigned char>(kept[i]);
    if (kept[i] == escape && i + 1 < kept.size()) {
      room.push_back(kept[++i] == '\x02' ? escape : '\0');
    } else if (i > bad && byte >= 0xC0 && i + 1 < kept.size()) {
      room.push_back(static_cast<char>((byte & 0x3U) << 6U | (static_cast<unsigned char>(kept[++i]) & 0x3FU)));
    } else {
      room.push_back(kept[i]);
    }
  }
  return room;
}

ColumnSet cut_columns(const Table& table) {
  assert(table.columns.size() <= columns_max);
  ColumnSet set = 0;
  const auto take = [&](std::size_t column) {
    if (table.columns[column].kind != CellKind::integer) set |= ColumnSet{1} << column;
  };
  for (std::size_t i = 0; i < table.key_columns; ++i) take(i);
  for (const auto& index : table.indexes) std::for_each(index.columns.begin(), index.columns.end(), take);
  if (table.exclusion) std::for_each(table.exclusion->equal.begin(), table.exclusion->equal.end(), take);
  return set;
}

Values::Values(std::size_t count) {
  pointers_.reserve(count);
  lengths_.reserve(count);
  formats_.reserve(count);
}

void Values::add(std::string_view bytes) {
  static constexpr char nothing = '\0';
  pointers_.push_back(bytes.empty() ? &nothing : bytes.data());
  lengths_.push_back(static_cast<int>(bytes.size()));
  formats_.push_back(1);
}

void Values::add_null() {
  pointers_.push_back(nullptr);
  lengths_.push_back(0);
  formats_.push_back(1);
}

void Values::add_integer(std::int64_t value) { add(room() = big_endian(static_cast<std::uint64_t>(value), 8)); }

bool Values::add(const Cell& cell, bool cut) {
  switch (cell.kind) {
    case CellKind::null:
      add_null();
      return false;
    case CellKind::integer:
      add_integer(cell.integer);
      return false;
    case CellKind::text: {
      const std::string_view kept = encode_text(cell.data, room());
      const bool cuts = cut && kept.size() > indexed_bytes_max;
      add(cuts ? std::string_view{room() = cut_text(kept)} : kept);
      return cuts;
    }
    case CellKind::bytes:
      break;
  }
  const bool cuts = cut && cell.data.size() > indexed_bytes_max;
  add(cuts ? std::string_view{room() = cut_bytes(cell.data)} : cell.data);
  return cuts;
}

void Values::add_row(RowView row, ColumnSet cut) {
  ColumnSet cells = 0;
  for (std::size_t i = 0; i < row.size(); ++i) cells |= ColumnSet{add(row[i], contains(cut, i))} << i;
  if (cut != 0) add_long_cells(row, cells);
}

void Values::add_rest(RowView row, std::size_t key_columns, ColumnSet cut) {
  ColumnSet cells = 0;
  for (std::size_t i = key_columns; i < row.size(); ++i) cells |= ColumnSet{add(row[i], contains(cut, i))} << i;
  if (cut == 0) return;
  for (std::size_t i = 0; i < key_columns; ++i) {
    Values key{1};
    cells |= ColumnSet{key.add(row[i], contains(cut, i))} << i;
  }
  add_long_cells(row, cells);
}

void Values::add_key(Key key, ColumnSet cut) {
  for (std::size_t i = 0; i < key.size(); ++i) add(key[i], contains(cut, i));
}

void Values::add_long_cells(RowView row, ColumnSet cut) {
  if (cut == 0) return add_null();
  std::string& all = room();
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!contains(cut, i)) continue;
    all.push_back(static_cast<char>(i));
    all.append(big_endian(row[i].data.size(), 4)).append(row[i].data);
  }
  add(all);
}

std::string Values::text() const {
  std::string all;
  for (std::size_t i = 0; i < pointers_.size(); ++i) {
    all += pointers_[i] == nullptr ? '-' : '+';
    all += big_endian(static_cast<std::uint64_t>(lengths_[i]), 4);
    if (pointers_[i] != nullptr) all.append(pointers_[i], static_cast<std::size_t>(lengths_[i]));
  }
  return all;
}

void ColumnArrays::add(RowView row, ColumnSet cut) {
  Values values{columns_.size()};
  values.add_row(row, cut);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    const char* cell = values.pointers()[i];
    const auto length = static_cast<std::size_t>(values.lengths()[i]);
    column.cells += big_endian(cell == nullptr ? ~std::uint64_t{0} : length, 4);
    column.has_null = column.has_null || cell == nullptr;
    if (cell != nullptr) column.cells.append(cell, length);
    bytes_ += 4 + length;
  }
  ++rows_;
}

void ColumnArrays::add_cell(std::string_view bytes) {
  columns_.front().cells.append(big_endian(bytes.size(), 4)).append(bytes);
  bytes_ += 4 + bytes.size();
  ++rows_;
}

// An array of one dimension whose first element has the number 1.
Values ColumnArrays::values(const Uuid& tenant) {
  Values values{1 + columns_.size()};
  values.add_uuid(tenant);
  arrays_.resize(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::string& array = arrays_[i];
    array = big_endian(1, 4) + big_endian(columns_[i].has_null ? 1 : 0, 4) + big_endian(types_[i], 4) +
            big_endian(rows_, 4) + big_endian(1, 4);
    array += columns_[i].cells;
    values.add_bytes(array);
  }
  return values;
}

void ColumnArrays::clear() {
  for (Column& column : columns_) {
    column.cells.clear();
    column.has_null = false;
  }
  rows_ = bytes_ = 0;
}

void RowReader::begin() {
  cells_.clear();
  rooms_.clear();
}

void RowReader::put(std::size_t column, std::string_view bytes) {
  if (bytes.data() == nullptr) return cells_.push_back(Cell::null());
  switch (table_.columns[column].kind) {
    case CellKind::integer:
      return cells_.push_back(Cell::of(integer_of(bytes)));
    case CellKind::text:
      if (bytes.find(escape) == std::string_view::npos && bytes.find(not_utf8) == std::string_view::npos)
        return cells_.push_back(Cell::text(bytes));
      return cells_.push_back(Cell::text(decode_text(bytes, rooms_.emplace_back())));
    default:
      return cells_.push_back(Cell::bytes(bytes));
  }
}

void RowReader::put_long_cells(std::string_view bytes) {
  while (bytes.size() > 5) {
    const auto column = static_cast<std::size_t>(static_cast<unsigned char>(bytes[0]));
    const auto length = from_big_endian(bytes.substr(1, 4));
    if (column >= cells_.size() || bytes.size() - 5 < length)
      throw Fault{FaultKind::corrupt, std::string{table_.name}, "long cells that are none"};
    cells_[column].data = bytes.substr(5, length);
    bytes.remove_prefix(5 + length);
  }
}

}  // namespace medflow::inline v1::storage::postgres
