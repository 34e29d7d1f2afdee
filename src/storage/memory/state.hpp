// The rows of a database in memory and the rules they keep: unique indexes, the exclusion, revisions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "medflow/storage/engine.hpp"
#include "storage/memory/tree.hpp"
#include "storage/tables.hpp"

namespace medflow::inline v1::storage::memory {

/// An index and its name; the name lets a later schema find it again.
struct NamedTree {
  std::string name{};
  Tree tree{};
};

struct TableState {
  std::uint16_t id = 0;
  Tree rows{};
  std::vector<NamedTree> indexes{};  ///< in the order of Table::indexes
  Tree exclusion{};
};

/// All tables, in the order of their numbers in Tables. A copy is a snapshot and is cheap.
using State = std::vector<TableState>;

/// Applies the steps of one migration to a state whose tables are in the order of `tables`. Fault `unique` where a new
/// unique index finds rows that it cannot hold.
void migrate(State& state, const Tables& tables, const Schema& schema, const Migration& migration);

/// Puts tables and indexes in the order in which `tables` numbers them.
void arrange(State& state, const Tables& tables);

void insert(TableState& state, const Table& table, RowView row);
void update(TableState& state, const Table& table, RowView row, Revision expected);
void erase(TableState& state, const Table& table, Key key);
void scan(const TableState& state, const Scan& scan, RowVisitor visit);

}  // namespace medflow::inline v1::storage::memory
