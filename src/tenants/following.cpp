#include "tenants/following.hpp"

#include <algorithm>

#include "kernel/facts.hpp"
#include "tenants/directory.hpp"
#include "tenants/entities.hpp"

namespace medflow::inline v1::tenants {

using kernel::RowChange;
using kernel::Store;

void follow_rows(Store& store, storage::Transaction& transaction, std::span<const RowChange> changes) {
  if (std::any_of(changes.begin(), changes.end(),
                  [](const RowChange& change) { return kernel::is_fact(change.table); }))
    store.facts() = {};
  const kernel::DirectoryFollower& directory = store.directory();
  if (!directory.tenant) return;  // no platform's store
  if (!kernel::ids_of(changes, storage::layout_of<platforms::RecoveryRow>()).empty()) directory.recovery();
  for (const Uuid& id : kernel::ids_of(changes, storage::layout_of<Tenant>())) {
    const auto tenant = kernel::plain_row<Tenant>(store, transaction, id);
    if (!tenant || tenant->status == TenantStatus::provisioning) continue;  // nobody is to see it yet
    directory.tenant(identity_of(*tenant));
  }
}

}  // namespace medflow::inline v1::tenants
