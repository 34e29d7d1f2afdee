// Whose calendar it is, and who may see or change it (roles.csv: schedule.*).
#include "schedules/access.hpp"

#include <algorithm>

#include "doctors/doctors.hpp"
#include "schedules/schedules.hpp"
#include "services/services.hpp"

namespace medflow::inline v1::schedules {

using kernel::Work;

namespace {

/// Whether there are facilities, and all of them are the caller's: a calendar that others share is not one facility's to change.
bool all_own(const Work& work, const std::vector<FacilityId>& facilities) {
  const auto& own = work.actor().facilities;
  return !facilities.empty() && std::all_of(facilities.begin(), facilities.end(), [&](const FacilityId& id) {
    return std::find(own.begin(), own.end(), id) != own.end();
  });
}

bool in_own_facilities(Work& work, const ResourceRef& owner) {
  if (owner.kind == ResourceKind::practitioner) {
    const auto* doctor = doctors::doctor_of(work, {owner.id});
    return doctor != nullptr && all_own(work, doctor->facilities);
  }
  const auto* resource = resources::resource_of(work, {owner.id});
  return resource != nullptr && all_own(work, {resource->facility_id});
}

}  // namespace

bool sees_calendars(const Work& work) {
  const auto ways = work.access().ways(Permission::schedule_read);
  return work.actor().kind == audit::ActorKind::system ||
         std::any_of(ways.begin(), ways.end(), [](const kernel::Granted& way) { return way.condition.empty(); });
}

std::optional<ResourceRef> owner_of(Work& work, const Uuid& id) {
  if (doctors::doctor_of(work, {id}) != nullptr) return ResourceRef{.kind = ResourceKind::practitioner, .id = id};
  if (const auto* resource = resources::resource_of(work, {id})) return ResourceRef{.kind = resource->kind, .id = id};
  return std::nullopt;
}

bool may_manage(Work& work, const ResourceRef& owner) {
  if (work.actor().kind == audit::ActorKind::system) return true;
  const auto ways = work.access().ways(Permission::schedule_manage);
  return std::any_of(ways.begin(), ways.end(), [&](const kernel::Granted& way) {
    switch (way.scope) {
      case Scope::all:
        return true;
      case Scope::facility:
        return in_own_facilities(work, owner);
      case Scope::own:
        return owner.kind == ResourceKind::practitioner && work.actor().practitioner_id == PractitionerId{owner.id};
      default:
        return false;
    }
  });
}

void require_calendars(const Work& work) {
  if (!sees_calendars(work)) throw Failure(codes::forbidden);
}

void require_management(Work& work, const ResourceRef& owner) {
  if (!may_manage(work, owner)) throw Failure(sees_calendars(work) ? codes::forbidden : codes::not_found);
}

ResourceRef require_owner(Work& work, const Uuid& id) {
  work.about(id);
  const auto owner = owner_of(work, id);
  if (!owner) throw Failure(codes::not_found);
  return *owner;
}

}  // namespace medflow::inline v1::schedules
