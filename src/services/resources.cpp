#include "doctors/doctors.hpp"
#include "kernel/facts.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "services/entities.hpp"
#include "services/services.hpp"
#include "tenants/facts.hpp"

namespace medflow::inline v1::resources {

using kernel::Rows;
using kernel::Work;

namespace {

/// After so many rows that a filter leaves out a page is short and has a cursor.
constexpr std::size_t looked_at_max = 2'000;

void require_content(Work& work, const Resource& resource) {
  if (resource.kind == ResourceKind::practitioner)
    throw Failure(codes::invalid, "/kind", "enum.unknown", "only rooms and devices are added here");
  if (tenants::facility_of(work, resource.facility_id) == nullptr)
    throw Failure(codes::invalid, "/facility_id", "facility.unknown", "There is no such facility.");
}

}  // namespace

const Resource* resource_of(Work& work, const ResourceId& id) {
  auto& kept = work.store().facts().resources;
  if (const Resource* found = kept.find(id)) return found;
  auto resource = Rows<Resource>(work).find_unchecked(id, 0);
  return resource ? kept.keep(id, std::move(*resource)) : nullptr;
}

Page<Resource> handle(Work& work, const List& request) {
  const std::string query =
      (request.facility ? request.facility->text() : std::string()) + "\n" +
      std::string(request.kind ? Words<ResourceKind>::words[static_cast<std::size_t>(*request.kind)] : "");
  storage::Scan scan;
  const storage::Cell there[] = {
      storage::Cell::bytes(request.facility ? request.facility->uuid.view() : std::string_view())};
  if (request.facility) {
    scan.index = "resources_facility";
    scan.equal = there;
  }
  return kernel::page_by_id<Resource>(
      work, request.limit, request.cursor, query,
      [&](const Resource& resource) { return !request.kind || resource.kind == *request.kind; },
      {.looked_at_max = looked_at_max, .scan = scan});
}

Resource handle(Work& work, const Get& request) { return Rows<Resource>(work).get(request.id); }

Resource handle(Work& work, const Create& request) {
  Rows<Resource> rows(work);
  Resource resource{.id = request.id ? *request.id : work.make_id<ResourceId>(),
                    .kind = request.kind,
                    .name = request.name,
                    .facility_id = request.facility_id,
                    .active = request.active};
  if (request.id) {
    work.about(request.id->uuid);
    if (auto there = rows.find(*request.id)) {
      if (there->kind == resource.kind && there->name == resource.name && there->facility_id == resource.facility_id &&
          there->active == resource.active)
        return *there;
      throw Failure(codes::id_reused);
    }
    // Calendars are named by this id alone, of whatever they are.
    if (doctors::doctor_of(work, {request.id->uuid}) != nullptr) throw Failure(codes::id_reused);
  }
  require_content(work, resource);
  rows.insert(resource);
  return resource;
}

Resource handle(Work& work, const Update& request) {
  Rows<Resource> rows(work);
  Resource resource = rows.get(request.id);
  resource.name = request.name;
  if (request.active) resource.active = *request.active;
  rows.update(resource, request.revision);
  return resource;
}

}  // namespace medflow::inline v1::resources

MEDFLOW_HANDLE(medflow::resources::List);
MEDFLOW_HANDLE(medflow::resources::Get);
MEDFLOW_HANDLE(medflow::resources::Create);
MEDFLOW_HANDLE(medflow::resources::Update);
