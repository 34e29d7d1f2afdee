#include "facilities/content.hpp"
#include "facilities/entities.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"

namespace medflow::inline v1::facilities {

using kernel::Rows;
using kernel::Work;

namespace {

template <class Request>
void copy_content(const Request& request, Facility& facility) {
  facility.name = request.name;
  facility.zone = request.zone;
  facility.parent_id = request.parent_id;
  facility.address = request.address;
  facility.phone = request.phone;
  facility.open_hours = request.open_hours;
  facility.holidays = request.holidays;
}

bool same_content(const Facility& one, const Facility& other) {
  return one.name == other.name && one.zone == other.zone && one.parent_id == other.parent_id &&
         one.address == other.address && one.phone == other.phone && one.open_hours == other.open_hours &&
         one.holidays == other.holidays;
}

}  // namespace

Page<Facility> handle(Work& work, const List& request) {
  return kernel::page_by_id<Facility>(work, request.limit, request.cursor, "", [](const Facility&) { return true; });
}

Facility handle(Work& work, const Get& request) { return Rows<Facility>(work).get(request.id); }

Facility handle(Work& work, const Create& request) {
  Rows<Facility> rows(work);
  Facility facility{.id = request.id ? *request.id : work.make_id<FacilityId>()};
  copy_content(request, facility);
  if (request.id) {
    work.about(request.id->uuid);
    if (auto there = rows.find(*request.id)) {
      require_content(work, facility, &*there);  // it has its telephone number in the stored form
      if (same_content(*there, facility)) return *there;
      throw Failure(codes::id_reused);
    }
  }
  require_content(work, facility, nullptr);
  rows.insert(facility);
  return facility;
}

Facility handle(Work& work, const Update& request) {
  Rows<Facility> rows(work);
  const Facility before = rows.get(request.id);
  Facility facility = before;
  copy_content(request, facility);
  require_content(work, facility, &before);
  rows.update(facility, request.revision);
  return facility;
}

}  // namespace medflow::inline v1::facilities

MEDFLOW_HANDLE(medflow::facilities::List);
MEDFLOW_HANDLE(medflow::facilities::Get);
MEDFLOW_HANDLE(medflow::facilities::Create);
MEDFLOW_HANDLE(medflow::facilities::Update);
