#include "services/services.hpp"

#include "kernel/facts.hpp"
#include "kernel/field_errors.hpp"
#include "kernel/handler.hpp"
#include "kernel/lists.hpp"
#include "kernel/paging.hpp"
#include "prices/lookup.hpp"
#include "services/entities.hpp"
#include "storage/block_codec.hpp"

namespace medflow::inline v1::services {

using kernel::Rows;
using kernel::Work;

namespace {

/// Copies everything that a caller says of a service, without what is there twice.
template <class From>
void copy_content(const From& from, Service& service) {
  service.code = from.code;
  service.name = from.name;
  service.duration_min = from.duration_min;
  service.buffer_before_min = from.buffer_before_min;
  service.buffer_after_min = from.buffer_after_min;
  service.buffer_outside = from.buffer_outside;
  service.step_min = from.step_min;
  service.capacity = from.capacity;
  service.min_lead_min = from.min_lead_min;
  service.max_horizon_d = from.max_horizon_d;
  service.cancel_cutoff_min = from.cancel_cutoff_min;
  service.approval = from.approval;
  service.requested_blocks = from.requested_blocks;
  service.no_show_grace_min = from.no_show_grace_min;
  service.reminders_min = kernel::without_repeats(from.reminders_min);
  service.waitlist = from.waitlist;
  service.waitlist_notice_min = from.waitlist_notice_min;
  service.resources_needed = kernel::without_repeats(from.resources_needed);
  service.price_item_id = from.price_item_id;
}

/// The content as bytes, to compare.
std::string content_of(Service service) {
  service.revision = 0;
  service.created_at = service.updated_at = {};
  service.created_by = service.updated_by = {};
  std::string bytes;
  storage::encode_fields(type_of<Service>, &service, 0, bytes);
  return bytes;
}

void require_content(Work& work, const Service& service) {
  kernel::FieldErrors errors;
  if (service.resources_needed.empty()) errors.add("/resources_needed", "required", "say what is needed for it");
  if (service.price_item_id && !prices::item_of(work, *service.price_item_id))
    errors.add("/price_item_id", "item.unknown", "there is no such item");
  errors.refuse();
}

}  // namespace

const Service* service_of(Work& work, const ServiceId& id) {
  auto& kept = work.store().facts().services;
  if (const Service* found = kept.find(id)) return found;
  auto service = Rows<Service>(work).find_unchecked(id, 0);
  return service ? kept.keep(id, std::move(*service)) : nullptr;
}

Page<Service> handle(Work& work, const List& request) {
  const std::string_view query = request.active ? (*request.active ? "+" : "-") : "";
  return kernel::page_by_id<Service>(work, request.limit, request.cursor, query, [&](const Service& service) {
    return !request.active || service.active == *request.active;
  });
}

Service handle(Work& work, const Get& request) { return Rows<Service>(work).get(request.id); }

Service handle(Work& work, const Create& request) {
  Rows<Service> rows(work);
  Service service{.id = request.id ? *request.id : work.make_id<ServiceId>()};
  copy_content(request, service);
  service.active = request.active;
  if (request.id) {
    work.about(request.id->uuid);
    if (auto there = rows.find(*request.id)) {
      if (content_of(*there) == content_of(service)) return *there;
      throw Failure(codes::id_reused);
    }
  }
  require_content(work, service);
  rows.insert(service);
  return service;
}

Service handle(Work& work, const Update& request) {
  Rows<Service> rows(work);
  Service service = rows.get(request.id);
  copy_content(request, service);
  if (request.active) service.active = *request.active;
  require_content(work, service);
  rows.update(service, request.revision);
  return service;
}

}  // namespace medflow::inline v1::services

MEDFLOW_HANDLE(medflow::services::List);
MEDFLOW_HANDLE(medflow::services::Get);
MEDFLOW_HANDLE(medflow::services::Create);
MEDFLOW_HANDLE(medflow::services::Update);
