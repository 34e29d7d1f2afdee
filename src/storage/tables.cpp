#include "storage/tables.hpp"

#include <algorithm>
#include <cassert>

namespace medflow::inline v1::storage {
namespace {

constexpr std::uint16_t no_slot = 0xFFFF;

[[noreturn]] void misuse(std::string_view name, std::string_view detail) {
  throw Fault{FaultKind::misuse, std::string{name}, std::string{detail}};
}

bool fits(const Column& column, const Cell& cell, bool key) {
  if (cell.is_null()) return column.nullable && !key;
  return cell.kind == column.kind && cell.data.size() <= cell_bytes_max;
}

bool safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool is_sparse(const Table& table, std::string_view index) {
  const int position = index_of(table, index);
  return position >= 0 && table.indexes[static_cast<std::size_t>(position)].sparse;
}

template <class Wanted>
bool any_change(const Schema& schema, const Table& table, Wanted wanted) {
  for (const auto& migration : schema.migrations) {
    for (const auto& change : migration.changes) {
      if (change.table->id == table.id && wanted(change)) return true;
    }
  }
  return false;
}

}  // namespace

Tables::Tables(const Schema& schema) {
  for (const auto& migration : schema.migrations) {
    for (const auto& change : migration.changes) {
      const auto id = change.table->id;
      if (slot_by_id_.size() <= id) slot_by_id_.resize(std::size_t{id} + 1, no_slot);
      if (slot_by_id_[id] != no_slot) continue;
      slot_by_id_[id] = static_cast<std::uint16_t>(tables_.size());
      tables_.push_back(change.table);
    }
  }
}

std::size_t Tables::slot(const Table& table) const {
  if (table.id >= slot_by_id_.size() || slot_by_id_[table.id] == no_slot) misuse(table.name, "no such table");
  return slot_by_id_[table.id];
}

std::vector<std::uint8_t> order_of(const Table& table, std::span<const std::uint8_t> index_columns) {
  std::vector<std::uint8_t> order(index_columns.begin(), index_columns.end());
  for (std::uint8_t column = 0; column < table.key_columns; ++column) {
    if (std::find(order.begin(), order.end(), column) == order.end()) order.push_back(column);
  }
  return order;
}

std::vector<std::uint8_t> order_of(const Table& table, std::string_view index) {
  const int position = index_of(table, index);
  if (position < 0) return order_of(table, std::span<const std::uint8_t>{});
  return order_of(table, table.indexes[static_cast<std::size_t>(position)].columns);
}

int index_of(const Table& table, std::string_view index) {
  if (index == key_index) return -1;
  for (std::size_t i = 0; i < table.indexes.size(); ++i) {
    if (table.indexes[i].name == index) return static_cast<int>(i);
  }
  misuse(index, "no such index");
}

int compare(const Cell& left, const Cell& right) {
  if (left.kind != right.kind) return left.kind < right.kind ? -1 : 1;
  if (left.kind == CellKind::integer) return left.integer < right.integer ? -1 : (left.integer > right.integer ? 1 : 0);
  return left.data.compare(right.data);
}

void check_row(const Table& table, RowView row) {
  if (row.size() != table.columns.size()) misuse(table.name, "a row of another width");
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!fits(table.columns[i], row[i], i < table.key_columns)) misuse(table.columns[i].name, "a cell of another kind");
  }
}

void check_key(const Table& table, Key key) {
  if (key.size() != table.key_columns) misuse(table.name, "a key of another width");
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (!fits(table.columns[i], key[i], true)) misuse(table.columns[i].name, "a cell of another kind");
  }
}

void check_scan(const Scan& scan, std::size_t order_size) {
  const bool bounded = scan.from || scan.to;
  const std::size_t used = scan.equal.size() + std::max<std::size_t>(scan.after.size(), bounded ? 1 : 0);
  if (used > order_size) misuse(scan.index, "more cells than the index orders by");
  if ((scan.from && scan.from->is_null()) || (scan.to && scan.to->is_null()))
    misuse(scan.index, "a bound that is null");
  if (!is_sparse(*scan.table, scan.index)) return;
  const bool has_value = scan.equal.empty() ? bounded : !scan.equal.front().is_null();
  if (!has_value) misuse(scan.index, "rows that a sparse index does not have");
}

bool column_comes_later(const Schema& schema, const Table& table, std::size_t column) {
  return any_change(schema, table, [&](const SchemaChange& change) { return change.add_column == column; });
}

bool index_comes_later(const Schema& schema, const Table& table, std::size_t index) {
  return any_change(schema, table, [&](const SchemaChange& change) { return change.add_index == index; });
}

std::span<const Migration> lacking(const Schema& schema, std::span<const Applied> applied, bool migrate,
                                   const std::string& store) {
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const bool known = i < schema.migrations.size() && applied[i].number == schema.migrations[i].number &&
                       applied[i].name == schema.migrations[i].name;
    if (!known) throw Fault{FaultKind::schema_newer, store, "migration " + std::to_string(applied[i].number)};
  }
  const auto rest = schema.migrations.subspan(applied.size());
  if (!rest.empty() && !migrate) throw Fault{FaultKind::schema_outdated, store};
  return rest;
}

bool is_tenant_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), safe);
}

std::string text_of(const StoreName& name) {
  if (!is_tenant_name(name.tenant)) misuse("tenant", "no name for a store");
  return name.tenant + (name.part == Part::data ? "/data" : "/keys");
}

}  // namespace medflow::inline v1::storage
