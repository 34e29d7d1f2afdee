#include <algorithm>
#include <cstring>

#include "appointments/booking.hpp"
#include "appointments/views.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "kernel/position.hpp"
#include "patients/entities.hpp"

namespace medflow::inline v1::appointments {

using kernel::Place;
using kernel::Rows;
using kernel::Work;
using storage::Cell;

namespace {

constexpr std::size_t looked_at_max = 2'000;  ///< for one page; then it is short and has a cursor

using Position = kernel::TimePosition;

Position position_of(const Appointment& appointment) { return {appointment.start.us, appointment.id.uuid}; }

/// Appointments by their start, away from a place, out of one calendar or one facility after the other.
class Walk {
 public:
  Walk(Work& work, const List& request, const Place& place) : work_(work), request_(request), place_(place) {
    if (!place.is_first()) at_ = Position::parse(place.position());
  }

  Page<Appointment> run() {
    std::vector<Appointment> found;
    if (request_.patient || request_.resource) {
      by_calendar(request_.patient ? request_.patient->uuid : *request_.resource, found);
    } else {
      for (const FacilityId& facility : facilities()) by_facility(facility, found);
    }
    const auto in_order = [&](const Appointment& a, const Appointment& b) {
      return is_before(position_of(a), position_of(b));
    };
    std::sort(found.begin(), found.end(), in_order);
    // As far as all of them were looked through: what lies behind that comes with the next page.
    if (stop_) std::erase_if(found, [&](const Appointment& one) { return is_before(*stop_, position_of(one)); });
    Page<Appointment> page{.page = {.limit = request_.limit}};
    std::optional<std::string> onwards;
    if (found.size() > request_.limit) {
      found.resize(request_.limit);
      onwards = position_of(found.back()).text();
    } else if (stop_) {
      onwards = stop_->text();
    }
    page.data = std::move(found);
    place_.finish(page, onwards, back(page));
    return page;
  }

 private:
  bool is_before(const Position& a, const Position& b) const { return place_.to_front() ? b < a : a < b; }

  /// Enough was looked at; the nearest of such places counts.
  void stop() {
    if (!stop_ || is_before(last_looked_at_, *stop_)) stop_ = last_looked_at_;
  }

  std::vector<FacilityId> facilities() const {
    if (request_.facility) return {*request_.facility};
    if (work_.actor().facilities.empty())
      throw Failure(patients::query_too_broad, "/facility", "query.too_broad",
                    "name a patient, a calendar or a facility");
    return work_.actor().facilities;
  }

  storage::Scan scan(std::span<const Cell> equal, std::span<const Cell> after) const {
    storage::Scan scan{.equal = equal, .backwards = place_.to_front()};
    if (at_) scan.after = after;
    if (request_.from) scan.from = Cell::of(request_.from->us);
    if (request_.to) scan.to = Cell::of(request_.to->us);
    return scan;
  }

  void by_calendar(const Uuid& calendar, std::vector<Appointment>& found) {
    const Cell equal[] = {Cell::bytes(calendar.view())};
    const Cell after[] = {Cell::of(at_ ? at_->us : 0), Cell::bytes(at_ ? at_->id.view() : std::string_view())};
    std::vector<AppointmentId> ids;
    const auto collect = [&] {
      for (Appointment& appointment : Rows<Appointment>(work_).get_many(ids))
        if (keeps(appointment)) found.push_back(std::move(appointment));
      ids.clear();
    };
    storage::Scan where = scan(equal, after);
    where.table = &claims_table;
    std::size_t looked_at = 0;
    work_.transaction().scan(where, [&](storage::RowView row) {
      if (looked_at++ == looked_at_max) {
        stop();
        return false;
      }
      last_looked_at_ = {row[1].integer, kernel::id_in(row[2].data)};
      ids.push_back(AppointmentId{last_looked_at_.id});
      if (ids.size() <= request_.limit) return true;
      collect();
      return found.size() <= request_.limit;
    });
    collect();
  }

