#include "appointments/guards.hpp"

#include <algorithm>
#include <utility>

#include "appointments/claims.hpp"
#include "appointments/entities.hpp"
#include "appointments/steps.hpp"
#include "kernel/aside.hpp"
#include "kernel/paging.hpp"

namespace medflow::inline v1::appointments {

using kernel::Rows;
using kernel::Work;
using storage::Cell;
using S = AppointmentStatus;

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
  return static_cast<std::uint32_t>(
      std::count_if(visits.begin(), visits.end(), [](const Appointment& visit) { return visit.status == S::no_show; }));
}

void tell(Work& work, const Appointment& visit, messages::MessageKind kind, const LeaveId& leave) {
  messages::queue_once(work, message_about(visit, kind), work.now(), leave.text());
}

leaves::WithVisits with_visits(Work& work, leaves::Leave leave, bool notify) {
  leaves::WithVisits found{.leave = std::move(leave)};
  const leaves::Leave& away = found.leave;
  // One that began before may reach into it.
  const auto ids = beginning_in(work, away.resource_id, away.from.plus_s(-60 * longest_min), away.to);
  for (const Appointment& visit : Rows<Appointment>(work).get_many_unchecked(ids, 0)) {
    if (!is_open(visit.status) || has_expired(visit, work.now()) || visit.end <= away.from) continue;
    found.more = found.affected.size() == affected_max;
    if (found.more && !notify) break;
    const bool tells = notify && visit.status == S::booked && work.now() < visit.start;
    if (tells) tell(work, visit, messages::MessageKind::notice, away.id);
    work.concerns(visit.patient_id);
    if (found.more) continue;  // who is not listed is told nevertheless
    const bool told =
        tells || messages::is_queued_once(work, message_about(visit, messages::MessageKind::notice), away.id.text());
    found.affected.push_back({.appointment_id = visit.id,
                              .number = visit.number,
                              .patient_id = visit.patient_id,
                              .start = visit.start,
                              .notified = told});
  }
  return found;
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
    const S status = appointment->status;
    if (status != S::requested && status != S::held && status != S::booked) continue;  // who is there is for the staff
    end_cancelled(work, *appointment, Party::system, code);
    Rows<Appointment>(work).update(*appointment, appointment->revision);
  }
}

}  // namespace medflow::inline v1::appointments
