// A patient's chart as one caller may see and change it: scope, kinds, labels and release are looked at here and nowhere else.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "kernel/work.hpp"
#include "patients/registry.hpp"
#include "records/entities.hpp"

namespace medflow::inline v1::records {

/// What the right to change one record may stand on, beside the caller's having written it.
enum class Standing : std::uint8_t { author, signer };

/// By which a record of this kind is written.
Permission permission_to_write(RecordKind kind);

class Chart {
 public:
  /// Throws Failure `not_found` where the caller's right to this operation does not reach the patient, or the patient was deleted. The
  /// event says then whose chart it was.
  Chart(kernel::Work& work, const PatientId& patient);
  /// The same with Failure `invalid` at `/patient_id`, for an operation that adds to the chart.
  static Chart to_add_to(kernel::Work& work, const PatientId& patient);

  const kernel::Work::Subject& subject() const { return known_.subject; }
  const patients::Patient& patient() const { return known_.patient; }

  /// Whether the caller sees the record at all. Its blocks are open as far as the caller's classes go.
  bool shows(const StoredRecord& record) const;
  /// The same for a record with these labels, apart from what else it is.
  bool shows_labels(bool labelled, const RecordBody* said, bool released) const;
  /// Whether a version is shown to who sees its record: it may have had labels that the record has no more, and what was thought before
  /// somebody signed is released to no patient.
  bool shows_version(const StoredRecord& record, const StoredVersion& version) const;
  /// Whether the caller holds the permission for this record.
  bool allows(const StoredRecord& record, Permission permission, Standing standing = Standing::author) const;

  /// Whether the caller may write a record of this kind into the chart.
  bool may_write(RecordKind kind) const { return reached_by(permission_to_write(kind)); }
  /// Whether the caller reads anything of the chart; and whether all of it, and not only some kinds or what was released: what encounters are
  /// for is shown then.
  bool reads() const { return reached_by(Permission::record_read); }
  bool reads_whole() const;
  /// Whether the caller holds the permission in this chart for more than some kinds: for all, or for what is their own.
  bool allows_whole(Permission permission) const;

  /// Whether the caller's right to this operation reaches the chart as its patient's only.
  bool only_as_patient() const;

  /// As it is answered; of a version without `canonical`.
  Record shown(StoredRecord record) const;
  Version shown(const StoredVersion& version) const;
  /// Whether the caller is shown all that the checks have found.
  bool shows_findings(const std::vector<Finding>& findings) const;

 private:
  struct Unchecked {};
  Chart(kernel::Work& work, const PatientId& patient, Unchecked);
  friend struct Seen seen(kernel::Work& work, const RecordId& id);
  friend bool is_seen(kernel::Work& work, const StoredRecord& record);
  bool reaches(const kernel::Granted& way) const;
  bool reached_by(Permission permission) const;
  bool reads_as_patient() const;
  bool shows(const Finding& finding) const;
  std::vector<Finding> shown_findings(std::vector<Finding> findings) const;

  kernel::Work* work_;
  patients::KnownPatient known_{};
  mutable std::map<RecordId, bool> named_{};  ///< whether the caller sees a record that findings name
};

/// Whether the caller sees a record that was read without being asked for; its blocks are open.
bool is_seen(kernel::Work& work, const StoredRecord& record);

/// A record that the caller sees, for reading: with the classes of the caller.
struct Seen {
  Chart chart;
  StoredRecord record{};
};
/// Throws Failure `not_found`. The event is about it.
Seen seen(kernel::Work& work, const RecordId& id);
/// The same with all that it holds, to change it: throws Failure `forbidden` where it is seen and the operation's permission does not allow it.
Seen to_change(kernel::Work& work, const RecordId& id, Standing standing = Standing::author);

/// Whether the caller holds every one of these labels.
bool holds_all(const kernel::Work& work, const std::vector<Label>& labels);

/// Whether its patient may see it now (REC-10).
bool is_released(const StoredRecord& record, Instant now);

/// Puts what a record says into the block where it belongs.
void say(StoredRecord& record, RecordBody body);

}  // namespace medflow::inline v1::records

namespace medflow::kernel {

/// What a record says lies in one of two blocks; the other one is never opened.
template <>
struct Reach<records::StoredRecord> {
  static bool reaches(const Work&, const records::StoredRecord&) { return true; }
  static bool hidden(const records::StoredRecord&) { return false; }
  static std::uint32_t classes(const Work& work, const records::StoredRecord& record) {
    return work.classes() & (record.labelled ? restricted : clinical);
  }
};
template <>
struct Reach<records::StoredVersion> {
  static bool reaches(const Work&, const records::StoredVersion&) { return true; }
  static bool hidden(const records::StoredVersion&) { return false; }
  static std::uint32_t classes(const Work& work, const records::StoredVersion& version) {
    return work.classes() & (version.labelled ? restricted : clinical);
  }
};

}  // namespace medflow::kernel
