// What is stored of documents, and which of them a session reaches.
#pragma once

#include <array>

#include "documents/documents.fields.hpp"
#include "kernel/rows.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::documents {

inline constexpr Code quota_reached{"document.quota", Errc::conflict, "There is no room for another file."};
inline constexpr Code type_refused{"document.type", Errc::unsupported_media, "Files of this type are not taken."};
inline constexpr Code broken{"document.broken", Errc::invalid, "The file is not whole, or not what its type asks for."};
inline constexpr Code active{"document.active", Errc::invalid, "The file holds programs, or another file that might."};
inline constexpr Code bomb{"document.bomb", Errc::invalid, "The file would take too much room when it is opened."};
inline constexpr Code polyglot{"document.polyglot", Errc::invalid, "The file is more than one file at once."};
inline constexpr Code cut_short{"document.cut_short", Errc::malformed, "The file did not come whole."};
inline constexpr Code is_pending{"document.pending", Errc::locked, "The file has not been scanned yet."};
inline constexpr Code in_quarantine{"document.quarantined", Errc::locked, "The file is in quarantine."};
inline constexpr Code was_replaced{"document.replaced", Errc::conflict, "There is a newer version of this document."};

/// What a document is called, and the hash of its content: that of a file which somebody else has as well says what it is. In the block of the class
/// that its category and labels ask for.
struct FileNames {
  std::string title{};
  std::string file_name{};
  std::string blake2b_256{};  ///< hexadecimal
};

struct StoredDocument {
  DocumentId id{};
  std::uint64_t revision = 0;
  PatientId patient_id{};
  std::optional<RecordId> record_id{};
  Category category = Category::clinical;
  std::string media_type{};
  std::uint64_t size_bytes = 0;
  std::string document_key{};  ///< wrapped under the patient's key, base64
  std::string nonce{};         ///< the random part of its frames' nonces, hexadecimal
  ScanState scan = ScanState::skipped;
  DocumentId root_id{};  ///< its first version
  std::uint32_t version = 1;
  std::optional<DocumentId> version_of{};
  std::optional<DocumentId> replaced_by{};
  bool current =
      true;  ///< lists show it: the newest version that the scanner, where there is one, has let through, else the first
  bool labelled = false;
  UserId uploaded_by{};
  std::optional<Instant> taken_at{};
  Instant dated_at{};                    ///< when taken, else when it came: the order of lists
  std::optional<Instant> scan_due_at{};  ///< while it waits for the scanner
  std::uint32_t scan_attempts = 0;
  std::optional<Instant> quarantined_at{};
  Instant created_at{};
  Instant updated_at{};
  std::optional<FileNames> contact_names{};
  std::optional<FileNames> billing_names{};
  std::optional<FileNames> clinical_names{};
  std::optional<FileNames> restricted_names{};
  std::vector<Label> labels{};
};

using UploadId = DocumentId;  ///< that of the document that it becomes

/// An upload that is under way: its frames are there, and nobody sees them. The row of `usage_id` counts what all documents take, and one for each
/// user who has sent any (`usage_id_of`) what theirs take. Such rows begin never, so that nothing takes them for an upload that broke off.
struct StoredUpload {
  UploadId id{};
  std::uint64_t revision = 0;
  std::uint64_t frames = 0;
  std::uint64_t size_bytes = 0;
  Instant started_at{};
};

inline constexpr UploadId usage_id{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}};
inline constexpr Instant usage_started{INT64_MAX};
/// The row that counts what one user has sent.
UploadId usage_id_of(const UserId& user);
/// Whether a row that counts has or might have this id: no document is given one.
bool counts_usage(const UploadId& id);

inline constexpr std::array chunk_columns{
    storage::Column{"document_id", storage::CellKind::bytes, false, "the document"},
    storage::Column{"frame_index", storage::CellKind::integer, false, "the frame's place in it, from 0"},
    storage::Column{"frame", storage::CellKind::bytes, false, "64 KiB of it, sealed under the document's key"},
};
inline constexpr storage::Table chunks_table{.id = 74,
                                             .name = "document_chunks",
                                             .meaning = "the content of documents, in sealed frames",
                                             .columns = chunk_columns,
                                             .key_columns = 2};

/// The class of its names.
constexpr std::uint32_t name_class(Category category, bool labelled) {
  if (labelled) return restricted;
  if (category == Category::administrative) return contact;
  if (category == Category::billing) return billing;
  return clinical;
}

}  // namespace medflow::inline v1::documents

