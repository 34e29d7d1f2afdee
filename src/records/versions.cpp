#include "records/versions.hpp"

#include <algorithm>
#include <iterator>

#include "crypto/codec.hpp"
#include "crypto/hash.hpp"
#include "records/canonical.hpp"
#include "records/chart.hpp"
#include "records/checks.hpp"

namespace medflow::inline v1::records {
namespace {

/// What hash and signature are over, by the names under which it is answered.
struct SignedText {
  RecordId record_id{};
  std::uint64_t n = 0;
  std::string previous{};
  VersionChange change{};
  RecordStatus status{};
  PatientId patient_id{};
  std::optional<EncounterId> encounter_id{};
  RecordKind kind{};
  Instant effective_at{};
  std::optional<RecordId> based_on{};
  UserId author_id{};
  Instant at{};
  RecordContent content{};
  std::vector<Finding> findings{};
  std::vector<Label> labels{};
  std::string reason{};
  std::string addendum{};
};

}  // namespace
}  // namespace medflow::inline v1::records

namespace medflow {

template <>
struct Described<records::SignedText> {
  using T = records::SignedText;
  static constexpr std::string_view name = "SignedRecordVersion";
  static constexpr Field fields[] = {field<&T::record_id>(1, "record_id"), field<&T::n>(2, "n"),
                                     field<&T::previous>(3, "previous"),   field<&T::change>(4, "change"),
                                     field<&T::status>(5, "status"),       field<&T::patient_id>(6, "patient_id"),
                                     field<&T::kind>(7, "kind"),           field<&T::effective_at>(8, "effective_at"),
                                     field<&T::author_id>(9, "author_id"), field<&T::at>(10, "at"),
                                     field<&T::content>(11, "content"),    field<&T::findings>(12, "findings"),
                                     field<&T::labels>(13, "labels"),      field<&T::reason>(14, "reason"),
                                     field<&T::addendum>(15, "addendum"),  field<&T::encounter_id>(16, "encounter_id"),
                                     field<&T::based_on>(17, "based_on")};
};

}  // namespace medflow

namespace medflow::inline v1::records {

using kernel::Rows;
using kernel::Work;

namespace {

bool is_signed(VersionChange change) {
  return change == VersionChange::signature || change == VersionChange::amended || change == VersionChange::addendum ||
         change == VersionChange::retracted;
}

std::string hash_text(std::string_view text) { return crypto::hex(crypto::sha256(text)); }

/// Whether one pointer is the other or lies within it.
bool touches(std::string_view a, std::string_view b) {
  const std::string_view shorter = a.size() < b.size() ? a : b;
  const std::string_view longer = a.size() < b.size() ? b : a;
  return longer.starts_with(shorter) && (longer.size() == shorter.size() || longer[shorter.size()] == '/');
}

}  // namespace

std::string canonical_text(const StoredVersion& version, const StoredRecord& record, std::string_view previous) {
  const VersionBody* said = version.said();
  SignedText text{.record_id = version.record_id,
                  .n = version.n,
                  .previous = std::string(previous),
                  .change = version.change,
                  .status = version.status,
                  .patient_id = version.patient_id,
                  .encounter_id = record.encounter_id,
                  .kind = record.kind,
                  .effective_at = version.effective_at,
                  .based_on = record.based_on,
                  .author_id = version.author_id,
                  .at = version.at};
  if (said != nullptr) {
    text.content = said->body.content;
    text.findings = said->body.findings;
    text.labels = said->body.labels;
    text.reason = said->reason;
    text.addendum = said->addendum;
  }
  std::string out;
  append_canonical(type_of<SignedText>, &text, out);
  return out;
}

std::optional<StoredVersion> version_of(Work& work, const RecordId& record, std::uint64_t n) {
  const storage::Cell equal[] = {storage::Cell::bytes(record.uuid.view()),
                                 storage::Cell::of(static_cast<std::int64_t>(n))};
  std::optional<StoredVersion> found;
  Rows<StoredVersion>(work).scan({.index = "record_versions_record", .equal = equal, .limit = 1},
                                 [&](StoredVersion version) {
                                   found = std::move(version);
                                   return false;
                                 });
  return found;
}

void add_version(Work& work, const Work::Subject& subject, const StoredRecord& record, const VersionNote& note) {
  StoredVersion version{.id = work.make_id<VersionId>(),
                        .record_id = record.id,
                        .n = record.revision,
                        .patient_id = record.patient_id,
                        .change = note.change,
                        .status = record.status,
                        .effective_at = record.effective_at,
                        .author_id = work.actor().user,
                        .at = work.now(),
                        .labelled = record.labelled};
  VersionBody body{.body = *record.said(), .reason = std::string(note.reason), .addendum = std::string(note.addendum)};
  std::string previous;
  if (version.n > 1) {
    const auto before = version_of(work, record.id, version.n - 1);
    if (!before || before->said() == nullptr) throw Failure(codes::integrity);
    previous = before->said()->hash;
  }
  (version.labelled ? version.labelled_body : version.body) = std::move(body);
  const std::string text = canonical_text(version, record, previous);
  VersionBody& said = version.labelled ? *version.labelled_body : *version.body;
  said.hash = hash_text(text);
  if (is_signed(version.change)) {
    const crypto::Signer& signer = work.store().record_signer();
    said.signature = crypto::base64(signer.sign(text));
    said.public_key = crypto::base64(signer.public_key());
  }
  Rows<StoredVersion>(work).insert_for(subject, version);
}

Version shown_version(const StoredVersion& version) {
  Version shown{.record_id = version.record_id,
                .n = version.n,
                .patient_id = version.patient_id,
                .change = version.change,
                .status = version.status,
                .author_id = version.author_id,
                .at = version.at};
  if (const VersionBody* said = version.said()) {
    shown.content = said->body.content;
    std::copy_if(said->body.findings.begin(), said->body.findings.end(), std::back_inserter(shown.findings),
                 [](const Finding& each) { return !is_checked(each.kind); });
    shown.labels = said->body.labels;
    shown.reason = said->reason;
    shown.addendum = said->addendum;
    shown.hash = said->hash;
    shown.signature = said->signature;
    shown.public_key = said->public_key;
  }
  return shown;
}

std::vector<FieldError> both_changed(const RecordContent& base, const RecordContent& theirs,
                                     const RecordContent& ours) {
  const auto changed = difference(type_of<RecordContent>, &base, &theirs);
  std::vector<FieldError> both;
  for (const Step& mine : difference(type_of<RecordContent>, &base, &ours)) {
    const bool met =
        std::any_of(changed.begin(), changed.end(), [&](const Step& each) { return touches(each.path, mine.path); });
    if (met && both.size() < field_errors_max)
      both.push_back({.pointer = "/content" + mine.path, .code = "conflict.member", .message = "changed meanwhile"});
  }
  return both;
}

}  // namespace medflow::inline v1::records
