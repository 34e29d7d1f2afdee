#include "waitlists/offering.hpp"

#include "appointments/holds.hpp"
#include "jobs/jobs.hpp"
#include "kernel/facts.hpp"
#include "messages/outbox.hpp"
#include "patients/registry.hpp"
#include "waitlists/search.hpp"
#include "waitlists/states.hpp"

namespace medflow::inline v1::waitlists {

using jobs::JobKind;
using jobs::Next;
using jobs::Progress;
using kernel::Rows;
using kernel::Work;
using messages::MessageKind;
using storage::Cell;

namespace {

constexpr std::size_t at_once_max = 25;  ///< in one step
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

bool may_be_booked(Work& work, PatientId id) {
  const auto known = patients::known(work, id, clinical);
  return known && !known->patient.deleted_at && known->patient.status == patients::PatientStatus::active &&
         !(known->patient.deceased && known->patient.deceased->deceased);
}

/// The hold, the message that tells of it and the entry are written together.
void offer(Work& work, Search& search, Entry& entry, const Suitable& slot) {
  work.about(entry.id.uuid);
  if (!may_be_booked(work, entry.patient_id)) {
    end(entry, WaitState::cancelled);
    return settle(work, entry, "waitlists.leave");
  }
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

/// Those who wait beyond an entry, in the order in which they are served; beyond none: from the first on.
std::vector<Entry> waiting_after(Work& work, const Uuid& position, std::size_t max) {
  std::vector<Entry> found;
  Rows<Entry> rows(work);
  const Cell equal[] = {Cell::text(waiting())};
  storage::Scan scan{.index = "waitlist_serving", .equal = equal, .limit = max};
  const auto last = position.is_nil() ? std::nullopt : rows.find({position});
  const Cell after[] = {Cell::of(static_cast<std::int64_t>(last ? last->rank : 0)), Cell::bytes(position.view())};
  if (last) scan.after = after;
  rows.scan(scan, [&](Entry entry) {
    found.push_back(std::move(entry));
    return true;
  });
  return found;
}

/// Those whose last day is over expire. Answers how many, and when the next one does.
std::pair<std::size_t, std::optional<Instant>> expire_due(Work& work) {
  std::vector<Entry> due;
  std::optional<Instant> next;
  const storage::Scan scan{.index = "waitlist_due", .from = Cell::of(0), .limit = at_once_max};
  Rows<Entry>(work).scan(scan, [&](Entry entry) {
    if (*entry.due_at > work.now()) next = entry.due_at;
    if (!next) due.push_back(std::move(entry));
    return !next;
  });
  for (Entry& entry : due) {
    end(entry, WaitState::expired);
    settle(work, entry, "waitlists.expire");
  }
  return {due.size(), next};
}

/// A walk past all who wait, in several steps where they are many. What becomes free behind it meanwhile is not passed over: then it is begun
/// anew.
Next sweep(Work& work, Progress& progress) {
  work.open_classes(clinical | secret);  // what is written anew has to be whole
  const auto [expired, next_due] = expire_due(work);
  if (expired == at_once_max) return Next::again();
  if (!anyone_waits(work)) return Next::at(next_due);
  const auto mark = [&] { return static_cast<std::uint64_t>(work.next_number(freed_counter)); };
  if (progress.position.is_nil()) progress.total = mark();
  Search search(work);
  const auto entries = waiting_after(work, progress.position, at_once_max);
  for (Entry entry : entries) {
    progress.position = entry.id.uuid;
    ++progress.done;
    if (const auto slot = search.first(entry)) offer(work, search, entry, *slot);
    if (search.spent()) return Next::again();
  }
  if (entries.size() == at_once_max) return Next::again();
  progress.position = {};
  if (progress.total && mark() != *progress.total + 1) return Next::again();
  return Next::at(next_due);
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
  auto entry = Rows<Entry>(work).find_unchecked({appointment.hold_by->uuid}, 0);
  if (!entry) return;
  messages::withdraw(work, appointment.id, MessageKind::offer);
  const Offer* pending = pending_offer(*entry);
  if (entry->state != WaitState::offered || pending == nullptr || pending->appointment_id != appointment.id) return;
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
