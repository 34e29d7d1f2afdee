#include "appointments/tables.hpp"

#include <algorithm>

#include "appointments/entities.hpp"

namespace medflow::inline v1::storage {
namespace {

constexpr std::string_view number_columns[] = {"number"};
constexpr std::string_view facility_columns[] = {"facility_id", "start"};
constexpr std::string_view due_columns[] = {"due_at"};
constexpr std::string_view holder_columns[] = {"hold_by", "hold_expires_at"};
constexpr std::string_view series_columns[] = {"series_id", "series_index"};
constexpr EntityIndex indexes[] = {{.name = "appointments_number", .columns = number_columns, .unique = true},
                                   {.name = "appointments_facility", .columns = facility_columns},
                                   {.name = "appointments_due", .columns = due_columns},
                                   {.name = "appointments_holder", .columns = holder_columns, .sparse = true},
                                   {.name = "appointments_series", .columns = series_columns, .sparse = true}};

}  // namespace

const Entity Stored<appointments::Appointment>::entity{.id = 55,
                                                       .name = "appointments",
                                                       .meaning = "visits that are planned, under way or over",
                                                       .type = &type_of<appointments::Appointment>,
                                                       .sealed_for = SealedFor::patient,
                                                       .indexes = indexes};

}  // namespace medflow::inline v1::storage

namespace medflow::inline v1::appointments {
namespace {

using kernel::Granted;
using kernel::Work;

bool takes_part(const Work& work, const std::vector<Participant>& resources) {
  const auto own = work.actor().practitioner_id;
  return own && std::any_of(resources.begin(), resources.end(), [&](const Participant& one) {
           return one.kind == ResourceKind::practitioner && one.id == own->uuid;
         });
}

struct Subject {
  PatientId patient{};
  FacilityId facility{};
  const std::vector<Participant>* resources = nullptr;
};

/// Where care relations are not enforced, a clinician reaches what is at the own facilities.
bool reaches(const Work& work, const Subject& what, const Granted& way) {
  const kernel::Actor& actor = work.actor();
  const bool here =
      std::find(actor.facilities.begin(), actor.facilities.end(), what.facility) != actor.facilities.end();
  switch (way.scope) {
    case Scope::all:
    case Scope::metadata:
      return true;
    case Scope::facility:
      return here;
    case Scope::care:
      return here || takes_part(work, *what.resources);
    case Scope::own:
      return way.condition == "own calendar" ? takes_part(work, *what.resources) : actor.patient_id == what.patient;
    case Scope::work:
      return takes_part(work, *what.resources);
    case Scope::none:
      return false;
  }
  return false;
}

bool reaches_any(const Work& work, const Subject& what, Permission permission) {
  if (work.actor().kind == audit::ActorKind::system) return true;
  const auto ways = work.access().ways(permission);
  return std::any_of(ways.begin(), ways.end(), [&](const Granted& way) { return reaches(work, what, way); });
}

Subject subject_of(const Appointment& appointment) {
  return {.patient = appointment.patient_id, .facility = appointment.facility_id, .resources = &appointment.resources};
}

/// Metadata opens no class, however much the caller may open elsewhere.
bool is_metadata(const Granted& way) { return way.scope == Scope::metadata || way.condition == "metadata"; }

}  // namespace

std::span<const storage::Table* const> tables() {
  static const storage::Table* const all[] = {&storage::layout_of<Appointment>().table(), &claims_table};
  return all;
}

bool reaches(const Work& work, const Appointment& appointment, Permission permission) {
  return reaches_any(work, subject_of(appointment), permission);
}

bool reaches(const Work& work, PatientId patient, FacilityId facility, const std::vector<Participant>& resources,
             Permission permission) {
  return reaches_any(work, {.patient = patient, .facility = facility, .resources = &resources}, permission);
}

bool only_as_patient(const Work& work, const Appointment& appointment, Permission permission) {
  if (work.actor().kind == audit::ActorKind::system) return false;
  const auto ways = work.access().ways(permission);
  return std::none_of(ways.begin(), ways.end(), [&](const Granted& way) {
    const bool as_patient = way.scope == Scope::own && way.condition != "own calendar";
    return !as_patient && reaches(work, subject_of(appointment), way);
  });
}

bool sees_more_than_metadata(const Work& work, const Appointment& appointment, Permission permission) {
  if (work.actor().kind == audit::ActorKind::system) return true;
  const auto ways = work.access().ways(permission);
  return std::any_of(ways.begin(), ways.end(), [&](const Granted& way) {
    return !is_metadata(way) && reaches(work, subject_of(appointment), way);
  });
}

bool reads_chart(const Work& work, const Appointment& appointment) {
  if (work.actor().kind == audit::ActorKind::system) return true;
  const auto ways = work.access().ways(Permission::record_read);
  return std::any_of(ways.begin(), ways.end(), [&](const Granted& way) {
    // Who reads some of a chart only reads of visits those in which they take part.
    const bool part = way.scope == Scope::care && !way.condition.empty();
    return part ? takes_part(work, appointment.resources) : reaches(work, subject_of(appointment), way);
  });
}

bool is_open(AppointmentStatus status) {
  return status == AppointmentStatus::requested || status == AppointmentStatus::held ||
         status == AppointmentStatus::booked || status == AppointmentStatus::arrived ||
         status == AppointmentStatus::in_progress;
}

bool has_expired(const Appointment& appointment, Instant now) {
  return appointment.status == AppointmentStatus::held && appointment.hold_expires_at &&
         *appointment.hold_expires_at <= now;
}

}  // namespace medflow::inline v1::appointments

namespace medflow::kernel {

std::uint32_t Reach<appointments::Appointment>::classes(const Work& work,
                                                        const appointments::Appointment& appointment) {
  if (!appointments::sees_more_than_metadata(work, appointment, work.permission())) return 0;
  const bool shut = work.permission() == Permission::appointment_read && !appointments::reads_chart(work, appointment);
  return shut ? work.classes() & ~std::uint32_t{clinical} : work.classes();
}

}  // namespace medflow::kernel
