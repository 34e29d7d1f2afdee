// The audit log: one append-only Merkle tree per tenant (RFC 6962), checked and exported here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "medflow/operation.hpp"

namespace medflow::inline v1::audit {

enum class Outcome : std::uint8_t { ok, denied, error };

/// One thing that is wrong with the log or with a row it tells of. Holds no data of a patient.
struct Finding {
  std::string kind{};     ///< "event", "gap", "tree", "row_seal", "rolled_back", "missing", "unknown", "block", "index"
  std::uint64_t seq = 0;  ///< the event it was found at; 0 where none
  std::string object{};   ///< the table's name
  std::optional<Uuid> id{};  ///< the row
};

/// What a verification found.
struct Verification {
  bool intact = true;
  std::uint64_t events = 0;         ///< events read
  std::uint64_t rows = 0;           ///< rows compared with their last event
  std::string root{};               ///< the tree's root over all events, base64
  std::vector<Finding> findings{};  ///< at most 1,000
};

/// Recomputes the tree from the stored events, and compares every row with the last event about it: an edited, removed or
/// inserted event and an edited, removed or rolled-back row are found and named.
/// Fails: forbidden.
struct Verify {
  using Output = Verification;

  static constexpr Operation operation{.name = "audit.verify",
                                       .method = Method::post,
                                       .path = "/audit/verify",
                                       .permission = Permission::audit_verify,
                                       .summary = "Verify the audit log and the rows it tells of",
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
