#include "appointments/guards.hpp"

#include <algorithm>

#include "appointments/claims.hpp"
#include "appointments/entities.hpp"
#include "appointments/steps.hpp"
#include "kernel/aside.hpp"
#include "kernel/paging.hpp"

namespace medflow::inline v1::appointments {

using kernel::Rows;
using kernel::Work;
using storage::Cell;

namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t lately_s = 180 * day_s;
constexpr std::size_t affected_max = 500;

/// The appointments of a calendar that begin in [from, to), by their start.
std::vector<AppointmentId> beginning_in(Work& work, const Uuid& calendar, Instant from, std::optional<Instant> to) {
  std::vector<AppointmentId> ids;
  const Cell equal[] = {Cell::bytes(calendar.view())};
  storage::Scan ahead{.table = &claims_table, .equal = equal, .from = Cell::of(from.us)};
  if (to) ahead.to = Cell::of(to->us);
  work.transaction().scan(ahead, [&](storage::RowView row) {
    ids.push_back({kernel::id_in(row[2].data)});
    return true;
  });
  return ids;
}

messages::StoredMessage message_about(const Appointment& visit, messages::MessageKind kind) {
  return {.kind = kind,
          .expires_at = visit.start,
          .patient_id = visit.patient_id,
          .appointment_id = visit.id,
          .about = visit.start};
}

}  // namespace

std::uint32_t missed_lately(Work& work, PatientId patient) {
  const auto ids = beginning_in(work, patient.uuid, work.now().plus_s(-lately_s), work.now());
  const auto visits = Rows<Appointment>(work).get_many_unchecked(ids, 0);
  return static_cast<std::uint32_t>(std::count_if(visits.begin(), visits.end(), [](const Appointment& visit) {
    return visit.status == AppointmentStatus::no_show;
  }));
}

void tell(Work& work, const Appointment& visit, messages::MessageKind kind, const LeaveId& leave) {
  messages::queue_once(work, message_about(visit, kind), work.now(), leave.text());
}

std::vector<leaves::Affected> booked_in(Work& work, const leaves::Leave& leave, bool notify) {
  std::vector<leaves::Affected> affected;
  // One that began before may reach into it.
  const auto ids = beginning_in(work, leave.resource_id, leave.from.plus_s(-60 * longest_min), leave.to);
  for (const Appointment& visit : Rows<Appointment>(work).get_many_unchecked(ids, 0)) {
    if (!is_open(visit.status) || has_expired(visit, work.now()) || visit.end <= leave.from) continue;
    if (affected.size() == affected_max) break;
    const bool tells = notify && visit.status == AppointmentStatus::booked && work.now() < visit.start;
    if (tells) tell(work, visit, messages::MessageKind::notice, leave.id);
    const bool told =
        tells || messages::is_queued_once(work, message_about(visit, messages::MessageKind::notice), leave.id.text());
    work.concerns(visit.patient_id);
    affected.push_back({.appointment_id = visit.id,
                        .number = visit.number,
                        .patient_id = visit.patient_id,
                        .start = visit.start,
                        .notified = told});
  }
  return affected;
}

std::vector<AppointmentId> still_to_come(Work& work, PatientId patient) {
  std::vector<AppointmentId> ids = beginning_in(work, patient.uuid, work.now(), std::nullopt);
  std::erase_if(ids, [&](const AppointmentId& id) {
    const auto appointment = Rows<Appointment>(work).find_unchecked(id, 0);
    return !appointment || !is_open(appointment->status) || has_expired(*appointment, work.now());
  });
  return ids;
}

void cancel_still_to_come(Work& work, PatientId patient, std::string_view code) {
  const kernel::Aside aside(work);
  for (const AppointmentId& id : still_to_come(work, patient)) {
    auto appointment = Rows<Appointment>(work).find_unchecked(id, block_flags);
    end_cancelled(work, *appointment, Party::system, code);
    Rows<Appointment>(work).update(*appointment, appointment->revision);
  }
}

}  // namespace medflow::inline v1::appointments
