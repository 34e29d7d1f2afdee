#include "tests/campaigns/booking/oracle.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "storage/entity.hpp"

namespace medflow::campaign {
namespace {

using appointments::Appointment;
using appointments::AppointmentStatus;

constexpr std::uint32_t beyond_max = 2;  ///< visits beyond the capacity, if somebody insisted

struct Time {
  std::int64_t from = 0;
  std::int64_t to = 0;
  bool overlaps(const Time& other) const { return from < other.to && other.from < to; }
};

struct Claim {
  Uuid calendar{};
  Uuid appointment{};
  std::int64_t start = 0;
  Time time{};
  std::int64_t end = 0;
  std::optional<std::int64_t> lane{};
  std::int64_t capacity = 0;
  std::optional<std::int64_t> expires{};
};

Uuid uuid_of(const storage::Cell& cell) {
  Uuid id;
  std::copy_n(cell.data.begin(), std::min(cell.data.size(), id.bytes.size()), id.bytes.begin());
  return id;
}

std::optional<std::int64_t> number_of(const storage::Cell& cell) {
  return cell.is_null() ? std::nullopt : std::optional<std::int64_t>(cell.integer);
}

Claim claim_of(storage::RowView row) {
  return {.calendar = uuid_of(row[0]),
          .appointment = uuid_of(row[2]),
          .start = row[1].integer,
          .time = {row[3].integer, row[4].integer},
          .end = row[5].integer,
          .lane = number_of(row[6]),
          .capacity = row[7].integer,
          .expires = number_of(row[8])};
}

Time visit_of(const Appointment& one) { return {one.start.us, one.end.us}; }
Time whole_of(const Appointment& one) {
  return {one.start.us - one.buffer_before_min * minute_us, one.end.us + one.buffer_after_min * minute_us};
}

}  // namespace

struct Oracle::Stored {
  std::vector<Appointment> rows{};
  std::vector<Claim> claims{};
  std::int64_t now = 0;  ///< read after the snapshot: a hold that is not over by then was not over in it
  bool there = false;

