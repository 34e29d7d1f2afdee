// The fields of documents and their operations (DOC-1 to DOC-7). Numbers are frozen.
#pragma once

#include "medflow/documents.hpp"
#include "patients/patients.fields.hpp"
#include "records/records.fields.hpp"

namespace medflow {

template <>
struct Words<documents::Category> {
  static constexpr std::string_view name = "DocumentCategory";
  static constexpr std::string_view words[] = {"administrative", "billing",  "clinical",     "laboratory",
                                               "imaging",        "referral", "prescription", "consent"};
};

template <>
struct Words<documents::ScanState> {
  static constexpr std::string_view name = "ScanState";
  static constexpr std::string_view words[] = {"pending", "clean", "infected", "failed", "skipped"};
};

}  // namespace medflow

namespace medflow::inline v1::documents::rule {

inline constexpr Rules id{.meaning = "The document, one version of it."};
inline constexpr Rules new_id{.meaning = "The caller's own id for the new document."};
inline constexpr Rules patient_id{.meaning = "Whose chart it is in."};
inline constexpr Rules record_id{.meaning = "The record that it belongs to."};
inline constexpr Rules category{.meaning = "What it is about; it decides who may read it."};
inline constexpr Rules title{
    .max = 200, .text = TextRule::name, .meaning = "What it is called; the file's name where absent."};
// Whatever it holds is cleaned away, not refused: names come from other people's cameras and programs.
inline constexpr Rules file_name{.max = 1000, .text = TextRule::any, .meaning = "The file's name with its ending."};
inline constexpr Rules labels{.items_max = 5, .meaning = "Marks of sensitive content, which its reader must hold too."};
inline constexpr Rules taken_at{.meaning = "When the paper was written or the picture taken."};
inline constexpr Rules content{.meaning = "The file."};
inline constexpr Rules revision{.meaning = "The revision that this is based on; also by If-Match."};
inline constexpr Rules limit{.min = 1, .max = page_limit_max, .meaning = "How many to show, 1 to 200."};
inline constexpr Rules cursor{
    .max = 2048, .text = TextRule::ascii, .meaning = "Where to go on, as the last page said."};
inline constexpr Rules from{.meaning = "Only those taken, else sent, then or later."};
inline constexpr Rules to{.meaning = "Only those taken, else sent, before then."};
inline constexpr Rules range{
    .max = 45,
    .text = TextRule::ascii,
    .meaning = "The bytes that are wanted: first-last, first- or -count (RFC 9110); over HTTP by Range."};
inline constexpr Rules reason{.max = 1000, .text = TextRule::note, .meaning = "Why it is released."};

}  // namespace medflow::inline v1::documents::rule

namespace medflow {

template <>
struct Described<documents::Document> {
  using T = documents::Document;
  static constexpr std::string_view name = "Document";
  static constexpr std::string_view page_name = "DocumentPage";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", none, documents::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "Counts the changes, from 1."}),
      field<&T::patient_id>(3, "patient_id", none, documents::rule::patient_id),
      field<&T::record_id>(4, "record_id", none, documents::rule::record_id),
      field<&T::category>(5, "category", none, documents::rule::category),
      field<&T::title>(6, "title", phi, {.max = 255, .text = TextRule::name, .meaning = "What it is called."}),
      field<&T::file_name>(7, "file_name", phi, documents::rule::file_name),
      field<&T::media_type>(8, "media_type", none, {.meaning = "Its media type, as its content says."}),
      field<&T::size_bytes>(9, "size_bytes", none, {.meaning = "Bytes of its content."}),
      field<&T::blake2b_256>(10, "blake2b_256", none, {.meaning = "BLAKE2b-256 of its content, in hexadecimal."}),
      field<&T::scan>(11, "scan", none, {.meaning = "What the scanner says of it."}),
      field<&T::version>(12, "version", none, {.meaning = "The number of this version, from 1."}),
      field<&T::version_of>(13, "version_of", none, {.meaning = "The version before."}),
      field<&T::replaced_by>(14, "replaced_by", none, {.meaning = "The version after."}),
      field<&T::labels>(15, "labels", phi, documents::rule::labels),
      field<&T::taken_at>(16, "taken_at", none, documents::rule::taken_at),
      field<&T::uploaded_by>(17, "uploaded_by", none, {.meaning = "Who sent it."}),
      field<&T::created_at>(18, "created_at", none, {.meaning = "When it came."}),
      field<&T::updated_at>(19, "updated_at", none, {.meaning = "When it was last changed."}),
      field<&T::patient>(20, "patient", phi | derived, {.meaning = "Who the patient is."})};
};

