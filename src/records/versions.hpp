// The versions of records: each is a row of its own that holds the hash of the one before (REC-1), and of what is signed a signature (REC-12).
#pragma once

#include <string>
#include <string_view>

#include "kernel/work.hpp"
#include "records/entities.hpp"

namespace medflow::inline v1::records {

/// What a version says beside the record as it is by then.
struct VersionNote {
  VersionChange change = VersionChange::created;
  std::string_view reason{};
  std::string_view addendum{};
};

/// Stores the record's next version; the record has been stored as it is from now on, so its revision is the version's number.
void add_version(kernel::Work& work, const kernel::Work::Subject& subject, const StoredRecord& record,
                 const VersionNote& note);

/// One version; none where there is none.
std::optional<StoredVersion> version_of(kernel::Work& work, const RecordId& record, std::uint64_t n);

/// The text that a version's hash and signature are over. `previous` is the hash of the version before, empty for the first.
std::string canonical_text(const StoredVersion& version, const StoredRecord& record, std::string_view previous);

/// What of a version is answered to whoever sees it: without `canonical`, and without what the checks found in the chart, of which
/// `Chart::shown` knows how much the caller sees.
Version shown_version(const StoredVersion& version);

/// The members of `content` and what stands beside it that two changes of one state both touch: what a stale change is refused with (REC-8).
std::vector<FieldError> both_changed(const RecordContent& base, const RecordContent& theirs, const RecordContent& ours);

}  // namespace medflow::inline v1::records
