// Which documents a session may see, and what it is shown of them (roles.md; DOC-4).
#pragma once

#include <optional>

#include "documents/entities.hpp"
#include "patients/registry.hpp"

namespace medflow::inline v1::documents {

/// A chart as somebody comes to it: which categories of documents lie within reach there.
class Chart {
 public:
  /// Nothing where there is no such patient.
  static std::optional<Chart> of(kernel::Work& work, const PatientId& patient, Permission permission);

  const patients::KnownPatient& known() const { return known_; }
  /// Whether anything in it may lie within reach.
  bool reaches_any() const;
  /// Whether the caller may do this with documents of the category.
  bool reaches(Category category) const;
  /// Whether the caller is its patient, and nothing more.
  bool only_as_patient(Category category) const;

  /// Whether this document, opened with its labels, may be seen.
  bool shows(kernel::Work& work, const StoredDocument& document) const;

 private:
  explicit Chart(const kernel::Work& work, patients::KnownPatient known, Permission permission)
      : work_(&work), known_(std::move(known)), permission_(permission) {}
  bool reaches(const kernel::Granted& way, std::optional<Category> category) const;

  const kernel::Work* work_;
  patients::KnownPatient known_;
  Permission permission_;
};

/// Whether the caller has sent it.
bool is_sent_by(const kernel::Work& work, const StoredDocument& document);

/// The document with all that is sealed in it, if the caller may see it; the event is about it. Else Failure `not_found`; `forbidden` where the caller may read it, but not do this with it.
StoredDocument get(kernel::Work& work, const DocumentId& id);

/// What the caller is shown of a document that may be seen: its names where their class is opened for it.
Document view(const kernel::Work& work, const StoredDocument& document);
/// The same with who the patient is (PAT-19).
Document shown(kernel::Work& work, const StoredDocument& document);
/// Says so in a page of documents of one patient.
void label(kernel::Work& work, Page<Document>& page);
/// Ids, states and times only.
Document metadata(const StoredDocument& document);

/// The names, of whichever class.
const FileNames* names(const StoredDocument& document);

}  // namespace medflow::inline v1::documents
