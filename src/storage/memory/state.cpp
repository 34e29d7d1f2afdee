#include "storage/memory/state.hpp"

#include <algorithm>
#include <utility>

#include "storage/memory/order.hpp"

namespace medflow::inline v1::storage::memory {
namespace {

bool any_null(RowView row, std::span<const std::uint8_t> columns) {
  return std::any_of(columns.begin(), columns.end(), [&](std::uint8_t column) { return row[column].is_null(); });
}

std::string key_of(const Table& table, RowView row) {
  std::string key;
  append(key, row.first(table.key_columns));
  return key;
}

std::string entry_of(const Table& table, const Index& index, RowView row) {
  return encode(row, order_of(table, index.columns));
}

// Whether a row with another key has the same cells in the columns of this unique index.
bool taken(const Tree& tree, const Table& table, const Index& index, RowView row) {
  if (!index.unique || any_null(row, index.columns)) return false;
  const auto prefix = encode(row, index.columns);
  const auto own = key_of(table, row);
  bool hit = false;
  tree.ascend(prefix, prefix + beyond_all, [&](const RowPtr& other) {
    hit = key_of(table, other->view()) != own;
    return !hit;
  });
  return hit;
}

bool takes_part(const Exclusion& exclusion, RowView row) {
  return !any_null(row, exclusion.equal) && !row[exclusion.from].is_null() && !row[exclusion.to].is_null();
}

std::string claim_of(const Table& table, const Exclusion& exclusion, RowView row) {
  std::string claim = encode(row, exclusion.equal);
  append(claim, row[exclusion.from]);
  append(claim, row.first(table.key_columns));
  return claim;
}

// The ranges that are there do not overlap, so only the last one that begins before this row's end can reach into it.
bool overlaps(const Tree& claims, const Table& table, const Exclusion& exclusion, RowView row) {
  if (!takes_part(exclusion, row)) return false;
  const auto group = encode(row, exclusion.equal);
  auto end = group;
  append(end, row[exclusion.to]);
  const auto own = key_of(table, row);
  bool hit = false;
  claims.descend(group, end, [&](const RowPtr& other) {
    if (key_of(table, other->view()) == own) return true;
    hit = compare(other->view()[exclusion.to], row[exclusion.from]) > 0;
    return false;
  });
  return hit;
}

void link(TableState& state, const Table& table, const RowPtr& row) {
  const auto cells = row->view();
  state.rows.put(key_of(table, cells), row);
  for (std::size_t i = 0; i < state.indexes.size(); ++i) {
    state.indexes[i].tree.put(entry_of(table, table.indexes[i], cells), row);
  }
  if (table.exclusion && takes_part(*table.exclusion, cells)) {
    state.exclusion.put(claim_of(table, *table.exclusion, cells), row);
  }
}

void unlink(TableState& state, const Table& table, RowView row) {
  state.rows.erase(key_of(table, row));
  for (std::size_t i = 0; i < state.indexes.size(); ++i) {
    state.indexes[i].tree.erase(entry_of(table, table.indexes[i], row));
  }
  if (table.exclusion && takes_part(*table.exclusion, row))
    state.exclusion.erase(claim_of(table, *table.exclusion, row));
}

void check_constraints(const TableState& state, const Table& table, RowView row) {
  if (table.exclusion && overlaps(state.exclusion, table, *table.exclusion, row)) {
    throw Fault{FaultKind::exclusion, std::string{table.exclusion->name}};
  }
  for (std::size_t i = 0; i < state.indexes.size(); ++i) {
    if (taken(state.indexes[i].tree, table, table.indexes[i], row)) {
      throw Fault{FaultKind::unique, std::string{table.indexes[i].name}};
    }
  }
}

template <class Visit>
void each_row(const TableState& state, Visit visit) {
  state.rows.ascend({}, std::string(1, beyond_all), [&](const RowPtr& row) {
    visit(row);
    return true;
  });
}

void add_column(TableState& state, const Table& table) {
  std::vector<RowPtr> widened;
  each_row(state, [&](const RowPtr& row) {
    std::vector<Cell> cells(row->view().begin(), row->view().end());
    cells.push_back(Cell::null());
    widened.push_back(std::make_shared<const Row>(cells));
  });
  for (const auto& row : widened) state.rows.put(key_of(table, row->view()), row);
  for (auto& [name, tree] : state.indexes) {
    const auto& index = table.indexes[static_cast<std::size_t>(index_of(table, name))];
    for (const auto& row : widened) tree.put(entry_of(table, index, row->view()), row);
  }
  if (!table.exclusion) return;
  for (const auto& row : widened) {
    if (takes_part(*table.exclusion, row->view()))
      state.exclusion.put(claim_of(table, *table.exclusion, row->view()), row);
  }
}

void add_index(TableState& state, const Table& table, const Index& index) {
  Tree tree;
  each_row(state, [&](const RowPtr& row) {
    if (taken(tree, table, index, row->view())) throw Fault{FaultKind::unique, std::string{index.name}};
    tree.put(entry_of(table, index, row->view()), row);
  });
  state.indexes.push_back({.name = std::string{index.name}, .tree = std::move(tree)});
}

TableState create(const Schema& schema, const Table& table) {
  TableState state{.id = table.id, .rows = {}, .indexes = {}, .exclusion = {}};
  for (std::size_t i = 0; i < table.indexes.size(); ++i) {
    if (!index_comes_later(schema, table, i))
      state.indexes.push_back({.name = std::string{table.indexes[i].name}, .tree = {}});
  }
  return state;
}

// The cells between which a scan lies, in encoded form: [lower, upper).
std::pair<std::string, std::string> bounds_of(const Scan& scan) {
  std::string prefix;
  append(prefix, scan.equal);
  std::string lower = prefix;
  std::string upper = prefix;
  if (scan.from)
    append(lower, *scan.from);
  else if (scan.to)
    lower.push_back(above_null);
  if (scan.to)
    append(upper, *scan.to);
  else
    upper.push_back(beyond_all);
  if (scan.after.empty()) return {lower, upper};
  append(prefix, scan.after);
  if (scan.backwards) return {lower, std::min(upper, prefix)};
  prefix.push_back(beyond_all);
  return {std::max(lower, prefix), upper};
}

}  // namespace

void arrange(State& state, const Tables& tables) {
  State sorted;
  for (std::size_t slot = 0; slot < tables.size(); ++slot) {
    const auto& table = tables[slot];
    const auto found = std::find_if(state.begin(), state.end(), [&](const TableState& t) { return t.id == table.id; });
    if (found == state.end()) continue;
    TableState arranged{.id = found->id, .rows = found->rows, .indexes = {}, .exclusion = found->exclusion};
    for (const auto& index : table.indexes) {
      const auto tree = std::find_if(found->indexes.begin(), found->indexes.end(),
                                     [&](const NamedTree& t) { return t.name == index.name; });
      if (tree != found->indexes.end()) arranged.indexes.push_back(*tree);
    }
    sorted.push_back(std::move(arranged));
  }
  state = std::move(sorted);
}

void migrate(State& state, const Tables& tables, const Schema& schema, const Migration& migration) {
  for (const auto& change : migration.changes) {
    const auto& table = tables[tables.slot(*change.table)];
    const auto at = std::find_if(state.begin(), state.end(), [&](const TableState& t) { return t.id == table.id; });
    if (!change.add_column && !change.add_index)
      state.push_back(create(schema, table));
    else if (change.add_index)
      add_index(*at, table, table.indexes[*change.add_index]);
    else
      add_column(*at, table);
  }
}

void insert(TableState& state, const Table& table, RowView row) {
  if (state.rows.find(key_of(table, row))) throw Fault{FaultKind::unique, std::string{key_index}};
  check_constraints(state, table, row);
  link(state, table, std::make_shared<const Row>(row));
}

void update(TableState& state, const Table& table, RowView row, Revision expected) {
  const auto old = state.rows.find(key_of(table, row));
  if (!old || static_cast<Revision>(old->view()[*table.revision].integer) != expected) {
    throw Fault{FaultKind::revision, std::string{table.name}};
  }
  check_constraints(state, table, row);
  unlink(state, table, old->view());
  link(state, table, std::make_shared<const Row>(row));
}

void erase(TableState& state, const Table& table, Key key) {
  std::string encoded;
  append(encoded, key);
  if (const auto old = state.rows.find(encoded)) unlink(state, table, old->view());
}

void scan(const TableState& state, const Scan& scan, RowVisitor visit) {
  const int index = index_of(*scan.table, scan.index);
  const Tree& tree = index < 0 ? state.rows : state.indexes[static_cast<std::size_t>(index)].tree;
  const auto [lower, upper] = bounds_of(scan);
  std::size_t left = scan.limit;
  const auto take = [&](const RowPtr& row) {
    if (left == 0) return false;
    --left;
    return visit(row->view()) && left > 0;
  };
  if (scan.backwards)
    tree.descend(lower, upper, take);
  else
    tree.ascend(lower, upper, take);
}

}  // namespace medflow::inline v1::storage::memory
