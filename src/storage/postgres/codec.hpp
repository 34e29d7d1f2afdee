// Cells as PostgreSQL keeps them, in its binary form.
//
// PostgreSQL's text holds no zero byte and nothing but UTF-8, and an entry of its indexes about 2,700 bytes. So text that
// holds U+0000 or U+0001 is escaped, and text that is not UTF-8 goes, from its first bad byte on, byte by byte behind U+10FFFF; the
// order of all UTF-8 stays that of its bytes. A value that belongs to an index and is long keeps only its beginning there,
// with a hash that tells it from others; the whole of it lies in the row's `long_cells`.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/id.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage::postgres {

/// A value of an index that is longer than this, as it is kept, is cut.
inline constexpr std::size_t indexed_bytes_max = 512;

/// An integer as it came.
std::int64_t integer_of(std::string_view bytes);

/// The bytes of text as PostgreSQL keeps them; borrowed from `text`, or from `room` where they differ.
std::string_view encode_text(std::string_view text, std::string& room);
std::string_view decode_text(std::string_view kept, std::string& room);

/// The columns that belong to the key, an index or the exclusion and whose values have no fixed length: bit i is column i.
using ColumnSet = std::uint64_t;
ColumnSet cut_columns(const Table& table);
inline constexpr std::size_t columns_max = 64;
inline bool contains(ColumnSet set, std::size_t column) { return column < columns_max && ((set >> column) & 1U) != 0; }

/// The values of one statement, in the form that libpq wants. Borrows the cells' data.
class Values {
 public:
  explicit Values(std::size_t count);

  /// The bytes have to last as long as this does.
  void add_bytes(std::string_view bytes) { add(bytes); }
  void add_uuid(const Uuid& id) { add({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}); }
  void add_integer(std::int64_t value);

  /// A cell of this column, cut where it is long and `cut`; true if it was.
  bool add(const Cell& cell, bool cut);

  /// A whole row, and what of it was cut.
  void add_row(RowView row, ColumnSet cut);
  /// The cells of a row that are not its key, and what of all of it was cut.
  void add_rest(RowView row, std::size_t key_columns, ColumnSet cut);
  void add_key(Key key, ColumnSet cut);

  /// What tells these values from others of the same statement.
  std::string text() const;

  int count() const { return static_cast<int>(pointers_.size()); }
  const char* const* pointers() const { return pointers_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void add(std::string_view bytes);
  void add_null();
  void add_long_cells(RowView row, ColumnSet cut);
  std::string& room() { return kept_.emplace_back(); }

  std::vector<const char*> pointers_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::deque<std::string> kept_;  // grows without moving what is in it
};

/// Rows that are sent together, an array of each column. Keeps copies of their cells.
class ColumnArrays {
 public:
  explicit ColumnArrays(std::vector<unsigned> types) : types_(std::move(types)), columns_(types_.size()) {}

  void add(RowView row, ColumnSet cut);
  /// A cell of the only column, as it is sent.
  void add_cell(std::string_view bytes);
  /// All of them behind the tenant's id; valid until the next row is added.
  Values values(const Uuid& tenant);
  void clear();

  std::size_t rows() const { return rows_; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Column {
    std::string cells{};  ///< each behind its length
    bool has_null = false;
  };

  std::vector<unsigned> types_;  ///< of the cells
  std::vector<Column> columns_;
  std::vector<std::string> arrays_{};
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
};

/// A row as it came, with room for what had to be decoded; valid until the next one.
class RowReader {
 public:
  explicit RowReader(const Table& table, ColumnSet cut) : table_(table), cut_(cut) {}

  /// `field(i)` gives column i as a view, with a null pointer for null; the long cells come last.
  template <class Field>
  RowView read(Field field) {
    begin();
    for (std::size_t i = 0; i < table_.columns.size(); ++i) put(i, field(i));
    if (cut_ != 0) put_long_cells(field(table_.columns.size()));
    return cells_;
  }

 private:
  void begin();
  void put(std::size_t column, std::string_view bytes);
  void put_long_cells(std::string_view bytes);

  const Table& table_;
  ColumnSet cut_;
  std::vector<Cell> cells_{};
  std::deque<std::string> rooms_{};
};

}  // namespace medflow::inline v1::storage::postgres
