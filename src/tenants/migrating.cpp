// Bringing a tenant's store to the version of this build (TEN-5). Each migration is a whole; the directory learns of it in the end, so
// whatever was broken off is found behind, or not known to be done, and is gone on with.
#include "tenants/migrating.hpp"

#include <mutex>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "kernel/codes.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "tenants/directory.hpp"
#include "tenants/entities.hpp"

namespace medflow::inline v1::tenants {
namespace {

using kernel::Outside;
using kernel::PlatformState;
using kernel::Rows;
using kernel::Store;
using kernel::Work;

/// As the store itself says.
bool is_behind(PlatformState& platform, TenantId id) {
  try {
    const auto store = platform.store(id);
    return store && store->behind();
  } catch (const storage::Fault& fault) {
    if (fault.kind != storage::FaultKind::schema_outdated) throw;
  }
  return true;
}

/// Those that are read here as they were, and that other processes may have migrated.
std::vector<TenantId> behind_here(PlatformState& platform) {
  std::vector<TenantId> ids;
  for (const auto& store : platform.open_stores())
    if (store->realm() == Realm::tenant && store->shared() && store->behind()) ids.push_back(store->id());
  return ids;
}

}  // namespace

void reopen_migrated(PlatformState& platform, Instant now, const kernel::Trouble& trouble) {
  const auto ids = behind_here(platform);
  if (ids.empty()) return;
  const std::shared_lock lock(platform.moving(), std::try_to_lock);
  if (!lock.owns_lock()) return;
  const auto session = platform.operator_session("background");
  kernel::CallFrame frame{.session = session.get(),
                          .store = platform.platform().get(),
                          .row = find_operation("tenants.migrate"),
                          .now = now};
  Outside outside(frame);
  for (const TenantId& id : ids) {
    try {
      const auto row = row_of(outside, id);
      if (!row || row->schema_version != platform.schema_version()) continue;
      platform.enter(identity_of(*row));
      if (platform.ask_back(id)) throw Failure(kernel::tenant_in_use);
    } catch (...) {
      trouble(*platform.platform(), std::current_exception());
    }
  }
}

/// What `prepare` has done is in the store and in the directory.
struct Migrated {};

Migrated prepare(Outside& outside, const Migrate& request) {
  PlatformState& platform = outside.platform();
  if (outside.store() == nullptr || outside.store()->realm() != Realm::platform) return {};
  const std::shared_lock lock(platform.moving(), std::try_to_lock);
  if (!lock.owns_lock()) throw Failure(kernel::tenant_moving, "a tenant is being moved");
  auto row = row_of(outside, request.id);
  if (!row) return {};
  if (row->status != TenantStatus::active && row->status != TenantStatus::suspended)
    throw Failure(codes::illegal_transition, "only an active or suspended tenant can be migrated");
  if (is_behind(platform, row->id))
    platform.while_closed(row->id,
                          [&] { Store::migrate(platform.store_options(placement_of(*row)), identity_of(*row)); });
  if (row->schema_version == platform.schema_version()) return {};
  row->schema_version = platform.schema_version();
  write_row(outside, *row);
  platform.enter(identity_of(*row));
  return {};
}

constexpr kernel::Slow slow(const Migrate*) { return kernel::Slow::long_work; }

Tenant handle(Work& work, const Migrate& request, const Migrated&) { return Rows<Tenant>(work).get(request.id); }

}  // namespace medflow::inline v1::tenants

MEDFLOW_HANDLE(medflow::tenants::Migrate);
