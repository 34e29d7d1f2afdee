// Reading charts: as they are, as they were, and every version of a record.
#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>

#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "kernel/position.hpp"
#include "records/canonical.hpp"
#include "records/chart.hpp"
#include "records/versions.hpp"

namespace medflow::inline v1::records {

using kernel::Place;
using Position = kernel::TimePosition;
using kernel::Rows;
using kernel::Work;
using storage::Cell;

namespace {

Position position_of(const StoredRecord& record) { return {record.effective_at.us, record.id.uuid}; }

bool is_struck(RecordStatus status) {
  return status == RecordStatus::entered_in_error || status == RecordStatus::discarded;
}

/// What the request asks for, apart from what is struck.
bool fits(const StoredRecord& record, const List& request) {
  return (!request.encounter_id || record.encounter_id == request.encounter_id) &&
         (!request.kind || record.kind == request.kind) && (!request.status || record.status == request.status) &&
         (!request.from || *request.from <= record.effective_at) && (!request.to || record.effective_at < *request.to);
}

bool wants_struck(const List& request) {
  return request.include_retracted || (request.status && is_struck(*request.status));
}

/// What a cursor of this list belongs to.
std::string query_of(const List& request) {
  std::string query(request.patient_id.uuid.view());
  const auto add = [&](const auto& member) {
    query.append(member ? "+" : "-").append(member ? std::to_string(*member) : "");
  };
  const auto number = [](const auto& member) {
    return member ? std::optional<std::int64_t>(static_cast<std::int64_t>(*member)) : std::nullopt;
  };
  const auto us = [](const std::optional<Instant>& member) {
    return member ? std::optional<std::int64_t>(member->us) : std::nullopt;
  };
  add(number(request.kind));
  add(number(request.status));
  add(us(request.from));
  add(us(request.to));
  add(us(request.as_of));
  query += request.include_retracted ? '+' : '-';
  if (request.encounter_id) query.append(request.encounter_id->uuid.view());
  return query;
}

/// A page of a chart that is read as it is now.
class Now {
 public:
  Now(Work& work, const Chart& chart, const List& request) : work_(work), chart_(chart), request_(request) {}

  /// Records on from the place, one more than fits where there is one.
  std::vector<StoredRecord> from(const Place& place) {
    const Cell equal[] = {Cell::bytes(request_.patient_id.uuid.view())};
    Position at;
    if (!place.is_first()) at = Position::parse(place.position());
    const Cell after[] = {Cell::of(at.us), Cell::bytes(at.id.view())};
    storage::Scan scan{.index = "records_patient", .equal = equal, .backwards = !place.to_front()};
    if (!place.is_first()) scan.after = after;
    if (request_.from) scan.from = Cell::of(request_.from->us);
    if (request_.to) scan.to = Cell::of(request_.to->us);
    std::vector<StoredRecord> found;
    Rows<StoredRecord>(work_).scan(scan, [&](StoredRecord record) {
      if (fits(record, request_) && (wants_struck(request_) || !is_struck(record.status)) && chart_.shows(record))
        found.push_back(std::move(record));
      return found.size() <= request_.limit;
    });
    return found;
  }

  std::uint64_t left_out() {
    std::uint64_t count = 0;
    for (const RecordStatus status : {RecordStatus::discarded, RecordStatus::entered_in_error}) {
      const Cell equal[] = {Cell::bytes(request_.patient_id.uuid.view()),
                            Cell::text(type_of<RecordStatus>.words[static_cast<std::size_t>(status)])};
      Rows<StoredRecord>(work_).scan({.index = "records_state", .equal = equal}, [&](const StoredRecord& record) {
        count += fits(record, request_) && chart_.shows(record) ? 1 : 0;
        return true;
      });
    }
    return count;
  }

