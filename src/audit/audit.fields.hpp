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
      field<&T::kind>(
          1, "kind", none,
          {.meaning = "What is wrong: event, gap, tree, checkpoint, cut, fork, row_seal, rolled_back, missing, "
                      "unknown, block or index."}),
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
      field<&T::findings>(5, "findings", none, {.items_max = 1000, .meaning = "What is wrong, at most 1,000."}),
      field<&T::checkpoints>(6, "checkpoints", none, {.meaning = "How many checkpoints were compared with the log."})};
};

template <>
struct Described<audit::Verify> {
  using T = audit::Verify;
  static constexpr std::string_view name = "AuditVerify";
  static constexpr Field fields[] = {
      field<&T::checkpoints>(1, "checkpoints", none,
                             {.items_max = 1000,
                              .item_text_max = 500'000,
                              .text = TextRule::note,
                              .meaning = "Signed checkpoints from elsewhere, which the log is compared with."})};
};

template <>
struct Described<audit::Checkpoint> {
  using T = audit::Checkpoint;
  static constexpr std::string_view name = "AuditCheckpoint";
  static constexpr std::string_view page_name = "AuditCheckpointPage";
  static constexpr Field fields[] = {
      field<&T::size>(1, "size", none, {.meaning = "The number of events that it covers."}),
      field<&T::root>(2, "root", none, {.meaning = "The root of the tree over them, base64."}),
      field<&T::at>(3, "at", none, {.meaning = "The time of its last event."}),
      field<&T::note>(4, "note", none, {.text = TextRule::note, .meaning = "The signed note (C2SP tlog-checkpoint)."})};
};

template <>
struct Described<audit::LogHead> {
  using T = audit::LogHead;
  static constexpr std::string_view name = "AuditHead";
  static constexpr Field fields[] = {
      field<&T::origin>(1, "origin", none, {.meaning = "The name of the log in its checkpoints."}),
      field<&T::verifier_key>(2, "verifier_key", none, {.meaning = "The key that signs them (C2SP signed-note)."}),
      field<&T::size>(3, "size", none, {.meaning = "The number of events."}),
      field<&T::root>(4, "root", none, {.meaning = "The root of the tree over them, base64."}),
      field<&T::checkpoint>(5, "checkpoint", none, {.meaning = "The newest checkpoint."})};
};

template <>
struct Described<audit::GetHead> {
  static constexpr std::string_view name = "AuditGetHead";
  static constexpr std::span<const Field> fields{};
};

template <>
struct Described<audit::ListCheckpoints> {
  using T = audit::ListCheckpoints;
  static constexpr std::string_view name = "AuditListCheckpoints";
  static constexpr Field fields[] = {
      field<&T::limit>(1, "limit", none, {.min = 1, .max = page_limit_max, .meaning = "How many at most."}),
      field<&T::cursor>(2, "cursor", none, {.max = 2000, .text = TextRule::ascii, .meaning = "From the page before."})};
};

template <>
struct Described<audit::InclusionProof> {
  using T = audit::InclusionProof;
  static constexpr std::string_view name = "AuditInclusionProof";
  static constexpr Field fields[] = {
      field<&T::seq>(1, "seq", none, {.meaning = "The number of the event."}),
      field<&T::size>(2, "size", none, {.meaning = "The number of events of the tree."}),
      field<&T::leaf>(3, "leaf", none, {.meaning = "The event's leaf hash, base64."}),
      field<&T::root>(4, "root", none, {.meaning = "The root of the tree, base64."}),
      field<&T::hashes>(5, "hashes", none,
                        {.items_max = 64, .meaning = "The audit path from the leaf upwards, base64."}),
      field<&T::note>(
          6, "note", none,
          {.text = TextRule::note, .meaning = "The signed checkpoint of this size; empty where there is none."})};
};

template <>
struct Described<audit::ProveInclusion> {
  using T = audit::ProveInclusion;
  static constexpr std::string_view name = "AuditProveInclusion";
  static constexpr Field fields[] = {
      field<&T::seq>(1, "seq", required, {.min = 1, .meaning = "The number of the event."}),
      field<&T::size>(2, "size", none,
                      {.min = 1, .meaning = "Of the tree's first so many events; else the newest checkpoint's."})};
};

template <>
struct Described<audit::ConsistencyProof> {
  using T = audit::ConsistencyProof;
  static constexpr std::string_view name = "AuditConsistencyProof";
  static constexpr Field fields[] = {
      field<&T::earlier_size>(1, "earlier_size", none, {.meaning = "The number of events of the earlier tree."}),
      field<&T::earlier_root>(2, "earlier_root", none, {.meaning = "Its root, base64."}),
      field<&T::size>(3, "size", none, {.meaning = "The number of events of the later tree."}),
      field<&T::root>(4, "root", none, {.meaning = "Its root, base64."}),
      field<&T::hashes>(5, "hashes", none, {.items_max = 128, .meaning = "The consistency proof, base64."})};
};

template <>
struct Described<audit::ProveConsistency> {
  using T = audit::ProveConsistency;
  static constexpr std::string_view name = "AuditProveConsistency";
  static constexpr Field fields[] = {
      field<&T::earlier_size>(1, "earlier_size", required, {.min = 1, .meaning = "The earlier number of events."}),
      field<&T::size>(2, "size", none, {.min = 1, .meaning = "The later one; the log's where not said."})};
};

template <>
struct Described<audit::Export> {
  using T = audit::Export;
  static constexpr std::string_view name = "AuditExport";
  static constexpr Field fields[] = {
      field<&T::from_seq>(1, "from_seq", none, {.min = 1, .meaning = "The number of the first event to export."})};
};

}  // namespace medflow
