#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "tenants/entities.hpp"

namespace medflow::inline v1::facilities {

using kernel::Rows;
using kernel::Work;

Page<Facility> handle(Work& work, const List& request) {
  return kernel::page_by_id<Facility>(work, request.limit, request.cursor, "", [](const Facility&) { return true; });
}

Facility handle(Work& work, const Get& request) { return Rows<Facility>(work).get(request.id); }

Facility handle(Work& work, const Create& request) {
  Rows<Facility> rows(work);
  Facility facility{
      .id = request.id ? *request.id : work.make_id<FacilityId>(), .name = request.name, .zone = request.zone};
  if (request.id) {
    work.about(request.id->uuid);
    if (auto there = rows.find(*request.id)) {
      if (there->name == facility.name && there->zone == facility.zone) return *there;
      throw Failure(codes::id_reused);
    }
  }
  rows.insert(facility);
  return facility;
}

Facility handle(Work& work, const Update& request) {
  Rows<Facility> rows(work);
  Facility facility = rows.get(request.id);
  facility.name = request.name;
  facility.zone = request.zone;
  rows.update(facility, request.revision);
  return facility;
}

}  // namespace medflow::inline v1::facilities

MEDFLOW_HANDLE(medflow::facilities::List);
MEDFLOW_HANDLE(medflow::facilities::Get);
MEDFLOW_HANDLE(medflow::facilities::Create);
MEDFLOW_HANDLE(medflow::facilities::Update);
