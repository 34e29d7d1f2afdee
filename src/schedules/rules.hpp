// The rules by which a service is booked in a calendar, field by field: the service's own, unless the schedule says otherwise for all
// services, or for this one (PRV-4).
#pragma once

#include <cstdint>
#include <vector>

#include "medflow/schedules.hpp"

namespace medflow::inline v1::schedules {

/// The values in force of all rules of a service.
struct RulesInForce {
  std::uint32_t duration_min = 0;
  std::uint32_t buffer_before_min = 0;
  std::uint32_t buffer_after_min = 0;
  bool buffer_outside = false;
  std::uint32_t step_min = 0;  ///< the duration in force where nobody says another
  std::uint32_t capacity = 1;  ///< a window's own goes before it
  std::uint32_t min_lead_min = 0;
  std::uint32_t max_horizon_d = 0;
  std::uint32_t cancel_cutoff_min = 0;
  bool approval = false;
  // What a schedule cannot change.
  bool requested_blocks = false;
  std::uint32_t no_show_grace_min = 0;
  std::vector<std::uint32_t> reminders_min{};
  bool waitlist = false;
  std::uint32_t waitlist_notice_min = 0;

  /// Where each of those that a schedule can change comes from.
  struct Origins {
    RuleOrigin duration_min{};
    RuleOrigin buffer_before_min{};
    RuleOrigin buffer_after_min{};
    RuleOrigin buffer_outside{};
    RuleOrigin step_min{};
    RuleOrigin capacity{};
    RuleOrigin min_lead_min{};
    RuleOrigin max_horizon_d{};
    RuleOrigin cancel_cutoff_min{};
    RuleOrigin approval{};
  };
  Origins origins{};
};

/// `schedule` may be null: then they are the service's own.
RulesInForce rules_in_force(const services::Service& service, const Schedule* schedule);

/// The same for people to read: every rule by its name.
EffectiveRules listed(const RulesInForce& rules);

}  // namespace medflow::inline v1::schedules
