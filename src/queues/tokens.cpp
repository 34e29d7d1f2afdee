#include "queues/tokens.hpp"

#include <algorithm>
#include <vector>

#include "appointments/booking.hpp"
#include "doctors/doctors.hpp"
#include "queues/entities.hpp"
#include "schedules/schedules.hpp"
#include "services/services.hpp"

namespace medflow::inline v1::queues {

using appointments::Appointment;
using appointments::AppointmentStatus;
using kernel::Rows;
using kernel::Work;
using storage::Cell;

namespace {

Uuid main_of(const Appointment& appointment) {
  for (const auto& one : appointment.resources)
    if (one.kind == ResourceKind::practitioner) return one.id;
  return appointment.resources.empty() ? Uuid{} : appointment.resources.front().id;
}

std::optional<FacilityId> place_of(Work& work, const Uuid& resource) {
  if (const doctors::Doctor* doctor = doctors::doctor_of(work, {resource}))
    return doctor->facilities.empty() ? std::nullopt : std::optional(doctor->facilities.front());
  if (const resources::Resource* other = resources::resource_of(work, {resource})) return other->facility_id;
  return std::nullopt;
}

std::vector<StoredToken> tokens_of(Work& work, const AppointmentId& id) {
  std::vector<StoredToken> found;
  const Cell equal[] = {Cell::bytes(id.uuid.view())};
  Rows<StoredToken>(work).scan({.index = "queue_tokens_appointment", .equal = equal}, [&](StoredToken token) {
    found.push_back(token);
    return true;
  });
  return found;
}

std::uint32_t next_number(Work& work, const Uuid& resource, Date day) {
  std::uint32_t last = 0;
  const std::string text = day.text();
  const Cell equal[] = {Cell::bytes(resource.view()), Cell::text(text)};
  Rows<StoredToken>(work).scan({.index = "queue_tokens_number", .equal = equal, .backwards = true, .limit = 1},
                               [&](const StoredToken& token) {
                                 last = token.number;
                                 return false;
                               });
  return last + 1;
}

void set_state(Work& work, StoredToken& token, TokenState state) {
  if (token.state == state) return;
  token.state = state;
  Rows<StoredToken>(work).update(token, token.revision);
}

void take(Work& work, Appointment& appointment, std::vector<StoredToken>& tokens) {
  const Uuid resource = main_of(appointment);
  const Date day = today(work, resource);
  auto found = std::find_if(tokens.begin(), tokens.end(),
                            [](const StoredToken& token) { return token.state != TokenState::reserved; });
  if (found == tokens.end())
    found = std::find_if(tokens.begin(), tokens.end(),
                         [&](const StoredToken& token) { return token.resource_id == resource && token.day == day; });
  if (found != tokens.end()) {
    appointment.token_no = found->number;
    found->priority = appointment.priority;
    if (found->state == TokenState::reserved) set_state(work, *found, TokenState::waiting);
    if (found->state == TokenState::served)
      set_state(work, *found, found->calls > 0 ? TokenState::called : TokenState::waiting);
    return;
  }
  StoredToken token{.id = work.make_id<TokenId>(),
                    .resource_id = resource,
                    .day = day,
                    .number = next_number(work, resource, day),
                    .appointment_id = appointment.id,
                    .priority = appointment.priority};
  appointment.token_no = token.number;
  Rows<StoredToken>(work).insert(token);
}

}  // namespace

Date today(Work& work, const Uuid& resource) {
  const schedules::Schedule* schedule = schedules::schedule_of(work, resource);
  return date_in(appointments::zone_of_calendar(work, schedule, place_of(work, resource)), work.now());
}

void follow(Work& work, Appointment& appointment) {
  const bool arrived = appointment.status == AppointmentStatus::arrived;
  if (!arrived && !appointment.token_no) return;
  auto tokens = tokens_of(work, appointment.id);
  if (arrived) return take(work, appointment, tokens);
  const bool served =
      appointment.status == AppointmentStatus::in_progress || appointment.status == AppointmentStatus::completed;
  for (StoredToken& token : tokens)
    if (token.state != TokenState::reserved) set_state(work, token, served ? TokenState::served : TokenState::reserved);
}

}  // namespace medflow::inline v1::queues