 private:
  Work& work_;
  const Chart& chart_;
  const List& request_;
};

/// A chart as it was: of each record its last version by then. Which those are is looked up without opening any; what is on the page is opened.
class Then {
 public:
  Then(Work& work, const Chart& chart, const List& request, Instant at)
      : work_(work), chart_(chart), request_(request), at_(at) {
    const storage::Layout& layout = Rows<StoredVersion>::layout();
    const Cell equal[] = {Cell::bytes(request.patient_id.uuid.view())};
    std::map<RecordId, Last> last;
    const storage::Scan scan{
        .table = &layout.table(), .index = "record_versions_chart", .equal = equal, .to = Cell::of(at.us + 1)};
    work.transaction().scan(scan, [&](storage::RowView row) {
      StoredVersion version;
      work.read_row(layout, row, &version);
      Last& known = last[version.record_id];
      known.addenda += version.change == VersionChange::addendum ? 1 : 0;
      if (known.n >= version.n) return true;
      known.n = version.n;
      known.version = version.id;
      known.position = {version.effective_at.us, version.record_id.uuid};
      known.status = version.status;
      return true;
    });
    for (auto& [id, each] : last) (is_struck(each.status) && !wants_struck(request) ? struck_ : shown_).push_back(each);
  }

  /// Records on from the place, one more than fits where there is one.
  std::vector<StoredRecord> from(const Place& place) {
    const auto is_before = [&](const Position& a, const Position& b) { return place.to_front() ? a < b : b < a; };
    std::sort(shown_.begin(), shown_.end(),
              [&](const Last& a, const Last& b) { return is_before(a.position, b.position); });
    auto begin = shown_.cbegin();
    if (!place.is_first()) {
      const Position at = Position::parse(place.position());
      begin = std::find_if(begin, shown_.cend(), [&](const Last& each) { return is_before(at, each.position); });
    }
    std::vector<StoredRecord> found;
    while (begin != shown_.cend() && found.size() <= request_.limit) {
      const auto left = static_cast<std::size_t>(shown_.cend() - begin);
      const auto end = begin + static_cast<std::ptrdiff_t>(std::min<std::size_t>(left, request_.limit + 1));
      open({begin, end}, found);
      begin = end;
    }
    return found;
  }

  std::uint64_t left_out() {
    std::vector<StoredRecord> found;
    open(struck_, found);
    return found.size();
  }

 private:
  struct Last {
    std::uint64_t n = 0;
    VersionId version{};
    Position position{};
    RecordStatus status{};
    std::uint32_t addenda = 0;
  };

  void open(std::span<const Last> wanted, std::vector<StoredRecord>& found) {
    std::vector<RecordId> ids;
    std::vector<VersionId> versions;
    for (const Last& each : wanted) {
      ids.push_back(RecordId{each.position.id});
      versions.push_back(each.version);
    }
    const auto records = Rows<StoredRecord>(work_).get_many(ids);
    const auto said = Rows<StoredVersion>(work_).get_many(versions);
    if (records.size() != wanted.size() || said.size() != wanted.size()) throw Failure(codes::integrity);
    for (std::size_t i = 0; i < wanted.size(); ++i) add(wanted[i], records[i], said[i], found);
  }

  void add(const Last& last, StoredRecord record, const StoredVersion& version,
           std::vector<StoredRecord>& found) const {
    // Who may not see it now does not see it as it was, nor the other way round.
    if (!chart_.shows(record) || !chart_.shows_version(record, version)) return;
    record.revision = version.n;
    record.status = version.status;
    record.effective_at = version.effective_at;
    record.updated_at = version.at;
    record.updated_by = version.author_id;
    record.addenda = last.addenda;
    for (Signature& each : record.signers)
      if (each.at && at_ < *each.at) each.at.reset();
    if (record.released_to_patient_at && at_ < *record.released_to_patient_at) record.released_to_patient_at.reset();
    say(record, version.said()->body);
    if (fits(record, request_)) found.push_back(std::move(record));
  }

