// What other processes write into a shared store: each batch begins with reading on in the change feed and telling whoever keeps
// something of rows in memory. Those stand in one list (following.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kernel/store.hpp"
#include "medflow/id.hpp"
#include "storage/entity.hpp"

namespace medflow::kernel {

/// A row that was written or removed. What it is now, the transaction shows.
struct RowChange {
  std::uint16_t table = 0;
  Uuid id{};

  friend auto operator<=>(const RowChange&, const RowChange&) = default;
};

/// The rows among them of one entity, in order.
std::vector<Uuid> ids_of(std::span<const RowChange> changes, const storage::Layout& layout);

/// The plain fields of a row as it is now; nothing where it is gone, or damaged: whoever reads or verifies it is told of that.
template <class T>
std::optional<T> plain_row(Store& store, storage::Transaction& transaction, const Uuid& id) {
  const storage::Layout& layout = storage::layout_of<T>();
  const storage::Cell cells[] = {storage::Cell::bytes(id.view())};
  const storage::Key keys[] = {cells};
  std::optional<T> found;
  transaction.get(layout.table(), keys, [&](std::size_t, storage::RowView row) {
    T& object = found.emplace();
    if (!store.rows().intact(layout, row) || !layout.read_plain(row, &object)) found.reset();
  });
  return found;
}

}  // namespace medflow::kernel
