#include "appointments/reminders.hpp"

#include "messages/outbox.hpp"

namespace medflow::inline v1::appointments {

using kernel::Work;
using messages::MessageKind;

void plan_reminders(Work& work, const Appointment& appointment, std::span<const std::uint32_t> minutes_before) {
  for (const std::uint32_t minutes : minutes_before) {
    const Instant at = appointment.start.plus_s(-60LL * minutes);
    if (at <= work.now()) continue;
    messages::queue_once(work,
                         {.kind = MessageKind::reminder,
                          .expires_at = appointment.start,
                          .patient_id = appointment.patient_id,
                          .appointment_id = appointment.id,
                          .about = appointment.start},
                         at, std::to_string(minutes));
  }
}

void drop_reminders(Work& work, const Appointment& appointment) {
  messages::withdraw(work, appointment.id, MessageKind::reminder);
}

}  // namespace medflow::inline v1::appointments
