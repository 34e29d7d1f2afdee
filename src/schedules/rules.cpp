#include "schedules/rules.hpp"

#include <optional>
#include <string_view>

namespace medflow::inline v1::schedules {
namespace {

/// Says what each rule is, in growing order of who goes before whom.
class Layers {
 public:
  explicit Layers(RulesInForce& rules) : rules_(rules) {}

  void add(const ServiceRules& said, RuleOrigin origin) {
    auto& at = rules_.origins;
    set(said.duration_min, rules_.duration_min, at.duration_min, origin);
    set(said.buffer_before_min, rules_.buffer_before_min, at.buffer_before_min, origin);
    set(said.buffer_after_min, rules_.buffer_after_min, at.buffer_after_min, origin);
    set(said.buffer_outside, rules_.buffer_outside, at.buffer_outside, origin);
    set(said.step_min, rules_.step_min, at.step_min, origin);
    set(said.capacity, rules_.capacity, at.capacity, origin);
    set(said.min_lead_min, rules_.min_lead_min, at.min_lead_min, origin);
    set(said.max_horizon_d, rules_.max_horizon_d, at.max_horizon_d, origin);
    set(said.cancel_cutoff_min, rules_.cancel_cutoff_min, at.cancel_cutoff_min, origin);
    set(said.approval, rules_.approval, at.approval, origin);
  }

  void finish() {
    if (rules_.step_min != 0) return;
    rules_.step_min = rules_.duration_min;
    rules_.origins.step_min = rules_.origins.duration_min;
  }

 private:
  template <class Said, class Value>
  static void set(const std::optional<Said>& said, Value& value, RuleOrigin& where, RuleOrigin origin) {
    if (!said) return;
    value = *said;
    where = origin;
  }

  RulesInForce& rules_;
};

ServiceRules own_rules(const services::Service& service) {
  return {.duration_min = service.duration_min,
          .buffer_before_min = service.buffer_before_min,
          .buffer_after_min = service.buffer_after_min,
          .buffer_outside = service.buffer_outside,
          .step_min = service.step_min,
          .capacity = service.capacity,
          .min_lead_min = service.min_lead_min,
          .max_horizon_d = service.max_horizon_d,
          .cancel_cutoff_min = service.cancel_cutoff_min,
          .approval = service.approval};
}

}  // namespace

RulesInForce rules_in_force(const services::Service& service, const Schedule* schedule) {
  RulesInForce rules{.requested_blocks = service.requested_blocks,
                     .no_show_grace_min = service.no_show_grace_min,
                     .reminders_min = service.reminders_min,
                     .waitlist = service.waitlist,
                     .waitlist_notice_min = service.waitlist_notice_min};
  Layers layers(rules);
  layers.add(own_rules(service), RuleOrigin::service);
  if (schedule != nullptr) {
    for (const ServiceRules& said : schedule->rules)
      if (!said.service_id) layers.add(said, RuleOrigin::schedule);
    for (const ServiceRules& said : schedule->rules)
      if (said.service_id == service.id) layers.add(said, RuleOrigin::schedule_service);
  }
  layers.finish();
  return rules;
}

EffectiveRules listed(const RulesInForce& rules) {
  EffectiveRules list;
  const auto add = [&](std::string_view name, std::int64_t value, RuleOrigin origin = RuleOrigin::service) {
    list.rules.push_back({.name = std::string(name), .value = value, .origin = origin});
  };
  const auto flag = [](bool value) { return std::int64_t{value ? 1 : 0}; };
  const auto& at = rules.origins;
  add("duration_min", rules.duration_min, at.duration_min);
  add("buffer_before_min", rules.buffer_before_min, at.buffer_before_min);
  add("buffer_after_min", rules.buffer_after_min, at.buffer_after_min);
  add("buffer_outside", flag(rules.buffer_outside), at.buffer_outside);
  add("step_min", rules.step_min, at.step_min);
  add("capacity", rules.capacity, at.capacity);
  add("min_lead_min", rules.min_lead_min, at.min_lead_min);
  add("max_horizon_d", rules.max_horizon_d, at.max_horizon_d);
  add("cancel_cutoff_min", rules.cancel_cutoff_min, at.cancel_cutoff_min);
  add("approval", flag(rules.approval), at.approval);
  add("requested_blocks", flag(rules.requested_blocks));
  add("no_show_grace_min", rules.no_show_grace_min);
  for (const std::uint32_t reminder : rules.reminders_min) add("reminders_min", reminder);
  add("waitlist", flag(rules.waitlist));
  add("waitlist_notice_min", rules.waitlist_notice_min);
  return list;
}

}  // namespace medflow::inline v1::schedules
