// The fields of the audit operations.
#pragma once

#include "medflow/audit.hpp"
#include "medflow/fields.hpp"

namespace medflow {

template <>
struct Words<audit::Outcome> {
  static constexpr std::string_view name = "AuditOutcome";
  static constexpr std::string_view words[] = {"ok", "denied", "error"};
};

template <>
struct Described<audit::Finding> {
  using T = audit::Finding;
  static constexpr std::string_view name = "AuditFinding";
  static constexpr Field fields[] = {
      field<&T::kind>(1, "kind", none,
                      {.meaning = "What is wrong: event, gap, tree, row_seal, rolled_back, missing or block."}),
      field<&T::seq>(2, "seq", none, {.meaning = "The number of the event; 0 where none."}),
      field<&T::object>(3, "object", none, {.meaning = "The table of the row."}),
      field<&T::id>(4, "id", none, {.meaning = "The row."})};
};

template <>
struct Described<audit::Verification> {
  using T = audit::Verification;
  static constexpr std::string_view name = "AuditVerification";
  static constexpr Field fields[] = {
      field<&T::intact>(1, "intact", none, {.meaning = "Whether nothing is wrong."}),
      field<&T::events>(2, "events", none, {.meaning = "How many events were read."}),
      field<&T::rows>(3, "rows", none, {.meaning = "How many rows were compared with their last event."}),
      field<&T::root>(4, "root", none, {.meaning = "The root of the tree over all events, base64."}),
      field<&T::findings>(5, "findings", none, {.items_max = 1000, .meaning = "What is wrong, at most 1,000."})};
};

template <>
struct Described<audit::Verify> {
  static constexpr std::string_view name = "AuditVerify";
  static constexpr std::span<const Field> fields{};
};

template <>
struct Described<audit::Export> {
  using T = audit::Export;
  static constexpr std::string_view name = "AuditExport";
  static constexpr Field fields[] = {
      field<&T::from_seq>(1, "from_seq", none, {.min = 1, .meaning = "The number of the first event to export."})};
};

}  // namespace medflow
