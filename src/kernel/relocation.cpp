#include "kernel/relocation.hpp"

#include <utility>

#include "audit/tables.hpp"
#include "kernel/tables.hpp"

namespace medflow::kernel {
namespace {

using storage::Table;

/// The tables that reads write into.
constexpr auto is_log = [](const Table& table) {
  return table.id == audit::events_table.id || table.id == audit::tiles_table.id || table.id == audit::head_table.id ||
         table.id == audit::checkpoints_table.id;
};

}  // namespace

DatabaseCopy::DatabaseCopy(storage::Database& source, std::unique_ptr<storage::Database> target,
                           const storage::Schema& schema)
    : target_(std::move(target)),
      in_(*target_, schema),
      out_(source, schema, [this](std::string_view bytes) { in_.take(bytes); }),
      check_(*target_, schema) {}

void DatabaseCopy::round(FunctionRef<bool(const Table&)> which) {
  out_.round(which);
  check_.round(which);
}

void DatabaseCopy::end() {
  out_.end();
  in_.end();
  if (out_.sums() != check_.sums()) throw Failure(codes::integrity, "the copy is not what was read");
}

/// Both of them, or with the Fault `exists` none that was not there before.
struct Relocation::Empty {
  Empty(const Store& source, storage::Engine& target) : keys(source.make_empty(target, storage::Part::keys)) {
    try {
      data = source.make_empty(target, storage::Part::data);
    } catch (const storage::Fault& fault) {
      keys.reset();
      if (fault.kind == storage::FaultKind::exists)
        target.drop({.tenant = source.id().text(), .part = storage::Part::keys});
      throw;
    }
  }

  std::unique_ptr<storage::Database> keys;
  std::unique_ptr<storage::Database> data{};
};

Relocation::Relocation(Store& source, storage::Engine& target) : Relocation(source, Empty(source, target)) {}

Relocation::Relocation(Store& source, Empty&& to)
    : keys_(source.keys().database(), std::move(to.keys), source.schema(storage::Part::keys)),
      data_(source.data(), std::move(to.data), source.schema(storage::Part::data)) {}

void Relocation::copy() {
  keys_.round([](const Table&) { return true; });
  data_.round([](const Table& table) { return !is_log(table) || table.id == audit::events_table.id; });
}

void Relocation::finish() {
  data_.round(is_log);
  if (!data_.at_end(changes_table)) throw Failure(codes::internal, "rows were written while they were copied");
  keys_.end();
  data_.end();
}

}  // namespace medflow::kernel
