#include <cstring>

#include "documents/access.hpp"
#include "documents/due.hpp"
#include "jobs/jobs.hpp"
#include "kernel/handler.hpp"
#include "kernel/paging.hpp"
#include "kernel/platform_state.hpp"

namespace medflow::inline v1::documents {

using kernel::Place;
using kernel::Rows;
using kernel::Work;
using storage::Cell;

namespace {

constexpr std::size_t looked_at_max = 2'000;  ///< for one page; then it is short and has a cursor

/// A place in a list: what it is ordered by, and the id.
std::string position_of(std::int64_t key, const DocumentId& id) {
  std::string bytes(sizeof key, '\0');
  std::memcpy(bytes.data(), &key, sizeof key);
  return bytes.append(id.uuid.view());
}

/// Rows of an index, away from a place, as far as `keep` holds. `backwards` is the order of the list.
struct Walk {
  std::string_view index{};
  std::span<const Cell> equal{};
  std::optional<Cell> from{};
  std::optional<Cell> to{};
  bool backwards = true;
  std::uint32_t limit = 0;

  template <class Key, class Keep, class View>
  Page<Document> run(Work& work, const Place& place, Key&& key, Keep&& keep, View&& shown) const {
    storage::Scan scan{
        .index = index, .equal = equal, .from = from, .to = to, .backwards = backwards != place.to_front()};
    std::int64_t at = 0;
    std::string id;
    if (!place.is_first()) {
      if (place.position().size() != sizeof at + 16) throw Failure(codes::cursor_invalid);
      std::memcpy(&at, place.position().data(), sizeof at);
      id = place.position().substr(sizeof at);
    }
    const Cell after[] = {Cell::of(at), Cell::bytes(id)};
    if (!place.is_first()) scan.after = after;

    Page<Document> page{.page = {.limit = limit}};
    std::optional<std::string> onwards;
    std::string first;
    std::string last;
    std::string looked;
    std::size_t looked_at = 0;
    Rows<StoredDocument>(work).scan(scan, [&](const StoredDocument& document) {
      if (looked_at++ == looked_at_max) {
        onwards = looked;
        return false;
      }
      looked = position_of(key(document), document.id);
      if (!keep(document)) return true;
      if (page.data.size() == limit) {
        onwards = last;
        return false;
      }
      last = looked;
      if (page.data.empty()) first = looked;
      page.data.push_back(shown(document));
      return true;
    });
    place.finish(page, onwards, page.data.empty() ? place.position() : first);
    return page;
  }
};

}  // namespace

Page<Document> handle(Work& work, const List& request) {
  work.about(request.patient_id.uuid);
  const auto chart = Chart::of(work, request.patient_id, work.permission());
  // Who reaches nothing there but what they sent themselves has a chart too.
  const bool by_work = work.access().holds(work.permission(), Scope::work);
  if (!chart || (!chart->reaches_any() && !by_work)) throw Failure(codes::not_found);
  work.open_classes(block_flags);  // labels decide; what is shown is looked at below
  std::string query = request.patient_id.text();
  query += request.category ? std::to_string(static_cast<int>(*request.category)) : "-";
  for (const auto& bound : {request.from, request.to}) query += bound ? "/" + std::to_string(bound->us) : "/";
  const Place place(work, query, request.cursor);
  const Cell equal[] = {Cell::bytes(request.patient_id.uuid.view()), Cell::of(1)};
  Walk walk{.index = "documents_patient", .equal = equal, .limit = request.limit};
  if (request.from) walk.from = Cell::of(request.from->us);
  if (request.to) walk.to = Cell::of(request.to->us);
  Page<Document> page = walk.run(
      work, place, [](const StoredDocument& document) { return document.dated_at.us; },
      [&](const StoredDocument& document) {
        return (!request.category || document.category == *request.category) && chart->shows(work, document);
      },
      [&](const StoredDocument& document) { return view(work, document); });
  if (!page.data.empty()) work.concerns(request.patient_id);
  if (page.data.empty() && !chart->reaches_any()) throw Failure(codes::not_found);
  label(work, page);
  return page;
}

Document handle(Work& work, const Get& request) { return shown(work, get(work, request.id)); }

Page<Document> handle(Work& work, const ListVersions& request) {
  const StoredDocument one = get(work, request.id);
  const auto chart = Chart::of(work, one.patient_id, work.permission());
  work.open_classes(block_flags);
  const Place place(work, one.root_id.text(), request.cursor);
  const Cell equal[] = {Cell::bytes(one.root_id.uuid.view())};
  const Walk walk{.index = "documents_version", .equal = equal, .limit = request.limit};
  Page<Document> page = walk.run(
      work, place, [](const StoredDocument& document) { return static_cast<std::int64_t>(document.version); },
      [&](const StoredDocument& document) { return chart->shows(work, document); },
      [&](const StoredDocument& document) { return view(work, document); });
  label(work, page);
  return page;
}

namespace {

bool in_quarantine_now(const StoredDocument& document) {
  return document.scan == ScanState::infected || document.scan == ScanState::failed;
}

}  // namespace

Page<Document> handle(Work& work, const ListQuarantine& request) {
  const Place place(work, "", request.cursor);
  const Walk walk{.index = "documents_quarantine", .from = Cell::of(0), .backwards = false, .limit = request.limit};
  Page<Document> page = walk.run(
      work, place, [](const StoredDocument& document) { return document.quarantined_at->us; }, in_quarantine_now,
      metadata);
  for (const Document& document : page.data) work.concerns(document.patient_id);
  return page;
}

Document handle(Work& work, const ReleaseQuarantine& request) {
  work.about(request.id.uuid);
  work.event().table = Rows<StoredDocument>::layout().table().id;
  work.open_classes(block_flags);  // what is written anew has to be whole
  auto document = Rows<StoredDocument>(work).find_unchecked(request.id, block_flags);
  if (!document) throw Failure(codes::not_found);
  work.concerns(document->patient_id);
  if (!request.revision) throw Failure(codes::revision_required, "/revision", "required", "the revision is required");
  if (document->revision != *request.revision) {
    Error error{.code = codes::revision};
    error.revision = document->revision;
    throw Failure(std::move(error));
  }
  const bool unseen = document->scan == ScanState::skipped;
  if (!in_quarantine_now(*document) && !unseen) throw Failure(codes::illegal_transition, "it is not in quarantine");
  if (!unseen || work.session().platform().options().scanner != nullptr) {
    document->scan = ScanState::pending;
    document->scan_due_at = work.now();
    document->scan_attempts = 0;
    document->quarantined_at.reset();
    jobs::wake(work, upload_sweep, work.now());
  }
  Rows<StoredDocument>(work).update(*document, document->revision);
  return metadata(*document);
}

}  // namespace medflow::inline v1::documents

MEDFLOW_HANDLE(medflow::documents::List);
MEDFLOW_HANDLE(medflow::documents::Get);
MEDFLOW_HANDLE(medflow::documents::ListVersions);
MEDFLOW_HANDLE(medflow::documents::ListQuarantine);
MEDFLOW_HANDLE(medflow::documents::ReleaseQuarantine);
