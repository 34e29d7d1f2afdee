// Writing records: each change stores the record and its next version together, here and nowhere else.
#pragma once

#include <string_view>

#include "records/chart.hpp"
#include "records/versions.hpp"

namespace medflow::inline v1::records {

/// A record to be made, whichever operation makes it.
struct Draft {
  std::optional<RecordId> id{};
  PatientId patient_id{};
  std::optional<EncounterId> encounter_id{};
  RecordKind kind{};
  std::optional<Instant> effective_at{};
  std::optional<RecordId> based_on{};
  const RecordContent* content = nullptr;
  std::vector<Label> labels{};
  std::vector<UserId> signers{};
  bool sign = false;
  std::string_view override_reason{};
};

/// Makes it, and answers it as the caller sees it.
Record make(kernel::Work& work, const Draft& draft);

/// Notes the caller's signature on a record that is not stored by that: what the checks find is put into it, and when the last has signed it
/// is final. Throws Failure `record.not_in_force` and `record.blocked`.
void put_signature(kernel::Work& work, const Chart& chart, StoredRecord& record, std::string_view override_reason);

/// The same for a signed record that says something else now: throws Failure `record.blocked` for a new block without a reason. One that was
/// signed in spite of it keeps its reason, and nothing keeps an order from ending sooner.
void check_substance_again(kernel::Work& work, const Chart& chart, StoredRecord& record, const RecordBody& before,
                           std::string_view override_reason);

/// Who must sign, none of whom has yet; `fallback` where nobody is named.
std::vector<Signature> signers_of(const std::vector<UserId>& named, UserId fallback);

/// Stores the changed record and its version, and answers it.
Record store(kernel::Work& work, const Chart& chart, StoredRecord& record, const VersionNote& note);

/// Throws Failure `conflict.revision` with what both have changed where the record is not the one that the caller knows, and
/// `precondition.required` where the caller does not say.
void require_current(kernel::Work& work, const StoredRecord& record, std::optional<std::uint64_t> revision,
                     const RecordContent* ours = nullptr);

/// Throws Failure `transition.illegal`, which names what the state leads to.
[[noreturn]] void refuse_step(const StoredRecord& record, std::string_view to);

}  // namespace medflow::inline v1::records
