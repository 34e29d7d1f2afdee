#include "facilities/content.hpp"

#include <algorithm>
#include <set>

#include "facilities/entities.hpp"
#include "kernel/field_errors.hpp"
#include "kernel/rows.hpp"
#include "tenants/facts.hpp"
#include "text/ascii.hpp"
#include "text/phone.hpp"

namespace medflow::inline v1::facilities {

using kernel::FieldErrors;
using kernel::item_pointer;
using kernel::Rows;
using kernel::Work;

namespace {

/// How many levels there are from this facility down, `most` at most.
int levels_below(Work& work, const FacilityId& id, int most) {
  if (most <= 1) return 1;
  std::vector<FacilityId> children;
  const storage::Cell equal[] = {storage::Cell::bytes(id.uuid.view())};
  Rows<Facility>(work).scan({.index = "facilities_parent", .equal = equal}, [&](const Facility& child) {
    children.push_back(child.id);
    return true;
  });
  int deepest = 0;
  for (const FacilityId& child : children) deepest = std::max(deepest, levels_below(work, child, most - 1));
  return 1 + deepest;
}

/// Follows the parents up. What lies below counts as well: a facility takes it along.
void check_place(Work& work, const Facility& facility, bool is_new, FieldErrors& errors) {
  int above = 0;
  for (auto id = facility.parent_id; id; ++above) {
    if (*id == facility.id) return errors.add("/parent_id", "facility.cycle", "a facility cannot lie in itself");
    if (above == facility_depth_max) break;
    const Facility* parent = tenants::facility_of(work, *id);
    if (parent == nullptr) return errors.add("/parent_id", "facility.unknown", "There is no such facility.");
    id = parent->parent_id;
  }
  if (above == 0) return;
  const int own = is_new ? 1 : levels_below(work, facility.id, facility_depth_max);
  if (above + own > facility_depth_max)
    errors.add("/parent_id", "facility.too_deep", "at most five levels of facilities");
}

void check_holidays(const Facility& facility, FieldErrors& errors) {
  std::set<Date> days;
  for (std::size_t i = 0; i < facility.holidays.size(); ++i)
    if (!days.insert(facility.holidays[i].date).second)
      errors.add(item_pointer("/holidays", i, "date"), "holiday.repeated", "another holiday is of this day");
}

}  // namespace

void require_content(Work& work, Facility& facility, const Facility* before) {
  FieldErrors errors;
  check_place(work, facility, before == nullptr, errors);
  if (facility.address && !facility.address->country.empty() && !text::is_country(facility.address->country))
    errors.add("/address/country", "format.country", "write two upper-case letters (ISO 3166-1 alpha-2)");
  // A number that was stored stays as it is, whatever the plans say by now.
  if (!facility.phone.empty() && (before == nullptr || facility.phone != before->phone)) {
    if (auto number = text::e164_of(facility.phone, tenants::settings_in_force(work).country))
      facility.phone = std::move(*number);
    else
      errors.add("/phone", "format.e164", text::no_phone);
  }
  check_holidays(facility, errors);
  errors.refuse();
}

}  // namespace medflow::inline v1::facilities
