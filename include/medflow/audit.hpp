// The audit log: one append-only Merkle tree per tenant (RFC 6962), checked, proved and exported here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/operation.hpp"
#include "medflow/page.hpp"

namespace medflow::inline v1::audit {

enum class Outcome : std::uint8_t { ok, denied, error };

/// One thing that is wrong with the log or with a row it tells of. Holds no data of a patient.
struct Finding {
  /// "event", "gap", "tree", "checkpoint", "cut", "fork", "row_seal", "rolled_back", "missing", "unknown", "block", "index"
  std::string kind{};
  std::uint64_t seq = 0;     ///< the event it was found at; 0 where none
  std::string object{};      ///< the table's name
  std::optional<Uuid> id{};  ///< the row
};

/// What a verification found.
struct Verification {
  bool intact = true;
  std::uint64_t events = 0;         ///< events read
  std::uint64_t rows = 0;           ///< rows compared with their last event
  std::uint64_t checkpoints = 0;    ///< checkpoints compared with the log
  std::string root{};               ///< the tree's root over all events, base64
  std::vector<Finding> findings{};  ///< at most 1,000
};

/// Recomputes the tree from the stored events, and compares every row with the last event about it: an edited, removed or
/// inserted event and an edited, removed or rolled-back row are found and named. The log is compared with its own signed checkpoints,
/// with those that the deployment's sinks hold, and with those given here: a log that was cut back, or continued from an older state,
/// shows by a checkpoint that it does not extend. Reads in pages, each on a new snapshot; writers go on meanwhile.
/// Fails, first match wins: forbidden; invalid.
struct Verify {
  using Output = Verification;
  std::vector<std::string>
      checkpoints{};  ///< signed notes from elsewhere; each text may hold several, with an empty line between

  static constexpr Operation operation{.name = "audit.verify",
                                       .method = Method::post,
                                       .path = "/audit/verify",
                                       .permission = Permission::audit_verify,
                                       .summary = "Verify the audit log and the rows it tells of",
                                       .realm = Realm::any,
                                       .object = "audit"};
};

/// So many events had this root: signed, and given away, it holds the log to what it was.
struct Checkpoint {
  std::uint64_t size = 0;
  std::string root{};  ///< base64
  Instant at{};        ///< of its last event
  std::string note{};  ///< the signed note (C2SP tlog-checkpoint), as the sinks get it
};

/// Where the log ends.
struct LogHead {
  std::string origin{};                    ///< names the log in its checkpoints
  std::string verifier_key{};              ///< the key that signs them (C2SP signed-note)
  std::uint64_t size = 0;                  ///< the number of the last event, this call's own not included
  std::string root{};                      ///< base64
  std::optional<Checkpoint> checkpoint{};  ///< the newest
};

/// The log's size and root, the key of its checkpoints, and the newest of them.
/// Fails: forbidden.
struct GetHead {
  using Output = LogHead;

  static constexpr Operation operation{.name = "audit.head",
                                       .method = Method::get,
                                       .path = "/audit/head",
                                       .permission = Permission::audit_verify,
                                       .summary = "Show where the audit log ends",
                                       .realm = Realm::any,
                                       .object = "audit"};
};

/// The stored checkpoints, the newest first: one per 1,024 events, and the newest.
/// Fails, first match wins: forbidden; malformed `cursor.invalid`.
struct ListCheckpoints {
  using Output = Page<Checkpoint>;
  std::uint32_t limit = page_limit_default;  ///< 1 to 200
  std::string cursor{};

  static constexpr Operation operation{.name = "audit.checkpoints",
                                       .method = Method::get,
                                       .path = "/audit/checkpoints",
                                       .permission = Permission::audit_verify,
                                       .summary = "List the signed checkpoints of the audit log",
                                       .realm = Realm::any,
                                       .object = "audit"};
};

/// That an event is in the log: whoever holds the event's bytes (`audit.export`) and a checkpoint checks it without the log (RFC 9162,
/// section 2.1.3).
struct InclusionProof {
  std::uint64_t seq = 0;
  std::uint64_t size = 0;
  std::string leaf{};                 ///< SHA-256 of 0x00 and the event's bytes, base64
  std::string root{};                 ///< of the tree of `size` events, base64
  std::vector<std::string> hashes{};  ///< from the leaf upwards, base64
  std::string note{};                 ///< the checkpoint of just this size; empty where there is none
};

/// Proves that an event is among the first `size` events.
/// Fails, first match wins: forbidden; invalid (no such event, no such size).
struct ProveInclusion {
  using Output = InclusionProof;
  std::uint64_t seq = 0;
  std::optional<std::uint64_t>
      size{};  ///< that of the newest checkpoint that covers the event where not said, else the log's

  static constexpr Operation operation{.name = "audit.prove_inclusion",
                                       .method = Method::get,
                                       .path = "/audit/proofs/inclusion",
                                       .permission = Permission::audit_verify,
                                       .summary = "Prove that an event is in the audit log",
                                       .realm = Realm::any,
                                       .object = "audit"};
};

/// That the log of `size` events begins with that of `earlier_size` (RFC 9162, section 2.1.4).
struct ConsistencyProof {
  std::uint64_t earlier_size = 0;
  std::string earlier_root{};  ///< base64
  std::uint64_t size = 0;
  std::string root{};                 ///< base64
  std::vector<std::string> hashes{};  ///< base64
};

/// Proves that nothing before an earlier size was changed.
/// Fails, first match wins: forbidden; invalid (no such size).
struct ProveConsistency {
  using Output = ConsistencyProof;
  std::uint64_t earlier_size = 0;
  std::optional<std::uint64_t> size{};  ///< the log's where not said

  static constexpr Operation operation{.name = "audit.prove_consistency",
                                       .method = Method::get,
                                       .path = "/audit/proofs/consistency",
                                       .permission = Permission::audit_verify,
                                       .summary = "Prove that the audit log was only added to",
                                       .realm = Realm::any,
                                       .object = "audit"};
};

/// The events from `from_seq` on, as NDJSON, one a line, with the stored bytes of each, so that the tree can be recomputed elsewhere.
/// Fails: forbidden.
struct Export {
  using Output = Stream;
  std::uint64_t from_seq = 1;

  static constexpr Operation operation{.name = "audit.export",
                                       .method = Method::get,
                                       .path = "/audit/export",
                                       .permission = Permission::audit_export,
                                       .summary = "Export the audit log",
                                       .realm = Realm::any,
                                       .object = "audit"};
};

}  // namespace medflow::inline v1::audit
