// Documents: files of a patient's chart, sealed in the engine with their rows. What a file is, is found by looking into it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/appointments.hpp"
#include "medflow/operation.hpp"
#include "medflow/page.hpp"

namespace medflow::inline v1 {

using DocumentId = Id<struct DocumentTag>;

}  // namespace medflow::inline v1

namespace medflow::inline v1::documents {

/// What a document is about; it decides who may read it. All but the first two are clinical.
enum class Category : std::uint8_t {
  administrative,
  billing,
  clinical,
  laboratory,
  imaging,
  referral,
  prescription,
  consent,
};

/// pending → clean | infected | failed; infected, failed → pending; skipped, where no scanner was there when it came.
enum class ScanState : std::uint8_t {
  pending,   ///< not yet looked at: only who sent it knows of it, and nobody gets its content
  clean,     ///< the scanner found nothing
  infected,  ///< the scanner found something: its content is given to nobody
  failed,    ///< the scanner could not read it: as infected
  skipped,   ///< no scanner is configured
};

/// One version of a document; a new one is a document of its own, which names the one before.
struct Document {
  DocumentId id{};
  std::uint64_t revision = 0;
  PatientId patient_id{};
  std::optional<RecordId> record_id{};
  Category category = Category::clinical;
  std::string title{};
  std::string file_name{};
  std::string media_type{};      ///< as its content says
  std::uint64_t size_bytes = 0;  ///< as it is kept: metadata of pictures is removed
  std::string blake2b_256{};     ///< of the content, in hexadecimal
  ScanState scan = ScanState::skipped;
  std::uint32_t version = 1;
  std::optional<DocumentId> version_of{};   ///< the version before
  std::optional<DocumentId> replaced_by{};  ///< the version after
  std::vector<Label> labels{};
  std::optional<Instant> taken_at{};  ///< when the paper was written or the picture taken
  UserId uploaded_by{};
  Instant created_at{};
  Instant updated_at{};
  std::optional<appointments::PatientLabel> patient{};  ///< in answers; not in the quarantine, which is about files
};

/// Stores a file in a patient's chart. It is read as it comes, a piece at a time; what is not whole, or refused, leaves nothing. Its name's ending, the
/// type that is said and what is found in it must fit each other and the types that the tenant takes (`settings.file_types`). Places and cameras are
/// removed from pictures. Over HTTP it is a form (multipart/form-data) with the file as its last part.
/// Fails, first match wins: forbidden; invalid; not_found (no such patient, or record of the patient that the caller sees); conflict `document.quota`, `conflict.id_reused`;
/// too_large; unsupported_media `document.type`; invalid `document.broken`, `document.active`, `document.bomb`, `document.polyglot`.
struct Upload {
  using Output = Document;
  PatientId patient_id{};
  std::optional<DocumentId> id{};  ///< the caller's own
  Category category = Category::clinical;
  std::string title{};      ///< the file's name where absent
  std::string file_name{};  ///< decides with its ending what the file claims to be
  std::optional<RecordId> record_id{};
  std::optional<Instant> taken_at{};
  std::vector<Label> labels{};
  Content content{};

  static constexpr Operation operation{.name = "documents.upload",
                                       .method = Method::post,
                                       .path = "/patients/{patient_id}/documents",
                                       .permission = Permission::document_upload,
                                       .effect = Effect::write,
                                       .summary = "Store a file in a patient's chart",
                                       .object = "document",
                                       .status = 201,
                                       .form = true};
};

/// The same as an administrative document, with the patient in the form.
/// Fails as `documents.upload`.
struct UploadPatient {
  using Output = Document;
  PatientId patient_id{};
  std::optional<DocumentId> id{};
  std::string title{};
  std::string file_name{};
  std::optional<Instant> taken_at{};
  Content content{};

  static constexpr Operation operation{.name = "documents.upload_patient",
                                       .method = Method::post,
                                       .path = "/upload/patient",
                                       .permission = Permission::document_upload,
                                       .effect = Effect::write,
                                       .summary = "Store an administrative file of a patient",
                                       .object = "document",
                                       .status = 201,
                                       .form = true};
};

/// The same as a document that belongs to a record, whose labels it takes over, with patient and record in the form.
/// Fails as `documents.upload`.
struct UploadMedical {
  using Output = Document;
  PatientId patient_id{};
  RecordId record_id{};
  std::optional<DocumentId> id{};
  Category category = Category::clinical;
  std::string title{};
  std::string file_name{};
  std::optional<Instant> taken_at{};
  std::vector<Label> labels{};
  Content content{};

