// Sums that the calls of a batch add to, such as what moved on an account in a day: read once a batch and written once, at its end, however
// many of its calls add to them.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "medflow/storage/engine.hpp"

namespace medflow::kernel {

/// Rows of tables whose keys are texts without NUL and whose columns after the revision are sums. Nobody else writes them. For members of the
/// batch only: a snapshot beside it holds other sums.
class Sums {
 public:
  /// An amount for each sum of the row of this key, which need not be there.
  struct Addition {
    storage::Key key{};
    std::span<const std::int64_t> amounts{};
  };

  /// Adds to rows of a table; what of them the batch has not read is asked for at once. Answers false, and adds nothing, where a sum would leave
  /// 64 bits.
  [[nodiscard]] bool add(storage::Transaction& transaction, const storage::Table& table,
                         std::span<const Addition> additions);
  /// Visits the table's rows in the order of their keys, with what this batch has added by now, until `visit` answers false.
  void scan(storage::Transaction& transaction, const storage::Table& table, storage::RowVisitor visit) const;
  /// Writes the rows that something was added to.
  void write(storage::Transaction& transaction) const;

  /// What was added since the mark is taken back.
  std::size_t mark() const { return steps_.size(); }
  void undo(std::size_t mark) noexcept;
  /// Another batch begins.
  void clear() noexcept;

 private:
  struct Row {
    const storage::Table* table = nullptr;
    std::vector<std::string> key{};
    std::int64_t revision = 0;  ///< 0 where there is no such row yet
    std::vector<std::int64_t> stored{};
    std::vector<std::int64_t> sums{};

    bool changed() const { return sums != stored; }
    /// The row as it is to be, with this revision. Borrows from this.
    std::vector<storage::Cell> cells(std::int64_t with_revision) const;
  };
  struct Step {
    Row* row = nullptr;
    std::vector<std::int64_t> before{};
  };

  void read_rows(storage::Transaction& transaction, const storage::Table& table, std::span<const Addition> additions);
  bool add_to(Row& row, std::span<const std::int64_t> amounts);

  std::map<std::string, Row, std::less<>> rows_{};  ///< by table and key, in the order of both
  std::vector<Step> steps_{};
};

}  // namespace medflow::kernel
