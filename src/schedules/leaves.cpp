#include <cstring>

#include "appointments/guards.hpp"
#include "appointments/moving.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "schedules/access.hpp"
#include "schedules/entities.hpp"
#include "schedules/schedules.hpp"
#include "waitlists/offering.hpp"

namespace medflow::inline v1::leaves {

using kernel::Place;
using kernel::Rows;
using kernel::Work;
using storage::Cell;

namespace {

constexpr std::int64_t longest_us = leave_days_max * 24 * 60 * 60 * 1'000'000;

/// Before this begins nothing that ends after `at`.
Instant earliest(Instant at) { return {at.us < INT64_MIN + longest_us ? INT64_MIN : at.us - longest_us}; }

void require_content(const Add& request) {
  if (request.to <= request.from) throw Failure(codes::invalid, "/to", "time.order", "a leave ends after it begins");
  if (request.to.us - request.from.us > longest_us)
    throw Failure(too_long, "/to", "leave.too_long", "one leave lasts 366 days at most");
}

bool same_content(const Leave& there, const Leave& said, OnAffected on_affected) {
  return there.job_id.has_value() == (on_affected == OnAffected::move) && there.kind == said.kind &&
         there.resource_id == said.resource_id && there.from == said.from && there.to == said.to &&
         there.reason == said.reason;
}

/// The leave itself, also for who does not see its reason.
std::optional<Leave> whole(Work& work, const LeaveId& id) { return Rows<Leave>(work).find_unchecked(id, identity); }

// A place in the list: when it begins, then its id.

std::string position_of(const Leave& leave) {
  std::string position(reinterpret_cast<const char*>(&leave.from.us), sizeof leave.from.us);
  return position.append(leave.id.uuid.view());
}

struct Position {
  Instant from{};
  Uuid id{};
};

Position position_in(std::string_view text) {
  Position position;
  if (text.size() != sizeof position.from.us + position.id.bytes.size()) throw Failure(codes::cursor_invalid);
  std::memcpy(&position.from.us, text.data(), sizeof position.from.us);
  position.id = kernel::id_in(text.substr(sizeof position.from.us));
  return position;
}

}  // namespace

std::vector<Leave> overlapping(Work& work, const Uuid& resource_id, Instant from, Instant to) {
  std::vector<Leave> found;
  const Cell equal[] = {Cell::bytes(resource_id.view())};
  const storage::Layout& layout = Rows<Leave>::layout();
  const storage::Scan scan{.table = &layout.table(),
                           .index = "leaves_from",
                           .equal = equal,
                           .from = Cell::of(earliest(from).us),
                           .to = Cell::of(to.us)};
  work.transaction().scan(scan, [&](storage::RowView row) {
    Leave leave;
    work.read_row(layout, row, &leave);
    if (leave.to > from) found.push_back(std::move(leave));
    return true;
  });
  return found;
}

Leave add(Work& work, const Add& request, const ResourceRef& owner) {
  require_content(request);
  Leave leave{.id = request.id ? *request.id : work.make_id<LeaveId>(),
              .kind = owner.kind,
              .resource_id = owner.id,
              .from = request.from,
              .to = request.to,
              .reason = request.reason};
  work.about(leave.id.uuid);
  if (request.id) {
    if (auto there = whole(work, *request.id)) {
      if (same_content(*there, leave, request.on_affected)) return *there;
      throw Failure(codes::id_reused);
    }
  }
  if (request.on_affected == OnAffected::move) leave.job_id = appointments::start_moving(work, leave);
  Rows<Leave>(work).insert(leave);
  return leave;
}

WithVisits handle(Work& work, const Add& request) {
  const ResourceRef owner = schedules::require_owner(work, request.resource_id);
  schedules::require_management(work, owner);
  return appointments::with_visits(work, add(work, request, owner), request.on_affected == OnAffected::notify);
}

WithVisits handle(Work& work, const Get& request) {
  Leave leave = Rows<Leave>(work).get(request.id);
  schedules::require_management(work, {.kind = leave.kind, .id = leave.resource_id});
  return appointments::with_visits(work, std::move(leave), false);
}

// An unfiltered scan of one calendar's leave from a year before `since`: those that ended by then are few.
Page<Leave> handle(Work& work, const List& request) {
  schedules::require_calendars(work);
  const ResourceRef owner = schedules::require_owner(work, request.resource_id);
  const bool with_reason = schedules::may_manage(work, owner);
  const std::string query = request.resource_id.text() + (request.since ? request.since->text() : "");
  const Place place(work, query, request.cursor);
  const Cell equal[] = {Cell::bytes(request.resource_id.view())};
  storage::Scan scan{.index = "leaves_from", .equal = equal, .backwards = place.to_front()};
  Position at;
  if (!place.is_first()) at = position_in(place.position());
  const Cell after[] = {Cell::of(at.from.us), Cell::bytes(at.id.view())};
  if (!place.is_first()) scan.after = after;
  if (request.since) scan.from = Cell::of(earliest(*request.since).us);

  Page<Leave> page{.page = {.limit = request.limit}};
  std::optional<std::string> onwards;
  Rows<Leave>(work).scan(scan, [&](Leave leave) {
    if (request.since && leave.to <= *request.since) return true;
    if (page.data.size() == request.limit) {
      onwards = position_of(page.data.back());
      return false;
    }
    if (!with_reason) leave.reason.clear();
    page.data.push_back(std::move(leave));
    return true;
  });
  place.finish(page, onwards, page.data.empty() ? place.position() : position_of(page.data.front()));
  work.event().table = Rows<Leave>::layout().table().id;
  return page;
}

Done handle(Work& work, const Remove& request) {
  Rows<Leave> rows(work);
  const Leave leave = rows.get(request.id);
  schedules::require_management(work, {.kind = leave.kind, .id = leave.resource_id});
  rows.remove(leave.id, leave.revision);
  waitlists::slot_freed(work);
  return {};
}

}  // namespace medflow::inline v1::leaves

MEDFLOW_HANDLE(medflow::leaves::Add);
MEDFLOW_HANDLE(medflow::leaves::Get);
MEDFLOW_HANDLE(medflow::leaves::List);
MEDFLOW_HANDLE(medflow::leaves::Remove);
