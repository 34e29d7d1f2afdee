#include "kernel/facts.hpp"

#include <algorithm>

#include "codes/entities.hpp"
#include "doctors/entities.hpp"
#include "schedules/entities.hpp"
#include "services/entities.hpp"
#include "tenants/entities.hpp"

namespace medflow::kernel {

bool is_fact(std::uint16_t table) {
  static const std::uint16_t tables[] = {
      storage::layout_of<settings::SettingsRow>().table().id,   storage::layout_of<facilities::Facility>().table().id,
      storage::layout_of<doctors::Doctor>().table().id,         storage::layout_of<services::Service>().table().id,
      storage::layout_of<resources::Resource>().table().id,     storage::layout_of<schedules::Schedule>().table().id,
      storage::layout_of<code_systems::CodeSystem>().table().id};
  return std::find(std::begin(tables), std::end(tables), table) != std::end(tables);
}

}  // namespace medflow::kernel
