// The checkpoints of one log: when one is made, what it must extend, where it is stored, and which ones have yet to go to the sinks.
#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "audit/checkpoint.hpp"
#include "medflow/error.hpp"
#include "medflow/ports.hpp"
#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::audit {

inline constexpr Code checkpoint_refused{"checkpoint.refused", Errc::integrity,
                                         "The audit log is no extension of its last checkpoint: none is signed."};

/// After so many events there is a checkpoint, whatever the time.
inline constexpr std::uint64_t checkpoint_events = 1'024;

/// A row of `checkpoints_table`.
struct StoredCheckpoint {
  std::uint64_t number = 0;
  std::uint64_t size = 0;
  std::string note{};
};

/// Nothing where a number or the note is not there.
std::optional<StoredCheckpoint> checkpoint_of(storage::RowView row);
/// The newest one, or nothing.
std::optional<StoredCheckpoint> newest_checkpoint(storage::Transaction& tx);

/// For the leader of the group commit, as `Log` is; what is said to be so may be called from any thread.
class Checkpoints {
 public:
  Checkpoints(crypto::Signer signer, std::string origin, std::vector<std::shared_ptr<CheckpointSink>> sinks);

  const std::string& origin() const { return origin_; }
  const crypto::PublicKey& key() const { return signer_.public_key(); }

  /// Reads the newest checkpoint. It is checked when the next one is made: a log that cannot be signed can still be read.
  void open(storage::Transaction& tx);

  /// Whether so many events have come since the last checkpoint that it does not wait for the next tick. For the leader.
  bool due(std::uint64_t size) const;

  /// Signs and stores a checkpoint of the log as it stands in this transaction, unless the last one says the same. Where the log is not
  /// an extension of the stored one, of the one this process remembers and of the newest that the sinks hold, nothing is signed, and
  /// `refused` says so from now on. Throws a Fault where the engine fails.
  void make(storage::Transaction& tx, const SizeAndRoot& log, Instant now);
  void committed();
  void rolled_back() { made_.reset(); }
  /// Whether the running batch has made one, of which the sinks are told once it is committed.
  bool made() const { return made_.has_value(); }
  /// Whether the one of the running batch is stored, or a later one; also where the batch made none.
  bool is_stored(storage::Transaction& tx) const;

  /// The size of the last durable checkpoint, and when this process made it. From any thread.
  std::uint64_t size() const;
  Instant at() const;
  /// Why the last one was not made. From any thread.
  std::optional<Error> refused() const;

  /// What the sinks hold, asked once. From any thread but one at a time, and never within a transaction. Throws what a sink throws;
  /// until all have answered, nothing is signed.
  void ask_sinks();
  bool asked() const;
  /// Gives the sinks what they have not got. As above; a sink that throws gets it again the next time.
  void send();
  /// The notes that the sinks hold, whatever they are. As above.
  std::vector<std::string> held() const;

 private:
  struct Made {
    SizeAndRoot state{};
    Instant at{};
    std::string note{};
  };
  struct Sink {
    std::shared_ptr<CheckpointSink> port{};
    std::deque<std::string> waiting{};
  };

  /// The state that the last one signs.
  std::optional<SizeAndRoot> require_extension(storage::Transaction& tx, const std::optional<StoredCheckpoint>& last,
                                               const SizeAndRoot& log) const;
  void take_over(const SizeAndRoot& state, const std::string& note);
  void store(storage::Transaction& tx, const std::optional<StoredCheckpoint>& last, const Made& made) const;
  void queue(const std::string& note);

  const crypto::Signer signer_;
  const std::string origin_;
  std::optional<Made> made_{};  // in the running batch

  mutable std::mutex mutex_{};  // guards what follows
  std::vector<Sink> sinks_{};
  std::vector<SizeAndRoot> trusted_{};  // the newest of each sink
  bool asked_ = false;
  SizeAndRoot durable_{};
  Instant at_{};
  std::string note_{};  // of the last one that is durable
  std::optional<Error> refused_{};
};

}  // namespace medflow::inline v1::audit
