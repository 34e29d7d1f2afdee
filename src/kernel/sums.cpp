#include "kernel/sums.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace medflow::kernel {
namespace {

using storage::Cell;
using storage::RowView;

/// Names a row so that places of one table are in the order of its keys.
void place_of(const storage::Table& table, storage::Key key, std::string& place) {
  place.assign({static_cast<char>(table.id >> 8), static_cast<char>(table.id)});
  for (const Cell& cell : key) place.append(cell.data).push_back('\0');
}

std::size_t first_sum(const storage::Table& table) { return *table.revision + 1U; }

}  // namespace

std::vector<Cell> Sums::Row::cells(std::int64_t with_revision) const {
  std::vector<Cell> row;
  row.reserve(table->columns.size());
  for (const std::string& text : key) row.push_back(Cell::text(text));
  row.push_back(Cell::of(with_revision));
  for (const std::int64_t sum : sums) row.push_back(Cell::of(sum));
  return row;
}

void Sums::read_rows(storage::Transaction& transaction, const storage::Table& table,
                     std::span<const Addition> additions) {
  assert(table.revision == table.key_columns);
  std::vector<std::pair<std::string, Row>> rows;
  std::vector<storage::Key> keys;
  std::string place;
  for (const Addition& addition : additions) {
    place_of(table, addition.key, place);
    const auto is_it = [&](const auto& row) { return row.first == place; };
    if (rows_.contains(place) || std::any_of(rows.begin(), rows.end(), is_it)) continue;
    Row& row = rows.emplace_back(place, Row{.table = &table}).second;
    for (const Cell& cell : addition.key) row.key.emplace_back(cell.data);
    row.stored.resize(table.columns.size() - first_sum(table));
    keys.push_back(addition.key);
  }
  if (keys.empty()) return;
  transaction.get(table, keys, [&](std::size_t at, RowView found) {
    Row& row = rows[at].second;
    row.revision = found[*table.revision].integer;
    for (std::size_t i = 0; i < row.stored.size(); ++i) row.stored[i] = found[first_sum(table) + i].integer;
  });
  for (auto& [named, row] : rows) {
    row.sums = row.stored;
    rows_.emplace(std::move(named), std::move(row));
  }
}

bool Sums::add_to(Row& row, std::span<const std::int64_t> amounts) {
  std::vector<std::int64_t> sums(row.sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i)
    if (__builtin_add_overflow(row.sums[i], amounts[i], &sums[i])) return false;
  steps_.push_back({.row = &row, .before = row.sums});
  row.sums = std::move(sums);
  return true;
}

bool Sums::add(storage::Transaction& transaction, const storage::Table& table, std::span<const Addition> additions) {
  read_rows(transaction, table, additions);
  const std::size_t before = mark();
  std::string place;
  for (const Addition& addition : additions) {
    place_of(table, addition.key, place);
    if (add_to(rows_.find(place)->second, addition.amounts)) continue;
    undo(before);
    return false;
  }
  return true;
}

void Sums::scan(storage::Transaction& transaction, const storage::Table& table, storage::RowVisitor visit) const {
  std::string place;
  place_of(table, {}, place);
  const std::string of_table = place;
  auto next = rows_.lower_bound(of_table);
  bool goes_on = true;
  // Those that are not stored yet and come before `place`, all where it is null.
  const auto visit_new = [&](const std::string* before) {
    for (; goes_on && next != rows_.end() && next->first.starts_with(of_table); ++next) {
      if (before != nullptr && next->first >= *before) return;
      if (next->second.revision == 0 && next->second.changed()) goes_on = visit(next->second.cells(1));
    }
  };
  transaction.scan({.table = &table}, [&](RowView row) {
    place_of(table, row.first(table.key_columns), place);
    visit_new(&place);
    if (!goes_on) return false;
    const bool added = next != rows_.end() && next->first == place;
    goes_on = added ? visit(next->second.cells(next->second.revision)) : visit(row);
    return goes_on;
  });
  visit_new(nullptr);
}

void Sums::write(storage::Transaction& transaction) const {
  for (const auto& [place, row] : rows_) {
    if (!row.changed()) continue;
    const std::vector<Cell> cells = row.cells(row.revision + 1);
    if (row.revision == 0)
      transaction.insert(*row.table, cells);
    else
      transaction.update(*row.table, cells, static_cast<storage::Revision>(row.revision));
  }
}

void Sums::undo(std::size_t mark) noexcept {
  for (; steps_.size() > mark; steps_.pop_back()) steps_.back().row->sums = std::move(steps_.back().before);
}

void Sums::clear() noexcept {
  steps_.clear();
  rows_.clear();
}

}  // namespace medflow::kernel
