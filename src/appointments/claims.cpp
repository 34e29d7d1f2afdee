#include "appointments/claims.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "services/services.fields.hpp"
#include "waitlists/offering.hpp"

namespace medflow::inline v1::appointments {
namespace {

using kernel::Work;
using storage::Cell;
using storage::RowView;

enum Column : std::uint8_t { resource, start, appointment_id, from, to, visit_end, lane, capacity, expires_at, count };
static_assert(count == claim_columns.size());

AppointmentId appointment_of(RowView row) {
  AppointmentId id;
  std::memcpy(id.uuid.bytes.data(), row[appointment_id].data.data(), id.uuid.bytes.size());
  return id;
}

Taken taken_of(RowView row) {
  return {.time = {{row[from].integer}, {row[to].integer}},
          .visit = {{row[start].integer}, {row[visit_end].integer}},
          .capacity = static_cast<std::uint32_t>(row[capacity].integer),
          .lane = static_cast<std::uint32_t>(row[lane].integer),
          .appointment = appointment_of(row)};
}

static_assert(services::rule::duration_min.max == visit_max_min);
static_assert(services::rule::buffer_before_min.max == buffer_max_min);
static_assert(services::rule::buffer_after_min.max == buffer_max_min);

/// Visits the rows of a calendar that may overlap `range`.
void scan(Work& work, const Uuid& calendar, const Span& range, storage::RowVisitor visit) {
  const Cell equal[] = {Cell::bytes(calendar.view())};
  const Span starts = starts_that_reach(range);
  const storage::Scan near{
      .table = &claims_table, .equal = equal, .from = Cell::of(starts.from.us), .to = Cell::of(starts.to.us)};
  work.transaction().scan(near, visit);
}

/// An appointment's place in one calendar.
struct Entry {
  Uuid calendar{};
  bool is_patient = false;
  const std::vector<Taken>* known = nullptr;
  bool expired = true;  ///< whether holds that have expired may still have lanes in it
};

std::vector<Entry> entries_of(const Appointment& appointment, const KnownCalendars& known) {
  std::vector<Entry> entries;
  for (const Participant& one : appointment.resources) {
    Entry entry{.calendar = one.id};
    if (known.calendars != nullptr) {
      const auto found = std::find_if(known.calendars->begin(), known.calendars->end(),
                                      [&](const Calendar& calendar) { return calendar.resource.id == one.id; });
      if (found != known.calendars->end()) {
        entry.known = &found->taken;
        entry.expired = found->expired;
      }
    }
    entries.push_back(entry);
  }
  entries.push_back({.calendar = appointment.patient_id.uuid,
                     .is_patient = true,
                     .known = known.patient,
                     .expired = known.patient == nullptr || known.patient_expired});
  return entries;
}

void write(Work& work, const Appointment& appointment, const Uuid& calendar, const Span& time,
           std::optional<std::uint32_t> in_lane) {
  const Cell cells[] = {Cell::bytes(calendar.view()),
                        Cell::of(appointment.start.us),
                        Cell::bytes(appointment.id.uuid.view()),
                        Cell::of(time.from.us),
                        Cell::of(time.to.us),
                        Cell::of(appointment.end.us),
                        in_lane ? Cell::of(*in_lane) : Cell::null(),
                        Cell::of(appointment.capacity),
                        appointment.hold_expires_at ? Cell::of(appointment.hold_expires_at->us) : Cell::null()};
  try {
    work.insert_plain(claims_table, cells);
  } catch (const storage::Fault& fault) {
    if (fault.kind != storage::FaultKind::exclusion || !in_lane) throw;
    throw Failure(slot_taken);  // the table's own word, should a reader ever have missed another's claim
  }
}

void erase(Work& work, const Uuid& calendar, Instant at, const AppointmentId& id) {
  const Cell key[] = {Cell::bytes(calendar.view()), Cell::of(at.us), Cell::bytes(id.uuid.view())};
  work.erase_plain(claims_table, key);
}

/// Whether a row is as `enter` writes it. Whether a request takes its time only the row knows, and an expired hold may still have its lane.
bool is_entry(const Appointment& appointment, const Entry& entry, RowView row, Instant now) {
  using S = AppointmentStatus;
  const Span time = entry.is_patient ? Span{appointment.start, appointment.end} : claimed(appointment);
  const bool same = row[from].integer == time.from.us && row[to].integer == time.to.us &&
                    row[visit_end].integer == appointment.end.us && row[capacity].integer == appointment.capacity;
  if (!same) return false;
  const bool may_be_free = !is_open(appointment.status) || appointment.status == S::requested ||
                           appointment.kind == VisitKind::walk_in ||
                           (appointment.status == S::held && has_expired(appointment, now));
  if (row[lane].is_null()) return may_be_free;
  const Cell expires = appointment.hold_expires_at ? Cell::of(appointment.hold_expires_at->us) : Cell::null();
  return is_open(appointment.status) && row[expires_at].is_null() == expires.is_null() &&
         (expires.is_null() || row[expires_at].integer == expires.integer);
}

/// Holds that have expired and overlap `range` keep their rows and lose their lanes.
void release_expired(Work& work, const Uuid& calendar, const Span& range) {
  std::vector<storage::PackedRow> expired;
  scan(work, calendar, range, [&](RowView row) {
    const bool over = !row[lane].is_null() && !row[expires_at].is_null() && row[expires_at].integer <= work.now().us;
    if (over && Span{{row[from].integer}, {row[to].integer}}.overlaps(range)) expired.emplace_back(row);
    return true;
  });
  for (const storage::PackedRow& row : expired) {
    const RowView cells = row.cells();
    work.erase_plain(claims_table, cells.first(claims_table.key_columns));
    std::vector<Cell> without(cells.begin(), cells.end());
    without[lane] = Cell::null();
    work.insert_plain(claims_table, without);
  }
}

}  // namespace

Span claimed(const Appointment& appointment) {
  return Span{appointment.start, appointment.end}.widened(appointment.buffer_before_min, appointment.buffer_after_min);
}

std::vector<Taken> taken_in(Work& work, const Uuid& calendar, const Span& range, const AppointmentId* except,
                            bool* expired) {
  std::vector<Taken> taken;
  if (expired != nullptr) *expired = false;
  scan(work, calendar, range, [&](RowView row) {
    const bool over = !row[expires_at].is_null() && row[expires_at].integer <= work.now().us;
    if (row[lane].is_null()) return true;
    if (over && expired != nullptr) *expired = true;
    if (!over && (except == nullptr || row[appointment_id].data != except->uuid.view())) taken.push_back(taken_of(row));
    return true;
  });
  return taken;
}

void enter(Work& work, const Appointment& appointment, bool takes_time, const KnownCalendars& known) {
  for (const Entry& entry : entries_of(appointment, known)) {
    const Span time = entry.is_patient ? Span{appointment.start, appointment.end} : claimed(appointment);
    std::optional<std::uint32_t> in_lane;
    if (takes_time) {
      if (entry.expired) release_expired(work, entry.calendar, time);
      in_lane = entry.known != nullptr ? free_lane(*entry.known, time)
                                       : free_lane(taken_in(work, entry.calendar, time, &appointment.id), time);
    }
    write(work, appointment, entry.calendar, time, in_lane);
  }
}

void remove(Work& work, const Appointment& appointment) {
  for (const Entry& entry : entries_of(appointment, {})) erase(work, entry.calendar, appointment.start, appointment.id);
  waitlists::slot_freed(work);
}

void release(Work& work, const Appointment& appointment) {
  remove(work, appointment);
  enter(work, appointment, false);
  waitlists::hold_ended(work, appointment);
}

ClaimRows claim_rows(Work& work, const Appointment& appointment) {
  ClaimRows rows;
  for (const Entry& entry : entries_of(appointment, {})) {
    const Cell key_cells[] = {Cell::bytes(entry.calendar.view()), Cell::of(appointment.start.us),
                              Cell::bytes(appointment.id.uuid.view())};
    const storage::Key keys[] = {key_cells};
    bool there = false;
    work.transaction().get(claims_table, keys,
                           [&](std::size_t, RowView row) { there = is_entry(appointment, entry, row, work.now()); });
    ++rows.count;
    rows.all_there = rows.all_there && there;
  }
  return rows;
}

bool is_claim_row(Work& work, const Appointment& appointment, RowView row) {
  const auto entries = entries_of(appointment, {});
  return row[start].integer == appointment.start.us &&
         std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
           return row[resource].data == entry.calendar.view() && is_entry(appointment, entry, row, work.now());
         });
}

bool takes_time(Work& work, const Appointment& appointment) {
  const auto entries = entries_of(appointment, {});
  std::vector<std::array<Cell, 3>> cells;
  for (const Entry& entry : entries)
    cells.push_back(
        {Cell::bytes(entry.calendar.view()), Cell::of(appointment.start.us), Cell::bytes(appointment.id.uuid.view())});
  const std::vector<storage::Key> keys(cells.begin(), cells.end());
  std::size_t taking = 0;
  work.transaction().get(claims_table, keys, [&](std::size_t, RowView row) {
    const bool over = !row[expires_at].is_null() && row[expires_at].integer <= work.now().us;
    if (!row[lane].is_null() && !over) ++taking;
  });
  return taking == entries.size();
}

}  // namespace medflow::inline v1::appointments
