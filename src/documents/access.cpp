#include "documents/access.hpp"

#include <algorithm>

#include "appointments/views.hpp"
#include "patients/entities.hpp"
#include "records/chart.hpp"

namespace medflow::inline v1::documents {

using kernel::Granted;
using kernel::Rows;
using kernel::Work;

namespace {

std::optional<records::StoredRecord> record_of(Work& work, const RecordId& id, std::uint32_t classes) {
  return Rows<records::StoredRecord>(work).find_unchecked(id, classes);
}

/// A patient sees what belongs to a record once that was released.
bool is_released(Work& work, const StoredDocument& document) {
  if (!document.record_id) return !document.labelled;
  const auto record = record_of(work, *document.record_id, 0);
  return record && records::is_released(*record, work.now());
}

/// Whether the caller holds every label of it, and every one that its record has by now.
bool holds_labels(Work& work, const StoredDocument& document) {
  const auto record = document.record_id ? record_of(work, *document.record_id, restricted) : std::nullopt;
  const bool by_record = record && record->labelled;
  if (!document.labelled && !by_record) return true;
  return work.access().holds(Permission::record_read_sensitive) && records::holds_all(work, document.labels) &&
         (!by_record || (record->labelled_body && records::holds_all(work, record->labelled_body->labels)));
}

}  // namespace

bool is_sent_by(const Work& work, const StoredDocument& document) {
  const UserId user = work.actor().user;
  return !user.is_nil() && document.uploaded_by == user;
}

std::optional<Chart> Chart::of(Work& work, const PatientId& patient, Permission permission) {
  auto known = patients::known(work, patient, 0);
  if (!known || known->patient.deleted_at) return std::nullopt;
  return Chart(work, std::move(*known), permission);
}

bool Chart::reaches(const Granted& way, std::optional<Category> category) const {
  const kernel::Actor& actor = work_->actor();
  if (category && way.condition == "administrative" && *category != Category::administrative) return false;
  if (category && way.condition == "billing" && *category != Category::billing) return false;
  switch (way.scope) {
    case Scope::all:
      return true;
    case Scope::facility:
    case Scope::care:  // relations are not enforced: as by facility
      return patients::known_at_own(actor, known_.patient);
    case Scope::own:
      return actor.patient_id == known_.patient.id;
    case Scope::work:  // what they sent themselves, see `shows`
    case Scope::metadata:
    case Scope::none:
      return false;
  }
  return false;
}

bool Chart::reaches_any() const {
  if (work_->actor().kind == audit::ActorKind::system) return true;
  const auto ways = work_->access().ways(permission_);
  return std::any_of(ways.begin(), ways.end(), [&](const Granted& way) { return reaches(way, std::nullopt); });
}

bool Chart::reaches(Category category) const {
  if (work_->actor().kind == audit::ActorKind::system) return true;
  const auto ways = work_->access().ways(permission_);
  return std::any_of(ways.begin(), ways.end(), [&](const Granted& way) { return reaches(way, category); });
}

bool Chart::only_as_patient(Category category) const {
  const auto ways = work_->access().ways(permission_);
  return std::none_of(ways.begin(), ways.end(),
                      [&](const Granted& way) { return way.scope != Scope::own && reaches(way, category); });
}

bool Chart::shows(Work& work, const StoredDocument& document) const {
  if (work.actor().kind == audit::ActorKind::system) return true;
  const bool own = is_sent_by(work, document);
  if (!reaches(document.category) && !(own && work.access().holds(permission_, Scope::work))) return false;
  if (own) return true;
  if (document.scan == ScanState::pending) return false;
  if (only_as_patient(document.category)) return is_released(work, document);
  return holds_labels(work, document);
}

namespace {

bool is_shown(Work& work, const StoredDocument& document, Permission permission) {
  const auto chart = Chart::of(work, document.patient_id, permission);
  return chart && chart->shows(work, document);
}

}  // namespace

StoredDocument get(Work& work, const DocumentId& id) {
  work.about(id.uuid);
  work.event().table = Rows<StoredDocument>::layout().table().id;
  auto document = Rows<StoredDocument>(work).find_unchecked(id, block_flags);
  if (!document) throw Failure(codes::not_found);
  if (!is_shown(work, *document, work.permission()))
    throw Failure(is_shown(work, *document, Permission::document_read) ? codes::forbidden : codes::not_found);
  work.event().revision = document->revision;
  work.concerns(document->patient_id);
  return std::move(*document);
}

const FileNames* names(const StoredDocument& document) {
  for (const auto* one :
       {&document.contact_names, &document.billing_names, &document.clinical_names, &document.restricted_names})
    if (*one) return &**one;
  return nullptr;
}

Document metadata(const StoredDocument& document) {
  return {.id = document.id,
          .revision = document.revision,
          .patient_id = document.patient_id,
          .record_id = document.record_id,
          .category = document.category,
          .media_type = document.media_type,
          .size_bytes = document.size_bytes,
          .scan = document.scan,
          .version = document.version,
          .version_of = document.version_of,
          .replaced_by = document.replaced_by,
          .taken_at = document.taken_at,
          .uploaded_by = document.uploaded_by,
          .created_at = document.created_at,
          .updated_at = document.updated_at};
}

namespace {

/// Whether a class is open to the caller for more than what they are shown of themselves as a patient.
bool opens(const Work& work, std::uint32_t opened, Permission permission) {
  const auto ways = work.access().ways(permission);
  return (work.access().classes() & opened) != 0 && std::any_of(ways.begin(), ways.end(), [](const Granted& way) {
           return way.scope != Scope::own || way.condition == "own services";
         });
}

/// A second role, as a patient, opens no names of other patients' documents (roles.md).
bool opens_name(const Work& work, const StoredDocument& document) {
  const std::uint32_t needed = name_class(document.category, document.labelled);
  if (needed == billing) return opens(work, needed, Permission::invoice_read);
  if (needed == clinical) return opens(work, needed, Permission::record_read);
  return (work.access().classes() & needed) != 0;
}

}  // namespace

Document view(const Work& work, const StoredDocument& document) {
  Document shown = metadata(document);
  const bool opened =
      opens_name(work, document) || is_sent_by(work, document) || work.actor().patient_id == document.patient_id;
  const FileNames* given = names(document);
  if (!opened || given == nullptr) return shown;
  shown.title = given->title;
  shown.file_name = given->file_name;
  shown.blake2b_256 = given->blake2b_256;
  shown.labels = document.labels;
  return shown;
}

namespace {

std::optional<appointments::PatientLabel> label_of(Work& work, const PatientId& patient) {
  const auto known = patients::known(work, patient, appointments::label_classes(work));
  return known ? appointments::label_of(work, known->patient) : std::nullopt;
}

}  // namespace

Document shown(Work& work, const StoredDocument& document) {
  Document shown = view(work, document);
  shown.patient = label_of(work, document.patient_id);
  return shown;
}

void label(Work& work, Page<Document>& page) {
  if (page.data.empty()) return;
  const auto label = label_of(work, page.data.front().patient_id);
  for (Document& each : page.data) each.patient = label;
}

}  // namespace medflow::inline v1::documents
