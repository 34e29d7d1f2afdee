#include "tenants/facts.hpp"

#include <algorithm>

#include "kernel/facts.hpp"
#include "tenants/entities.hpp"

namespace medflow::inline v1::tenants {

using facilities::Facility;
using kernel::Rows;
using kernel::Work;

const settings::Settings& settings_in_force(Work& work) {
  auto& kept = work.store().facts().settings;
  if (!kept) kept = settings::current(work);
  return *kept;
}

const Facility* facility_of(Work& work, const FacilityId& id) {
  auto& kept = work.store().facts().facilities;
  auto found = std::find_if(kept.begin(), kept.end(), [&](const Facility& facility) { return facility.id == id; });
  if (found == kept.end()) {
    auto facility = Rows<Facility>(work).find(id);
    if (!facility) return nullptr;
    found = kept.insert(kept.end(), std::move(*facility));
  }
  return &*found;
}

}  // namespace medflow::inline v1::tenants
