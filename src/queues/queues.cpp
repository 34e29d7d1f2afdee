#include <algorithm>
#include <tuple>
#include <vector>

#include "appointments/entities.hpp"
#include "doctors/doctors.hpp"
#include "kernel/handler.hpp"
#include "queues/entities.hpp"
#include "queues/tokens.hpp"
#include "schedules/schedules.hpp"
#include "services/services.hpp"

namespace medflow::inline v1::queues {

using appointments::Appointment;
using appointments::Priority;
using kernel::Granted;
using kernel::Rows;
using kernel::Work;
using storage::Cell;

namespace {

constexpr std::size_t shown_called_max = 5;

std::vector<FacilityId> places_of(Work& work, const ResourceRef& owner) {
  if (owner.kind == ResourceKind::practitioner) {
    const doctors::Doctor* doctor = doctors::doctor_of(work, {owner.id});
    return doctor != nullptr ? doctor->facilities : std::vector<FacilityId>{};
  }
  const resources::Resource* resource = resources::resource_of(work, {owner.id});
  return resource != nullptr ? std::vector<FacilityId>{resource->facility_id} : std::vector<FacilityId>{};
}

/// How much of a queue a caller reaches.
enum class Part : std::uint8_t {
  none,
  here,  ///< the numbers of visits at the caller's own facilities: whose queue it is may work at others too
  all,
};

Part reached(Work& work, const ResourceRef& owner) {
  const kernel::Actor& actor = work.actor();
  if (actor.kind == audit::ActorKind::system) return Part::all;
  Part part = Part::none;
  for (const Granted& way : work.access().ways(work.permission())) {
    switch (way.scope) {
      case Scope::all:
        return Part::all;
      case Scope::facility: {
        const auto places = places_of(work, owner);
        const bool here = std::any_of(places.begin(), places.end(), [&](const FacilityId& id) {
          return std::find(actor.facilities.begin(), actor.facilities.end(), id) != actor.facilities.end();
        });
        if (here) part = Part::here;
        break;
      }
      case Scope::own:
      case Scope::work:
        if (actor.practitioner_id && actor.practitioner_id->uuid == owner.id) return Part::all;
        break;
      default:
        break;
    }
  }
  return part;
}

/// How much of it is this caller's to see; the event is about it. Throws Failure `not_found` where there is no such calendar, or that is nothing.
Part require_queue(Work& work, const Uuid& resource) {
  work.about(resource);
  const auto owner = schedules::owner_of(work, resource);
  const Part part = owner ? reached(work, *owner) : Part::none;
  if (part == Part::none) throw Failure(codes::not_found);
  return part;
}

/// Leaves out those whose visits are at places that are not the caller's.
void keep_here(Work& work, std::vector<StoredToken>& tokens) {
  std::vector<AppointmentId> ids;
  for (const StoredToken& token : tokens) ids.push_back(token.appointment_id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  const auto& own = work.actor().facilities;
  std::vector<AppointmentId> here;  // in the order of `ids`
  for (const Appointment& visit : Rows<Appointment>(work).get_many_unchecked(ids, 0))
    if (std::find(own.begin(), own.end(), visit.facility_id) != own.end()) here.push_back(visit.id);
  std::erase_if(tokens, [&](const StoredToken& token) {
    return !std::binary_search(here.begin(), here.end(), token.appointment_id);
  });
}

/// The tokens of a day that the caller reaches, by number.
std::vector<StoredToken> tokens_on(Work& work, const Uuid& resource, Date day, Part part) {
  std::vector<StoredToken> found;
  const std::string text = day.text();
  const Cell equal[] = {Cell::bytes(resource.view()), Cell::text(text)};
  Rows<StoredToken>(work).scan({.index = "queue_tokens_number", .equal = equal}, [&](StoredToken token) {
    found.push_back(token);
    return true;
  });
  if (part != Part::all) keep_here(work, found);
  return found;
}

int order_of(Priority priority) {
  switch (priority) {
    case Priority::emergency:
      return 0;
    case Priority::urgent:
      return 1;
    case Priority::routine:
      return 2;
    case Priority::as_needed:
      return 3;
  }
  return 3;
}

/// Those who wait, in the order in which they are called.
std::vector<StoredToken> waiting_among(std::vector<StoredToken> tokens) {
  std::erase_if(tokens, [](const StoredToken& token) { return token.state != TokenState::waiting; });
  std::sort(tokens.begin(), tokens.end(), [](const StoredToken& a, const StoredToken& b) {
    return std::tuple(order_of(a.priority), a.number) < std::tuple(order_of(b.priority), b.number);
  });
  return tokens;
}

Token view_of(const StoredToken& token) {
  return {.appointment_id = token.appointment_id,
          .resource_id = token.resource_id,
          .day = token.day,
          .number = token.number,
          .state = token.state,
          .calls = token.calls,
          .called_at = token.called_at};
}

Token set(Work& work, StoredToken token, TokenState state) {
  token.state = state;
  Rows<StoredToken>(work).update(token, token.revision);
  return view_of(token);
}

Token call(Work& work, StoredToken token) {
  ++token.calls;
  token.called_at = work.now();
  return set(work, token, TokenState::called);
}

/// Today's token of this number, and that its visit's patient is named. Throws Failure `transition.illegal` unless it is in one of `states`.
StoredToken numbered(Work& work, const Uuid& resource, std::uint32_t number, std::initializer_list<TokenState> states) {
  const Part part = require_queue(work, resource);
  for (StoredToken& token : tokens_on(work, resource, today(work, resource), part)) {
    if (token.number != number) continue;
    if (const auto visit = Rows<Appointment>(work).find_unchecked(token.appointment_id, 0))
      work.concerns(visit->patient_id);
    if (std::find(states.begin(), states.end(), token.state) != states.end()) return token;
    throw Failure(codes::illegal_transition,
                  "the number is " + std::string(Words<TokenState>::words[static_cast<std::size_t>(token.state)]));
  }
  throw Failure(codes::not_found);
}

}  // namespace

Queue handle(Work& work, const Get& request) {
  const Part part = require_queue(work, request.resource_id);
  Queue queue;
  const Date day = request.day ? *request.day : today(work, request.resource_id);
  for (const StoredToken& token : tokens_on(work, request.resource_id, day, part))
    queue.tokens.push_back(view_of(token));
  return queue;
}

Token handle(Work& work, const CallNext& request) {
  const Part part = require_queue(work, request.resource_id);
  const Date day = today(work, request.resource_id);
  for (StoredToken& token : waiting_among(tokens_on(work, request.resource_id, day, part))) {
    const auto visit = Rows<Appointment>(work).find_unchecked(token.appointment_id, 0);
    // Whose visit has ended in another way is not called.
    if (!visit || visit->status != appointments::AppointmentStatus::arrived) continue;
    work.concerns(visit->patient_id);
    return call(work, token);
  }
  throw Failure(queue_empty);
}

Token handle(Work& work, const Skip& request) {
  return set(work, numbered(work, request.resource_id, request.number, {TokenState::called}), TokenState::skipped);
}

Token handle(Work& work, const Recall& request) {
  return call(work, numbered(work, request.resource_id, request.number, {TokenState::called, TokenState::skipped}));
}

Display handle(Work& work, const GetDisplay& request) {
  const Part part = require_queue(work, request.resource_id);
  std::vector<StoredToken> called = tokens_on(work, request.resource_id, today(work, request.resource_id), part);
  Display display;
  for (const StoredToken& token : waiting_among(called)) display.waiting.push_back(token.number);
  std::erase_if(called, [](const StoredToken& token) { return token.state != TokenState::called; });
  std::stable_sort(called.begin(), called.end(),
                   [](const StoredToken& a, const StoredToken& b) { return b.called_at < a.called_at; });
  for (const StoredToken& token : called)
    if (display.called.size() < shown_called_max) display.called.push_back(token.number);
  return display;
}

}  // namespace medflow::inline v1::queues

MEDFLOW_HANDLE(medflow::queues::Get);
MEDFLOW_HANDLE(medflow::queues::CallNext);
MEDFLOW_HANDLE(medflow::queues::Skip);
MEDFLOW_HANDLE(medflow::queues::Recall);
MEDFLOW_HANDLE(medflow::queues::GetDisplay);
