#include "tenants/directory.hpp"

#include "kernel/codes.hpp"
#include "kernel/handler.hpp"
#include "kernel/outside.hpp"
#include "kernel/paging.hpp"
#include "tenants/entities.hpp"
#include "tenants/moving.hpp"

namespace medflow::inline v1::tenants {
namespace {

using kernel::Outside;
using kernel::PlatformState;
using kernel::Rows;
using kernel::Store;
using kernel::StoreIdentity;
using kernel::Work;

/// Of a shared engine: what is older and not done has been given up by its process.
constexpr std::int64_t provisioning_s = 10 * 60;

/// Once the batch is durable, the platform knows the tenant as it is now.
void enter_after_commit(Work& work, const Tenant& tenant) {
  auto platform = work.session().platform_handle();
  work.after_commit([platform, identity = identity_of(tenant)] { platform->enter(identity); });
}

std::optional<Tenant> find_by_slug(Work& work, std::string_view slug) {
  std::optional<Tenant> found;
  const storage::Cell equal[] = {storage::Cell::text(slug)};
  Rows<Tenant>(work).scan({.index = "tenants_slug", .equal = equal, .limit = 1}, [&](Tenant tenant) {
    found = std::move(tenant);
    return false;
  });
  return found;
}

Tenant move_to(Work& work, TenantId id, TenantStatus from, TenantStatus to, std::string_view legal) {
  Rows<Tenant> rows(work);
  Tenant tenant = rows.get(id);
  if (tenant.status != from) throw Failure(codes::illegal_transition, std::string(legal));
  tenant.status = to;
  rows.update(tenant, tenant.revision);
  enter_after_commit(work, tenant);
  return tenant;
}

/// The rest of a provisioning that did not come to its end.
void drop_rest(Outside& outside, const Tenant& rest) {
  Store::drop(outside.platform().store_options(), identity_of(rest));
  outside.write_in(*outside.platform().platform(),
                   [&](Work& work) { Rows<Tenant>(work).remove(rest.id, rest.revision); });
}

/// Whether another process may still be making this tenant.
bool under_way(Outside& outside, const Tenant& tenant) {
  return outside.platform().platform()->shared() && outside.now() < tenant.updated_at.plus_s(provisioning_s);
}

/// The same of whoever made it in whatever process. It is marked first, so that who has only been slow does not bring it to its end,
/// nor a third process do this too; false where that has happened.
bool drop_any_rest(Outside& outside, const Tenant& rest) {
  if (!outside.platform().platform()->shared()) {
    drop_rest(outside, rest);
    return true;
  }
  std::optional<Tenant> marked;
  outside.write_in(*outside.platform().platform(), [&](Work& work) {
    Rows<Tenant> rows(work);
    marked = rows.find(rest.id);
    if (marked && marked->revision != rest.revision) marked.reset();
    if (marked) rows.update(*marked, rest.revision);
  });
  if (marked) drop_rest(outside, *marked);
  return marked.has_value();
}

Tenant enter_provisioning(Outside& outside, const Provision& request) {
  Tenant tenant;
  outside.write_in(*outside.platform().platform(), [&](Work& work) {
    if (work.store().shared() && find_by_slug(work, request.slug)) throw Failure(kernel::key_in_progress);
    tenant = {.id = work.make_id<TenantId>(),
              .slug = request.slug,
              .name = request.name,
              .status = TenantStatus::provisioning,
              .default_zone = request.default_zone,
              .currency = request.currency,
              .locale = request.locale,
              .engine = std::string(outside.platform().options().engine->name()),
              .placement = std::string(default_placement),
              .schema_version = outside.platform().schema_version()};
    Rows<Tenant>(work).insert(tenant);
  });
  return tenant;
}

/// What a broken-off move left is removed; what cannot be removed now waits for a tick, and keeps nobody from work.
void enter_settled(Outside& outside, const Tenant& tenant) {
  try {
    settle_move(outside, tenant);
  } catch (...) {
    outside.platform().set_unfinished(tenant.id, true);
  }
}

/// What cannot be dropped now waits for the next start, or the next provisioning of its slug.
void try_drop_rest(Outside& outside, const Tenant& rest) {
  try {
    drop_any_rest(outside, rest);
  } catch (...) {
    // Nobody works there, so it keeps nobody from work.
  }
}

void make_store(Outside& outside, const Provision& request, const Tenant& tenant) {
  const auto options = outside.platform().store_options();
  Store::create(options, identity_of(tenant));
  const auto store = std::make_shared<Store>(options, StoreIdentity{.id = tenant.id, .slug = tenant.slug});
  outside.write_in(*store, [&](Work& work) {
    facilities::Facility first{.id = work.make_id<FacilityId>(),
                               .name = request.facility_name.empty() ? request.name : request.facility_name,
                               .zone = request.default_zone};
    Rows<facilities::Facility>(work).insert(first);
  });
  store->close();
}

}  // namespace

std::string_view placement_of(const Tenant& tenant) {
  return tenant.placement.empty() ? default_placement : std::string_view(tenant.placement);
}

StoreIdentity identity_of(const Tenant& tenant) {
  return {.id = tenant.id,
          .slug = tenant.slug,
          .status = tenant.status,
          .zone = tenant.default_zone,
          .name = tenant.name,
          .locale = tenant.locale,
          .currency = tenant.currency,
          .placement = std::string(placement_of(tenant)),
          .schema_version = tenant.schema_version};
}

std::optional<Tenant> row_of(Outside& outside, TenantId id) {
  std::optional<Tenant> row;
  outside.read_in(*outside.platform().platform(), [&](Work& work) { row = Rows<Tenant>(work).find(id); });
  return row;
}

void write_row(Outside& outside, const Tenant& row) {
  outside.write_in(*outside.platform().platform(), [&](Work& work) {
    Tenant changed = row;
    Rows<Tenant>(work).update(changed, row.revision);
  });
}

/// What this process could not bring to its end. A tenant that is there all the same, by a commit of which nobody heard, stays; where another process
/// has taken it for a rest, the row is that one's to remove.
void clear_away(Outside& outside, const Tenant& tenant) {
  std::optional<Tenant> row;
  bool marked = false;
  outside.write_in(*outside.platform().platform(), [&](Work& work) {
    Rows<Tenant> rows(work);
    row = rows.find(tenant.id);
    marked = row && row->status == TenantStatus::provisioning && row->revision == tenant.revision;
    if (marked) rows.update(*row, tenant.revision);
  });
  if (marked)
    drop_rest(outside, *row);
  else if (!row || row->status == TenantStatus::provisioning)
    Store::drop(outside.platform().store_options(), identity_of(tenant));
}

void read_directory(PlatformState& platform) {
  const auto session = platform.operator_session("directory");
  const OperationRow& row = *find_operation("tenants.list");
  kernel::CallFrame frame{
      .session = session.get(), .store = platform.platform().get(), .row = &row, .now = platform.clock().now()};
  Outside outside(frame);
  std::vector<Tenant> tenants;
  outside.read([&](Work& work) {
    platform.set_recovery(platforms::recovery_in_force(work).has_value());
    Rows<Tenant>(work).scan({}, [&](Tenant tenant) {
      tenants.push_back(std::move(tenant));
      return true;
    });
  });
  for (const Tenant& tenant : tenants) {
    if (tenant.status != TenantStatus::provisioning) {
      enter_settled(outside, tenant);
    } else if (!under_way(outside, tenant)) {
      try_drop_rest(outside, tenant);
    }
  }
}

Page<Tenant> handle(Work& work, const List& request) {
  return kernel::page_by_id<Tenant>(
      work, request.limit, request.cursor, request.slug.value_or(""),
      [&](const Tenant& tenant) { return !request.slug || tenant.slug == *request.slug; });
}

Tenant handle(Work& work, const Get& request) { return Rows<Tenant>(work).get(request.id); }

/// What `prepare` made, or found.
struct Provisioned {
  TenantId id{};
};

/// The steps lie in two stores, so they cannot be one transaction: each can be repeated, and a failure undoes all of them.
Provisioned prepare(Outside& outside, const Provision& request) {
  if (outside.store() == nullptr || outside.store()->realm() != Realm::platform) return {};
  if (request.slug == kernel::platform_slug)
    throw Failure(codes::invalid, "/slug", "slug.reserved", "this slug is the platform's own");
  const std::lock_guard lock(outside.platform().provisioning());
  std::optional<Tenant> there;
  outside.read([&](Work& work) { there = find_by_slug(work, request.slug); });
  if (there && there->status != TenantStatus::provisioning) return {.id = there->id};
  if (there && (under_way(outside, *there) || !drop_any_rest(outside, *there))) throw Failure(kernel::key_in_progress);
  Tenant tenant = enter_provisioning(outside, request);
  try {
    make_store(outside, request, tenant);
    outside.write_in(*outside.platform().platform(), [&](Work& work) {
      Tenant active = Rows<Tenant>(work).get(tenant.id);
      active.status = TenantStatus::active;
      Rows<Tenant>(work).update(active, tenant.revision);  // unless another process has taken it for a rest
      enter_after_commit(work, active);
    });
  } catch (...) {
    try {
      clear_away(outside, tenant);
    } catch (...) {  // it stays as it is until the next start, or the next one of this slug
    }
    throw;
  }
  return {.id = tenant.id};
}

// One that was there is entered too: nobody may have heard of the commit by which it came to be.
Tenant handle(Work& work, const Provision&, const Provisioned& provisioned) {
  Tenant tenant = Rows<Tenant>(work).get(provisioned.id);
  enter_after_commit(work, tenant);
  return tenant;
}

Tenant handle(Work& work, const Suspend& request) {
  return move_to(work, request.id, TenantStatus::active, TenantStatus::suspended,
                 "only an active tenant can be suspended");
}

Tenant handle(Work& work, const Resume& request) {
  return move_to(work, request.id, TenantStatus::suspended, TenantStatus::active,
                 "only a suspended tenant can be resumed");
}

}  // namespace medflow::inline v1::tenants

namespace medflow::inline v1::platforms {

Status handle(kernel::Work& work, const GetStatus&) {
  Status status{.version = std::string(version()),
                .engine = std::string(work.session().platform().options().engine->name()),
                .tz_version = tz_version(),
                .schema_version = work.session().platform().schema_version(),
                .now = work.now(),
                .degradations = work.session().platform().degradations(),
                .recovery = recovery_in_force(work)};
  kernel::Rows<tenants::Tenant>(work).scan({}, [&](const tenants::Tenant&) {
    ++status.tenants;
    return true;
  });
  return status;
}

}  // namespace medflow::inline v1::platforms

MEDFLOW_HANDLE(medflow::tenants::List);
MEDFLOW_HANDLE(medflow::tenants::Get);
MEDFLOW_HANDLE(medflow::tenants::Provision);
MEDFLOW_HANDLE(medflow::tenants::Suspend);
MEDFLOW_HANDLE(medflow::tenants::Resume);
MEDFLOW_HANDLE(medflow::platforms::GetStatus);