template <>
struct Described<documents::Upload> {
  using T = documents::Upload;
  static constexpr std::string_view name = "DocumentsUpload";
  static constexpr Field fields[] = {field<&T::patient_id>(1, "patient_id", required, documents::rule::patient_id),
                                     field<&T::id>(2, "id", none, documents::rule::new_id),
                                     field<&T::category>(3, "category", none, documents::rule::category),
                                     field<&T::title>(4, "title", phi, documents::rule::title),
                                     field<&T::file_name>(5, "file_name", required | phi, documents::rule::file_name),
                                     field<&T::record_id>(6, "record_id", none, documents::rule::record_id),
                                     field<&T::taken_at>(7, "taken_at", none, documents::rule::taken_at),
                                     field<&T::labels>(8, "labels", phi, documents::rule::labels),
                                     field<&T::content>(9, "content", required | phi, documents::rule::content)};
};

template <>
struct Described<documents::UploadPatient> {
  using T = documents::UploadPatient;
  static constexpr std::string_view name = "DocumentsUploadPatient";
  static constexpr Field fields[] = {field<&T::patient_id>(1, "patient_id", required, documents::rule::patient_id),
                                     field<&T::id>(2, "id", none, documents::rule::new_id),
                                     field<&T::title>(3, "title", phi, documents::rule::title),
                                     field<&T::file_name>(4, "file_name", required | phi, documents::rule::file_name),
                                     field<&T::taken_at>(5, "taken_at", none, documents::rule::taken_at),
                                     field<&T::content>(6, "content", required | phi, documents::rule::content)};
};

template <>
struct Described<documents::UploadMedical> {
  using T = documents::UploadMedical;
  static constexpr std::string_view name = "DocumentsUploadMedical";
  static constexpr Field fields[] = {field<&T::patient_id>(1, "patient_id", required, documents::rule::patient_id),
                                     field<&T::record_id>(2, "record_id", required, documents::rule::record_id),
                                     field<&T::id>(3, "id", none, documents::rule::new_id),
                                     field<&T::category>(4, "category", none, documents::rule::category),
                                     field<&T::title>(5, "title", phi, documents::rule::title),
                                     field<&T::file_name>(6, "file_name", required | phi, documents::rule::file_name),
                                     field<&T::taken_at>(7, "taken_at", none, documents::rule::taken_at),
                                     field<&T::labels>(8, "labels", phi, documents::rule::labels),
                                     field<&T::content>(9, "content", required | phi, documents::rule::content)};
};

template <>
struct Described<documents::List> {
  using T = documents::List;
  static constexpr std::string_view name = "DocumentsList";
  static constexpr Field fields[] = {field<&T::patient_id>(1, "patient_id", required, documents::rule::patient_id),
                                     field<&T::category>(2, "category", none, documents::rule::category),
                                     field<&T::from>(3, "from", none, documents::rule::from),
                                     field<&T::to>(4, "to", none, documents::rule::to),
                                     field<&T::limit>(5, "limit", none, documents::rule::limit),
                                     field<&T::cursor>(6, "cursor", none, documents::rule::cursor)};
};

template <>
struct Described<documents::Get> {
  using T = documents::Get;
  static constexpr std::string_view name = "DocumentsGet";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, documents::rule::id)};
};

template <>
struct Described<documents::Download> {
  using T = documents::Download;
  static constexpr std::string_view name = "DocumentsDownload";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, documents::rule::id),
                                     field<&T::range>(2, "range", header, documents::rule::range)};
};

template <>
struct Described<documents::Replace> {
  using T = documents::Replace;
  static constexpr std::string_view name = "DocumentsReplace";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, documents::rule::id),
                                     field<&T::revision>(2, "revision", none, documents::rule::revision),
                                     field<&T::title>(3, "title", phi, documents::rule::title),
                                     field<&T::file_name>(4, "file_name", required | phi, documents::rule::file_name),
                                     field<&T::taken_at>(5, "taken_at", none, documents::rule::taken_at),
                                     field<&T::content>(6, "content", required | phi, documents::rule::content)};
};

template <>
struct Described<documents::ListVersions> {
  using T = documents::ListVersions;
  static constexpr std::string_view name = "DocumentsListVersions";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, documents::rule::id),
                                     field<&T::limit>(2, "limit", none, documents::rule::limit),
                                     field<&T::cursor>(3, "cursor", none, documents::rule::cursor)};
};

template <>
struct Described<documents::ListQuarantine> {
  using T = documents::ListQuarantine;
  static constexpr std::string_view name = "DocumentsListQuarantine";
  static constexpr Field fields[] = {field<&T::limit>(1, "limit", none, documents::rule::limit),
                                     field<&T::cursor>(2, "cursor", none, documents::rule::cursor)};
};

template <>
struct Described<documents::ReleaseQuarantine> {
  using T = documents::ReleaseQuarantine;
  static constexpr std::string_view name = "DocumentsReleaseQuarantine";
  static constexpr Field fields[] = {field<&T::id>(1, "id", required, documents::rule::id),
                                     field<&T::revision>(2, "revision", none, documents::rule::revision),
                                     field<&T::reason>(3, "reason", phi | header, documents::rule::reason)};
};

}  // namespace medflow
