#include "audit/row_ledger.hpp"

#include <cassert>
#include <limits>

#include "medflow/error.hpp"

namespace medflow::inline v1::audit {
namespace {

constexpr std::size_t slots_min = 64;

std::size_t mixed(std::uint16_t table, const Uuid& id) {
  auto hash = static_cast<std::uint64_t>(std::hash<Uuid>{}(id)) + table;
  hash = (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15U;
  return static_cast<std::size_t>(hash ^ (hash >> 29));
}

}  // namespace

std::size_t RowLedger::slot_of(std::uint16_t table, const Uuid& id) const {
  const auto mask = slots_.size() - 1;
  auto slot = mixed(table, id) & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const auto& row = rows_[slots_[slot] - 1];
    if (row.table == table && row.id == id) break;
  }
  return slot;
}

void RowLedger::grow() {
  slots_.assign(slots_.empty() ? slots_min : slots_.size() * 2, 0);
  for (std::size_t i = 0; i < rows_.size(); ++i)
    slots_[slot_of(rows_[i].table, rows_[i].id)] = static_cast<std::uint32_t>(i + 1);
}

void RowLedger::add(const Event& event, FunctionRef<void(const RowEntry&)> on_break) {
  for (const auto& entry : event.rows) {
    if (rows_.size() * 4 >= slots_.size() * 3) grow();
    auto& slot = slots_[slot_of(entry.table, entry.id)];
    if (slot == 0) {
      if (rows_.size() >= std::numeric_limits<std::uint32_t>::max())
        throw Failure{codes::internal, "too many rows to verify at once"};
      rows_.push_back({.id = entry.id, .table = entry.table});
      slot = static_cast<std::uint32_t>(rows_.size());
    }
    auto& row = rows_[slot - 1];
    const auto expected = row.removed ? 1 : row.revision + 1;
    if (entry.revision != expected) on_break(entry);
    row.revision = entry.revision;
    row.seq = event.seq;
    row.seal = entry.seal;
    row.removed = entry.removed;
  }
}

const RowState* RowLedger::find(std::uint16_t table, const Uuid& id) {
  if (rows_.empty()) return nullptr;
  const auto slot = slots_[slot_of(table, id)];
  if (slot == 0) return nullptr;
  auto& row = rows_[slot - 1];
  row.found = true;
  return &row;
}

void RowLedger::for_each_missing(FunctionRef<void(const RowState&)> visit) const {
  for (const auto& row : rows_)
    if (!row.removed && !row.found) visit(row);
}

}  // namespace medflow::inline v1::audit
