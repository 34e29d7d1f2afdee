// The rules of the calls of a transaction that every engine checks alike.
#pragma once

#include <string>

#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage {

/// Counts the visitors that are running, for as long as it lives.
class Visiting {
 public:
  explicit Visiting(int& depth) : depth_(depth) { ++depth_; }
  ~Visiting() { --depth_; }
  Visiting(const Visiting&) = delete;
  Visiting& operator=(const Visiting&) = delete;

 private:
  int& depth_;
};

/// Fault `misuse` for a write in a reading transaction or from within a visitor.
inline void check_writing(bool writing, int visiting, const Table& table) {
  if (!writing) throw Fault{FaultKind::misuse, std::string{table.name}, "a write in a reading transaction"};
  if (visiting > 0) throw Fault{FaultKind::misuse, std::string{table.name}, "a write from within a visitor"};
}

/// Fault `misuse` where rows of this table are never updated, or never erased.
inline void check_updatable(const Table& table) {
  if (table.append_only || !table.revision)
    throw Fault{FaultKind::misuse, std::string{table.name}, "rows are never updated"};
}
inline void check_erasable(const Table& table) {
  if (table.append_only) throw Fault{FaultKind::misuse, std::string{table.name}, "rows are never erased"};
}

}  // namespace medflow::inline v1::storage
