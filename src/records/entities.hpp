// What is stored of records: the record as it is now, and each of its versions. What they say lies in the clinical block or, of a labelled
// record, in the restricted one, never in both.
#pragma once

#include "kernel/rows.hpp"
#include "records/records.fields.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::records {

inline constexpr Code signed_already{"record.signed", Errc::locked, "The record is signed."};
inline constexpr Code blocked{"record.blocked", Errc::conflict, "A check stands in the way of signing."};
inline constexpr Code not_in_force{"record.not_in_force", Errc::conflict, "The order is not in force."};

using VersionId = Id<struct RecordVersionTag>;

/// What a record says, as it is sealed.
struct RecordBody {
  RecordContent content{};
  std::vector<Finding> findings{};
  std::vector<Label> labels{};
};

struct StoredRecord {
  RecordId id{};
  std::uint64_t revision = 0;
  PatientId patient_id{};
  std::optional<EncounterId> encounter_id{};
  RecordKind kind = RecordKind::note;
  RecordStatus status = RecordStatus::draft;
  Instant effective_at{};
  Instant recorded_at{};
  UserId author_id{};
  std::optional<RecordId> based_on{};
  bool labelled = false;
  std::vector<Signature> signers{};
  std::uint32_t addenda = 0;
  std::optional<Instant> released_to_patient_at{};
  std::optional<RecordBody> body{};
  std::optional<RecordBody> labelled_body{};
  Instant created_at{};
  UserId created_by{};
  Instant updated_at{};
  UserId updated_by{};

  const RecordBody* said() const { return labelled_body ? &*labelled_body : body ? &*body : nullptr; }
};

/// What a version says beside the record's body, as it is sealed.
struct VersionBody {
  RecordBody body{};
  std::string reason{};
  std::string addendum{};
  std::string hash{};  ///< sealed: a hash of little that is unknown gives it away
  std::string signature{};
  std::string public_key{};
};

struct StoredVersion {
  VersionId id{};
  std::uint64_t revision = 0;
  RecordId record_id{};
  std::uint64_t n = 0;
  PatientId patient_id{};
  VersionChange change = VersionChange::created;
  RecordStatus status = RecordStatus::draft;
  Instant effective_at{};
  UserId author_id{};
  Instant at{};
  bool labelled = false;
  std::optional<VersionBody> body{};
  std::optional<VersionBody> labelled_body{};

  const VersionBody* said() const { return labelled_body ? &*labelled_body : body ? &*body : nullptr; }
};

}  // namespace medflow::inline v1::records

namespace medflow {

template <>
struct Described<records::RecordBody> {
  using T = records::RecordBody;
  static constexpr std::string_view name = "StoredRecordBody";
  static constexpr Field fields[] = {field<&T::content>(1, "content", phi, records::rule::content),
                                     field<&T::findings>(2, "findings", phi, {.meaning = "what the checks found"}),
                                     field<&T::labels>(3, "labels", phi, records::rule::labels)};
};

template <>
struct Described<records::StoredRecord> {
  using T = records::StoredRecord;
  static constexpr std::string_view name = "StoredRecord";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, records::rule::id),
      field<&T::revision>(2, "revision", none, {.meaning = "counts the versions, from 1"}),
      field<&T::patient_id>(3, "patient_id", none, records::rule::patient_id),
      field<&T::encounter_id>(4, "encounter_id", immutable, records::rule::encounter_id),
      field<&T::kind>(5, "kind", immutable, records::rule::kind),
      field<&T::status>(6, "status", none, {.meaning = "the state of the record"}),
      field<&T::effective_at>(7, "effective_at", none, {.meaning = "when what it says held"}),
      field<&T::recorded_at>(8, "recorded_at", immutable, {.meaning = "when it was written down"}),
      field<&T::author_id>(9, "author_id", immutable, {.meaning = "who wrote it"}),
      field<&T::based_on>(10, "based_on", immutable, records::rule::based_on),
      field<&T::labelled>(11, "labelled", none, {.meaning = "whether it is for holders of labels only"}),
      field<&T::signers>(12, "signers", none, {.meaning = "who signs, and who has signed, as a list"}),
      field<&T::addenda>(13, "addenda", none, {.meaning = "how many addenda it has"}),
      field<&T::released_to_patient_at>(14, "released_to_patient_at", none,
                                        {.meaning = "from when on its patient may see it"}),
      field<&T::body>(15, "body", phi | clinical, {.meaning = "what it says"}),
      field<&T::labelled_body>(16, "labelled_body", phi | restricted, {.meaning = "what it says, of a labelled one"}),
      field<&T::created_at>(17, "created_at", immutable, {.meaning = "when it was made"}),
      field<&T::created_by>(18, "created_by", immutable, {.meaning = "who made it"}),
      field<&T::updated_at>(19, "updated_at", none, {.meaning = "when it was last changed"}),
      field<&T::updated_by>(20, "updated_by", none, {.meaning = "who changed it last"})};
};

template <>
struct Described<records::VersionBody> {
  using T = records::VersionBody;
  static constexpr std::string_view name = "StoredVersionBody";
  static constexpr Field fields[] = {
      field<&T::body>(1, "body", phi, {.meaning = "what it says"}),
      field<&T::reason>(2, "reason", phi, records::rule::why),
      field<&T::addendum>(3, "addendum", phi, {.text = TextRule::note, .meaning = "what was added"}),
      field<&T::hash>(4, "hash", none, {.meaning = "SHA-256 of the canonical text, in hexadecimal"}),
      field<&T::signature>(5, "signature", none, {.meaning = "Ed25519 over it, base64"}),
      field<&T::public_key>(6, "public_key", none, {.meaning = "the key of that signature, base64"})};
};

template <>
struct Described<records::StoredVersion> {
  using T = records::StoredVersion;
  static constexpr std::string_view name = "StoredRecordVersion";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "the version's id"}),
      field<&T::revision>(2, "revision", none, {.meaning = "always 1: a version never changes"}),
      field<&T::record_id>(3, "record_id", immutable, records::rule::id),
      field<&T::n>(4, "n", immutable, records::rule::n),
      field<&T::patient_id>(5, "patient_id", none, records::rule::patient_id),
      field<&T::change>(6, "change", immutable, {.meaning = "what made it"}),
      field<&T::status>(7, "status", immutable, {.meaning = "the record's state from then on"}),
      field<&T::effective_at>(8, "effective_at", immutable, {.meaning = "when what it says held"}),
      field<&T::author_id>(9, "author_id", immutable, {.meaning = "who made it"}),
      field<&T::at>(10, "at", immutable, {.meaning = "when it was made"}),
      field<&T::labelled>(11, "labelled", immutable, {.meaning = "whether it is for holders of labels only"}),
      field<&T::body>(12, "body", phi | clinical, {.meaning = "what it says"}),
      field<&T::labelled_body>(13, "labelled_body", phi | restricted, {.meaning = "what it says, of a labelled one"})};
};

}  // namespace medflow

namespace medflow::inline v1::storage {

template <>
struct Stored<records::StoredRecord> {
  static const Entity entity;
};
template <>
struct Stored<records::StoredVersion> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