  bool is_open(const Appointment& one) const {
    if (one.status == AppointmentStatus::held) return one.hold_expires_at && one.hold_expires_at->us > now;
    return one.status == AppointmentStatus::booked;
  }
};

Oracle::Stored Oracle::read(std::optional<std::uint64_t> day) const {
  Stored stored;
  const storage::Layout& layout = storage::layout_of<Appointment>();
  bool readable = true;
  const auto take_row = [&](storage::RowView row) {
    Appointment one;
    readable = layout.read_plain(row, &one) && readable;
    stored.rows.push_back(std::move(one));
    return true;
  };
  const auto take_claim = [&](storage::RowView row) {
    stored.claims.push_back(claim_of(row));
    return true;
  };
  stored.there = peephole_.read([&](storage::Transaction& transaction) {
    stored.rows.clear();
    stored.claims.clear();
    if (!day) {
      transaction.scan({.table = &layout.table()}, take_row);
      transaction.scan({.table = &appointments::claims_table}, take_claim);
      return;
    }
    const auto from = storage::Cell::of(midnight_of(*day)), to = storage::Cell::of(midnight_of(*day) + day_us);
    const storage::Cell facility[] = {storage::Cell::bytes(shared_.facility.view())};
    transaction.scan(
        {.table = &layout.table(), .index = "appointments_facility", .equal = facility, .from = from, .to = to},
        take_row);
    const auto scan_calendar = [&](const Uuid& id) {
      const storage::Cell calendar[] = {storage::Cell::bytes(id.view())};
      transaction.scan({.table = &appointments::claims_table, .equal = calendar, .from = from, .to = to}, take_claim);
    };
    for (std::size_t g = 0; g < shared_.groups_count; ++g)
      for (std::size_t i = 0; i < shared_.groups.at(g).count; ++i) scan_calendar(shared_.groups[g].resources.at(i));
    for (std::size_t h = 0; h < shared_.hands; ++h)
      for (std::size_t g = 0; g < shared_.groups_count; ++g) scan_calendar(shared_.hand.at(h).patients.at(g));
  });
  stored.now = shared_.clock_us;
  shared_.expect(readable, "a row that cannot be read");
  return stored;
}

/// At each moment at which a visit begins: no more than the least capacity of those there, or two beyond where somebody insisted; and
/// no patient twice.
void Oracle::check_rows(const Stored& stored, bool with_patients) const {
  std::map<Uuid, std::vector<const Appointment*>> of_calendar;
  std::map<Uuid, std::vector<const Appointment*>> of_patient;
  for (const Appointment& one : stored.rows) {
    if (!stored.is_open(one)) continue;
    for (const auto& who : one.resources) of_calendar[who.id].push_back(&one);
    of_patient[one.patient_id.uuid].push_back(&one);
  }
  for (auto& [id, visits] : of_calendar) {
    std::sort(visits.begin(), visits.end(), [](const auto* a, const auto* b) { return a->start < b->start; });
    for (const Appointment* begins : visits) {
      const std::int64_t moment = whole_of(*begins).from;
      std::uint32_t count = 0, least = UINT32_MAX;
      bool insisted = false;
      for (const Appointment* one : visits) {
        if (one->start.us > moment + day_us) break;
        const Time time = whole_of(*one);
        if (time.from > moment || time.to <= moment) continue;
        ++count;
        least = std::min(least, one->capacity);
        insisted = insisted || one->overbooked;
      }
      shared_.expect(count <= least + (insisted ? beyond_max : 0),
                     std::to_string(count) + " visits at once where there is room for " + std::to_string(least));
    }
  }
  if (!with_patients) return;
  for (auto& [id, visits] : of_patient) {
    std::sort(visits.begin(), visits.end(), [](const auto* a, const auto* b) { return a->start < b->start; });
    for (std::size_t i = 1; i < visits.size(); ++i)
      shared_.expect(!visit_of(*visits[i]).overlaps(visit_of(*visits[i - 1])), "a patient is in two places at once");
  }
}

/// Each open visit claims exactly what its row says; nothing else claims, but for holds that are over; no two in a lane overlap.
void Oracle::check_claims(const Stored& stored) const {
  std::map<std::pair<Uuid, Uuid>, const Claim*> found;
  for (const Claim& claim : stored.claims) found[{claim.calendar, claim.appointment}] = &claim;
  shared_.expect(found.size() == stored.claims.size(), "an appointment is in a calendar twice");
  std::size_t looked_for = 0;
  for (const Appointment& one : stored.rows) {
    const auto check = [&](const Uuid& calendar, const Time& time) {
      const auto there = found.find({calendar, one.id.uuid});
      if (there == found.end()) return shared_.find("an appointment is missing in a calendar");
      ++looked_for;
      const Claim& claim = *there->second;
      shared_.expect(claim.start == one.start.us && claim.end == one.end.us && claim.time.from == time.from &&
                         claim.time.to == time.to && claim.capacity == one.capacity,
                     "a claim is not what its appointment says");
      if (stored.is_open(one)) {
        shared_.expect(claim.lane.has_value(), "an open appointment claims nothing");
        const bool held = one.status == AppointmentStatus::held;
        shared_.expect(claim.expires == (held ? std::optional(one.hold_expires_at->us) : std::nullopt),
                       "a claim does not end with its hold");
      } else if (one.status != AppointmentStatus::held) {
        shared_.expect(!claim.lane, "an appointment that is over claims its time");
      }
    };
    for (const auto& who : one.resources) check(who.id, whole_of(one));
    check(one.patient_id.uuid, visit_of(one));
  }
  shared_.expect(looked_for == stored.claims.size(), "claims of nobody");
  std::map<std::pair<Uuid, std::int64_t>, std::vector<Time>> lanes;
  for (const Claim& claim : stored.claims)
    if (claim.lane) lanes[{claim.calendar, *claim.lane}].push_back(claim.time);
  for (auto& [lane, times] : lanes) {
    std::sort(times.begin(), times.end(), [](const Time& a, const Time& b) { return a.from < b.from; });
    for (std::size_t i = 1; i < times.size(); ++i)
      shared_.expect(!times[i].overlaps(times[i - 1]), "two claims of one lane overlap");
  }
}

/// What is stored of a time is what its makers have written down; what they do not know are holds whose answer was lost.
void Oracle::check_known(const Stored& stored, std::uint64_t from_final, std::int64_t from, std::int64_t to) {
  std::unordered_map<Uuid, const Facts*> known;
  for (std::uint64_t i = from_final; i < shared_.finals_count; ++i) {
    const Final& final = shared_.finals()[i];
    if (final.whole && from <= final.facts.start && final.facts.start < to) known[final.id] = &final.facts;
  }
  std::uint64_t lost_holds = 0, unknown = 0;
  for (std::size_t h = 0; h < shared_.hands; ++h) lost_holds += shared_.hand.at(h).lost_holds;
  std::set<std::string> numbers;
  for (const Appointment& one : stored.rows) {
    shared_.expect(numbers.insert(one.number).second, "a number was given twice");
    const auto there = known.find(one.id.uuid);
    if (there == known.end()) {
      const bool nothing = (one.status == AppointmentStatus::held && !stored.is_open(one)) ||
                           (one.status == AppointmentStatus::cancelled && one.cancel_code == "expired") ||
                           (one.status == AppointmentStatus::held && lost_holds > 0);
      shared_.expect(nothing, "an appointment that nobody has made");
      ++unknown;
      continue;
    }
    const Facts& facts = *there->second;
    const bool as_known = facts.state == State::lapsed
                              ? one.status == AppointmentStatus::held || one.status == AppointmentStatus::cancelled
                              : one.revision == facts.revision &&
                                    one.status == (facts.state == State::booked ? AppointmentStatus::booked
                                                                                : AppointmentStatus::cancelled);
    shared_.expect(as_known && one.start.us == facts.start, "an appointment is not as its maker left it");
    known.erase(there);
  }
  shared_.expect(known.empty(), "appointments that were acknowledged are gone");
  shared_.expect(unknown <= lost_holds, "more unknown holds than answers were lost");
}

void Oracle::glance(std::uint64_t day) {
  const Stored stored = read(day);
  if (!stored.there) return;
  check_rows(stored, true);
  check_claims(stored);
  ++shared_.counters.snapshots;
}

void Oracle::check_day(std::uint64_t day) {
  const Stored stored = read(day);
  if (!stored.there) throw std::runtime_error("the hospital is not open");
  check_rows(stored, true);
  check_claims(stored);
  check_known(stored, 0, midnight_of(day), midnight_of(day) + day_us);
  ++shared_.counters.days_checked;
}

void Oracle::check_all() {
  const Stored stored = read(std::nullopt);
  if (!stored.there) throw std::runtime_error("the hospital is not open");
  check_rows(stored, true);
  check_claims(stored);
  check_known(stored, 0, INT64_MIN, INT64_MAX);
}

}  // namespace medflow::campaign