  static constexpr Operation operation{.name = "documents.upload_medical",
                                       .method = Method::post,
                                       .path = "/upload/medical",
                                       .permission = Permission::document_upload,
                                       .effect = Effect::write,
                                       .summary = "Store a file that belongs to a record",
                                       .object = "document",
                                       .status = 201,
                                       .form = true};
};

/// The documents of a patient that the caller may see, newest first, by when they were taken, else sent. Of one only the newest version that was let
/// through, else the first.
/// Fails, first match wins: forbidden; not_found; malformed `cursor.invalid`.
struct List {
  using Output = Page<Document>;
  PatientId patient_id{};
  std::optional<Category> category{};
  std::optional<Instant> from{};
  std::optional<Instant> to{};  ///< from then on not
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "documents.list",
                                       .method = Method::get,
                                       .path = "/patients/{patient_id}/documents",
                                       .permission = Permission::document_read,
                                       .summary = "List a patient's documents",
                                       .object = "document"};
};

/// What is known of a document, without its content.
/// Fails, first match wins: forbidden; not_found.
struct Get {
  using Output = Document;
  DocumentId id{};

  static constexpr Operation operation{.name = "documents.get",
                                       .method = Method::get,
                                       .path = "/documents/{id}",
                                       .permission = Permission::document_read,
                                       .summary = "Read what is known of a document",
                                       .object = "document"};
};

/// The content of a document, or a part of it: `range` as in RFC 9110 without its unit ("0-1023", "1024-", "-512"), by the header Range over HTTP. Content
/// that is sent whole is held against its hash; what does not match breaks off. A range behind its end is empty.
/// Fails, first match wins: forbidden; not_found; locked `document.pending`, `document.quarantined`.
struct Download {
  using Output = Stream;
  DocumentId id{};
  std::string range{};

  static constexpr Operation operation{.name = "documents.download",
                                       .method = Method::get,
                                       .path = "/documents/{id}/content",
                                       .permission = Permission::document_read,
                                       .summary = "Read the content of a document",
                                       .object = "document"};
};

/// Stores a new version of a document: it takes over patient, record, category and labels. Only the newest version can be replaced.
/// Fails, first match wins: forbidden (also where the caller does not see its record any more); invalid; not_found; precondition_required; conflict `conflict.revision`, `document.replaced`; then as
/// `documents.upload`.
struct Replace {
  using Output = Document;
  DocumentId id{};                          ///< the newest version
  std::optional<std::uint64_t> revision{};  ///< of that version
  std::string title{};                      ///< that of the version before where absent
  std::string file_name{};
  std::optional<Instant> taken_at{};
  Content content{};

  static constexpr Operation operation{.name = "documents.replace",
                                       .method = Method::post,
                                       .path = "/documents/{id}/versions",
                                       .permission = Permission::document_upload,
                                       .effect = Effect::write,
                                       .summary = "Store a new version of a document",
                                       .object = "document",
                                       .status = 201,
                                       .form = true};
};

/// All versions of the document that this is a version of, newest first.
/// Fails, first match wins: forbidden; not_found.
struct ListVersions {
  using Output = Page<Document>;
  DocumentId id{};
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "documents.list_versions",
                                       .method = Method::get,
                                       .path = "/documents/{id}/versions",
                                       .permission = Permission::document_read,
                                       .summary = "List the versions of a document",
                                       .object = "document"};
};

/// The documents of the tenant in which the scanner found something, or which it could not read: ids and states, in the order in which they came.
/// Fails, first match wins: forbidden; malformed `cursor.invalid`.
struct ListQuarantine {
  using Output = Page<Document>;
  std::uint32_t limit = page_limit_default;
  std::string cursor{};

  static constexpr Operation operation{.name = "documents.list_quarantine",
                                       .method = Method::get,
                                       .path = "/quarantine/documents",
                                       .permission = Permission::document_release_quarantine,
                                       .summary = "List the documents in quarantine",
                                       .object = "document"};
};

/// Lets the scanner look again at a document in quarantine, or one that was never scanned. Its content is given to nobody before the scanner has found
/// it clean.
/// Fails, first match wins: forbidden; not_found; precondition_required; conflict `conflict.revision`, `transition.illegal`.
struct ReleaseQuarantine {
  using Output = Document;
  DocumentId id{};
  std::optional<std::uint64_t> revision{};
  std::string reason{};

  static constexpr Operation operation{.name = "documents.release_quarantine",
                                       .method = Method::post,
                                       .path = "/quarantine/documents/{id}/release",
                                       .permission = Permission::document_release_quarantine,
                                       .effect = Effect::write,
                                       .summary = "Have a document in quarantine scanned again",
                                       .object = "document",
                                       .reason_required = true};
};

}  // namespace medflow::inline v1::documents
