// An ordered map that never changes: every change makes a new map which shares most of the old one. So a copy costs
// nothing, a copy is a snapshot, and going back to a copy is a rollback.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/function_ref.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage::memory {

/// A row that keeps its own bytes.
class Row {
 public:
  explicit Row(RowView cells);
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;

  RowView view() const { return cells_; }

 private:
  std::string bytes_;
  std::vector<Cell> cells_;
};

using RowPtr = std::shared_ptr<const Row>;

/// From encoded keys to rows. Insertion, removal and look-up cost O(log n).
class Tree {
 public:
  /// The row under this key, null where there is none.
  RowPtr find(std::string_view key) const;

  /// Puts the row under this key, in place of one that is there.
  void put(std::string key, RowPtr row);
  void erase(std::string_view key);

  /// Visits the rows with keys in [lower, upper), until the visitor answers false.
  void ascend(std::string_view lower, std::string_view upper, FunctionRef<bool(const RowPtr&)> visit) const;
  void descend(std::string_view lower, std::string_view upper, FunctionRef<bool(const RowPtr&)> visit) const;

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
};

}  // namespace medflow::inline v1::storage::memory
