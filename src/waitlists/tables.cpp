#include "waitlists/tables.hpp"

#include <algorithm>

#include "kernel/facts.hpp"
#include "waitlists/entities.hpp"
#include "waitlists/facts.hpp"

namespace medflow::inline v1::storage {
namespace {

// By rank a scan meets them in the order in which they are served: those who wait, whatever for, and those of one service or patient.
constexpr std::string_view serving_columns[] = {"state", "rank"};
constexpr std::string_view state_columns[] = {"service_id", "state", "rank"};
constexpr std::string_view service_columns[] = {"service_id", "rank"};
constexpr std::string_view patient_columns[] = {"patient_id", "rank"};
constexpr std::string_view due_columns[] = {"due_at"};
constexpr EntityIndex indexes[] = {{.name = "waitlist_serving", .columns = serving_columns},
                                   {.name = "waitlist_state", .columns = state_columns},
                                   {.name = "waitlist_service", .columns = service_columns},
                                   {.name = "waitlist_patient", .columns = patient_columns},
                                   {.name = "waitlist_due", .columns = due_columns}};

}  // namespace

const Entity Stored<waitlists::Entry>::entity{.id = 62,
                                              .name = "waitlist",
                                              .meaning = "who would come earlier, and what was offered to them",
                                              .type = &type_of<waitlists::Entry>,
                                              .indexes = indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::waitlists {

using kernel::Granted;
using kernel::Work;

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<Entry>().table()};
  return all;
}

bool is_entry(std::uint16_t table) { return table == storage::layout_of<Entry>().table().id; }

void follow_rows(kernel::Store& store, storage::Transaction&, std::span<const kernel::RowChange> changes) {
  if (std::any_of(changes.begin(), changes.end(), [](const auto& change) { return is_entry(change.table); }))
    store.facts().anyone_waits.reset();
}

bool reaches(const Work& work, const Entry& entry, Permission permission) {
  const kernel::Actor& actor = work.actor();
  if (actor.kind == audit::ActorKind::system) return true;
  const bool named = actor.practitioner_id && std::find(entry.resources_any.begin(), entry.resources_any.end(),
                                                        actor.practitioner_id->uuid) != entry.resources_any.end();
  const bool here = entry.facility_id ? std::find(actor.facilities.begin(), actor.facilities.end(),
                                                  *entry.facility_id) != actor.facilities.end()
                                      : !actor.facilities.empty();
  const auto ways = work.access().ways(permission);
  return std::any_of(ways.begin(), ways.end(), [&](const Granted& way) {
    switch (way.scope) {
      case Scope::all:
        return true;
      case Scope::facility:
        return here;
      case Scope::own:
        return way.condition == "own calendar" ? named : actor.patient_id == entry.patient_id;
      case Scope::work:
        return named;
      default:
        return false;
    }
  });
}

}  // namespace medflow::inline v1::waitlists
