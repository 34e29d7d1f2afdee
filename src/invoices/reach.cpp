#include "invoices/reach.hpp"

#include <algorithm>

namespace medflow::inline v1::invoices {
namespace {

using kernel::Granted;
using kernel::Work;

bool as_patient(const Granted& way) { return way.scope == Scope::own && way.condition != "own services"; }

bool reaches_by(const Work& work, const Matter& matter, const Granted& way) {
  const kernel::Actor& actor = work.actor();
  const auto& homes = actor.facilities;
  switch (way.scope) {
    case Scope::all:
    case Scope::metadata:
      return true;
    case Scope::facility:
    case Scope::care:
      return std::find(homes.begin(), homes.end(), matter.facility_id) != homes.end();
    case Scope::own:
      if (!as_patient(way)) {
        const auto& theirs = matter.practitioner_ids;
        return actor.practitioner_id && std::find(theirs.begin(), theirs.end(), *actor.practitioner_id) != theirs.end();
      }
      if (way.condition == "issued" && matter.draft) return false;
      return actor.patient_id && matter.patient_id == actor.patient_id;
    case Scope::work:
      return matter.created_by == actor.user;
    case Scope::none:
      return false;
  }
  return false;
}

}  // namespace

bool reaches(const Work& work, const Matter& matter, Permission permission) {
  if (work.actor().kind == audit::ActorKind::system) return true;
  const auto ways = work.access().ways(permission);
  return std::any_of(ways.begin(), ways.end(), [&](const Granted& way) { return reaches_by(work, matter, way); });
}

bool only_as_patient(const Work& work, const Matter& matter, Permission permission) {
  if (work.actor().kind == audit::ActorKind::system) return false;
  const auto ways = work.access().ways(permission);
  return std::none_of(ways.begin(), ways.end(),
                      [&](const Granted& way) { return !as_patient(way) && reaches_by(work, matter, way); });
}

Matter matter_of(const Invoice& invoice) {
  return {.patient_id = invoice.patient_id,
          .facility_id = invoice.facility_id,
          .created_by = invoice.created_by,
          .practitioner_ids = invoice.practitioner_ids,
          .draft = invoice.status == InvoiceStatus::draft || invoice.status == InvoiceStatus::discarded};
}

}  // namespace medflow::inline v1::invoices