namespace medflow {

template <>
struct Described<documents::FileNames> {
  using T = documents::FileNames;
  static constexpr std::string_view name = "FileNames";
  static constexpr Field fields[] = {field<&T::title>(1, "title", none, {.meaning = "its title"}),
                                     field<&T::file_name>(2, "file_name", none, {.meaning = "the file's name"}),
                                     field<&T::blake2b_256>(3, "blake2b_256", none, {.meaning = "of its content"})};
};

template <>
struct Described<documents::StoredDocument> {
  using T = documents::StoredDocument;
  static constexpr std::string_view name = "StoredDocument";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "the document's id"}),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the changes, from 1"}),
      field<&T::patient_id>(3, "patient_id", none, {.meaning = "whose chart it is in"}),
      field<&T::record_id>(4, "record_id", immutable, {.meaning = "the record that it belongs to; null for none"}),
      field<&T::category>(5, "category", immutable, {.meaning = "what it is about"}),
      field<&T::media_type>(6, "media_type", immutable, {.meaning = "its type, as its content says"}),
      field<&T::size_bytes>(7, "size_bytes", immutable, {.meaning = "bytes of its content"}),
      field<&T::document_key>(8, "document_key", immutable, {.meaning = "its key, wrapped under the patient's"}),
      field<&T::nonce>(9, "nonce", immutable, {.meaning = "the random part of its frames' nonces"}),
      field<&T::scan>(10, "scan", none, {.meaning = "what the scanner says of it"}),
      field<&T::root_id>(11, "root_id", immutable, {.meaning = "its first version"}),
      field<&T::version>(12, "version", immutable, {.meaning = "the number of this version"}),
      field<&T::version_of>(13, "version_of", immutable, {.meaning = "the version before; null for none"}),
      field<&T::replaced_by>(14, "replaced_by", none, {.meaning = "the version after; null for none"}),
      field<&T::current>(15, "current", none,
                         {.meaning = "whether lists show it: the newest version that was let through, else the first"}),
      field<&T::labelled>(16, "labelled", immutable, {.meaning = "whether its names are restricted"}),
      field<&T::uploaded_by>(17, "uploaded_by", immutable, {.meaning = "who sent it"}),
      field<&T::taken_at>(18, "taken_at", immutable, {.meaning = "when it was taken; null for unknown"}),
      field<&T::dated_at>(19, "dated_at", immutable, {.meaning = "when it was taken, else when it came"}),
      field<&T::scan_due_at>(20, "scan_due_at", none, {.meaning = "when the scanner is asked next; null for never"}),
      field<&T::scan_attempts>(21, "scan_attempts", none, {.meaning = "how often the scanner was asked"}),
      field<&T::quarantined_at>(29, "quarantined_at", none, {.meaning = "since when it is in quarantine"}),
      field<&T::created_at>(22, "created_at", immutable, {.meaning = "when it came"}),
      field<&T::updated_at>(23, "updated_at", none, {.meaning = "when it was last changed"}),
      field<&T::contact_names>(24, "contact_names", immutable | contact, {.meaning = "its names, if administrative"}),
      field<&T::billing_names>(25, "billing_names", immutable | billing, {.meaning = "its names, if about billing"}),
      field<&T::clinical_names>(26, "clinical_names", immutable | clinical, {.meaning = "its names, if clinical"}),
      field<&T::restricted_names>(27, "restricted_names", immutable | restricted,
                                  {.meaning = "its names, if it has labels"}),
      field<&T::labels>(28, "labels", immutable | restricted, {.meaning = "its marks"})};
};

template <>
struct Described<documents::StoredUpload> {
  using T = documents::StoredUpload;
  static constexpr std::string_view name = "StoredUpload";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "the id of the document that it becomes"}),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the changes, from 1"}),
      field<&T::frames>(3, "frames", none, {.meaning = "how many frames there may be"}),
      field<&T::size_bytes>(4, "size_bytes", none,
                            {.meaning = "of all documents or a user's, in a row that counts them"}),
      field<&T::started_at>(5, "started_at", immutable, {.meaning = "when it began"})};
};

}  // namespace medflow

namespace medflow::kernel {

template <>
struct Reach<documents::StoredDocument> {
  /// Whose chart it is in decides: see `documents::may_see`, which every handler asks.
  static bool reaches(const Work&, const documents::StoredDocument&) { return true; }
  static bool hidden(const documents::StoredDocument&) { return false; }
  static std::uint32_t classes(const Work& work, const documents::StoredDocument&) { return work.classes(); }
};

}  // namespace medflow::kernel

namespace medflow::inline v1::storage {

template <>
struct Stored<documents::StoredDocument> {
  static const Entity entity;
};
template <>
struct Stored<documents::StoredUpload> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