  void by_facility(const FacilityId& facility, std::vector<Appointment>& found) {
    const Cell equal[] = {Cell::bytes(facility.uuid.view())};
    const Cell after[] = {Cell::of(at_ ? at_->us : 0), Cell::bytes(at_ ? at_->id.view() : std::string_view())};
    storage::Scan where = scan(equal, after);
    where.index = "appointments_facility";
    std::size_t kept = 0;
    std::size_t looked_at = 0;
    Rows<Appointment>(work_).scan(where, [&](Appointment appointment) {
      if (looked_at++ == looked_at_max) {
        stop();
        return false;
      }
      last_looked_at_ = position_of(appointment);
      if (!keeps(appointment)) return true;
      found.push_back(std::move(appointment));
      return ++kept <= request_.limit;
    });
  }

  bool keeps(const Appointment& appointment) const {
    return (!request_.status || appointment.status == *request_.status) &&
           (!request_.patient || appointment.patient_id == *request_.patient) &&
           (!request_.facility || appointment.facility_id == *request_.facility) &&
           (!request_.resource ||
            std::any_of(appointment.resources.begin(), appointment.resources.end(),
                        [&](const Participant& one) { return one.id == *request_.resource; }) ||
            appointment.patient_id.uuid == *request_.resource);
  }

  std::string back(const Page<Appointment>& page) const {
    if (!page.data.empty()) return position_of(page.data.front()).text();
    if (place_.is_first()) return {};
    Position beyond = *at_;
    beyond.id = kernel::neighbour(beyond.id, !place_.to_front());
    return beyond.text();
  }

  Work& work_;
  const List& request_;
  const Place& place_;
  std::optional<Position> at_{};
  Position last_looked_at_{};
  std::optional<Position> stop_{};
};

std::string query_of(const List& request) {
  std::string query;
  const auto add = [&](const auto& part) { query.append(part ? part->text() : std::string()).push_back('\n'); };
  add(request.patient);
  add(request.resource);
  add(request.facility);
  add(request.from);
  add(request.to);
  return query + (request.status ? std::to_string(static_cast<int>(*request.status)) : std::string());
}

}  // namespace

std::uint32_t visible_classes(const Work& work, const Appointment& appointment) {
  if (work.actor().kind == audit::ActorKind::system) return block_flags;
  if (!sees_more_than_metadata(work, appointment, Permission::appointment_read)) return 0;
  const std::uint32_t all = work.access().classes();
  return reads_chart(work, appointment) ? all : all & ~std::uint32_t{clinical};
}

Appointment only_open(Work& work, Appointment appointment) {
  const std::uint32_t classes = visible_classes(work, appointment);
  if ((classes & clinical) == 0) {
    appointment.reason.clear();
    appointment.notes.clear();
    appointment.cancel_text.clear();
    appointment.extensions.clear();
  }
  if ((classes & identity) == 0) appointment.patient.reset();
  appointment.hold_token.reset();
  return appointment;
}

Appointment shown(Work& work, Appointment appointment) {
  std::vector<Appointment> one{std::move(appointment)};
  label(work, one);
  return only_open(work, std::move(one.front()));
}

Appointment handle(Work& work, const Get& request) { return shown(work, Rows<Appointment>(work).get(request.id)); }

namespace {

/// Who asks for nothing in particular is shown what is theirs: a patient their own visits, who works on what is given to them what is in their
/// calendar, everybody else what is at their places.
List narrowed(const Work& work, List request) {
  if (request.patient || request.resource || request.facility) return request;
  const kernel::Actor& actor = work.actor();
  const auto ways = work.access().ways(Permission::appointment_read);
  const auto holds_only = [&](Scope scope) {
    return std::all_of(ways.begin(), ways.end(), [&](const kernel::Granted& way) { return way.scope == scope; });
  };
  const bool by_calendar = holds_only(Scope::work) || actor.facilities.empty();
  if (actor.patient_id && (holds_only(Scope::own) || actor.facilities.empty()))
    request.patient = actor.patient_id;
  else if (actor.practitioner_id && by_calendar)
    request.resource = actor.practitioner_id->uuid;
  return request;
}

}  // namespace

Page<Appointment> handle(Work& work, const List& request) {
  const List wanted = narrowed(work, request);
  const Place place(work, query_of(wanted), wanted.cursor);
  Page<Appointment> page = Walk(work, wanted, place).run();
  label(work, page.data);
  for (Appointment& appointment : page.data) appointment = only_open(work, std::move(appointment));
  return page;
}

}  // namespace medflow::inline v1::appointments

MEDFLOW_HANDLE(medflow::appointments::List);
MEDFLOW_HANDLE(medflow::appointments::Get);
