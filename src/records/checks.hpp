// What a record is held against beyond itself: what it refers to, the codes that the tenant has loaded, and what its patient must not get.
#pragma once

#include <string_view>

#include "kernel/field_errors.hpp"
#include "records/chart.hpp"

namespace medflow::inline v1::records {

/// The least length of a reason, in code points.
inline constexpr std::size_t reason_min = 10;

/// Whether a finding is about what else there is in the chart, and not about the values alone.
constexpr bool is_checked(FindingKind kind) { return kind != FindingKind::plausibility; }

/// Adds what is wrong with what the record refers to and with whom it names. Throws Failure `encounter.signed` where nothing may be added to its
/// encounter, and `record.not_in_force` as `require_in_force` does.
void check_references(kernel::Work& work, const Chart& chart, const StoredRecord& record, kernel::FieldErrors& errors);

/// Throws Failure `record.not_in_force` for a dispense of an order that is not signed, was retracted, or had ended before the day of the dispense.
void require_in_force(kernel::Work& work, const Chart& chart, const StoredRecord& record);

/// Adds the author where the record waits for a signature that the author may not give.
void check_signers(const kernel::Work& work, const Chart& chart, const StoredRecord& record,
                   kernel::FieldErrors& errors);

/// Adds the codings that are not in the version of their system that the tenant uses. What the record said `before` it may go on saying.
void check_codes(kernel::Work& work, const RecordContent& content, kernel::FieldErrors& errors,
                 const RecordContent* before = nullptr);

/// Adds labels that the caller does not hold: nobody writes what they could not read.
void check_labels(const kernel::Work& work, const std::vector<Label>& labels, kernel::FieldErrors& errors);

/// What stands against giving the patient what the record says (REC-9): allergies to the very substance, and orders of it that run.
std::vector<Finding> substance_findings(kernel::Work& work, const Chart& chart, const StoredRecord& record);

}  // namespace medflow::inline v1::records
