// How a described struct becomes a row: plain typed columns for what is indexed, joined or reported, one sealed block per
// class of sensitive fields, and a row seal over all of it. Engines see only the table that comes out of this.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/error.hpp"
#include "medflow/fields.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage {

/// Whose key seals an entity's blocks.
enum class SealedFor : std::uint8_t {
  tenant,   ///< the tenant's key
  patient,  ///< the patient's own key: the row has `subject_id` and `key_slot`
};

/// An index of an entity, by the names of its columns. `code` is the answer where a unique index is hit.
struct EntityIndex {
  std::string_view name{};
  std::span<const std::string_view> columns{};
  bool unique = false;
  const Code* code = nullptr;
  bool sparse = false;
};

/// What is stored of one described struct. Its first two fields are `id` and `revision`.
struct Entity {
  std::uint16_t id = 0;  ///< of the table; frozen
  std::string_view name{};
  std::string_view meaning{};
  const Type* type = nullptr;
  SealedFor sealed_for = SealedFor::tenant;
  std::span<const Column> extras{};  ///< computed columns: exact-match tokens
  std::span<const EntityIndex> indexes{};
  bool append_only = false;  ///< its rows are never changed
};

inline constexpr std::size_t block_classes = 6;

/// The classes in order of their numbers (identity = 1 … secret = 6), by the flag of their fields.
inline constexpr std::array<std::uint32_t, block_classes> class_flags = {identity,   contact, clinical,
                                                                         restricted, billing, secret};
inline constexpr std::array<std::string_view, block_classes> class_names = {"identity",   "contact", "clinical",
                                                                            "restricted", "billing", "secret"};

/// A row being built: cells that point into the object, into this buffer, or at constants. Clear and use again to allocate nothing.
class RowBuffer {
 public:
  std::vector<Cell> cells{};

  void clear() {
    cells.clear();
    used_ = 0;
  }
  /// An empty text that stays where it is until `clear`.
  std::string& text() {
    if (used_ == texts_.size()) texts_.emplace_back();
    std::string& text = texts_[used_++];
    text.clear();
    return text;
  }
  /// Replaces the content by a copy of a row.
  void copy(RowView row) {
    clear();
    for (Cell cell : row) {
      if (!cell.data.empty()) cell.data = text() = cell.data;
      cells.push_back(cell);
    }
  }

 private:
  std::deque<std::string> texts_{};  // a deque: what is in it never moves
  std::size_t used_ = 0;
};

/// A copy of a row, in one piece.
class PackedRow {
 public:
  PackedRow() = default;
  explicit PackedRow(RowView row);
  RowView cells() const { return cells_; }
  /// Of what its cells point at.
  std::size_t bytes() const { return bytes_; }

 private:
  std::vector<Cell> cells_{};
  std::unique_ptr<char[]> texts_{};  // stays where it is when the row is moved
  std::size_t bytes_ = 0;
};

/// The table of an entity and the way between its rows and its objects. Made once per entity, lives as long as the process.
class Layout {
 public:
  explicit Layout(const Entity& entity);
  Layout(const Layout&) = delete;

  const Entity& entity() const { return *entity_; }
  const Table& table() const { return table_; }
  std::size_t columns() const { return columns_.size(); }

  /// Fills the plain cells (extras and blocks stay null) and the id.
  void write_plain(const void* object, RowBuffer& row) const;
  /// Sets the plain fields. False where a cell is not of its column's form.
  [[nodiscard]] bool read_plain(RowView row, void* object) const;

  /// The bytes that the row seal covers beside the blocks: every plain cell with its kind and length, then which blocks there are.
  void canonical(RowView row, std::string& out) const;

  /// Column positions; none where the entity has no such column.
  std::optional<std::uint8_t> block(std::size_t block_class) const { return blocks_[block_class]; }
  std::uint8_t seal() const { return seal_; }
  std::optional<std::uint8_t> subject() const { return subject_; }
  std::optional<std::uint8_t> key_slot() const { return key_slot_; }
  std::uint8_t extra(std::size_t i) const { return static_cast<std::uint8_t>(extras_ + i); }

  const Field& id_field() const { return entity_->type->fields[0]; }
  Uuid& id_of(void* object) const { return *static_cast<Uuid*>(id_field().at(object)); }
  std::uint64_t& revision_of(void* object) const {
    return *static_cast<std::uint64_t*>(entity_->type->fields[1].at(object));
  }

  /// The code of the unique index that a Fault names, none where the entity gives it none.
  const Code* code_of(std::string_view index) const;

 private:
  struct Plain {
    const Field* field = nullptr;
    std::uint8_t column = 0;
  };

  std::uint8_t add_column(Column column);
  std::uint8_t column_of(std::string_view name) const;

  const Entity* entity_;
  std::vector<Column> columns_{};
  std::vector<Plain> plain_{};
  std::array<std::optional<std::uint8_t>, block_classes> blocks_{};
  std::optional<std::uint8_t> subject_{};
  std::optional<std::uint8_t> key_slot_{};
  std::uint8_t extras_ = 0;
  std::uint8_t seal_ = 0;
  std::deque<std::vector<std::uint8_t>> index_columns_{};
  std::vector<Index> indexes_{};
  Table table_{};
};

/// Names the entity of a stored struct: `static const Entity entity`. Specialised beside the module's handlers.
template <class T>
struct Stored;

/// Every layout that was asked for so far.
std::vector<const Layout*> layouts();

/// The layout of a stored struct.
template <class T>
const Layout& layout_of() {
  static const Layout layout(Stored<T>::entity);
  return layout;
}

}  // namespace medflow::inline v1::storage
