// Reads the whole log and recomputes everything that can be: each event's form and number, its leaf, the tiles, the root.
//
// What a finding says:
//   "event"  at seq: the stored event is unreadable, says another number, does not match its leaf in a full tile, or lies
//            outside the log (after its end; seq 0 for a number below 1).
//   "gap"    at seq: the first of one or more missing events.
//   "tree"   at seq: a stored hash is missing or wrong; seq is the first event below it. Or the root is not that of the head
//            row: seq is then the first event after the last full tile, where no leaf hashes are stored yet and damage can be
//            placed no nearer. Where a hash and not its event was edited, "event" comes together with "tree".
//   "checkpoint" at its size: a stored checkpoint, or one that was given, is no checkpoint of this log; or stored ones are missing
//            (seq 0).
//   "cut"    at seq: the first event that a checkpoint covers and the log does not have any more.
//   "fork"   at its size: a checkpoint of this log's own key says that its first events had another root.
//
// The log is read in pages, each on a new snapshot, so that nobody's files are held up; what is verified is the log as it was on the
// first one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/log.hpp"
#include "medflow/audit.hpp"
#include "medflow/function_ref.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::audit {

inline constexpr std::size_t findings_max = 1'000;

struct VerifyOptions {
  std::int64_t clock_skew_us = 2'000'000;  ///< how far time may run backwards from one event to the next
  HeadSealer sealer{};                     ///< the log's; empty where its heads are not sealed
  std::string origin{};                    ///< of the log's checkpoints
  std::optional<crypto::PublicKey> key{};  ///< that signs them; without it there are none
  std::vector<std::string> checkpoints{};  ///< notes from elsewhere
};

/// Runs a body on a new snapshot.
using Snapshots = FunctionRef<void(storage::Body)>;

struct LogReport {
  std::uint64_t events = 0;  ///< read
  std::uint64_t size = 0;    ///< as the head row has it
  /// Over the stored events; a missing or edited one is stood in for by its stored leaf. Nothing where a leaf is lost.
  std::optional<Digest> root{};
  std::vector<Finding> findings{};  ///< at most `findings_max`
  std::uint64_t findings_total = 0;
  /// Times at which the clock went back further than the skew. Information, no damage: clocks are set.
  std::uint64_t clock_steps = 0;
  std::uint64_t first_clock_step = 0;  ///< the event after it; 0 for none
  std::uint64_t checkpoints = 0;       ///< compared with the log

  bool intact() const { return findings_total == 0; }
};

/// Calls `on_event` with each event of the log that can be read and has its own number, in order. The event borrows from
/// `stored`; both are valid for the length of the call. Memory does not grow with the log. Damage is
/// never thrown: a head row that is missing or unreadable is a finding "tree" at seq 0, and the last event is then the end.
LogReport verify(Snapshots snapshots, FunctionRef<void(const Event&, std::string_view stored)> on_event,
                 const VerifyOptions& options = {});
/// The same within one transaction.
LogReport verify(storage::Transaction& tx, FunctionRef<void(const Event&, std::string_view stored)> on_event,
                 const VerifyOptions& options = {});

}  // namespace medflow::inline v1::audit
