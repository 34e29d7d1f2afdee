// What nearly every call asks about its tenant: kept from batch to batch, and forgotten when such a row changes, here or in another
// process. For members of a batch only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "medflow/code_systems.hpp"
#include "medflow/doctors.hpp"
#include "medflow/schedules.hpp"
#include "medflow/services.hpp"
#include "medflow/tenants.hpp"

namespace medflow::kernel {

/// Some objects by id: at most `objects_max`, of which those that were asked for lately stay. An object stays where it is until it is
/// dropped, which is `objects_max / 2` others later at the earliest.
template <class Id, class T>
class Kept {
 public:
  static constexpr std::size_t objects_max = 1'000;

  /// Null where it is not known.
  const T* find(const Id& id) {
    if (const auto found = recent_.find(id); found != recent_.end()) return &found->second;
    auto node = older_.extract(id);
    if (node.empty()) return nullptr;
    make_room();
    return &recent_.insert(std::move(node)).position->second;
  }
  const T* keep(const Id& id, T object) {
    make_room();
    return &recent_.insert_or_assign(id, std::move(object)).first->second;
  }
  std::size_t size() const { return recent_.size() + older_.size(); }

 private:
  void make_room() {
    if (recent_.size() < objects_max / 2) return;
    older_ = std::move(recent_);
    recent_.clear();
  }

  std::unordered_map<Id, T> recent_{};
  std::unordered_map<Id, T> older_{};
};

/// When a sweep runs (`jobs::wake`): then, or before.
struct KnownSweep {
  std::string_view kind{};
  Instant due{};
};

struct Facts {
  std::optional<settings::Settings> settings{};
  std::vector<facilities::Facility> facilities{};
  Kept<PractitionerId, doctors::Doctor> doctors{};
  Kept<ServiceId, services::Service> services{};
  Kept<ResourceId, resources::Resource> resources{};
  Kept<Uuid, schedules::Schedule> schedules{};
  std::optional<std::vector<code_systems::CodeSystem>> code_systems{};  ///< those in use
  std::vector<KnownSweep> sweeps{};
  std::optional<bool> anyone_waits{};  ///< whether there is an entry of the waitlist that waits
};

/// Whether rows of this table are kept as facts.
bool is_fact(std::uint16_t table);

}  // namespace medflow::kernel
