#include "schedules/schedules.hpp"

#include "kernel/facts.hpp"
#include "kernel/handler.hpp"
#include "schedules/access.hpp"
#include "schedules/content.hpp"
#include "schedules/entities.hpp"
#include "schedules/rules.hpp"
#include "services/services.hpp"
#include "waitlists/offering.hpp"

namespace medflow::inline v1::schedules {

using kernel::Rows;
using kernel::Work;

const Schedule* schedule_of(Work& work, const Uuid& id) {
  auto& kept = work.store().facts().schedules;
  if (const Schedule* found = kept.find(id)) return found;
  auto schedule = Rows<Schedule>(work).find_unchecked(id, 0);
  return schedule ? kept.keep(id, std::move(*schedule)) : nullptr;
}

Schedule handle(Work& work, const Get& request) {
  require_calendars(work);
  return Rows<Schedule>(work).get(request.id);
}

Schedule handle(Work& work, const Set& request) {
  const ResourceRef owner = require_owner(work, request.id);
  require_management(work, owner);
  if (owner.kind != request.kind)
    throw Failure(codes::invalid, "/kind", "enum.unknown", "the calendar is that of something else");
  Rows<Schedule> rows(work);
  auto before = rows.find(request.id);
  Schedule schedule = before.value_or(Schedule{.id = request.id, .kind = owner.kind});
  schedule.zone = request.zone;
  schedule.windows = request.windows;
  schedule.overrides = request.overrides;
  schedule.rules = request.rules;
  require_content(work, schedule);
  if (before) {
    rows.update(schedule, request.revision);
  } else {
    if (request.revision) throw Failure(codes::revision);  // of one that is not there
    rows.insert(schedule);
  }
  waitlists::slot_freed(work);
  return schedule;
}

EffectiveRules handle(Work& work, const GetEffective& request) {
  require_calendars(work);
  require_owner(work, request.id);
  const services::Service* service = services::service_of(work, request.service_id);
  if (service == nullptr) throw Failure(codes::not_found);
  return listed(rules_in_force(*service, schedule_of(work, request.id)));
}

}  // namespace medflow::inline v1::schedules

MEDFLOW_HANDLE(medflow::schedules::Get);
MEDFLOW_HANDLE(medflow::schedules::Set);
MEDFLOW_HANDLE(medflow::schedules::GetEffective);
