// What the events say about each row: its last revision and seal. Collected while a log is read, then compared with the rows
// themselves. About 64 bytes a row.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "audit/event.hpp"
#include "medflow/audit.hpp"
#include "medflow/function_ref.hpp"

namespace medflow::inline v1::audit {

/// A row after the last event about it.
struct RowState {
  Uuid id{};
  std::uint64_t revision = 0;
  std::uint64_t seq = 0;  ///< that event
  crypto::RowSeal seal{};
  std::uint16_t table = 0;
  bool removed = false;
  bool found = false;  ///< `find` was asked for it
};

class RowLedger {
 public:
  /// Notes the event's rows. Calls `on_break` for each whose revision does not follow on the row's last: 1 for a new row and
  /// after a removal, else one more. A row that was put back and written again shows so. The entry counts nevertheless.
  void add(const Event& event, FunctionRef<void(const RowEntry&)> on_break);

  /// The row, and remembers that it was asked for; nothing where no event tells of it. The pointer lasts.
  const RowState* find(std::uint16_t table, const Uuid& id);

  /// The rows that should be there and that nobody asked for.
  void for_each_missing(FunctionRef<void(const RowState&)> visit) const;

  /// All rows, removed ones included.
  std::size_t size() const { return rows_.size(); }

 private:
  std::size_t slot_of(std::uint16_t table, const Uuid& id) const;
  void grow();

  std::deque<RowState> rows_{};         // in chunks: growing moves nothing, and no room is kept for twice as many
  std::vector<std::uint32_t> slots_{};  // open addressing: 1 + the row's position, 0 for free
};

}  // namespace medflow::inline v1::audit
