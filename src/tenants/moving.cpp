#include "tenants/moving.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "kernel/codes.hpp"
#include "kernel/handler.hpp"
#include "kernel/relocation.hpp"
#include "tenants/directory.hpp"
#include "tenants/entities.hpp"

namespace medflow::inline v1::tenants {
namespace {

using kernel::Outside;
using kernel::PlatformState;
using kernel::Rows;
using kernel::Store;
using kernel::Work;

/// Changes the row, which is still the one that was read; answers it as it is then.
template <class Change>
Tenant change_row(Outside& outside, Tenant row, const Change& change) {
  const std::uint64_t revision = row.revision;
  change(row);
  outside.write_in(*outside.platform().platform(), [&](Work& work) { Rows<Tenant>(work).update(row, revision); });
  return row;
}

/// What stays is tried again with the next tick, which tells what is wrong.
void settle_as_it_is(Outside& outside, TenantId id) {
  try {
    if (const auto row = row_of(outside, id)) settle_move(outside, *row);
  } catch (...) {
    outside.platform().set_unfinished(id, true);
  }
}

[[noreturn]] void refuse_taken() {
  throw Failure(codes::invalid, "/placement", "placement.taken", "something of this tenant lies there already");
}

/// What lies there under this tenant's id no move has left, or the row would say so: another name of the place where it is, or a second
/// copy. It is neither written to nor removed.
void require_free(storage::Engine& target, TenantId id) {
  const auto stores = target.list();
  if (std::any_of(stores.begin(), stores.end(), [&](const auto& store) { return store.tenant == id.text(); }))
    refuse_taken();
}

void copy_store(Store& source, storage::Engine& target) {
  kernel::Relocation relocation(source, target);
  relocation.copy();
  source.leave();
  relocation.finish();
}

/// To the point where the new placement is in charge.
void move_store(Outside& outside, Store& source, Tenant row, std::string_view placement) {
  PlatformState& platform = outside.platform();
  storage::Engine& target = **platform.engine_of(placement);
  const std::string before(placement_of(row));
  row = change_row(outside, std::move(row), [&](Tenant& marked) { marked.leftover = placement; });
  source.refuse_writes();
  try {
    copy_store(source, target);
  } catch (const storage::Fault& fault) {
    if (fault.kind != storage::FaultKind::exists) throw;
    change_row(outside, std::move(row), [](Tenant& cleared) { cleared.leftover.clear(); });
    refuse_taken();  // somebody has made it just now
  }
  change_row(outside, std::move(row), [&](Tenant& moved) {
    moved.placement = placement;
    moved.engine = target.name();
    moved.leftover = before;
  });
}

void require_movable(const Tenant& row) {
  if (row.status != TenantStatus::active && row.status != TenantStatus::suspended)
    throw Failure(codes::illegal_transition, "only an active or suspended tenant can be moved");
}

/// What an earlier move left is removed before another begins.
void settle_before(Outside& outside, const Tenant& row) {
  try {
    settle_move(outside, row);
  } catch (const storage::Fault& fault) {
    if (fault.kind != storage::FaultKind::in_use) throw;
    throw Failure(kernel::tenant_moving, "what the last move left is still in use");
  }
}

}  // namespace

void settle_move(Outside& outside, const Tenant& row) {
  PlatformState& platform = outside.platform();
  platform.enter(identity_of(row));
  if (const auto store = platform.open_store(row.id)) store->stay();
  platform.set_unfinished(row.id, !row.leftover.empty());
  if (row.leftover.empty()) return;
  Store::drop(platform.store_options(row.leftover), identity_of(row));
  change_row(outside, row, [](Tenant& cleared) { cleared.leftover.clear(); });
  platform.set_unfinished(row.id, false);
}

void clear_leftovers(PlatformState& platform, Instant now, const kernel::Trouble& trouble) {
  const auto unfinished = platform.unfinished();
  if (unfinished.empty()) return;
  const std::unique_lock lock(platform.moving(), std::try_to_lock);
  if (!lock.owns_lock()) return;
  const auto session = platform.operator_session("background");
  kernel::CallFrame frame{
      .session = session.get(), .store = platform.platform().get(), .row = find_operation("tenants.move"), .now = now};
  Outside outside(frame);
  for (const TenantId& id : unfinished) {
    try {
      if (const auto row = row_of(outside, id)) settle_move(outside, *row);
    } catch (...) {
      trouble(*platform.platform(), std::current_exception());
    }
  }
}

/// What `prepare` has done is in the directory.
struct Moved {};

Moved prepare(Outside& outside, const Move& request) {
  PlatformState& platform = outside.platform();
  if (outside.store() == nullptr || outside.store()->realm() != Realm::platform) return {};
  if (platform.engine_of(request.placement) == nullptr)
    throw Failure(codes::invalid, "/placement", "placement.unknown", "the platform has no such placement");
  if (platform.options().engine->shared() && !request.alone)
    throw Failure(codes::invalid, "/alone", "move.not_alone", "must be true: stop all other processes first");
  const std::unique_lock lock(platform.moving(), std::try_to_lock);
  if (!lock.owns_lock()) throw Failure(kernel::tenant_moving, "another move is under way");
  auto row = row_of(outside, request.id);
  if (!row) return {};
  require_movable(*row);
  if (!row->leftover.empty()) {
    settle_before(outside, *row);
    row = row_of(outside, request.id);
  }
  if (!row || placement_of(*row) == request.placement) return {};
  auto source = platform.store(row->id);
  if (source->behind()) throw Failure(codes::schema_outdated);
  require_free(**platform.engine_of(request.placement), request.id);
  platform.set_unfinished(request.id, true);
  try {
    move_store(outside, *source, std::move(*row), request.placement);
  } catch (...) {
    source.reset();
    settle_as_it_is(outside, request.id);
    throw;
  }
  source.reset();
  settle_as_it_is(outside, request.id);
  return {};
}

constexpr kernel::Slow slow(const Move*) { return kernel::Slow::long_work; }

Tenant handle(Work& work, const Move& request, const Moved&) { return Rows<Tenant>(work).get(request.id); }

}  // namespace medflow::inline v1::tenants

MEDFLOW_HANDLE(medflow::tenants::Move);