  Work& work_;
  const Chart& chart_;
  const List& request_;
  Instant at_;
  std::vector<Last> shown_{};
  std::vector<Last> struck_{};
};

}  // namespace

Page<Record> handle(Work& work, const List& request) {
  const Chart chart(work, request.patient_id);
  const Place place(work, query_of(request), request.cursor);
  Page<Record> page{.page = {.limit = request.limit}};
  std::vector<StoredRecord> found;
  std::uint64_t left_out = 0;
  const auto look = [&](auto&& chart_then) {
    found = chart_then.from(place);
    if (!wants_struck(request)) left_out = chart_then.left_out();
  };
  if (request.as_of) {
    if (work.now() < *request.as_of) throw Failure(codes::invalid, "/as_of", "date.future", "it has not come yet");
    look(Then(work, chart, request, *request.as_of));
  } else {
    look(Now(work, chart, request));
  }
  std::optional<std::string> onwards;
  if (found.size() > request.limit) {
    found.erase(found.begin() + request.limit, found.end());
    onwards = position_of(found.back()).text();
  }
  std::string back = found.empty() ? place.position() : position_of(found.front()).text();
  page.data.reserve(found.size());
  for (StoredRecord& record : found) page.data.push_back(chart.shown(std::move(record)));
  place.finish(page, onwards, back);
  if (!wants_struck(request)) page.page.left_out = left_out;
  return page;
}

Record handle(Work& work, const Get& request) {
  const Seen found = seen(work, request.id);
  return found.chart.shown(found.record);
}

namespace {

StoredVersion version_shown(Work& work, const Seen& of, std::uint64_t n) {
  auto version = version_of(work, of.record.id, n);
  if (!version || !of.chart.shows_version(of.record, *version)) throw Failure(codes::not_found);
  return std::move(*version);
}

}  // namespace

Page<Version> handle(Work& work, const ListVersions& request) {
  const Seen of = seen(work, request.id);
  const Place place(work, std::string(request.id.uuid.view()), request.cursor);
  const auto number = [](std::string_view bytes) {
    std::int64_t n = 0;
    if (bytes.size() != sizeof n) throw Failure(codes::cursor_invalid);
    std::memcpy(&n, bytes.data(), sizeof n);
    return n;
  };
  const auto text = [](std::uint64_t n) { return std::string(reinterpret_cast<const char*>(&n), sizeof n); };
  const Cell equal[] = {Cell::bytes(request.id.uuid.view())};
  const Cell after[] = {Cell::of(place.is_first() ? 0 : number(place.position()))};
  storage::Scan scan{.index = "record_versions_record", .equal = equal, .backwards = place.to_front()};
  if (!place.is_first()) scan.after = after;
  Page<Version> page{.page = {.limit = request.limit}};
  std::optional<std::string> onwards;
  Rows<StoredVersion>(work).scan(scan, [&](const StoredVersion& version) {
    if (!of.chart.shows_version(of.record, version)) return true;
    if (page.data.size() == request.limit) {
      onwards = text(page.data.back().n);
      return false;
    }
    page.data.push_back(of.chart.shown(version));
    return true;
  });
  const std::string back = page.data.empty() ? place.position() : text(page.data.front().n);
  place.finish(page, onwards, back);
  return page;
}

Version handle(Work& work, const GetVersion& request) {
  const Seen of = seen(work, request.id);
  const StoredVersion version = version_shown(work, of, request.n);
  // What the text holds cannot be left out of it.
  if (!of.chart.shows_findings(version.said()->body.findings)) throw Failure(codes::not_found);
  Version shown = of.chart.shown(version);
  std::string previous;
  if (version.n > 1) {
    // The hash of a text that can be guessed gives it away: who lacks the labels of that version is not told.
    const auto before = version_of(work, request.id, version.n - 1);
    const VersionBody* said = before ? before->said() : nullptr;
    if (said == nullptr || !of.chart.shows_labels(before->labelled, &said->body, is_released(of.record, work.now())))
      throw Failure(codes::not_found);
    previous = said->hash;
  }
  shown.canonical = canonical_text(version, of.record, previous);
  return shown;
}

Stream handle(Work& work, const Diff& request) {
  const Seen of = seen(work, request.id);
  const StoredVersion from = version_shown(work, of, request.from);
  const StoredVersion to = version_shown(work, of, request.to);
  const auto steps = difference(type_of<RecordContent>, &from.said()->body.content, &to.said()->body.content);
  auto text = std::make_shared<const std::string>(json_patch(steps, "/content"));
  return {.media_type = "application/json-patch+json",
          .file_name = {},
          .pull = [text, sent = std::size_t{0}](std::span<std::byte> room) mutable -> Result<std::size_t> {
            const std::size_t size = std::min(room.size(), text->size() - sent);
            std::memcpy(room.data(), text->data() + sent, size);
            sent += size;
            return size;
          }};
}

}  // namespace medflow::inline v1::records

MEDFLOW_HANDLE(medflow::records::List);
MEDFLOW_HANDLE(medflow::records::Get);
MEDFLOW_HANDLE(medflow::records::ListVersions);
MEDFLOW_HANDLE(medflow::records::GetVersion);
MEDFLOW_HANDLE(medflow::records::Diff);
