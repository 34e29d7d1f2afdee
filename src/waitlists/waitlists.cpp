#include <algorithm>
#include <cstring>

#include "appointments/holds.hpp"
#include "appointments/views.hpp"
#include "doctors/doctors.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "messages/outbox.hpp"
#include "patients/entities.hpp"
#include "schedules/schedules.hpp"
#include "services/services.hpp"
#include "tenants/facts.hpp"
#include "waitlists/search.hpp"
#include "waitlists/states.hpp"

namespace medflow::inline v1::waitlists {

using appointments::Appointment;
using kernel::Place;
using kernel::Rows;
using kernel::Work;
using storage::Cell;

namespace {

constexpr std::size_t looked_at_max = 2'000;  ///< for one page; then it is short and has a cursor

[[noreturn]] void refuse(std::string pointer, std::string code, std::string text) {
  throw Failure(codes::invalid, std::move(pointer), std::move(code), std::move(text));
}

void require_content(Work& work, const Entry& entry) {
  const services::Service* service = services::service_of(work, entry.service_id);
  if (service == nullptr || !service->active) refuse("/service_id", "service.unknown", "there is no such service");
  if (!service->waitlist) refuse("/service_id", "waitlist.off", "nobody waits for this service");
  const ResourceKind kind = kinds_of(*service).front();
  for (std::size_t i = 0; i < entry.resources_any.size(); ++i)
    if (const auto owner = schedules::owner_of(work, entry.resources_any[i]); !owner || owner->kind != kind)
      refuse("/resources_any/" + std::to_string(i), "resource.unknown",
             "there is no such " + std::string(Words<ResourceKind>::words[static_cast<std::size_t>(kind)]));
  if (entry.facility_id && tenants::facility_of(work, *entry.facility_id) == nullptr)
    refuse("/facility_id", "facility.unknown", "there is no such facility");
  if (entry.latest < entry.earliest) refuse("/latest", "date.order", "it has to be on the earliest day or later");
  if (end_of_waiting(work, entry) <= work.now()) refuse("/latest", "date.past", "this day is over");
}

bool is_open(const Entry& entry) { return entry.state == WaitState::waiting || entry.state == WaitState::offered; }

/// Nobody is offered two slots of one service at once, nor slots without end.
void require_first(Work& work, const Entry& entry) {
  const storage::Layout& layout = Rows<Entry>::layout();
  std::size_t open = 0;
  const Cell equal[] = {Cell::bytes(entry.patient_id.uuid.view())};
  work.transaction().scan({.table = &layout.table(), .index = "waitlist_patient", .equal = equal},
                          [&](storage::RowView row) {
                            Entry other;
                            work.read_row(layout, row, &other);
                            if (!is_open(other)) return true;
                            if (other.service_id == entry.service_id) {
                              Error error{.code = entry_exists};
                              if (reaches(work, other, work.permission())) error.ids.push_back(other.id.text());
                              throw Failure(std::move(error));
                            }
                            ++open;
                            return true;
                          });
  if (open >= open_entries_max) throw Failure(entry_too_many);
}

std::uint32_t label_classes(const Work& work) { return work.access().classes() & identity; }

/// The labels of their patients, as far as the caller may see them; the event names the patients.
std::vector<Entry> labelled(Work& work, std::vector<Entry> entries) {
  for (Entry& entry : entries) {
    work.concerns(entry.patient_id);
    entry.rank = 0;
    entry.due_at.reset();
    if (label_classes(work) == 0) continue;
    if (const auto person = appointments::person_of(work, entry.patient_id)) entry.patient = person->label;
  }
  return entries;
}

Entry shown(Work& work, Entry entry) {
  std::vector<Entry> one{std::move(entry)};
  return std::move(labelled(work, std::move(one)).front());
}

Entry store(Work& work, Entry entry) {
  Rows<Entry>(work).update(entry, entry.revision);
  return shown(work, std::move(entry));
}

/// The entry, if something is offered to it.
Entry offered(Work& work, const WaitlistEntryId& id) {
  work.open_classes(clinical | secret);  // what is written anew of appointments has to be whole
  Entry entry = Rows<Entry>(work).get(id);
  work.concerns(entry.patient_id);
  if (entry.state != WaitState::offered || pending_offer(entry) == nullptr)
    throw Failure(codes::illegal_transition, "nothing is offered");
  return entry;
}

appointments::Party party(const Work& work, const Entry& entry) {
  return work.actor().patient_id == entry.patient_id ? appointments::Party::patient : appointments::Party::staff;
}

/// What was held for an entry that waits for it no longer is free again.
void give_back(Work& work, const Entry& entry, const AppointmentId& id) {
  messages::withdraw(work, id, messages::MessageKind::offer);
  if (auto appointment = appointments::held_appointment(work, id))
    appointments::cancel_hold(work, *appointment, party(work, entry), "declined");
}

}  // namespace

Entry handle(Work& work, const Join& request) {
  Entry entry{.id = work.make_id<WaitlistEntryId>(),
              .patient_id = request.patient_id,
              .service_id = request.service_id,
              .resources_any = request.resources_any,
              .facility_id = request.facility_id,
              .preferences = request.preferences,
              .earliest = request.earliest,
              .latest = request.latest,
              .priority = request.priority,
              .joined_at = work.now(),
              .rank = rank_of(request.priority, work.now())};
  work.about(entry.id.uuid);
  require_content(work, entry);
  work.open_classes(clinical);
  const auto person = appointments::person_of(work, request.patient_id);
  if (!person) refuse("/patient_id", "patient.unknown", "there is no such patient");
  if (person->deceased || !person->active) refuse("/patient_id", "patient.deceased", "this patient cannot come");
  if (!reaches(work, entry, work.permission())) throw Failure(codes::forbidden);
  require_first(work, entry);
  wait(work, entry);
  Rows<Entry>(work).insert(entry);
  return shown(work, std::move(entry));
}

Entry handle(Work& work, const Get& request) { return shown(work, Rows<Entry>(work).get(request.id)); }

Page<Entry> handle(Work& work, const List& request) {
  List wanted = request;
  const bool own_only = work.actor().patient_id && work.actor().facilities.empty() && !wanted.patient;
  if (own_only) wanted.patient = work.actor().patient_id;
  if (!wanted.patient && !wanted.service)
    throw Failure(patients::query_too_broad, "/service", "query.too_broad", "name a service or a patient");

  const std::string_view state =
      wanted.state ? Words<WaitState>::words[static_cast<std::size_t>(*wanted.state)] : std::string_view();
  const std::string query = (wanted.patient ? wanted.patient->text() : std::string()) + "\n" +
                            (wanted.service ? wanted.service->text() : std::string()) + "\n" + std::string(state);
  const Place place(work, query, wanted.cursor);
  const bool by_state = !wanted.patient && wanted.state;
  const Cell equal[] = {Cell::bytes(wanted.patient ? wanted.patient->uuid.view() : wanted.service->uuid.view()),
                        Cell::text(state)};
  storage::Scan scan{.index = wanted.patient ? "waitlist_patient"
                              : by_state     ? "waitlist_state"
                                             : "waitlist_service",
                     .equal = std::span(equal).first(by_state ? 2 : 1),
                     .backwards = place.to_front()};
  std::int64_t rank = 0;
  Uuid id;
  if (!place.is_first()) {
    if (place.position().size() != sizeof rank + id.bytes.size()) throw Failure(codes::cursor_invalid);
    std::memcpy(&rank, place.position().data(), sizeof rank);
    id = kernel::id_in(std::string_view(place.position()).substr(sizeof rank));
  }
  const Cell after[] = {Cell::of(rank), Cell::bytes(id.view())};
  if (!place.is_first()) scan.after = after;

  const auto position_of = [](const Entry& entry) {
    std::string position(reinterpret_cast<const char*>(&entry.rank), sizeof entry.rank);
    return position.append(entry.id.uuid.view());
  };
  Page<Entry> page{.page = {.limit = wanted.limit}};
  std::optional<std::string> onwards;
  std::string last;
  std::size_t looked_at = 0;
  Rows<Entry>(work).scan(scan, [&](Entry entry) {
    const bool wants =
        (!wanted.service || entry.service_id == *wanted.service) && (!wanted.state || entry.state == *wanted.state);
    if (looked_at++ == looked_at_max || (wants && page.data.size() == wanted.limit)) {
      onwards = last;
      return false;
    }
    last = position_of(entry);
    if (wants) page.data.push_back(std::move(entry));
    return true;
  });
  const std::string back = page.data.empty() ? place.position() : position_of(page.data.front());
  place.finish(page, onwards, back);
  page.data = labelled(work, std::move(page.data));
  return page;
}

Appointment handle(Work& work, const Accept& request) {
  Entry entry = offered(work, request.id);
  Offer* offer = pending_offer(entry);
  auto appointment = appointments::held_appointment(work, offer->appointment_id);
  if (!appointment || offer->expires_at <= work.now()) throw Failure(appointments::hold_expired);
  offer->answer = OfferAnswer::accepted;
  end(entry, WaitState::booked);
  messages::withdraw(work, appointment->id, messages::MessageKind::offer);
  appointments::confirm_hold(work, *appointment);
  Rows<Entry>(work).update(entry, entry.revision);
  return appointments::shown(work, std::move(*appointment));
}

Entry handle(Work& work, const Decline& request) {
  Entry entry = offered(work, request.id);
  const AppointmentId id = pending_offer(entry)->appointment_id;
  not_taken(work, entry, OfferAnswer::declined);
  Entry answer = store(work, entry);
  give_back(work, entry, id);
  return answer;
}

Entry handle(Work& work, const Leave& request) {
  work.open_classes(clinical | secret);
  Entry entry = Rows<Entry>(work).get(request.id);
  work.concerns(entry.patient_id);
  if (!is_open(entry)) throw Failure(codes::illegal_transition, "the entry has ended");
  std::optional<AppointmentId> held;
  if (Offer* offer = pending_offer(entry)) {
    held = offer->appointment_id;
    offer->answer = OfferAnswer::declined;
  }
  end(entry, WaitState::cancelled);
  Entry answer = store(work, entry);
  if (held) give_back(work, entry, *held);
  return answer;
}

}  // namespace medflow::inline v1::waitlists

MEDFLOW_HANDLE(medflow::waitlists::Join);
MEDFLOW_HANDLE(medflow::waitlists::List);
MEDFLOW_HANDLE(medflow::waitlists::Get);
MEDFLOW_HANDLE(medflow::waitlists::Accept);
MEDFLOW_HANDLE(medflow::waitlists::Decline);
MEDFLOW_HANDLE(medflow::waitlists::Leave);
