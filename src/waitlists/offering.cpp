#include "waitlists/offering.hpp"

#include "appointments/holds.hpp"
#include "jobs/jobs.hpp"
#include "kernel/facts.hpp"
#include "kernel/index_places.hpp"
#include "messages/outbox.hpp"
#include "patients/registry.hpp"
#include "tenants/entities.hpp"
#include "waitlists/search.hpp"
#include "waitlists/states.hpp"

namespace medflow::inline v1::waitlists {

using jobs::JobKind;
using jobs::Next;
using jobs::Progress;
using kernel::IndexPlace;
using kernel::Rows;
using kernel::Work;
using messages::MessageKind;
using storage::Cell;

namespace {

constexpr std::size_t at_once_max = 25;  ///< in one step
constexpr std::size_t expired_looked_at = 200;
constexpr std::size_t offers_kept = 20;

constexpr Operation offer_operation{.name = "waitlists.offer",
                                    .permission = Permission::job_manage,
                                    .effect = Effect::write,
                                    .summary = "Offer what is free to those who wait",
                                    .object = "waitlist_entry"};
constexpr OperationRow offer_row{.operation = &offer_operation};

std::string_view waiting() { return Words<WaitState>::words[static_cast<std::size_t>(WaitState::waiting)]; }

bool anyone_waits(Work& work) {
  auto& known = work.store().facts().anyone_waits;
  if (!known) {
    bool found = false;
    const Cell equal[] = {Cell::text(waiting())};
    work.transaction().scan(
        {.table = &Rows<Entry>::layout().table(), .index = "waitlist_serving", .equal = equal, .limit = 1},
        [&](storage::RowView) {
          found = true;
          return false;
        });
    known = found;
  }
  return *known;
}

/// Writes an entry that something has become of by itself; the event of its own names its patient.
void settle(Work& work, Entry& entry, std::string_view action) {
  work.about(entry.id.uuid);
  work.concerns(entry.patient_id);
  Rows<Entry>(work).update(entry, entry.revision);
  work.part(action);
}

bool may_be_booked(const patients::Patient& patient) {
  return !patient.deleted_at && patient.status == patients::PatientStatus::active &&
         !(patient.deceased && patient.deceased->deceased);
}

/// The hold, the message that tells of it and the entry are written together.
void offer(Work& work, Search& search, Entry& entry, const Suitable& slot) {
  const auto held = appointments::hold_for(work,
                                           {.patient_id = entry.patient_id,
                                            .service_id = entry.service_id,
                                            .resources = slot.resources,
                                            .start = slot.start,
                                            .elsewhere = false},
                                           entry.id.uuid, hold_s, entry.priority);
  if (!held) {  // the hospital's policy is against it
    work.event().patients.clear();
    return;
  }
  search.forget();
  entry.offers.push_back(
      {.appointment_id = held->id, .start = held->start, .sent_at = work.now(), .expires_at = *held->hold_expires_at});
  if (entry.offers.size() > offers_kept) entry.offers.erase(entry.offers.begin());
  end(entry, WaitState::offered);
  messages::queue_once(work,
                       {.kind = MessageKind::offer,
                        .expires_at = *held->hold_expires_at,
                        .patient_id = entry.patient_id,
                        .appointment_id = held->id,
                        .about = held->start},
                       work.now(), "waitlist");
  settle(work, entry, "waitlists.offer");
}

constexpr std::string_view serving_index = "waitlist_serving";
/// So much later those who wait are looked at again where a place does not open, whose night may be over then.
constexpr std::int64_t damaged_looked_again_s = 60 * 60;
constexpr std::string_view due_index = "waitlist_due";

/// Those who wait from where the walk stands on, in the order in which they are served. With `done` that is at an entry which was not looked at to
/// the end; else behind one that was, or before the first.
std::vector<IndexPlace> waiting_from(Work& work, Progress& progress) {
  const storage::Layout& layout = Rows<Entry>::layout();
  const auto last =
      progress.position.is_nil() ? std::nullopt : kernel::place_of(work, layout, serving_index, progress.position);
  if (!last) progress.done = 0;
  const Cell equal[] = {Cell::text(waiting())};
  const Cell after[] = {Cell::of(last ? last->value : 0), Cell::bytes(progress.position.view())};
  storage::Scan scan{.index = serving_index, .equal = equal, .limit = at_once_max};
  if (last) scan.after = after;
  auto places = kernel::places_in(work, layout, scan);
  if (progress.done > 0) places.insert(places.begin(), *last);
  return places;
}

/// An entry, if it waits still.
std::optional<Entry> waiting_at(Work& work, const IndexPlace& place) {
  auto entry = Rows<Entry>(work).find(WaitlistEntryId{place.id});
  if (entry && entry->state != WaitState::waiting) entry.reset();
  return entry;
}

/// What became of those whose last day is over, and when the next one's is.
struct Expired {
  std::size_t count = 0;
  std::optional<Uuid> damaged{};
  std::optional<Instant> next{};
};

Expired expire_due(Work& work) {
  Expired expired;
  const storage::Layout& layout = Rows<Entry>::layout();
  const Cell now = Cell::of(work.now().us + 1);
  for (const IndexPlace& place : kernel::places_in(
           work, layout, {.index = due_index, .from = Cell::of(0), .to = now, .limit = expired_looked_at})) {
    std::optional<Entry> entry;
    if (!kernel::opens(work, [&] { entry = Rows<Entry>(work).find(WaitlistEntryId{place.id}); }))
      expired.damaged = place.id;
    if (!entry) continue;
    end(*entry, WaitState::expired);
    settle(work, *entry, "waitlists.expire");
    if (++expired.count == at_once_max) return expired;
  }
  const auto next = kernel::places_in(work, layout, {.index = due_index, .from = now, .limit = 1});
  if (!next.empty()) expired.next = Instant{next.front().value};
  return expired;
}

/// Offers to one who waits what is free. Whom no message reaches is offered nothing: that is for the staff. False where the look is unfinished.
bool serve(Work& work, Search& search, const IndexPlace& place, std::uint64_t& looks) {
  auto entry = waiting_at(work, place);
  if (!entry) return true;
  const auto known = patients::known(work, entry->patient_id, clinical | contact);
  if (known && may_be_booked(known->patient) && (known->patient.emails.empty() || is_unreached(*entry))) return true;
  const Found found = search.first(*entry, looks);
  if (!found.slot) return !found.unfinished;
  work.about(entry->id.uuid);
  if (known && may_be_booked(known->patient)) {
    offer(work, search, *entry, *found.slot);
  } else {
    end(*entry, WaitState::cancelled);
    settle(work, *entry, "waitlists.leave");
  }
  return true;
}

/// When the night is over, where it is night at one of the tenant's places: what waits for that is offered then.
std::optional<Instant> next_morning(Work& work) {
  std::optional<Instant> first = end_of_night(work.now(), work.store().zone());
  const auto look = [&](const facilities::Facility& place) {
    const auto end = end_of_night(work.now(), place.zone);
    if (end && (!first || *end < *first)) first = end;
    return true;
  };
  // One that does not open, and those behind it, have a morning too: the tenant's is the best that is known of it.
  if (!kernel::opens(work, [&] { Rows<facilities::Facility>(work).scan({}, look); }) && !first)
    first = work.now().plus_s(damaged_looked_again_s);
  return first;
}

/// A walk past all who wait, in several steps where they, or the calendars that are looked at for one, are many. What becomes free behind it
/// meanwhile is not passed over: then it is begun anew. One that does not open, or whose patient does not, keeps no other from its turn.
Next walk(Work& work, Progress& progress, std::optional<Uuid>& damaged, std::optional<Instant> next_due) {
  const auto mark = [&] { return static_cast<std::uint64_t>(work.next_number(freed_counter)); };
  if (progress.position.is_nil()) progress.total = mark();
  Search search(work);
  const auto places = waiting_from(work, progress);
  std::uint64_t looks = progress.done;
  progress.done = 0;
  for (const IndexPlace& place : places) {
    bool finished = true;
    if (!kernel::opens(work, [&] { finished = serve(work, search, place, looks); })) {
      damaged = place.id;
      work.event().patients.clear();
    }
    progress.position = place.id;
    progress.done = finished ? 0 : looks;
    looks = 0;
    if (!finished || search.spent()) return Next::again();
  }
  if (places.size() >= at_once_max) return Next::again();
  progress.position = {};
  if (progress.total && mark() != *progress.total + 1) return Next::again();
  for (const auto& morning : {search.put_off(), next_morning(work)})
    if (morning && (!next_due || *morning < *next_due)) next_due = morning;
  return Next::at(next_due);
}

Next sweep(Work& work, Progress& progress) {
  work.open_classes(clinical | secret);  // what is written anew has to be whole
  const Expired expired = expire_due(work);
  std::optional<Uuid> damaged = expired.damaged;
  Next next = Next::at(expired.next);
  if (expired.count == at_once_max)
    next = Next::again();
  else if (anyone_waits(work))
    next = walk(work, progress, damaged, expired.next);
  if (damaged) {  // the step's event names it, and it is told as what does not open anywhere
    work.about(*damaged);
    work.fail_after_commit(Failure(codes::integrity));
  }
  return next;
}

}  // namespace

const JobKind offer_sweep{.row = &offer_row, .step = sweep, .recurs = jobs::Recurs::sweep};

void slot_freed(Work& work) {
  if (!anyone_waits(work)) return;
  work.next_number(freed_counter);
  jobs::wake(work, offer_sweep, work.now());
}

void hold_ended(Work& work, const appointments::Appointment& appointment) {
  if (appointment.status != appointments::AppointmentStatus::held || !appointment.hold_by) return;
  std::optional<Entry> entry;
  // One that does not open keeps nobody's time: who reads or verifies it is told.
  if (!kernel::opens(work, [&] { entry = Rows<Entry>(work).find_unchecked({appointment.hold_by->uuid}, 0); })) return;
  if (!entry) return;
  const bool sent = messages::was_sent(work, appointment.id, MessageKind::offer);
  messages::withdraw(work, appointment.id, MessageKind::offer);
  Offer* pending = pending_offer(*entry);
  if (entry->state != WaitState::offered || pending == nullptr || pending->appointment_id != appointment.id) return;
  pending->unsent = !sent;
  not_taken(work, *entry, pending->expires_at <= work.now() ? OfferAnswer::expired : OfferAnswer::declined);
  Rows<Entry>(work).update(*entry, entry->revision);
}

void leave_all(Work& work, PatientId patient) {
  const storage::Layout& layout = Rows<Entry>::layout();
  std::vector<Entry> open;
  const Cell equal[] = {Cell::bytes(patient.uuid.view())};
  work.transaction().scan({.table = &layout.table(), .index = "waitlist_patient", .equal = equal},
                          [&](storage::RowView row) {
                            Entry entry;
                            work.read_row(layout, row, &entry);
                            const bool ends = entry.state == WaitState::waiting || entry.state == WaitState::offered;
                            if (ends) open.push_back(std::move(entry));
                            return true;
                          });
  for (Entry& entry : open) {
    if (Offer* offer = pending_offer(entry)) offer->answer = OfferAnswer::declined;
    end(entry, WaitState::cancelled);
    Rows<Entry>(work).update(entry, entry.revision);
  }
}

}  // namespace medflow::inline v1::waitlists
