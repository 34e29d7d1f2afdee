#include <algorithm>

#include "documents/access.hpp"
#include "documents/due.hpp"
#include "documents/storing.hpp"
#include "jobs/jobs.hpp"
#include "kernel/handler.hpp"
#include "records/chart.hpp"
#include "tenants/entities.hpp"

namespace medflow::inline v1::documents {

using kernel::Outside;
using kernel::Rows;
using kernel::Work;
using storage::Cell;

/// What is to become a document, whichever operation asks for it.
struct Wish {
  PatientId patient_id{};
  std::optional<DocumentId> id{};
  Category category = Category::clinical;
  std::string title{};
  std::string file_name{};
  std::optional<RecordId> record_id{};
  std::optional<Instant> taken_at{};
  std::vector<Label> labels{};
  bool replaces = false;
  bool own_work = false;  ///< it takes the place of what the caller has sent
};

/// What came in, before the transaction in which a document is made of it.
struct Received {
  std::shared_ptr<const Incoming> incoming{};
};

namespace {

Wish wish_of(const Upload& request) {
  return {.patient_id = request.patient_id,
          .id = request.id,
          .category = request.category,
          .title = request.title,
          .file_name = request.file_name,
          .record_id = request.record_id,
          .taken_at = request.taken_at,
          .labels = request.labels};
}

Wish wish_of(const UploadPatient& request) {
  return {.patient_id = request.patient_id,
          .id = request.id,
          .category = Category::administrative,
          .title = request.title,
          .file_name = request.file_name,
          .taken_at = request.taken_at};
}

Wish wish_of(const UploadMedical& request) {
  return {.patient_id = request.patient_id,
          .id = request.id,
          .category = request.category,
          .title = request.title,
          .file_name = request.file_name,
          .record_id = request.record_id,
          .taken_at = request.taken_at,
          .labels = request.labels};
}

/// Another version of this document.
Wish wish_of(const Work& work, const Replace& request, const StoredDocument& before) {
  const FileNames* given = names(before);
  return {.patient_id = before.patient_id,
          .category = before.category,
          .title = !request.title.empty() || given == nullptr ? request.title : given->title,
          .file_name = request.file_name,
          .record_id = before.record_id,
          .taken_at = request.taken_at,
          .labels = before.labels,
          .replaces = true,
          .own_work = is_sent_by(work, before) && work.access().holds(work.permission(), Scope::work)};
}

void put_in_order(std::vector<Label>& labels) {
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
}

void clean(Wish& wish) {
  wish.file_name = clean_file_name(wish.file_name);
  if (wish.file_name.empty()) throw Failure(codes::invalid, "/file_name", "required", "the file needs a name");
  if (wish.title.empty()) wish.title = wish.file_name;
  put_in_order(wish.labels);
}

std::size_t files_of(Work& work, const PatientId& patient) {
  std::size_t count = 0;
  const Cell equal[] = {Cell::bytes(patient.uuid.view())};
  work.transaction().scan(
      {.table = &Rows<StoredDocument>::layout().table(), .index = "documents_patient", .equal = equal},
      [&](storage::RowView) {
        ++count;
        return true;
      });
  return count;
}

/// Whether another file would be more than `max` allows for what this row counts; 0 allows everything.
bool exceeds(Work& work, std::uint64_t max, const UploadId& counter, std::uint64_t size_bytes) {
  if (max == 0) return false;
  const auto usage = Rows<StoredUpload>(work).find(counter);
  const std::uint64_t used = usage ? usage->size_bytes : 0;
  return used > max || size_bytes > max - used;
}

void require_room(Work& work, const PatientId& patient, std::uint64_t size_bytes) {
  const settings::Settings settings = settings::current(work);
  if (files_of(work, patient) >= settings.patient_files_max)
    throw Failure(quota_reached, "the patient has as many files as the tenant allows");
  if (exceeds(work, settings.files_bytes_max, usage_id, size_bytes))
    throw Failure(quota_reached, "the tenant's files take as much as it allows");
  if (exceeds(work, settings.user_files_bytes_max, usage_id_of(work.actor().user), size_bytes))
    throw Failure(quota_reached, "/content", "quota.user", "the files of this user take as much as the tenant allows");
}

void count(Work& work, const UploadId& counter, std::uint64_t size_bytes) {
  Rows<StoredUpload> rows(work);
  if (auto usage = rows.find(counter)) {
    usage->size_bytes += size_bytes;
    return rows.update(*usage, usage->revision);
  }
  StoredUpload usage{.id = counter, .size_bytes = size_bytes, .started_at = usage_started};
  rows.insert(usage);
}

/// Of the tenant and of who has sent it, whether there are limits now or not: one that is set later goes for what there is.
void note_usage(Work& work, std::uint64_t size_bytes) {
  count(work, usage_id, size_bytes);
  count(work, usage_id_of(work.actor().user), size_bytes);
}

/// Who has the permission for own work alone stores what belongs to a record of their own.
bool works_on(const Work& work, const records::StoredRecord& record) {
  const auto ways = work.access().ways(work.permission());
  return record.author_id == work.actor().user &&
         std::any_of(ways.begin(), ways.end(), [](const kernel::Granted& way) { return way.scope == Scope::work; });
}

/// The chart that it goes into, and whether the caller may put it there. Adds the labels of its record.
Chart require_place(Work& work, Wish& wish) {
  auto chart = Chart::of(work, wish.patient_id, work.permission());
  std::optional<records::StoredRecord> record;
  if (wish.record_id) record = Rows<records::StoredRecord>(work).find_unchecked(*wish.record_id, restricted);
  if (record && record->patient_id != wish.patient_id) record.reset();
  const bool own_work = wish.own_work || (record && works_on(work, *record));
  if (!chart) throw Failure(codes::not_found);
  if (!chart->reaches_any() && !own_work) {
    // Who may read what is there is told that they may not add to it.
    const auto read = Chart::of(work, wish.patient_id, Permission::document_read);
    throw Failure(read && read->reaches_any() ? codes::forbidden : codes::not_found);
  }
  work.concerns(wish.patient_id);
  if (!chart->reaches(wish.category) && !own_work) throw Failure(codes::forbidden);
  // Who does not see the record is not told that there is one, nor what it is labelled with.
  if (wish.record_id && (!record || !records::is_seen(work, *record)))
    throw Failure(wish.replaces ? codes::forbidden : codes::not_found);
  if (record && record->labelled && record->labelled_body)
    wish.labels.insert(wish.labels.end(), record->labelled_body->labels.begin(), record->labelled_body->labels.end());
  put_in_order(wish.labels);
  return std::move(*chart);
}

std::optional<StoredDocument> already_there(Work& work, const Wish& wish) {
  if (!wish.id) return std::nullopt;
  return Rows<StoredDocument>(work).find_unchecked(*wish.id, block_flags);
}

bool is_same(const StoredDocument& there, const Wish& wish, const Incoming& incoming) {
  const FileNames* given = names(there);
  return there.patient_id == wish.patient_id && there.category == wish.category && there.record_id == wish.record_id &&
         there.taken_at == wish.taken_at && there.labels == wish.labels && given != nullptr &&
         given->title == wish.title && given->file_name == wish.file_name &&
         given->blake2b_256 == incoming.blake2b_256() && !there.version_of;
}

DocumentId made_id(Outside& outside) {
  // The same id for the upload and its document: a call's first.
  DocumentId id;
  outside.read([&](Work& work) { id = work.make_id<DocumentId>(); });
  return id;
}

Received receive(Outside& outside, Wish wish, const Content& content) {
  clean(wish);
  Terms terms;
  bool compared = false;
  outside.read([&](Work& work) {
    Wish checked = wish;
    require_place(work, checked);
    const auto there = already_there(work, wish);
    if (there && there->patient_id != wish.patient_id) throw Failure(codes::id_reused);
    if (wish.id && counts_usage(*wish.id)) throw Failure(codes::id_reused);
    compared = there.has_value();
    if (!compared) require_room(work, wish.patient_id, content.size_bytes.value_or(0));
    terms = terms_of(work, outside.platform().options());
  });
  auto incoming = std::make_shared<Incoming>(outside, wish.id ? *wish.id : made_id(outside));
  incoming->receive(content, wish.file_name, terms, compared);
  return {.incoming = std::move(incoming)};
}

bool is_scanned(const Work& work) { return work.session().platform().options().scanner != nullptr; }

StoredDocument enter(Work& work, const Wish& wish, const Incoming& incoming, const Chart& chart,
                     const StoredDocument* before) {
  const auto& subject = chart.known().subject;
  const bool scans = is_scanned(work);
  StoredDocument document{.id = incoming.id(),
                          .patient_id = wish.patient_id,
                          .record_id = wish.record_id,
                          .category = wish.category,
                          .media_type = std::string(incoming.media_type()),
                          .size_bytes = incoming.size_bytes(),
                          .document_key = incoming.wrapped_key(work, subject),
                          .nonce = incoming.nonce_hex(),
                          .scan = scans ? ScanState::pending : ScanState::skipped,
                          .root_id = before != nullptr ? before->root_id : incoming.id(),
                          .version = before != nullptr ? before->version + 1 : 1,
                          .current = before == nullptr,
                          .labelled = !wish.labels.empty(),
                          .uploaded_by = work.actor().user,
                          .taken_at = wish.taken_at,
                          .dated_at = wish.taken_at.value_or(work.now()),
                          .labels = wish.labels};
  if (before != nullptr) document.version_of = before->id;
  if (scans) {
    document.scan_due_at = work.now();
    jobs::wake(work, upload_sweep, work.now());
  } else {
    take_place(work, document);
  }
  FileNames given{.title = wish.title, .file_name = wish.file_name, .blake2b_256 = incoming.blake2b_256()};
  switch (name_class(wish.category, document.labelled)) {
    case restricted:
      document.restricted_names = std::move(given);
      break;
    case contact:
      document.contact_names = std::move(given);
      break;
    case billing:
      document.billing_names = std::move(given);
      break;
    default:
      document.clinical_names = std::move(given);
  }
  if (incoming.only_compared()) throw Failure(codes::store_unavailable);
  incoming.settle(work);
  note_usage(work, incoming.size_bytes());
  Rows<StoredDocument>(work).insert_for(subject, document);
  return document;
}

Document store(Work& work, Wish wish, const Received& received) {
  clean(wish);
  const Incoming& incoming = *received.incoming;
  work.open_classes(block_flags);
  work.about(incoming.id().uuid);
  const Chart chart = require_place(work, wish);
  if (const auto there = already_there(work, wish)) {
    if (!is_same(*there, wish, incoming) || !chart.shows(work, *there)) throw Failure(codes::id_reused);
    return shown(work, *there);
  }
  require_room(work, wish.patient_id, incoming.size_bytes());
  return shown(work, enter(work, wish, incoming, chart, nullptr));
}

/// The version that is replaced, if it is the newest, and as it was when the caller read it.
StoredDocument require_newest(Work& work, const Replace& request) {
  StoredDocument before = get(work, request.id);
  if (!request.revision) throw Failure(codes::revision_required, "/revision", "required", "the revision is required");
  if (before.revision != *request.revision) {
    Error error{.code = codes::revision};
    error.revision = before.revision;
    throw Failure(std::move(error));
  }
  if (before.replaced_by) throw Failure(was_replaced);
  return before;
}

}  // namespace

Received prepare(Outside& outside, const Upload& request) {
  return receive(outside, wish_of(request), request.content);
}
Received prepare(Outside& outside, const UploadPatient& request) {
  return receive(outside, wish_of(request), request.content);
}
Received prepare(Outside& outside, const UploadMedical& request) {
  return receive(outside, wish_of(request), request.content);
}
Received prepare(Outside& outside, const Replace& request) {
  Wish wish;
  outside.read([&](Work& work) { wish = wish_of(work, request, require_newest(work, request)); });
  return receive(outside, std::move(wish), request.content);
}

Document handle(Work& work, const Upload& request, const Received& received) {
  return store(work, wish_of(request), received);
}
Document handle(Work& work, const UploadPatient& request, const Received& received) {
  return store(work, wish_of(request), received);
}
Document handle(Work& work, const UploadMedical& request, const Received& received) {
  return store(work, wish_of(request), received);
}

Document handle(Work& work, const Replace& request, const Received& received) {
  work.open_classes(block_flags);  // the version before is written whole
  StoredDocument before = require_newest(work, request);
  Wish wish = wish_of(work, request, before);
  clean(wish);
  const Chart chart = require_place(work, wish);
  require_room(work, wish.patient_id, received.incoming->size_bytes());
  before.replaced_by = received.incoming->id();
  before.current = before.current && is_scanned(work);  // lists show it until the scanner has let the new one through
  Rows<StoredDocument>(work).update(before, before.revision);
  work.about(received.incoming->id().uuid);
  return shown(work, enter(work, wish, *received.incoming, chart, &before));
}

}  // namespace medflow::inline v1::documents

MEDFLOW_HANDLE(medflow::documents::Upload);
MEDFLOW_HANDLE(medflow::documents::UploadPatient);
MEDFLOW_HANDLE(medflow::documents::UploadMedical);
MEDFLOW_HANDLE(medflow::documents::Replace);
