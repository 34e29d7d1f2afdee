#include "schedules/content.hpp"

#include <algorithm>
#include <set>

#include "doctors/doctors.hpp"
#include "kernel/field_errors.hpp"
#include "schedules/entities.hpp"
#include "services/services.hpp"
#include "tenants/facts.hpp"

namespace medflow::inline v1::schedules {

using kernel::FieldErrors;
using kernel::item_pointer;
using kernel::Work;

namespace {

bool has(const std::vector<FacilityId>& list, const FacilityId& id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

class Check {
 public:
  Check(Work& work, const Schedule& schedule) : work_(work), schedule_(schedule) {
    everywhere_ = work.actor().kind == audit::ActorKind::system || work.access().holds(work.permission(), Scope::all);
    if (!everywhere_ && schedule.kind == ResourceKind::practitioner && work.actor().practitioner_id &&
        work.actor().practitioner_id->uuid == schedule.id)
      own_ = doctors::doctor_of(work, {schedule.id});
  }

  void run() {
    for (std::size_t i = 0; i < schedule_.windows.size(); ++i)
      window(schedule_.windows[i], item_pointer("/windows", i));
    std::set<Date> days;
    for (std::size_t i = 0; i < schedule_.overrides.size(); ++i) {
      const Override& day = schedule_.overrides[i];
      const std::string at = item_pointer("/overrides", i);
      if (!days.insert(day.date).second)
        errors_.add(at + "/date", "override.repeated", "another override is of this day");
      for (std::size_t j = 0; j < day.windows.size(); ++j) place(day.windows[j], item_pointer(at + "/windows", j));
    }
    rules();
    if (!schedule_.zone && zones_.size() > 1)
      errors_.add("/zone", "zone.needed", "the facilities are in different zones: say of which the times are");
    errors_.refuse();
    require_apart();
  }

 private:
  void window(const Window& window, const std::string& at) {
    place(window, at);
    if (window.every_n_weeks > 1 && !window.valid_from)
      return errors_.add(at + "/valid_from", "required", "say in which week it begins to count");
    if (window.valid_from && window.valid_to && *window.valid_to < *window.valid_from)
      return errors_.add(at + "/valid_to", "date.order", "the last day is before the first");
    if (!first_day(window, Date{}.days())) errors_.add(at, "window.empty", "there is no day on which it holds");
  }

  template <class W>
  void place(const W& window, const std::string& at) {
    const auto* facility = reachable(window.facility_id) ? tenants::facility_of(work_, window.facility_id) : nullptr;
    if (facility == nullptr)
      errors_.add(at + "/facility_id", "facility.unknown", "There is no such facility, or not for this account.");
    else
      zones_.insert(facility->zone);
    for (std::size_t i = 0; i < window.services.size(); ++i)
      service(window.services[i], item_pointer(at + "/services", i));
  }

  void service(const ServiceId& id, std::string at) {
    if (services::service_of(work_, id) == nullptr)
      errors_.add(std::move(at), "service.unknown", "There is no such service.");
  }

  void rules() {
    std::set<std::optional<ServiceId>> said;
    for (std::size_t i = 0; i < schedule_.rules.size(); ++i) {
      const std::string at = item_pointer("/rules", i, "service_id");
      const auto& id = schedule_.rules[i].service_id;
      if (id) service(*id, at);
      if (!said.insert(id).second) errors_.add(at, "rules.repeated", "other rules are of this service as well");
    }
  }

  /// Where the caller may open a calendar: the house, or the facilities of one's own.
  bool reachable(const FacilityId& id) const {
    return everywhere_ || has(work_.actor().facilities, id) || (own_ != nullptr && has(own_->facilities, id));
  }

  void require_apart() const {
    FieldErrors errors;
    for (const Overlap& pair : overlaps(schedule_.windows, schedule_.overrides)) {
      const std::string first = pointer_to(pair.first);
      const std::string second = pointer_to(pair.second);
      errors.add(first, window_overlap.name, "it overlaps " + second);
      errors.add(second, window_overlap.name, "it overlaps " + first);
    }
    errors.refuse(window_overlap);
  }

  Work& work_;
  const Schedule& schedule_;
  bool everywhere_ = false;
  const doctors::Doctor* own_ = nullptr;
  std::set<Zone> zones_{};
  FieldErrors errors_{};
};

}  // namespace

std::string pointer_to(const WindowRef& ref) {
  if (!ref.override_index) return item_pointer("/windows", ref.index);
  return item_pointer(item_pointer("/overrides", *ref.override_index) + "/windows", ref.index);
}

void require_content(Work& work, const Schedule& schedule) { Check(work, schedule).run(); }

}  // namespace medflow::inline v1::schedules
