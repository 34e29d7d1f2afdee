#include "storage/entity.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <mutex>

#include "storage/block_codec.hpp"

namespace medflow::inline v1::storage {
namespace {

CellKind cell_kind(const Type& type) {
  switch (type.kind) {
    case Kind::boolean:
    case Kind::integer:
    case Kind::instant:
      return CellKind::integer;
    case Kind::uuid:
    case Kind::list:
    case Kind::object:
    case Kind::money:
      return CellKind::bytes;
    case Kind::optional:
      return cell_kind(*type.element);
    default:
      return CellKind::text;
  }
}

/// The cell of a value; what has no plain form goes into `row` and stays there.
Cell to_cell(const Type& type, const void* value, RowBuffer& row) {
  switch (type.kind) {
    case Kind::boolean:
    case Kind::integer:
      return Cell::of(type.get_integer(value));
    case Kind::instant:
      return Cell::of(static_cast<const Instant*>(value)->us);
    case Kind::enumeration:
      return Cell::text(type.words[static_cast<std::size_t>(type.get_integer(value))]);
    case Kind::text:
      return Cell::text(*static_cast<const std::string*>(value));
    case Kind::zone:
      return Cell::text(static_cast<const Zone*>(value)->id);
    case Kind::currency:
      return Cell::text(static_cast<const Currency*>(value)->code());
    case Kind::uuid:
      return Cell::bytes(static_cast<const Uuid*>(value)->view());
    case Kind::date:
      return Cell::text(row.text() = static_cast<const Date*>(value)->text());
    case Kind::time:
      return Cell::text(row.text() = static_cast<const TimeOfDay*>(value)->text());
    case Kind::local_date_time:
      return Cell::text(row.text() = static_cast<const LocalDateTime*>(value)->text());
    case Kind::partial_date:
      return Cell::text(row.text() = static_cast<const PartialDate*>(value)->text());
    case Kind::optional:
      return type.has(value) ? to_cell(*type.element, type.get(const_cast<void*>(value)), row) : Cell::null();
    case Kind::list:
    case Kind::object:
    case Kind::money: {
      std::string& bytes = row.text();
      encode_value(type, value, bytes);
      return Cell::bytes(bytes);
    }
    case Kind::secret:
    case Kind::change:
    case Kind::content:
    case Kind::stream:
      break;
  }
  assert(false && "no plain column holds this");
  return Cell::null();
}

bool word_from(const Type& type, std::string_view word, void* value) {
  const auto found = std::find(type.words.begin(), type.words.end(), word);
  if (found == type.words.end()) return false;
  type.set_integer(value, found - type.words.begin());
  return true;
}

template <class T>
bool parsed(std::string_view text, void* value) {
  auto result = T::parse(text);
  if (!result) return false;
  *static_cast<T*>(value) = *result;
  return true;
}

bool from_cell(const Type& type, const Cell& cell, void* value) {
  if (type.kind == Kind::optional) return cell.is_null() || from_cell(*type.element, cell, type.emplace(value));
  if (cell.kind != cell_kind(type)) return false;
  switch (type.kind) {
    case Kind::boolean:
    case Kind::integer:
      type.set_integer(value, cell.integer);
      return true;
    case Kind::instant:
      static_cast<Instant*>(value)->us = cell.integer;
      return true;
    case Kind::enumeration:
      return word_from(type, cell.data, value);
    case Kind::text:
      static_cast<std::string*>(value)->assign(cell.data);
      return true;
    case Kind::zone:
      static_cast<Zone*>(value)->id.assign(cell.data);
      return true;
    case Kind::currency:
      return parsed<Currency>(cell.data, value);
    case Kind::date:
      return parsed<Date>(cell.data, value);
    case Kind::time:
      return parsed<TimeOfDay>(cell.data, value);
    case Kind::local_date_time:
      return parsed<LocalDateTime>(cell.data, value);
    case Kind::partial_date:
      return parsed<PartialDate>(cell.data, value);
    default:
      return decode_value(type, cell.data, value);
  }
}

struct Registry {
  std::mutex mutex{};
  std::vector<const Layout*> layouts{};
};

Registry& registry() {
  static Registry all;
  return all;
}

void put_u32(std::string& out, std::uint32_t value) {
  char bytes[4];
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(value >> (8 * i));
  out.append(bytes, 4);
}

}  // namespace

PackedRow::PackedRow(RowView row) : cells_(row.begin(), row.end()) {
  for (const Cell& cell : cells_) bytes_ += cell.data.size();
  texts_ = std::make_unique<char[]>(bytes_);
  char* at = texts_.get();
  for (Cell& cell : cells_) {
    if (cell.data.empty()) continue;
    std::memcpy(at, cell.data.data(), cell.data.size());
    cell.data = {at, cell.data.size()};
    at += cell.data.size();
  }
}

Layout::Layout(const Entity& entity) : entity_(&entity) {
  assert(entity.type->fields.size() >= 2 && entity.type->fields[0].name == "id" &&
         entity.type->fields[1].name == "revision");
  std::uint32_t classes = 0;
  for (const Field& field : entity.type->fields) {
    classes |= field.flags & block_flags;
    if (field.is(block_flags) || field.is(derived)) continue;
    plain_.push_back({.field = &field,
                      .column = add_column({.name = field.name,
                                            .kind = cell_kind(*field.type),
                                            .nullable = field.type->kind == Kind::optional,
                                            .meaning = field.rules.meaning})});
  }
  if (entity.sealed_for == SealedFor::patient) {
    subject_ = add_column(
        {.name = "subject_id", .kind = CellKind::bytes, .meaning = "whose key seals the row; never changed"});
    key_slot_ =
        add_column({.name = "key_slot", .kind = CellKind::integer, .meaning = "the slot of that key in the key store"});
  }
  extras_ = static_cast<std::uint8_t>(columns_.size());
  for (const Column& extra : entity.extras) add_column(extra);
  for (std::size_t i = 0; i < block_classes; ++i)
    if ((classes & class_flags[i]) != 0)
      blocks_[i] =
          add_column({.name = class_names[i], .kind = CellKind::bytes, .nullable = true, .meaning = "sealed block"});
  seal_ = add_column({.name = "seal", .kind = CellKind::bytes, .meaning = "row seal over all other columns"});

  for (const EntityIndex& index : entity.indexes) {
    auto& columns = index_columns_.emplace_back();
    for (std::string_view name : index.columns) columns.push_back(column_of(name));
    indexes_.push_back({.name = index.name, .columns = columns, .unique = index.unique, .sparse = index.sparse});
  }
  table_ = Table{.id = entity.id,
                 .name = entity.name,
                 .meaning = entity.meaning,
                 .columns = columns_,
                 .key_columns = 1,
                 .revision = std::uint8_t{1},
                 .indexes = indexes_,
                 .append_only = entity.append_only};
  const std::lock_guard lock(registry().mutex);
  registry().layouts.push_back(this);
}

std::vector<const Layout*> layouts() {
  const std::lock_guard lock(registry().mutex);
  return registry().layouts;
}

std::uint8_t Layout::add_column(Column column) {
  assert(columns_.size() < 250);
  columns_.push_back(column);
  return static_cast<std::uint8_t>(columns_.size() - 1);
}

std::uint8_t Layout::column_of(std::string_view name) const {
  const auto found =
      std::find_if(columns_.begin(), columns_.end(), [&](const Column& column) { return column.name == name; });
  assert(found != columns_.end());
  return static_cast<std::uint8_t>(found - columns_.begin());
}

void Layout::write_plain(const void* object, RowBuffer& row) const {
  row.cells.assign(columns_.size(), Cell::null());
  for (const Plain& plain : plain_)
    row.cells[plain.column] = to_cell(*plain.field->type, plain.field->at_const(object), row);
}

bool Layout::read_plain(RowView row, void* object) const {
  return std::all_of(plain_.begin(), plain_.end(), [&](const Plain& plain) {
    return from_cell(*plain.field->type, row[plain.column], plain.field->at(object));
  });
}

void Layout::canonical(RowView row, std::string& out) const {
  std::uint8_t present = 0;
  for (std::size_t i = 0; i < block_classes; ++i)
    if (blocks_[i] && !row[*blocks_[i]].is_null()) present = static_cast<std::uint8_t>(present | 1U << i);
  const std::size_t plain_end = static_cast<std::size_t>(extras_) + entity_->extras.size();
  for (std::size_t i = 0; i < plain_end; ++i) {
    const Cell& cell = row[i];
    out.push_back(static_cast<char>(cell.kind));
    if (cell.kind == CellKind::integer) {
      put_u32(out, static_cast<std::uint32_t>(cell.integer));
      put_u32(out, static_cast<std::uint32_t>(static_cast<std::uint64_t>(cell.integer) >> 32));
    } else if (!cell.is_null()) {
      put_u32(out, static_cast<std::uint32_t>(cell.data.size()));
      out += cell.data;
    }
  }
  out.push_back(static_cast<char>(present));
}

const Code* Layout::code_of(std::string_view index) const {
  const auto found = std::find_if(entity_->indexes.begin(), entity_->indexes.end(),
                                  [&](const EntityIndex& candidate) { return candidate.name == index; });
  return found == entity_->indexes.end() ? nullptr : found->code;
}

}  // namespace medflow::inline v1::storage
