// A store's data and keys, copied to another engine while it is read.
#pragma once

#include <memory>

#include "kernel/store.hpp"
#include "storage/stream.hpp"

namespace medflow::kernel {

/// One database on its way: what has been read of it, what has been written, and what is found when that is read again.
class DatabaseCopy {
 public:
  DatabaseCopy(storage::Database& source, std::unique_ptr<storage::Database> target, const storage::Schema& schema);
  DatabaseCopy(const DatabaseCopy&) = delete;

  void round(FunctionRef<bool(const storage::Table&)> which);
  /// Throws Failure `integrity` where the copy is not the source.
  void end();
  /// Whether nothing has come to this table since it was copied.
  bool at_end(const storage::Table& table) const { return out_.at_end(table); }

 private:
  std::unique_ptr<storage::Database> target_;
  storage::RowsIn in_;
  storage::RowsOut out_;
  storage::RowsOut check_;
};

/// Writes of the source have to be refused as long as this lives. What it leaves behind, at its end or after an exception, is the
/// caller's to take or to drop.
class Relocation {
 public:
  /// Throws Fault `exists`, and has made nothing, where there is something of that tenant already.
  Relocation(Store& source, storage::Engine& target);

  /// Copies everything, while events of reads may still come.
  void copy();
  /// Copies the events that have come, once nothing is written any more, and compares the copy with the source, table by table, by
  /// their digests.
  void finish();

 private:
  struct Empty;
  Relocation(Store& source, Empty&& to);

  DatabaseCopy keys_;
  DatabaseCopy data_;
};

}  // namespace medflow::kernel
